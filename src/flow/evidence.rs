//! How an entry point comes to a call, and the call to the names that it is given: places that a person can follow.

use crate::dynamodb::symbolic::Symbolic;
use crate::source::Span;

/// How one entry point comes to a call site.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// From where execution starts to the function that holds the site, outermost first: the shortest such way. Empty for
    /// a site at the entry point's own top level, and for code that nothing reaches.
    pub reach: Vec<Step>,
    /// Where the names of tables and indexes come from, as far as that was asked for and can be followed.
    pub names: Vec<Origin>,
}

impl Evidence {
    /// Takes in what was seen in another context: the shorter way, and origins of names that have none yet.
    pub(super) fn merge(&mut self, other: Self) {
        if (other.reach.len(), &other.reach) < (self.reach.len(), &self.reach) {
            self.reach = other.reach;
        }
        for origin in other.names {
            if !self.names.iter().any(|known| (known.role, &known.name) == (origin.role, &origin.name)) {
                self.names.push(origin);
            }
        }
        self.names.sort_unstable();
    }

    /// Where the calls stand that lead to the site.
    pub fn calls(&self) -> impl Iterator<Item = Span> {
        let calls = self
            .reach
            .iter()
            .filter(|step| matches!(step.what, Event::Calls(_) | Event::Registers(_) | Event::MayCall(_)));
        calls.map(|step| step.span)
    }
}

/// Where a name that a call is given comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// What it names.
    pub role: NameRole,
    /// The name.
    pub name: Symbolic,
    /// From its source to the call, which isn't among them.
    pub steps: Vec<Step>,
}

/// What a name is given for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameRole {
    /// For the table.
    Table,
    /// For the index.
    Index,
}

/// A place on the way.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// Where.
    pub span: Span,
    /// What happens there.
    pub what: Event,
}

/// What happens at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// Execution starts with this definition.
    Starts(String),
    /// This function is called.
    Calls(String),
    /// A library is told of this function, and calls it when it gets to work.
    Registers(String),
    /// This function may be called: it was guessed by its name.
    MayCall(String),
    /// A module is imported, whose top level runs.
    Imports,
    /// The template sets this environment variable.
    Sets(String),
    /// The environment variable is read.
    Reads(String),
    /// The name is spelt out.
    Names,
    /// A name is built from another.
    Builds,
    /// It is kept under this name: of a variable, an attribute, a key.
    Keeps(String),
    /// It is passed to a function, as this parameter.
    Passes {
        /// The parameter.
        name: String,
        /// The function.
        to: String,
    },
    /// It is this parameter's default.
    Defaults(String),
    /// A function returns it.
    Returns,
    /// A table of the name is opened.
    Opens,
}
