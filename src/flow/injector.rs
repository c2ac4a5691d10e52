//! `dependency_injector`: providers keep a callable and its arguments, and inject what other providers provide.
//! <https://python-dependency-injector.ets-labs.org/providers/index.html>

use super::call::{Args, Keyword};
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};

impl<'p> Machine<'p> {
    /// `providers.Factory(Class, argument=…)`.
    pub fn make_provider(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Val {
        let kind = path.rsplit('.').next().unwrap_or(path).to_owned();
        let kind = self.values.sym(&kind);
        self.keep_arguments(frame, args, site, Kind::Provider(kind))
    }

    fn provider_kind(&self, provider: ObjId) -> &str {
        match self.heap.get(provider).kind {
            Kind::Provider(kind) => self.values.str(kind),
            _ => "",
        }
    }

    /// `provider()`: what it provides.
    pub fn call_provider(&mut self, frame: &mut Frame<'p>, provider: ObjId, args: &Args, site: CallSite) -> Val {
        let kind = self.provider_kind(provider).to_owned();
        let (first, kept) = self.kept_arguments(frame, provider);
        let provided = match kind.as_str() {
            "Object" => first,
            "Configuration" => self.values.data(),
            "Dependency" | "Delegate" | "Self" => first,
            "List" | "Dict" => {
                let kept = self.inject(frame, &kept, site);
                if kind == "Dict" { self.make_dict(frame, &kept, site) } else { self.values.data() }
            }
            _ => {
                let mut call = self.inject(frame, &kept, site);
                call.positional.extend_from_slice(&args.positional);
                for keyword in &args.keywords {
                    call.keywords.retain(|k| k.name != keyword.name);
                    call.keywords.push(keyword.clone());
                }
                self.call(frame, first, &call, site)
            }
        };
        let name = self.values.sym("#override");
        let overriding = self.read_field(provider, name, frame.instance);
        if overriding == Val::BOTTOM {
            return provided;
        }
        let replaced = self.call(frame, overriding, args, site);
        self.values.join(provided, replaced)
    }

    /// Arguments that are providers become what they provide.
    fn inject(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Args {
        Args {
            positional: args.positional.iter().map(|v| self.provided(frame, *v, site)).collect(),
            keywords: args
                .keywords
                .iter()
                .map(|k| Keyword { value: self.provided(frame, k.value, site), ..k.clone() })
                .collect(),
            star: args.star,
            rest: args.rest,
        }
    }

    fn provided(&mut self, frame: &mut Frame<'p>, value: Val, site: CallSite) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let one = match atom {
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Provider(_)) => {
                    self.once(object, |m| m.call_provider(frame, object, &Args::default(), site))
                }
                atom => self.values.one(atom),
            };
            result = self.values.join(result, one);
        }
        result
    }

    /// `provider.name`: of a nested container, its member; of a configuration, more configuration.
    pub fn provider_attribute(&mut self, frame: &mut Frame<'p>, provider: ObjId, name: Sym) -> Val {
        let me = Atom::Object(provider);
        match (self.provider_kind(provider), self.values.str(name)) {
            ("Configuration", _) | (_, "provider" | "provided" | "cls") => self.values.one(me),
            ("Container", _) => {
                let (container, _) = self.kept_arguments(frame, provider);
                let overridden = self.read_field(provider, name, frame.instance);
                let member = self.attribute(frame, container, name);
                self.values.join(overridden, member)
            }
            ("DependenciesContainer", _) => {
                let member = self.read_field(provider, name, frame.instance);
                if member == Val::BOTTOM { self.unset(frame.instance) } else { member }
            }
            _ => self.method(me, name),
        }
    }
}
