//! What keeps a table's data when its stack goes, or brings them back.

use super::{Facts, TableFacts};
use crate::source::Span;
use crate::template::model::{Setting, Table};

/// A setting by which somebody cares for a table's data.
#[derive(Debug, Clone, Copy)]
pub struct Care<'a> {
    /// The table.
    pub table: &'a Table,
    /// How.
    pub kind: CareKind,
    /// The setting.
    pub span: Span,
}

/// How a table's data are cared for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CareKind {
    /// By a `DeletionPolicy`.
    Kept,
    /// By deletion protection.
    Protected,
    /// By point-in-time recovery.
    Recoverable,
}

impl<'a> Facts<'a> {
    /// How the data of some table are cared for: one that outlives its stack before one that can be restored.
    pub fn care(&self) -> Option<Care<'a>> {
        let declarations = || self.tables.iter().flat_map(TableFacts::declarations);
        declarations().find_map(kept).or_else(|| declarations().find_map(recoverable))
    }
}

impl TableFacts<'_> {
    /// Neither kept on deletion nor protected from it, on any branch.
    pub fn goes_with_its_stack(&self) -> bool {
        self.declarations().all(|table| {
            let deleted = match &table.deletion_policy {
                Setting::Unset => true,
                Setting::Is(policy) => policy.value == "Delete",
                Setting::Varies(_) | Setting::Unknown(_) => false,
            };
            let open = match &table.deletion_protection {
                Setting::Unset => true,
                Setting::Is(on) => !on.value,
                Setting::Varies(_) | Setting::Unknown(_) => false,
            };
            deleted && open
        })
    }
}

/// What keeps a table on every branch.
fn kept(table: &Table) -> Option<Care<'_>> {
    match (&table.deletion_policy, &table.deletion_protection) {
        (Setting::Is(policy), _) if policy.value != "Delete" => {
            Some(Care { table, kind: CareKind::Kept, span: policy.span })
        }
        (_, Setting::Is(on)) if on.value => Some(Care { table, kind: CareKind::Protected, span: on.span }),
        _ => None,
    }
}

/// What restores a table's items.
pub(super) fn recoverable(table: &Table) -> Option<Care<'_>> {
    match &table.pitr {
        Setting::Is(on) if on.value => Some(Care { table, kind: CareKind::Recoverable, span: on.span }),
        _ => None,
    }
}
