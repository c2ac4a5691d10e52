//! Why lines aren't proposed.

/// What keeps a policy's lines from being written anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing to change, or nothing would be left.
    Needless,
    /// What may be used, and may not be.
    Open,
    /// An intrinsic chooses it, or what it is for.
    Branch,
    /// `Condition`, its own or that of what it belongs to.
    Condition,
    /// One line for one thing or another.
    Either,
    /// Others live by the same lines.
    Shared,
    /// Tables that no template declares.
    Elsewhere,
    /// `ListTables`.
    OfAccount,
    /// Streams, other services, tables that aren't known.
    Hidden,
    /// A part of it stands elsewhere, or isn't of a kind that is known.
    Layout,
    /// It is all there, in a style whose lines aren't told apart.
    Style,
    /// `>-`, `|` or a tag stands before what would change: it says how that is read.
    Header,
    /// `NotAction`, `NotResource`.
    Negated,
    /// A policy that is a resource of its own would be left empty.
    OwnResource,
    /// Among its items.
    Comment,
    /// `&name`.
    Anchor,
    /// Tables of other templates, of other conditions, or that exclude each other.
    NotThere,
    /// Another `TableName` than `!Ref`.
    Name,
    /// A policy template for several tables.
    Tables,
    /// Parts of a statement with actions of other services.
    Mixed,
}

impl Refusal {
    /// The reason, behind *for*; `None` if there is nothing to explain.
    pub fn reason(self) -> Option<&'static str> {
        Some(match self {
            Self::Needless => return None,
            Self::Open => "it can't be told whether some of it is used",
            Self::Branch => "an intrinsic function decides on it",
            Self::Condition => "a condition decides on it",
            Self::Either => "its table depends on a condition",
            Self::Shared => "the same lines serve others",
            Self::Elsewhere => "some of it is used on tables that no template declares",
            Self::OfAccount => "some of it is used on no table",
            Self::Hidden => {
                "it may serve more than these calls: a stream, another service, or a table that isn't known"
            }
            Self::Layout => "not all of it is written out in its place",
            Self::Style => "its layout isn't one that edits are written for",
            Self::Header => "a tag, or what begins a text of several lines, stands before it",
            Self::Negated => "it names what it isn't about",
            Self::OwnResource => "the policy is a resource of its own, and others may name it",
            Self::Comment => "a comment among them would be lost",
            Self::Anchor => "other lines repeat them",
            Self::NotThere => "`Fn::GetAtt` can't name the table there",
            Self::Name => "the table isn't named by `Ref`",
            Self::Tables => "it serves several tables",
            Self::Mixed => "it allows actions of other services, too, which only one part of it may keep",
        })
    }
}
