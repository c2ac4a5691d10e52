//! Words, strings and brackets of JSON, of mapping templates (Apache Velocity) and of JavaScript.

use super::text::stands_for_part;
use std::ops::Range;

/// What a text is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Json,
    /// A mapping template: JSON with references and directives.
    Velocity,
    JavaScript,
}

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    /// Bytes of the text.
    pub range: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A string, escapes resolved.
    Str(String),
    /// A name, number, reference (`$ctx.args.id`), or an unknown part of the text.
    Word(String),
    /// `#if`, `#end`, … without their arguments.
    Directive(String),
    /// `...`
    Spread,
    /// Anything else.
    Symbol(char),
}

/// The pieces of a text, in order. Comments are left out. Linear in its length.
pub(super) fn scan(text: &str, syntax: Syntax) -> Vec<Token> {
    let mut scanner = Scanner { text, at: 0, syntax };
    let mut tokens = Vec::new();
    while let Some(token) = scanner.next() {
        tokens.push(token);
    }
    tokens
}

struct Scanner<'t> {
    text: &'t str,
    at: usize,
    syntax: Syntax,
}

impl Scanner<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn next(&mut self) -> Option<Token> {
        loop {
            let blank = self.rest().len() - self.rest().trim_start().len();
            self.at += blank;
            let comment = self.comment();
            if comment == 0 {
                break;
            }
            self.at += comment;
        }
        let start = self.at;
        let first = self.rest().chars().next()?;
        let kind = match first {
            '"' | '\'' => self.string(first),
            '`' if self.syntax == Syntax::JavaScript => self.string(first),
            '#' if self.syntax == Syntax::Velocity => self.directive(),
            '.' if self.rest().starts_with("...") => {
                self.at += 3;
                Kind::Spread
            }
            '$' if self.syntax == Syntax::Velocity => self.reference(),
            c if is_word(c) => {
                let len = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
                self.at += len;
                Kind::Word(self.text[start..self.at].to_owned())
            }
            c => {
                self.at += c.len_utf8();
                Kind::Symbol(c)
            }
        };
        Some(Token { kind, range: start..self.at })
    }

    /// Length of the comment that begins here.
    fn comment(&self) -> usize {
        let rest = self.rest();
        let forms = match self.syntax {
            Syntax::Json => return 0,
            Syntax::Velocity => [("##", "\n"), ("#*", "*#")],
            Syntax::JavaScript => [("//", "\n"), ("/*", "*/")],
        };
        let found = forms.iter().find(|(start, _)| rest.starts_with(start));
        found.map_or(0, |(start, end)| {
            rest[start.len()..].find(end).map_or(rest.len(), |at| start.len() + at + end.len())
        })
    }

    /// A string up to its closing quote, or to the end.
    fn string(&mut self, quote: char) -> Kind {
        let mut out = String::new();
        self.at += 1;
        let mut chars = self.text[self.at..].char_indices();
        let mut end = self.text.len();
        while let Some((at, c)) = chars.next() {
            if c == quote {
                end = self.at + at + 1;
                break;
            }
            match c {
                '\\' => match chars.next() {
                    Some((_, 'n')) => out.push('\n'),
                    Some((_, 't')) => out.push('\t'),
                    Some((at, 'u')) => {
                        let code = self.text.get(self.at + at + 1..self.at + at + 5);
                        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
                        if let Some(c) = code {
                            out.push(c);
                            chars.nth(3);
                        }
                    }
                    Some((_, c)) => out.push(c),
                    None => {}
                },
                c => out.push(c),
            }
        }
        self.at = end;
        Kind::Str(out)
    }

    fn directive(&mut self) -> Kind {
        let name = self.rest()[1..].trim_start_matches('{');
        let len = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        let name = name[..len].to_owned();
        if len == 0 {
            self.at += 1;
            return Kind::Symbol('#');
        }
        let braced = self.rest()[1..].starts_with('{');
        self.at += 1 + len + usize::from(braced) * 2;
        self.at = self.at.min(self.text.len());
        while !self.text.is_char_boundary(self.at) {
            self.at -= 1;
        }
        Kind::Directive(name)
    }

    /// `$name.name`, `$!{name.name}`; what follows in brackets is left.
    fn reference(&mut self) -> Kind {
        let start = self.at;
        self.at += 1;
        if self.rest().starts_with('!') {
            self.at += 1;
        }
        if self.rest().starts_with('{') {
            self.at += self.rest().find('}').map_or(self.rest().len(), |at| at + 1);
        } else {
            let len = self.rest().find(|c| !is_word(c)).unwrap_or(self.rest().len());
            self.at += len;
        }
        Kind::Word(self.text[start..self.at].to_owned())
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '.' | '@') || stands_for_part(c)
}
