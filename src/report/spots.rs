//! Blind spots as they are shown: the same place and reason once, what nothing is withheld for apart, and Lambdas whose
//! code was found by name together.

use super::Report;
use crate::facts::{FunctionId, Taken};
use crate::source::Span;
use std::collections::BTreeMap;

/// What is said of Lambdas whose code was found by name.
pub(super) const TAKEN: &str = "The code of these Lambdas isn't where the template says; the one file that has their handler is \
                                taken for it, findings that rest on it are likely at most, and `env-not-set` makes no claim";

/// All that could not be resolved.
#[derive(Default)]
pub(super) struct Spots<'a> {
    /// What rules make no claim for.
    pub(super) withholding: Vec<Spot<'a>>,
    /// What keeps no rule back: each reason with its places.
    pub(super) others: Vec<(&'a str, Vec<Span>)>,
    /// Lambdas whose code isn't where the template says, where it says so, and the files that are taken for it.
    pub(super) taken: Vec<(FunctionId, Span, &'a str)>,
}

/// A place, why it couldn't be resolved, and the rules that say less for it.
pub(super) struct Spot<'a> {
    pub(super) span: Span,
    pub(super) reason: &'a str,
    pub(super) withholds: Vec<&'static str>,
}

impl Spots<'_> {
    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let others: usize = self.others.iter().map(|(_, places)| places.len()).sum();
        self.withholding.len() + others + self.taken.len()
    }
}

/// The blind spots of a report.
pub(super) fn spots<'a>(report: &Report<'a>) -> Spots<'a> {
    let mut merged: BTreeMap<(Span, &'a str), Vec<&'static str>> = BTreeMap::new();
    let mut spots = Spots::default();
    for spot in &report.facts.blind_spots {
        if let (Some(Taken::Code(file)), Some(function)) = (&spot.taken, spot.function) {
            spots.taken.push((function, spot.span, file));
            continue;
        }
        let rules = merged.entry((spot.span, &spot.reason)).or_default();
        rules.extend(&spot.withholds);
        rules.sort_unstable();
        rules.dedup();
    }
    let mut others: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for ((span, reason), withholds) in merged {
        if withholds.is_empty() {
            others.entry(reason).or_default().push(span);
        } else {
            spots.withholding.push(Spot { span, reason, withholds });
        }
    }
    spots.others = others.into_iter().collect();
    spots
}
