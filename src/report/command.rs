//! The command that makes a report again.

use super::Report;
use super::sanitize::one_line;

/// `ddb-audit template.yaml --src code`.
pub(super) fn command(report: &Report) -> String {
    let templates = report.inputs.templates.iter().map(|file| quoted(&report.sources.file(*file).name));
    let sources = report.inputs.src.iter().map(|folder| format!("--src {}", quoted(folder)));
    let words: Vec<String> = std::iter::once("ddb-audit".to_owned()).chain(templates).chain(sources).collect();
    words.join(" ")
}

/// A shell word.
fn quoted(word: &str) -> String {
    let word = one_line(word);
    if word.chars().all(|c| c.is_alphanumeric() || "./_-".contains(c)) {
        return word;
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_for_a_shell() {
        assert_eq!(quoted("a-b/c_d.yaml"), "a-b/c_d.yaml");
        assert_eq!(quoted("a b's\u{1b}"), r"'a b'\''s?'");
    }
}
