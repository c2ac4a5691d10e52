//! Code that knows of further pages and doesn't read them: it fails where there are any, or has the program started again,
//! to read the first page of what is left. Neither loses items in silence.

use super::frame::Frame;
use super::heap::{CallSite, InstanceId};
use super::machine::Machine;
use super::pages::Pages;
use super::value::{Atom, Atoms, ResponseId, Val};
use crate::dynamodb::operation::Operation;
use crate::python::ir::{Arg, Block, CompareOp, ExprId, ExprKind, Place, Range, Stmt, Target};
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Calls of other services that may start a program, as boto3 names them.
const STARTS: &[&str] = &["invoke", "invoke_async", "send_message", "send_message_batch", "start_execution"];
/// The same, of services that are mostly told news.
const TELLS: &[&str] = &["put_events", "publish", "publish_batch", "put_record", "put_records"];

/// What a test asks of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// Whether it has a LastEvaluatedKey.
    Key,
    /// Whether it has items.
    Items,
}

/// What is known of code that knows of further pages.
#[derive(Debug, Default)]
pub(super) struct Further {
    /// Text that is run where a response has what it was asked for, by who runs it.
    guarded: BTreeSet<(ResponseId, Asked, InstanceId, Range)>,
    /// Calls that may start a program; true for those that more often tell news.
    starts: FxHashSet<(InstanceId, CallSite, bool)>,
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
        let mut asked = Vec::new();
        self.asked(frame, test, true, &mut asked);
        for (response, part, is_there) in asked {
            let (own, other) = if is_there { (then, otherwise) } else { (otherwise, then) };
            self.guard(frame, (response, part), own);
            if leaves(other) {
                self.guard(frame, (response, part), rest);
            }
        }
    }

    /// `assert "LastEvaluatedKey" not in response`
    pub fn note_assertion(&mut self, frame: &mut Frame<'p>, test: ExprId) {
        let mut asked = Vec::new();
        self.asked(frame, test, false, &mut asked);
        for (response, part, is_there) in asked {
            self.pages.uses(response).refused |= part == Asked::Key && is_there;
        }
    }

    fn guard(&mut self, frame: &Frame<'p>, (response, asked): (ResponseId, Asked), block: &'p [Stmt]) {
        self.pages.uses(response).refused |=
            asked == Asked::Key && (fails(block) || self.answers_without(frame, block, response));
        if let Some(place) = extent(frame, block) {
            self.further.guarded.insert((response, asked, frame.instance, place));
        }
    }

    /// Whether a block ends the function, and nothing in it is of the response: `return {"statusCode": 413}`.
    fn answers_without(&self, frame: &Frame<'p>, block: &[Stmt], response: ResponseId) -> bool {
        let (Some(Stmt::Return(Some(_))), Some(place)) = (block.last(), extent(frame, block)) else { return false };
        frame.module.exprs_in(place).all(|(_, expr)| match expr.kind {
            ExprKind::Name(Place::Local(slot), _) => !Pages::is_of(&self.values, frame.slot(slot), response),
            _ => true,
        })
    }

    /// Notes a call of another service that may start a program.
    pub fn note_start(&mut self, frame: &Frame<'p>, receiver: Atom, method: &str, site: CallSite) {
        let is_news = TELLS.contains(&method);
        let is_service = matches!(
            receiver,
            Atom::Client(..) | Atom::Resource(..) | Atom::ExternalObject(_) | Atom::Opaque(_) | Atom::Method(..)
        );
        if is_service && (is_news || STARTS.contains(&method)) {
            self.further.starts.insert((frame.instance, site, is_news));
        }
    }

    /// Whether a program is started again for what a page leaves: because there is a further one, or because there was anything,
    /// which is deleted.
    pub fn is_started_again(&self, instance: InstanceId, response: ResponseId) -> bool {
        let of_response = (response, Asked::Key, InstanceId(0), Range { start: 0, end: 0 })..;
        let guarded = self.further.guarded.range(of_response).take_while(|(guarded, ..)| *guarded == response);
        !self.further.starts.is_empty() && { guarded }.any(|(_, asked, by, place)| {
            let with_news = *asked == Asked::Key;
            (with_news || self.deletes_below(instance) || self.deletes_below(*by))
                && self.starts_below(*by, *place, with_news)
        })
    }

    /// Whether a piece of text makes a call that may start a program, itself or through others.
    fn starts_below(&self, by: InstanceId, place: Range, with_news: bool) -> bool {
        let module = self.module(self.instance(by).module);
        let is_inside = |site: CallSite| site.is_some_and(|site| place.covers(module.expr(site).range));
        let called = self.calls.get(&by).into_iter().flatten().filter(|(_, _, site)| is_inside(*site));
        let roots: Vec<InstanceId> = called.map(|(callee, ..)| *callee).collect();
        let below = self.reachable(&roots, |_| true);
        self.further.starts.iter().any(|(own, site, is_news)| {
            (with_news || !is_news) && (below.contains_key(own) || *own == by && is_inside(*site))
        })
    }

    /// Whether an instance, or what it calls, deletes items, or may: batches and transactions do.
    pub fn deletes_below(&self, instance: InstanceId) -> bool {
        let below = self.reachable(&[instance], |_| true);
        below.keys().any(|id| self.deletes_itself(*id))
    }

    /// The same, without what it calls.
    pub fn deletes_itself(&self, instance: InstanceId) -> bool {
        use Operation::{BatchWriteItem, DeleteItem, TransactWriteItems};
        let deletes = |operation| matches!(operation, DeleteItem | BatchWriteItem | TransactWriteItems);
        self.records_of(instance).any(|record| deletes(record.operation))
    }

    /// The responses that a test asks, if it turns out as given: what for, and whether that is there then. Each part of a
    /// test counts, as if the others were so, too.
    fn asked(&mut self, frame: &mut Frame<'p>, test: ExprId, truth: bool, out: &mut Vec<(ResponseId, Asked, bool)>) {
        let module = frame.module;
        match &module.expr(test).kind {
            ExprKind::Not(inner) => self.asked(frame, *inner, !truth, out),
            ExprKind::And(left, right) | ExprKind::Or(left, right) => {
                self.asked(frame, *left, truth, out);
                self.asked(frame, *right, truth, out);
            }
            ExprKind::Compare(left, rest) => {
                let [(operator, right)] = rest.as_slice() else { return };
                match operator {
                    CompareOp::In | CompareOp::NotIn if module.is_text(*left, "LastEvaluatedKey") => {
                        let is_there = truth == (*operator == CompareOp::In);
                        let object = self.plain(frame, *right);
                        out.extend(object.filter_map(|atom| match atom {
                            Atom::Response(response) => Some((response, Asked::Key, is_there)),
                            _ => None,
                        }));
                    }
                    CompareOp::Is | CompareOp::Eq if is_nothing(&module.expr(*right).kind) => {
                        self.asked(frame, *left, !truth, out);
                    }
                    _ => self.asked(frame, *left, truth, out),
                }
            }
            ExprKind::Call(callee, args) => {
                let measured = match (&module.expr(*callee).kind, args.as_slice()) {
                    (ExprKind::Name(_, name), [Arg::Positional(value)])
                        if matches!(module.name(*name), "bool" | "len") =>
                    {
                        Some(*value)
                    }
                    _ => None,
                };
                match measured {
                    Some(value) => self.asked(frame, value, truth, out),
                    None => self.asked_part(frame, test, truth, out),
                }
            }
            _ => self.asked_part(frame, test, truth, out),
        }
    }

    fn asked_part(
        &mut self,
        frame: &mut Frame<'p>,
        part: ExprId,
        truth: bool,
        out: &mut Vec<(ResponseId, Asked, bool)>,
    ) {
        out.extend(self.plain(frame, part).filter_map(|atom| match atom {
            Atom::LastKey(response) => Some((response, Asked::Key, truth)),
            Atom::Items(response) | Atom::Count(response) => Some((response, Asked::Items, truth)),
            _ => None,
        }));
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

fn is_nothing(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::None | ExprKind::Int(0) | ExprKind::Bool(false))
}

/// Whether every way through a block raises.
fn fails(block: &[Stmt]) -> bool {
    block.last().is_some_and(|last| match last {
        Stmt::Raise(..) => true,
        Stmt::If { then, otherwise, .. } => fails(then) && fails(otherwise),
        _ => false,
    })
}

/// Whether no way leads out at a block's end.
fn leaves(block: &[Stmt]) -> bool {
    block.last().is_some_and(|last| match last {
        Stmt::Raise(..) | Stmt::Return(_) | Stmt::Continue | Stmt::Break => true,
        Stmt::If { then, otherwise, .. } => leaves(then) && leaves(otherwise),
        _ => false,
    })
}
