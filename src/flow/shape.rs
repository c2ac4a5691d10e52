//! How a Query or Scan is written: what a fix for the code at hand is made of. Syntax only; what the names mean is
//! for the interpretation to say.

use super::lifetime::{Branches, Stretch};
use crate::python::ir::{Arg, Clause, ExprId, ExprKind, Function, FunctionId, Module, NameId, Range, Stmt, Target};
use rustc_hash::{FxHashMap, FxHashSet};

/// The parts of `response = self._table.query(…)`, in the source's own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallShape {
    /// What the method is called on (`self._table`).
    pub receiver: String,
    /// `query`, `scan`, or a paginator's `paginate`.
    pub method: String,
    /// The arguments, in order.
    pub arguments: Vec<Argument>,
    /// Whether it stands behind `await`.
    pub awaited: bool,
    /// The variable that the response is assigned to.
    pub response: Option<String>,
    /// The variable that the response's items are assigned to.
    pub items: Option<String>,
    /// How the items are taken out of the response (`["Items"]`, `.get("Items", [])`), if that is seen.
    pub pick: Option<String>,
    /// What else is read of the response afterwards, in order.
    pub later: Vec<Reading>,
    /// Whether some of that, or of its items, is read where other branches join, which give the variable something else.
    pub is_shared: bool,
    /// Whether the code around it puts a `Limit` into a mapping that is spread, be it on a path that nobody takes today.
    pub limit_inside: bool,
    /// Names for new variables.
    pub fresh: Fresh,
}

/// A keyword argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its name; `None` for `**value`.
    pub name: Option<String>,
    /// Its text. Lines after the first are indented as against the line that the argument begins on.
    pub value: String,
}

/// A place where a response is read: its line, counted from one, and how it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The line.
    pub line: usize,
    /// `response["Items"]`.
    pub text: String,
    /// What is read.
    pub part: ReadPart,
}

/// What of a response is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadPart {
    /// Its items.
    Items,
    /// Their number.
    Count,
    /// Something else, or all of it.
    Other,
}

/// Names that nothing around the call uses.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names that they are when nothing else has them")]
pub struct Fresh {
    pub response: String,
    pub page: String,
    pub items: String,
    pub count: String,
    pub start: String,
    pub wanted: String,
    pub query: String,
}

/// What is needed of a module to tell the shapes of its calls: made once, in one walk.
pub(super) struct Outline<'m> {
    module: &'m Module,
    text: &'m str,
    awaited: FxHashMap<ExprId, ExprId>,
    /// The variable that takes the value of an expression.
    assigned: FxHashMap<ExprId, NameId>,
    /// Where a variable is assigned to, in order.
    assignments: FxHashMap<NameId, Vec<u32>>,
    /// `…["Items"]` of an expression that isn't a variable.
    picks: FxHashMap<ExprId, ExprId>,
    /// `variable["Items"]`, in order.
    picked: FxHashMap<NameId, Vec<(u32, ExprId)>>,
    /// Where a variable is read, in order: the variable itself, or `variable["Key"]`.
    reads: FxHashMap<NameId, Vec<(u32, ExprId)>>,
    /// Where lines end.
    line_ends: Vec<usize>,
    /// Where `variable["Limit"]` is assigned to, in order.
    limited: FxHashMap<NameId, Vec<u32>>,
    /// Parts of expressions that are evaluated on a condition or over and over: by their starts, each with the last end of
    /// it and of those before it.
    optional: Vec<(u32, u32)>,
    branches: Branches,
}

impl<'m> Outline<'m> {
    pub fn new(module: &'m Module, text: &'m str) -> Self {
        let mut outline = Self {
            module,
            text,
            awaited: FxHashMap::default(),
            assigned: FxHashMap::default(),
            assignments: FxHashMap::default(),
            picks: FxHashMap::default(),
            picked: FxHashMap::default(),
            reads: FxHashMap::default(),
            line_ends: text.match_indices('\n').map(|(at, _)| at).collect(),
            limited: FxHashMap::default(),
            optional: optional_parts(module),
            branches: Branches::new(module),
        };
        outline.note_expressions();
        let mut note = |target: &Target, value: ExprId| match target {
            Target::Name(_, name) => {
                outline.assigned.insert(value, *name);
                outline.assignments.entry(*name).or_default().push(module.expr(value).range.start);
            }
            Target::Subscript(mapping, key) => {
                let is_limit = module.is_text(*key, "Limit");
                if let (true, ExprKind::Name(_, name)) = (is_limit, &module.expr(*mapping).kind) {
                    outline.limited.entry(*name).or_default().push(module.expr(value).range.start);
                }
            }
            _ => {}
        };
        let functions = module.functions.iter().map(|function| &function.body);
        for body in functions.chain(module.classes.iter().map(|class| &class.body)) {
            each_assignment(body, &mut note);
        }
        outline.limited.values_mut().for_each(|starts| starts.sort_unstable());
        outline.assignments.values_mut().for_each(|starts| starts.sort_unstable());
        outline
    }

