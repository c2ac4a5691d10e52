//! What the program says about its rules: the list and each rule's page.

use crate::report::wrapped;
use crate::rules;

/// An entry a rule: name, severity, summary.
pub(super) fn list(width: usize) -> String {
    let rules = rules::pages();
    let longest = rules.iter().map(|page| page.name.len()).max().unwrap_or(0);
    let entry = |page: &rules::Page| {
        let head = format!("{:<longest$}  {:<8}  ", page.name, page.severity.as_str());
        wrapped(&page.summary, &head, width)
    };
    rules.iter().map(entry).collect()
}

/// A rule's page, with what its findings are by default below the title.
pub(super) fn explain(rule: &str, width: usize) -> String {
    let Some(page) = rules::pages().into_iter().find(|page| page.name == rule) else { return String::new() };
    let (title, rest) = page.text.split_once('\n').unwrap_or((&page.text, ""));
    let defaults = format!(
        "Severity: {} by default; in code that no deployed Lambda reaches it is lower. Confidence: {} by default; what rests on an \
         assumption is less sure, and says so.",
        page.severity.as_str(),
        page.confidence.as_str()
    );
    format!("{title}\n\n{}{}", wrapped(&defaults, "", width), folded(rest, width))
}

/// Markdown for `width` columns: paragraphs and entries of lists are filled, all else stays as it is.
fn folded(text: &str, width: usize) -> String {
    let (mut out, mut paragraph, mut in_code) = (String::new(), String::new(), false);
    for line in text.lines().chain([""]) {
        let is_fence = line.starts_with("```");
        let is_entry = line.starts_with("- ");
        let stays = in_code || is_fence || line.trim().is_empty() || line.starts_with(['#', '|', ' ']);
        if (stays || is_entry) && !paragraph.is_empty() {
            let (first, text) = paragraph.strip_prefix("- ").map_or(("", paragraph.as_str()), |text| ("- ", text));
            out += &wrapped(text, first, width);
            paragraph.clear();
        }
        if stays {
            out += line;
            out.push('\n');
        } else {
            paragraph += if paragraph.is_empty() { "" } else { " " };
            paragraph += line;
        }
        in_code ^= is_fence;
    }
    out.truncate(out.trim_end().len());
    out + "\n"
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn prose_is_filled_and_code_stays() {
        let text = "One paragraph\nof two lines.\n\n- an entry that is long\n- another\n\n```py\ncode that is longer than the width\n```\n";
        let wanted = "One paragraph of\ntwo lines.\n\n- an entry that\n  is long\n- another\n\n```py\ncode that is longer than the width\n```\n";
        assert_eq!(folded(text, 16), wanted);
    }
}
