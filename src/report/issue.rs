//! Findings of one rule and severity together: thirty places of one fault are one issue.

use crate::rules::{self, Finding, Severity};
use std::collections::BTreeMap;

/// More different fixes than this aren't few.
const FEW: usize = 4;

/// Findings of one rule and severity, in report order.
pub(super) struct Issue<'a> {
    pub(super) severity: Severity,
    pub(super) rule: &'static str,
    pub(super) findings: Vec<&'a Finding>,
}

impl<'a> Issue<'a> {
    /// A text that is the same for all findings.
    pub(super) fn shared(&self, text: impl Fn(&'a Finding) -> &'a String) -> Option<&'a str> {
        let first = text(self.findings.first()?);
        self.findings.iter().all(|finding| text(finding) == first).then_some(first)
    }

    /// What all messages say, sentence by sentence, and what each says besides.
    pub(super) fn messages(&self) -> (String, Vec<String>) {
        let each: Vec<Vec<&str>> = self.findings.iter().map(|finding| sentences(&finding.message)).collect();
        let everywhere = |sentence: &&str| each.iter().all(|of_one| of_one.contains(sentence));
        let join = |sentences: Vec<&str>| sentences.join(" ");
        let shared = each.first().map(|of_one| of_one.iter().copied().filter(everywhere).collect()).map(join);
        let own = |of_one: &Vec<&str>| join(of_one.iter().copied().filter(|s| !everywhere(s)).collect());
        (shared.unwrap_or_default(), each.iter().map(own).collect())
    }

    /// The different fixes.
    pub(super) fn fixes(&self) -> Fixes<'a> {
        let mut fixes = Fixes { texts: Vec::new(), places: BTreeMap::new() };
        for finding in &self.findings {
            let next = fixes.texts.len();
            if *fixes.places.entry(&finding.help).or_insert(next) == next {
                fixes.texts.push(&finding.help);
            }
        }
        fixes
    }

    /// An estimate of the work.
    pub(super) fn effort(&self) -> &'static str {
        let page = rules::pages().into_iter().find(|page| page.name == self.rule);
        page.map_or("", |page| page.effort.times(self.findings.len()).as_str())
    }
}

/// A message of one line, taken apart where a full stop is followed by a capital letter; any other stays whole.
fn sentences(message: &str) -> Vec<&str> {
    if message.contains('\n') {
        return vec![message];
    }
    let mut out = Vec::new();
    let mut rest = message;
    let ends = |text: &str| {
        let stops = text.match_indices(". ").map(|(at, _)| at + 1);
        let mut ends = stops.filter(|at| text[at + 1..].starts_with(char::is_uppercase));
        // A full stop inside of a code span or a quotation ends no sentence.
        ends.find(|at| ['`', '"'].iter().all(|mark| text[..*at].matches(*mark).count().is_multiple_of(2)))
    };
    while let Some(end) = ends(rest) {
        out.push(&rest[..end]);
        rest = &rest[end + 1..];
    }
    out.push(rest);
    out
}

/// The different fixes of an issue, in the order of the findings. Said once each, they go by letters.
pub(super) struct Fixes<'a> {
    pub(super) texts: Vec<&'a str>,
    places: BTreeMap<&'a str, usize>,
}

impl Fixes<'_> {
    /// Whether there are so few that the reader keeps them apart by their letters.
    pub(super) fn are_few(&self) -> bool {
        self.texts.len() <= FEW
    }

    /// Whether one of them has lines of its own: code, which has no room in a table.
    pub(super) fn have_lines(&self) -> bool {
        self.texts.iter().any(|text| text.contains('\n'))
    }

    /// The letter of a finding's fix.
    pub(super) fn letter(&self, finding: &Finding) -> String {
        self.places.get(finding.help.as_str()).map_or_else(String::new, |place| letter(*place))
    }
}

/// `A` to `Z`, then `AA`.
pub(super) fn letter(index: usize) -> String {
    let last = char::from(b'A' + u8::try_from(index % 26).unwrap_or_default());
    let before = if index < 26 { String::new() } else { letter(index / 26 - 1) };
    before + &last.to_string()
}

/// The issues in the order of their first findings.
pub(super) fn grouped(findings: &[Finding]) -> Vec<Issue<'_>> {
    let mut issues: Vec<Issue> = Vec::new();
    for finding in findings {
        match issues.iter_mut().find(|i| (i.severity, i.rule) == (finding.severity, finding.rule)) {
            Some(issue) => issue.findings.push(finding),
            None => issues.push(Issue { severity: finding.severity, rule: finding.rule, findings: vec![finding] }),
        }
    }
    issues
}

#[cfg(test)]
mod tests {
    use super::{grouped, letter};
    use crate::report::sample;

    #[test]
    fn what_all_messages_say_is_said_once() {
        let (_sources, mut findings) = sample::findings("table.scan()\n");
        let one = findings.remove(0);
        let with_message = |message: &str| crate::rules::Finding { message: message.into(), ..one.clone() };
        let some: Vec<_> = [
            "It fails with \"Error. No such thing\". Here it is e.g. `a. B`. The rest is lost.",
            "It fails with \"Error. No such thing\". The rest is lost. Reached from Api.",
        ]
        .map(with_message)
        .into();
        let shared = "It fails with \"Error. No such thing\". The rest is lost.";
        let own = ["Here it is e.g. `a. B`.", "Reached from Api."].map(str::to_owned).to_vec();
        assert_eq!(grouped(&some)[0].messages(), (shared.to_owned(), own));
        let lines: Vec<_> = ["One.\nTwo. Three.", "One. Three."].map(with_message).into();
        let own = ["One.\nTwo. Three.", "One. Three."].map(str::to_owned).to_vec();
        assert_eq!(grouped(&lines)[0].messages(), (String::new(), own));
    }

    #[test]
    fn few_fixes_are_said_once() {
        let (_sources, mut findings) = sample::findings("table.scan()\n");
        let one = findings.remove(0);
        let with_help = |help: &str| crate::rules::Finding { help: help.into(), ..one.clone() };
        let four: Vec<_> = ["a", "b", "a", "c", "d"].map(with_help).into();
        let issues = grouped(&four);
        let fixes = issues[0].fixes();
        assert_eq!((fixes.texts.as_slice(), fixes.are_few()), (["a", "b", "c", "d"].as_slice(), true));
        assert_eq!(four.iter().map(|f| fixes.letter(f)).collect::<Vec<_>>(), ["A", "B", "A", "C", "D"]);
        assert_eq!(issues[0].shared(|finding| &finding.help), None);
        let five: Vec<_> = ["a", "b", "c", "d", "e"].map(with_help).into();
        assert!(!grouped(&five)[0].fixes().are_few());
    }

    #[test]
    fn letters_go_on_behind_z() {
        assert_eq!([0, 25, 26, 51, 52, 701, 702].map(letter), ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
    }
}
