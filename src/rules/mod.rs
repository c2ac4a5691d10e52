//! One file a rule: `fn check(&Facts, &mut Vec<Finding>)`. No syntax tree, no file access, no computing of facts.

mod describe;
mod finding;
pub mod page;
mod registry;

mod iam_missing_action;
mod iam_over_grant;
mod iam_wildcard;
mod missing_pagination;
mod missing_pitr;
#[cfg(test)]
mod tests;
mod ttl_attribute_mismatch;
mod ttl_naming;
mod undefined_index;
mod unused_gsi;

pub use finding::{Confidence, Finding, Related, Severity};
pub use page::Page;
pub use registry::{RULES, Rule, names, pages, run};
