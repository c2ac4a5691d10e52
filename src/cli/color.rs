//! Whether to use colours: the flag, then `NO_COLOR`, then `CLICOLOR_FORCE`, then whether a terminal is there.

use super::args::When;

/// Decides for a stream that is a terminal or not.
pub(super) fn wanted(flag: When, terminal: bool) -> bool {
    let set = |name| std::env::var_os(name);
    decide(
        flag,
        set("NO_COLOR").is_some_and(|v| !v.is_empty()),
        set("CLICOLOR_FORCE").is_some_and(|v| v != "0"),
        terminal,
    )
}

fn decide(flag: When, no_color: bool, force: bool, terminal: bool) -> bool {
    match flag {
        When::Always => true,
        When::Never => false,
        When::Auto => !no_color && (force || terminal),
    }
}

#[cfg(test)]
mod tests {
    use super::{When, decide};

    #[test]
    fn the_first_that_speaks_decides() {
        let cases = [
            ((When::Always, true, false, false), true),
            ((When::Never, false, true, true), false),
            ((When::Auto, true, true, true), false),
            ((When::Auto, false, true, false), true),
            ((When::Auto, false, false, true), true),
            ((When::Auto, false, false, false), false),
        ];
        for ((flag, no_color, force, terminal), expected) in cases {
            assert_eq!(decide(flag, no_color, force, terminal), expected, "{flag:?} {no_color} {force} {terminal}");
        }
    }
}
