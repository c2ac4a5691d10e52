//! The locals of one running instance, and how paths join.

use super::heap::InstanceId;
use super::value::{ObjId, Val, Values};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, FunctionId, Module, Slot};

/// Values of the locals at one point of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Env {
    pub slots: Vec<Val>,
    /// Whether the point can be reached.
    pub live: bool,
}

impl Env {
    pub fn dead(&self) -> Self {
        Self { slots: self.slots.clone(), live: false }
    }

    /// Takes the constants from locals that differ from what they were: text that a loop builds would grow for long.
    pub fn blur(&mut self, before: &Env, values: &mut Values<'_>) {
        for (mine, old) in self.slots.iter_mut().zip(&before.slots) {
            if mine != old {
                *mine = values.without_constants(*mine);
            }
        }
    }

    /// What holds where two paths meet.
    pub fn join(&mut self, other: &Env, values: &mut Values<'_>) {
        if !other.live {
            return;
        }
        if !self.live {
            self.clone_from(other);
            return;
        }
        // Paths differ in few of a long function's locals.
        for (mine, theirs) in self.slots.iter_mut().zip(&other.slots).filter(|(mine, theirs)| *mine != *theirs) {
            *mine = values.join(*mine, *theirs);
        }
    }
}

/// Paths that leave a loop's body early.
#[derive(Debug, Default)]
pub(super) struct LoopExits {
    pub breaks: Vec<Env>,
    pub continues: Vec<Env>,
    /// `while`, or a `for` that may be left before its end: it may do the same until nothing is left.
    pub repeats: bool,
}

impl LoopExits {
    /// Sets aside what left the body so far.
    pub fn take(&mut self) -> Self {
        let (breaks, continues) = (std::mem::take(&mut self.breaks), std::mem::take(&mut self.continues));
        Self { breaks, continues, repeats: self.repeats }
    }

    /// Adds a path to those of its kind.
    pub fn add(gathered: &mut Vec<Env>, env: Env, values: &mut Values<'_>) {
        match gathered.first_mut() {
            Some(one) => one.join(&env, values),
            None => gathered.push(env),
        }
    }

    /// Adds the paths of others.
    pub fn join(&mut self, other: Self, values: &mut Values<'_>) {
        other.breaks.into_iter().for_each(|env| Self::add(&mut self.breaks, env, values));
        other.continues.into_iter().for_each(|env| Self::add(&mut self.continues, env, values));
    }
}

/// A running instance.
#[derive(Debug)]
pub(super) struct Frame<'p> {
    pub module_id: ModuleId,
    pub module: &'p Module,
    pub function: FunctionId,
    pub instance: InstanceId,
    pub env: Env,
    /// The object that holds locals which inner functions see.
    pub own: Option<ObjId>,
    /// The frame around this one (object number plus one; 0 for none).
    pub closure: u32,
    /// The class whose body is running.
    pub class: Option<(ClassId, ObjId)>,
    /// The class that lexically holds the function, for `super()`.
    pub owner: Option<ClassId>,
    /// Branches and loops around the current statement.
    pub guard: Vec<u32>,
    pub next_guard: u32,
    pub loops: Vec<LoopExits>,
    /// For each `try` around the statement: everything that its locals held at some point of the body.
    pub tries: Vec<Env>,
    /// Blocks around the statement that may be left early, or of which it isn't known whether they run.
    pub unsure: u32,
    /// Handlers around the statement that only run where imports fail which are found.
    pub fallbacks: u32,
    pub result: Val,
    pub yields: Val,
}

impl<'p> Frame<'p> {
    /// A frame of a function whose locals nothing has set: no class's, guarded by nothing.
    pub fn new(
        (module_id, module): (ModuleId, &'p Module),
        function: FunctionId,
        instance: InstanceId,
        closure: u32,
    ) -> Self {
        Self {
            module_id,
            module,
            function,
            instance,
            env: Env { slots: vec![Val::BOTTOM; module.function(function).slots.len()], live: true },
            own: None,
            closure,
            class: None,
            owner: None,
            guard: Vec::new(),
            next_guard: 0,
            loops: Vec::new(),
            tries: Vec::new(),
            unsure: 0,
            fallbacks: 0,
            result: Val::BOTTOM,
            yields: Val::BOTTOM,
        }
    }

    /// Marks the rest of the block as reached only under a condition, for the time of `guard`.
    pub fn enter_branch(&mut self) {
        self.guard.push(self.next_guard);
        self.next_guard += 1;
    }

    pub fn leave_branch(&mut self) {
        self.guard.pop();
    }

    pub fn slot(&self, slot: Slot) -> Val {
        self.env.slots[slot.0 as usize]
    }
}