    fn note_expressions(&mut self) {
        let mut within: FxHashMap<ExprId, ExprId> = FxHashMap::default();
        for (id, expr) in self.module.all_exprs() {
            within.extend(self.read_from(id).map(|(base, _)| (base, id)));
            if let ExprKind::Await(call) = expr.kind {
                self.awaited.insert(call, id);
            }
            let Some(base) = self.picked_from(id) else { continue };
            if let ExprKind::Name(_, name) = self.module.expr(base).kind {
                self.picked.entry(name).or_default().push((expr.range.start, id));
            } else {
                self.picks.insert(base, id);
            }
        }
        for (id, expr) in self.module.all_exprs() {
            if let ExprKind::Name(_, name) = expr.kind {
                let read = within.get(&id).copied().unwrap_or(id);
                self.reads.entry(name).or_default().push((self.module.expr(read).range.start, read));
            }
        }
        for places in self.picked.values_mut().chain(self.reads.values_mut()) {
            places.sort_unstable();
        }
    }

    /// What `["Items"]` or `.get("Items", …)` is taken from.
    fn picked_from(&self, id: ExprId) -> Option<ExprId> {
        self.read_from(id).filter(|(_, key)| *key == "Items").map(|(base, _)| base)
    }

    /// What `["Key"]`, `.get("Key", …)` or `"Key" in` reads, and the key.
    fn read_from(&self, id: ExprId) -> Option<(ExprId, &'m str)> {
        let text =
            |key: ExprId| if let ExprKind::Str(text) = &self.module.expr(key).kind { Some(&**text) } else { None };
        match &self.module.expr(id).kind {
            ExprKind::Subscript(base, key) => Some((*base, text(*key)?)),
            ExprKind::Call(callee, args) => match (&self.module.expr(*callee).kind, args.first()) {
                (ExprKind::Attr(base, get), Some(Arg::Positional(key))) if self.module.name(*get) == "get" => {
                    Some((*base, text(*key)?))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The shape of a call; `None` if it isn't a plain call of the method with keywords alone, or too tangled to be
    /// written again, or in a part of an expression that statements before it couldn't stand for.
    pub fn shape(&self, call: ExprId) -> Option<CallShape> {
        let ExprKind::Call(callee, args) = &self.module.expr(call).kind else { return None };
        let ExprKind::Attr(_, method) = &self.module.expr(*callee).kind else { return None };
        let method = self.module.name(*method);
        if !matches!(method, "query" | "scan" | "paginate") {
            return None;
        }
        let receiver =
            self.slice(self.module.expr(*callee).range)?.strip_suffix(method)?.trim_end().strip_suffix('.')?;
        let receiver = receiver.trim_end();
        let arguments: Vec<Argument> = args.iter().map(|arg| self.argument(arg)).collect::<Option<_>>()?;
        if receiver.is_empty() || receiver.contains(['\n', '\\']) {
            return None;
        }
        let awaited = self.awaited.get(&call);
        let outer = *awaited.unwrap_or(&call);
        let id = self.module.function_id_around(call);
        let function = self.module.function(id);
        // Whether its pages come by `for` or by `async for` isn't known.
        if method == "paginate" && function.is_async || self.is_optional(self.module.expr(call).range) {
            return None;
        }
        let response = self.assigned.get(&outer).copied();
        let life = response.map_or_else(Vec::new, |name| self.lifetime(name, id, self.module.expr(call).range));
        let pick = match response {
            Some(name) => self.next_pick(name, &life),
            None => self.picks.get(&outer).copied(),
        };
        let is_shared = response.is_some_and(|name| self.is_shared(name, function, outer, &life));
        let items = pick.and_then(|pick| self.assigned.get(&pick).copied()).filter(|_| !is_shared);
        let name = |name: NameId| self.module.name(name).to_owned();
        Some(CallShape {
            fresh: self.fresh(function, receiver, &arguments),
            limit_inside: args.iter().any(|arg| self.may_hold_limit(arg, function.range)),
            receiver: receiver.to_owned(),
            method: method.to_owned(),
            arguments,
            awaited: awaited.is_some(),
            response: response.map(name),
            items: items.map(name),
            later: response.map_or_else(Vec::new, |name| self.later(name, &life, pick.filter(|_| items.is_some()))),
            is_shared,
            pick: pick.and_then(|pick| self.pick_text(pick)),
        })
    }

    fn slice(&self, range: Range) -> Option<&'m str> {
        self.text.get(range.start as usize..range.end as usize)
    }

    fn argument(&self, arg: &Arg) -> Option<Argument> {
        let (name, value) = match arg {
            Arg::Keyword(name, value) => (Some(self.module.name(*name).to_owned()), *value),
            Arg::DoubleStar(value) => (None, *value),
            Arg::Positional(_) | Arg::Star(_) => return None,
        };
        let range = self.module.expr(value).range;
        let (mut start, mut end) = (range.start as usize, range.end as usize);
        // An expression's range leaves out the brackets around it.
        loop {
            let (before, after) = (self.text.get(..start)?.trim_end(), self.text.get(end..)?);
            let inside = after.len() - after.trim_start().len();
            if !before.ends_with('(') || !after.trim_start().starts_with(')') {
                break;
            }
            (start, end) = (before.len() - 1, end + inside + 1);
        }
        let value = self.text.get(start..end)?;
        // Indentation inside a string is part of it.
        if ["\"\"\"", "'''", "\\\n", "\r"].iter().any(|hard| value.contains(hard)) {
            return None;
        }
        let line = self.text.get(..start)?.rsplit('\n').next()?;
        let indent = &line[..line.len() - line.trim_start().len()];
        let rest = |line: &str| line.strip_prefix(indent).unwrap_or(line.trim_start()).to_owned();
        let lines = value.lines().enumerate().map(|(i, line)| if i == 0 { line.to_owned() } else { rest(line) });
        Some(Argument { name, value: lines.collect::<Vec<_>>().join("\n") })
    }

    fn may_hold_limit(&self, arg: &Arg, within: Range) -> bool {
        let Arg::DoubleStar(mapping) = arg else { return false };
        let ExprKind::Name(_, name) = &self.module.expr(*mapping).kind else { return false };
        let starts = self.limited.get(name).map_or(&[][..], Vec::as_slice);
        let next = starts.get(starts.partition_point(|start| *start < within.start));
        next.is_some_and(|start| *start < within.end)
    }

    /// Where a variable that is assigned a call's response still is it.
    fn lifetime(&self, name: NameId, function: FunctionId, call: Range) -> Vec<Stretch> {
        let assignments = self.assignments.get(&name).map_or(&[][..], Vec::as_slice);
        self.branches.lifetime(function, call, self.module.function(function).range, assignments)
    }

    /// The first `name["Items"]` while the variable is what it is.
    fn next_pick(&self, name: NameId, life: &[Stretch]) -> Option<ExprId> {
        let picks = self.picked.get(&name)?;
        life.iter().flat_map(|stretch| within(picks, stretch.range)).map(|(_, pick)| *pick).next()
    }

    /// What is read of a variable while it is what it is; all but what is replaced.
    fn later(&self, name: NameId, life: &[Stretch], replaced: Option<ExprId>) -> Vec<Reading> {
        let reads = self.reads.get(&name).map_or(&[][..], Vec::as_slice);
        let reads = life.iter().flat_map(|stretch| within(reads, stretch.range));
        reads.filter(|(_, read)| Some(*read) != replaced).filter_map(|(_, read)| self.reading(*read)).collect()
    }

    /// Whether a variable is read where branches join and others of them set it, or what is around them does.
    fn is_shared(&self, name: NameId, function: &Function, value: ExprId, life: &[Stretch]) -> bool {
        let reads = self.reads.get(&name).map_or(&[][..], Vec::as_slice);
        let mut joined = life.iter().filter(|stretch| stretch.is_joined);
        let is_parameter = || function.params.iter().any(|param| param.name == name);
        let assignments = self.assignments.get(&name).map_or(&[][..], Vec::as_slice);
        let own = self.module.expr(value).range;
        let others = || within_starts(assignments, function.range).any(|start| !(own.start..own.end).contains(start));
        joined.any(|stretch| within(reads, stretch.range).next().is_some()) && (is_parameter() || others())
    }

    /// Whether a place is in a part of an expression that needn't be evaluated, or is more than once.
    fn is_optional(&self, place: Range) -> bool {
        let before = self.optional.partition_point(|(start, _)| *start <= place.start);
        before.checked_sub(1).is_some_and(|last| self.optional[last].1 >= place.end)
    }

    fn reading(&self, read: ExprId) -> Option<Reading> {
        let range = self.module.expr(read).range;
        let part = match self.read_from(read) {
            Some((_, "Items")) => ReadPart::Items,
            Some((_, "Count")) => ReadPart::Count,
            _ => ReadPart::Other,
        };
        let line = self.line_ends.partition_point(|end| *end < range.start as usize) + 1;
        let text = self.slice(range)?.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Reading { line, text, part })
    }

    fn pick_text(&self, pick: ExprId) -> Option<String> {
        let base = self.picked_from(pick)?;
        let range = Range { start: self.module.expr(base).range.end, end: self.module.expr(pick).range.end };
        let text = self.slice(range)?.trim_start_matches([')', ' ']);
        (text.starts_with(['[', '.']) && !text.contains('\n')).then(|| text.to_owned())
    }

    fn fresh(&self, function: &Function, receiver: &str, arguments: &[Argument]) -> Fresh {
        let is_top = std::ptr::eq(function, self.module.function(Module::TOP));
        let locals: FxHashSet<&str> = if is_top {
            self.module.names.iter().map(|name| &**name).collect()
        } else {
            function.slots.iter().map(|name| self.module.name(*name)).collect()
        };
        let texts: Vec<&str> = arguments.iter().map(|a| a.value.as_str()).chain([receiver]).collect();
        let is_taken = |name: &str| locals.contains(name) || texts.iter().any(|text| mentions(text, name));
        let free = |name: &str, other: &str| {
            let numbered = (2..).map(|n| format!("{other}_{n}"));
            let mut names = [name.to_owned(), other.to_owned()].into_iter().chain(numbered);
            names.find(|name| !is_taken(name)).unwrap_or_default()
        };
        Fresh {
            response: free("response", "page_response"),
            page: free("page", "query_page"),
            items: free("items", "all_items"),
            count: free("count", "total_count"),
            start: free("start", "page_start"),
            wanted: free("wanted", "wanted_items"),
            query: free("query", "page_query"),
        }
    }
}

/// Of what is in order of its places, what begins in a piece of text.
fn within<T>(places: &[(u32, T)], piece: Range) -> impl Iterator<Item = &(u32, T)> {
    let first = places.partition_point(|(start, _)| *start < piece.start);
    places[first..].iter().take_while(move |(start, _)| *start < piece.end)
}

fn within_starts(starts: &[u32], piece: Range) -> impl Iterator<Item = &u32> {
    let first = starts.partition_point(|start| *start < piece.start);
    starts[first..].iter().take_while(move |start| **start < piece.end)
}

/// See [`Outline::optional`]. What the first `for` of a comprehension goes through is evaluated once.
fn optional_parts(module: &Module) -> Vec<(u32, u32)> {
    let parts = module.all_exprs().flat_map(|(id, expr)| match &expr.kind {
        ExprKind::If { then, otherwise, .. } => vec![*then, *otherwise],
        ExprKind::And(_, right) | ExprKind::Or(_, right) => vec![*right],
        ExprKind::Lambda(_) => vec![id],
        ExprKind::Comprehension(comprehension) => {
            let clauses = comprehension.clauses.iter().skip(1).map(|clause| match clause {
                Clause::For(_, each) | Clause::If(each) => *each,
            });
            [comprehension.element].into_iter().chain(comprehension.value).chain(clauses).collect()
        }
        _ => Vec::new(),
    });
    let mut ranges: Vec<(u32, u32)> = parts.map(|part| module.expr(part).range).map(|r| (r.start, r.end)).collect();
    ranges.sort_unstable();
    let mut furthest = 0;
    for (_, end) in &mut ranges {
        furthest = furthest.max(*end);
        *end = furthest;
    }
    ranges
}

/// Whether an identifier stands in a text.
fn mentions(text: &str, name: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

/// Assignments to one target, nested blocks included.
fn each_assignment(block: &[Stmt], visit: &mut impl FnMut(&Target, ExprId)) {
    for stmt in block {
        match stmt {
            Stmt::Assign(targets, value) => {
                if let [target] = targets.as_slice() {
                    visit(target, *value);
                }
            }
            Stmt::Annotated { target, value: Some(value), .. } => visit(target, *value),
            _ => stmt.blocks().into_iter().for_each(|block| each_assignment(block, visit)),
        }
    }
}
