//! Abstract values: sets of atoms, interned so that they are small to copy and cheap to compare.

pub(super) use super::access::Principal;
use super::clock::Time;
use super::found::ReadId;
use crate::dynamodb::symbolic::{AT_RUN_TIME, Symbolic};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, FunctionId};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// An interned string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Sym(pub u32);

/// An interned set of atoms: what an expression may evaluate to. Only [`Values`] makes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Val(pub u32);

impl Val {
    /// Nothing: the expression is not (yet) known to evaluate to anything.
    pub const BOTTOM: Val = Val(0);
}

impl Default for Val {
    fn default() -> Self {
        Self::BOTTOM
    }
}

/// An interned atom, for atoms that hold others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AtomId(pub u32);

/// An object of the abstract heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ObjId(pub u32);

/// The response of one Query or Scan call in one context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ResponseId(pub u32);

/// A set of [`Mark`]s, interned; 0 is the empty set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Taint(pub u32);

/// What plain data was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Mark {
    /// A response's LastEvaluatedKey.
    LastKey(ResponseId),
    /// A response as a whole.
    Response(ResponseId),
    /// A response's items.
    Items(ResponseId),
    /// The number of a response's items.
    Count(ResponseId),
    /// It is an item of a response itself. So with what follows: what is made from it is none.
    Item(ResponseId),
    /// It is a float itself; what is made from it may be anything. So with what follows.
    Float,
    /// It is text itself.
    Text,
    /// It is a time itself.
    Time(Time),
    /// A time this many seconds after now; of a span or a duration, its length.
    Ahead(i64),
    /// It is itself what a read of one item answers.
    Reply(ReadId),
    /// It is itself the item that such a read has found.
    Found(ReadId),
    /// It stands for all fields of such an item.
    Copied(ReadId),
    /// It is itself what a batch call on tables of these names answers.
    Batch(Val),
    /// It is itself what such a call has left to do: requests on the same tables.
    Left(Val),
}

impl Mark {
    /// Whether it tells what the data was made from, which holds for what is made of that in turn.
    pub fn is_origin(self) -> bool {
        matches!(self, Self::LastKey(_) | Self::Response(_) | Self::Items(_) | Self::Count(_))
    }
}

/// One thing that a value may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Atom {
    None,
    True,
    False,
    Int(i64),
    Str(Sym),
    /// A partly known string.
    Text(u32),
    /// Numbers, unknown strings, JSON: plain data, never callable into the program.
    Data(Taint),
    /// Lost: anything at all, for the reason given.
    Opaque(Sym),
    /// A name of a library, by its import path: module, function or class.
    External(Sym),
    /// An object that a library made, by the path of what made it.
    ExternalObject(Sym),
    Module(ModuleId),
    /// A package without `__init__.py`, by dotted name.
    Namespace(Sym),
    /// A function and the frame that it closes over (object number plus one; 0 for none).
    Function(ModuleId, FunctionId, u32),
    Class(ModuleId, ClassId),
    /// A function of the program with its receiver.
    Bound(AtomId, AtomId),
    /// A method of something built in: a string, a container, a boto3 object.
    Method(AtomId, Sym),
    Property(AtomId),
    StaticMethod(AtomId),
    ClassMethod(AtomId),
    /// `super()`: the receiver, and the class after which the lookup starts.
    Super(AtomId, ModuleId, ClassId),
    Object(ObjId),
    Tuple(u32),
    Builtin(Sym),
    Environ,
    Session(Principal),
    /// A client, by service.
    Client(Sym, Principal),
    Resource(Sym, Principal),
    /// A table resource, by its name.
    Table(Val, Principal),
    BatchWriter(Val, Principal),
    /// A paginator of an operation (client method name).
    Paginator(Sym, Principal),
    /// `Key("x")` (true) or `Attr("x")` (false).
    ConditionName(Sym, bool),
    Condition(u32),
    Response(ResponseId),
    /// A response's list of items.
    Items(ResponseId),
    /// A number of items: `Count`, or `len` of the items.
    Count(ResponseId),
    LastKey(ResponseId),
    /// What `paginate` returns.
    Pages(ResponseId),
}

