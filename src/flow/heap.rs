//! The abstract heap: objects by allocation site, their fields as cells that remember who read them.
//!
//! The heap is flow-insensitive: a cell holds everything that was ever stored, whenever. What a mapping holds on
//! *every* path (needed to tell `Limit=` from `if limit: kwargs["Limit"] = limit`) is kept beside it.

use super::value::{ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, ExprId, FunctionId, Place};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};

/// A function in one calling context.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct InstanceId(pub u32);

/// A place of the heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CellId(pub u32);

/// The expression that makes a call; `None` for calls that no expression spells out: of the handler, of a module's top
/// level, of `__enter__` or a property's getter.
pub(super) type CallSite = Option<ExprId>;

/// What identifies an object: equal keys are one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum AllocKey {
    /// Made by an expression in one context; the number tells several objects of one expression apart.
    Site(InstanceId, CallSite, u8),
    /// An instance that a call makes: one call may make objects of several classes.
    New(InstanceId, CallSite, ModuleId, ClassId),
    /// What `*name` takes of what is unpacked.
    Rest(InstanceId, Place),
    /// The locals of a context that inner functions see.
    Frame(InstanceId),
    /// The items that a generator yields.
    Generator(InstanceId),
    /// A module's namespace.
    Module(ModuleId),
    /// A class's namespace.
    Class(ModuleId, ClassId),
    /// The subclasses of a class, each a class.
    Subclasses(ModuleId, ClassId),
    /// The attributes of a function, made within a frame (as in [`Atom::Function`](super::value::Atom::Function)).
    Function(ModuleId, FunctionId, u32),
    /// The context managers around each call of a function, which is told as for its attributes.
    Around(ModuleId, FunctionId, u32),
    /// All instances of a class that nothing is known of.
    AnyInstance(ModuleId, ClassId),
    /// What a call gives for a function's `*args`.
    Star(InstanceId, CallSite, FunctionId),
    /// What a call gives for a function's `**kwargs`.
    Keywords(InstanceId, CallSite, FunctionId),
    /// Stands for the tuples that a cell held.
    Spilled(CellId),
    /// Environment variables that the program itself sets.
    Environment,
    /// The event that the handler is given.
    Event,
    /// What idempotency of a function needs to know.
    Idempotent(ModuleId, FunctionId),
    /// A container inside another, for nested settings and events: owner and field.
    Part(ObjId, Sym),
}

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Instance(ModuleId, ClassId),
    Dict,
    /// Lists, sets, generators: elements without positions.
    List,
    /// Locals of a function, with the frame around it.
    Frame(FunctionId, Option<ObjId>),
    Module,
    Class,
    /// `functools.partial`: `#callable`, then arguments.
    Partial,
    /// What describes a field of a dataclass or model (`Field(default=…)`): arguments as in a partial.
    Field,
    /// An object of a library that keeps the arguments it was made with, by its class's name: they tell which table, or
    /// which attribute, is meant.
    Tool(Sym),
    /// A `dependency_injector` provider: its kind, `#callable`, then arguments.
    Provider(Sym),
}

/// A field of an object.
#[derive(Debug, Clone)]
pub(super) struct Field {
    pub cell: CellId,
    /// Whether it is stored on every path on which the object exists.
    pub always: bool,
    /// Whether it may have been taken away again, or left out: `pop`, options of a dump.
    pub may_lack: bool,
    /// Where it is named.
    pub spans: Vec<Span>,
}

/// An abstract object.
#[derive(Debug)]
pub(super) struct Object {
    pub kind: Kind,
    pub fields: FxHashMap<Sym, Field>,
    /// Values under keys that aren't known, or a list's elements.
    pub elements: CellId,
    /// Keys that aren't constant strings.
    pub keys: CellId,
    /// Whether the keys that aren't known are none of the fields' names.
    pub apart: bool,
    /// Where it was made: the context, and the branches around the place.
    pub birth: Option<(InstanceId, Vec<u32>)>,
}

/// What a cell holds and who must look again when it grows.
#[derive(Debug, Default)]
struct Cell {
    value: Val,
    readers: FxHashSet<InstanceId>,
    changes: u8,
    writer: Writer,
    /// Where all that it holds is held as well.
    pool: Option<CellId>,
}

/// Who writes a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Writer {
    #[default]
    Nobody,
    One(InstanceId),
    Several,
}

/// Growth steps after which a cell takes nothing more in: it has been widened to "lost" by then.
pub(super) const MAX_CHANGES: u8 = 40;

/// All objects and cells.
#[derive(Debug, Default)]
pub(super) struct Heap {
    objects: Vec<Object>,
    by_key: FxHashMap<AllocKey, ObjId>,
    keys: Vec<AllocKey>,
    cells: Vec<Cell>,
    /// Instances by class, oldest first.
    instances: FxHashMap<(ModuleId, ClassId), Vec<ObjId>>,
    pools: FxHashMap<(ModuleId, ClassId, Sym), CellId>,
}

