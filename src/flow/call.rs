//! Calls: arguments to parameters, callees to results.

use super::annotation::Kept;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, InstanceId, Kind};
use super::machine::{Edge, Machine};
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ExprId, ExprKind, FunctionId, Module, Param, ParamKind};
use crate::source::Span;

/// A keyword argument.
#[derive(Debug, Clone)]
pub(super) struct Keyword {
    pub name: Sym,
    pub value: Val,
    /// Whether it is given on every path.
    pub always: bool,
    pub spans: Vec<Span>,
}

/// The arguments of a call.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    pub positional: Vec<Val>,
    /// Further positional arguments of unknown number.
    pub star: Val,
    pub keywords: Vec<Keyword>,
    /// Values of keywords whose names aren't known.
    pub rest: Val,
}

impl Args {
    pub fn of(positional: &[Val]) -> Self {
        Self { positional: positional.to_vec(), ..Self::default() }
    }

    pub fn with_receiver(&self, receiver: Val) -> Self {
        let mut args = self.clone();
        args.positional.insert(0, receiver);
        args
    }

    pub fn keyword(&self, name: Sym) -> Option<&Keyword> {
        self.keywords.iter().find(|k| k.name == name)
    }

    /// Every value that is passed.
    pub fn values(&self) -> Vec<Val> {
        let keywords = self.keywords.iter().map(|k| k.value);
        self.positional.iter().copied().chain(keywords).chain([self.star, self.rest]).collect()
    }
}

impl<'p> Machine<'p> {
    pub fn eval_call(&mut self, frame: &mut Frame<'p>, expr: ExprId, callee: ExprId, args: &'p [Arg]) -> Val {
        let function = self.eval(frame, callee);
        if self.is_zero_argument_super(frame, function, args) {
            self.note_outside(frame.instance, function);
            return self.zero_argument_super(frame);
        }
        let args = self.eval_args(frame, args);
        self.be_at(frame, expr, false);
        if !matches!(frame.module.expr(callee).kind, ExprKind::Attr(..)) {
            self.note_lost_attributes(frame, function, Some(expr));
        }
        self.call(frame, function, &args, Some(expr))
    }

    pub fn eval_args(&mut self, frame: &mut Frame<'p>, args: &'p [Arg]) -> Args {
        let mut out = Args::default();
        for arg in args {
            match arg {
                Arg::Positional(value) => {
                    let value = self.eval(frame, *value);
                    out.positional.push(value);
                }
                Arg::Keyword(name, value) => {
                    let spans = vec![self.place(frame, *value)];
                    let name = self.program.sym(frame.module_id, *name);
                    let value = self.eval(frame, *value);
                    out.keywords.push(Keyword { name, value, always: true, spans });
                }
                Arg::Star(value) => {
                    let value = self.eval(frame, *value);
                    self.spread_positional(frame, &mut out, value);
                }
                Arg::DoubleStar(value) => {
                    let value = self.eval(frame, *value);
                    self.spread_keywords(frame, &mut out, value);
                }
            }
        }
        out
    }

    pub fn spread_positional(&mut self, frame: &mut Frame<'p>, out: &mut Args, value: Val) {
        if let Some(Atom::Tuple(tuple)) = self.values.single(value) {
            out.positional.extend_from_slice(self.values.tuple(tuple));
        } else {
            let element = self.iterate(frame, value);
            out.star = self.values.join(out.star, element);
        }
    }

    pub fn spread_keywords(&mut self, frame: &mut Frame<'p>, out: &mut Args, value: Val) {
        let atoms = self.values.atoms_vec(value);
        let single = atoms.len() == 1;
        for atom in atoms {
            match atom {
                Atom::Object(object) if self.heap.get(object).kind == Kind::Dict => {
                    for (name, field) in self.heap.fields(object) {
                        let mut value = self.heap.read(field.cell, frame.instance);
                        if field.may_lack && self.may_convert(value) {
                            value = self.or_unknown(value, frame.instance);
                        }
                        if value == Val::BOTTOM && field.spans.is_empty() {
                            continue;
                        }
                        let always = field.always && single;
                        match out.keywords.iter_mut().find(|k| k.name == name) {
                            Some(known) => {
                                known.value = self.values.join(known.value, value);
                                known.spans.extend(field.spans);
                            }
                            None => out.keywords.push(Keyword { name, value, always, spans: field.spans }),
                        }
                    }
                    let rest = self.heap.read(self.heap.get(object).elements, frame.instance);
                    out.rest = self.values.join(out.rest, rest);
                }
                Atom::None => {}
                atom => {
                    let value = match self.entry_of_mapping(frame, atom) {
                        Some((_, value)) => value,
                        None => self.values.one(atom),
                    };
                    out.rest = self.values.join(out.rest, value);
                }
            }
        }
    }

