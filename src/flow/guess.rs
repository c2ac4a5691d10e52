//! Callees that are guessed by their name, where the receiver's class isn't known or is only one of several.

use super::Hides;
use super::call::Args;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::ClassId;

/// Most methods of one name that a call through an unknown receiver is taken to possibly reach.
pub(super) const MAX_GUESSES: usize = 8;

impl<'p> Machine<'p> {
    /// A call through a receiver that is lost: in the second phase, the methods of that name are possible callees.
    pub fn call_lost(&mut self, frame: &mut Frame<'p>, receiver: Atom, name: Sym, args: &Args, site: CallSite) -> Val {
        if let Some(result) = self.call_by_shape(frame, receiver, name, args, site) {
            return result;
        }
        if let Atom::Opaque(reason) = receiver
            && self.leads_to_code(name)
        {
            self.note_lost_call(frame, reason, site);
        }
        self.note_lost_method(frame, name, args, site);
        self.hand_out(frame, args, site);
        let result = self.values.one(receiver);
        if !self.settled {
            // To be tried again when all classes are known.
            self.unset(frame.instance);
            return result;
        }
        let candidates = self.methods.get(&name).into_iter().flatten().copied().collect();
        self.call_candidates(frame, candidates, name, args, site);
        result
    }

    /// A method of an object of which only a base class or a protocol is known, from an annotation: what takes its place
    /// in another class is a possible callee too, and what that returns is lost.
    pub fn call_overrides(
        &mut self,
        frame: &mut Frame<'p>,
        (receiver, method): (Atom, Atom),
        args: &Args,
        site: CallSite,
    ) -> Val {
        let (Atom::Object(object), Atom::Function(module, function, _)) = (receiver, method) else {
            return Val::BOTTOM;
        };
        let Kind::Instance(of, class) = self.heap.get(object).kind else { return Val::BOTTOM };
        if self.heap.find(AllocKey::AnyInstance(of, class)) != Some(object) {
            return Val::BOTTOM;
        }
        if !self.settled {
            return self.unset(frame.instance);
        }
        let name = self.function(module, function).name.clone();
        let name = self.values.sym(&name);
        let protocol = self.is_protocol(of, class);
        let takes_its_place = |m: &Self, other: (ModuleId, ClassId)| {
            other != (of, class) && (protocol || m.ancestry(other.0, other.1).ours.contains(&(of, class)))
        };
        let named = self.methods.get(&name).into_iter().flatten().copied();
        let candidates: Vec<_> = named.filter(|other| takes_its_place(self, *other)).collect();
        if candidates.is_empty() {
            return Val::BOTTOM;
        }
        self.call_candidates(frame, candidates, name, args, site);
        self.values.opaque("returned by a method of a class that isn't known")
    }

    /// Whether any class with the right methods will do.
    fn is_protocol(&self, module: ModuleId, class: ClassId) -> bool {
        let bases = self.classes.get(&(module, class)).into_iter().flat_map(|info| &info.bases);
        bases.flat_map(|base| self.values.atoms(*base)).any(|atom| match atom {
            Atom::External(path) | Atom::ExternalObject(path) => self.values.str(*path).ends_with(".Protocol"),
            _ => false,
        })
    }

    fn call_candidates(
        &mut self,
        frame: &mut Frame<'p>,
        candidates: Vec<(ModuleId, ClassId)>,
        name: Sym,
        args: &Args,
        site: CallSite,
    ) {
        if candidates.len() > MAX_GUESSES {
            self.note_many(frame, &candidates, name, site);
            return;
        }
        for (module, class) in candidates {
            self.call_possible(frame, (module, class), name, args, site);
        }
    }

    /// Too many classes define a method for it to be guessed whose is called.
    pub fn note_many(&mut self, frame: &Frame<'p>, definers: &[(ModuleId, ClassId)], name: Sym, site: CallSite) {
        if definers.iter().any(|(module, _)| !self.program.candidates(*module).is_empty()) {
            let reason = format!("a call of `{}` on an unknown object", self.values.str(name));
            let span = self.place(frame, site);
            self.gap(span, &reason, Hides::Anything);
        }
    }

    fn call_possible(
        &mut self,
        frame: &mut Frame<'p>,
        (module, class): (ModuleId, ClassId),
        name: Sym,
        args: &Args,
        site: CallSite,
    ) {
        let found = self.class_field(module, class, name, frame.instance);
        let receiver = self.any_instance(module, class);
        for atom in self.values.atoms_vec(found) {
            self.call_function_perhaps(frame, atom, Some(receiver), args, site);
        }
    }
}
