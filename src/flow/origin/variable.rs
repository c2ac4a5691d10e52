//! Where a name is read from a variable of the environment.

use super::{Tracer, Way};
use crate::flow::EnvValue;
use crate::flow::evidence::Event;
use crate::flow::heap::InstanceId;
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, Values};
use crate::python::ir::{Arg, ExprId, ExprKind};
use crate::source::Span;

impl Machine<'_> {
    /// Whether an expression reads the name from a variable of the environment; notes it if so.
    pub(super) fn reads_variable(
        &mut self,
        tracer: &mut Tracer,
        instance: InstanceId,
        expr: ExprId,
        way: &mut Way,
    ) -> bool {
        let module = self.module(self.instance(instance).module);
        let keys: Vec<ExprId> = match &module.expr(expr).kind {
            ExprKind::Subscript(object, index) => {
                let object = self.value_of(tracer, instance, *object);
                if !self.values.atoms(object).contains(&Atom::Environ) {
                    return false;
                }
                vec![*index]
            }
            ExprKind::Call(_, args) => args
                .iter()
                .filter_map(|arg| match arg {
                    Arg::Positional(value) | Arg::Keyword(_, value) => Some(*value),
                    Arg::Star(_) | Arg::DoubleStar(_) => None,
                })
                .collect(),
            _ => return false,
        };
        if self.calls_own(instance, expr) {
            return false;
        }
        let given = self.variables_with(way.name);
        for key in keys {
            let value = self.value_of(tracer, instance, key);
            if let Some(Atom::Str(text)) = self.values.single(value)
                && given.iter().any(|name| *name == self.values.str(text))
            {
                let text = self.values.str(text).to_owned();
                self.note_variable(&text, self.place_of(instance, expr), way);
                return true;
            }
        }
        false
    }

    /// Whether a function of the program is called here.
    fn calls_own(&self, instance: InstanceId, expr: ExprId) -> bool {
        self.calls.get(&instance).is_some_and(|calls| calls.iter().any(|(_, _, site)| *site == Some(expr)))
    }

    /// Variables of the environment that may have this value.
    pub(super) fn variables_with(&mut self, value: Atom) -> Vec<String> {
        let variables = &self.entry.environment.variables;
        let values = &mut self.values;
        let has =
            |given: &EnvValue, values: &mut Values| given.values.iter().any(|one| values.symbolic_atom(one) == value);
        variables.iter().filter(|(_, given)| has(given, values)).map(|(name, _)| name.clone()).collect()
    }

    pub(super) fn note_variable(&self, name: &str, place: Span, way: &mut Way) {
        way.step(place, Event::Reads(name.to_owned()));
        let set = self.entry.environment.variables.get(name).and_then(|variable| variable.span);
        if let Some(span) = set {
            way.step(span, Event::Sets(name.to_owned()));
        }
    }
}
