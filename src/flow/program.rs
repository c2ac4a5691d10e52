//! What every interpretation shares about the code: interned names and which modules can matter.

use super::naming::{Telling, naming_functions};
use super::readings::Readings;
use super::unbound::plain_modules;
use super::value::{Names, Sym};
use crate::dynamodb::operation::Operation;
use crate::python::ir::{ExprId, ExprKind, FunctionId, NameId, Place, Stmt, Target};
use crate::python::{Codebase, ModuleId};
use rustc_hash::FxHashSet;

/// The code with its names interned.
#[derive(Debug)]
pub(super) struct Program<'p> {
    /// Whether to find out where names come from.
    pub with_origins: bool,
    pub codebase: &'p Codebase,
    pub names: Names,
    /// Symbol of each module's [`NameId`]s.
    syms: Vec<Vec<Sym>>,
    /// Attribute expressions whose name is that of a DynamoDB operation, by module.
    candidates: Vec<Vec<ExprId>>,
    /// Module globals that some statement binds, by module.
    globals: Vec<FxHashSet<NameId>>,
    candidate_names: FxHashSet<Sym>,
    naming: Vec<Vec<Telling>>,
    quiet: FxHashSet<ModuleId>,
    plain: FxHashSet<ModuleId>,
    pub readings: Readings,
}

impl<'p> Program<'p> {
    pub fn new(codebase: &'p Codebase) -> Self {
        let mut names = Names::default();
        let syms: Vec<Vec<Sym>> =
            codebase.modules.iter().map(|m| m.names.iter().map(|n| names.intern(n)).collect()).collect();
        let candidates = codebase
            .modules
            .iter()
            .map(|module| {
                module
                    .all_exprs()
                    .filter(|(_, e)| matches!(e.kind, ExprKind::Attr(_, name) if is_candidate(module.name(name))))
                    .map(|(id, _)| id)
                    .collect()
            })
            .collect();
        let globals = codebase.modules.iter().map(bound_globals).collect();
        let candidate_names = names.all().filter(|(_, name)| is_candidate(name)).map(|(sym, _)| sym).collect();
        let naming = naming_functions(
            &codebase.modules,
            |module, name| syms[module.0 as usize][name.0 as usize],
            |name| names.find(name),
        );
        let quiet = quiet_modules(codebase);
        Self {
            with_origins: false,
            codebase,
            names,
            syms,
            candidates,
            globals,
            candidate_names,
            naming,
            quiet,
            plain: plain_modules(codebase),
            readings: Readings::new(codebase),
        }
    }

    pub fn sym(&self, module: ModuleId, name: NameId) -> Sym {
        self.syms[module.0 as usize][name.0 as usize]
    }

    /// Whether a module holds DynamoDB calls, or makes what they are made on.
    pub fn touches_tables(&self, module: ModuleId) -> bool {
        let names = &self.codebase.module(module).names;
        !self.candidates(module).is_empty() || names.iter().any(|n| matches!(&**n, "boto3" | "aioboto3" | "Table"))
    }

    /// Whether a module belongs to an installed package that doesn't work with DynamoDB: it is as any library.
    pub fn is_quiet(&self, module: ModuleId) -> bool {
        self.quiet.contains(&module)
    }

    /// As [`Program::binds_global`], of any name.
    pub fn binds(&self, module: ModuleId, name: &str) -> bool {
        let known = &self.codebase.module(module).names;
        self.globals[module.0 as usize].iter().any(|bound| &*known[bound.0 as usize] == name)
    }

    /// Whether a module binds its names by statements alone.
    pub fn is_plain(&self, module: ModuleId) -> bool {
        self.plain.contains(&module)
    }

    /// What a function must be interpreted apart for.
    pub fn tells_apart(&self, module: ModuleId, function: FunctionId) -> Telling {
        self.naming[module.0 as usize][function.0 as usize]
    }

    /// Whether a method of this name may be a DynamoDB call.
    pub fn is_candidate_name(&self, name: Sym) -> bool {
        self.candidate_names.contains(&name)
    }

    /// Places in a module that may be DynamoDB calls, told from the method's name alone.
    pub fn candidates(&self, module: ModuleId) -> &[ExprId] {
        &self.candidates[module.0 as usize]
    }

    /// Whether the module binds this global anywhere.
    pub fn binds_global(&self, module: ModuleId, name: NameId) -> bool {
        self.globals[module.0 as usize].contains(&name)
    }
}

/// Modules of those installed packages in which no module knows boto3 or calls what is named as only DynamoDB's methods are.
fn quiet_modules(codebase: &Codebase) -> FxHashSet<ModuleId> {
    let tells = |name: &str| {
        matches!(name, "boto3" | "aioboto3" | "aiobotocore" | "botocore" | "batch_writer")
            || Operation::from_method(name).is_some_and(|_| name.ends_with("_item") || name.ends_with("_items"))
    };
    let installed: Vec<_> = codebase.ids().filter_map(|id| Some((id, codebase.package_of(id)?))).collect();
    let is_loud = |id: ModuleId| codebase.module(id).names.iter().any(|name| tells(name));
    let loud: FxHashSet<_> = installed.iter().filter(|(id, _)| is_loud(*id)).map(|(_, package)| *package).collect();
    installed.into_iter().filter(|(_, package)| !loud.contains(package)).map(|(id, _)| id).collect()
}

/// Methods that are DynamoDB calls on the right receiver.
fn is_candidate(name: &str) -> bool {
    matches!(name, "batch_writer" | "paginate" | "load" | "reload" | "get_paginator")
        || Operation::from_method(name)
            .is_some_and(|op| !matches!(op, Operation::TagResource | Operation::UntagResource | Operation::ListTables))
}

fn bound_globals(module: &crate::python::ir::Module) -> FxHashSet<NameId> {
    let mut bound = FxHashSet::default();
    let mut visit = |target: &Target| {
        bound.extend(target.leaves().into_iter().filter_map(|leaf| match leaf {
            Target::Name(Place::Global(name), _) => Some(*name),
            _ => None,
        }));
    };
    for function in &module.functions {
        each_target(&function.body, &mut visit);
    }
    for class in &module.classes {
        each_target(&class.body, &mut visit);
    }
    for expr in &module.exprs {
        if let ExprKind::Walrus(target, _) = &expr.kind {
            visit(target);
        }
    }
    bound
}

/// Calls `visit` with every target that the block binds, nested blocks included.
fn each_target(block: &[Stmt], visit: &mut impl FnMut(&Target)) {
    for stmt in block {
        stmt.targets().into_iter().for_each(&mut *visit);
        stmt.blocks().into_iter().for_each(|block| each_target(block, visit));
    }
}
