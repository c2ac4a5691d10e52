//! The event that a handler is given: plain data, or what the templates say that it holds.

use super::heap::{AllocKey, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::dynamodb::json::Json;

impl Machine<'_> {
    /// The event.
    pub fn event(&mut self) -> Val {
        match &self.entry.event {
            Some(event) => self.json(event, AllocKey::Event),
            None => self.values.data(),
        }
    }

    /// A value that is partly known. Members may be missing, and there may be others: the templates say what one event
    /// holds, not what all do. A text is no constant either, as another deployment's may be another.
    fn json(&mut self, json: &Json, key: AllocKey) -> Val {
        match json {
            Json::Unknown => self.values.data(),
            Json::Text(texts) => {
                let mut value = Val::BOTTOM;
                for text in texts {
                    let atom = self.values.text_atom(text);
                    let one = self.values.one(atom);
                    value = self.values.join(value, one);
                }
                value
            }
            Json::List(items) => {
                let (list, _) = self.heap.object(key, Kind::List);
                for (index, item) in items.iter().enumerate() {
                    let name = self.values.sym(&format!("#{index}"));
                    let value = self.json(item, AllocKey::Part(list, name));
                    self.append(list, value);
                }
                self.values.one(Atom::Object(list))
            }
            Json::Map(members) => {
                let (dict, _) = self.heap.object(key, Kind::Dict);
                for (name, member) in members {
                    let name = self.values.sym(name);
                    let value = self.json(member, AllocKey::Part(dict, name));
                    self.store_field(dict, name, value, None, false);
                }
                let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
                let unknown = self.values.data();
                self.write(keys, unknown);
                self.write(elements, unknown);
                self.heap.get_mut(dict).apart = true;
                self.values.one(Atom::Object(dict))
            }
        }
    }
}
