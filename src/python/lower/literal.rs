//! Numbers, and the escapes of strings.

use super::super::ir::ExprKind;

/// An integer literal in any base, Python 2's `0777` and `10L` among them.
pub(super) fn integer(text: &str) -> ExprKind {
    let digits: String = text.chars().filter(|c| *c != '_').collect::<String>().to_ascii_lowercase();
    let digits = digits.strip_suffix('l').unwrap_or(&digits);
    let (digits, radix) = match digits.as_bytes() {
        [b'0', b'x', ..] => (&digits[2..], 16),
        [b'0', b'o', ..] => (&digits[2..], 8),
        [b'0', b'b', ..] => (&digits[2..], 2),
        [b'0', _, ..] => (digits, 8),
        _ => (digits, 10),
    };
    let zero = digits.bytes().all(|b| b == b'0');
    i64::from_str_radix(digits, if zero { 10 } else { radix }).map_or(ExprKind::Number, ExprKind::Int)
}

/// Appends the value of a string's text. Lone surrogates and characters by name (`\N{…}`) have no value here
/// and become U+FFFD.
pub(super) fn decode(text: &str, raw: bool, doubled_braces: bool, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\r', '{', '}']) {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let special = from.as_bytes()[0];
        rest = &from[1..];
        match special {
            b'\\' if raw => out.push('\\'),
            b'\\' => rest = escape(rest, out),
            b'\r' => {
                rest = rest.strip_prefix('\n').unwrap_or(rest);
                out.push('\n');
            }
            brace => {
                out.push(char::from(brace));
                if doubled_braces && rest.as_bytes().first() == Some(&brace) {
                    rest = &rest[1..];
                }
            }
        }
    }
    out.push_str(rest);
}

/// Decodes what follows a backslash and gives the text after it.
fn escape<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let Some(c) = rest.chars().next() else {
        out.push('\\');
        return rest;
    };
    let after = &rest[c.len_utf8()..];
    let plain = match c {
        '\n' => return after,
        '\r' => return after.strip_prefix('\n').unwrap_or(after),
        '\\' | '\'' | '"' => c,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => return digits(rest, after, 16, 2..=2, out),
        'u' => return digits(rest, after, 16, 4..=4, out),
        'U' => return digits(rest, after, 16, 8..=8, out),
        '0'..='7' => return digits(rest, rest, 8, 1..=3, out),
        'N' => {
            if let Some(end) = after.strip_prefix('{').and_then(|a| a.find('}')) {
                out.push(char::REPLACEMENT_CHARACTER);
                return &after[end + 2..];
            }
            out.push_str("\\N");
            return after;
        }
        // An unknown escape is kept as it stands.
        _ => {
            out.push('\\');
            c
        }
    };
    out.push(plain);
    after
}

/// A character by its number; text that isn't such an escape is kept as it stands.
fn digits<'a>(
    whole: &'a str,
    from: &'a str,
    radix: u32,
    lengths: std::ops::RangeInclusive<usize>,
    out: &mut String,
) -> &'a str {
    let length = from.chars().take(*lengths.end()).take_while(|c| c.is_digit(radix)).count();
    if !lengths.contains(&length) {
        out.push('\\');
        out.extend(whole.chars().next());
        return whole.get(1..).unwrap_or("");
    }
    let code = u32::from_str_radix(&from[..length], radix).unwrap_or(u32::MAX);
    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    &from[length..]
}
