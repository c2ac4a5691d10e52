//! What the standard library makes to be called later: `operator.methodcaller`, `attrgetter`, `itemgetter`; and namespaces
//! made of keywords.

use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};

/// Ends the path of what a getter calls, with what it was made of and then the object.
const CALLED: &str = ".#called";

impl<'p> Machine<'p> {
    /// `operator.methodcaller(name, …)`, `attrgetter(name)`, `itemgetter(key)`; `types.SimpleNamespace(name=value)`.
    pub fn call_getter(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Option<Val> {
        match path {
            "operator.methodcaller" | "operator.attrgetter" | "operator.itemgetter" => {
                let called = self.external(&format!("{path}{CALLED}"));
                Some(self.make_partial(frame, &args.with_receiver(called), site))
            }
            "types.SimpleNamespace" | "argparse.Namespace" => Some(self.make_namespace(frame, args, site)),
            _ => self.get_from(frame, path.strip_suffix(CALLED)?, args, site),
        }
    }

    fn get_from(&mut self, frame: &mut Frame<'p>, getter: &str, args: &Args, site: CallSite) -> Option<Val> {
        let [made_of @ .., object] = args.positional.as_slice() else { return None };
        let (first, given) = made_of.split_first()?;
        if getter == "operator.methodcaller" {
            let Some(Atom::Str(name)) = self.values.single(*first) else { return Some(self.computed()) };
            let method = self.attribute(frame, *object, name);
            return Some(self.call(frame, method, &Args { positional: given.to_vec(), ..args.clone() }, site));
        }
        let mut got: Vec<Val> = made_of.iter().map(|what| self.get_one(frame, getter, *object, *what)).collect();
        if given.is_empty() {
            return got.pop();
        }
        let tuple = self.values.tuple_atom(got);
        Some(self.values.one(tuple))
    }

    /// An item, or an attribute of an attribute by its path.
    fn get_one(&mut self, frame: &mut Frame<'p>, getter: &str, object: Val, what: Val) -> Val {
        if getter == "operator.itemgetter" {
            return self.subscript(frame, object, what);
        }
        let Some(Atom::Str(path)) = self.values.single(what) else { return self.computed() };
        let names: Vec<_> = self.values.str(path).split('.').map(str::to_owned).collect();
        names.into_iter().fold(object, |object, name| {
            let name = self.values.sym(&name);
            self.attribute(frame, object, name)
        })
    }

    fn computed(&mut self) -> Val {
        self.values.opaque("an attribute whose name is computed")
    }

    /// An object whose attributes are the keywords.
    fn make_namespace(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let object = self.container(frame.instance, site, 9, Kind::Module, &frame.guard);
        for keyword in &args.keywords {
            self.write_field(object, keyword.name, keyword.value);
        }
        self.values.one(Atom::Object(object))
    }
}
