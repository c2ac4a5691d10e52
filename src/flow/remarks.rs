//! What live code does, besides its DynamoDB calls, that a template has a say in: variables that it can't do without, images
//! of a stream's records, failures that it reports one by one.

use super::frame::Frame;
use super::heap::InstanceId;
use super::machine::Machine;
use super::surely::{always_answers, comes_first};
use super::value::{Atom, Val};
use crate::dynamodb::symbolic::Symbolic;
use crate::python::ModuleId;
use crate::python::ir::{Expr, ExprId, ExprKind, Module, Range};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

/// What an entry point's code surely does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remarks {
    /// Environment variables that it reads whatever happens (`os.environ["X"]` at the top level of a module that it always
    /// loads, or first thing in its handler), and that neither the template nor the code sets: the first place of each.
    pub missing_variables: BTreeMap<String, Span>,
    /// Images of a stream's records that its handler takes for granted, itself: the first place of each.
    pub images: BTreeMap<Image, Span>,
    /// Where its handler returns `batchItemFailures`, if it always does and the list isn't always empty.
    pub reports_failures: Option<Span>,
    /// Whether `batchItemFailures`, or a library that returns them, is named anywhere in the files that it loads, or what its
    /// handler returns isn't seen through.
    pub may_report_failures: bool,
    /// Texts that may be or hold a table's name and go where nobody sees what becomes of them: to another service or library,
    /// to whoever invokes it, into an item.
    pub told: BTreeSet<Symbolic>,
}

/// An image of a changed item.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_StreamRecord.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Image {
    /// After the change.
    New,
    /// Before it.
    Old,
}

impl Image {
    /// The record's field.
    pub fn field(self) -> &'static str {
        match self {
            Self::New => "NewImage",
            Self::Old => "OldImage",
        }
    }

    fn of(field: &str) -> Option<Self> {
        [Self::New, Self::Old].into_iter().find(|image| image.field() == field)
    }
}

/// A subscript that fails if there is nothing under the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taken {
    Variable,
    Image(Image),
}

/// Subscripts by context and place.
pub(super) type Takings = BTreeSet<(InstanceId, ModuleId, ExprId, Taken)>;

const FAILURES: &str = "batchItemFailures";

/// Names of Powertools' batch processing, which returns the failures.
/// <https://docs.powertools.aws.dev/lambda/python/latest/utilities/batch/>
const PROCESSORS: [&str; 6] = [
    "process_partial_response",
    "async_process_partial_response",
    "batch_processor",
    "async_batch_processor",
    "BatchProcessor",
    "SqsFifoPartialProcessor",
];

/// Names of what sets variables out of sight.
/// <https://pypi.org/project/python-dotenv/>
const LOADERS: [&str; 4] = ["load_dotenv", "dotenv", "putenv", "read_env"];

