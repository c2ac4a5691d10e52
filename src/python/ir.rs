//! The intermediate representation of one Python file: small, owned, scopes already resolved.
//!
//! Lowering happens once a file; the syntax tree is dropped at once. Expressions live in one arena a module so that
//! ids are cheap to copy and places cheap to compare. Names are interned a module ([`NameId`] into [`Module::names`]).
//! What can't be understood is kept as [`ExprKind::Unsupported`] or [`Stmt::Unsupported`], never dropped.

pub use super::block::Block;
use super::walk::Order;
use crate::source::FileId;
use std::sync::OnceLock;

/// Index into [`Module::names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NameId(pub u32);
/// Index into [`Module::exprs`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExprId(pub u32);
/// Index into [`Module::functions`]. [`Module::TOP`] is the module's own top level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub u32);
/// Index into [`Module::classes`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u32);
/// Index into [`Function::slots`]: a local variable (parameters first).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u32);

/// A byte range of the module's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Range {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// One Python file.
#[derive(Debug)]
pub struct Module {
    /// The file.
    pub file: FileId,
    /// Interned identifiers: variables, attributes, keyword names.
    pub names: Vec<Box<str>>,
    /// Expression arena.
    pub exprs: Vec<Expr>,
    /// Functions, lambdas and, first, the module's top level.
    pub functions: Vec<Function>,
    /// Classes, in order of appearance.
    pub classes: Vec<Class>,
    /// For those who look things up by their place.
    pub(super) order: OnceLock<Order>,
}

impl Module {
    /// The top level, as a function without parameters. Its plain names are [`Place::Global`]; its slots hold
    /// only comprehension variables.
    pub const TOP: FunctionId = FunctionId(0);

    /// An identifier's text.
    pub fn name(&self, id: NameId) -> &str {
        &self.names[id.0 as usize]
    }
    /// An expression.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.0 as usize]
    }
    /// A class.
    pub fn class(&self, id: ClassId) -> &Class {
        &self.classes[id.0 as usize]
    }
}

/// An expression and its place.
#[derive(Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub range: Range,
}

/// Where a name lives, by Python's scoping rules (`global` and `nonlocal` honoured).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// A local of the current function.
    Local(Slot),
    /// A local of a lexically enclosing function: `function` is that function, `slot` its local.
    Enclosing(FunctionId, Slot),
    /// A module global; if the module has none of that name, a builtin.
    Global(NameId),
    /// Class body only: a name of the class's namespace, falling back to [`Place::Global`] (or an enclosing
    /// function's local, which this IR gives up on) when it isn't set there.
    Class(NameId),
}

/// Kinds of expression.
#[derive(Debug)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum ExprKind {
    None,
    Bool(bool),
    Int(i64),
    /// Floats and complex numbers.
    Float,
    /// Integers beyond 64 bits.
    Number,
    /// A string literal with escapes decoded; adjacent literals joined.
    Str(Box<str>),
    Bytes,
    Ellipsis,
    FString(Vec<FPart>),
    Name(Place, NameId),
    Tuple(Vec<ExprId>),
    List(Vec<ExprId>),
    Set(Vec<ExprId>),
    Dict(Vec<DictItem>),
    Attr(ExprId, NameId),
    Subscript(ExprId, ExprId),
    Slice(Option<ExprId>, Option<ExprId>, Option<ExprId>),
    Call(ExprId, Vec<Arg>),
    Binary(BinaryOp, ExprId, ExprId),
    Unary(UnaryOp, ExprId),
    Not(ExprId),
    And(ExprId, ExprId),
    Or(ExprId, ExprId),
    /// `a < b <= c` as its first operand and the (operator, operand) pairs.
    Compare(ExprId, Vec<(CompareOp, ExprId)>),
    /// `then if test else otherwise`.
    If {
        test: ExprId,
        then: ExprId,
        otherwise: ExprId,
    },
    Lambda(FunctionId),
    Comprehension(Box<Comprehension>),
    /// `target := value`.
    Walrus(Target, ExprId),
    Await(ExprId),
    Yield(Option<ExprId>),
    YieldFrom(ExprId),
    /// `*x` in a display or subscript.
    Starred(ExprId),
    /// Syntax that the lowering doesn't know, or an error node. Its known parts, evaluated in order.
    Unsupported(Vec<ExprId>),
}

