//! Code that knows of further pages and doesn't read them: it fails where there are any, or has the program started again,
//! to read the first page of what is left. Neither loses items in silence.

use super::frame::Frame;
use super::heap::{CallSite, InstanceId};
use super::machine::Machine;
use super::pages::Pages;
use super::value::{Atom, Atoms, ResponseId, Val};
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::python::bindings::Variable;
use crate::python::ir::{
    Arg, Block, CompareOp, ExprId, ExprKind, Function, Handler, Module, Place, Range, Stmt, Target,
};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Calls of other services that may start a program, as boto3 names them. Those that mostly tell news aren't among them.
const STARTS: &[&str] = &["invoke", "invoke_async", "send_message", "send_message_batch", "start_execution"];

/// Functions that end the program.
const ENDS: [&str; 3] = ["abort", "exit", "quit"];

const NOWHERE: Range = Range { start: 0, end: 0 };

/// Variables that stand for each other in a test.
const MAX_VARIABLES: u8 = 4;

/// What a test asks of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// Whether it has a LastEvaluatedKey.
    Key,
    /// Whether it has items.
    Items,
}

/// What a test asks of a response.
#[derive(Debug, Clone, Copy)]
struct Asked {
    response: ResponseId,
    part: Part,
    /// How the test turns out where the part is there.
    truth: bool,
    /// Whether it does so in any case: `strict and key` may not.
    is_sure: bool,
}

/// Text that is run where a response has items, or a further page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Guarded {
    response: ResponseId,
    by: InstanceId,
    place: Range,
    /// Whether no way leads on from its end.
    leaves: bool,
}

/// What is known of code that knows of further pages.
#[derive(Debug, Default)]
pub(super) struct Further {
    guarded: BTreeSet<Guarded>,
    /// Calls that may start a program, those in a loop over something left out: they tell of each.
    starts: FxHashSet<(InstanceId, CallSite)>,
}

impl<'p> Machine<'p> {
    /// Notes what is done where a test finds that there are items, or further pages. `rest` is what follows the statement.
    pub fn note_guards(
        &mut self,
        frame: &mut Frame<'p>,
        test: ExprId,
        (then, otherwise): (&'p Block, &'p Block),
        rest: &'p [Stmt],
    ) {
        if self.pages.is_empty() {
            return;
        }
        for asked in self.asked(frame, test, MAX_VARIABLES) {
            let (own, other) = if asked.truth { (then, otherwise) } else { (otherwise, then) };
            self.guard(frame, asked, own);
            if !falls_through(other) {
                self.guard(frame, asked, rest);
            }
        }
    }

    /// `assert "LastEvaluatedKey" not in response`
    pub fn note_assertion(&mut self, frame: &mut Frame<'p>, test: ExprId) {
        let place = frame.module.expr(test).range;
        for Asked { response, part, truth, is_sure } in self.asked(frame, test, MAX_VARIABLES) {
            let is_refused = part == Part::Key && !truth && is_sure && !is_caught(frame, place);
            self.pages.uses(response).refused |= is_refused;
        }
    }

    fn guard(&mut self, frame: &Frame<'p>, Asked { response, part, is_sure, .. }: Asked, block: &'p [Stmt]) {
        // What has no expression, as a bare `break`, makes no call.
        let place = extent(frame, block).unwrap_or(NOWHERE);
        if part == Part::Key && is_sure {
            let fails = fails(frame.module, block) && !is_caught(frame, place);
            self.pages.uses(response).refused |= fails || self.answers_without(frame, block, response);
        }
        self.further.guarded.insert(Guarded { response, by: frame.instance, place, leaves: !falls_through(block) });
    }

    /// Whether a block answers with an error, and with nothing of the response: `return {"statusCode": 413}`.
    fn answers_without(&self, frame: &Frame<'p>, block: &[Stmt], response: ResponseId) -> bool {
        let Some(Stmt::Return(Some(answer))) = block.last() else { return false };
        let is_of_page = |slot| Pages::is_of(&self.values, frame.slot(slot), response);
        let mut is_error = false;
        let mut without = true;
        for (_, expr) in frame.module.exprs_in(frame.module.expr(*answer).range) {
            match expr.kind {
                ExprKind::Name(Place::Local(slot), _) => without &= !is_of_page(slot),
                ExprKind::Int(status) => is_error |= (400..600).contains(&status),
                _ => {}
            }
        }
        is_error && without
    }

