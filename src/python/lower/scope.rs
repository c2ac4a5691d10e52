//! Python's scopes. A name's place depends on bindings further down the file, so lowering first leaves a
//! *provisional* place (scope and name), and [`super::settle`] replaces it once every binding is known.

use crate::python::ir::{ClassId, FunctionId, NameId, Place, Slot};
use rustc_hash::FxHashMap;

/// Index into [`Scopes::all`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ScopeId(u32);

/// What opened a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScopeKind {
    Module,
    /// `def` or `lambda`.
    Function,
    Class(ClassId),
    Comprehension,
    /// `[T]` of a generic definition: sees an enclosing class's names, as the class body itself does.
    TypeParameters,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binding {
    Slot(Slot),
    Class,
    Global,
    Nonlocal,
}

#[derive(Debug)]
struct Scope {
    kind: ScopeKind,
    parent: Option<ScopeId>,
    /// The function whose frame holds the scope's slots.
    function: FunctionId,
    bindings: FxHashMap<NameId, Binding>,
}

/// All scopes of a file, and the one being lowered.
#[derive(Debug)]
pub(super) struct Scopes {
    all: Vec<Scope>,
    current: ScopeId,
}

impl Scopes {
    /// The module's scope alone.
    pub(super) fn new(top: FunctionId) -> Self {
        let module = Scope { kind: ScopeKind::Module, parent: None, function: top, bindings: FxHashMap::default() };
        Self { all: vec![module], current: ScopeId(0) }
    }

    fn scope(&self, id: ScopeId) -> &Scope {
        &self.all[id.0 as usize]
    }

    /// Opens a scope inside the current one; [`Self::leave`] takes what this returns.
    pub(super) fn enter(&mut self, kind: ScopeKind, function: FunctionId) -> ScopeId {
        let outer = self.current;
        self.current = ScopeId(u32::try_from(self.all.len()).expect("fewer scopes than bytes in a file"));
        self.all.push(Scope { kind, parent: Some(outer), function, bindings: FxHashMap::default() });
        outer
    }

    /// Back to an outer scope; gives the scope that was left.
    pub(super) fn leave(&mut self, outer: ScopeId) -> ScopeId {
        std::mem::replace(&mut self.current, outer)
    }

    /// The function whose frame holds the current scope's slots.
    pub(super) fn function(&self) -> FunctionId {
        self.scope(self.current).function
    }

    /// The scope that a definition stands in, type parameters looked through.
    pub(super) fn definition_kind(&self) -> ScopeKind {
        let mut scope = self.scope(self.current);
        while let (ScopeKind::TypeParameters, Some(parent)) = (scope.kind, scope.parent) {
            scope = self.scope(parent);
        }
        scope.kind
    }

    /// Whether the current scope declares a name `global`.
    pub(super) fn is_declared_global(&self, name: NameId) -> bool {
        self.scope(self.current).bindings.get(&name) == Some(&Binding::Global)
    }

    /// The provisional place of a name read in the current scope.
    pub(super) fn read(&self, name: NameId) -> Place {
        provisional(self.current, name)
    }

    /// Binds a name in the current scope; `slots` are those of the scope's function.
    pub(super) fn bind(&mut self, name: NameId, slots: &mut Vec<NameId>) -> Place {
        self.bind_in(self.current, name, slots)
    }

    /// Binds the name of a `:=`, which looks through comprehensions.
    pub(super) fn bind_walrus(&mut self, name: NameId, slots: &mut Vec<NameId>) -> Place {
        let mut id = self.current;
        while let (ScopeKind::Comprehension, Some(parent)) = (self.scope(id).kind, self.scope(id).parent) {
            id = parent;
        }
        self.bind_in(id, name, slots)
    }

    fn bind_in(&mut self, id: ScopeId, name: NameId, slots: &mut Vec<NameId>) -> Place {
        let scope = &mut self.all[id.0 as usize];
        match scope.kind {
            ScopeKind::Module => {}
            ScopeKind::Class(_) => {
                scope.bindings.entry(name).or_insert(Binding::Class);
            }
            ScopeKind::Function | ScopeKind::Comprehension | ScopeKind::TypeParameters => {
                scope.bindings.entry(name).or_insert_with(|| Binding::Slot(new_slot(name, slots)));
            }
        }
        provisional(id, name)
    }

    /// Binds a parameter: always a slot of its own, in order.
    pub(super) fn bind_parameter(&mut self, name: NameId, slots: &mut Vec<NameId>) -> Slot {
        let slot = new_slot(name, slots);
        self.all[self.current.0 as usize].bindings.insert(name, Binding::Slot(slot));
        slot
    }

    /// `global name`.
    pub(super) fn declare_global(&mut self, name: NameId) {
        self.declare(name, Binding::Global);
    }

    /// `nonlocal name`.
    pub(super) fn declare_nonlocal(&mut self, name: NameId) {
        self.declare(name, Binding::Nonlocal);
    }

    fn declare(&mut self, name: NameId, binding: Binding) {
        self.all[self.current.0 as usize].bindings.insert(name, binding);
    }

    /// The place that a provisional one stands for.
    pub(super) fn settle(&self, place: Place) -> Place {
        let Place::Enclosing(FunctionId(scope), Slot(name)) = place else { return place };
        let (start, name) = (ScopeId(scope), NameId(name));
        let function = self.scope(start).function;
        let mut sees_class = true;
        let mut next = Some(start);
        while let Some(id) = next {
            let scope = self.scope(id);
            match (scope.kind, scope.bindings.get(&name)) {
                (ScopeKind::Class(_), _) if !sees_class => {}
                (_, Some(Binding::Slot(slot))) if scope.function == function => return Place::Local(*slot),
                (_, Some(Binding::Slot(slot))) => return Place::Enclosing(scope.function, *slot),
                (_, Some(Binding::Class)) => return Place::Class(name),
                (_, Some(Binding::Global)) => return Place::Global(name),
                (_, Some(Binding::Nonlocal) | None) => {}
            }
            sees_class &= scope.kind == ScopeKind::TypeParameters;
            next = scope.parent;
        }
        Place::Global(name)
    }
}

/// The scope goes where a function's id would, the name where a slot would.
fn provisional(scope: ScopeId, name: NameId) -> Place {
    Place::Enclosing(FunctionId(scope.0), Slot(name.0))
}

fn new_slot(name: NameId, slots: &mut Vec<NameId>) -> Slot {
    let slot = Slot(u32::try_from(slots.len()).expect("fewer locals than bytes in a file"));
    slots.push(name);
    slot
}
