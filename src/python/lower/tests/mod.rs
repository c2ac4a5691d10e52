//! Snapshots of small sources, each beside its lowered form.

mod expressions;
mod hostile;
mod recovery;
mod scoping;
mod statements;

use super::{Lowered, lower};
use crate::python::dump::dump;
use crate::source::FileId;

fn lowered(source: &str) -> Lowered {
    lower(FileId(0), source).expect("small sources parse within the budget")
}

/// The lowered form of a source without syntax errors, below the source.
fn shown(source: &str) -> String {
    let lowered = lowered(source);
    assert_eq!(lowered.first_error, None, "a syntax error in {source}");
    format!("{source}\n=====\n{}", dump(&lowered.module))
}

/// The same for a source with a syntax error, whose text is shown.
fn shown_with_error(source: &str) -> String {
    let lowered = lowered(source);
    let error = lowered.first_error.expect("a syntax error");
    let text = &source[error.start as usize..error.end as usize];
    format!("{source}\n===== first error at {}: {text:?}\n{}", error.start, dump(&lowered.module))
}

macro_rules! snapshots {
    ($show:path; $($(#[$about:meta])* $name:ident: $source:expr,)*) => {
        $(
            $(#[$about])*
            #[test]
            fn $name() {
                insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false, snapshot_path => "snapshots" }, {
                    insta::assert_snapshot!(stringify!($name), $show($source));
                });
            }
        )*
    };
}
use snapshots;
