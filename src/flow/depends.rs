//! `Depends` of `fastapi`: what the framework passes for a parameter, named by its default or in its annotation
//! (`Annotated[Table, Depends(table)]`). <https://fastapi.tiangolo.com/tutorial/dependencies/>

use super::call::Args;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, CellId, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ExprId, ExprKind, FunctionId, Param};

const CLASS: &str = "Depends";

impl<'p> Machine<'p> {
    /// `Depends(function)`.
    pub fn make_depends(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        self.hand_out(frame, args, site);
        let class = self.values.sym(CLASS);
        self.keep_arguments(frame, args, site, Kind::Tool(class))
    }

    /// What the framework passes for a parameter that nobody gives by position.
    pub fn injected(
        &mut self,
        frame: &mut Frame<'p>,
        (module, id, closure): (ModuleId, FunctionId, u32),
        param: &Param,
        default: Option<CellId>,
    ) -> Option<Val> {
        let default = default.map(|cell| self.heap.read(cell, frame.instance)).unwrap_or_default();
        let mut inside = self.outside_frame(frame.instance, module, id, closure);
        let dependency = match self.dependency(default) {
            Some(dependency) => dependency,
            None => self.annotated_dependency(&mut inside, param.annotation.filter(|_| default == Val::BOTTOM)?)?,
        };
        let (mut provider, _) = self.kept_arguments(frame, dependency);
        if provider == Val::BOTTOM {
            // Without a function: the class that the annotation names.
            provider = self.annotated_class(&mut inside, param.annotation?);
        }
        (provider != Val::BOTTOM).then(|| self.provide(frame, dependency, provider))
    }

    /// The `Depends` among what a value may be.
    fn dependency(&self, value: Val) -> Option<ObjId> {
        self.values.atoms(value).iter().find_map(|atom| match atom {
            Atom::Object(object) => match self.heap.get(*object).kind {
                Kind::Tool(class) if self.values.str(class) == CLASS => Some(*object),
                _ => None,
            },
            _ => None,
        })
    }

    /// `Annotated[type, Depends(…)]` as a value, which may get a name: the type and what is to be passed for it.
    pub fn annotated_type(&mut self, path: Sym, parts: Val) -> Option<Val> {
        let Some(Atom::Tuple(tuple)) = self.values.single(parts) else { return None };
        let parts = self.values.tuple(tuple).to_vec();
        let injects =
            self.values.str(path).ends_with(".Annotated") && parts.iter().any(|p| self.dependency(*p).is_some());
        injects.then(|| self.values.join_all(parts))
    }

    fn annotated_dependency(&mut self, frame: &mut Frame<'p>, annotation: ExprId) -> Option<ObjId> {
        match annotated_parts(frame, annotation) {
            Some(parts) => parts.iter().skip(1).find_map(|part| {
                let value = self.eval(frame, *part);
                self.dependency(value)
            }),
            None if matches!(frame.module.expr(annotation).kind, ExprKind::Name(..) | ExprKind::Attr(..)) => {
                let value = self.eval(frame, annotation);
                self.dependency(value)
            }
            None => None,
        }
    }

    fn annotated_class(&mut self, frame: &mut Frame<'p>, annotation: ExprId) -> Val {
        let named = annotated_parts(frame, annotation).and_then(|parts| parts.first().copied());
        let named = self.eval(frame, named.unwrap_or(annotation));
        let classes = self.values.atoms_vec(named).filter(|atom| matches!(atom, Atom::Class(..))).collect();
        self.values.set(classes)
    }

    fn provide(&mut self, frame: &mut Frame<'p>, dependency: ObjId, provider: Val) -> Val {
        self.once(dependency, |m| {
            let mut provided = m.call(frame, provider, &Args::default(), None);
            // A provider that yields has its function's end after it.
            for atom in m.values.atoms_vec(provided) {
                if let Atom::Object(list) = atom
                    && matches!(m.heap.key(list), AllocKey::Generator(_))
                {
                    provided = m.heap.read(m.heap.get(list).elements, frame.instance);
                }
            }
            provided
        })
    }
}

/// The parts of `Annotated[type, …]`.
fn annotated_parts<'p>(frame: &Frame<'p>, annotation: ExprId) -> Option<&'p [ExprId]> {
    let ExprKind::Subscript(outer, inner) = &frame.module.expr(annotation).kind else { return None };
    let (ExprKind::Name(_, name) | ExprKind::Attr(_, name)) = &frame.module.expr(*outer).kind else { return None };
    match &frame.module.expr(*inner).kind {
        ExprKind::Tuple(parts) if frame.module.name(*name) == "Annotated" => Some(parts),
        _ => None,
    }
}