    /// Notes a call of another service that may start a program.
    pub fn note_start(&mut self, frame: &Frame<'p>, receiver: Atom, method: &str, site: CallSite) {
        let is_service = matches!(
            receiver,
            Atom::Client(..) | Atom::Resource(..) | Atom::ExternalObject(_) | Atom::Opaque(_) | Atom::Method(..)
        );
        let of_each = || site.is_some_and(|site| is_in_for(frame.module, site));
        if is_service && STARTS.contains(&method) && !of_each() {
            self.further.starts.insert((frame.instance, site));
        }
    }

    /// Whether a program is started again where there was anything, or a further page, of a table whose items are deleted: it
    /// reads what is left.
    pub fn is_started_again(&self, instance: InstanceId, response: ResponseId, table: Val) -> bool {
        !self.further.starts.is_empty()
            && self.guarded(response).any(|Guarded { by, place, .. }| {
                (self.deletes_below(instance, table) || self.deletes_below(*by, table))
                    && self.starts_below(*by, *place)
            })
    }

    fn guarded(&self, response: ResponseId) -> impl Iterator<Item = &Guarded> {
        let first = Guarded { response, by: InstanceId(0), place: NOWHERE, leaves: false };
        self.further.guarded.range(first..).take_while(move |guarded| guarded.response == response)
    }

    /// Whether somebody stops where a response has items, or a further page.
    pub fn stops_at_items(&self, by: InstanceId, response: ResponseId) -> bool {
        self.guarded(response).any(|guarded| guarded.by == by && guarded.leaves)
    }

    /// Whether a piece of text makes a call that may start a program, itself or through others.
    fn starts_below(&self, by: InstanceId, place: Range) -> bool {
        let module = self.module(self.instance(by).module);
        let is_inside = |site: CallSite| site.is_some_and(|site| place.covers(module.expr(site).range));
        let called = self.calls.get(&by).into_iter().flatten().filter(|(_, _, site)| is_inside(*site));
        let roots: Vec<InstanceId> = called.map(|(callee, ..)| *callee).collect();
        let below = self.reachable(&roots, |_| true);
        let mut starts = self.further.starts.iter();
        starts.any(|(own, site)| below.contains_key(own) || *own == by && is_inside(*site))
    }

    /// Whether an instance, or what it calls, deletes items of a table, or may: batches and transactions do.
    pub fn deletes_below(&self, instance: InstanceId, table: Val) -> bool {
        use Operation::{BatchWriteItem, DeleteItem, TransactWriteItems};
        let deletes = |operation| matches!(operation, DeleteItem | BatchWriteItem | TransactWriteItems);
        let below = self.reachable(&[instance], |_| true);
        let mut records = below.keys().flat_map(|id| self.records_of(*id));
        records.any(|record| deletes(record.operation) && self.may_be_one(record.table, table))
    }

    /// Whether an instance writes to a table by itself.
    pub fn writes_to(&self, instance: InstanceId, table: Val) -> bool {
        let mut records = self.records_of(instance);
        records.any(|record| record.operation.kind() == OperationKind::Write && self.may_be_one(record.table, table))
    }

    /// Whether two names may be one table's.
    fn may_be_one(&self, a: Val, b: Val) -> bool {
        let is_known = |name: Val| {
            let atoms = self.values.atoms(name);
            !atoms.is_empty() && atoms.iter().all(|atom| matches!(atom, Atom::Str(_) | Atom::Text(_)))
        };
        let (names, others) = (self.values.atoms(a), self.values.atoms(b));
        !is_known(a) || !is_known(b) || names.iter().any(|name| others.contains(name))
    }

