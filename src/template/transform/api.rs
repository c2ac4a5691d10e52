//! Parts of APIs that events of functions write into.

use super::Check;
use crate::template::Resource;

pub(super) fn check(check: &Check, api: &Resource) {
    let at = |key: &str| check.truthy(api.properties, key);
    if let (Some(node), Some(_)) = (at("DefinitionUri"), at("DefinitionBody"))
        && at("MergeDefinitions").is_none()
    {
        let what = format!("`{}` has two definitions", api.id);
        check.refuse(check.doc.span(node), what, "remove `DefinitionUri` or `DefinitionBody`");
    }
}