    /// Calls a value. `site` identifies the call for allocations and evidence.
    pub fn call(&mut self, frame: &mut Frame<'p>, callee: Val, args: &Args, site: CallSite) -> Val {
        self.note_outside(frame.instance, callee);
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(callee) {
            let value = self.call_atom(frame, atom, args, site);
            result = self.values.join(result, value);
        }
        result
    }

    fn call_atom(&mut self, frame: &mut Frame<'p>, atom: Atom, args: &Args, site: CallSite) -> Val {
        match atom {
            Atom::Function(module, function, closure) => {
                self.call_function(frame, (module, function, closure), args, site, Edge::Resolved)
            }
            Atom::Bound(receiver, function) => {
                let (receiver, function) = (self.values.atom(receiver), self.values.atom(function));
                let bound = self.values.one(receiver);
                let result = self.call_atom(frame, function, &args.with_receiver(bound), site);
                let others = self.call_overrides(frame, (receiver, function), args, site);
                self.values.join(result, others)
            }
            Atom::Class(module, class) => self.instantiate(frame, (module, class), args, site),
            Atom::Builtin(name) => self.call_builtin(frame, name, args, site),
            Atom::External(path) => self.call_external(frame, path, args, site),
            Atom::Method(receiver, name) => {
                let receiver = self.values.atom(receiver);
                self.call_native(frame, receiver, name, args, site)
            }
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Partial => {
                    let result = self.once(object, |m| m.call_partial(frame, object, args, site));
                    let member = self.call_member(frame, atom, args, site);
                    self.values.join(result, member)
                }
                Kind::Provider(_) => self.once(object, |m| m.call_provider(frame, object, args, site)),
                Kind::Instance(..) => self.once(object, |m| {
                    let one = m.values.one(atom);
                    let method = m.values.sym("__call__");
                    let bound = m.attribute(frame, one, method);
                    m.call(frame, bound, args, site)
                }),
                _ => Val::BOTTOM,
            },
            Atom::StaticMethod(inner) | Atom::ClassMethod(inner) | Atom::Property(inner) => {
                let inner = self.values.atom(inner);
                self.call_atom(frame, inner, args, site)
            }
            Atom::Opaque(reason) => {
                self.note_lost_call(frame, reason, site);
                self.hand_out(frame, args, site);
                self.values.one(atom)
            }
            Atom::ExternalObject(path) => {
                self.note_working(frame, path);
                let reader = self.values.str(path).to_owned();
                if let Some(value) = self.read_setting(frame, &reader, "__call__", args) {
                    return value;
                }
                let to = self.taker(self.values.str(path));
                self.hand_to(frame, args, site, to);
                self.note_kept(path, args);
                let made = self.values.one(atom);
                // `lru_cache(maxsize=1)(load)`: what decorates is taken to keep what it is given.
                if let [given] = args.positional[..]
                    && self.first_is_ours(args)
                {
                    return self.values.join(made, given);
                }
                made
            }
            Atom::Data(_) => {
                let mut values = args.values();
                values.push(self.values.one(atom));
                let found = self.values.data_from(&values);
                // What is called is a method of data: `get`, `pop`, `setdefault`.
                let default = args.positional.get(1).copied().filter(|default| self.matters(*default));
                let found = self.values.join(found, default.unwrap_or(Val::BOTTOM));
                let member = self.call_member(frame, atom, args, site);
                self.values.join(found, member)
            }
            _ => self.call_member(frame, atom, args, site),
        }
    }

    /// Calls a method by name, with positional arguments.
    pub fn call_method(&mut self, frame: &mut Frame<'p>, object: Val, name: Sym, args: &[Val]) -> Val {
        let method = self.attribute(frame, object, name);
        self.call(frame, method, &Args::of(args), None)
    }

    /// Calls a function of the program.
    pub fn call_function(
        &mut self,
        frame: &mut Frame<'p>,
        (module, id, closure): (ModuleId, FunctionId, u32),
        args: &Args,
        site: CallSite,
        edge: Edge,
    ) -> Val {
        let function = self.function(module, id);
        self.run_around(frame, (module, id, closure), edge);
        let arguments = self.bind(frame, (module, id, closure), &function.params, args, site);
        let call = site.map(|site| (frame.module_id, site));
        let callee = self.instance_for(module, id, closure, &arguments, call);
        let result = self.demand(frame.instance, site, edge, callee);
        if function.is_generator {
            let (list, _) = self.heap.object(AllocKey::Generator(callee), Kind::List);
            return self.values.one(Atom::Object(list));
        }
        result
    }

    /// Arguments to parameters, in the parameters' order.
    fn bind(
        &mut self,
        frame: &mut Frame<'p>,
        (module, id, closure): (ModuleId, FunctionId, u32),
        params: &'p [Param],
        args: &Args,
        site: CallSite,
    ) -> Vec<Val> {
        let mut positional = args.positional.iter().copied();
        let mut used = Vec::new();
        let mut out = Vec::with_capacity(params.len());
        let defaults = self.defaults.get(&(module, id, closure)).cloned();
        for (index, param) in params.iter().enumerate() {
            let name = self.program.sym(module, param.name);
            let value = match param.kind {
                ParamKind::Star => {
                    let items: Vec<Val> = positional.by_ref().collect();
                    if args.star == Val::BOTTOM {
                        let tuple = self.values.tuple_atom(items);
                        self.values.one(tuple)
                    } else {
                        let (list, _) = self.heap.object(AllocKey::Star(frame.instance, site, id), Kind::List);
                        items.into_iter().chain([args.star]).for_each(|v| self.append(list, v));
                        self.values.one(Atom::Object(list))
                    }
                }
                ParamKind::DoubleStar => self.keyword_dict(frame, site, id, args, &used),
                kind => {
                    let by_position = if kind == ParamKind::KeywordOnly { None } else { positional.next() };
                    used.push(name);
                    let default = defaults.as_ref().map(|d| d[index]);
                    let injected = match by_position {
                        None => self.injected(frame, (module, id, closure), param, default),
                        Some(_) => None,
                    };
                    let value = self.bind_one(frame, by_position.or(injected), name, default, args);
                    self.refine_parameter(frame, (module, id, closure), param, value)
                }
            };
            out.push(value);
        }
        out
    }

    fn bind_one(
        &mut self,
        frame: &mut Frame<'p>,
        by_position: Option<Val>,
        name: Sym,
        default: Option<super::heap::CellId>,
        args: &Args,
    ) -> Val {
        if let Some(value) = by_position {
            return value;
        }
        let default = default.map(|cell| self.heap.read(cell, frame.instance)).unwrap_or_default();
        let unknown = self.values.join(args.star, args.rest);
        match args.keyword(name) {
            Some(keyword) if keyword.always => keyword.value,
            Some(keyword) => self.values.join(keyword.value, default),
            None if unknown != Val::BOTTOM => self.values.join(unknown, default),
            None => default,
        }
    }

    fn keyword_dict(
        &mut self,
        frame: &mut Frame<'p>,
        site: CallSite,
        callee: FunctionId,
        args: &Args,
        used: &[Sym],
    ) -> Val {
        let (dict, _) = self.heap.object(AllocKey::Keywords(frame.instance, site, callee), Kind::Dict);
        for keyword in args.keywords.iter().filter(|k| !used.contains(&k.name)) {
            self.store_field(dict, keyword.name, keyword.value, keyword.spans.first().copied(), keyword.always);
        }
        if args.rest != Val::BOTTOM {
            let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
            let unknown = self.values.data();
            self.write(keys, unknown);
            self.write(elements, args.rest);
        }
        self.values.one(Atom::Object(dict))
    }

    /// What a parameter's annotation says where the argument is lost.
    fn refine_parameter(
        &mut self,
        frame: &mut Frame<'p>,
        (module, id, closure): (ModuleId, FunctionId, u32),
        param: &Param,
        value: Val,
    ) -> Val {
        let value = match self.wrapped.converting.get(&(module, id)) {
            Some(by_annotation) if self.may_convert(value) => {
                let kept = match param.annotation {
                    Some(annotation) if *by_annotation => {
                        let mut inside = self.outside_frame(frame.instance, module, id, closure);
                        self.kept(&mut inside, annotation)
                    }
                    None if *by_annotation => Kept::any(),
                    _ => Kept::text(),
                };
                self.converted(value, &kept, frame.instance)
            }
            _ => value,
        };
        if param.annotation.is_none() || !self.wants_refining(value) {
            return value;
        }
        let mut inside = self.outside_frame(frame.instance, module, id, closure);
        self.refine(&mut inside, value, param.annotation)
    }

    /// A frame in which a function's annotations can be read: the scope around it.
    pub fn outside_frame(&self, instance: InstanceId, module: ModuleId, id: FunctionId, closure: u32) -> Frame<'p> {
        let function = self.function(module, id);
        let around = function.parent.unwrap_or(Module::TOP);
        Frame {
            owner: function.class,
            guard: vec![u32::MAX],
            ..Frame::new((module, self.module(module)), around, instance, closure)
        }
    }

    /// Evaluates defaults and decorators; the value is the function.
    pub fn define_function(&mut self, frame: &mut Frame<'p>, id: FunctionId) -> Val {
        let function = frame.module.function(id);
        let closure = frame.own.map_or(frame.closure, |own| own.0 + 1);
        let key = (frame.module_id, id, closure);
        if !self.defaults.contains_key(&key) {
            let cells = function.params.iter().map(|_| self.heap.cell()).collect();
            self.defaults.insert(key, cells);
        }
        for (index, param) in function.params.iter().enumerate() {
            if let Some(default) = param.default {
                let value = self.eval(frame, default);
                self.be_at(frame, default, true);
                let cell = self.defaults[&key][index];
                self.write(cell, value);
            }
        }
        let mut value = self.values.one(Atom::Function(frame.module_id, id, closure));
        for decorator in function.decorators.iter().rev() {
            if let Some(manager) = self.manager_for_later(frame, *decorator) {
                self.put_around(frame, manager, value, Some(*decorator));
                continue;
            }
            let with = self.eval(frame, *decorator);
            value = self.decorate(frame, with, value, Some(*decorator));
        }
        value
    }

    /// Runs an instance within whatever runs now.
    pub fn run_instance(&mut self, id: InstanceId) {
        let (active, at) = (std::mem::take(&mut self.active), self.at);
        let (latest, running) = (std::mem::take(&mut self.exact.latest), self.exact.running.replace(id));
        self.run_body(id);
        (self.exact.latest, self.exact.running) = (latest, running);
        (self.active, self.at) = (active, at);
    }

    /// Runs an instance's body.
    fn run_body(&mut self, id: InstanceId) {
        let instance = self.instance(id);
        let (module, function_id, closure) = (instance.module, instance.function, instance.frame);
        let (params, result) = (instance.params.clone(), instance.result);
        let function = self.function(module, function_id);
        let own = (!function.captured.is_empty()).then(|| {
            let around = closure.checked_sub(1).map(super::value::ObjId);
            self.heap.object(AllocKey::Frame(id), Kind::Frame(function_id, around)).0
        });
        self.forget_records(id);
        let mut frame = Frame {
            own,
            owner: self.owner_class(module, function_id),
            next_guard: 1,
            ..Frame::new((module, self.module(module)), function_id, id, closure)
        };
        for (param, cell) in function.params.iter().zip(params) {
            let value = self.heap.read(cell, id);
            self.assign_slot(&mut frame, param.slot, value);
        }
        self.note_idempotency(&mut frame);
        self.exec_block(&mut frame, &function.body);
        if frame.env.live && function_id != Module::TOP {
            let none = self.values.none();
            frame.result = self.values.join(frame.result, none);
        }
        if function.is_generator {
            let (list, _) = self.heap.object(AllocKey::Generator(id), Kind::List);
            self.append(list, frame.yields);
        }
        self.note_returned(id, frame.result, frame.yields);
        self.write(result, frame.result);
    }

    fn owner_class(&self, module: ModuleId, function: FunctionId) -> Option<crate::python::ir::ClassId> {
        let mut next = Some(function);
        while let Some(id) = next {
            let function = self.function(module, id);
            if function.class.is_some() {
                return function.class;
            }
            next = function.parent;
        }
        None
    }

    fn is_zero_argument_super(&self, frame: &Frame<'p>, callee: Val, args: &[Arg]) -> bool {
        args.is_empty()
            && frame.owner.is_some()
            && matches!(self.values.single(callee), Some(Atom::Builtin(name)) if self.values.str(name) == "super")
    }

    fn zero_argument_super(&mut self, frame: &mut Frame<'p>) -> Val {
        let function = frame.module.function(frame.function);
        let receiver = match function.params.first() {
            Some(first) => frame.slot(first.slot),
            None => Val::BOTTOM,
        };
        let Some(owner) = frame.owner else { return Val::BOTTOM };
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(receiver) {
            let receiver = self.values.atom_id(atom);
            let one = self.values.one(Atom::Super(receiver, frame.module_id, owner));
            result = self.values.join(result, one);
        }
        result
    }
}
