//! Makes audited text harmless to a terminal: escape sequences in a file name, a string or a comment must not move the
//! cursor, hide a line or change what the reader sees.

/// Replaces control characters (save newline and tab) and invisible or direction-changing characters. Each replacement
/// takes as many bytes as what it replaces, so spans stay true.
pub fn sanitize(text: &str) -> String {
    text.chars().map(|c| if is_harmful(c) { stand_in(c) } else { c }).collect()
}

/// The same on one line: newlines and tabs become spaces. For names and titles.
pub fn one_line(text: &str) -> String {
    let text: String = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    sanitize(&text)
}

/// Whether a character does something to a terminal or to the reading of a line, rather than being shown.
pub(super) fn is_harmful(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        // Zero-width characters, line separators, direction overrides and isolates, byte order mark, tags.
        '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}'
        | '\u{feff}'
        | '\u{61c}' => true,
        c => c.is_control(),
    }
}

fn stand_in(c: char) -> char {
    match c.len_utf8() {
        1 if c == '\r' => ' ',
        1 => '?',
        2 => '\u{b7}',
        3 => '\u{fffd}',
        _ => '\u{1fbc4}',
    }
}

#[cfg(test)]
mod tests {
    use super::{one_line, sanitize};

    #[test]
    fn takes_the_sting_out_and_keeps_the_length() {
        let hostile = "a\u{1b}[2Jb\r\n\tc\u{9b}d\u{202e}e\u{e0041}f é 漢\u{7f}\u{200b}";
        let clean = sanitize(hostile);
        assert_eq!(clean, "a?[2Jb \n\tc·d\u{fffd}e\u{1fbc4}f é 漢?\u{fffd}");
        assert_eq!(clean.len(), hostile.len());
    }

    #[test]
    fn names_stay_on_one_line() {
        assert_eq!(one_line("a\nb\tc\r\u{1b}]0;x\u{7}"), "a b c ?]0;x?");
    }
}
