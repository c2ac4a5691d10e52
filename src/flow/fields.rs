//! Fields of classes whose constructors are made from annotations: dataclasses, attrs, pydantic models, `NamedTuple`.

use super::annotation::Kept;
use super::call::{Args, Keyword};
use super::class::Ancestry;
use super::convert::Constructor;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ClassId, ExprId, ExprKind, Module};

/// An annotated field of a class body.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldInfo {
    pub name: Sym,
    pub annotation: ExprId,
    pub has_default: bool,
    /// Whether an argument without a name may be its, and a pattern without a name: no `ClassVar`, not keyword-only, and not
    /// left out of the constructor
    /// ([dataclasses](https://docs.python.org/3/library/dataclasses.html#dataclasses.KW_ONLY)).
    pub is_positional: bool,
    /// Whether objects have it: it is no `ClassVar`, no `InitVar` and no `KW_ONLY`.
    pub is_held: bool,
}

impl<'p> Machine<'p> {
    /// Notes an annotated name of a class body.
    pub fn declare_field(
        &mut self,
        frame: &mut Frame<'p>,
        (module, class): (ModuleId, ClassId),
        name: Sym,
        annotation: ExprId,
        value: Option<ExprId>,
    ) {
        let mark = self.mark_in(frame, annotation);
        let is_positional = mark != "ClassVar" && self.is_positional((module, class), annotation, value);
        let is_held = !matches!(mark.as_str(), "ClassVar" | "InitVar" | "KW_ONLY");
        if calls(self.module(module), annotation) {
            self.eval(frame, annotation);
        }
        if let Some(info) = self.classes.get_mut(&(module, class)) {
            info.fields.push(FieldInfo { name, annotation, has_default: value.is_some(), is_positional, is_held });
        }
    }

    fn is_positional(&self, (module, class): (ModuleId, ClassId), annotation: ExprId, value: Option<ExprId>) -> bool {
        let fields = self.classes.get(&(module, class)).map(|info| info.fields.as_slice()).unwrap_or_default();
        let mut annotations = fields.iter().map(|field| field.annotation).chain([annotation]);
        let mut decorators = self.module(module).class(class).decorators.iter();
        !annotations.any(|annotation| self.names_type(module, annotation, "KW_ONLY"))
            && !self.names_type(module, annotation, "ClassVar")
            && !decorators.any(|call| self.says(module, *call, "kw_only", true))
            && !value
                .is_some_and(|call| self.says(module, call, "kw_only", true) || self.says(module, call, "init", false))
    }

    /// Whether an annotation is a type of this name, or of that type: `ClassVar[int]`, `typing.ClassVar`.
    fn names_type(&self, module: ModuleId, annotation: ExprId, wanted: &str) -> bool {
        let code = self.module(module);
        match &code.expr(annotation).kind {
            ExprKind::Name(_, name) | ExprKind::Attr(_, name) => code.name(*name) == wanted,
            ExprKind::Subscript(outer, _) => self.names_type(module, *outer, wanted),
            _ => false,
        }
    }

    /// The name of what an annotation says beside the type, by whatever name it goes here: `ClassVar[int]`,
    /// `Annotated[ClassVar[int], …]`, `"ClassVar[int]"`.
    fn mark_in(&mut self, frame: &mut Frame<'p>, annotation: ExprId) -> String {
        match &frame.module.expr(annotation).kind {
            ExprKind::Name(..) | ExprKind::Attr(..) => self.library_name(frame, annotation),
            ExprKind::Subscript(outer, inner) => {
                let outer = self.mark_in(frame, *outer);
                match &frame.module.expr(*inner).kind {
                    ExprKind::Tuple(parts) if outer == "Annotated" => {
                        parts.first().map_or(outer, |part| self.mark_in(frame, *part))
                    }
                    _ => outer,
                }
            }
            // Dataclasses look at the text, too.
            ExprKind::Str(text) => {
                let name = text.split('[').next().unwrap_or_default().trim();
                name.rsplit('.').next().unwrap_or_default().to_owned()
            }
            _ => String::new(),
        }
    }

    /// `dataclass(kw_only=True)`, `field(init=False)`.
    fn says(&self, module: ModuleId, call: ExprId, option: &str, wanted: bool) -> bool {
        let code = self.module(module);
        let ExprKind::Call(_, args) = &code.expr(call).kind else { return false };
        args.iter().any(|arg| match arg {
            Arg::Keyword(name, value) => {
                code.name(*name) == option && matches!(code.expr(*value).kind, ExprKind::Bool(given) if given == wanted)
            }
            _ => false,
        })
    }

