//! Objects turned into dicts: `asdict(x)`, `x.model_dump()`.

use super::call::Args;
use super::class::Ancestry;
use super::convert::Constructor;
use super::fields::FieldInfo;
use super::frame::Frame;
use super::heap::{CallSite, Field, InstanceId, Kind};
use super::hooks::Touched;
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};

/// What the options of a call say of the dict that it makes.
#[derive(Debug, Clone, Default)]
struct Options {
    /// Whether it may have other keys than the fields' names.
    renames: bool,
    /// Whether it may lack some.
    omits: bool,
    /// Whether values may be changed.
    changes: bool,
    /// Fields that it may leave out.
    excluded: Touched,
    /// Fields that it holds at most.
    included: Option<Touched>,
    /// Whether it may leave out fields that hold their defaults.
    without_defaults: bool,
}

impl Options {
    fn leaves_out(&self, name: Sym) -> bool {
        self.excluded.holds(name) || self.included.as_ref().is_some_and(|included| !included.holds(name))
    }
}

impl<'p> Machine<'p> {
    /// An object of one of our classes as a dict of its fields. What else may rename or leave out fields makes the dict
    /// incomplete.
    pub fn as_dict(&mut self, frame: &mut Frame<'p>, value: Val, args: &Args, site: CallSite) -> Val {
        let mut others = Vec::new();
        let dict = self.container(frame.instance, site, 7, Kind::Dict, &frame.guard);
        let atoms = self.values.atoms_vec(value);
        let options = self.dump_options(frame, value, args);
        let single = atoms.len() == 1 && !options.omits;
        let mut is_open = options.renames;
        for atom in atoms {
            match atom {
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Instance(..)) => {
                    is_open |= self.dump(frame, dict, object, single, &options);
                    others.push(Atom::Object(dict));
                }
                _ => others.push(atom),
            }
        }
        if is_open {
            let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
            let unknown = self.values.data();
            self.write(keys, unknown);
            self.write(elements, unknown);
        }
        self.values.set(others)
    }

    fn dump_options(&mut self, frame: &Frame<'p>, value: Val, args: &Args) -> Options {
        let mut options = Options::default();
        // attrs takes by position what pydantic has names for.
        options.renames |= args.positional.iter().any(|given| *given != value);
        options.renames |= args.star != Val::BOTTOM || args.rest != Val::BOTTOM;
        options.changes = options.renames;
        for keyword in &args.keywords {
            match self.values.str(keyword.name) {
                "mode" | "recurse" | "round_trip" | "warnings" => {}
                "dict_factory" if self.makes_plain_dicts(keyword.value) => {}
                name if name.starts_with("exclude_") => {
                    options.omits = true;
                    options.without_defaults |= matches!(name, "exclude_defaults" | "exclude_unset");
                }
                "by_alias" => options.renames = true,
                "include" => {
                    options.renames = true;
                    let names = self.names_in(keyword.value, frame.instance);
                    options.included = Some(Touched::named(Some(names.unwrap_or_default())));
                }
                "exclude" => {
                    options.renames = true;
                    options.excluded = Touched::named(self.names_in(keyword.value, frame.instance));
                }
                "filter" => (options.renames, options.excluded) = (true, Touched::named(None)),
                _ => (options.renames, options.changes) = (true, true),
            }
        }
        options.omits |= options.renames;
        options
    }

    /// The fields that a set or a mapping names. Of what isn't known, these are all for `exclude` and none for `include`.
    fn names_in(&mut self, given: Val, reader: InstanceId) -> Option<Vec<Sym>> {
        let mut names = Vec::new();
        for atom in self.values.atoms_vec(given) {
            let held = match atom {
                Atom::None => continue,
                Atom::Object(object) => match self.heap.get(object).kind {
                    Kind::Dict => self.keys_of(object, reader),
                    Kind::List => self.all_values(object, reader),
                    _ => return None,
                },
                Atom::Tuple(tuple) => {
                    let items = self.values.tuple(tuple).to_vec();
                    self.values.join_all(items)
                }
                _ => return None,
            };
            for name in self.values.atoms(held) {
                let Atom::Str(name) = name else { return None };
                names.push(*name);
            }
        }
        Some(names)
    }

    /// `model.copy(exclude=…)`.
    pub fn leave_out_of_copy(&mut self, frame: &Frame<'p>, copy: Val, args: &Args) {
        let options = self.dump_options(frame, copy, args);
        for atom in self.values.atoms_vec(copy) {
            let Atom::Object(object) = atom else { continue };
            for (name, _) in self.heap.fields(object) {
                if options.leaves_out(name) {
                    self.leave_out(object, name);
                }
            }
        }
    }

    fn makes_plain_dicts(&self, factory: Val) -> bool {
        match self.values.single(factory) {
            Some(Atom::Builtin(name)) => self.values.str(name) == "dict",
            Some(Atom::External(path)) => self.values.str(path) == "collections.OrderedDict",
            _ => false,
        }
    }

    /// Puts an object's fields into a dict; tells whether it may have more of them.
    fn dump(&mut self, frame: &mut Frame<'p>, dict: ObjId, object: ObjId, always: bool, options: &Options) -> bool {
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return true };
        let line = self.ancestry(module, class);
        let hooks: Vec<_> =
            line.ours.iter().filter_map(|class| self.classes.get(class)).map(|info| info.hooks.clone()).collect();
        let is_made = hooks.iter().any(|hooks| hooks.makes_dump);
        let constructor = self.constructor(&line);
        let converts = constructor != Constructor::Stores;
        // pydantic takes these for its own, and `Config.fields` says of others what `Field` does.
        let is_private = |m: &Self, name| constructor == Constructor::Converts && m.values.str(name).starts_with('_');
        let is_configured = self.may_say(&line, "fields", &[], frame.instance);
        let one = self.values.one(Atom::Object(object));
        for (owner, field) in self.fields_of(&line) {
            if !field.is_held || is_private(self, field.name) {
                continue;
            }
            let mut value = self.attribute(frame, one, field.name);
            if options.changes
                || is_made
                || hooks.iter().any(|hooks| hooks.dumped.holds(field.name))
                || converts && self.kept_in(frame, owner, field.annotation).foreign
            {
                value = self.or_unknown(value, frame.instance);
            }
            let held = self.heap.get(object).fields.get(&field.name);
            let place = held.and_then(|f| f.spans.first().copied());
            let may_lack = is_configured
                || held.is_some_and(|held| held.may_lack)
                || options.leaves_out(field.name)
                || self.is_excluded(&line, field.name)
                || options.without_defaults && self.may_be_default(frame, &line, &field, value);
            self.store_field(dict, field.name, value, place, always && !is_made && !may_lack);
            if may_lack {
                self.leave_out(dict, field.name);
            }
        }
        for name in hooks.iter().flat_map(|hooks| &hooks.computed) {
            let value = self.computed_field(frame, one, *name);
            self.store_field(dict, *name, value, None, always && !is_made);
            if options.leaves_out(*name) {
                self.leave_out(dict, *name);
            }
        }
        is_made || is_configured || self.may_have_more(frame, &line)
    }

    /// `Field(exclude=True)`.
    fn is_excluded(&self, line: &Ancestry, name: Sym) -> bool {
        let is_false = |field: &Field| self.values.single(self.heap.peek(field.cell)) == Some(Atom::False);
        self.values.atoms(self.class_holds(line, name)).iter().any(|atom| match atom {
            Atom::Object(object) if self.heap.get(*object).kind == Kind::Field => {
                let mut options = self.heap.get(*object).fields.iter();
                options.any(|(name, field)| self.values.str(*name).starts_with("exclude") && !is_false(field))
            }
            _ => false,
        })
    }

    /// Whether a value may be the field's default.
    fn may_be_default(&mut self, frame: &Frame<'p>, line: &Ancestry, field: &FieldInfo, value: Val) -> bool {
        if !field.has_default || value == Val::BOTTOM {
            return false;
        }
        let [default, first] = ["default", "#0"].map(|name| self.values.sym(name));
        let mut defaults = Val::BOTTOM;
        for atom in self.values.atoms_vec(self.class_holds(line, field.name)) {
            let one = match atom {
                Atom::Object(object) if self.heap.get(object).kind == Kind::Field => {
                    let given = [default, first].map(|name| self.read_field(object, name, frame.instance));
                    self.values.join_all(given)
                }
                atom => self.values.one(atom),
            };
            // What a factory makes isn't looked at.
            if one == Val::BOTTOM {
                return true;
            }
            defaults = self.values.join(defaults, one);
        }
        self.values.atoms(value).iter().all(|atom| self.values.atoms(defaults).contains(atom))
    }

    /// The value of a field that a method computes.
    fn computed_field(&mut self, frame: &mut Frame<'p>, object: Val, name: Sym) -> Val {
        let value = self.attribute(frame, object, name);
        let is_method = |atom: &Atom| matches!(atom, Atom::Bound(..) | Atom::Function(..) | Atom::Property(_));
        if self.values.atoms(value).iter().any(is_method) { self.values.data() } else { value }
    }

    /// Whether objects of a class may have fields, or names for them in a dump, that aren't declared in our classes.
    fn may_have_more(&mut self, frame: &Frame<'p>, line: &Ancestry) -> bool {
        self.constructor(line) == Constructor::Unknown
            || self.may_say(line, "extra", &["ignore", "forbid"], frame.instance)
            || self.may_say(line, "serialize_by_alias", &[], frame.instance)
            || self.has_undeclared(frame, line)
    }

    /// Whether a class has fields that have no annotation: `x = attr.ib()`.
    fn has_undeclared(&mut self, frame: &Frame<'p>, line: &Ancestry) -> bool {
        let declared: Vec<Sym> = self.fields_of(line).into_iter().map(|(_, field)| field.name).collect();
        line.ours.iter().any(|class| {
            let Some(namespace) = self.classes.get(class).map(|info| info.namespace) else { return false };
            let fields = self.heap.fields(namespace).into_iter().filter(|(name, _)| !declared.contains(name));
            fields.into_iter().any(|(_, field)| {
                let value = self.heap.read(field.cell, frame.instance);
                let is_field = |a: &Atom| matches!(a, Atom::Object(o) if self.heap.get(*o).kind == Kind::Field);
                self.values.atoms(value).iter().any(is_field)
            })
        })
    }
}
