//! Strings that are only partly known: a table name made from a parameter, an ARN made from `GetAtt`, an f-string.

use std::fmt;

/// A CloudFormation resource of one of the run's stacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceRef {
    /// Index of the stack in the run: two templates may use one logical id.
    pub stack: u32,
    /// Logical id.
    pub id: String,
}

/// One piece of a [`Symbolic`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Known text.
    Text(String),
    /// A resource's attribute: `Ref` (the name, for tables) as an empty string, else as in `GetAtt` (`Arn`, `StreamArn`).
    Resource(ResourceRef, String),
    /// Text that can't be known; holds its origin for messages (`Stage`, `AWS::Region`, `strategy_name`).
    Hole(String),
}

/// Origin of a hole of which nothing more can be said.
pub const AT_RUN_TIME: &str = "known only at run time";

/// A string as a sequence of known and unknown parts. Adjacent texts are merged; the empty sequence is the empty string.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Symbolic {
    parts: Vec<Part>,
}

impl Symbolic {
    /// A wholly known string.
    pub fn text(text: impl Into<String>) -> Self {
        [Part::Text(text.into())].into_iter().collect()
    }

    /// A wholly unknown string; `origin` names where it comes from.
    pub fn hole(origin: impl Into<String>) -> Self {
        [Part::Hole(origin.into())].into_iter().collect()
    }

    /// `Ref` (empty `attribute`) or `GetAtt` of a resource.
    pub fn resource(resource: ResourceRef, attribute: impl Into<String>) -> Self {
        [Part::Resource(resource, attribute.into())].into_iter().collect()
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// The resources that it refers to.
    pub fn resources(&self) -> impl Iterator<Item = &ResourceRef> {
        self.parts()
            .iter()
            .filter_map(|part| if let Part::Resource(resource, _) = part { Some(resource) } else { None })
    }

    /// The string, if all of it is known.
    pub fn as_text(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether its known text holds something that no number has.
    pub fn has_letters(&self) -> bool {
        let numeric = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E' | ' ');
        self.parts.iter().any(|part| matches!(part, Part::Text(text) if !text.chars().all(numeric)))
    }

    /// Appends one part, merging adjacent text.
    pub fn push(&mut self, part: Part) {
        match (self.parts.last_mut(), part) {
            (_, Part::Text(new)) if new.is_empty() => {}
            (Some(Part::Text(last)), Part::Text(new)) => last.push_str(&new),
            (_, part) => self.parts.push(part),
        }
    }

    /// Appends another symbolic string.
    pub fn extend(&mut self, other: &Symbolic) {
        other.parts.iter().cloned().for_each(|part| self.push(part));
    }
}

impl FromIterator<Part> for Symbolic {
    fn from_iter<I: IntoIterator<Item = Part>>(parts: I) -> Self {
        let mut out = Self::default();
        parts.into_iter().for_each(|part| out.push(part));
        out
    }
}

impl fmt::Display for Symbolic {
    /// `STRATEGY#{name}`: holes in braces, resources as `${Table}` or `${Table.Arn}`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Resource(r, attribute) if attribute.is_empty() => write!(f, "${{{}}}", r.id)?,
                Part::Resource(r, attribute) => write!(f, "${{{}.{attribute}}}", r.id)?,
                Part::Hole(origin) => write!(f, "{{{origin}}}")?,
            }
        }
        Ok(())
    }
}
