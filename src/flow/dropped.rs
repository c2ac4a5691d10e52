//! Loops that gather every page and are followed by the line of the time when one page was enough: what they gathered is
//! dropped, and the last page is used alone. Told from the text, as all of [`super::loops`].

use super::lifetime::Branches;
use super::loops::Loop;
use crate::python::ir::{Arg, BinaryOp, Block, ExprId, ExprKind, Place, Range, Slot, Stmt, Target};
use std::collections::{BTreeMap, BTreeSet};

/// Methods by which a list, a set or a dict takes something in.
const TAKES_IN: [&str; 4] = ["append", "extend", "add", "update"];

/// A statement that adds to a local.
struct Gather {
    to: Slot,
    /// What it adds.
    values: Vec<ExprId>,
    /// Where it names the local.
    names: Vec<ExprId>,
}

impl Loop<'_> {
    /// Where the last page is used as if it were all, if every page is gathered and what is gathered isn't used.
    pub fn drops(&self) -> Option<Range> {
        let steps = self.steps();
        let response = self.response(&steps)?;
        if !self.ends_by(&steps, response, &self.signals(&steps, response)) {
            return None;
        }
        let reads: BTreeMap<ExprId, ExprId> = self.reads_of(response, "Items");
        let (inside, outside): (Vec<ExprId>, Vec<ExprId>) = reads.keys().partition(|read| self.contains(**read));
        let lives = self.lives_on(response);
        let is_alive = |read: &ExprId| lives.iter().any(|stretch| stretch.covers(self.range_of(*read)));
        let after: Vec<ExprId> = outside.into_iter().filter(is_alive).collect();
        let gathers = self.gathers(&self.function.body);
        let gathered = self.gathered(&inside, &gathers)?;
        let first_pages: Vec<ExprId> =
            if self.is_only_read(response) { reads.into_keys().collect() } else { Vec::new() };
        let is_dropped = |slot: &Slot| self.is_dropped(*slot, &gathers, &first_pages);
        let dropped = !gathered.is_empty() && gathered.iter().all(is_dropped) && !self.reads_by_name();
        let first = after.iter().find(|read| self.is_taken(**read))?;
        let is_whole = |read: &ExprId| !self.is_indexed(*read) && self.is_kept_whole(*read);
        (dropped && after.iter().all(is_whole)).then(|| self.range_of(*first))
    }

    /// Where behind the loop a local may still hold what the loop has put into it.
    fn lives_on(&self, slot: Slot) -> Vec<Range> {
        let mut stores: Vec<u32> = self.stores_to(slot).iter().map(|(place, _)| place.start).collect();
        stores.retain(|store| *store >= self.range.end);
        stores.sort_unstable();
        let id = self.module.function_id_around(self.site);
        let lives = Branches::new(self.module).lifetime(id, self.range, self.function.range, &stores);
        lives.into_iter().map(|stretch| stretch.range).collect()
    }

    /// Where all the pages go that the loop reads, if nothing else is done with any.
    fn gathered(&self, reads: &[ExprId], gathers: &[Gather]) -> Option<BTreeSet<Slot>> {
        let mut out = BTreeSet::new();
        for read in reads {
            let place = self.range_of(*read);
            let takes = |gather: &&Gather| gather.values.iter().any(|value| self.range_of(*value).covers(place));
            if let Some(gather) = gathers.iter().find(takes) {
                out.insert(gather.to);
            } else {
                let by_item = self.gathers(self.loop_over(self.body, *read)?);
                out.extend(by_item.iter().map(|gather| gather.to));
            }
        }
        Some(out)
    }

    /// The body of the `for` loop over a list, if it does nothing but gather.
    fn loop_over<'b>(&self, block: &'b Block, list: ExprId) -> Option<&'b Block> {
        for stmt in block {
            match stmt {
                Stmt::For { iter, body, .. } if *iter == list => return self.only_gathers(body).then_some(body),
                _ => {
                    let found = stmt.blocks().into_iter().find_map(|block| self.loop_over(block, list));
                    if found.is_some() {
                        return found;
                    }
                }
            }
        }
        None
    }

    fn only_gathers(&self, block: &Block) -> bool {
        block.iter().all(|stmt| match stmt {
            Stmt::If { then, otherwise, .. } => self.only_gathers(then) && self.only_gathers(otherwise),
            stmt => self.gathering(stmt).is_some(),
        })
    }

    fn gathers(&self, block: &Block) -> Vec<Gather> {
        let inner = block.iter().flat_map(Stmt::blocks).flat_map(|block| self.gathers(block));
        block.iter().filter_map(|stmt| self.gathering(stmt)).chain(inner).collect()
    }

    fn gathering(&self, stmt: &Stmt) -> Option<Gather> {
        match stmt {
            Stmt::Expr(call) => {
                let ExprKind::Call(callee, args) = &self.module.expr(*call).kind else { return None };
                let ExprKind::Attr(list, method) = self.module.expr(*callee).kind else { return None };
                let ExprKind::Name(Place::Local(to), _) = self.module.expr(list).kind else { return None };
                let values = args.iter().map(Arg::value).collect();
                TAKES_IN.contains(&self.module.name(method)).then(|| Gather { to, values, names: vec![list] })
            }
            Stmt::Augmented { target: Target::Name(Place::Local(to), _), op: BinaryOp::Add, value, .. } => {
                Some(Gather { to: *to, values: vec![*value], names: Vec::new() })
            }
            Stmt::Assign(targets, value) => {
                let [Target::Name(Place::Local(to), _)] = targets.as_slice() else { return None };
                let ExprKind::Binary(BinaryOp::Add, left, right) = &self.module.expr(*value).kind else { return None };
                let is_own =
                    matches!(self.module.expr(*left).kind, ExprKind::Name(Place::Local(slot), _) if slot == *to);
                is_own.then(|| Gather { to: *to, values: vec![*right], names: vec![*left] })
            }
            _ => None,
        }
    }

    /// Whether what a local has gathered when the loop ends is never read: it is new in this function, and is not named again or
    /// first given another value.
    fn is_dropped(&self, slot: Slot, gathers: &[Gather], first_pages: &[ExprId]) -> bool {
        let is_own = !self.function.captured.contains(&slot) && self.function.params.iter().all(|p| p.slot != slot);
        let is_before = |place: Range| place.start < self.range.start;
        let stores = self.stores_to(slot);
        let before: Vec<_> = stores.iter().filter(|(place, _)| is_before(*place)).collect();
        let is_held_alone = |value: ExprId| {
            (self.is_new(value) || first_pages.contains(&value)) && !is_bound_twice(&self.function.body, value)
        };
        let is_new = !before.is_empty() && before.iter().all(|(_, value)| value.is_some_and(is_held_alone));
        let gathering: BTreeSet<ExprId> = gathers.iter().flat_map(|gather| gather.names.iter().copied()).collect();
        let (later, earlier): (Vec<ExprId>, Vec<ExprId>) =
            self.names(slot).into_iter().partition(|name| self.range_of(*name).start >= self.range.end);
        let replaced = self.replaced(&self.function.body, slot);
        is_own
            && is_new
            && earlier.iter().all(|name| gathering.contains(name))
            && later.iter().all(|name| replaced.is_some_and(|place| self.range_of(*name).start >= place.end))
    }

    /// A value that nothing else holds.
    fn is_new(&self, value: ExprId) -> bool {
        match &self.module.expr(value).kind {
            ExprKind::List(_) | ExprKind::Dict(_) | ExprKind::Set(_) | ExprKind::Comprehension(_) => true,
            ExprKind::Call(callee, args) => {
                let ExprKind::Name(_, name) = self.module.expr(*callee).kind else { return false };
                args.is_empty() && matches!(self.module.name(name), "list" | "set" | "dict")
            }
            _ => false,
        }
    }

    /// Whether nothing but its own attributes and entries is asked of a local before the loop, so that nothing else holds it.
    fn is_only_read(&self, slot: Slot) -> bool {
        let objects: BTreeSet<ExprId> = self
            .module
            .exprs_in(self.function.range)
            .flat_map(|(_, expr)| match &expr.kind {
                ExprKind::Subscript(object, _) | ExprKind::Attr(object, _) => vec![*object],
                ExprKind::Compare(_, rest) => rest.iter().map(|(_, right)| *right).collect(),
                _ => Vec::new(),
            })
            .collect();
        let mut names = self.names(slot).into_iter().filter(|name| self.range_of(*name).start < self.range.start);
        names.all(|name| objects.contains(&name))
    }

    /// Whether locals may be read without being named: `**locals()`.
    fn reads_by_name(&self) -> bool {
        self.module.exprs_in(self.function.range).any(|(_, expr)| match expr.kind {
            ExprKind::Name(_, name) => matches!(self.module.name(name), "locals" | "vars" | "eval" | "exec"),
            _ => false,
        })
    }

    /// The value that a local is given in any case when the loop has ended.
    fn replaced(&self, block: &Block, slot: Slot) -> Option<Range> {
        let at = block.position(self.module, self.range)?;
        let inner = block[at].inner(self.module, self.range).and_then(|inner| self.replaced(inner, slot));
        let anew = |stmt: &Stmt| match stmt {
            Stmt::Assign(targets, value) => {
                let is_it = matches!(targets.as_slice(), [Target::Name(Place::Local(own), _)] if *own == slot);
                let reads = self.names(slot).into_iter().any(|name| self.range_of(*value).covers(self.range_of(name)));
                (is_it && !reads).then(|| self.range_of(*value))
            }
            _ => None,
        };
        inner.or_else(|| block[at + 1..].iter().find_map(anew))
    }

    /// Whether a page is returned, iterated over or put into a variable.
    fn is_taken(&self, read: ExprId) -> bool {
        let mut blocks = vec![&self.function.body];
        let place = self.range_of(read);
        while let Some(block) = blocks.pop() {
            for stmt in block {
                let is_it = match stmt {
                    Stmt::Return(Some(value)) => self.range_of(*value).covers(place) && !self.is_measured(read),
                    Stmt::For { iter: value, .. } | Stmt::Assign(_, value) => *value == read,
                    _ => false,
                };
                if is_it {
                    return true;
                }
                blocks.extend(stmt.blocks());
            }
        }
        false
    }

    /// `len(page)`.
    fn is_measured(&self, list: ExprId) -> bool {
        let is_it = |arg: &Arg| matches!(arg, Arg::Positional(given) if *given == list);
        self.module.exprs_in(self.function.range).any(|(_, expr)| match &expr.kind {
            ExprKind::Call(callee, args) => {
                matches!(self.module.expr(*callee).kind, ExprKind::Name(_, name) if self.module.name(name) == "len")
                    && args.iter().any(is_it)
            }
            _ => false,
        })
    }

    /// Whether no element is picked of the variable that a page is put into, if it is.
    fn is_kept_whole(&self, read: ExprId) -> bool {
        let mut stores = Vec::new();
        self.all_stores(&self.function.body, &mut stores);
        let kept = stores.iter().filter(|(_, _, value)| *value == Some(read)).map(|(slot, ..)| *slot);
        let after = |name: &ExprId| self.range_of(*name).start >= self.range.end;
        { kept }.all(|slot| {
            let mut names = self.names(slot).into_iter().filter(after);
            !self.function.captured.contains(&slot) && names.all(|name| !self.is_indexed(name))
        })
    }

    /// Where a local is bound, each with the value, if that is all that is bound.
    fn stores_to(&self, slot: Slot) -> Vec<(Range, Option<ExprId>)> {
        let mut stores = Vec::new();
        self.all_stores(&self.function.body, &mut stores);
        stores.into_iter().filter(|(to, ..)| *to == slot).map(|(_, place, value)| (place, value)).collect()
    }

    fn all_stores(&self, block: &Block, out: &mut Vec<(Slot, Range, Option<ExprId>)>) {
        for stmt in block {
            let value = if let Stmt::Assign(_, value) = stmt { Some(*value) } else { None };
            for target in stmt.targets() {
                if let Some(place) = stmt.extent(self.module) {
                    self.store(target, place, value, out);
                }
            }
            stmt.blocks().into_iter().for_each(|block| self.all_stores(block, out));
        }
    }

    fn store(
        &self,
        target: &Target,
        place: Range,
        value: Option<ExprId>,
        out: &mut Vec<(Slot, Range, Option<ExprId>)>,
    ) {
        match target {
            Target::Name(Place::Local(slot), _) => out.push((*slot, place, value)),
            Target::Tuple(targets) => {
                let parts = value.map(|value| &self.module.expr(value).kind);
                let parts: Vec<Option<ExprId>> = match parts {
                    Some(ExprKind::Tuple(values) | ExprKind::List(values)) if values.len() == targets.len() => {
                        values.iter().map(|value| Some(*value)).collect()
                    }
                    _ => vec![None; targets.len()],
                };
                targets.iter().zip(parts).for_each(|(target, part)| self.store(target, place, part, out));
            }
            Target::Starred(inner) => self.store(inner, place, None, out),
            _ => {}
        }
    }
}

/// `a = b = value`.
fn is_bound_twice(block: &Block, value: ExprId) -> bool {
    block.holds(&|stmt| matches!(stmt, Stmt::Assign(targets, own) if *own == value && targets.len() > 1))
}
