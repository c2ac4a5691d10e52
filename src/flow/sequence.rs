//! What keeps its order or its names: tuples, named tuples, list displays, a dict's items.

use super::frame::Frame;
use super::heap::{AllocKey, CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::subscript::slice_bound;
use super::value::{Atom, ObjId, Val};
use crate::python::ir::{ExprId, ExprKind, Target};
use crate::source::Span;

/// Most items of a list display whose positions are told apart.
const MAX_POSITIONS: usize = 16;
/// Most entries of a dict that a comprehension takes one by one.
const MAX_ENTRIES: usize = 32;
/// Items of 1 kB that a page of 1 MB holds, the most that Query and Scan give at once
/// ([Query](https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html)).
const MOST_ON_A_PAGE: i64 = 1_000;

/// One round of a comprehension.
pub(super) struct Entry {
    /// What the variable holds.
    pub value: Val,
    /// Where the entry is named.
    pub place: Option<Span>,
    /// Whether there is always such a round.
    pub always: bool,
}

/// The targets that items are dealt to: how many there are, and which of them has a star, with the key of the list that it
/// makes (none where nothing can hold that list).
#[derive(Clone, Copy)]
pub(super) struct Targets {
    pub count: usize,
    pub star: Option<(usize, Option<AllocKey>)>,
}

impl Targets {
    /// The key of the list that `*target` makes.
    pub fn rest(instance: InstanceId, target: &Target) -> Option<AllocKey> {
        match target {
            Target::Name(place, _) => Some(AllocKey::Rest(instance, *place)),
            Target::Attr(object, _) | Target::Subscript(object, _) => Some(AllocKey::Site(instance, Some(*object), 10)),
            Target::Starred(inner) => Self::rest(instance, inner),
            Target::Tuple(_) => None,
        }
    }
}

impl<'p> Machine<'p> {
    /// The items of what has them in a known order, unless somebody changes it.
    pub fn sequence(&mut self, frame: &mut Frame<'p>, atom: Atom) -> Option<Vec<Val>> {
        match atom {
            Atom::Tuple(tuple) => Some(self.values.tuple(tuple).to_vec()),
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::List => self.positions(frame, object),
                Kind::Instance(module, class) => {
                    let line = self.ancestry(module, class);
                    if !self.has_base(&line, "NamedTuple") && !self.has_base(&line, "collections.namedtuple") {
                        return None;
                    }
                    let one = self.values.one(atom);
                    let fields = self.fields_of(&line);
                    Some(fields.into_iter().map(|(_, field)| self.attribute(frame, one, field.name)).collect())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What each target takes of items: the one with a star what the others leave, as a list of its own. `None` if the items
    /// are too many or too few.
    pub fn deal(&mut self, frame: &Frame<'p>, mut items: Vec<Val>, targets: Targets) -> Option<Vec<Val>> {
        let Some((star, key)) = targets.star else { return (items.len() == targets.count).then_some(items) };
        let left = (items.len() + 1).checked_sub(targets.count)?;
        let left = items.splice(star..star + left, [Val::BOTTOM]).collect();
        let rest = if let Some(key) = key {
            let rest = self.container_of(key, frame.instance, Kind::List, &frame.guard);
            self.fill(rest, left);
            Atom::Object(rest)
        } else {
            self.values.tuple_atom(left)
        };
        items[star] = self.values.one(rest);
        Some(items)
    }

    /// What each target takes of something whose items aren't known one by one.
    pub fn deal_any(&mut self, frame: &mut Frame<'p>, atom: Atom, targets: Targets) -> Vec<Val> {
        let whole = self.values.one(atom);
        let item = self.iterate(frame, whole);
        let mut parts = vec![item; targets.count];
        if let Some((star, _)) = targets.star {
            parts[star] = self.values.join(item, whole);
        }
        parts
    }

    /// `sequence[index]` for a constant index.
    pub fn item_at(&mut self, frame: &mut Frame<'p>, atom: Atom, index: Val) -> Option<Val> {
        let Some(Atom::Int(index)) = self.values.single(index) else { return None };
        let items = self.sequence(frame, atom)?;
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let at = if index < 0 { index + length } else { index };
        usize::try_from(at).ok().and_then(|at| items.get(at).copied())
    }

    /// `list[low:high]` of a list that keeps its order: a list of its own.
    pub fn slice_of_list(
        &mut self,
        frame: &mut Frame<'p>,
        expr: ExprId,
        list: Val,
        bounds: [Option<Val>; 2],
    ) -> Option<Val> {
        let list = self.values.single(list).filter(|atom| matches!(atom, Atom::Object(_)))?;
        let items = self.sequence(frame, list)?;
        let bound = |m: &Self, value: Option<Val>, otherwise: usize| match value.map(|value| m.values.single(value)) {
            None => Some(otherwise),
            Some(Some(at)) => slice_bound(at, items.len()),
            Some(None) => None,
        };
        let (from, to) = (bound(self, bounds[0], 0)?, bound(self, bounds[1], items.len())?);
        let items = items.get(from.min(to)..to)?.to_vec();
        let part = self.container(frame.instance, Some(expr), 9, Kind::List, &frame.guard);
        self.fill(part, items);
        Some(self.values.one(Atom::Object(part)))
    }

    /// `object[low:high]`, perhaps with a step.
    pub fn eval_slice(
        &mut self,
        frame: &mut Frame<'p>,
        expr: ExprId,
        object: Val,
        bounds: [Option<ExprId>; 2],
        has_step: bool,
    ) -> Val {
        let bounds = bounds.map(|bound| bound.map(|bound| self.eval(frame, bound)));
        let (ours, others) = self.own_objects(object);
        if ours == Val::BOTTOM {
            return self.slice_others(frame, expr, object, bounds, has_step);
        }
        // What slices an object of ours calls its `__getitem__`.
        let slice = self.values.data();
        let own = self.subscript(frame, ours, slice);
        let others = self.slice_others(frame, expr, others, bounds, has_step);
        self.values.join(own, others)
    }

    /// A slice of what is no object of ours.
    fn slice_others(
        &mut self,
        frame: &mut Frame<'p>,
        expr: ExprId,
        object: Val,
        [low, high]: [Option<Val>; 2],
        has_step: bool,
    ) -> Val {
        if has_step {
            let is_sequence = |atom: &Atom| match *atom {
                Atom::Items(_) | Atom::Tuple(_) => true,
                Atom::Object(object) => self.heap.get(object).kind == Kind::List,
                _ => false,
            };
            // `items[::-1]` begins with the last of them, whichever that is.
            let any = self.values.atoms(object).iter().any(is_sequence);
            return if any { self.any_of_items(frame, object, Some(expr)) } else { self.slice(object, low, high) };
        }
        let part = self.slice_of_list(frame, expr, object, [low, high]);
        let part = part.unwrap_or_else(|| self.slice(object, low, high));
        self.top_of(frame, part, [low, high], Some(expr))
    }

    /// The objects of classes of ours among some, and the others.
    fn own_objects(&mut self, value: Val) -> (Val, Val) {
        let (ours, others) = self.values.atoms_vec(value).partition(|atom| self.is_own_object(*atom));
        (self.values.set(ours), self.values.set(others))
    }

    /// A list of some of a response's items, of which it matters that there are all.
    fn any_of_items(&mut self, frame: &mut Frame<'p>, items: Val, site: CallSite) -> Val {
        let item = self.iterate(frame, items);
        self.list_of(frame, item, site)
    }

    /// `items[:limit]`, `islice(items, limit)` of a response's items: so many from the front, which is no use of the others.
    /// A limit that may be `None`, or counts from the end, leaves it open how many; one that no page may hold limits nothing.
    pub fn top_of(&mut self, frame: &mut Frame<'p>, items: Val, bounds: [Option<Val>; 2], site: CallSite) -> Val {
        let Some(Atom::Items(response)) = self.values.single(items) else { return items };
        let [low, high] = bounds.map(|bound| bound.filter(|bound| self.values.single(*bound) != Some(Atom::None)));
        let from_start = low.is_none_or(|low| self.values.single(low) == Some(Atom::Int(0)));
        let is_number = |atom: &Atom| match atom {
            Atom::Int(limit) => (0..=MOST_ON_A_PAGE).contains(limit),
            Atom::Data(_) | Atom::Opaque(_) | Atom::Method(..) | Atom::ExternalObject(_) | Atom::Str(_) => true,
            _ => false,
        };
        let limit = high.map(|high| self.values.atoms(high)).unwrap_or_default();
        if !from_start {
            return self.any_of_items(frame, items, site);
        }
        if limit.is_empty() || !limit.iter().all(is_number) {
            return items;
        }
        self.pages.uses(response).top = true;
        let item = self.values.item_of(response);
        self.list_of(frame, item, site)
    }

    /// Puts items at a list's positions. A list that is made with different lengths, or empty, has none that can be told.
    pub fn fill(&mut self, list: ObjId, items: Vec<Val>) {
        let known = self.heap.get(list).fields.len();
        if items.is_empty() || known != 0 && known != items.len() {
            self.disorder(list);
        }
        for (index, value) in items.into_iter().enumerate() {
            let name = self.values.sym(&format!("#{index}"));
            self.store_field(list, name, value, None, true);
            let elements = self.heap.get(list).elements;
            self.write(elements, value);
        }
    }

    /// `[a, b]`: besides its elements, the list's fields `#0`, `#1`, … are its items for as long as nothing changes it.
    pub fn eval_ordered_list(&mut self, frame: &mut Frame<'p>, expr: ExprId, items: &'p [ExprId]) -> Val {
        let list = self.container(frame.instance, Some(expr), 0, Kind::List, &frame.guard);
        let items = items.iter().map(|item| self.eval(frame, *item)).collect();
        self.fill(list, items);
        self.values.one(Atom::Object(list))
    }

    /// Forgets a list's order. Lists have no keys; that cell holds something once the order is lost.
    pub fn disorder(&mut self, list: ObjId) {
        let lost = self.heap.get(list).keys;
        let data = self.values.data();
        self.write(lost, data);
    }

    fn is_disordered(&mut self, frame: &Frame<'p>, list: ObjId) -> bool {
        self.heap.read(self.heap.get(list).keys, frame.instance) != Val::BOTTOM
    }

    fn positions(&mut self, frame: &Frame<'p>, list: ObjId) -> Option<Vec<Val>> {
        let zeroth = self.values.sym("#0");
        if self.is_disordered(frame, list) || !self.heap.get(list).fields.contains_key(&zeroth) {
            return None;
        }
        let names: Vec<_> = (0..self.heap.get(list).fields.len()).map(|i| self.values.sym(&format!("#{i}"))).collect();
        Some(names.into_iter().map(|name| self.read_field(list, name, frame.instance)).collect())
    }

    /// `mapping.items()`: its pairs, each also under its key.
    pub fn items_of(&mut self, frame: &mut Frame<'p>, dict: ObjId, site: CallSite) -> Val {
        let list = self.container(frame.instance, site, 6, Kind::List, &frame.guard);
        let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
        let rest = (self.heap.read(keys, frame.instance), self.heap.read(elements, frame.instance));
        let mut pairs = Vec::new();
        for (name, field) in self.heap.fields(dict) {
            let mut value = self.heap.read(field.cell, frame.instance);
            if field.may_lack && self.may_convert(value) {
                value = self.or_unknown(value, frame.instance);
            }
            let key = self.values.one(Atom::Str(name));
            pairs.push((name, key, value, field.spans.first().copied(), field.always));
        }
        if rest != (Val::BOTTOM, Val::BOTTOM) || pairs.is_empty() {
            pairs.push((self.values.sym("#rest"), rest.0, rest.1, None, false));
        }
        let joined = pairs.iter().fold((Val::BOTTOM, Val::BOTTOM), |(keys, values), (_, key, value, ..)| {
            (self.values.join(keys, *key), self.values.join(values, *value))
        });
        let elements = self.heap.get(list).elements;
        let pair = self.values.tuple_atom(vec![joined.0, joined.1]);
        let pair = self.values.one(pair);
        self.write(elements, pair);
        if pairs.len() > MAX_ENTRIES {
            self.disorder(list);
        } else {
            for (name, key, value, place, always) in pairs {
                let pair = self.values.tuple_atom(vec![key, value]);
                let pair = self.values.one(pair);
                self.store_field(list, name, pair, place, always);
            }
        }
        self.values.one(Atom::Object(list))
    }

    /// The rounds of a comprehension over a value: one for each entry that is known, otherwise one for them all.
    pub fn entries(&mut self, frame: &mut Frame<'p>, iterable: Val) -> Vec<Entry> {
        if let Some(Atom::Object(list)) = self.values.single(iterable)
            && self.heap.get(list).kind == Kind::List
            && !self.is_disordered(frame, list)
        {
            let fields = self.heap.fields(list);
            if !fields.is_empty() {
                let round = |(_, field): (_, super::heap::Field)| Entry {
                    value: self.heap.read(field.cell, frame.instance),
                    place: field.spans.first().copied(),
                    always: field.always,
                };
                return fields.into_iter().map(round).collect();
            }
        }
        vec![Entry { value: self.iterate(frame, iterable), place: None, always: false }]
    }

    /// `TypeSerializer().serialize(value)`: the type that is put around a value is looked through wherever it matters, save
    /// around a mapping.
    pub fn serialize(&mut self, frame: &mut Frame<'p>, value: Val, site: CallSite) -> Val {
        let is_dict = |a: &Atom| matches!(a, Atom::Object(o) if self.heap.get(*o).kind == Kind::Dict);
        if !self.values.atoms(value).iter().any(is_dict) {
            return value;
        }
        let dict = self.container(frame.instance, site, 8, Kind::Dict, &frame.guard);
        let map = self.values.sym("M");
        self.store_field(dict, map, value, None, true);
        self.values.one(Atom::Object(dict))
    }
}

/// Whether a list display is kept position by position.
pub(super) fn keeps_order(frame: &Frame<'_>, items: &[ExprId]) -> bool {
    let starred = |item: &ExprId| matches!(frame.module.expr(*item).kind, ExprKind::Starred(_));
    !items.is_empty() && items.len() <= MAX_POSITIONS && !items.iter().any(starred)
}
