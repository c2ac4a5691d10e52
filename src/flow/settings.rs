//! The environment: `os.environ`, `os.getenv`, and pydantic settings, which read it by field names.

use super::call::Args;
use super::class::Ancestry;
use super::fields::FieldInfo;
use super::frame::Frame;
use super::heap::{AllocKey, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Val};
use crate::dynamodb::symbolic::Symbolic;
use crate::python::ModuleId;
use crate::python::ir::ClassId;

/// Settings nested in settings, at most.
const MAX_NESTING: u8 = 5;

impl<'p> Machine<'p> {
    /// The object that stands for variables which the program itself sets.
    pub fn own_environment(&mut self) -> ObjId {
        self.heap.object(AllocKey::Environment, Kind::Dict).0
    }

    /// `os.environ[key] = value`.
    pub fn set_environment(&mut self, key: Val, value: Val) {
        self.note_credentials_variable(key);
        let own = self.own_environment();
        self.store(own, key, value, None, false);
    }

    /// The program sets variables, and it isn't known which.
    pub fn set_environment_unseen(&mut self) {
        let own = self.own_environment();
        let (elements, unknown) = (self.heap.get(own).elements, self.values.data());
        self.write(elements, unknown);
    }

    /// `os.environ[key]`, or `os.environ.get(key, default)`.
    pub fn environment(&mut self, key: Val, default: Option<Val>, frame: &mut Frame<'p>) -> Val {
        let own = self.own_environment();
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(key) {
            let value = if let Atom::Str(name) = atom {
                let set = self.read_field(own, name, frame.instance);
                let name = self.values.str(name).to_owned();
                let given = self.variable(&name, default);
                self.values.join(set, given)
            } else {
                let unknown =
                    self.values.symbolic_atom(&Symbolic::hole("an environment variable whose name is computed"));
                let unknown = self.values.one(unknown);
                default.map_or(unknown, |d| self.values.join(unknown, d))
            };
            result = self.values.join(result, value);
        }
        result
    }

    /// A variable that the entry point gets, else its default, else a hole that says so.
    fn variable(&mut self, name: &str, default: Option<Val>) -> Val {
        let environment = &self.entry.environment;
        let Some(variable) = environment.variables.get(name) else {
            let set_by_lambda = name.starts_with("AWS_") || name.starts_with("LAMBDA_") || name.starts_with('_');
            let may_be_set = environment.open || set_by_lambda;
            let origin = if environment.open {
                format!("environment variable {name}")
            } else {
                format!("environment variable {name}, which the template doesn't set")
            };
            return match default {
                Some(default) if !may_be_set => default,
                _ => {
                    let hole = self.values.symbolic_atom(&Symbolic::hole(origin));
                    let hole = self.values.one(hole);
                    default.map_or(hole, |d| self.values.join(hole, d))
                }
            };
        };
        let mut atoms: Vec<Atom> = Vec::new();
        for value in &variable.values {
            atoms.push(self.values.symbolic_atom(value));
        }
        let optional = variable.optional || variable.values.is_empty();
        let known = self.values.set(atoms);
        match default {
            Some(default) if optional => self.values.join(known, default),
            _ => known,
        }
    }

    pub fn environ_method(&mut self, frame: &mut Frame<'p>, method: &str, args: &Args) -> Val {
        let key = args.positional.first().copied().or_else(|| args.keywords.first().map(|k| k.value));
        let key = key.unwrap_or(Val::BOTTOM);
        let default = self.values.sym("default");
        let second = args.positional.get(1).copied().or_else(|| args.keyword(default).map(|k| k.value));
        match method {
            "get" | "pop" => {
                let default = second.unwrap_or_else(|| self.values.none());
                self.environment(key, Some(default), frame)
            }
            "setdefault" => {
                let default = second.unwrap_or(Val::BOTTOM);
                self.set_environment(key, default);
                self.environment(key, Some(default), frame)
            }
            "update" => {
                let own = self.own_environment();
                for value in args.positional.clone() {
                    self.copy_into(frame, own, value, false);
                }
                let names: Vec<_> = self.heap.fields(own).into_iter().map(|(name, _)| name).collect();
                for name in names.into_iter().chain(args.keywords.iter().map(|keyword| keyword.name)) {
                    let name = self.values.one(Atom::Str(name));
                    self.note_credentials_variable(name);
                }
                if !args.keywords.is_empty() || args.rest != Val::BOTTOM {
                    self.set_environment_unseen();
                }
                self.values.none()
            }
            "copy" => self.values.one(Atom::Environ),
            _ => self.values.data(),
        }
    }

