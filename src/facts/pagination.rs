//! The pagination verdict of a Query or Scan, from what becomes of its pages and the key schema of its table.

use super::{AccessFacts, Pagination, PaginationStatus};
use crate::dynamodb::operation::Operation;
use crate::flow::{Equalities, ItemUse, PageFlow, Presence};

/// Judges one call site. `one_item` says that its key condition pins a whole primary key.
pub(super) fn verdict(pages: &PageFlow, one_item: bool) -> Pagination {
    let (status, reason) = judge(pages, one_item);
    Pagination { status, reason: reason.to_owned() }
}

/// In which way a first page is taken for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shortfall {
    /// Its items are used as if there were no others.
    FirstPage,
    /// It is counted as if there were no others.
    Count,
    /// `Limit` ends it before the filter has found what it looks for.
    LimitBeforeFilter,
}

impl AccessFacts<'_> {
    /// Whether it is a Scan of a table's items, none excepted, whose first page isn't enough. An index may be made to be
    /// scanned: it holds only the items that have its keys.
    pub fn scans_table(&self) -> bool {
        let status = self.pagination.as_ref().map(|pagination| pagination.status);
        self.access.operation == Operation::Scan
            && self.index.known() == Some(&None)
            && matches!(status, Some(PaginationStatus::Paginated | PaginationStatus::Missing))
    }

    /// In which way the first page is taken for all, if it is. What goes wrong in reading further pages is told apart from
    /// this: see [`AccessFacts::broken`].
    pub fn shortfall(&self) -> Option<Shortfall> {
        let is_missing = self.pagination.as_ref().is_some_and(|verdict| verdict.status == PaginationStatus::Missing);
        let pages = self.access.pages.as_ref().filter(|_| is_missing && self.broken.is_none())?;
        let goes_on = pages.single_extra_page || pages.continues;
        let counts = pages.count == Presence::Always && !matches!(pages.items, ItemUse::First | ItemUse::Existence);
        Some(match (pages.limit, pages.filter) {
            _ if goes_on => Shortfall::FirstPage,
            (Presence::Always, filter) if filter != Presence::Never => Shortfall::LimitBeforeFilter,
            _ if counts => Shortfall::Count,
            _ => Shortfall::FirstPage,
        })
    }
}

/// Whether equality conditions pin every attribute of a primary key.
pub(super) fn pins(equalities: &Equalities, keys: &[&str]) -> bool {
    match equalities {
        Equalities::Known(equal) => !keys.is_empty() && keys.iter().all(|key| equal.contains(*key)),
        Equalities::Unknown => false,
    }
}

/// The same, of any table's: a key condition asks for a partition key and perhaps a sort key, and for nothing else.
pub(super) fn pins_any(equalities: &Equalities) -> bool {
    matches!(equalities, Equalities::Known(equal) if equal.len() == 2)
}

/// Of a Query without a key condition: it reads no page at all.
pub(super) fn refused() -> Pagination {
    let reason = "it asks for no key, and DynamoDB refuses it".to_owned();
    Pagination { status: PaginationStatus::Unknown, reason }
}

