//! Abstract interpretation of the IR from entry points: which DynamoDB calls are reached, with which table, index,
//! key condition and items, and what becomes of their results.
//!
//! Knows Python and boto3. Knows no template: names come in and go out as [`Symbolic`] strings, and `facts` matches
//! them to resources.

mod access;
mod anew;
mod annotation;
mod around;
mod assign;
mod batch_size;
mod boto;
mod budget;
mod builtins;
mod call;
mod call_graph;
mod cases;
mod caught;
mod class;
mod clock;
mod container;
mod context;
mod context_variable;
mod convert;
mod decorate;
mod depends;
mod dropped;
mod dump;
mod entry;
mod enums;
mod escape;
mod event;
mod every_record;
mod evidence;
mod exact;
mod expr;
mod expressions;
mod fallback;
mod fields;
mod found;
mod frame;
mod frequency;
mod further;
mod getters;
mod guess;
mod heap;
mod held;
mod hooks;
mod implicit;
mod injection;
mod injector;
mod instance;
mod item;
mod kept;
mod key_loop;
mod latent;
mod leftover;
mod library;
mod lifetime;
mod lineage;
mod located;
mod loops;
mod machine;
mod manage;
mod members;
mod merge;
mod metaclass;
mod modules;
mod naming;
mod narrow;
mod native;
mod object;
mod observe;
mod operator;
mod origin;
mod pages;
mod partial;
mod pattern;
mod powertools;
mod program;
mod protocol;
mod put_anew;
mod pynamodb;
mod readings;
mod record;
mod remarks;
mod request;
mod sequence;
mod settings;
mod shape;
mod special;
mod stmt;
mod strings;
mod subscript;
mod surely;
mod told;
mod trail;
mod unbound;
mod unchosen;
mod value;
mod widen;
mod wrapped;
mod wrapper;

pub use access::{
    Access, AttributeWrite, Certainty, Equalities, Held, ItemUse, Lifetime, Observation, PageFlow, Presence, Principal,
    PutBack, TimeForm,
};
pub use call_graph::{CallGraph, call_graph};
pub use evidence::{Event, Evidence, NameRole, Origin, Step};
pub use injection::Injection;
pub use item::ItemRead;
pub use key_loop::KeyLoop;
pub use loops::LoopFault;
pub use remarks::{Image, Remarks};
pub use request::{Clause, Conditions, Entry, Expression, Mapping, Part, Request, ValueType};
pub use shape::{Argument, CallShape, Fresh, ReadPart, Reading};

use crate::dynamodb::json::Json;
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use crate::python::{Codebase, ModuleId, SearchPath};
use crate::source::{FileId, Span};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// Who starts a piece of the program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryName {
    /// A Lambda function: stack index and logical id.
    Function(crate::dynamodb::symbolic::ResourceRef),
    /// A script, page or module that nothing imports.
    File(FileId),
}

/// A place where execution starts.
#[derive(Debug, Clone)]
pub struct EntryPoint {
    /// Who it is.
    pub name: EntryName,
    /// The module that holds it.
    pub module: ModuleId,
    /// What of that module runs.
    pub start: Start,
    /// Where its imports are looked up.
    pub search: SearchPath,
    /// Its environment.
    pub environment: Environment,
    /// What its event holds, if that is known.
    pub event: Option<Json>,
}

/// What runs of an entry point's module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// The handler, by its attribute path (never empty), once the module is imported.
    Handler(Vec<String>),
    /// The top level, as `__main__`.
    Script,
    /// The top level, as an import: what else of the module is looked at is called piece by piece.
    Import,
}

/// The environment variables of an entry point.
#[derive(Debug, Clone, Default)]
pub struct Environment {
    /// Known variables, each with every value that it may have and the place that sets it.
    pub variables: BTreeMap<String, EnvValue>,
    /// Whether other variables may be set too (scripts: yes; Lambdas: no, save AWS's own).
    pub open: bool,
}

/// An environment variable's possible values.
#[derive(Debug, Clone)]
pub struct EnvValue {
    /// Its possible values.
    pub values: Vec<Symbolic>,
    /// Whether it may be unset.
    pub optional: bool,
    /// Where the template sets it.
    pub span: Option<Span>,
}

/// What the interpretation found.
#[derive(Debug, Default)]
pub struct Analysis {
    /// One entry a call site, in order of file and place.
    pub accesses: Vec<Access>,
    /// Where it lost sight of something.
    pub gaps: Vec<Gap>,
    /// Python files that each entry point loaded, by index of the entry point.
    pub loaded: Vec<Vec<FileId>>,
    /// Files of packages that were installed beside the project's code: others mend them.
    pub installed: BTreeSet<FileId>,
    /// What else each entry point does that a template has a say in, by index of the entry point.
    pub remarks: Vec<Remarks>,
}

/// A place where the interpretation had to give up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// Where.
    pub span: Span,
    /// Why, as a noun phrase (`dynamic import`, `call through an unknown value`).
    pub reason: String,
    /// The entry point (index) that ran into it.
    pub entry: usize,
    /// What could be behind it, so that claims of its absence about this entry point must be withheld.
    pub hides: Hides,
    /// The name that is imported, if it isn't found.
    pub import: Option<Box<str>>,
}

/// Which DynamoDB calls could be where the interpretation can't look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hides {
    /// None that are known of: something unknown runs there, but it was given nothing that reaches a table.
    Nothing,
    /// Calls of this operation, on any table.
    Operation(Operation),
    /// Calls of any kind on the table of this name. A name that is no table's hides nothing.
    Table(Symbolic),
    /// Any calls on tables whose items no call of the entry point's that is seen touches: what it may do to a table, it
    /// does somewhere.
    Untouched,
    /// Any calls, if none that is seen of the entry point's touches the items of a table.
    AllUnseen,
    /// Any calls.
    Anything,
    /// Any calls, for the analysis of the entry point was cut short.
    Rest,
}

/// Stacks of interpreting threads, the largest that the system gives: calls nest as deep as the program's.
const STACK_SIZES: [usize; 3] = [512 << 20, 128 << 20, 32 << 20];

/// Interprets the program from every entry point, then what none of them reaches.
pub fn analyze(codebase: &Codebase, entries: &[EntryPoint]) -> Analysis {
    interpret(&program::Program::new(codebase), entries)
}

/// As [`analyze`], and finds out where the names of tables and indexes come from. What is found else is the same.
pub fn analyze_with_origins(codebase: &Codebase, entries: &[EntryPoint]) -> Analysis {
    let mut program = program::Program::new(codebase);
    program.with_origins = true;
    interpret(&program, entries)
}

fn interpret(program: &program::Program<'_>, entries: &[EntryPoint]) -> Analysis {
    with_deep_stacks(|| {
        let results: Vec<_> =
            entries.par_iter().enumerate().map(|(i, entry)| entry::run_entry(program, entry, i)).collect();
        let latent = latent::run_latent(program, entries, &results);
        merge::merge(program, results, latent)
    })
}

/// Runs on as many threads as there are cores, with the deepest stacks that can be had.
fn with_deep_stacks<T: Send>(interpret: impl FnOnce() -> T + Send) -> T {
    let pools = STACK_SIZES.iter().filter_map(|size| rayon::ThreadPoolBuilder::new().stack_size(*size).build().ok());
    match { pools }.next() {
        Some(pool) => pool.install(interpret),
        None => interpret(),
    }
}
