//! The words that identifiers are made of.

/// Splits `expiresAt`, `expires_at`, `ExpiresAt`, `TTL`, `itemTTL` into lower-case words.
pub fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut previous_lower = false;
    let mut open = false;
    for c in name.chars() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        if !open || c.is_uppercase() && previous_lower {
            out.push(String::new());
        }
        if let Some(word) = out.last_mut() {
            word.extend(c.to_lowercase());
        }
        previous_lower = c.is_lowercase() || c.is_numeric();
        open = true;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_name() {
        assert_eq!(words("GSI1-tradeLedger_index"), ["gsi1", "trade", "ledger", "index"]);
        assert_eq!(words("--"), Vec::<String>::new());
    }
}
