//! Methods of strings that are at least partly known.

use super::call::Args;
use super::frame::Frame;
use super::machine::Machine;
use super::value::{Atom, Taint, Val, Values};
use super::widen::MAX_STRINGS;
use crate::dynamodb::symbolic::{Part, Symbolic};

impl Values<'_> {
    /// Joins strings end to end, each part with a label for the hole that it becomes when unknown.
    pub fn concat(&mut self, parts: &[(Val, &str)]) -> Val {
        if parts.iter().any(|(v, _)| *v == Val::BOTTOM) {
            return Val::BOTTOM;
        }
        let mut prefixes = vec![Symbolic::default()];
        for (value, label) in parts {
            let mut options: Vec<Symbolic> = self.atoms(*value).iter().map(|a| self.to_symbolic(*a, label)).collect();
            options.sort_unstable();
            options.dedup();
            if options.len() * prefixes.len() > MAX_STRINGS {
                let label = if label.is_empty() { "one of several" } else { label };
                options = vec![Symbolic::hole(label)];
            }
            prefixes = prefixes.iter().flat_map(|p| options.iter().map(move |o| joined(p, o))).collect();
        }
        let sources: Vec<Val> = parts.iter().map(|(v, _)| *v).collect();
        let tainted = self.data_from(&sources);
        let mut atoms: Vec<Atom> = prefixes.iter().map(|p| self.symbolic_atom(p)).collect();
        if self.single(tainted) != Some(Atom::Data(Taint(0))) {
            atoms.extend_from_slice(self.atoms(tainted));
        }
        self.set(atoms)
    }
}

impl<'p> Machine<'p> {
    pub fn string_method(&mut self, frame: &mut Frame<'p>, receiver: Atom, method: &str, args: &Args) -> Val {
        let symbolic = self.values.to_symbolic(receiver, "");
        let me = self.values.one(receiver);
        match method {
            "format" => self.format_method(frame, &symbolic, args),
            "join" => self.join_method(frame, &symbolic, args),
            "format_map" => {
                let mapping = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                self.take_perhaps(frame, mapping);
                me
            }
            "strip" | "lstrip" | "rstrip" | "encode" | "decode" | "expandtabs" | "__str__" => me,
            "upper" => self.map_text(&symbolic, str::to_uppercase),
            "lower" | "casefold" => self.map_text(&symbolic, str::to_lowercase),
            "title" | "capitalize" => self.values.data(),
            "replace" => self.replace(&symbolic, args),
            "startswith" | "endswith" | "isdigit" | "isalpha" | "isalnum" | "isupper" | "islower" => {
                self.string_test(&symbolic, method, args)
            }
            "split" | "rsplit" | "splitlines" | "partition" | "rpartition" => self.values.data(),
            _ => self.values.data(),
        }
    }

    /// Changes the known text; a hole stays a hole, for nothing is known of it anyway.
    fn map_text(&mut self, symbolic: &Symbolic, change: fn(&str) -> String) -> Val {
        if symbolic.parts().iter().any(|p| matches!(p, Part::Resource(..))) {
            return self.values.data();
        }
        let changed: Symbolic = symbolic
            .parts()
            .iter()
            .map(|part| match part {
                Part::Text(text) => Part::Text(change(text)),
                other => other.clone(),
            })
            .collect();
        let atom = self.values.symbolic_atom(&changed);
        self.values.one(atom)
    }

    fn replace(&mut self, symbolic: &Symbolic, args: &Args) -> Val {
        let constant = |m: &Self, i: usize| match args.positional.get(i).and_then(|v| m.values.single(*v)) {
            Some(Atom::Str(text)) => Some(m.values.str(text).to_owned()),
            _ => None,
        };
        match (symbolic.as_text(), constant(self, 0), constant(self, 1)) {
            (Some(text), Some(old), Some(new)) if !old.is_empty() && text.len() < 4096 => {
                let replaced = text.replace(&old, &new);
                self.values.string(&replaced)
            }
            _ => self.values.data(),
        }
    }

    fn string_test(&mut self, symbolic: &Symbolic, method: &str, args: &Args) -> Val {
        let argument = args.positional.first().and_then(|v| self.values.single(*v));
        if let (Some(text), Some(Atom::Str(affix))) = (symbolic.as_text(), argument) {
            let affix = self.values.str(affix);
            let holds = match method {
                "startswith" => text.starts_with(affix),
                "endswith" => text.ends_with(affix),
                _ => return self.values.any_bool(),
            };
            return self.values.boolean(holds);
        }
        self.values.any_bool()
    }

