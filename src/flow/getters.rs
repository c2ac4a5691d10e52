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
        let [first, given @ .., object] = args.positional.as_slice() else { return None };
        Some(match (getter, self.values.single(*first)) {
            // Of several, all are given at once, as a tuple: too rare to tell apart.
            ("operator.itemgetter", _) => self.subscript(frame, *object, *first),
            ("operator.methodcaller", Some(Atom::Str(name))) => {
                let method = self.attribute(frame, *object, name);
                self.call(frame, method, &Args { positional: given.to_vec(), ..args.clone() }, site)
            }
            (_, Some(Atom::Str(path))) => {
                let names: Vec<_> = self.values.str(path).split('.').map(str::to_owned).collect();
                names.into_iter().fold(*object, |object, name| {
                    let name = self.values.sym(&name);
                    self.attribute(frame, object, name)
                })
            }
            _ => self.values.opaque("an attribute whose name is computed"),
        })
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
