//! Expression strings of the API, as far as they are known: key conditions and update expressions.
//!
//! The text may hold unknown pieces in braces, as [`super::symbolic::Symbolic`] prints them (`#k = :v AND {extra}`);
//! no valid expression holds a brace of its own. Placeholders (`#name`) are looked up by the caller.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html>

mod key_condition;
mod paths;
mod references;
mod token;
mod update;

pub use key_condition::{Compared, KeyCondition, Operand, parse_filter, parse_key_condition};
pub use paths::paths;
pub use references::{References, references};
pub use update::{UpdateAction, UpdateAssignment, parse_update, update_is_complete};

/// Resolves `#name` placeholders; `None` if the placeholder isn't known.
pub type Names<'a> = &'a dyn Fn(&str) -> Option<String>;