impl Heap {
    /// A fresh cell that holds nothing.
    pub fn cell(&mut self) -> CellId {
        let cell = CellId(u32::try_from(self.cells.len()).expect("the budget keeps cells below 2^32"));
        self.cells.push(Cell::default());
        cell
    }

    /// The object with this key, made if need be; tells whether it is new.
    pub fn object(&mut self, key: AllocKey, kind: Kind) -> (ObjId, bool) {
        if let Some(object) = self.by_key.get(&key) {
            return (*object, false);
        }
        let object = ObjId(u32::try_from(self.objects.len()).expect("the budget keeps objects below 2^32"));
        let (elements, keys) = (self.cell(), self.cell());
        self.objects.push(Object { kind, fields: FxHashMap::default(), elements, keys, apart: false, birth: None });
        if let Kind::Instance(module, class) = kind {
            self.instances.entry((module, class)).or_default().push(object);
        }
        self.by_key.insert(key, object);
        self.keys.push(key);
        (object, true)
    }

    pub fn find(&self, key: AllocKey) -> Option<ObjId> {
        self.by_key.get(&key).copied()
    }

    pub fn key(&self, object: ObjId) -> AllocKey {
        self.keys[object.0 as usize]
    }

    pub fn get(&self, object: ObjId) -> &Object {
        &self.objects[object.0 as usize]
    }

    pub fn get_mut(&mut self, object: ObjId) -> &mut Object {
        &mut self.objects[object.0 as usize]
    }

    /// All objects with their ids, oldest first.
    pub fn objects(&self) -> impl Iterator<Item = (ObjId, &Object)> {
        (0u32..).map(ObjId).zip(&self.objects)
    }

    /// The instances of just this class, oldest first.
    pub fn instances_of(&self, module: ModuleId, class: ClassId) -> &[ObjId] {
        self.instances.get(&(module, class)).map_or(&[], Vec::as_slice)
    }

    /// The cell that holds what a field holds in any instance of just this class.
    pub fn pool(&mut self, module: ModuleId, class: ClassId, name: Sym) -> CellId {
        if let Some(pool) = self.pools.get(&(module, class, name)) {
            return *pool;
        }
        let pool = self.cell();
        self.pools.insert((module, class, name), pool);
        pool
    }

    /// The cell to which goes all that goes to this one.
    pub fn pool_of(&self, cell: CellId) -> Option<CellId> {
        self.cells[cell.0 as usize].pool
    }

    /// The cell of a field, made empty if need be.
    pub fn field(&mut self, object: ObjId, name: Sym) -> CellId {
        if let Some(field) = self.get(object).fields.get(&name) {
            return field.cell;
        }
        let pool = match self.get(object).kind {
            Kind::Instance(module, class) => Some(self.pool(module, class, name)),
            _ => None,
        };
        let cell = self.cell();
        self.cells[cell.0 as usize].pool = pool;
        self.get_mut(object).fields.insert(name, Field { cell, always: false, may_lack: false, spans: Vec::new() });
        cell
    }

    /// Fields in a stable order (by name's number, which is first-come).
    pub fn fields(&self, object: ObjId) -> Vec<(Sym, Field)> {
        let mut fields: Vec<_> = self.get(object).fields.iter().map(|(k, v)| (*k, v.clone())).collect();
        fields.sort_unstable_by_key(|(name, _)| *name);
        fields
    }

    /// What a cell holds, without becoming its reader.
    pub fn peek(&self, cell: CellId) -> Val {
        self.cells[cell.0 as usize].value
    }

    /// What a cell holds; `reader` will look again when it grows.
    pub fn read(&mut self, cell: CellId, reader: InstanceId) -> Val {
        let cell = &mut self.cells[cell.0 as usize];
        cell.readers.insert(reader);
        cell.value
    }

    /// Replaces a cell's value by a greater one and returns who must look again, in order.
    pub fn grow(&mut self, cell: CellId, value: Val) -> Vec<InstanceId> {
        let cell = &mut self.cells[cell.0 as usize];
        cell.value = value;
        cell.changes = cell.changes.saturating_add(1);
        let mut readers: Vec<_> = cell.readers.iter().copied().collect();
        readers.sort_unstable();
        readers
    }

    /// How often a cell has grown.
    pub fn changes(&self, cell: CellId) -> u8 {
        self.cells[cell.0 as usize].changes
    }

    /// Notes who writes a cell; tells whether that is somebody else for the first time.
    pub fn add_writer(&mut self, cell: CellId, writer: InstanceId) -> bool {
        let known = &mut self.cells[cell.0 as usize].writer;
        match known {
            Writer::One(one) if *one != writer => *known = Writer::Several,
            Writer::Nobody => {
                *known = Writer::One(writer);
                return false;
            }
            _ => return false,
        }
        true
    }

    pub fn is_only_writer(&self, cell: CellId, writer: InstanceId) -> bool {
        self.cells[cell.0 as usize].writer == Writer::One(writer)
    }
}
