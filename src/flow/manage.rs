//! Context managers: what `with` binds, and what runs at its end. One that decorates a function
//! ([`ContextDecorator`](https://docs.python.org/3/library/contextlib.html#contextlib.ContextDecorator), and what
//! `contextmanager` makes) runs around each call of it, and not where it decorates.

use super::call::Args;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, InstanceId, Kind};
use super::machine::{Edge, Machine};
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ExprId, ExprKind, FunctionId};

/// What runs around a `with` block.
const METHODS: [&str; 2] = ["__enter__", "__exit__"];
/// What runs around an `async with` block.
const ASYNC_METHODS: [&str; 2] = ["__aenter__", "__aexit__"];

/// What enters a context manager, and what leaves it.
pub(super) fn around(is_async: bool) -> [&'static str; 2] {
    if is_async { ASYNC_METHODS } else { METHODS }
}

impl<'p> Machine<'p> {
    /// `with manager as x`: what `x` is.
    pub fn enter(&mut self, frame: &mut Frame<'p>, manager: Val, is_async: bool) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(manager) {
            let value = match atom {
                Atom::Object(object) => match self.heap.get(object).kind {
                    Kind::Instance(..) => self.enter_instance(frame, atom, is_async),
                    Kind::List => self.heap.read(self.heap.get(object).elements, frame.instance),
                    _ => self.values.one(atom),
                },
                atom => self.values.one(atom),
            };
            result = self.values.join(result, value);
        }
        result
    }

    fn enter_instance(&mut self, frame: &mut Frame<'p>, atom: Atom, is_async: bool) -> Val {
        let one = self.values.one(atom);
        let [enter, _] = around(is_async);
        let enter = self.values.sym(enter);
        let is_ours = self.defines(atom, enter, frame.instance);
        let entered = if is_ours { self.call_method(frame, one, enter, &[]) } else { Val::BOTTOM };
        if entered == Val::BOTTOM { one } else { entered }
    }

    /// The end of a `with` block.
    pub fn exit(&mut self, frame: &mut Frame<'p>, manager: Val, is_async: bool) {
        let [_, exit] = around(is_async);
        let exit = self.values.sym(exit);
        for atom in self.values.atoms_vec(manager) {
            if self.defines(atom, exit, frame.instance) {
                let one = self.values.one(atom);
                let unknown = self.values.data();
                self.call_method(frame, one, exit, &[unknown, unknown, unknown]);
            }
        }
    }

    /// Whether an instance's class, ours, has this member.
    pub fn defines(&mut self, atom: Atom, name: Sym, reader: InstanceId) -> bool {
        let Atom::Object(object) = atom else { return false };
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return false };
        self.class_field(module, class, name, reader) != Val::BOTTOM
    }

    /// Whether an object of ours, called with a function, gives one that it runs around.
    pub fn is_context_decorator(&mut self, object: ObjId, reader: InstanceId) -> bool {
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return false };
        let call = self.values.sym("__call__");
        self.has_base(&self.ancestry(module, class), "ContextDecorator")
            && !self.defines(Atom::Object(object), call, reader)
    }

    /// Notes that functions make context managers, where it is that which decorates them.
    pub fn note_manager(&mut self, decorator: Sym, functions: Val) {
        if !matches!(self.values.str(decorator), "contextlib.contextmanager" | "contextlib.asynccontextmanager") {
            return;
        }
        for atom in self.values.atoms_vec(functions) {
            if let Atom::Function(module, function, _) = atom {
                self.wrapped.managers.insert((module, function));
            }
        }
    }

    /// A decorator that calls what makes a context manager: what is to be called around each call of the function. To call it
    /// where it decorates runs nothing of it.
    pub fn manager_for_later(&mut self, frame: &mut Frame<'p>, decorator: ExprId) -> Option<Val> {
        let ExprKind::Call(callee, args) = &frame.module.expr(decorator).kind else { return None };
        let (ExprKind::Name(..) | ExprKind::Attr(..)) = frame.module.expr(*callee).kind else { return None };
        let maker = self.eval(frame, *callee);
        let atoms = self.values.atoms(maker);
        if atoms.is_empty() || !atoms.iter().all(|atom| self.makes_manager(*atom)) {
            return None;
        }
        let mut args = self.eval_args(frame, args);
        args.positional.insert(0, maker);
        Some(self.make_partial(frame, &args, Some(decorator)))
    }

    /// Whether a function makes context managers.
    pub fn makes_manager(&self, maker: Atom) -> bool {
        match maker {
            Atom::Function(module, function, _) => self.wrapped.managers.contains(&(module, function)),
            Atom::Bound(_, method) => self.makes_manager(self.values.atom(method)),
            _ => false,
        }
    }

    /// Puts a context manager around each call of functions. What else it is put on may be called with it around.
    pub fn put_around(&mut self, frame: &mut Frame<'p>, manager: Val, decorated: Val, site: CallSite) -> Val {
        for atom in self.values.atoms_vec(decorated) {
            let inner = match atom {
                Atom::StaticMethod(inner)
                | Atom::ClassMethod(inner)
                | Atom::Property(inner)
                | Atom::Bound(_, inner) => self.values.atom(inner),
                atom => atom,
            };
            if let Atom::Function(module, function, closure) = inner {
                let (around, _) = self.heap.object(AllocKey::Around(module, function, closure), Kind::List);
                self.append(around, manager);
            } else {
                self.manage(frame, manager, site, Edge::Possible);
            }
        }
        decorated
    }

    /// Runs the context managers around a call of a function.
    pub fn run_around(
        &mut self,
        frame: &mut Frame<'p>,
        (module, function, closure): (ModuleId, FunctionId, u32),
        edge: Edge,
    ) {
        if let Some(around) = self.heap.find(AllocKey::Around(module, function, closure)) {
            let managers = self.heap.read(self.heap.get(around).elements, frame.instance);
            self.manage(frame, managers, None, edge);
        }
    }

    /// Enters and leaves context managers, as surely as this edge says.
    fn manage(&mut self, frame: &mut Frame<'p>, managers: Val, site: CallSite, edge: Edge) {
        for atom in self.values.atoms_vec(managers) {
            let Atom::Object(object) = atom else { continue };
            self.once(object, |m| {
                if m.heap.get(object).kind == Kind::Partial {
                    let (maker, args) = m.kept_arguments(frame, object);
                    m.call_along(frame, maker, &args, site, edge);
                    return Val::BOTTOM;
                }
                let unknown = m.values.data();
                let is_async = m.own_class(atom).is_some_and(|(module, class)| {
                    let line = m.ancestry(module, class);
                    m.has_base(&line, "AsyncContextDecorator")
                });
                for name in around(is_async) {
                    let method = m.values.sym(name);
                    if m.defines(atom, method, frame.instance) {
                        let manager = m.values.one(atom);
                        let method = m.attribute(frame, manager, method);
                        let given: &[Val] = if name.ends_with("exit__") { &[unknown; 3] } else { &[] };
                        m.call_along(frame, method, &Args::of(given), site, edge);
                    }
                }
                Val::BOTTOM
            });
        }
    }

    /// Calls functions and methods of ours along an edge of this kind.
    pub fn call_along(&mut self, frame: &mut Frame<'p>, callee: Val, args: &Args, site: CallSite, edge: Edge) -> Val {
        let mut made = Val::BOTTOM;
        for atom in self.values.atoms_vec(callee) {
            let (function, args) = match atom {
                Atom::Bound(receiver, function) => {
                    let receiver = self.values.atom(receiver);
                    let receiver = self.values.one(receiver);
                    (self.values.atom(function), args.with_receiver(receiver))
                }
                atom => (atom, args.clone()),
            };
            if let Atom::Function(module, function, closure) = function {
                let one = self.call_function(frame, (module, function, closure), &args, site, edge);
                made = self.values.join(made, one);
            }
        }
        made
    }
}