/// The atoms of a value: an iterator that is also the slice of them all.
#[derive(Debug, Clone)]
pub(super) struct Atoms {
    set: Rc<[Atom]>,
    next: usize,
}

impl Iterator for Atoms {
    type Item = Atom;

    fn next(&mut self) -> Option<Atom> {
        let atom = self.set.get(self.next).copied();
        self.next += 1;
        atom
    }
}

impl std::ops::Deref for Atoms {
    type Target = [Atom];

    fn deref(&self) -> &[Atom] {
        &self.set
    }
}

/// Most parts of a partly known string.
const MAX_PARTS: usize = 24;

/// Interner of strings, atoms and values of one interpretation.
#[derive(Debug)]
pub(super) struct Values<'p> {
    base: &'p Names,
    strings: Vec<Box<str>>,
    string_index: FxHashMap<Box<str>, Sym>,
    texts: Vec<Symbolic>,
    text_index: FxHashMap<Symbolic, u32>,
    tuples: Vec<Box<[Val]>>,
    tuple_depths: Vec<u8>,
    tuple_index: FxHashMap<Box<[Val]>, u32>,
    atoms: Vec<Atom>,
    atom_index: FxHashMap<Atom, AtomId>,
    sets: Vec<Rc<[Atom]>>,
    set_index: FxHashMap<Rc<[Atom]>, Val>,
    ones: FxHashMap<Atom, Val>,
    joins: FxHashMap<(Val, Val), Val>,
    taints: Vec<Box<[Mark]>>,
    taint_index: FxHashMap<Box<[Mark]>, Taint>,
    pub too_many: Sym,
    pub some_library: Sym,
}

/// Identifiers of all modules, interned once and shared by every interpretation.
#[derive(Debug, Default)]
pub(super) struct Names {
    strings: Vec<Box<str>>,
    index: FxHashMap<Box<str>, Sym>,
}

impl Names {
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.index.get(text).copied()
    }

    pub fn all(&self) -> impl Iterator<Item = (Sym, &str)> {
        (0u32..).map(Sym).zip(self.strings.iter().map(AsRef::as_ref))
    }

    pub fn intern(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.index.get(text) {
            return *sym;
        }
        let sym = Sym(u32::try_from(self.strings.len()).expect("fewer than 2^32 names"));
        self.strings.push(text.into());
        self.index.insert(text.into(), sym);
        sym
    }
}

fn id(length: usize) -> u32 {
    u32::try_from(length).expect("the budget keeps interners below 2^32 entries")
}

impl<'p> Values<'p> {
    pub fn new(base: &'p Names) -> Self {
        let mut values = Self {
            base,
            strings: Vec::new(),
            string_index: FxHashMap::default(),
            texts: Vec::new(),
            text_index: FxHashMap::default(),
            tuples: Vec::new(),
            tuple_depths: Vec::new(),
            tuple_index: FxHashMap::default(),
            atoms: Vec::new(),
            atom_index: FxHashMap::default(),
            sets: vec![Rc::default()],
            set_index: FxHashMap::default(),
            ones: FxHashMap::default(),
            joins: FxHashMap::default(),
            taints: vec![Box::default()],
            taint_index: FxHashMap::default(),
            too_many: Sym(0),
            some_library: Sym(0),
        };
        values.too_many = values.sym("too many possible values");
        values.some_library = values.sym("some library");
        values
    }

    pub fn sym(&mut self, text: &str) -> Sym {
        if let Some(sym) = self.base.index.get(text).or_else(|| self.string_index.get(text)) {
            return *sym;
        }
        let sym = Sym(id(self.base.strings.len() + self.strings.len()));
        self.strings.push(text.into());
        self.string_index.insert(text.into(), sym);
        sym
    }