    /// What a test asks of responses.
    fn asked(&mut self, frame: &mut Frame<'p>, test: ExprId, depth: u8) -> Vec<Asked> {
        let module = frame.module;
        match &module.expr(test).kind {
            ExprKind::Not(inner) => turned(self.asked(frame, *inner, depth)),
            kind @ (ExprKind::And(left, right) | ExprKind::Or(left, right)) => {
                let decides = matches!(kind, ExprKind::Or(..));
                let mut asked = self.asked(frame, *left, depth);
                asked.extend(self.asked(frame, *right, depth));
                asked.iter_mut().for_each(|asked| asked.is_sure &= asked.truth == decides);
                asked
            }
            ExprKind::Compare(left, rest) => match rest.as_slice() {
                [(operator, right)] => self.asked_by(frame, (*left, *operator, *right), depth),
                _ => Vec::new(),
            },
            ExprKind::Call(callee, args) => match (&module.expr(*callee).kind, args.as_slice()) {
                (ExprKind::Name(_, name), [Arg::Positional(value)]) if matches!(module.name(*name), "bool" | "len") => {
                    self.asked(frame, *value, depth)
                }
                _ => self.asked_part(frame, test),
            },
            // `more = "LastEvaluatedKey" in response`
            ExprKind::Name(Place::Local(_), _) => {
                let told = self.asked_part(frame, test);
                if !told.is_empty() || depth == 0 {
                    return told;
                }
                let bindings = self.program.readings.bindings(self.program.codebase, frame.module_id);
                let only = Variable::named(module, test).and_then(|variable| bindings.only_object(variable));
                only.map_or(told, |value| self.asked(frame, value, depth - 1))
            }
            _ => self.asked_part(frame, test),
        }
    }

    /// `"LastEvaluatedKey" in response`, `key is not None`, `len(items) > 0`
    fn asked_by(
        &mut self,
        frame: &mut Frame<'p>,
        (left, operator, right): (ExprId, CompareOp, ExprId),
        depth: u8,
    ) -> Vec<Asked> {
        let module = frame.module;
        match operator {
            CompareOp::In | CompareOp::NotIn if module.is_text(left, "LastEvaluatedKey") => {
                let truth = operator == CompareOp::In;
                let responses = self.plain(frame, right).filter_map(|atom| match atom {
                    Atom::Response(response) => Some(Asked { response, part: Part::Key, truth, is_sure: true }),
                    _ => None,
                });
                responses.collect()
            }
            CompareOp::Is | CompareOp::Eq if is_nothing(&module.expr(right).kind) => {
                turned(self.asked(frame, left, depth))
            }
            CompareOp::IsNot | CompareOp::NotEq | CompareOp::Greater | CompareOp::GreaterEq | CompareOp::Eq => {
                self.asked(frame, left, depth)
            }
            _ => Vec::new(),
        }
    }

    fn asked_part(&mut self, frame: &mut Frame<'p>, part: ExprId) -> Vec<Asked> {
        let asked = |response, part| Some(Asked { response, part, truth: true, is_sure: true });
        let parts = self.plain(frame, part).filter_map(|atom| match atom {
            Atom::LastKey(response) => asked(response, Part::Key),
            Atom::Items(response) | Atom::Count(response) => asked(response, Part::Items),
            _ => None,
        });
        parts.collect()
    }

    /// The atoms of a name, or of a part of one: what is evaluated twice without doing anything twice.
    fn plain(&mut self, frame: &mut Frame<'p>, expr: ExprId) -> Atoms {
        let value = match &frame.module.expr(expr).kind {
            ExprKind::Walrus(Target::Name(Place::Local(slot), _), _) => frame.slot(*slot),
            _ if is_plain(frame, expr) => self.eval(frame, expr),
            _ => Val::BOTTOM,
        };
        self.values.atoms_vec(value)
    }
}

/// From the first expression in a block to the last.
fn extent(frame: &Frame<'_>, block: &[Stmt]) -> Option<Range> {
    let mut places = block.iter().filter_map(|stmt| stmt.extent(frame.module));
    let first = places.next()?;
    let end = places.last().map_or(first.end, |last| last.end.max(first.end));
    Some(Range { start: first.start, end })
}

