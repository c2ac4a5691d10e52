//! Users of tables that are no Lambda: one reader a service, each from the template (and the files that it names) to
//! [`ServiceUser`]s. What they mean is left to the facts.

mod api_gateway;
mod appsync;
mod appsync_code;
mod files;
mod graphql_api;
mod identity;
mod loose;
mod other;
mod parameters;
mod payload;
mod scan;
mod step_functions;
mod text;
mod tree;

pub(super) use files::Files;
pub(super) use payload::Payloads;

use super::Resource;
use super::document::{NodeId, Value};
use super::function::is_function;
use super::model::RoleLink;
use super::resolve::{Alt, Got, Resolver};
use super::role::{Roles, generated_id};
use super::service_use::{ServiceCall, ServiceUser, Services};
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::source::Span;
use appsync::Resolvers;
use loose::Found;
use scan::Syntax;
use text::Text;
use tree::Node;

/// Calls of one stack: more than any template has.
const MAX_CALLS: usize = 5_000;

/// What readers need.
struct Reader<'r, 'd, 'f, 's> {
    r: &'r Resolver<'d>,
    roles: &'r Roles,
    files: &'f mut Files<'s>,
}

/// Something that can't be read: why, and where it is named.
type Unread = (String, Span);

/// The services of one stack, data sources and resolvers still apart: a resolver may stand in another stack.
pub(super) struct Draft {
    services: Services,
    resolvers: Resolvers,
    /// What is sent to Lambdas.
    pub payloads: Payloads,
}

/// Reads the services of one stack.
pub(super) fn collect<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], roles: &Roles, files: &mut Files) -> Draft {
    let mut reader = Reader { r, roles, files };
    let mut services = Services::default();
    let mut resolvers = Resolvers::default();
    let mut payloads = Payloads::new();
    for resource in resources {
        if step_functions::is_state_machine(resource.kind) {
            let (calls, payload) = step_functions::calls(&mut reader, resource);
            payloads.insert(resource.key, payload);
            let role = reader.role_of(resource, &["RoleArn", "Role"]);
            services.users.push(user(r, resource, role, calls));
        }
        payloads.extend(payload::of_rule(&reader, resource).map(|payload| (resource.key, payload)));
        if is_function(resource.kind) {
            payloads.extend(payload::of_events(&reader, resource));
        }
        services.users.extend(api_gateway::users(&mut reader, resource));
        appsync::read(&mut reader, resource, &mut resolvers);
        graphql_api::read(&mut reader, resource, &mut resolvers);
        services.users.extend(other::users(&mut reader, resource));
        services.stream_readers.extend(other::stream_readers(r, resource));
    }
    identity::read(r, resources, &mut services);
    services.users.iter_mut().for_each(|user| user.calls.truncate(MAX_CALLS));
    Draft { services, resolvers, payloads }
}

/// Ties resolvers to their data sources, wherever these are declared; the result is in the order of the stacks.
pub(super) fn join(mut drafts: Vec<Draft>) -> Vec<Services> {
    let resolvers: Vec<Resolvers> = drafts.iter_mut().map(|draft| std::mem::take(&mut draft.resolvers)).collect();
    let users = appsync::join(&resolvers);
    let mut out: Vec<Services> = drafts.into_iter().map(|draft| draft.services).collect();
    for user in users {
        if let Some(services) = out.get_mut(user.resource.stack as usize) {
            services.users.push(user);
        }
    }
    for services in &mut out {
        services.users.sort_by_key(|user| user.span);
    }
    out
}

fn user(r: &Resolver, resource: &Resource, role: RoleLink, calls: Vec<ServiceCall>) -> ServiceUser {
    let (kind, span) = (resource.kind.to_owned(), resource.key);
    ServiceUser { resource: resource.reference(r), kind, span, role, calls }
}

fn unread(reason: impl Into<String>, span: Span) -> ServiceCall {
    ServiceCall::unread(reason, span)
}

