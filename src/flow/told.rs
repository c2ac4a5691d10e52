//! Texts that leave the program: whoever is told the name of a table may use the table.

use super::machine::Machine;
use super::value::{Atom, Val};
use crate::dynamodb::symbolic::{Part, Symbolic};
use std::collections::BTreeSet;

/// Lengths of a table's name. <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
const NAME_LENGTHS: std::ops::RangeInclusive<usize> = 3..=255;

impl Machine<'_> {
    /// Values go where nobody sees what becomes of them. What their containers hold is told by itself.
    pub fn tell(&mut self, values: &[Val]) {
        for value in values {
            for atom in self.values.atoms_vec(*value) {
                match atom {
                    Atom::Str(_) | Atom::Text(_) => {
                        self.told.insert(atom);
                    }
                    Atom::Environ => self.tells_environment = true,
                    _ => {}
                }
            }
        }
    }

    /// A method makes something of a text in which the text can't be told any more.
    pub fn tell_of(&mut self, text: Atom, made: Val) {
        if self.values.atoms(made).iter().any(|atom| matches!(atom, Atom::Data(_) | Atom::Object(_))) {
            self.told.insert(text);
        }
    }

    /// What may be, or hold, a table's name among all that was told.
    pub(super) fn told_names(&mut self) -> BTreeSet<Symbolic> {
        let told = std::mem::take(&mut self.told);
        let told = told.into_iter().map(|atom| self.values.to_symbolic(atom, ""));
        let mut out: BTreeSet<Symbolic> = told.filter(may_name_a_table).collect();
        if self.tells_environment {
            let variables = self.entry.environment.variables.values();
            out.extend(
                variables.flat_map(|variable| &variable.values).filter(|value| may_name_a_table(value)).cloned(),
            );
        }
        out
    }
}

fn may_name_a_table(text: &Symbolic) -> bool {
    match text.as_text() {
        Some(text) => NAME_LENGTHS.contains(&text.len()) && text.chars().all(is_of_name) || text.starts_with("arn:"),
        None => text.parts().iter().any(|part| matches!(part, Part::Resource(..))),
    }
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}