    pub fn str(&self, sym: Sym) -> &str {
        let index = sym.0 as usize;
        self.base.strings.get(index).unwrap_or_else(|| &self.strings[index - self.base.strings.len()])
    }

    pub fn atom_id(&mut self, atom: Atom) -> AtomId {
        let next = AtomId(id(self.atoms.len()));
        let found = *self.atom_index.entry(atom).or_insert(next);
        if found == next {
            self.atoms.push(atom);
        }
        found
    }

    pub fn atom(&self, id: AtomId) -> Atom {
        self.atoms[id.0 as usize]
    }

    pub fn atoms(&self, value: Val) -> &[Atom] {
        &self.sets[value.0 as usize]
    }

    /// The atoms, detached from the interner so that it can be used while they are walked.
    pub fn atoms_vec(&self, value: Val) -> Atoms {
        Atoms { set: Rc::clone(&self.sets[value.0 as usize]), next: 0 }
    }

    /// The atom, if the value is exactly one.
    pub fn single(&self, value: Val) -> Option<Atom> {
        match self.atoms(value) {
            [one] => Some(*one),
            _ => None,
        }
    }

    pub fn one(&mut self, atom: Atom) -> Val {
        if let Some(value) = self.ones.get(&atom) {
            return *value;
        }
        let value = self.intern_set(vec![atom]);
        self.ones.insert(atom, value);
        value
    }

    pub fn set(&mut self, mut atoms: Vec<Atom>) -> Val {
        atoms.sort_unstable();
        atoms.dedup();
        self.widen(&mut atoms);
        self.intern_set(atoms)
    }

    fn intern_set(&mut self, atoms: Vec<Atom>) -> Val {
        if atoms.is_empty() {
            return Val::BOTTOM;
        }
        if let Some(value) = self.set_index.get(atoms.as_slice()) {
            return *value;
        }
        let value = Val(id(self.sets.len()));
        let atoms: Rc<[Atom]> = atoms.into();
        self.sets.push(Rc::clone(&atoms));
        self.set_index.insert(atoms, value);
        value
    }

    pub fn join(&mut self, a: Val, b: Val) -> Val {
        if a == b || b == Val::BOTTOM {
            return a;
        }
        if a == Val::BOTTOM {
            return b;
        }
        let key = if a < b { (a, b) } else { (b, a) };
        if let Some(value) = self.joins.get(&key) {
            return *value;
        }
        let atoms = [self.atoms(a), self.atoms(b)].concat();
        let value = self.set(atoms);
        self.joins.insert(key, value);
        value
    }

    pub fn join_all(&mut self, values: impl IntoIterator<Item = Val>) -> Val {
        values.into_iter().fold(Val::BOTTOM, |a, b| self.join(a, b))
    }

    pub fn string(&mut self, text: &str) -> Val {
        let sym = self.sym(text);
        self.one(Atom::Str(sym))
    }

    pub fn boolean(&mut self, value: bool) -> Val {
        self.one(if value { Atom::True } else { Atom::False })
    }

    /// Either truth value.
    pub fn any_bool(&mut self) -> Val {
        self.set(vec![Atom::True, Atom::False])
    }

    pub fn none(&mut self) -> Val {
        self.one(Atom::None)
    }

    pub fn data(&mut self) -> Val {
        self.one(Atom::Data(Taint(0)))
    }

    /// A float.
    pub fn float(&mut self) -> Val {
        let taint = self.taint(vec![Mark::Float]);
        self.one(Atom::Data(taint))
    }

    /// Whether it is surely a float.
    pub fn is_float(&self, atom: Atom) -> bool {
        matches!(atom, Atom::Data(taint) if self.marks(taint).contains(&Mark::Float))
    }

    pub fn opaque(&mut self, reason: &str) -> Val {
        let reason = self.sym(reason);
        self.one(Atom::Opaque(reason))
    }

