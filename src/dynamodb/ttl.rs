//! Attribute names that speak of an item's expiry.

use super::words::words;

/// Whether an attribute's name says that it holds the time at which DynamoDB may delete the item: `ttl`, `TTL`,
/// `expiresAt`, `expires_at`, `expiration_time`, `timeToLive`. Durations (`ttl_seconds`) and other things' expiry
/// (`token_expires_at`) don't count.
pub fn looks_like_ttl(attribute: &str) -> bool {
    const UNITS: [&str; 8] = ["seconds", "minutes", "hours", "days", "secs", "mins", "ms", "millis"];
    let words = words(attribute);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [.., last] if UNITS.contains(last) => false,
        ["time", "to", "live"]
        | ["timetolive" | "expiresat" | "expireat" | "expires" | "expiry" | "expiration"]
        | ["expires" | "expire", "at" | "on" | "epoch" | "time"]
        | ["expiry" | "expiration", "time" | "timestamp" | "epoch" | "at"]
        | ["delete" | "purge", "at" | "after"] => true,
        words => words.len() <= 3 && words.contains(&"ttl"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_expiry() {
        for name in [
            "ttl",
            "TTL",
            "Ttl",
            "item_ttl",
            "itemTTL",
            "ttl_epoch",
            "expires_at",
            "ExpiresAt",
            "expiresAt",
            "expires",
            "expiration",
            "expirationTime",
            "timeToLive",
            "time_to_live",
            "expire_on",
            "deleteAfter",
        ] {
            assert!(looks_like_ttl(name), "{name}");
        }
    }

    #[test]
    fn other_names() {
        for name in [
            "",
            "title",
            "ttl_seconds",
            "ttlDays",
            "token_expires_at",
            "expiration_date",
            "created_at",
            "battle",
            "expires_in",
        ] {
            assert!(!looks_like_ttl(name), "{name}");
        }
    }
}
