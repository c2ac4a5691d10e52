//! Template text to a spanned document, to resolved resources, to the typed [`model::Stack`].

mod attachment;
mod connector;
mod custom_resource;
mod dangling;
mod diagnostic;
pub mod document;
mod error;
mod expand;
mod function;
mod globals;
mod graphql;
mod image;
mod invoke;
mod load;
mod mention;
pub mod model;
mod nested;
mod policy_text;
mod read;
mod removal;
mod resolve;
mod resource_policy;
mod role;
mod sam_policy;
mod schema;
mod service;
mod service_use;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod told;
mod transform;
mod trigger;
mod twins;

pub use diagnostic::{Diagnostic, Severity};
pub use error::{Place, TemplateError};
pub use load::{load, load_text};

use crate::dynamodb::symbolic::ResourceRef;
use crate::source::Span;
use document::NodeId;
use resolve::Resolver;

/// A resource as written, Globals merged into its properties.
#[derive(Debug, Clone, Copy)]
struct Resource<'d> {
    id: &'d str,
    kind: &'d str,
    /// The logical id.
    key: Span,
    body: NodeId,
    properties: Option<NodeId>,
}

impl Resource<'_> {
    fn reference(&self, r: &Resolver) -> ResourceRef {
        ResourceRef { stack: r.stack, id: self.id.to_owned() }
    }

    /// Key and body.
    fn whole(&self, r: &Resolver) -> Span {
        let body = r.doc.span(self.body);
        Span::new(self.key.file, self.key.start.min(body.start), self.key.end.max(body.end))
    }

    /// The condition under which the resource exists.
    fn condition(&self, r: &Resolver) -> Option<String> {
        r.doc.get(self.body, "Condition").and_then(|node| r.doc.text(node)).map(Into::into)
    }
}
