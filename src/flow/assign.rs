//! Binding targets to values: names, attributes, entries, and what is unpacked.

use super::Hides;
use super::frame::Frame;
use super::heap::{AllocKey, Kind};
use super::machine::Machine;
use super::sequence::Targets;
use super::value::Val;
use crate::python::ir::{ExprKind, NameId, Place, Slot, Target};
use crate::source::Span;

impl<'p> Machine<'p> {
    /// Binds a target. `span` is where a mapping's key is named, if not at the target itself.
    pub fn assign(&mut self, frame: &mut Frame<'p>, target: &'p Target, value: Val, span: Option<Span>) {
        match target {
            Target::Name(place, name) => self.assign_name(frame, *place, *name, value),
            Target::Attr(at, name) => {
                let from = self.at;
                let object = self.eval(frame, *at);
                self.at = from;
                let name = self.program.sym(frame.module_id, *name);
                self.set_attribute(frame, object, name, value);
                self.note_credentials_attribute(object, name);
                if name == self.class_methods[0] {
                    let span = self.span(frame.module_id, *at);
                    self.gap(span, "an object is given another class", Hides::Anything);
                }
                self.escape_into(frame, object, value, Some(*at));
            }
            Target::Subscript(object, index) => {
                let from = self.at;
                let container = self.eval(frame, *object);
                let key = self.eval(frame, *index);
                self.at = from;
                let span = span.unwrap_or_else(|| self.span(frame.module_id, *index));
                self.note_item_store(container, key);
                match frame.module.expr(*index).kind {
                    ExprKind::Slice(..) => self.set_slice(frame, container, key, value, span),
                    _ => self.set_item(frame, container, key, value, span),
                }
            }
            Target::Tuple(targets) => self.unpack(frame, targets, value),
            Target::Starred(inner) => self.assign(frame, inner, value, span),
        }
    }

    fn unpack(&mut self, frame: &mut Frame<'p>, targets: &'p [Target], value: Val) {
        let star = targets.iter().position(|t| matches!(t, Target::Starred(_)));
        let star = star.map(|star| (star, Targets::rest(frame.instance, &targets[star])));
        let dealt = Targets { count: targets.len(), star };
        let mut parts = vec![Val::BOTTOM; targets.len()];
        for atom in self.values.atoms_vec(value) {
            let known = self.sequence(frame, atom).and_then(|items| self.deal(frame, items, dealt));
            let items = known.unwrap_or_else(|| self.deal_any(frame, atom, dealt));
            for (part, item) in parts.iter_mut().zip(items) {
                *part = self.values.join(*part, item);
            }
        }
        for (target, part) in targets.iter().zip(parts) {
            self.assign(frame, target, part, None);
        }
    }

    fn assign_name(&mut self, frame: &mut Frame<'p>, place: Place, name: NameId, value: Val) {
        match place {
            Place::Local(slot) => self.assign_slot(frame, slot, value),
            Place::Enclosing(function, slot) => {
                let name = self.slot_name(frame, function, slot);
                if let Some(object) = self.enclosing_frame(frame.closure, function) {
                    self.write_field(object, name, value);
                }
            }
            Place::Global(name) => {
                let name = self.program.sym(frame.module_id, name);
                let (namespace, _) = self.heap.object(AllocKey::Module(frame.module_id), Kind::Module);
                self.write_field(namespace, name, value);
                self.know(frame, namespace, name, value);
            }
            Place::Class(_) => {
                let name = self.program.sym(frame.module_id, name);
                if let Some((_, namespace)) = frame.class {
                    self.write_field(namespace, name, value);
                }
            }
        }
    }

    pub fn assign_slot(&mut self, frame: &mut Frame<'p>, slot: Slot, value: Val) {
        frame.env.slots[slot.0 as usize] = value;
        for env in &mut frame.tries {
            let old = &mut env.slots[slot.0 as usize];
            *old = self.values.join(*old, value);
        }
        if let Some(own) = frame.own
            && frame.module.function(frame.function).captured.contains(&slot)
        {
            let name = self.slot_name(frame, frame.function, slot);
            self.write_field(own, name, value);
        }
    }
}