/// `response`, `self.response["Items"]`, `response.get("LastEvaluatedKey")`.
fn is_plain(frame: &Frame<'_>, expr: ExprId) -> bool {
    let module = frame.module;
    let is_text = |key: ExprId| matches!(module.expr(key).kind, ExprKind::Str(_));
    match &module.expr(expr).kind {
        ExprKind::Name(..) => true,
        ExprKind::Attr(object, _) => is_plain(frame, *object),
        ExprKind::Subscript(object, key) => is_text(*key) && is_plain(frame, *object),
        ExprKind::Call(callee, args) => match &module.expr(*callee).kind {
            ExprKind::Attr(object, name) => {
                module.name(*name) == "get"
                    && args.first().is_some_and(|key| is_text(key.value()))
                    && is_plain(frame, *object)
            }
            _ => false,
        },
        _ => false,
    }
}

/// The same of the contrary test.
fn turned(mut asked: Vec<Asked>) -> Vec<Asked> {
    asked.iter_mut().for_each(|asked| asked.truth = !asked.truth);
    asked
}

fn is_nothing(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::None | ExprKind::Int(0) | ExprKind::Bool(false))
}

/// Whether every way through a block raises, or ends the program.
fn fails(module: &Module, block: &[Stmt]) -> bool {
    block.last().is_some_and(|last| match last {
        Stmt::Raise(..) => true,
        Stmt::If { then, otherwise, .. } => fails(module, then) && fails(module, otherwise),
        Stmt::With { body, .. } => fails(module, body),
        Stmt::Try { body, handlers, .. } => handlers.is_empty() && fails(module, body),
        Stmt::Expr(call) => ends(module, *call),
        _ => false,
    })
}

/// Whether a call ends the program, or is of a function of the module that always fails.
fn ends(module: &Module, call: ExprId) -> bool {
    let ExprKind::Call(callee, _) = module.expr(call).kind else { return false };
    match module.expr(callee).kind {
        ExprKind::Attr(_, name) => ENDS.contains(&module.name(name)),
        ExprKind::Name(_, name) => {
            let name = module.name(name);
            let raises = |function: &Function| matches!(function.body.as_slice(), [.., Stmt::Raise(..)]);
            let mut own = module.functions.iter().filter(|function| *function.name == *name).peekable();
            if own.peek().is_none() { ENDS.contains(&name) } else { own.all(raises) }
        }
        _ => false,
    }
}

/// Whether an error that is raised at a place may be caught in the same function by an `except` that doesn't fail itself.
fn is_caught(frame: &Frame<'_>, place: Range) -> bool {
    let module = frame.module;
    module.function(frame.function).body.way_to(module, place).any(|(block, at)| match &block[at] {
        Stmt::Try { body, handlers, .. } if body.covers(module, place) => {
            handlers.iter().any(|handler| !is_of_aws(module, handler) && !fails(module, &handler.body))
        }
        _ => false,
    })
}

/// `except ClientError`: what is refused, and nothing of ours.
fn is_of_aws(module: &Module, handler: &Handler) -> bool {
    handler.types.is_some_and(|types| match module.expr(types).kind {
        ExprKind::Name(_, name) | ExprKind::Attr(_, name) => {
            matches!(module.name(name), "ClientError" | "BotoCoreError")
                || module.name(name).ends_with("Exception") && module.name(name) != "Exception"
        }
        _ => false,
    })
}

/// Whether a call stands in a `for` loop of its function.
fn is_in_for(module: &Module, site: ExprId) -> bool {
    let place = module.expr(site).range;
    let mut way = module.function_around(site).body.way_to(module, place);
    way.any(|(block, at)| matches!(&block[at], Stmt::For { body, .. } if body.covers(module, place)))
}

/// Whether some way leads on from a block's end.
fn falls_through(block: &[Stmt]) -> bool {
    block.last().is_none_or(|last| match last {
        Stmt::Raise(..) | Stmt::Return(_) | Stmt::Continue | Stmt::Break => false,
        Stmt::If { then, otherwise, .. } => falls_through(then) || falls_through(otherwise),
        _ => true,
    })
}