    /// `"…{}…{name}".format(...)`.
    fn format_method(&mut self, frame: &mut Frame<'p>, template: &Symbolic, args: &Args) -> Val {
        let Some(text) = template.as_text() else {
            for value in args.values() {
                self.read_perhaps(frame, value, None);
            }
            return self.values.data();
        };
        let mut pieces: Vec<(Val, String)> = Vec::new();
        let mut next = 0;
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let before = self.values.string(&rest[..open]);
            pieces.push((before, String::new()));
            let Some(close) = rest[open..].find('}').map(|c| open + c) else { return self.values.data() };
            let field = &rest[open + 1..close];
            let name = field.split([':', '!', '.', '[']).next().unwrap_or_default();
            let value = if name.is_empty() {
                next += 1;
                args.positional.get(next - 1).copied()
            } else if let Ok(index) = name.parse::<usize>() {
                args.positional.get(index).copied()
            } else {
                let name = self.values.sym(name);
                args.keyword(name).map(|k| k.value)
            };
            let label = if name.is_empty() { "value" } else { name };
            let path = field.split([':', '!']).next().unwrap_or_default().trim_start_matches(name);
            let value = value.map(|value| self.format_field(frame, value, path));
            let unknown = self.values.data();
            pieces.push((value.unwrap_or(unknown), label.to_owned()));
            rest = &rest[close + 1..];
        }
        let tail = self.values.string(rest);
        pieces.push((tail, String::new()));
        let pieces: Vec<(Val, &str)> = pieces.iter().map(|(v, l)| (*v, l.as_str())).collect();
        self.values.concat(&pieces)
    }

    /// What `{0.name[key]}` takes of objects of ours.
    fn format_field(&mut self, frame: &mut Frame<'p>, value: Val, path: &str) -> Val {
        let mut value = value;
        for part in path.split_inclusive(['.', '[']).collect::<Vec<_>>().windows(2) {
            if !self.values.atoms(value).iter().any(|atom| self.is_own_object(*atom)) {
                break;
            }
            let name = part[1].trim_end_matches(['.', '[', ']']);
            value = if part[0].ends_with('.') {
                let name = self.values.sym(name);
                self.attribute(frame, value, name)
            } else {
                let key = match name.parse() {
                    Ok(index) => self.values.one(Atom::Int(index)),
                    Err(_) => self.values.string(name),
                };
                self.subscript(frame, value, key)
            };
        }
        value
    }

    /// `"…%s…" % value`.
    pub fn percent_format(&mut self, frame: &mut Frame<'p>, template: Val, operand: Val) -> Val {
        let names_keys = |a: &Atom| !matches!(a, Atom::Str(text) if !self.values.str(*text).contains("%("));
        if self.values.atoms(template).iter().any(names_keys) {
            self.take_perhaps(frame, operand);
        }
        let Some(Atom::Str(text)) = self.values.single(template) else {
            return self.values.data_from(&[template, operand]);
        };
        let text = self.values.str(text).to_owned();
        let mut operands = match self.values.single(operand) {
            Some(Atom::Tuple(tuple)) => self.values.tuple(tuple).to_vec(),
            _ => vec![operand],
        }
        .into_iter();
        let mut pieces = Vec::new();
        let mut rest = text.as_str();
        while let Some(at) = rest.find('%') {
            let before = self.values.string(&rest[..at]);
            pieces.push((before, ""));
            let Some(kind) = rest[at + 1..].chars().next() else { break };
            let value = match kind {
                '%' => self.values.string("%"),
                's' | 'd' => operands.next().unwrap_or(Val::BOTTOM),
                _ => return self.values.data_from(&[operand]),
            };
            pieces.push((value, "value"));
            rest = &rest[at + 1 + kind.len_utf8()..];
        }
        let tail = self.values.string(rest);
        pieces.push((tail, ""));
        self.values.concat(&pieces)
    }

    /// `separator.join(parts)`: known for what keeps its order; otherwise the parts in unknown order and number.
    fn join_method(&mut self, frame: &mut Frame<'p>, separator: &Symbolic, args: &Args) -> Val {
        let parts = args.positional.first().copied().unwrap_or(Val::BOTTOM);
        if let Some(items) = self.values.single(parts).and_then(|parts| self.sequence(frame, parts)) {
            let separator = self.values.symbolic_atom(separator);
            let separator = self.values.one(separator);
            let mut pieces = Vec::new();
            for (index, item) in items.into_iter().enumerate() {
                if index > 0 {
                    pieces.push((separator, ""));
                }
                pieces.push((item, "value"));
            }
            return self.values.concat(&pieces);
        }
        let element = self.iterate(frame, parts);
        self.values.data_from(&[element])
    }
}

/// Bytes and parts that a string may have: twice itself, again and again, is soon more than there is memory.
const MAX_STRING: usize = 16 << 10;

fn joined(prefix: &Symbolic, suffix: &Symbolic) -> Symbolic {
    let mut out = prefix.clone();
    let size = |s: &Symbolic| s.parts().iter().map(|p| if let Part::Text(t) = p { t.len() } else { 1 }).sum::<usize>();
    if size(prefix) + size(suffix) > MAX_STRING {
        out.push(Part::Hole("a very long text".to_owned()));
        return out;
    }
    // Long runs of holes carry no information and would grow without bound in a loop.
    let ends_in_hole = matches!(out.parts().last(), Some(Part::Hole(_)));
    for part in suffix.parts() {
        if !(ends_in_hole && out.parts().len() > 8 && matches!(part, Part::Hole(_))) {
            out.push(part.clone());
        }
    }
    out
}
