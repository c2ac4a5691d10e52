//! Node kinds and fields of the Python grammar as enums, looked up by id: no string is compared while walking.

use std::sync::LazyLock;
use tree_sitter::{Language, Node};

/// The grammar.
pub(super) static LANGUAGE: LazyLock<Language> = LazyLock::new(|| tree_sitter_python::LANGUAGE.into());

macro_rules! kinds {
    (named: $($named:ident = $named_text:literal,)* ; tokens: $($token:ident = $token_text:literal,)*) => {
        /// What a node is. Kinds that the lowering never asks for are `Other`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Kind { Other, Error, $($named,)* $($token,)* }

        impl Kind {
            fn from_name(text: &str, named: bool) -> Self {
                match (text, named) {
                    $(($named_text, true) => Self::$named,)*
                    $(($token_text, false) => Self::$token,)*
                    _ => Self::Other,
                }
            }
        }
    };
}

kinds! {
    named:
    AliasedImport = "aliased_import",
    ArgumentList = "argument_list",
    AsPattern = "as_pattern",
    AsPatternTarget = "as_pattern_target",
    AssertStatement = "assert_statement",
    Assignment = "assignment",
    Attribute = "attribute",
    AugmentedAssignment = "augmented_assignment",
    Await = "await",
    BinaryOperator = "binary_operator",
    Block = "block",
    BooleanOperator = "boolean_operator",
    BreakStatement = "break_statement",
    Call = "call",
    CaseClause = "case_clause",
    CasePattern = "case_pattern",
    Chevron = "chevron",
    ClassDefinition = "class_definition",
    ClassPattern = "class_pattern",
    Comment = "comment",
    ComparisonOperator = "comparison_operator",
    ComplexPattern = "complex_pattern",
    ConcatenatedString = "concatenated_string",
    ConditionalExpression = "conditional_expression",
    ConstrainedType = "constrained_type",
    ContinueStatement = "continue_statement",
    DecoratedDefinition = "decorated_definition",
    Decorator = "decorator",
    DefaultParameter = "default_parameter",
    DeleteStatement = "delete_statement",
    DictPattern = "dict_pattern",
    Dictionary = "dictionary",
    DictionaryComprehension = "dictionary_comprehension",
    DictionarySplat = "dictionary_splat",
    DictionarySplatPattern = "dictionary_splat_pattern",
    DottedName = "dotted_name",
    ElifClause = "elif_clause",
    Ellipsis = "ellipsis",
    ElseClause = "else_clause",
    ExceptClause = "except_clause",
    ExecStatement = "exec_statement",
    ExpressionList = "expression_list",
    ExpressionStatement = "expression_statement",
    False = "false",
    FinallyClause = "finally_clause",
    Float = "float",
    ForInClause = "for_in_clause",
    ForStatement = "for_statement",
    FunctionDefinition = "function_definition",
    FutureImportStatement = "future_import_statement",
    GeneratorExpression = "generator_expression",
    GenericType = "generic_type",
    GlobalStatement = "global_statement",
    Identifier = "identifier",
    IfClause = "if_clause",
    IfStatement = "if_statement",
    ImportFromStatement = "import_from_statement",
    ImportPrefix = "import_prefix",
    ImportStatement = "import_statement",
    Integer = "integer",
    Interpolation = "interpolation",
    KeywordArgument = "keyword_argument",
    KeywordPattern = "keyword_pattern",
    KeywordSeparator = "keyword_separator",
    Lambda = "lambda",
    LambdaParameters = "lambda_parameters",
    LineContinuation = "line_continuation",
    List = "list",
    ListComprehension = "list_comprehension",
    ListPattern = "list_pattern",
    ListSplat = "list_splat",
    ListSplatPattern = "list_splat_pattern",
    MatchStatement = "match_statement",
    MemberType = "member_type",
    NamedExpression = "named_expression",
    None = "none",
    NonlocalStatement = "nonlocal_statement",
    NotOperator = "not_operator",
    Pair = "pair",
    Parameters = "parameters",
    ParenthesizedExpression = "parenthesized_expression",
    PassStatement = "pass_statement",
    PatternList = "pattern_list",
    PositionalSeparator = "positional_separator",
    PrintStatement = "print_statement",
    RaiseStatement = "raise_statement",
    RelativeImport = "relative_import",
    ReturnStatement = "return_statement",
    Set = "set",
    SetComprehension = "set_comprehension",
    Slice = "slice",
    SplatPattern = "splat_pattern",
    SplatType = "splat_type",
    String = "string",
    Subscript = "subscript",
    True = "true",
    TryStatement = "try_statement",
    Tuple = "tuple",
    TuplePattern = "tuple_pattern",
    Type = "type",
    TypeAliasStatement = "type_alias_statement",
    TypeConversion = "type_conversion",
    TypeParameter = "type_parameter",
    TypedDefaultParameter = "typed_default_parameter",
    TypedParameter = "typed_parameter",
    UnaryOperator = "unary_operator",
    UnionPattern = "union_pattern",
    UnionType = "union_type",
    WhileStatement = "while_statement",
    WildcardImport = "wildcard_import",
    WithClause = "with_clause",
    WithItem = "with_item",
    WithStatement = "with_statement",
    Yield = "yield",
    ;
    tokens:
    AsyncToken = "async",
    ColonToken = ":",
    CommaToken = ",",
    EqualsToken = "=",
    FromToken = "from",
    MinusToken = "-",
}