    /// The constructor of a dataclass, a pydantic model, a `NamedTuple`: arguments to fields, then defaults.
    pub fn generated_init(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        line: &Ancestry,
        args: &Args,
        site: CallSite,
    ) {
        let settings = self.has_base(line, "BaseSettings");
        if settings {
            self.fill_settings(frame, object, line, "", None, 0);
        }
        if !line.external.is_empty() {
            self.hold_fields(frame, line);
        }
        let mut positional = args.positional.iter();
        let (mut passed_on, mut declared) = (Vec::new(), Vec::new());
        for (owner, field) in self.fields_of(line) {
            let keyword = args.keywords.iter().find(|k| k.name == field.name);
            let given = keyword
                .map(|k| k.value)
                .or_else(|| if field.is_positional { positional.next().copied() } else { None });
            let value = match given {
                Some(value) => {
                    let value = self.refine_in(frame, owner, value, field.annotation);
                    self.taken(frame, line, (owner, &field), value, false)
                }
                None if settings => continue,
                None => {
                    let unknown = self.values.join(args.star, args.rest);
                    let unknown = self.taken(frame, line, (owner, &field), unknown, false);
                    let default = self.default_of(frame, line, &field, site);
                    let default = self.taken(frame, line, (owner, &field), default, true);
                    self.values.join(unknown, default)
                }
            };
            declared.push(field.name);
            if self.names_type(owner.0, field.annotation, "InitVar") {
                passed_on.push(value);
            }
            let place = keyword.and_then(|k| k.spans.first().copied());
            if field.is_held {
                self.store_field(object, field.name, value, place, true);
            }
        }
        if self.is_model(line) {
            self.fill_model(frame, object, line, args);
        }
        let is_clear = self.constructor(line) != Constructor::Unknown;
        for keyword in args.keywords.iter().filter(|keyword| !declared.contains(&keyword.name)) {
            let value = keyword.value;
            let value = if is_clear { value } else { self.converted(value, &Kept::text(), frame.instance) };
            self.write_field(object, keyword.name, value);
        }
        for hook in ["__post_init__", "model_post_init", "__attrs_post_init__"] {
            let hook = self.values.sym(hook);
            if self.find_in_class(line, hook, frame.instance) != Val::BOTTOM {
                let receiver = self.values.one(Atom::Object(object));
                let data = self.values.data();
                let extra = if self.values.str(hook) == "model_post_init" { vec![data] } else { passed_on.clone() };
                self.call_method(frame, receiver, hook, &extra);
            }
        }
    }

    /// Annotated fields along an ancestry, base classes first, as constructors take them.
    pub fn fields_of(&self, line: &Ancestry) -> Vec<((ModuleId, ClassId), FieldInfo)> {
        let mut fields: Vec<((ModuleId, ClassId), FieldInfo)> = Vec::new();
        for class in line.ours.iter().rev() {
            for field in self.classes.get(class).map(|i| i.fields.as_slice()).unwrap_or_default() {
                match fields.iter_mut().find(|(_, f)| f.name == field.name) {
                    Some(known) => *known = (*class, *field),
                    None => fields.push((*class, *field)),
                }
            }
        }
        fields
    }

    /// A field's default: the class attribute, with `field(default=…)` and `Field(…)` unwrapped.
    pub fn default_of(&mut self, frame: &mut Frame<'p>, line: &Ancestry, field: &FieldInfo, site: CallSite) -> Val {
        if !field.has_default {
            return Val::BOTTOM;
        }
        let raw = self.find_in_class(line, field.name, frame.instance);
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(raw) {
            let value = match atom {
                Atom::Object(object) if self.heap.get(object).kind == Kind::Field => {
                    self.field_default(frame, object, site)
                }
                atom => self.values.one(atom),
            };
            result = self.values.join(result, value);
        }
        result
    }

    /// `Field(…)`: its arguments are kept. Those that aren't for a default are called when a field is set: validators, converters.
    pub fn make_field(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        for keyword in &args.keywords {
            if !matches!(self.values.str(keyword.name), "default" | "default_factory" | "factory") {
                self.call_all_perhaps(frame, keyword.value, site);
            }
        }
        self.keep_arguments(frame, args, site, Kind::Field)
    }

    /// `Field(default, default_factory=…)`, kept as a partial by the library model.
    fn field_default(&mut self, frame: &mut Frame<'p>, field: ObjId, site: CallSite) -> Val {
        let [factory, default, first] = ["default_factory", "default", "#0"].map(|n| self.values.sym(n));
        let factory = self.read_field(field, factory, frame.instance);
        let made = if factory == Val::BOTTOM { Val::BOTTOM } else { self.call(frame, factory, &Args::default(), site) };
        let (default, first) =
            (self.read_field(field, default, frame.instance), self.read_field(field, first, frame.instance));
        self.values.join_all([made, default, first])
    }

