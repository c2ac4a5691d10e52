//! Characters that do something to the reading of a line, rather than being shown, made visible: in text, in attributes
//! and in the picture alike. It is applied to the whole document, so no text can come in beside it.

use crate::report::sanitize::is_harmful;

/// `\u{202e}` as `⟨U+202E⟩`, an escape as `␛`.
pub(super) fn reveal(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for c in html.chars() {
        match u32::from(c) {
            0x0d => {}
            code @ 0..0x20 if is_harmful(c) => out.extend(char::from_u32(0x2400 + code)),
            0x7f => out.push('\u{2421}'),
            code if is_harmful(c) => out.extend(["\u{27e8}U+", &format!("{code:04X}"), "\u{27e9}"]),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::reveal;

    #[test]
    fn what_is_not_seen_is_shown() {
        assert_eq!(reveal("a\u{1b}[2J\r\n\tb\u{202e}c\u{7f}\u{9b}\u{2028}é"), "a␛[2J\n\tb⟨U+202E⟩c␡⟨U+009B⟩⟨U+2028⟩é");
    }
}
