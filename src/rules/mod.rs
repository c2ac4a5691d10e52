//! One file a rule: `fn check(&Facts, &mut Vec<Finding>)`. No syntax tree, no file access, no computing of facts.

mod describe;
mod every_page;
mod finding;
mod judge;
pub mod page;
mod registry;

mod broken_pagination;
mod consistent_read_on_gsi;
mod duplicate_key;
mod float_value;
mod gsi_keys_never_written;
mod gsi_name_mismatch;
mod iam_broader_template;
mod iam_dead_grant;
mod iam_missing_action;
mod iam_missing_index;
mod iam_over_grant;
mod iam_policies_ignored;
mod iam_wildcard;
mod incomplete_key;
mod index_schema_invalid;
mod key_not_in_schema;
mod key_schema_inconsistency;
mod key_type_mismatch;
mod lookalike;
mod missing_deletion_policy;
mod missing_pagination;
mod missing_pitr;
mod placeholder_mismatch;
mod policy_edit;
mod projection_gap;
mod put_missing_key;
mod redundant_gsi;
mod repository_bypass;
mod reserved_word;
mod scan_could_be_query;
mod scan_on_request_path;
#[cfg(test)]
mod tests;
mod ttl_attribute_mismatch;
mod ttl_naming;
mod ttl_never_written;
mod ttl_not_epoch_seconds;
mod unbounded_growth;
mod undefined_index;
mod unused_gsi;
mod update_key_attribute;

pub use finding::{Confidence, Finding, Related, Severity};
pub use iam_over_grant::{RoleRight, removable};
pub use page::{Effort, Page};
pub use registry::{RULES, Rule, named_like, names, pages, run};