fn judge(pages: &PageFlow, one_item: bool) -> (PaginationStatus, &'static str) {
    use PaginationStatus::{Bounded, Cursor, Missing, Paginated, Unknown};
    let filtered = pages.filter != Presence::Never;
    if pages.continued {
        return (Paginated, "LastEvaluatedKey comes back as ExclusiveStartKey until there is none");
    }
    if one_item {
        return (Bounded, "the key condition pins the whole primary key: at most one item");
    }
    if pages.cursor {
        return (Cursor, "the means to go on is handed to the caller");
    }
    if pages.refused {
        return (Bounded, "the run fails where there is a further page: nothing is left out in silence");
    }
    if pages.started_again {
        return (Paginated, "the program is started again for what is left");
    }
    if pages.items == ItemUse::Lost {
        return (Unknown, "the response goes where it can't be followed");
    }
    if pages.single_extra_page {
        return (Missing, "one more page is read, and that page's LastEvaluatedKey is dropped");
    }
    if pages.continues {
        return (Missing, "it reads a further page, and its own LastEvaluatedKey is dropped");
    }
    if pages.limit == Presence::Always && !filtered {
        return (Bounded, "Limit is given on every path and nothing is filtered: a top N");
    }
    if pages.count != Presence::Never && !matches!(pages.items, ItemUse::Existence | ItemUse::First) {
        return (Missing, "Select=COUNT counts one page only: LastEvaluatedKey is never read");
    }
    match (pages.items, filtered) {
        (ItemUse::First, false) => (Bounded, "only the first item is used and nothing is filtered"),
        (ItemUse::Top, false) => {
            (Bounded, "only so many items from the front are used and nothing is filtered: a top N")
        }
        (ItemUse::Existence, false) => (Bounded, "only asked whether there is any item, and nothing is filtered"),
        (ItemUse::None, _) => (Unknown, "no use of the items was seen"),
        (ItemUse::First | ItemUse::Existence, true) => (
            Missing,
            "the filter runs after a page is read, so the item may be on a later one, and LastEvaluatedKey is never read",
        ),
        (_, true) if pages.limit == Presence::Always => {
            (Missing, "Limit counts items before the filter, and LastEvaluatedKey is never read")
        }
        _ if pages.of_some.is_some() => (Missing, "some of its callers leave what they are given of LastEvaluatedKey"),
        _ if pages.last_key_read => {
            (Missing, "LastEvaluatedKey is looked at, but no further call is given it as ExclusiveStartKey")
        }
        _ if pages.limit == Presence::Sometimes => {
            (Missing, "LastEvaluatedKey is never read, and only some paths give a Limit")
        }
        _ => (Missing, "LastEvaluatedKey is never read"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::one_page;
    use super::*;
    use PaginationStatus::{Bounded, Cursor, Missing, Paginated, Unknown};
    use std::collections::BTreeSet;

    fn pages(items: ItemUse) -> PageFlow {
        PageFlow { equalities: Equalities::Unknown, ..one_page(items) }
    }

    fn status(pages: &PageFlow) -> PaginationStatus {
        verdict(pages, false).status
    }

    #[test]
    fn every_item_of_one_page() {
        assert_eq!(status(&pages(ItemUse::All)), Missing);
        assert_eq!(status(&PageFlow { limit: Presence::Sometimes, ..pages(ItemUse::All) }), Missing);
        assert_eq!(status(&PageFlow { limit: Presence::Always, ..pages(ItemUse::All) }), Bounded);
        let filtered = PageFlow { limit: Presence::Always, filter: Presence::Sometimes, ..pages(ItemUse::All) };
        assert_eq!(status(&filtered), Missing);
    }

    #[test]
    fn going_on() {
        assert_eq!(status(&PageFlow { continued: true, continues: true, ..pages(ItemUse::All) }), Paginated);
        assert_eq!(status(&PageFlow { cursor: true, filter: Presence::Always, ..pages(ItemUse::All) }), Cursor);
        assert_eq!(status(&PageFlow { single_extra_page: true, ..pages(ItemUse::All) }), Missing);
        assert_eq!(status(&PageFlow { continues: true, limit: Presence::Always, ..pages(ItemUse::All) }), Missing);
    }

    #[test]
    fn one_item_is_enough() {
        assert_eq!(verdict(&pages(ItemUse::All), true).status, Bounded);
        for items in [ItemUse::First, ItemUse::Top, ItemUse::Existence] {
            assert_eq!(status(&pages(items)), Bounded);
            assert_eq!(status(&PageFlow { filter: Presence::Always, ..pages(items) }), Missing);
        }
        let limited =
            PageFlow { limit: Presence::Always, limit_one: true, filter: Presence::Always, ..pages(ItemUse::First) };
        assert_eq!(status(&limited), Missing);
    }

    #[test]
    fn counts() {
        assert_eq!(status(&PageFlow { count: Presence::Always, ..pages(ItemUse::None) }), Missing);
        assert_eq!(
            status(&PageFlow { count: Presence::Always, limit: Presence::Always, ..pages(ItemUse::None) }),
            Bounded
        );
        assert_eq!(status(&PageFlow { count: Presence::Always, ..pages(ItemUse::Existence) }), Bounded);
        let filtered = PageFlow { filter: Presence::Always, count: Presence::Always, ..pages(ItemUse::Existence) };
        assert_eq!(status(&filtered), Missing);
    }

    #[test]
    fn what_cannot_be_followed_makes_no_claim() {
        assert_eq!(status(&pages(ItemUse::Lost)), Unknown);
        assert_eq!(
            status(&PageFlow { filter: Presence::Always, limit: Presence::Always, ..pages(ItemUse::Lost) }),
            Unknown
        );
        assert_eq!(status(&pages(ItemUse::None)), Unknown);
    }

    #[test]
    fn a_key_is_pinned_by_equality_on_all_of_it() {
        let equal = Equalities::Known(BTreeSet::from(["PK".to_owned()]));
        assert!(pins(&equal, &["PK"]));
        assert!(!pins(&equal, &["PK", "SK"]));
        assert!(!pins(&equal, &[]));
        assert!(!pins(&Equalities::Unknown, &["PK"]));
        assert!(!pins_any(&equal) && !pins_any(&Equalities::Unknown));
        assert!(pins_any(&Equalities::Known(BTreeSet::from(["PK".to_owned(), "SK".to_owned()]))));
    }
}