    /// Libraries that read one variable at a call, by the path of what is called and the method:
    /// [environs](https://pypi.org/project/environs/), [decouple](https://pypi.org/project/python-decouple/).
    pub fn read_setting(&mut self, frame: &mut Frame<'p>, reader: &str, method: &str, args: &Args) -> Option<Val> {
        match (reader, method) {
            ("environs.Env" | "environs.env", "__call__" | "str") | ("environs", "env") | ("decouple", "config") => {
                let default = self.values.sym("default");
                let key = args.positional.first().copied()?;
                let default = args.positional.get(1).copied().or_else(|| args.keyword(default).map(|k| k.value));
                Some(self.environment(key, default, frame))
            }
            _ => None,
        }
    }

    /// Fills a settings object: each field from its variable, nested models field by field.
    /// <https://docs.pydantic.dev/latest/concepts/pydantic_settings/>
    pub fn fill_settings(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        line: &Ancestry,
        prefix: &str,
        delimiter: Option<&str>,
        depth: u8,
    ) {
        let own_prefix = self.setting_option(frame, line, "env_prefix").unwrap_or_default();
        let own_delimiter = self.setting_option(frame, line, "env_nested_delimiter");
        let delimiter = delimiter.map(str::to_owned).or(own_delimiter);
        for (owner, field) in self.fields_of(line) {
            let name = self.values.str(field.name).to_owned();
            let mut names = self.aliases(frame, line, &field);
            names.push(format!("{prefix}{}{name}", if depth == 0 { own_prefix.as_str() } else { "" }));
            let found = names.iter().find_map(|n| self.find_variable(n));
            let value = if let Some(variable) = found {
                self.variable(&variable, None)
            } else {
                let nested = format!("{}{}", names[names.len() - 1], delimiter.as_deref().unwrap_or_default());
                let nested = delimiter.is_some().then_some(nested);
                self.nested_or_default(frame, (object, line), (owner, &field), nested, delimiter.as_deref(), depth)
            };
            self.write_field(object, field.name, value);
        }
    }

    fn nested_or_default(
        &mut self,
        frame: &mut Frame<'p>,
        (object, line): (ObjId, &Ancestry),
        (owner, field): ((ModuleId, ClassId), &FieldInfo),
        nested: Option<String>,
        delimiter: Option<&str>,
        depth: u8,
    ) -> Val {
        let mut inside = self.class_frame(frame, owner.0, owner.1);
        let promised = self.annotated(&mut inside, field.annotation);
        let model = self.values.atoms(promised).iter().find_map(|a| match a {
            Atom::Object(o) => match self.heap.get(*o).kind {
                Kind::Instance(m, c) => Some((m, c)),
                _ => None,
            },
            _ => None,
        });
        if let (Some((module, class)), Some(prefix), true) = (model, nested, depth < MAX_NESTING) {
            let (part, _) = self.heap.object(AllocKey::Part(object, field.name), Kind::Instance(module, class));
            let inner = self.ancestry(module, class);
            self.fill_settings(frame, part, &inner, &prefix, delimiter, depth + 1);
            return self.values.one(Atom::Object(part));
        }
        let default = self.default_of(frame, line, field, None);
        if default == Val::BOTTOM {
            let name = self.values.str(field.name).to_owned();
            let hole = self.values.symbolic_atom(&Symbolic::hole(format!("setting {name}, which nothing sets")));
            return self.values.one(hole);
        }
        default
    }

    /// A string option of the nearest class whose configuration has it.
    fn setting_option(&mut self, frame: &Frame<'p>, line: &Ancestry, option: &str) -> Option<String> {
        let option = self.values.sym(option);
        let mut said = line.ours.iter().map(|class| self.config_of(*class, option, frame.instance));
        let value = said.find(|value| *value != Val::BOTTOM)?;
        match self.values.single(value) {
            Some(Atom::Str(text)) => Some(self.values.str(text).to_owned()),
            _ => None,
        }
    }

    /// Names given by `Field(alias=…)`, `validation_alias=`, `env=`.
    fn aliases(&mut self, frame: &mut Frame<'p>, line: &Ancestry, field: &FieldInfo) -> Vec<String> {
        let mut names = Vec::new();
        if !field.has_default {
            return names;
        }
        let raw = self.find_in_class(line, field.name, frame.instance);
        for atom in self.values.atoms_vec(raw) {
            let Atom::Object(object) = atom else { continue };
            if self.heap.get(object).kind != Kind::Field {
                continue;
            }
            for option in ["validation_alias", "alias", "env"] {
                let option = self.values.sym(option);
                let value = self.read_field(object, option, frame.instance);
                if let Some(Atom::Str(text)) = self.values.single(value) {
                    names.push(self.values.str(text).to_owned());
                }
            }
        }
        names
    }

    /// The variable of this name, letter case aside.
    fn find_variable(&self, name: &str) -> Option<String> {
        let variables = &self.entry.environment.variables;
        if variables.contains_key(name) {
            return Some(name.to_owned());
        }
        variables.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()
    }
}
