//! Blocks of statements.

use super::ir::{Module, Range, Stmt};
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// A block of statements, which knows how far it goes once it was asked: blocks within blocks are asked over and over, for
/// every call in them.
#[derive(Debug, Default)]
pub struct Block {
    statements: Vec<Stmt>,
    extent: OnceLock<Option<Range>>,
}

impl Block {
    /// An empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a place is in one of its statements.
    pub fn covers(&self, module: &Module, place: Range) -> bool {
        self.statements.iter().any(|stmt| stmt.covers(module, place))
    }

    /// From the first expression in it to the last, those of inner blocks among them.
    pub fn extent(&self, module: &Module) -> Option<Range> {
        *self.extent.get_or_init(|| self.statements.iter().filter_map(|stmt| stmt.extent(module)).reduce(Range::around))
    }
}

impl Deref for Block {
    type Target = Vec<Stmt>;

    fn deref(&self) -> &Vec<Stmt> {
        &self.statements
    }
}

impl DerefMut for Block {
    /// What is changed may go further, or less far.
    fn deref_mut(&mut self) -> &mut Vec<Stmt> {
        self.extent = OnceLock::new();
        &mut self.statements
    }
}

impl FromIterator<Stmt> for Block {
    fn from_iter<I: IntoIterator<Item = Stmt>>(statements: I) -> Self {
        Self { statements: statements.into_iter().collect(), extent: OnceLock::new() }
    }
}

impl IntoIterator for Block {
    type Item = Stmt;
    type IntoIter = std::vec::IntoIter<Stmt>;

    fn into_iter(self) -> Self::IntoIter {
        self.statements.into_iter()
    }
}

impl<'a> IntoIterator for &'a Block {
    type Item = &'a Stmt;
    type IntoIter = std::slice::Iter<'a, Stmt>;

    fn into_iter(self) -> Self::IntoIter {
        self.statements.iter()
    }
}

impl<'a> IntoIterator for &'a mut Block {
    type Item = &'a mut Stmt;
    type IntoIter = std::slice::IterMut<'a, Stmt>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}
