//! Objects turned into dicts: `asdict(x)`, `x.model_dump()`.

use super::call::Args;
use super::class::Ancestry;
use super::convert::Constructor;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};

/// What the options of a call say of the dict that it makes.
#[derive(Debug, Clone, Copy)]
struct Options {
    /// Whether it may have other keys than the fields' names.
    renames: bool,
    /// Whether it may lack some.
    omits: bool,
    /// Whether values may be changed.
    changes: bool,
}

impl<'p> Machine<'p> {
    /// An object of one of our classes as a dict of its fields. What else may rename or leave out fields makes the dict
    /// incomplete.
    pub fn as_dict(&mut self, frame: &mut Frame<'p>, value: Val, args: &Args, site: CallSite) -> Val {
        let mut others = Vec::new();
        let dict = self.container(frame.instance, site, 7, Kind::Dict, &frame.guard);
        let atoms = self.values.atoms_vec(value);
        let options = self.dump_options(value, args);
        let single = atoms.len() == 1 && !options.omits;
        let mut is_open = options.renames;
        for atom in atoms {
            match atom {
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Instance(..)) => {
                    is_open |= self.dump(frame, dict, object, (single, options.changes));
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

    fn dump_options(&self, value: Val, args: &Args) -> Options {
        let mut options = Options { renames: false, omits: false, changes: false };
        // attrs takes by position what pydantic has names for.
        options.renames |= args.positional.iter().any(|given| *given != value);
        options.renames |= args.star != Val::BOTTOM || args.rest != Val::BOTTOM;
        options.changes = options.renames;
        for keyword in &args.keywords {
            match self.values.str(keyword.name) {
                "mode" | "recurse" | "round_trip" | "warnings" => {}
                "dict_factory" if self.makes_plain_dicts(keyword.value) => {}
                name if name.starts_with("exclude_") => options.omits = true,
                "by_alias" | "include" | "exclude" | "filter" => options.renames = true,
                _ => (options.renames, options.changes) = (true, true),
            }
        }
        options.omits |= options.renames;
        options
    }

    fn makes_plain_dicts(&self, factory: Val) -> bool {
        match self.values.single(factory) {
            Some(Atom::Builtin(name)) => self.values.str(name) == "dict",
            Some(Atom::External(path)) => self.values.str(path) == "collections.OrderedDict",
            _ => false,
        }
    }

    /// Puts an object's fields into a dict; tells whether it may have more of them.
    fn dump(&mut self, frame: &mut Frame<'p>, dict: ObjId, object: ObjId, (always, changes): (bool, bool)) -> bool {
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return true };
        let line = self.ancestry(module, class);
        let hooks: Vec<_> =
            line.ours.iter().filter_map(|class| self.classes.get(class)).map(|info| info.hooks.clone()).collect();
        let is_made = hooks.iter().any(|hooks| hooks.makes_dump);
        let converts = self.constructor(&line) != Constructor::Stores;
        let one = self.values.one(Atom::Object(object));
        for (owner, field) in self.fields_of(&line) {
            let mut value = self.attribute(frame, one, field.name);
            if changes
                || is_made
                || hooks.iter().any(|hooks| hooks.dumped.holds(field.name))
                || converts && self.kept_in(frame, owner, field.annotation).foreign
            {
                value = self.or_unknown(value, frame.instance);
            }
            let place = self.heap.get(object).fields.get(&field.name).and_then(|f| f.spans.first().copied());
            self.store_field(dict, field.name, value, place, always && !is_made);
        }
        for name in hooks.iter().flat_map(|hooks| &hooks.computed) {
            let value = self.computed_field(frame, one, *name);
            self.store_field(dict, *name, value, None, always && !is_made);
        }
        is_made || self.may_have_more(frame, &line)
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