    /// `dataclasses.replace(object, field=value)`: another object of its class.
    pub fn replace_fields(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(args.positional.first().copied().unwrap_or(Val::BOTTOM)) {
            let made = match atom {
                Atom::Object(old) => match self.heap.get(old).kind {
                    Kind::Instance(module, class) => self.copy_with(frame, old, (module, class), args, site),
                    _ => self.values.one(atom),
                },
                _ => self.values.one(atom),
            };
            result = self.values.join(result, made);
        }
        result
    }

    /// `named_tuple._replace(field=value)`, `model.model_copy(update=…)`: another object of its class.
    pub fn copy_of(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Atom,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let one = self.values.one(receiver);
        let mut replaced = Args { positional: vec![one], ..Args::default() };
        match method {
            "_replace" => replaced = args.with_receiver(one),
            "model_copy" | "copy" => {
                let update = self.values.sym("update");
                if let Some(update) = args.keyword(update).map(|keyword| keyword.value) {
                    self.spread_keywords(frame, &mut replaced, update);
                }
            }
            _ => return None,
        }
        let copy = self.replace_fields(frame, &replaced, site);
        self.leave_out_of_copy(frame, copy, args);
        Some(copy)
    }

    fn copy_with(
        &mut self,
        frame: &mut Frame<'p>,
        old: ObjId,
        (module, class): (ModuleId, ClassId),
        args: &Args,
        site: CallSite,
    ) -> Val {
        let line = self.ancestry(module, class);
        if self.has_constructor(frame, &line) {
            let args = self.fields_anew(frame, old, &line, args);
            return self.instantiate(frame, (module, class), &args, site);
        }
        let (new, _) =
            self.heap.object(AllocKey::New(frame.instance, site, module, class), Kind::Instance(module, class));
        let names: Vec<Sym> = self.heap.fields(old).into_iter().map(|(name, _)| name).collect();
        for name in names.into_iter().filter(|name| args.keyword(*name).is_none()) {
            let value = self.read_field(old, name, frame.instance);
            let value = self.values.join(value, args.rest);
            self.write_field(new, name, value);
        }
        let fields = self.fields_of(&line);
        for keyword in &args.keywords {
            let value = match fields.iter().find(|(_, field)| field.name == keyword.name) {
                Some((owner, field)) => self.taken(frame, &line, (*owner, field), keyword.value, false),
                None => keyword.value,
            };
            self.write_field(new, keyword.name, value);
        }
        self.values.one(Atom::Object(new))
    }

    /// Whether a constructor, or what is called after it, does more than to store the fields.
    fn has_constructor(&mut self, frame: &Frame<'p>, line: &Ancestry) -> bool {
        ["__init__", "__post_init__", "__attrs_post_init__"].into_iter().any(|name| {
            let name = self.values.sym(name);
            self.find_in_class(line, name, frame.instance) != Val::BOTTOM
        })
    }

    /// What the constructor is given for an object like an old one: the old one's fields, unless they are replaced
    /// (<https://docs.python.org/3/library/dataclasses.html#dataclasses.replace>).
    fn fields_anew(&mut self, frame: &Frame<'p>, old: ObjId, line: &Ancestry, args: &Args) -> Args {
        let mut keywords = args.keywords.clone();
        for ((module, _), field) in self.fields_of(line) {
            let is_given = keywords.iter().any(|keyword| keyword.name == field.name);
            if is_given || self.names_type(module, field.annotation, "InitVar") {
                continue;
            }
            let value = self.read_field(old, field.name, frame.instance);
            let value = self.values.join(value, args.rest);
            keywords.push(Keyword { name: field.name, value, spans: Vec::new(), always: true });
        }
        Args { keywords, ..Args::default() }
    }
}

/// Whether an annotation holds a call: `Annotated[str, AfterValidator(check)]`.
fn calls(module: &Module, annotation: ExprId) -> bool {
    match &module.expr(annotation).kind {
        ExprKind::Call(..) => true,
        ExprKind::Subscript(_, inner) => calls(module, *inner),
        ExprKind::Tuple(parts) | ExprKind::List(parts) => parts.iter().any(|part| calls(module, *part)),
        ExprKind::Binary(_, left, right) => calls(module, *left) || calls(module, *right),
        _ => false,
    }
}
