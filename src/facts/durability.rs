//! How long a table's items are meant to stay.

use super::{AccessFacts, AccessId, Facts, TableFacts};
use crate::dynamodb::operation::Operation;
use crate::flow::{Certainty, Lifetime};
use crate::template::model::Setting;

/// How long point-in-time recovery reaches back at most.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html>
const RECOVERABLE: Lifetime = Lifetime(35 * 86_400);

impl TableFacts<'_> {
    /// The longest time that items are known to be kept until their TTL.
    pub fn longest_lifetime(&self) -> Option<Lifetime> {
        let Setting::Is(ttl) = &self.table.ttl else { return None };
        let expiries = self.ttl_writes.iter().filter(|site| site.attribute == ttl.value);
        expiries.filter_map(|site| site.lifetime).max()
    }

    /// Whether every known put sets the table's TTL attribute, and none to a time after which a backup would still be
    /// there.
    pub fn is_cache(&self, facts: &Facts) -> bool {
        let Setting::Is(ttl) = &self.table.ttl else { return false };
        if self.longest_lifetime().is_some_and(|longest| longest > RECOVERABLE) {
            return false;
        }
        let mut puts = self.accesses.iter().filter(|id| puts_known_items(facts.access(**id))).peekable();
        puts.peek().is_some() && puts.all(|id| self.sets(*id, &ttl.value))
    }

    /// A Lambda's call that leaves items which no time to live takes away as long as a backup would be there.
    pub fn lasting_write(&self, facts: &Facts) -> Option<AccessId> {
        let by_lambda = |id: &AccessId| {
            let access = facts.access(*id);
            access.certainty == Certainty::Resolved && !access.functions.is_empty()
        };
        let mut live = self.accesses.iter().copied().filter(by_lambda);
        if self.declarations().all(|table| table.ttl == Setting::Unset) {
            return live.find(|id| {
                use Operation::{BatchWriteItem, PutItem, UpdateItem};
                matches!(facts.access(*id).access.operation, PutItem | BatchWriteItem | UpdateItem)
            });
        }
        let Setting::Is(ttl) = &self.table.ttl else { return None };
        let outlives = |id: AccessId| {
            let sites = self.ttl_writes.iter().filter(|site| site.access == id && site.attribute == ttl.value);
            sites.filter_map(|site| site.lifetime).any(|lifetime| lifetime > RECOVERABLE)
        };
        live.find(|id| {
            let access = facts.access(*id);
            let whole = access.access.observations.iter().all(|observation| observation.writes_complete);
            outlives(*id) || puts_known_items(access) && whole && !self.sets(*id, &ttl.value)
        })
    }

    /// Whether a call sets an attribute that may be a TTL.
    fn sets(&self, id: AccessId, attribute: &str) -> bool {
        self.ttl_writes.iter().any(|site| site.access == id && site.attribute == attribute)
    }
}

fn puts_known_items(access: &AccessFacts) -> bool {
    matches!(access.access.operation, Operation::PutItem | Operation::BatchWriteItem)
        && access.access.observations.iter().any(|observation| !observation.writes.is_empty())
}
