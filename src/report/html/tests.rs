use super::{SCRIPT, STYLE, render};
use crate::report::sample;

#[test]
fn the_whole_page() {
    let page = sample::with_report(render).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    let page = page.replace(STYLE, "/* style.css */").replace(SCRIPT, "/* script.js */");
    insta::assert_snapshot!(page.replace("><", ">\n<"));
}
