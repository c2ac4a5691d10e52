//! Python text to a small owned IR, and module names to files. The only room that knows tree-sitter;
//! what the code means is `flow`'s business.

pub mod bindings;
mod block;
mod copies;
mod distributions;
#[cfg(test)]
mod dump;
mod embedded;
mod imported;
mod installed;
pub mod ir;
mod libraries;
mod lower;
mod package_path;
mod path_changes;
mod path_text;
mod project;
mod read;
mod search_path;
mod startup;
mod walk;

pub use distributions::Distributions;
pub use embedded::{Embedded, Unreadable};
pub use installed::{Installed, sort_out};
pub use libraries::{is_library, is_standard, is_vendored, own_name};
pub use project::{Codebase, ModuleId, Resolved, Unread};
pub use search_path::SearchPath;