/// Variables that Lambda sets, or its operating system.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
fn is_set_by_lambda(name: &str) -> bool {
    const OTHERS: [&str; 8] = ["TZ", "PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "HOME", "PWD", "SHLVL"];
    ["AWS_", "LAMBDA_", "_"].iter().any(|start| name.starts_with(start)) || OTHERS.contains(&name)
}

impl<'p> Machine<'p> {
    /// `object[index]` was evaluated.
    pub fn note_taken(&mut self, frame: &Frame<'p>, site: ExprId, object: Val, index: Val) {
        self.note_item_read(frame, site, object, index);
        let Some(Atom::Str(name)) = self.values.single(index) else { return };
        let name = self.values.str(name);
        let taken = match self.values.single(object) {
            Some(Atom::Environ) if frame.guard.is_empty() && frame.unsure == 0 && self.is_missing(name) => {
                Taken::Variable
            }
            Some(Atom::Data(_)) => match Image::of(name) {
                Some(image) if frame.tries.is_empty() => Taken::Image(image),
                _ => return,
            },
            _ => return,
        };
        self.takings.insert((frame.instance, frame.module_id, site, taken));
    }

    fn is_missing(&self, name: &str) -> bool {
        let environment = &self.entry.environment;
        !environment.open && !environment.variables.contains_key(name) && !is_set_by_lambda(name)
    }

    /// What surely happens, `resolved` being what is surely reached, from `root` and the handler on.
    pub(super) fn remarks(&mut self, resolved: &BTreeSet<InstanceId>, root: InstanceId, handler: Val) -> Remarks {
        let mut out = Remarks { told: self.told_names(), ..Remarks::default() };
        let loaded: Vec<ModuleId> = self.modules.keys().copied().collect();
        let modules: Vec<&'p Module> = loaded.iter().map(|id| self.program.codebase.module(*id)).collect();
        let takings = std::mem::take(&mut self.takings);
        // Whoever names it elsewhere asks whether it is there, or sets it.
        let asked = if takings.is_empty() { FxHashSet::default() } else { named_otherwise(&modules) };
        let sets_unseen = names_any(&modules, &LOADERS)
            || self.sets_variables_unseen()
            || !takings.is_empty() && modules.iter().any(|module| hands_environment_on(module));
        let handler = self.plain_handler(handler);
        let sure = self.surely_loaded(root);
        for (instance, module, site, taken) in takings {
            let module = self.program.codebase.module(module);
            let ExprKind::Subscript(_, index) = &module.expr(site).kind else { continue };
            let ExprKind::Str(name) = &module.expr(*index).kind else { continue };
            let range = module.expr(site).range;
            if !resolved.contains(&instance) || is_conditional(module, range) || asked.contains(&**name) {
                continue;
            }
            let span = Span::new(module.file, range.start, range.end);
            let running = self.instance(instance);
            let is_handler = handler == Some((running.module, running.function));
            let function = module.function(running.function);
            match taken {
                Taken::Variable if sets_unseen => {}
                Taken::Variable
                    if !(sure.contains(&instance) || is_handler && comes_first(module, function, range)) => {}
                Taken::Image(_) if !is_handler || !is_of_record(module, site) => {}
                Taken::Variable => first(out.missing_variables.entry(name.to_string()).or_insert(span), span),
                Taken::Image(image) => first(out.images.entry(image).or_insert(span), span),
            }
        }
        if let Some((module, function)) = handler {
            let module = self.program.codebase.module(module);
            let answer = always_answers(module, module.function(function), FAILURES);
            out.reports_failures = answer.map(|range| Span::new(module.file, range.start, range.end));
        }
        out.may_report_failures = modules.iter().flat_map(|module| strings(module)).any(|(.., text)| text == FAILURES)
            || names_any(&modules, &PROCESSORS)
            || !handler.is_some_and(|handler| self.is_answer_known(handler));
        out
    }

    /// `os.environ.update(settings)`: which variables that sets isn't known.
    fn sets_variables_unseen(&mut self) -> bool {
        let own = self.own_environment();
        self.heap.peek(self.heap.get(own).elements) != Val::BOTTOM
    }
}

fn first(known: &mut Span, span: Span) {
    *known = span.min(*known);
}

/// The string literals of a module, each with its place and text.
fn strings(module: &Module) -> impl Iterator<Item = (ExprId, Range, &str)> {
    module.all_exprs().filter_map(|(id, expr)| match &expr.kind {
        ExprKind::Str(text) => Some((id, expr.range, &**text)),
        _ => None,
    })
}

fn names_any(modules: &[&Module], wanted: &[&str]) -> bool {
    modules.iter().flat_map(|module| &module.names).any(|name| wanted.contains(&&**name))
}

/// Texts that stand anywhere but in a subscript that is read: `"X" in os.environ`, `.get("X")`, `os.environ["X"] = …`.
fn named_otherwise<'m>(modules: &[&'m Module]) -> FxHashSet<&'m str> {
    let mut out = FxHashSet::default();
    for module in modules {
        let index = |expr: &Expr| if let ExprKind::Subscript(_, index) = &expr.kind { Some(*index) } else { None };
        let indexes: FxHashSet<ExprId> = module.exprs.iter().filter_map(index).collect();
        out.extend(strings(module).filter(|(id, ..)| !indexes.contains(id)).map(|(.., text)| text));
    }
    out
}

/// Whether a place is within an expression that need not be evaluated.
fn is_conditional(module: &Module, range: Range) -> bool {
    let may_be_left_out = |kind: &ExprKind| {
        matches!(
            kind,
            ExprKind::And(..)
                | ExprKind::Or(..)
                | ExprKind::If { .. }
                | ExprKind::Lambda(_)
                | ExprKind::Comprehension(_)
        )
    };
    let mut around = module.exprs.iter().filter(|expr| expr.range.covers(range));
    around.any(|expr| may_be_left_out(&expr.kind))
}

/// Whether `os.environ` stands anywhere but before `[` or the name of a method that sets nothing unseen.
fn hands_environment_on(module: &Module) -> bool {
    let is_environment = |id: ExprId| match &module.expr(id).kind {
        ExprKind::Attr(_, name) | ExprKind::Name(_, name) => module.name(*name) == "environ",
        _ => false,
    };
    let harmless: FxHashSet<ExprId> = module
        .exprs
        .iter()
        .filter_map(|expr| match &expr.kind {
            ExprKind::Subscript(object, _) => Some(*object),
            ExprKind::Attr(object, method) => {
                ["get", "setdefault", "pop", "keys"].contains(&module.name(*method)).then_some(*object)
            }
            _ => None,
        })
        .collect();
    module.all_exprs().any(|(id, _)| is_environment(id) && !harmless.contains(&id))
}

/// Whether a subscript's object is `…["dynamodb"]`, as the image's is in an event's record.
fn is_of_record(module: &Module, site: ExprId) -> bool {
    let ExprKind::Subscript(object, _) = &module.expr(site).kind else { return false };
    let ExprKind::Subscript(_, step) = &module.expr(*object).kind else { return false };
    module.is_text(*step, "dynamodb")
}
