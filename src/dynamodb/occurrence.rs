//! Names of what comes anew with every event: times, and ids of things that happen.

use super::words::words;

/// What the name of a key's variable part says of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Occurrence {
    /// A time: `timestamp`, `created_at`, `record_date`.
    Time,
    /// The id of something that happens: `order_id`, `requestId`, `uuid`.
    Id,
}

/// Things that happen, and of which there is always another. What merely exists, such as a user or a product, has an id too,
/// but is written again under it.
const HAPPENINGS: [&str; 46] = [
    "order",
    "trade",
    "transaction",
    "payment",
    "refund",
    "invoice",
    "receipt",
    "shipment",
    "delivery",
    "booking",
    "reservation",
    "event",
    "message",
    "notification",
    "alert",
    "alarm",
    "incident",
    "request",
    "job",
    "run",
    "execution",
    "invocation",
    "attempt",
    "log",
    "audit",
    "trace",
    "correlation",
    "signal",
    "session",
    "visit",
    "upload",
    "transfer",
    "reading",
    "measurement",
    "sample",
    "click",
    "call",
    "commit",
    "build",
    "deployment",
    "scan",
    "import",
    "export",
    "change",
    "snapshot",
    "activity",
];

/// Times that don't pass: when somebody was born, when something falls due.
const FIXED: [&str; 8] = ["birth", "due", "expiry", "expiration", "maturity", "settlement", "zone", "effective"];

/// Words that say how a value is written, not what it is.
const FORMS: [&str; 7] = ["str", "string", "iso", "utc", "ms", "millis", "value"];

/// What an identifier says of its values, if they are new with every event. A sentence is no identifier.
pub fn occurrence(name: &str) -> Option<Occurrence> {
    let words = words(name);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    if name.contains(' ') || words.iter().any(|word| FIXED.contains(word)) {
        return None;
    }
    while words.last().is_some_and(|word| FORMS.contains(word)) {
        words.pop();
    }
    let is_new =
        |word: &&str| matches!(word.trim_end_matches(|c: char| c.is_ascii_digit()), "uuid" | "ulid" | "guid" | "ksuid");
    if words.iter().any(is_new) {
        return Some(Occurrence::Id);
    }
    match words.as_slice() {
        [.., "timestamp" | "ts" | "datetime" | "now" | "epoch" | "time" | "date"] | [_, .., "at"] => {
            Some(Occurrence::Time)
        }
        // A lone word, or a key, may be the name of what happens again and again: `job`, `alarm`, `import_key`.
        [.., what, "id" | "number" | "no"] if HAPPENINGS.contains(what) => Some(Occurrence::Id),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_ids() {
        let time =
            ["timestamp", "timestamp_str", "iso_ts", "createdAt", "created_at", "record_date", "now", "fillTime"];
        for name in time {
            assert_eq!(occurrence(name), Some(Occurrence::Time), "{name}");
        }
        for name in
            ["order_id", "orderId", "client_order_id", "uuid", "messageUuid", "invoice_number", "run_id", "uuid4"]
        {
            assert_eq!(occurrence(name), Some(Occurrence::Id), "{name}");
        }
    }

    #[test]
    fn what_is_written_again_under_its_name() {
        let names = [
            "",
            "id",
            "pk",
            "user_id",
            "order",
            "job",
            "alarm",
            "build",
            "import_key",
            "customer",
            "symbol",
            "tenantId",
            "format",
            "at",
            "timezone",
            "time_zone",
            "timeframe",
            "birth_date",
            "expiration_date",
            "due_at",
            "updates",
            "ordering",
            "known only at run time",
            "str",
            "metadata",
            "status",
        ];
        for name in names {
            assert_eq!(occurrence(name), None, "{name}");
        }
    }
}
