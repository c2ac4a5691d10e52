//! Where in a function a variable still holds what one place assigned to it: branches that exclude each other don't see each
//! other's values. Syntax only.

use crate::python::ir::{Block, FunctionId, Module, Range, Stmt};
use rustc_hash::FxHashMap;

/// The branches of a module's functions, each function's in order.
pub(super) struct Branches(FxHashMap<FunctionId, Vec<Branch>>);

/// A branch of an `if` (with its `elif`s) or `match`.
struct Branch {
    range: Range,
    /// Where the last branch of the statement ends.
    end: u32,
    /// The branch around the statement.
    parent: Option<usize>,
}

/// A stretch of text where a variable holds the value.
pub(super) struct Stretch {
    pub range: Range,
    /// Whether this is behind the branch that assigns, where paths join that don't.
    pub is_joined: bool,
}

impl Branches {
    pub fn new(module: &Module) -> Self {
        let functions = (0u32..).map(FunctionId).zip(&module.functions);
        Self(functions.map(|(id, function)| (id, branches(module, &function.body))).collect())
    }

    /// Where a variable holds the value of `place`, which is assigned to it, up to the end of `within`, the function's range.
    /// `assigned` are the places where values stand that the variable is assigned, in order.
    pub fn lifetime(&self, function: FunctionId, place: Range, within: Range, assigned: &[u32]) -> Vec<Stretch> {
        let branches = self.0.get(&function).map_or(&[][..], Vec::as_slice);
        let mut out = Vec::new();
        let (mut from, mut is_joined) = (place.end, false);
        let mut around = innermost(branches, place.start);
        loop {
            let to = around.map_or(within.end, |own| branches[own].range.end);
            let ends = live(branches, around, Range { start: from, end: to }, assigned, &mut out, is_joined);
            let Some(own) = around.filter(|_| !ends) else { return out };
            (from, is_joined) = (branches[own].end, true);
            around = branches[own].parent;
        }
    }
}

/// Adds the parts of a piece of text where the value lives on. True if it is replaced in there on every path that had it.
fn live(
    branches: &[Branch],
    around: Option<usize>,
    piece: Range,
    assigned: &[u32],
    out: &mut Vec<Stretch>,
    is_joined: bool,
) -> bool {
    let mut from = piece.start;
    let mut add = |start: u32, end: u32| {
        if start < end {
            out.push(Stretch { range: Range { start, end }, is_joined });
        }
    };
    while from < piece.end {
        let next = assigned.get(assigned.partition_point(|at| *at <= from)).filter(|at| **at < piece.end);
        let Some(&next) = next else { break };
        add(from, next + 1);
        let by = innermost(branches, next);
        if by == around {
            return true;
        }
        from = by.map_or(piece.end, |by| branches[by].range.end);
    }
    add(from, piece.end);
    false
}

/// The innermost branch around a place.
fn innermost(branches: &[Branch], place: u32) -> Option<usize> {
    let mut next = branches.partition_point(|branch| branch.range.start <= place).checked_sub(1);
    while let Some(at) = next {
        let Branch { range, parent, .. } = &branches[at];
        if place < range.end {
            return Some(at);
        }
        next = *parent;
    }
    None
}

fn branches(module: &Module, body: &Block) -> Vec<Branch> {
    let mut out = Vec::new();
    note(module, body, None, &mut out);
    out
}

fn note(module: &Module, block: &Block, parent: Option<usize>, out: &mut Vec<Branch>) {
    for stmt in block {
        let Some(end) = stmt.extent(module).map(|range| range.end) else { continue };
        let arms = match stmt {
            Stmt::If { then, otherwise, .. } => arms_of_if(then, otherwise),
            Stmt::Match { cases, .. } => cases.iter().map(|case| &case.body).collect(),
            _ => {
                stmt.blocks().into_iter().for_each(|inner| note(module, inner, parent, out));
                continue;
            }
        };
        for arm in arms {
            let Some(range) = arm.extent(module) else { continue };
            out.push(Branch { range, end, parent });
            note(module, arm, Some(out.len() - 1), out);
        }
    }
}

/// The branches of an `if`, those of its `elif`s among them.
fn arms_of_if<'b>(then: &'b Block, otherwise: &'b Block) -> Vec<&'b Block> {
    let mut arms = vec![then];
    let mut rest = otherwise;
    while let [Stmt::If { then, otherwise, .. }] = rest.as_slice() {
        arms.push(then);
        rest = otherwise;
    }
    arms.push(rest);
    arms
}
