//! The patterns of an attribute's values: what is constant in them, whatever fills the rest.

use crate::dynamodb::symbolic::{Part, Symbolic};

/// With more patterns than this, only what all of them begin with is told.
const MAX_PATTERNS: usize = 4;

/// Values that differ only in what fills their holes are one pattern. Of too many patterns, the beginning that they
/// share, and a hole of the attribute's name.
pub(super) fn patterns(values: Vec<Symbolic>, attribute: &str) -> Vec<Symbolic> {
    let mut out: Vec<Symbolic> = Vec::new();
    for value in values {
        if !out.iter().any(|known| same_shape(known, &value)) {
            out.push(value);
        }
    }
    if out.is_empty() || out.len() > MAX_PATTERNS {
        return vec![common_beginning(&out, attribute)];
    }
    out
}

fn same_shape(a: &Symbolic, b: &Symbolic) -> bool {
    let same = |(a, b): (&Part, &Part)| matches!((a, b), (Part::Hole(_), Part::Hole(_))) || a == b;
    a.parts().len() == b.parts().len() && a.parts().iter().zip(b.parts()).all(same)
}

fn common_beginning(values: &[Symbolic], attribute: &str) -> Symbolic {
    let mut texts = values.iter().map(|value| match value.parts().first() {
        Some(Part::Text(text)) => text.as_str(),
        _ => "",
    });
    let first = texts.next().unwrap_or_default();
    let common = texts.fold(first, |common, text| {
        let same = common.char_indices().zip(text.chars()).find(|((_, a), b)| a != b);
        &common[..same.map_or(common.len().min(text.len()), |((at, _), _)| at)]
    });
    // Half a word is no pattern: it ends at its last separator.
    let end = common.rfind(['#', '|', ':', '/']).map_or(0, |at| at + 1);
    [Part::Text(common[..end].to_owned()), Part::Hole(attribute.to_owned())].into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(values: &[&str]) -> Vec<String> {
        let symbolic = |text: &&str| -> Symbolic {
            let part = |(i, s): (usize, &str)| {
                if i % 2 == 0 { Part::Text(s.to_owned()) } else { Part::Hole(s.to_owned()) }
            };
            text.split(['{', '}']).enumerate().map(part).collect()
        };
        patterns(values.iter().map(symbolic).collect(), "SK").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_fills_a_hole_makes_no_pattern() {
        assert_eq!(found(&["TRADE#{order_id}", "TRADE#{id}", "LOT#{id}"]), ["TRADE#{order_id}", "LOT#{id}"]);
    }

    #[test]
    fn of_many_patterns_the_beginning_is_told() {
        let many = ["T#{a}#1", "T#{a}#2", "T#{a}#3", "T#x", "T#{a}"];
        assert_eq!(found(&many), ["T#{SK}"]);
        assert_eq!(found(&["a", "b", "c", "d", "e"]), ["{SK}"]);
        assert_eq!(found(&["öre", "öra", "ör", "ö", "öl"]), ["{SK}"]);
        assert_eq!(found(&[]), ["{SK}"]);
    }
}
