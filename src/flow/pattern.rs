//! The patterns of an attribute's values: what is constant in them, whatever fills the rest.

use crate::dynamodb::symbolic::{Part, Symbolic};

/// With more patterns than this, only what all of them begin with is told.
const MAX_PATTERNS: usize = 4;

/// Values that differ only in what fills their holes are one pattern. Of too many patterns, those stay that no other one
/// covers; if these are still too many, the beginning that they share, and a hole for the rest.
pub(super) fn patterns(values: Vec<Symbolic>) -> Vec<Symbolic> {
    let mut out: Vec<Symbolic> = Vec::new();
    for value in values {
        if !out.iter().any(|known| same_shape(known, &value)) {
            out.push(value);
        }
    }
    if out.len() > MAX_PATTERNS {
        out = (0..out.len()).filter(|at| !is_covered(*at, &out)).map(|at| out[at].clone()).collect();
    }
    if out.is_empty() || out.len() > MAX_PATTERNS {
        return vec![common_beginning(&out)];
    }
    out
}

/// Whether a pattern is one of those that another one stands for: `ORDER#none` is an `ORDER#{id}`. One that says nothing
/// stands for none.
fn is_covered(at: usize, all: &[Symbolic]) -> bool {
    let parts = all[at].parts();
    let covers = |(other, pattern): (usize, &Symbolic)| {
        let [start @ .., Part::Text(before), Part::Hole(_)] = pattern.parts() else { return false };
        let begins = |part: &Part| matches!(part, Part::Text(text) if text.starts_with(before.as_str()));
        other != at && parts.get(start.len()).is_some_and(begins) && start.iter().zip(parts).all(|(a, b)| is_like(a, b))
    };
    all.iter().enumerate().any(covers)
}

fn same_shape(a: &Symbolic, b: &Symbolic) -> bool {
    a.parts().len() == b.parts().len() && a.parts().iter().zip(b.parts()).all(|(a, b)| is_like(a, b))
}

fn is_like(a: &Part, b: &Part) -> bool {
    matches!((a, b), (Part::Hole(_), Part::Hole(_))) || a == b
}

fn common_beginning(values: &[Symbolic]) -> Symbolic {
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
    [Part::Text(common[..end].to_owned()), Part::Hole("…".to_owned())].into_iter().collect()
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
        patterns(values.iter().map(symbolic).collect()).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_fills_a_hole_makes_no_pattern() {
        assert_eq!(found(&["TRADE#{order_id}", "TRADE#{id}", "LOT#{id}"]), ["TRADE#{order_id}", "LOT#{id}"]);
    }

    #[test]
    fn of_many_patterns_the_one_that_covers_the_others_is_told() {
        assert_eq!(found(&["T#{id}", "T#none", "T#failed", "T#{id}#1", "T#skipped"]), ["T#{id}"]);
        assert_eq!(found(&["T#{id}", "T#none", "T#{id}#1", "U", "T#skipped"]), ["T#{id}", "U"]);
        assert_eq!(found(&["T#{at}#{id}", "T#{at}#none", "T#{at}#-", "T#{at}#x#{id}", "T#{at}#"]), ["T#{at}#{id}"]);
        assert_eq!(found(&["{id}", "a", "b", "c", "d"]), ["{…}"]);
    }

    #[test]
    fn of_many_patterns_the_beginning_is_told() {
        let many = ["T#{a}#1", "T#{a}#2", "T#{a}#3", "T#x", "T#{a}#4"];
        assert_eq!(found(&many), ["T#{…}"]);
        assert_eq!(found(&["a", "b", "c", "d", "e"]), ["{…}"]);
        assert_eq!(found(&["öre", "öra", "ör", "ö", "öl"]), ["{…}"]);
        assert_eq!(found(&[]), ["{…}"]);
    }
}
