//! Types of plain scalars, by YAML 1.1 as `PyYAML` reads it: the tools that send templates to AWS do.
//!
//! <https://yaml.org/type/>, with `PyYAML`'s narrower booleans (`y` and `n` are text).

use super::Scalar;
use std::borrow::Cow;

/// A scalar's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Typed<'a> {
    /// `~`, `null`, nothing.
    Null,
    /// `true`, `yes`, `on` and their opposites.
    Bool(bool),
    /// An integer: decimal, octal (`012`), hexadecimal, binary, sexagesimal (`1:30`), with `_` between digits.
    Int(i128),
    /// A float, as written: its value is never needed.
    Float(&'a str),
    /// A date or a time, as written.
    Timestamp(&'a str),
    /// Everything else, and everything quoted.
    Text(&'a str),
}

impl<'a> Typed<'a> {
    /// The text that `CloudFormation` makes of the value where it wants a string; `None` for null.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Null => None,
            Self::Bool(value) => Some(Cow::Borrowed(if value { "true" } else { "false" })),
            Self::Int(value) => Some(Cow::Owned(value.to_string())),
            Self::Float(text) | Self::Timestamp(text) | Self::Text(text) => Some(Cow::Borrowed(text)),
        }
    }
}

impl Scalar {
    /// The scalar's value.
    pub fn typed(&self) -> Typed<'_> {
        let text = &*self.text;
        if self.quoted {
            return Typed::Text(text);
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => return Typed::Null,
            "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return Typed::Bool(true),
            "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return Typed::Bool(false),
            _ => {}
        }
        // Every number and date starts with one of these: most scalars end here.
        if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.')) {
            return Typed::Text(text);
        }
        if let Some(value) = integer(text) {
            return Typed::Int(value);
        }
        if is_float(text) {
            return Typed::Float(text);
        }
        if is_timestamp(text) { Typed::Timestamp(text) } else { Typed::Text(text) }
    }
}

/// An integer that fits; larger ones stay text, which prints the same.
fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = split_sign(text);
    let magnitude = if let Some(hex) = digits.strip_prefix("0x") {
        radix(hex, 16)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        radix(binary, 2)
    } else if digits == "0" {
        Some(0)
    } else if let Some(octal) = digits.strip_prefix('0') {
        radix(octal, 8)
    } else if digits.contains(':') {
        sexagesimal(digits)
    } else if digits.starts_with('_') {
        None
    } else {
        radix(digits, 10)
    }?;
    Some(if sign == "-" { -magnitude } else { magnitude })
}

fn split_sign(text: &str) -> (&str, &str) {
    match text.as_bytes().first() {
        Some(b'+' | b'-') => text.split_at(1),
        _ => ("", text),
    }
}

fn radix(digits: &str, radix: u32) -> Option<i128> {
    if digits.is_empty() || !digits.chars().all(|c| c == '_' || c.is_digit(radix)) {
        return None;
    }
    // `0_` is PyYAML's zero; `0x_` it refuses, which no template can mean.
    let clean: Cow<'_, str> = if digits.contains('_') { digits.replace('_', "").into() } else { digits.into() };
    if clean.is_empty() { Some(0) } else { i128::from_str_radix(&clean, radix).ok() }
}

/// `[1-9][0-9_]*(:[0-5]?[0-9])+`
fn sexagesimal(digits: &str) -> Option<i128> {
    let mut parts = digits.split(':');
    let mut value = radix(parts.next().filter(|first| !first.starts_with(['0', '_']))?, 10)?;
    for part in parts {
        if !is_sexagesimal_digit(part) {
            return None;
        }
        value = value.checked_mul(60)?.checked_add(part.parse::<i128>().ok()?)?;
    }
    Some(value)
}

/// `PyYAML`: a dot is needed, an exponent needs its sign, and digits before the dot if it has a sign itself.
fn is_float(text: &str) -> bool {
    let (sign, rest) = split_sign(text);
    if matches!(rest, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let Some((whole, fraction)) = rest.split_once('.') else { return false };
    let (fraction, exponent) = match fraction.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent)),
        None => (fraction, None),
    };
    let exponent_ok =
        exponent.is_none_or(|e| e.strip_prefix(['+', '-']).is_some_and(|d| !d.is_empty() && is_digits(d)));
    let number = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    let whole_ok = match whole.split_once(':') {
        None if whole.is_empty() => sign.is_empty() && fraction.starts_with(|c: char| c.is_ascii_digit()),
        None => number(whole) && !whole.starts_with('_'),
        Some((hours, rest)) => {
            let minutes = rest.split(':').all(is_sexagesimal_digit);
            exponent.is_none() && number(hours) && !hours.is_empty() && !hours.starts_with('_') && minutes
        }
    };
    whole_ok && exponent_ok && number(fraction)
}

/// `[0-5]?[0-9]`
fn is_sexagesimal_digit(part: &str) -> bool {
    match part.as_bytes() {
        [last] => last.is_ascii_digit(),
        [first, last] => (b'0'..=b'5').contains(first) && last.is_ascii_digit(),
        _ => false,
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// A date (`2026-01-31`), or a date with a time.
fn is_timestamp(text: &str) -> bool {
    let number = |s: Option<&str>, sizes: std::ops::RangeInclusive<usize>| {
        s.is_some_and(|s| sizes.contains(&s.len()) && is_digits(s))
    };
    let (date, time) = text.split_at(text.find(['T', 't', ' ', '\t']).unwrap_or(text.len()));
    let mut parts = date.splitn(3, '-');
    let (year, month, day) = (parts.next(), parts.next(), parts.next());
    if time.is_empty() {
        return number(year, 4..=4) && number(month, 2..=2) && number(day, 2..=2);
    }
    let clock = time.strip_prefix(['T', 't']).unwrap_or_else(|| time.trim_start_matches([' ', '\t']));
    let end = clock.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(clock.len());
    let (clock, rest) = clock.split_at(end);
    let mut fields = clock.splitn(3, ':');
    number(year, 4..=4)
        && number(month, 1..=2)
        && number(day, 1..=2)
        && number(fields.next(), 1..=2)
        && number(fields.next(), 2..=2)
        && number(fields.next(), 2..=2)
        && is_zone(rest.strip_prefix('.').map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit())))
}

/// Nothing, `Z`, or an offset from it (`+1`, `-05:30`).
fn is_zone(text: &str) -> bool {
    let zone = text.trim_start_matches([' ', '\t']);
    let Some(offset) = zone.strip_prefix(['+', '-']) else { return zone == "Z" || text.is_empty() };
    let (hours, minutes) = offset.split_once(':').map_or((offset, None), |(hours, minutes)| (hours, Some(minutes)));
    (1..=2).contains(&hours.len()) && is_digits(hours) && minutes.is_none_or(|m| m.len() == 2 && is_digits(m))
}