impl Kind {
    /// A node's kind.
    pub(super) fn of(node: Node<'_>) -> Self {
        static TABLE: LazyLock<Vec<Kind>> = LazyLock::new(|| {
            let ids = 0..u16::try_from(LANGUAGE.node_kind_count()).unwrap_or(u16::MAX);
            let kind =
                |id| Kind::from_name(LANGUAGE.node_kind_for_id(id).unwrap_or(""), LANGUAGE.node_kind_is_named(id));
            ids.map(kind).collect()
        });
        // Error nodes carry an id beyond the table.
        TABLE.get(usize::from(node.kind_id())).copied().unwrap_or(Self::Error)
    }

    /// Whether it stands where a statement does.
    pub(super) fn is_statement(self) -> bool {
        use Kind::{
            AssertStatement, BreakStatement, ClassDefinition, ContinueStatement, DecoratedDefinition, DeleteStatement,
            ExecStatement, ExpressionStatement, ForStatement, FunctionDefinition, FutureImportStatement,
            GlobalStatement, IfStatement, ImportFromStatement, ImportStatement, MatchStatement, NonlocalStatement,
            PassStatement, PrintStatement, RaiseStatement, ReturnStatement, TryStatement, TypeAliasStatement,
            WhileStatement, WithStatement,
        };
        matches!(
            self,
            AssertStatement
                | BreakStatement
                | ClassDefinition
                | ContinueStatement
                | DecoratedDefinition
                | DeleteStatement
                | ExecStatement
                | ExpressionStatement
                | ForStatement
                | FunctionDefinition
                | FutureImportStatement
                | GlobalStatement
                | IfStatement
                | ImportFromStatement
                | ImportStatement
                | MatchStatement
                | NonlocalStatement
                | PassStatement
                | PrintStatement
                | RaiseStatement
                | ReturnStatement
                | TryStatement
                | TypeAliasStatement
                | WhileStatement
                | WithStatement
        )
    }

