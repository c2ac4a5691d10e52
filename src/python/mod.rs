//! Python text to a small owned IR, and module names to files. The only room that knows tree-sitter;
//! what the code means is `flow`'s business.

#[cfg(test)]
mod dump;
pub mod ir;
mod lower;
mod project;
mod read;

pub use project::{Codebase, ModuleId, Resolved, SearchPath, Unread};
