//! Back from a cell to where it got the name: an assignment, a constructor, a call's argument, an import.

use super::probe::At;
use super::ways::{Import, imported};
use super::{Hop, Owner, Tracer, Way};
use crate::flow::evidence::Event;
use crate::flow::heap::{AllocKey, CellId, InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, ObjId, Sym, Val};
use crate::python::ir::{ClassId, ExprId, ExprKind, Module};
use crate::python::{ModuleId, Resolved};

impl Machine<'_> {
    /// Where a cell got the name first.
    pub(super) fn behind_cell(&mut self, tracer: &mut Tracer, cell: CellId, way: &mut Way) -> Option<Hop> {
        let owner = tracer.owners.get(&cell).copied();
        if let Some(Owner::Field(object, field)) = owner
            && let AllocKey::Module(module) = self.heap.key(object)
            && let Some(cell) = self.import_of(module, field, way.name)
        {
            return Some(Hop::Cell(cell));
        }
        let growths = tracer.growths.get(&cell)?;
        let At { instance, expr, done } = growths.iter().find(|(value, _)| self.holds(*value, way.name))?.1;
        if instance == At::NOWHERE.instance {
            return None;
        }
        let place = self.place_of(instance, expr);
        match owner {
            Some(Owner::Field(_, field)) if done => {
                way.step(place, Event::Keeps(self.values.str(field).to_owned()));
                Some(Hop::Value(instance, expr))
            }
            Some(Owner::Field(object, field)) => {
                self.behind_construction(tracer, (instance, expr), (object, field), way)
            }
            Some(Owner::Parameter(callee, index)) => {
                self.behind_parameter(tracer, (instance, expr), (callee, index), way)
            }
            None if done => Some(Hop::Value(instance, expr)),
            None => Some(Hop::Arguments(instance, expr)),
        }
    }

    /// A field that a generated constructor fills, from an argument, a variable or a default.
    fn behind_construction(
        &mut self,
        tracer: &mut Tracer,
        (instance, expr): (InstanceId, ExprId),
        (object, field): (ObjId, Sym),
        way: &mut Way,
    ) -> Option<Hop> {
        let text = self.values.str(field).to_owned();
        let place = self.place_of(instance, expr);
        if let Some(hop) = self.behind_arguments(tracer, instance, expr, way) {
            way.step(place, Event::Keeps(text));
            return Some(hop);
        }
        if let Kind::Instance(module, class) = self.heap.get(object).kind {
            if let Some(cell) = self.class_field_of(module, class, field, way.name) {
                return Some(Hop::Cell(cell));
            }
            let ends_so = |name: &str| name.to_lowercase().ends_with(&text.to_lowercase());
            let variables = self.variables_with(way.name);
            let variable = variables.iter().find(|name| ends_so(name)).or(variables.first())?.clone();
            way.step(place, Event::Keeps(text));
            self.note_variable(&variable, place, way);
        }
        None
    }

    fn behind_parameter(
        &mut self,
        tracer: &mut Tracer,
        (instance, expr): (InstanceId, ExprId),
        (callee, index): (InstanceId, usize),
        way: &mut Way,
    ) -> Option<Hop> {
        let (id, function) = self.function_of(callee);
        let module = self.module(id);
        let definition = module.function(function);
        let parameter = definition.params.get(index)?;
        let name = module.name(parameter.name).to_owned();
        let place = self.place_of(instance, expr);
        if let Some(hop) = self.behind_arguments(tracer, instance, expr, way) {
            way.step(place, Event::Passes { name, to: definition.qualname.to_string() });
            return Some(hop);
        }
        // What is called is the receiver of its own method.
        if let ExprKind::Call(called, _) = &self.module(self.instance(instance).module).expr(expr).kind {
            let receiver = self.value_of(tracer, instance, *called);
            if self.holds(receiver, way.name) {
                return Some(Hop::Value(instance, *called));
            }
        }
        let default = parameter.default?;
        way.step(self.span(id, default), Event::Defaults(name));
        let around = self.modules.get(&id).copied().filter(|_| definition.parent == Some(Module::TOP))?;
        Some(Hop::Value(around, default))
    }

    /// The field of an object, if it holds the name.
    pub(super) fn field_of(&self, object: ObjId, field: Sym, name: Atom) -> Option<CellId> {
        let cell = self.heap.get(object).fields.get(&field)?.cell;
        self.holds(self.heap.peek(cell), name).then_some(cell)
    }

    /// The field of what a value may be, that holds the name: its own, else its class's.
    pub(super) fn field_with(&self, value: Val, field: Sym, name: Atom) -> Option<CellId> {
        self.values.atoms(value).iter().find_map(|atom| match *atom {
            Atom::Object(object) => self.field_of(object, field, name).or_else(|| match self.heap.get(object).kind {
                Kind::Instance(module, class) => self.class_field_of(module, class, field, name),
                _ => None,
            }),
            Atom::Class(module, class) => self.class_field_of(module, class, field, name),
            Atom::Module(module) => self.field_of(self.heap.find(AllocKey::Module(module))?, field, name),
            _ => None,
        })
    }

    fn class_field_of(&self, module: ModuleId, class: ClassId, field: Sym, name: Atom) -> Option<CellId> {
        let line = self.ancestry(module, class);
        line.ours.iter().find_map(|(m, c)| self.field_of(self.heap.find(AllocKey::Class(*m, *c))?, field, name))
    }

    /// A global of a module that holds the name, be it one that it imports with all others.
    pub(super) fn field_with_stars(&self, module: ModuleId, field: Sym, name: Atom) -> Option<CellId> {
        let own = self.field_of(self.heap.find(AllocKey::Module(module))?, field, name);
        own.or_else(|| self.stars.get(&module)?.iter().find_map(|star| self.field_with(*star, field, name)))
    }

    /// The cell behind a name that a module imports.
    fn import_of(&mut self, module: ModuleId, field: Sym, name: Atom) -> Option<CellId> {
        let text = self.values.str(field).to_owned();
        let import = imported(self.module(module), &text)?;
        self.imported_cell(module, import, name)
    }

    pub(super) fn imported_cell(
        &mut self,
        importer: ModuleId,
        (level, from, original): Import<'_>,
        name: Atom,
    ) -> Option<CellId> {
        let dotted = self.program.codebase.absolute(&self.entry.search, importer, level, from)?;
        let Resolved::Module(module) = self.resolve(&dotted) else { return None };
        let field = self.values.sym(original);
        self.field_with_stars(module, field, name)
    }
}