/// A piece of an f-string. Conversions are dropped, and of format specifications all but what they evaluate.
#[derive(Debug)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum FPart {
    Text(Box<str>),
    Expr(ExprId),
    /// Within the format specification of the expression before, and that itself: it may change how the value looks.
    Format(ExprId),
}

/// An entry of a dict display.
#[derive(Debug)]
pub enum DictItem {
    /// `key: value`.
    Pair(ExprId, ExprId),
    /// `**mapping`.
    Spread(ExprId),
}

/// A call's argument.
#[derive(Debug)]
pub enum Arg {
    /// `f(x)`.
    Positional(ExprId),
    /// `f(name=x)`.
    Keyword(NameId, ExprId),
    /// `f(*xs)`.
    Star(ExprId),
    /// `f(**kw)`.
    DoubleStar(ExprId),
}

/// Arithmetic and bit operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Div,
    FloorDiv,
    Mod,
    Pow,
    MatMul,
    BitAnd,
    BitOr,
    BitXor,
    ShiftLeft,
    ShiftRight,
}

/// Unary operators, but `not`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum UnaryOp {
    Minus,
    Plus,
    Invert,
}

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum CompareOp {
    Eq,
    NotEq,
    Less,
    LessEq,
    Greater,
    GreaterEq,
    In,
    NotIn,
    Is,
    IsNot,
}

/// A comprehension or generator expression. Its variables are locals of the function around it, renamed apart.
#[derive(Debug)]
pub struct Comprehension {
    /// What it builds.
    pub kind: ComprehensionKind,
    /// The element, or a dict's key.
    pub element: ExprId,
    /// A dict's value.
    pub value: Option<ExprId>,
    /// `for` and `if` clauses, in order.
    pub clauses: Vec<Clause>,
}

/// What a comprehension builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum ComprehensionKind {
    List,
    Set,
    Dict,
    Generator,
}

/// A clause of a comprehension.
#[derive(Debug)]
pub enum Clause {
    /// `for target in iterable`.
    For(Target, ExprId),
    /// `if test`.
    If(ExprId),
}

/// The left side of an assignment.
#[derive(Debug)]
pub enum Target {
    /// A variable.
    Name(Place, NameId),
    /// `object.name`.
    Attr(ExprId, NameId),
    /// `object[index]`.
    Subscript(ExprId, ExprId),
    /// `a, *b = …`.
    Tuple(Vec<Target>),
    /// `*rest`, inside a tuple.
    Starred(Box<Target>),
}

/// Statements.
#[derive(Debug)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum Stmt {
    Expr(ExprId),
    /// `a = b = value`.
    Assign(Vec<Target>, ExprId),
    /// `target: annotation [= value]`.
    Annotated {
        target: Target,
        annotation: ExprId,
        value: Option<ExprId>,
    },
    /// `target op= value`. The range is the statement's.
    Augmented {
        target: Target,
        op: BinaryOp,
        value: ExprId,
        range: Range,
    },
    Return(Option<ExprId>),
    If {
        test: ExprId,
        then: Block,
        otherwise: Block,
    },
    While {
        test: ExprId,
        body: Block,
        otherwise: Block,
    },
    For {
        /// Whether it is `async for`.
        is_async: bool,
        target: Target,
        iter: ExprId,
        body: Block,
        otherwise: Block,
    },
    Try {
        body: Block,
        handlers: Vec<Handler>,
        otherwise: Block,
        finally: Block,
    },
    With {
        /// Whether it is `async with`.
        is_async: bool,
        items: Vec<(ExprId, Option<Target>)>,
        body: Block,
    },
    Match {
        subject: ExprId,
        cases: Vec<Case>,
    },
    /// `raise exception from cause`.
    Raise(Option<ExprId>, Option<ExprId>),
    /// `assert test, message`.
    Assert(ExprId, Option<ExprId>),
    Delete(Vec<Target>),
    Break,
    Continue,
    /// `import a.b.c [as x]`. `target` is bound to `a`, or to the whole module if `aliased`.
    Import {
        module: Box<str>,
        target: Target,
        aliased: bool,
        range: Range,
    },
    /// `from ..module import name [as x]`: `level` dots, names with their targets. Star imports have `star` set and no names.
    ImportFrom {
        level: u32,
        module: Box<str>,
        names: Vec<(Box<str>, Target)>,
        star: bool,
        range: Range,
    },
    /// `def`: binds the function (decorators are in [`Function::decorators`]).
    Def(FunctionId, Target),
    /// `class`.
    Class(ClassId, Target),
    /// An error node or unknown syntax. Its known parts, evaluated in order.
    Unsupported(Vec<ExprId>),
}

