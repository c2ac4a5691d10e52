//! Blocks of statements.

use super::ir::{Module, Place, Range, Slot, Stmt, Target};
use std::ops::{Deref, DerefMut};
use std::sync::OnceLock;

/// A block of statements, which knows where each of them is once it was asked: blocks within blocks are asked over and over,
/// for every call in them.
#[derive(Debug, Default)]
pub struct Block {
    statements: Vec<Stmt>,
    layout: OnceLock<Layout>,
}

/// Where statements are: the number of each that has a place, in order of the text, in which none overlaps another.
#[derive(Debug)]
struct Layout {
    places: Vec<(Range, usize)>,
    extent: Option<Range>,
}

impl Layout {
    fn of(statements: &[Stmt], module: &Module) -> Self {
        let places = statements.iter().enumerate().filter_map(|(at, stmt)| Some((stmt.extent(module)?, at)));
        let mut places: Vec<(Range, usize)> = places.collect();
        places.sort_by_key(|(place, _)| place.start);
        let extent = places.iter().map(|(place, _)| *place).reduce(Range::around);
        Self { places, extent }
    }
}

impl Block {
    /// An empty block.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether a place is in one of its statements.
    pub fn covers(&self, module: &Module, place: Range) -> bool {
        self.position(module, place).is_some()
    }

    /// The number of the statement that a place is in.
    pub fn position(&self, module: &Module, place: Range) -> Option<usize> {
        let places = &self.layout(module).places;
        let after = places.partition_point(|(own, _)| own.start <= place.start);
        let (own, at) = places.get(after.checked_sub(1)?)?;
        own.covers(place).then_some(*at)
    }

    /// The statement that a place is in.
    pub fn at(&self, module: &Module, place: Range) -> Option<&Stmt> {
        self.position(module, place).map(|at| &self.statements[at])
    }

    /// The statements around a place, outermost first: each by its block and its number there.
    pub fn way_to<'m>(&'m self, module: &'m Module, place: Range) -> impl Iterator<Item = (&'m Self, usize)> {
        let step = move |block: &'m Self| Some((block, block.position(module, place)?));
        std::iter::successors(step(self), move |(block, at)| step(block[*at].inner(module, place)?))
    }

    /// Whether there is such a statement in it, or in a block of one of its statements.
    pub fn holds(&self, is_it: &dyn Fn(&Stmt) -> bool) -> bool {
        self.iter().any(|stmt| is_it(stmt) || stmt.blocks().into_iter().any(|block| block.holds(is_it)))
    }

    /// Whether a statement in it, or in a block of one of its statements, binds a local.
    pub fn binds(&self, slot: Slot) -> bool {
        let is_it = |target: &Target| matches!(target, Target::Name(Place::Local(own), _) if *own == slot);
        self.holds(&|stmt| stmt.targets().into_iter().flat_map(Target::leaves).any(is_it))
    }

    /// From the first expression in it to the last, those of inner blocks among them.
    pub fn extent(&self, module: &Module) -> Option<Range> {
        self.layout(module).extent
    }

    fn layout(&self, module: &Module) -> &Layout {
        self.layout.get_or_init(|| Layout::of(&self.statements, module))
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
        self.layout = OnceLock::new();
        &mut self.statements
    }
}

impl FromIterator<Stmt> for Block {
    fn from_iter<I: IntoIterator<Item = Stmt>>(statements: I) -> Self {
        Self { statements: statements.into_iter().collect(), layout: OnceLock::new() }
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
