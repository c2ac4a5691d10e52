//! References to what isn't there: `CloudFormation` refuses the template for them before it makes anything.
//!
//! Says nothing where what isn't there may be made yet: by a macro, by a module, by SAM's transform.

use super::Resource;
use super::diagnostic::Diagnostic;
use super::document::{NodeId, Value};
use super::resolve::{Resolver, variables};
use super::transform::{beginnings, is_sam, may_be_made};
use crate::dynamodb::words::nearest;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Resources that SAM's transform makes, by the beginning of their names: APIs that events imply and what deploys
/// functions; domains of APIs, their records and who may reach them. Others begin with the name of what they are made for.
/// <https://github.com/aws/serverless-application-model/blob/develop/samtranslator/model/api/api_generator.py>
const GENERATED: [&str; 5] =
    ["Serverless", "CodeDeploy", "ApiGatewayDomainName", "RecordSetGroup", "DomainNameAccessAssociation"];
/// Names that others are offered for: each is compared with all that there are.
const MAX_OFFERS: usize = 20;
/// Names that are told one by one.
const MAX_TOLD: usize = 100;

/// Reports the names that nothing in the template bears: each once in each block.
pub(super) fn check<'d>(r: &Resolver<'d>, resources: &[Resource<'d>]) {
    let doc = r.doc;
    if may_be_made(doc) {
        return;
    }
    let names = |section| {
        let section = doc.get(doc.root(), section);
        section.map_or(&[][..], |node| doc.entries(node)).iter().map(|entry| &*entry.key)
    };
    let has_modules = resources.iter().any(|resource| resource.kind.ends_with("::MODULE"));
    let mut walk = Walk {
        r,
        parameters: names("Parameters").collect(),
        resources: names("Resources").collect(),
        is_extended: has_modules || is_sam(doc, resources),
        found: BTreeMap::new(),
    };
    for resource in resources {
        if let Some(properties) = resource.properties {
            walk.node(properties, "Resources");
        }
        if let Some(needed) = doc.get(resource.body, "DependsOn") {
            doc.one_or_all(&needed).iter().for_each(|node| walk.depends_on(*node));
        }
    }
    for output in doc.get(doc.root(), "Outputs").map_or(&[][..], |node| doc.entries(node)) {
        if let Some(value) = doc.get(output.value, "Value") {
            walk.node(value, "Outputs");
        }
    }
    if r.exhausted() {
        return;
    }
    let known: Vec<&str> = walk.parameters.iter().chain(&walk.resources).copied().collect();
    let mut found: Vec<_> = walk.found.into_iter().collect();
    found.sort_by_key(|(_, span)| *span);
    for (at, ((block, name), span)) in found.iter().take(MAX_TOLD).enumerate() {
        let message = format!(
            "`{name}` is neither a resource nor a parameter of the template: CloudFormation refuses it with \"Template format error: \
             Unresolved resource dependencies [{name}] in the {block} block of the template\""
        );
        let near = if at < MAX_OFFERS { nearest(name, known.iter().copied()) } else { None };
        let help = match near {
            Some(near) => format!("{near} is meant?"),
            None => "declare it, or take the reference out".to_owned(),
        };
        r.report(Diagnostic::error(*span, message, help));
    }
    if let Some((_, span)) = found.get(MAX_TOLD) {
        let more = found.len() - MAX_TOLD;
        let message = format!("{more} more names from here on are neither resources nor parameters of the template");
        r.report(Diagnostic::error(*span, message, "mend those that are named first"));
    }
}

struct Walk<'r, 'd> {
    r: &'r Resolver<'d>,
    parameters: BTreeSet<&'d str>,
    resources: BTreeSet<&'d str>,
    /// Whether resources may come of others.
    is_extended: bool,
    /// The first place of each name in each block.
    found: BTreeMap<(&'static str, String), Span>,
}

impl Walk<'_, '_> {
    /// The recursion is bounded by the document's depth, the work by the resolver's budget.
    fn node(&mut self, node: NodeId, block: &'static str) {
        let doc = self.r.doc;
        if !self.r.spend(1) {
            return;
        }
        if let Some(call) = doc.intrinsic(node) {
            let span = doc.span(call.value);
            match &*call.key {
                "Ref" => {
                    if let Some(name) = doc.text(call.value) {
                        self.name(&name, block, span);
                    }
                    return;
                }
                "Fn::GetAtt" => {
                    let whole = doc.items(call.value).first().copied().unwrap_or(call.value);
                    if let Some(name) = doc.text(whole) {
                        self.resource(&name, block, span);
                    }
                }
                "Fn::Sub" => self.pattern(call.value, block),
                _ => {}
            }
        }
        match doc.value(node) {
            Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter().for_each(|item| self.node(*item, block)),
            Value::Mapping(entries) => entries.iter().for_each(|entry| self.node(entry.value, block)),
        }
    }

    fn pattern(&mut self, argument: NodeId, block: &'static str) {
        let doc = self.r.doc;
        let (pattern, own) = match doc.items(argument) {
            [pattern, own, ..] => (*pattern, doc.entries(*own)),
            [pattern] => (*pattern, &[][..]),
            [] => (argument, &[][..]),
        };
        let Some(text) = doc.text(pattern) else { return };
        for name in variables(&text) {
            let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':'));
            if is_plain && !name.is_empty() && !own.iter().any(|entry| *entry.key == *name) {
                let is_attribute = name.contains('.');
                let span = doc.span(pattern);
                if is_attribute { self.resource(name, block, span) } else { self.name(name, block, span) }
            }
        }
    }

    fn depends_on(&mut self, node: NodeId) {
        if let Some(name) = self.r.doc.text(node) {
            self.resource(&name, "Resources", self.r.doc.span(node));
        }
    }

    /// A parameter, a pseudo parameter or a resource.
    fn name(&mut self, name: &str, block: &'static str, span: Span) {
        if !name.starts_with("AWS::") && !self.parameters.contains(name) {
            self.resource(name, block, span);
        }
    }

    /// A resource, or what a resource has: `Api.Stage`.
    fn resource(&mut self, name: &str, block: &'static str, span: Span) {
        let id = name.split('.').next().unwrap_or_default();
        let may_come = || {
            GENERATED.iter().any(|start| id.starts_with(start))
                || beginnings(id).any(|begin| self.resources.contains(begin))
        };
        let is_there = self.resources.contains(id) || self.is_extended && may_come();
        if !id.is_empty() && !is_there {
            let place = self.found.entry((block, id.to_owned())).or_insert(span);
            *place = span.min(*place);
        }
    }
}