impl<'d> Reader<'_, 'd, '_, '_> {
    /// The role that a resource names by one of these properties; else the one that SAM makes for it.
    fn role_of(&self, resource: &Resource<'d>, keys: &[&str]) -> RoleLink {
        for key in keys {
            let alts = self.r.property(resource.properties, &[key]);
            if alts.iter().any(|alt| alt.got != Got::Unset) {
                return self.role(alts, resource.key);
            }
        }
        if resource.kind.starts_with("AWS::Serverless::") {
            let id = generated_id(resource.id);
            return RoleLink::Known(vec![ResourceRef { stack: self.r.stack, id }]);
        }
        RoleLink::External(resource.key)
    }

    fn role(&self, alts: Vec<Alt<'d, NodeId>>, fallback: Span) -> RoleLink {
        let mut names = Vec::new();
        let mut place = fallback;
        for alt in alts {
            match alt.got {
                Got::Unset => {}
                Got::Unknown(span) => return RoleLink::External(span),
                Got::Is(node) => {
                    place = self.r.doc.span(node);
                    for text in self.r.strings(node, &alt.when) {
                        match text.got {
                            Got::Is(text) => names.push(text.value),
                            Got::Unknown(span) => return RoleLink::External(span),
                            Got::Unset => {}
                        }
                    }
                }
            }
        }
        self.named_role(&names, place)
    }

    /// The roles of these names or ARNs, if all of them are at hand.
    fn named_role(&self, names: &[Symbolic], place: Span) -> RoleLink {
        let mut found = Vec::new();
        for name in names {
            let mut roles = self.roles.named(self.r, name);
            if roles.is_empty() {
                roles.extend(of_other_stack(self.r, name));
            }
            if roles.is_empty() {
                return RoleLink::External(place);
            }
            found.extend(roles.into_iter().filter(|role| !found.contains(role)).collect::<Vec<_>>());
        }
        if found.is_empty() { RoleLink::External(place) } else { RoleLink::Known(found) }
    }

    /// The objects in a text property, on each of its branches.
    fn objects_of(&mut self, resource: &Resource<'d>, key: &str, syntax: Syntax) -> Vec<Result<(Found, Span), Unread>> {
        let mut out = Vec::new();
        for alt in self.r.property(resource.properties, &[key]) {
            match alt.got {
                Got::Unset => {}
                Got::Unknown(span) => out.push(Err(("it can't be resolved".to_owned(), span))),
                Got::Is(node) => out.extend(self.objects_in(node, &alt.when, syntax)),
            }
        }
        out
    }

    fn objects_in(
        &mut self,
        node: NodeId,
        when: &super::resolve::When<'d>,
        syntax: Syntax,
    ) -> Vec<Result<(Found, Span), Unread>> {
        let mut out = Vec::new();
        for text in self.r.strings(node, when) {
            match text.got {
                Got::Unset => {}
                Got::Unknown(span) => out.push(Err(("it can't be resolved".to_owned(), span))),
                Got::Is(text) => out.push(self.objects(&text.value, text.span, syntax)),
            }
        }
        out
    }

    fn objects(&self, text: &Symbolic, span: Span, syntax: Syntax) -> Result<(Found, Span), Unread> {
        let long = || ("it is too long".to_owned(), span);
        let text = Text::of_template(text, span, self.files.sources).ok_or_else(long)?;
        Ok((loose::objects(&text, syntax), span))
    }

    /// The paths beside the template that a property may name.
    fn paths(&self, resource: &Resource<'d>, key: &str) -> Vec<Result<(String, Span), Unread>> {
        let alts = self.r.property(resource.properties, &[key]);
        alts.into_iter().flat_map(|alt| self.path(alt)).collect()
    }

    fn path(&self, alt: Alt<'d, NodeId>) -> Vec<Result<(String, Span), Unread>> {
        let node = match alt.got {
            Got::Unset => return vec![],
            Got::Unknown(span) => return vec![Err(("where it is can't be told".to_owned(), span))],
            Got::Is(node) => node,
        };
        let span = self.r.doc.span(node);
        if matches!(self.r.doc.value(node), Value::Mapping(_)) && self.r.doc.intrinsic(node).is_none() {
            return vec![Err(("it is in S3".to_owned(), span))];
        }
        let known: Vec<_> =
            self.r.text_setting(vec![alt]).values().map(|text| Ok((text.value.clone(), text.span))).collect();
        if known.is_empty() { vec![Err(("where it is can't be told".to_owned(), span))] } else { known }
    }

    /// The definitions beside the template that a property may name.
    fn definition_of(&mut self, resource: &Resource<'d>, key: &str) -> Vec<Result<Node, Unread>> {
        let mut out = Vec::new();
        for path in self.paths(resource, key) {
            out.push(path.and_then(|(path, span)| self.files.definition(&path).map_err(|reason| (reason, span))));
        }
        out
    }

    /// The objects in the files beside the template that a property may name.
    fn file_objects_of(
        &mut self,
        resource: &Resource<'d>,
        key: &str,
        syntax: Syntax,
    ) -> Vec<Result<(Found, Span), Unread>> {
        let mut out = Vec::new();
        for path in self.paths(resource, key) {
            out.push(path.and_then(|(path, span)| self.files.objects(&path, syntax).map_err(|reason| (reason, span))));
        }
        out
    }
}

/// A role of another stack, by reference: whether it is one the facts find out.
fn of_other_stack(r: &Resolver, name: &Symbolic) -> Option<ResourceRef> {
    use crate::dynamodb::symbolic::Part;
    name.parts().iter().find_map(|part| match part {
        Part::Resource(resource, _) if resource.stack != r.stack => Some(resource.clone()),
        _ => None,
    })
}
