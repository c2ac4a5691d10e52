//! The types of values.

/// What a value is to `DynamoDB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ValueType {
    /// A string.
    String,
    /// An integer or a `Decimal`.
    Number,
    /// A float, which boto3 refuses.
    Float,
    /// Bytes.
    Binary,
    /// A truth value.
    Boolean,
    /// `None`.
    Null,
    /// A mapping.
    Map,
    /// A list or tuple.
    List,
    /// Not known.
    Unknown,
}
