//! What the standard library makes to be called later: `operator.methodcaller`, `attrgetter`, `itemgetter`; and namespaces
//! made of keywords.

use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};

/// What a getter calls, with what it was made of and then the object.
const FROM_OBJECT: &str = "operator.#from_object";

impl<'p> Machine<'p> {
    /// `operator.methodcaller(name, …)`, `attrgetter(name)`, `itemgetter(key)`; `types.SimpleNamespace(name=value)`.
    pub fn call_getter(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Option<Val> {
        match path {
            "operator.methodcaller" | "operator.attrgetter" | "operator.itemgetter" => {
                let later = self.external(FROM_OBJECT);
                let kind = self.values.string(path);
                let kept = [later, kind].into_iter().chain(args.positional.iter().copied()).collect();
                Some(self.make_partial(frame, &Args { positional: kept, ..args.clone() }, site))
            }
            FROM_OBJECT => {
                let (kind, given, object) = match args.positional.as_slice() {
                    [kind, given @ .., object] => (*kind, given.to_vec(), *object),
                    _ => return None,
                };
                Some(self.get_from(frame, (kind, object), &Args { positional: given, ..args.clone() }, site))
            }
            "types.SimpleNamespace" | "argparse.Namespace" => Some(self.make_namespace(frame, args, site)),
            _ => None,
        }
    }

    fn get_from(&mut self, frame: &mut Frame<'p>, (kind, object): (Val, Val), args: &Args, site: CallSite) -> Val {
        let mut args = args.clone();
        let first = if args.positional.is_empty() { Val::BOTTOM } else { args.positional.remove(0) };
        let kind = match self.values.single(kind) {
            Some(Atom::Str(kind)) => self.values.str(kind),
            _ => "",
        };
        match (kind, self.values.single(first)) {
            // Of several, all are given at once, as a tuple: too rare to tell apart.
            ("operator.itemgetter", _) => self.subscript(frame, object, first),
            ("operator.methodcaller", Some(Atom::Str(name))) => {
                let method = self.attribute(frame, object, name);
                self.call(frame, method, &args, site)
            }
            (_, Some(Atom::Str(path))) => {
                let names: Vec<_> = self.values.str(path).split('.').map(str::to_owned).collect();
                names.into_iter().fold(object, |object, name| {
                    let name = self.values.sym(&name);
                    self.attribute(frame, object, name)
                })
            }
            _ => self.values.opaque("an attribute whose name is computed"),
        }
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