/// `except types as name: body`.
#[derive(Debug)]
pub struct Handler {
    /// The caught types.
    pub types: Option<ExprId>,
    /// The variable.
    pub target: Option<Target>,
    /// The body.
    pub body: Block,
}

/// `case pattern if guard: body`.
#[derive(Debug)]
pub struct Case {
    /// What the subject must be like.
    pub pattern: Pattern,
    /// `if guard`.
    pub guard: Option<ExprId>,
    /// The body.
    pub body: Block,
    /// See [`Case::extent`].
    pub(super) extent: OnceLock<Option<Range>>,
}

/// A pattern of a `match`, in the terms of [PEP 634](https://peps.python.org/pep-0634/).
#[derive(Debug)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum Pattern {
    /// `_`, and what isn't understood: matches anything, binds nothing.
    Wildcard,
    /// A literal or a dotted name.
    Value(ExprId),
    Capture(Target),
    /// `pattern as target`
    As(Box<Pattern>, Target),
    /// `a | b`
    Or(Vec<Pattern>),
    /// `[a, b]`, `(a, b)` or `a, b`
    Sequence(Vec<Pattern>),
    /// `*rest` or `*_` within a sequence
    Star(Option<Target>),
    /// `{key: pattern, **rest}`
    Mapping {
        entries: Vec<(ExprId, Pattern)>,
        rest: Option<Target>,
    },
    /// `Class(pattern, keyword=pattern)`
    Class {
        class: ExprId,
        positional: Vec<Pattern>,
        keywords: Vec<(NameId, Pattern)>,
    },
}

/// A parameter's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "Python's own terms")]
pub enum ParamKind {
    PositionalOnly,
    Normal,
    KeywordOnly,
    /// `*args`.
    Star,
    /// `**kwargs`.
    DoubleStar,
}

/// A parameter.
#[derive(Debug)]
pub struct Param {
    /// Its name.
    pub name: NameId,
    /// Its local.
    pub slot: Slot,
    /// How it is passed.
    pub kind: ParamKind,
    /// Default, evaluated in the scope around the function.
    pub default: Option<ExprId>,
    /// Annotation. String annotations are parsed into the expression that they hold.
    pub annotation: Option<ExprId>,
}

/// A function, a lambda, or a module's top level.
#[derive(Debug)]
pub struct Function {
    /// `name`; `<lambda>`; `<module>`.
    pub name: Box<str>,
    /// `Class.method`, `outer.<locals>.inner` as Python's `__qualname__`; `<module>` for the top level.
    pub qualname: Box<str>,
    /// Parameters, in order.
    pub params: Vec<Param>,
    /// Decorators, in source order (the last is applied first).
    pub decorators: Vec<ExprId>,
    /// Return annotation.
    pub returns: Option<ExprId>,
    /// The body. A lambda's is one `return`.
    pub body: Block,
    /// Names of the locals: parameters first.
    pub slots: Vec<NameId>,
    /// Locals that an inner function reads or writes.
    pub captured: Vec<Slot>,
    /// The function around it, [`Module::TOP`] for module-level definitions; the top level has none.
    pub parent: Option<FunctionId>,
    /// The class whose body it stands in directly.
    pub class: Option<ClassId>,
    /// `async def`.
    pub is_async: bool,
    /// Holds a `yield` of its own.
    pub is_generator: bool,
    /// The whole definition.
    pub range: Range,
    /// The name in `def name`.
    pub name_range: Range,
}

/// A class.
#[derive(Debug)]
pub struct Class {
    /// Its name.
    pub name: Box<str>,
    /// As Python's `__qualname__`.
    pub qualname: Box<str>,
    /// Bases, keywords such as `metaclass=` left out.
    pub bases: Vec<ExprId>,
    /// Keyword arguments of the class statement.
    pub keywords: Vec<(NameId, ExprId)>,
    /// Decorators, in source order.
    pub decorators: Vec<ExprId>,
    /// The body, run once in the class's namespace ([`Place::Class`]).
    pub body: Block,
    /// The function around it.
    pub parent: FunctionId,
    /// The whole definition.
    pub range: Range,
}
