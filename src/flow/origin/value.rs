//! Back from an expression to what its value came from: a part of it, a variable's assignment, a callee's return.

use super::ways::{Source, arguments, binders, parts, returns, sources};
use super::{Hop, Tracer, Way};
use crate::dynamodb::symbolic::Part;
use crate::flow::evidence::Event;
use crate::flow::heap::{AllocKey, InstanceId};
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, Sym, Val};
use crate::python::ir::{ClassId, ExprId, ExprKind, Place, Slot};

impl Machine<'_> {
    pub(super) fn behind_value(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        way: &mut Way,
    ) -> Option<Hop> {
        let module = self.module(self.instance(instance).module);
        if self.reads_variable(tracer, instance, expr, way) {
            return None;
        }
        let hop = match &module.expr(expr).kind {
            ExprKind::Str(_) => {
                way.step(self.place_of(instance, expr), Event::Names);
                return None;
            }
            ExprKind::Name(place, name) => {
                let name = self.program.sym(self.instance(instance).module, *name);
                self.behind_name(tracer, instance, expr, (*place, name), way)
            }
            ExprKind::Attr(object, name) => {
                let name = self.program.sym(self.instance(instance).module, *name);
                let object = self.value_of(tracer, instance, *object);
                let field = self.field_with(object, name, way.name).map(Hop::Cell);
                field.or_else(|| self.behind_callees(tracer, instance, expr, way))
            }
            ExprKind::Call(..) => {
                let returned = self.behind_callees(tracer, instance, expr, way);
                if returned.is_none() {
                    self.note_opening(tracer, instance, expr, way);
                }
                returned
            }
            _ => None,
        };
        hop.or_else(|| self.behind_parts(tracer, instance, expr, way)).or_else(|| {
            let value = self.value_of(tracer, instance, expr);
            self.cell_within(value, way.name).map(Hop::Cell)
        })
    }

    pub(super) fn behind_arguments(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        way: &mut Way,
    ) -> Option<Hop> {
        let module = self.module(self.instance(instance).module);
        let ExprKind::Call(_, args) = &module.expr(expr).kind else {
            return self.behind_parts(tracer, instance, expr, way);
        };
        let args: Vec<(ExprId, Val)> = arguments(args).map(|arg| (arg, self.value_of(tracer, instance, arg))).collect();
        let whole = args.iter().find(|(_, value)| self.is_or_names(*value, way.name));
        let held = whole.or_else(|| args.iter().find(|(_, value)| self.holds(*value, way.name)));
        held.map(|(arg, _)| Hop::Value(instance, *arg))
    }

    /// The part of an expression that holds the name; if none does, one that the name was built from.
    pub(super) fn behind_parts(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        way: &mut Way,
    ) -> Option<Hop> {
        let parts = parts(self.module(self.instance(instance).module), expr);
        let values: Vec<Val> = parts.iter().map(|part| self.value_of(tracer, instance, *part)).collect();
        let holding = |holds: &dyn Fn(Val) -> bool| values.iter().position(|value| holds(*value));
        let whole = holding(&|value| self.is_or_names(value, way.name));
        if let Some(at) = whole.or_else(|| holding(&|value| self.holds(value, way.name))) {
            return Some(Hop::Value(instance, parts[at]));
        }
        let (at, piece) =
            values.iter().enumerate().find_map(|(at, value)| Some((at, self.piece(*value, way.name)?)))?;
        way.step(self.place_of(instance, expr), Event::Builds);
        way.name = piece;
        Some(Hop::Value(instance, parts[at]))
    }

    /// A name that this one may have been built from: it shares a resource of the template.
    fn piece(&self, value: Val, name: Atom) -> Option<Atom> {
        let resources = |atom: Atom| match atom {
            Atom::Text(text) => {
                let parts = self.values.text(text).parts().iter();
                parts.filter(|part| matches!(part, Part::Resource(..))).cloned().collect()
            }
            _ => Vec::new(),
        };
        let own = resources(name);
        self.values.atoms(value).iter().copied().find(|atom| resources(*atom).iter().any(|part| own.contains(part)))
    }

    /// A call of a library that makes a table from a name.
    fn note_opening(&mut self, tracer: &mut Tracer, instance: InstanceId, expr: ExprId, way: &mut Way) {
        let value = self.value_of(tracer, instance, expr);
        if self.values.atoms(value).iter().any(|atom| matches!(atom, Atom::Table(..))) {
            let is_made_here = self.values.atoms(value).contains(&way.name);
            let module = self.module(self.instance(instance).module);
            let ExprKind::Call(_, args) = &module.expr(expr).kind else { return };
            if !is_made_here && !args.is_empty() {
                way.step(self.place_of(instance, expr), Event::Opens);
            }
        }
    }

    /// A variable: what it was last assigned before, else its parameter, else the cell that others see it in.
    fn behind_name(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        (place, name): (Place, Sym),
        way: &mut Way,
    ) -> Option<Hop> {
        let (id, function) = self.function_of(instance);
        match place {
            Place::Local(slot) => self.behind_local(tracer, instance, expr, (slot, name), way),
            Place::Enclosing(around, _) => {
                let object = self.enclosing_frame(self.instance(instance).frame, around)?;
                self.field_of(object, name, way.name).map(Hop::Cell)
            }
            Place::Class(_) | Place::Global(_) => {
                let classes = (0u32..).map(ClassId).zip(&self.module(id).classes);
                let classes = classes.filter(|(_, class)| class.parent == function && matches!(place, Place::Class(_)));
                let classes = classes.map(|(class, _)| AllocKey::Class(id, class));
                let own = { classes }.find_map(|key| self.field_of(self.heap.find(key)?, name, way.name));
                let global = || self.field_with_stars(id, name, way.name);
                own.or_else(global).map(Hop::Cell)
            }
        }
    }

    fn behind_local(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        (slot, name): (Slot, Sym),
        way: &mut Way,
    ) -> Option<Hop> {
        let (id, function) = self.function_of(instance);
        let module = self.module(id);
        let start = module.expr(expr).range.start;
        let (mut before, mut after) = (None, None);
        let binders = tracer.binders.entry(id).or_insert_with(|| binders(module)).clone();
        for source in sources(module, function, slot, &binders) {
            match source {
                Source::Value(value) => {
                    let held = self.value_of(tracer, instance, value);
                    if self.holds(held, way.name) {
                        let place = module.expr(value).range.start;
                        if place < start { before = Some(value) } else { after = after.or(Some(value)) }
                    }
                }
                Source::Import(import) => {
                    if let Some(cell) = self.imported_cell(id, import, way.name) {
                        return Some(Hop::Cell(cell));
                    }
                }
            }
        }
        if let Some(value) = before {
            return Some(Hop::Value(instance, value));
        }
        let parameters = &module.function(function).params;
        let parameter = parameters.iter().position(|param| param.slot == slot);
        let cell = parameter.and_then(|index| self.instance(instance).params.get(index).copied());
        let cell = cell.filter(|cell| self.holds(self.heap.peek(*cell), way.name));
        let shared = || {
            let frame = self.heap.find(AllocKey::Frame(instance))?;
            self.field_of(frame, name, way.name)
        };
        cell.or_else(shared).map(Hop::Cell).or(after.map(|value| Hop::Value(instance, value)))
    }

    /// What a function of the program that is called here returns.
    fn behind_callees(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        way: &mut Way,
    ) -> Option<Hop> {
        let called: Vec<InstanceId> = self
            .calls
            .get(&instance)?
            .iter()
            .filter(|(callee, _, site)| {
                site.is_some_and(|site| site == expr) || self.unspelled.get(&(instance, *callee)) == Some(&expr)
            })
            .map(|(callee, ..)| *callee)
            .collect();
        for callee in called {
            let result = self.heap.peek(self.instance(callee).result);
            if !self.holds(result, way.name) {
                continue;
            }
            let (module, function) = self.function_of(callee);
            for value in returns(self.module(module).function(function)) {
                let returned = self.value_of(tracer, callee, value);
                if self.holds(returned, way.name) {
                    way.step(self.span(module, value), Event::Returns);
                    return Some(Hop::Value(callee, value));
                }
            }
        }
        None
    }
}
