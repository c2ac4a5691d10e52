//! The `Globals` section: a fixed list of sections, each with a fixed list of properties.

use super::Check;
use super::properties::{has, is_known};

pub(super) fn check(check: &Check) {
    let doc = check.doc;
    let Some(globals) = doc.entry(doc.root(), "Globals") else { return };
    if !check.is_map(globals.value) {
        check.refuse(globals.key_span, "`Globals` must be a mapping", "remove it, or give it sections");
        return;
    }
    for section in doc.entries(globals.value) {
        let kind = format!("globals {}", section.key);
        if !is_known(&kind) {
            let what = format!("`Globals` has no section `{}`", section.key);
            check.refuse(section.key_span, what, "set the properties at the resources");
        } else if !check.is_map(section.value) {
            let what = format!("`{}` of `Globals` must be a mapping", section.key);
            check.refuse(section.key_span, what, "remove it, or give it properties");
        }
        let strangers = doc.entries(section.value).iter().filter(|entry| is_known(&kind) && !has(&kind, &entry.key));
        for entry in strangers {
            let what = format!("`{}` can't be set for every {} by `Globals`", entry.key, section.key);
            check.refuse(entry.key_span, what, "set it at the resources");
        }
    }
}
