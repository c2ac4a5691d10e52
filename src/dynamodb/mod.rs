//! The domain, pure: operations, key schemas, expression grammar, symbolic strings. No I/O, no templates, no Python.

pub mod arn;
pub mod expression;
pub mod json;
pub mod occurrence;
pub mod operation;
pub mod reserved;
pub mod symbolic;
pub mod ttl;
pub mod unify;
pub mod value;
pub mod words;
