//! `AppSync`: data sources on tables, and the resolvers and functions that use them.
//! <https://docs.aws.amazon.com/appsync/latest/devguide/aws-appsync-resolver-mapping-template-reference-dynamodb.html>

use super::appsync_code::{Request, requests};
use super::loose::Found;
use super::scan::Syntax;
use super::{MAX_CALLS, Reader, Unread};
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::source::Span;
use crate::template::Resource;
use crate::template::model::RoleLink;
use crate::template::service_use::{ServiceCall, ServiceUser};
use std::collections::BTreeSet;

/// Data sources and what is asked of them.
#[derive(Default)]
pub(super) struct Resolvers {
    pub sources: Vec<DataSource>,
    pub uses: Vec<SourceUse>,
}

/// A data source.
pub(super) struct DataSource {
    pub resource: ResourceRef,
    pub kind: String,
    pub span: Span,
    /// `Name`.
    pub names: Vec<Symbolic>,
    /// The tables that it may be of; `None` for a data source that is no table.
    pub tables: Option<Vec<Symbolic>>,
    pub role: RoleLink,
}

/// A resolver or function.
pub(super) struct SourceUse {
    pub resource: ResourceRef,
    pub kind: String,
    pub span: Span,
    /// `DataSourceName`.
    pub source: Vec<Symbolic>,
    /// What it asks for.
    pub requests: Vec<Request>,
}

/// Reads a resource, if it is one of `AppSync`'s.
pub(super) fn read<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>, out: &mut Resolvers) {
    match resource.kind {
        "AWS::AppSync::DataSource" => out.sources.push(data_source(reader, resource)),
        "AWS::AppSync::Resolver" | "AWS::AppSync::FunctionConfiguration" => {
            let source = reader.r.known_strings(reader.r.property(resource.properties, &["DataSourceName"]));
            // A pipeline asks its functions.
            if !source.is_empty() {
                out.uses.push(SourceUse {
                    resource: resource.reference(reader.r),
                    kind: resource.kind.to_owned(),
                    span: resource.key,
                    source: source.into_iter().map(|name| name.value).collect(),
                    requests: requests_of(reader, resource),
                });
            }
        }
        _ => {}
    }
}

fn data_source<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> DataSource {
    let r = reader.r;
    let texts = |path: &[&str]| -> Vec<Symbolic> {
        r.known_strings(r.property(resource.properties, path)).into_iter().map(|name| name.value).collect()
    };
    let kinds = r.text_setting(r.property(resource.properties, &["Type"]));
    let is_table = kinds.values().any(|kind| kind.value == "AMAZON_DYNAMODB");
    DataSource {
        resource: resource.reference(r),
        kind: resource.kind.to_owned(),
        span: resource.key,
        names: texts(&["Name"]),
        tables: is_table.then(|| texts(&["DynamoDBConfig", "TableName"])),
        role: reader.role_of(resource, &["ServiceRoleArn"]),
    }
}

fn requests_of<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<Request> {
    let mut out = Vec::new();
    for (inline, file, syntax) in [
        ("RequestMappingTemplate", "RequestMappingTemplateS3Location", Syntax::Velocity),
        ("Code", "CodeS3Location", Syntax::JavaScript),
    ] {
        let mut found = reader.objects_of(resource, inline, syntax);
        found.extend(reader.file_objects_of(resource, file, syntax));
        out.extend(found.into_iter().flat_map(|found| of_text(found, syntax)));
    }
    if out.is_empty() {
        out.push(Request::unread("it has no mapping template and no code", resource.key));
    }
    out
}

/// What a text asks for; that it can't be read, if so.
pub(super) fn of_text(found: Result<(Found, Span), Unread>, syntax: Syntax) -> Vec<Request> {
    match found {
        Ok((found, span)) => requests(&found, syntax, span),
        Err((reason, span)) => vec![Request::unread(reason, span)],
    }
}

/// Every data source that is a table with the calls of its resolvers, and every resolver whose data source isn't at hand.
pub(super) fn join(all: &[Resolvers]) -> Vec<ServiceUser> {
    let sources: Vec<&DataSource> = all.iter().flat_map(|stack| &stack.sources).collect();
    let mut used: Vec<Vec<&Request>> = vec![Vec::new(); sources.len()];
    let mut out = Vec::new();
    for usage in all.iter().flat_map(|stack| &stack.uses) {
        let mut found = BTreeSet::new();
        let mut elsewhere = false;
        for name in &usage.source {
            let of_name: BTreeSet<usize> = sources
                .iter()
                .enumerate()
                .filter(|(_, s)| s.is_named(name, usage.resource.stack))
                .map(|(i, _)| i)
                .collect();
            elsewhere |= of_name.is_empty();
            found.extend(of_name);
        }
        found.iter().for_each(|at| used[*at].extend(&usage.requests));
        // Of a data source that isn't at hand, only what surely is a request to a table counts.
        if elsewhere && found.is_empty() {
            let calls: Vec<ServiceCall> =
                usage.requests.iter().filter(|request| request.operation.is_some()).map(|r| r.call(&[])).collect();
            if !calls.is_empty() {
                out.push(ServiceUser {
                    resource: usage.resource.clone(),
                    kind: usage.kind.clone(),
                    span: usage.span,
                    role: RoleLink::External(usage.span),
                    calls,
                });
            }
        }
    }
    for (source, requests) in sources.into_iter().zip(used) {
        let Some(tables) = &source.tables else { continue };
        let mut calls: Vec<ServiceCall> = Vec::new();
        for request in requests {
            let call = request.call(tables);
            if calls.len() < MAX_CALLS {
                calls.push(call);
            }
        }
        if calls.is_empty() {
            let reason = "no resolver of it is at hand";
            calls.push(Request::unread(reason, source.span).call(tables));
        }
        calls.sort_by_key(|call| call.span);
        calls.dedup();
        out.push(ServiceUser {
            resource: source.resource.clone(),
            kind: source.kind.clone(),
            span: source.span,
            role: source.role.clone(),
            calls,
        });
    }
    out
}

impl DataSource {
    /// Whether a `DataSourceName` of a stack is this one: by reference, or by a name that both spell alike.
    fn is_named(&self, name: &Symbolic, stack: u32) -> bool {
        match name.resources().next() {
            Some(resource) if *resource == self.resource => true,
            _ => {
                let local = self.resource.stack == stack || name.as_text().is_some();
                local && self.names.contains(name)
            }
        }
    }
}
