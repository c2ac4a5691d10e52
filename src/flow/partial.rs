//! `functools.partial`, and what else keeps a call's arguments for later.

use super::call::{Args, Keyword};
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};

impl<'p> Machine<'p> {
    /// `functools.partial(function, …)`.
    pub fn make_partial(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        self.keep_arguments(frame, args, site, Kind::Partial)
    }

    /// An object that keeps a call's arguments for later: `#0`, `#1`, …, and keywords by name.
    pub fn keep_arguments(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite, kind: Kind) -> Val {
        let object = self.container(frame.instance, site, 5, kind, &frame.guard);
        for (index, value) in args.positional.iter().enumerate() {
            let name = self.values.sym(&format!("#{index}"));
            self.store_field(object, name, *value, None, true);
        }
        for keyword in &args.keywords {
            self.store_field(object, keyword.name, keyword.value, keyword.spans.first().copied(), keyword.always);
        }
        let (elements, keys) = (self.heap.get(object).elements, self.heap.get(object).keys);
        for (cell, given) in [(elements, args.rest), (keys, args.star)] {
            if given != Val::BOTTOM {
                self.write(cell, given);
            }
        }
        self.values.one(Atom::Object(object))
    }

    /// The arguments that [`Machine::keep_arguments`] kept, the first split off.
    pub fn kept_arguments(&mut self, frame: &Frame<'p>, object: ObjId) -> (Val, Args) {
        let mut args = Args::default();
        let mut first = Val::BOTTOM;
        let mut positional = Vec::new();
        for (name, field) in self.heap.fields(object) {
            let value = self.heap.read(field.cell, frame.instance);
            match self.values.str(name).strip_prefix('#').and_then(|n| n.parse::<usize>().ok()) {
                Some(0) => first = value,
                Some(index) => positional.push((index, value)),
                None => args.keywords.push(Keyword { name, value, always: field.always, spans: field.spans }),
            }
        }
        positional.sort_unstable();
        args.positional = positional.into_iter().map(|(_, v)| v).collect();
        args.rest = self.heap.read(self.heap.get(object).elements, frame.instance);
        args.star = self.heap.read(self.heap.get(object).keys, frame.instance);
        (if first == Val::BOTTOM { args.star } else { first }, args)
    }

    pub fn call_partial(&mut self, frame: &mut Frame<'p>, object: ObjId, args: &Args, site: CallSite) -> Val {
        let (function, args) = self.partial_call(frame, object, args);
        self.call(frame, function, &args, site)
    }

    /// What a partial function calls, with which arguments.
    pub fn partial_call(&mut self, frame: &Frame<'p>, object: ObjId, args: &Args) -> (Val, Args) {
        let (function, mut kept) = self.kept_arguments(frame, object);
        kept.positional.extend_from_slice(&args.positional);
        for keyword in &args.keywords {
            kept.keywords.retain(|k| k.name != keyword.name);
            kept.keywords.push(keyword.clone());
        }
        kept.star = self.values.join(kept.star, args.star);
        kept.rest = self.values.join(kept.rest, args.rest);
        (function, kept)
    }

    /// `partial.func`, `partial.args`, `partial.keywords`
    /// (<https://docs.python.org/3/library/functools.html#partial-objects>).
    pub fn partial_attribute(&mut self, frame: &Frame<'p>, object: ObjId, name: Sym) -> Val {
        let (function, kept) = self.kept_arguments(frame, object);
        match self.values.str(name) {
            "func" => function,
            "args" if kept.star == Val::BOTTOM => {
                let given = self.values.tuple_atom(kept.positional);
                self.values.one(given)
            }
            "args" => {
                let (list, _) = self.heap.object(AllocKey::Part(object, name), Kind::List);
                kept.positional.into_iter().chain([kept.star]).for_each(|given| self.append(list, given));
                self.values.one(Atom::Object(list))
            }
            "keywords" => {
                let (dict, _) = self.heap.object(AllocKey::Part(object, name), Kind::Dict);
                for Keyword { name, value, always, spans } in kept.keywords {
                    self.store_field(dict, name, value, spans.first().copied(), always);
                }
                let elements = self.heap.get(dict).elements;
                self.write(elements, kept.rest);
                self.values.one(Atom::Object(dict))
            }
            _ => self.method(Atom::Object(object), name),
        }
    }
}
