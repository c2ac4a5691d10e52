//! Words that expressions can't use as bare attribute names.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html>

/// All of them, in upper case and in order, several a line.
const WORDS: &str = include_str!("reserved.txt");

/// Whether the word is reserved; case doesn't matter.
pub fn is_reserved(word: &str) -> bool {
    WORDS.split_ascii_whitespace().any(|reserved| reserved.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_whole_and_in_order() {
        let words: Vec<&str> = WORDS.split_ascii_whitespace().collect();
        assert_eq!(words.len(), 573);
        assert!(words.is_sorted());
        assert!(words.iter().all(|word| word.chars().all(|c| c.is_ascii_uppercase() || c == '_')));
    }

    #[test]
    fn case_does_not_matter() {
        for word in ["status", "Name", "TTL", "date"] {
            assert!(is_reserved(word), "{word}");
        }
        for word in ["", "pk", "status_", "expiresAt", "id"] {
            assert!(!is_reserved(word), "{word}");
        }
    }
}
