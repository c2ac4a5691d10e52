//! How long a table's items are meant to stay.

use super::care::{Care, recoverable};
use super::{AccessFacts, AccessId, Facts, FunctionId, TableFacts};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Part;
use crate::dynamodb::words::words;
use crate::flow::{Certainty, Clause, Lifetime, Observation, Request};
use crate::template::model::Setting;

/// How long point-in-time recovery reaches back at most.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html>
const RECOVERABLE: Lifetime = Lifetime(35 * 86_400);

/// Words by which tables are named whose items nobody misses when nothing runs.
const PASSING: &str = "cache caches cached connection connections dedup deduplication idempotency idempotent lease leases lock locks \
                       mutex nonce nonces otp session sessions temp tmp";

/// What says that a table's data are meant to last.
#[derive(Debug, Clone, Copy)]
pub enum Lasting<'a> {
    /// They can be restored.
    Recoverable(Care<'a>),
    /// This call leaves items that nothing takes away, and the data of some table are cared for.
    Written(AccessId, Care<'a>),
}

impl<'a> TableFacts<'a> {
    /// What says that its data are meant to last, `care` being how the data of some table of the run are cared for.
    pub fn lasting(&self, facts: &Facts<'a>, care: Option<Care<'a>>) -> Option<Lasting<'a>> {
        if self.is_cache(facts) {
            return None;
        }
        let own = recoverable(self.table).map(Lasting::Recoverable);
        own.or_else(|| Some(Lasting::Written(self.lasting_write(facts)?, care?)))
    }

    /// The longest time that items are known to be kept until their TTL.
    pub fn longest_lifetime(&self) -> Option<Lifetime> {
        let Setting::Is(ttl) = &self.table.ttl else { return None };
        let expiries = self.ttl_writes.iter().filter(|site| site.attribute == ttl.value);
        expiries.filter_map(|site| site.lifetime).max()
    }

    /// Whether every known call that makes items sets the table's TTL attribute, and none to a time after which a backup would
    /// still be there. Updates count where nothing puts.
    pub fn is_cache(&self, facts: &Facts) -> bool {
        let Setting::Is(ttl) = &self.table.ttl else { return false };
        if self.longest_lifetime().is_some_and(|longest| longest > RECOVERABLE) {
            return false;
        }
        let known = |id: &&AccessId| facts.access(**id).access.observations.iter().any(|seen| !seen.writes.is_empty());
        let made_by = |operations: &[Operation]| -> Vec<AccessId> {
            let own = |id: &&AccessId| operations.contains(&facts.access(**id).access.operation);
            self.accesses.iter().filter(own).filter(known).copied().collect()
        };
        let puts = made_by(&[Operation::PutItem, Operation::BatchWriteItem, Operation::TransactWriteItems]);
        let makers = if puts.is_empty() { made_by(&[Operation::UpdateItem]) } else { puts };
        !makers.is_empty() && makers.iter().all(|id| self.sets(*id, &ttl.value))
    }

    /// A Lambda's call that puts items which no time to live takes away as long as a backup would be there. An update
    /// doesn't count: what it changes may be a counter or a mark that is made anew.
    fn lasting_write(&self, facts: &Facts) -> Option<AccessId> {
        let by_lambda = |id: &AccessId| {
            let access = facts.access(*id);
            access.certainty == Certainty::Resolved && !access.functions.is_empty()
        };
        if self.is_named_as_passing() {
            return None;
        }
        let mut live = self.accesses.iter().copied().filter(by_lambda);
        if self.declarations().all(|table| table.ttl == Setting::Unset) {
            return live.find(|id| self.puts_more_than_keys(facts.access(*id)) && !self.is_lock(facts, *id));
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

    /// Whether a call surely puts an item that says more than that its key was there.
    fn puts_more_than_keys(&self, access: &AccessFacts) -> bool {
        let is_key = |name: &str| self.table.keys.iter().any(|key| key.attribute.value == name);
        let puts = access.requests.iter().any(|given| given.request.item.is_some());
        let says_more = |seen: &Observation| {
            let mut more = seen.writes.iter().filter(|write| !is_key(&write.attribute));
            more.next().is_some() || puts && !seen.writes_complete
        };
        matches!(access.access.operation, Operation::PutItem | Operation::BatchWriteItem)
            && access.access.observations.iter().any(says_more)
    }

    /// Whether an item is put under a condition, and some Lambda that does so takes items away again: a lock, held for a while.
    fn is_lock(&self, facts: &Facts, put: AccessId) -> bool {
        let access = facts.access(put);
        let guarded = |request: &Request| request.expressions.iter().any(|e| e.clause == Clause::Condition);
        let frees =
            |function: &FunctionId| self.deletes.iter().any(|id| facts.access(*id).functions.contains(function));
        access.requests.iter().any(|given| guarded(given.request)) && access.functions.iter().any(frees)
    }

    /// Whether its name says that its items are kept for a while only.
    fn is_named_as_passing(&self) -> bool {
        let names = self.declarations().flat_map(|table| &table.names).flat_map(|name| name.value.parts());
        let texts = names.filter_map(|part| if let Part::Text(text) = part { Some(text.as_str()) } else { None });
        let all = texts.chain(self.declarations().map(|table| table.resource.id.as_str()));
        all.flat_map(words).any(|word| PASSING.split_whitespace().any(|passing| passing == word))
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
