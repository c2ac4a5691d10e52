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

/// The likeliest of `names` that `wrong` was meant to be: at most a third of its characters, and two at least, are other,
/// missing or too many.
pub fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = |text: &str| text.to_lowercase().chars().take(64).collect::<Vec<char>>();
    let wanted = lower(wrong);
    let most = (wanted.len() / 3).max(2);
    let alike =
        names.map(|name| (lower(name), name)).filter(|(letters, _)| letters.len().abs_diff(wanted.len()) <= most);
    let near = alike.map(|(letters, name)| (distance(&wanted, &letters), name)).min()?;
    (near.0 <= most).then_some(near.1)
}

/// Levenshtein's.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_that_is_meant() {
        let names = || ["missing-pagination", "missing-pitr", "unused-gsi"].into_iter();
        assert_eq!(nearest("missing-paginaton", names()), Some("missing-pagination"));
        assert_eq!(nearest("unused_gsi", names()), Some("unused-gsi"));
        assert_eq!(nearest("nope", names()), None);
        assert_eq!(nearest("stge", ["Stage", "Name"].into_iter()), Some("Stage"));
    }

    #[test]
    fn words_of_a_name() {
        assert_eq!(words("GSI1-tradeLedger_index"), ["gsi1", "trade", "ledger", "index"]);
        assert_eq!(words("--"), Vec::<String>::new());
    }
}
