//! Rule pages: Markdown with front matter, and examples that tests run.
//!
//! A fenced block of the *Example* section names its file after the language: `` ```python bad/app.py `` belongs to the
//! bad example, `` ```yaml good/template.yaml `` to the good one, and `` ```yaml template.yaml `` to both. Each example is a small
//! project: the rule reports the bad one exactly once and nothing in the good one.

use super::{Confidence, Severity};
use serde::Deserialize;

/// The sections of a page, in order.
pub const SECTIONS: [&str; 7] =
    ["What it does", "Why is this bad", "Example", "How it knows", "When it stays silent", "Fix", "References"];

/// A rule's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The rule's name.
    pub name: String,
    /// Its usual severity.
    pub severity: Severity,
    /// The severity of its worst findings.
    pub up_to: Severity,
    /// Its usual confidence.
    pub confidence: Confidence,
    /// What it is about.
    pub category: Category,
    /// The version that brought it.
    pub since: String,
    /// How its findings are fixed.
    pub fix: FixKind,
    /// What fixing one place takes.
    pub effort: Effort,
    /// The first paragraph of *What it does*, on one line.
    pub summary: String,
    /// Headings and their text, front matter left out.
    pub sections: Vec<(String, String)>,
    /// The page without front matter.
    pub text: String,
}

/// What a rule is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs, reason = "headings of the catalogue")]
pub enum Category {
    Reads,
    Schema,
    Indexes,
    Tables,
    Iam,
}

/// How findings are fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FixKind {
    /// By thinking.
    Manual,
    /// The help names the edit.
    Suggested,
}

/// What a fix takes. Ordered: `Large` is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// An edit in one place.
    Trivial,
    /// An edit and its test.
    Small,
    /// Several edits that belong together.
    Medium,
    /// Work on stored data, or on many places.
    Large,
}

impl Effort {
    /// For `places` of it: from four places on a step more, from eleven on two.
    #[must_use]
    pub fn times(self, places: usize) -> Self {
        const ALL: [Effort; 4] = [Effort::Trivial, Effort::Small, Effort::Medium, Effort::Large];
        let more = usize::from(places > 3) + usize::from(places > 10);
        ALL[(self as usize + more).min(ALL.len() - 1)]
    }

    /// As reports spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trivial => "trivial",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
        }
    }
}

/// Why a page can't be read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// No `---` block at the top.
    #[error("no front matter")]
    NoFrontMatter,
    /// Front matter that isn't as it should be.
    #[error("front matter: {0}")]
    FrontMatter(#[from] serde_yaml::Error),
}

/// A file of an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFile {
    /// The path in the example's project.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// An example: a small project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Example {
    /// Its files, in the page's order.
    pub files: Vec<ExampleFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrontMatter {
    name: String,
    severity: Severity,
    /// Left out where no finding is worse than usual.
    up_to: Option<Severity>,
    confidence: Confidence,
    category: Category,
    since: String,
    fix: FixKind,
    /// Left out, it follows from `fix`: an edit that the help names is small, one to think about is medium.
    effort: Option<Effort>,
}

/// Reads a page.
pub fn parse(markdown: &str) -> Result<Page, PageError> {
    let rest = markdown.strip_prefix("---\n").ok_or(PageError::NoFrontMatter)?;
    let (front, text) = rest.split_once("\n---\n").ok_or(PageError::NoFrontMatter)?;
    let FrontMatter { name, severity, up_to, confidence, category, since, fix, effort } = serde_yaml::from_str(front)?;
    let sections = sections(text);
    let summary = sections.first().map(|(_, text)| first_paragraph(text)).unwrap_or_default();
    let text = text.trim_start().to_owned();
    let effort = effort.unwrap_or(match fix {
        FixKind::Suggested => Effort::Small,
        FixKind::Manual => Effort::Medium,
    });
    let up_to = up_to.unwrap_or(severity).max(severity);
    Ok(Page { name, severity, up_to, confidence, category, since, fix, effort, summary, sections, text })
}

impl Page {
    /// The text under a heading.
    pub fn section(&self, heading: &str) -> Option<&str> {
        self.sections.iter().find(|(name, _)| name == heading).map(|(_, text)| text.as_str())
    }