    /// Whether it is an expression on its own.
    pub(super) fn is_expression(self) -> bool {
        use Kind::{
            Attribute, Await, BinaryOperator, BooleanOperator, Call, ComparisonOperator, ConcatenatedString,
            ConditionalExpression, Dictionary, DictionaryComprehension, Ellipsis, ExpressionList, False, Float,
            GeneratorExpression, GenericType, Identifier, Integer, Lambda, List, ListComprehension, ListSplat,
            ListSplatPattern, NamedExpression, None, NotOperator, ParenthesizedExpression, PatternList, Set,
            SetComprehension, String, Subscript, True, Tuple, Type, UnaryOperator, UnionType, Yield,
        };
        matches!(
            self,
            Attribute
                | Await
                | BinaryOperator
                | BooleanOperator
                | Call
                | ComparisonOperator
                | ConcatenatedString
                | ConditionalExpression
                | Dictionary
                | DictionaryComprehension
                | Ellipsis
                | ExpressionList
                | False
                | Float
                | GeneratorExpression
                | GenericType
                | Identifier
                | Integer
                | Lambda
                | List
                | ListComprehension
                | ListSplat
                | ListSplatPattern
                | NamedExpression
                | None
                | NotOperator
                | ParenthesizedExpression
                | PatternList
                | Set
                | SetComprehension
                | String
                | Subscript
                | True
                | Tuple
                | Type
                | UnaryOperator
                | UnionType
                | Yield
        )
    }
}

macro_rules! fields {
    ($($field:ident = $text:literal,)*) => {
        /// The role of a child in its parent. Roles that the lowering never asks for are `Other`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Field { Other, $($field,)* }

        impl Field {
            fn from_name(text: &str) -> Self {
                match text { $($text => Self::$field,)* _ => Self::Other }
            }
        }
    };
}

fields! {
    Alias = "alias",
    Alternative = "alternative",
    Argument = "argument",
    Arguments = "arguments",
    Attribute = "attribute",
    Body = "body",
    Cause = "cause",
    Code = "code",
    Condition = "condition",
    Consequence = "consequence",
    Definition = "definition",
    Expression = "expression",
    FormatSpecifier = "format_specifier",
    Function = "function",
    Guard = "guard",
    Key = "key",
    Left = "left",
    ModuleName = "module_name",
    Name = "name",
    Object = "object",
    Operator = "operator",
    Operators = "operators",
    Parameters = "parameters",
    ReturnType = "return_type",
    Right = "right",
    Subject = "subject",
    Subscript = "subscript",
    Superclasses = "superclasses",
    Type = "type",
    TypeParameters = "type_parameters",
    Value = "value",
}

impl Field {
    fn of_id(id: u16) -> Self {
        static TABLE: LazyLock<Vec<Field>> = LazyLock::new(|| {
            let ids = 0..=u16::try_from(LANGUAGE.field_count()).unwrap_or(u16::MAX);
            ids.map(|id| Field::from_name(LANGUAGE.field_name_for_id(id).unwrap_or(""))).collect()
        });
        TABLE.get(usize::from(id)).copied().unwrap_or(Self::Other)
    }
}

/// A node with its kind and its role in its parent.
#[derive(Clone, Copy)]
pub(super) struct Child<'t> {
    pub(super) node: Node<'t>,
    pub(super) kind: Kind,
    pub(super) field: Field,
}

/// A node's children, tokens included, comments left out.
pub(super) fn children(node: Node<'_>) -> Vec<Child<'_>> {
    let mut out = Vec::with_capacity(node.child_count() as usize);
    let mut cursor = node.walk();
    let mut more = cursor.goto_first_child();
    while more {
        let node = cursor.node();
        let kind = Kind::of(node);
        if !matches!(kind, Kind::Comment | Kind::LineContinuation) {
            let field = cursor.field_id().map_or(Field::Other, |id| Field::of_id(id.get()));
            out.push(Child { node, kind, field });
        }
        more = cursor.goto_next_sibling();
    }
    out
}

/// The first child in a role.
pub(super) fn field<'t>(children: &[Child<'t>], field: Field) -> Option<Child<'t>> {
    children.iter().find(|c| c.field == field).copied()
}

/// The first child of a kind.
pub(super) fn of_kind<'t>(children: &[Child<'t>], kind: Kind) -> Option<Child<'t>> {
    children.iter().find(|c| c.kind == kind).copied()
}

/// Children that aren't tokens.
pub(super) fn named<'a, 't>(children: &'a [Child<'t>]) -> impl Iterator<Item = Child<'t>> + use<'a, 't> {
    children.iter().filter(|c| c.node.is_named()).copied()
}
