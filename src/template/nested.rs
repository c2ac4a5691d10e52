//! Which resources stand for other templates that lie beside this one.

use super::document::{Document, NodeId};
use crate::source::Span;

/// A resource that stands for a template.
pub(super) struct Child {
    /// Its logical id.
    pub id: String,
    /// Path of the template, relative to the folder of the one that nests it.
    pub location: String,
    /// Where the path is written.
    pub span: Span,
    /// What it passes.
    pub parameters: Option<NodeId>,
}

/// The nested stacks and SAM applications of a template whose templates are local files.
pub(super) fn children(document: &Document, resources: NodeId) -> Vec<Child> {
    let child = |entry: &super::document::Entry| {
        let kind = document.text(document.get(entry.value, "Type")?)?;
        let property = match &*kind {
            "AWS::CloudFormation::Stack" => "TemplateURL",
            "AWS::Serverless::Application" => "Location",
            _ => return None,
        };
        let properties = document.get(entry.value, "Properties")?;
        let written = document.get(properties, property)?;
        let node = asset(document, entry.value).unwrap_or(written);
        let location = document.text(node)?.into_owned();
        (!is_remote(&location)).then(|| Child {
            id: entry.key.to_string(),
            location,
            span: document.span(node),
            parameters: document.get(properties, "Parameters"),
        })
    };
    document.entries(resources).iter().filter_map(child).collect()
}

/// Whether a path leads away from the template's folder, into a bucket or the web, or is known only when deployed.
pub(super) fn is_remote(path: &str) -> bool {
    ["s3://", "http://", "https://", "{{resolve:"].iter().any(|scheme| path.starts_with(scheme))
}

/// The local file or folder that the CDK wrote for a resource and will upload: `Metadata: {aws:asset:path: …}`.
/// <https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/assets.ts>
pub(super) fn asset(document: &Document, resource: NodeId) -> Option<NodeId> {
    document.get(document.get(resource, "Metadata")?, "aws:asset:path")
}