    /// The bad and the good example.
    pub fn examples(&self) -> (Example, Example) {
        let (mut bad, mut good) = (Example::default(), Example::default());
        for (path, text) in fenced_files(self.section("Example").unwrap_or_default()) {
            let file = |path: &str| ExampleFile { path: path.to_owned(), text: text.clone() };
            if let Some(path) = path.strip_prefix("bad/") {
                bad.files.push(file(path));
            } else if let Some(path) = path.strip_prefix("good/") {
                good.files.push(file(path));
            } else {
                bad.files.push(file(&path));
                good.files.push(file(&path));
            }
        }
        (bad, good)
    }
}

fn sections(text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        match line.strip_prefix("## ").filter(|_| !fenced) {
            Some(heading) => out.push((heading.trim().to_owned(), String::new())),
            None => {
                if let Some((_, body)) = out.last_mut() {
                    body.push_str(line);
                    body.push('\n');
                }
            }
        }
    }
    out.into_iter().map(|(heading, body)| (heading, body.trim().to_owned())).collect()
}

fn first_paragraph(text: &str) -> String {
    let lines = text.trim().lines().take_while(|line| !line.trim().is_empty());
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

/// Path and text of each fenced block that names a file.
fn fenced_files(section: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut open: Option<(Option<String>, String)> = None;
    for line in section.lines() {
        match (open.as_mut(), line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.split_whitespace().nth(1).map(str::to_owned), String::new())),
            (Some((_, text)), None) => {
                text.push_str(line);
                text.push('\n');
            }
            (Some(_), Some(_)) => {
                if let Some((Some(path), text)) = open.take() {
                    out.push((path, text));
                }
                open = None;
            }
            (None, None) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn every_page_belongs_to_a_rule_and_has_its_sections() {
        for rule in RULES {
            let page = parse(rule.page).unwrap_or_else(|error| panic!("{}: {error}", rule.name));
            assert_eq!(page.name, rule.name);
            let headings: Vec<&str> = page.sections.iter().map(|(heading, _)| heading.as_str()).collect();
            assert_eq!(headings, SECTIONS, "{}", rule.name);
            assert!(page.sections.iter().all(|(_, text)| !text.is_empty()), "{}: an empty section", rule.name);
            assert!(page.text.starts_with(&format!("# {}\n", rule.name)), "{}", rule.name);
        }
    }

    #[test]
    fn every_page_has_a_bad_and_a_good_example() {
        for rule in RULES {
            let (bad, good) = parse(rule.page).expect("parsed above").examples();
            for example in [&bad, &good] {
                let templates = example.files.iter().filter(|f| f.path == "template.yaml").count();
                assert_eq!(templates, 1, "{}: {example:?}", rule.name);
            }
            assert_ne!(bad, good, "{}", rule.name);
        }
    }

    #[test]
    fn rules_and_pages_are_the_same_set() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder of rule pages")
            .map(|entry| entry.expect("a readable entry").file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let expected: Vec<String> = crate::rules::names().iter().map(|name| format!("{name}.md")).collect();
        assert_eq!(files, expected);
    }

    #[test]
    fn effort_grows_with_the_places() {
        let of = |places| Effort::Small.times(places);
        assert_eq!(
            [1, 3, 4, 10, 11, 500].map(of),
            [Effort::Small, Effort::Small, Effort::Medium, Effort::Medium, Effort::Large, Effort::Large]
        );
        assert_eq!(Effort::Large.times(4), Effort::Large);
    }

    #[test]
    fn example_files_are_told_apart() {
        let page = "---\nname: x\nseverity: low\nconfidence: certain\ncategory: iam\nsince: 0.1.0\nfix: manual\n---\n\n# x\n\n\
                    ## What it does\n\nOne line,\nand another.\n\nMore.\n\n## Example\n\n```yaml template.yaml\na: 1\n```\n\n\
                    ```python bad/app.py\nx = 1\n```\n\n```python good/app.py\nx = 2\n```\n\n```sh\nls\n```\n";
        let page = parse(page).expect("a page");
        assert_eq!(page.summary, "One line, and another.");
        let file = |path: &str, text: &str| ExampleFile { path: path.to_owned(), text: text.to_owned() };
        let (bad, good) = page.examples();
        assert_eq!(bad.files, [file("template.yaml", "a: 1\n"), file("app.py", "x = 1\n")]);
        assert_eq!(good.files, [file("template.yaml", "a: 1\n"), file("app.py", "x = 2\n")]);
    }

    #[test]
    fn a_page_without_front_matter_is_an_error() {
        assert!(matches!(parse("# x\n"), Err(PageError::NoFrontMatter)));
        assert!(matches!(parse("---\nname: x\n---\n"), Err(PageError::FrontMatter(_))));
    }
}
