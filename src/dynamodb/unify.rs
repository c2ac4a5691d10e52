//! Whether two strings that are only partly known can be the same string: a table name built in Python against the
//! `TableName` of a template.

use super::symbolic::{Part, Symbolic};

/// Whether a reference names a declared thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Match {
    /// It can't: fixed text differs.
    No,
    /// It could, but what is known of both doesn't show it.
    Maybe,
    /// It does.
    Yes,
}

/// How well a reference fits a declared name: the greater, the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    /// The verdict.
    pub matched: Match,
    /// Letters and digits known on both sides, and the same.
    pub aligned: usize,
}

/// Fewer letters and digits in common than this prove nothing (`{stage}-db` against `{prefix}-db`).
const ENOUGH: usize = 3;
/// Longer pairs of strings than this (product of lengths) aren't aligned.
const MAX_CELLS: usize = 1 << 18;

/// Whether `reference` names the thing that may be called any of `declared`.
pub fn matches(reference: &Symbolic, declared: &[Symbolic]) -> Match {
    fit(reference, declared).matched
}

/// As [`matches`], with a measure that lets the better of two matches be chosen.
pub fn fit(reference: &Symbolic, declared: &[Symbolic]) -> Fit {
    let no = Fit { matched: Match::No, aligned: 0 };
    declared.iter().map(|name| fit_one(reference, name)).max().unwrap_or(no)
}

fn fit_one(reference: &Symbolic, declared: &Symbolic) -> Fit {
    let (left, right) = (atoms(reference), atoms(declared));
    let (left_known, right_known) = (known(&left), known(&right));
    if reference == declared {
        return Fit { matched: Match::Yes, aligned: left_known };
    }
    let Some(aligned) = align(&left, &right) else {
        return Fit { matched: Match::No, aligned: 0 };
    };
    let covered = aligned >= ENOUGH && (aligned == left_known || aligned == right_known);
    let same = left == right && aligned > 0;
    Fit { matched: if same || covered { Match::Yes } else { Match::Maybe }, aligned }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Atom {
    Char(char),
    Any,
}

fn atoms(symbolic: &Symbolic) -> Vec<Atom> {
    let mut out: Vec<Atom> = Vec::new();
    for part in symbolic.parts() {
        match part {
            Part::Text(text) => out.extend(text.chars().map(Atom::Char)),
            Part::Hole(_) | Part::Resource(..) if out.last() == Some(&Atom::Any) => {}
            Part::Hole(_) | Part::Resource(..) => out.push(Atom::Any),
        }
    }
    out
}

fn known(atoms: &[Atom]) -> usize {
    atoms.iter().map(|atom| weight(*atom)).sum()
}

fn weight(atom: Atom) -> usize {
    usize::from(matches!(atom, Atom::Char(c) if c.is_alphanumeric()))
}

/// The most letters and digits that some common string takes from fixed text on both sides; `None` if there is no
/// common string. Strings too long to align have one that proves nothing.
fn align(left: &[Atom], right: &[Atom]) -> Option<usize> {
    if left.len().saturating_mul(right.len()) > MAX_CELLS {
        return Some(0);
    }
    let mut below: Vec<Option<usize>> = vec![None; right.len() + 1];
    for i in (0..=left.len()).rev() {
        let mut row: Vec<Option<usize>> = vec![None; right.len() + 1];
        for j in (0..=right.len()).rev() {
            let (a, b) = (left.get(i), right.get(j));
            row[j] = match (a, b) {
                (None, None) => Some(0),
                (Some(Atom::Char(x)), Some(Atom::Char(y))) => {
                    if x == y {
                        below[j + 1].map(|n| n + weight(Atom::Char(*x)))
                    } else {
                        None
                    }
                }
                _ => {
                    // A hole ends here, or takes one more piece of the other side.
                    let left_moves =
                        if a == Some(&Atom::Any) || b == Some(&Atom::Any) && a.is_some() { below[j] } else { None };
                    let right_moves =
                        if b == Some(&Atom::Any) || a == Some(&Atom::Any) && b.is_some() { row[j + 1] } else { None };
                    left_moves.max(right_moves)
                }
            };
        }
        below = row;
    }
    below[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `app-{stage}-orders`
    fn symbolic(text: &str) -> Symbolic {
        let mut out = Symbolic::default();
        for (i, piece) in text.split(['{', '}']).enumerate() {
            out.push(if i % 2 == 0 { Part::Text(piece.to_owned()) } else { Part::Hole(piece.to_owned()) });
        }
        out
    }

    fn verdict(reference: &str, declared: &[&str]) -> Match {
        matches(&symbolic(reference), &declared.iter().map(|d| symbolic(d)).collect::<Vec<_>>())
    }

    #[test]
    fn fixed_text_decides() {
        assert_eq!(verdict("orders", &["orders"]), Match::Yes);
        assert_eq!(verdict("orders", &["order"]), Match::No);
        assert_eq!(verdict("shop-{stage}-orders", &["shop-{Stage}-orders"]), Match::Yes);
        assert_eq!(verdict("shop-{stage}-orders", &["shop-{Stage}-returns"]), Match::No);
        assert_eq!(verdict("shop-dev-orders", &["shop-{Stage}-orders"]), Match::Yes);
        assert_eq!(verdict("shop-orders", &["shop-{Stage}-orders"]), Match::No);
        assert_eq!(verdict("shop-{stage}-orders", &["shop-prod-orders"]), Match::Yes);
        assert_eq!(verdict("{prefix}-orders", &["shop-{Stage}-orders"]), Match::Yes);
        assert_eq!(verdict("shop-{stage}-orders", &["{StackName}-orders", "shop-{Stage}-orders"]), Match::Yes);
        assert_eq!(verdict("orders", &[]), Match::No);
    }

    #[test]
    fn holes_alone_prove_nothing() {
        assert_eq!(verdict("{name}", &["orders"]), Match::Maybe);
        assert_eq!(verdict("orders", &["{TableName}"]), Match::Maybe);
        assert_eq!(verdict("{a}-{b}", &["shop-{Stage}"]), Match::Maybe);
        assert_eq!(verdict("{stage}-db", &["{Stage}-db"]), Match::Yes);
        assert_eq!(verdict("{TableName}", &["{TableName}"]), Match::Yes, "the same parameter is the same string");
    }

    #[test]
    fn the_better_fit_shares_more_text() {
        let reference = symbolic("shop-{stage}-late-orders");
        let near = fit(&reference, &[symbolic("{StackName}-late-orders")]);
        let far = fit(&reference, &[symbolic("{StackName}-orders")]);
        assert_eq!((near.matched, near.aligned), (Match::Yes, 10));
        assert_eq!((far.matched, far.aligned), (Match::Yes, 6));
    }

    #[test]
    fn long_strings_stay_cheap() {
        let long = symbolic(&"{a}x".repeat(5_000));
        assert_eq!(matches(&long, &[symbolic(&"y{b}".repeat(5_000))]), Match::Maybe);
    }
}