    /// A string atom: [`Atom::Str`] when wholly known.
    pub fn symbolic_atom(&mut self, symbolic: &Symbolic) -> Atom {
        match symbolic.as_text() {
            Some(text) => Atom::Str(self.sym(text)),
            None => self.text_atom(symbolic),
        }
    }

    /// A string that equals nothing for certain, though it names what it names.
    pub fn text_atom(&mut self, symbolic: &Symbolic) -> Atom {
        if symbolic.parts().len() > MAX_PARTS {
            return Atom::Data(Taint(0));
        }
        let next = id(self.texts.len());
        let found = *self.text_index.entry(symbolic.clone()).or_insert(next);
        if found == next {
            self.texts.push(symbolic.clone());
        }
        Atom::Text(found)
    }

    pub fn text(&self, text: u32) -> &Symbolic {
        &self.texts[text as usize]
    }

    /// A string atom as a symbolic string; anything else is a hole.
    pub fn to_symbolic(&self, atom: Atom, label: &str) -> Symbolic {
        match atom {
            Atom::Str(sym) => Symbolic::text(self.str(sym)),
            Atom::Text(text) => self.text(text).clone(),
            Atom::Int(number) => Symbolic::text(number.to_string()),
            Atom::True => Symbolic::text("True"),
            Atom::False => Symbolic::text("False"),
            Atom::Opaque(reason) if label.is_empty() => Symbolic::hole(self.str(reason)),
            _ if label.is_empty() => Symbolic::hole(AT_RUN_TIME),
            _ => Symbolic::hole(label),
        }
    }

    /// A tuple atom. Tuples nested beyond reason are lost, which keeps the set of values finite.
    pub fn tuple_atom(&mut self, items: Vec<Val>) -> Atom {
        let items = items.into_boxed_slice();
        if let Some(tuple) = self.tuple_index.get(&items) {
            return Atom::Tuple(*tuple);
        }
        let inner = items.iter().flat_map(|v| self.atoms(*v)).filter_map(|a| match a {
            Atom::Tuple(t) => Some(self.tuple_depths[*t as usize]),
            _ => None,
        });
        let depth = inner.max().map_or(0, |d| d + 1);
        if depth > 4 {
            return Atom::Opaque(self.too_many);
        }
        let tuple = id(self.tuples.len());
        self.tuples.push(items.clone());
        self.tuple_depths.push(depth);
        self.tuple_index.insert(items, tuple);
        Atom::Tuple(tuple)
    }

    pub fn tuple(&self, tuple: u32) -> &[Val] {
        &self.tuples[tuple as usize]
    }

    pub fn taint(&mut self, mut marks: Vec<Mark>) -> Taint {
        marks.sort_unstable();
        marks.dedup();
        if marks.is_empty() {
            return Taint(0);
        }
        let marks = marks.into_boxed_slice();
        if let Some(taint) = self.taint_index.get(&marks) {
            return *taint;
        }
        let taint = Taint(id(self.taints.len()));
        self.taints.push(marks.clone());
        self.taint_index.insert(marks, taint);
        taint
    }

    pub fn marks(&self, taint: Taint) -> &[Mark] {
        &self.taints[taint.0 as usize]
    }

    /// Plain data made from `sources`: keeps what they say of responses.
    pub fn data_from(&mut self, sources: &[Val]) -> Val {
        let mut marks = Vec::new();
        for value in sources {
            for atom in self.atoms(*value) {
                match atom {
                    Atom::Data(taint) => marks.extend(self.marks(*taint).iter().filter(|mark| mark.is_origin())),
                    Atom::Response(r) | Atom::Pages(r) => marks.push(Mark::Response(*r)),
                    Atom::Items(r) => marks.push(Mark::Items(*r)),
                    Atom::LastKey(r) => marks.push(Mark::LastKey(*r)),
                    Atom::Count(r) => marks.push(Mark::Count(*r)),
                    _ => {}
                }
            }
        }
        let taint = self.taint(marks);
        self.one(Atom::Data(taint))
    }
}
