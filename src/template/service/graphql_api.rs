//! `AWS::Serverless::GraphQLApi`: data sources, functions and resolvers in one resource.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-graphqlapi.html>

use super::Reader;
use super::appsync::{DataSource, Resolvers, SourceUse, of_text};
use super::appsync_code::Request;
use super::scan::Syntax;
use super::tree::{Node, Tree, of_template};
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::template::Resource;
use crate::template::model::RoleLink;
use crate::template::resolve::Got;

/// Reads a resource, if it is such an API.
pub(super) fn read<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>, out: &mut Resolvers) {
    if resource.kind != "AWS::Serverless::GraphQLApi" {
        return;
    }
    for alt in reader.r.property(resource.properties, &[]) {
        let Got::Is(node) = alt.got else { continue };
        let api = of_template(reader.r, node, &alt.when);
        for member in sources(&api) {
            out.sources.push(data_source(reader, resource, &member.0, member.1));
        }
        for function in members(&api, "Functions") {
            out.uses.extend(usage(reader, resource, function.1));
        }
        for kind in members(&api, "Resolvers") {
            for field in kind.1.maps().flat_map(|map| &map.members) {
                out.uses.extend(usage(reader, resource, &field.value));
            }
        }
    }
}

fn members<'n>(node: &'n Node, key: &'n str) -> impl Iterator<Item = (String, &'n Node)> {
    let all = node.members(key).flat_map(|member| member.value.maps()).flat_map(|map| &map.members);
    all.map(|member| (member.key.clone(), &member.value))
}

fn sources(api: &Node) -> Vec<(String, &Node)> {
    api.members("DataSources").flat_map(|member| members(&member.value, "DynamoDb").collect::<Vec<_>>()).collect()
}

/// Within the API a data source goes by its key.
fn name(resource: &ResourceRef, key: &str) -> Symbolic {
    [Part::Resource(resource.clone(), format!("DataSources.{key}"))].into_iter().collect()
}

fn data_source<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>, key: &str, node: &Node) -> DataSource {
    let api = resource.reference(reader.r);
    let role = if let Some(arn) = node.get("ServiceRoleArn") {
        reader.named_role(&arn.texts().known, arn.span)
    } else {
        let id = format!("{}{key}DynamoDBDataSourceRole", resource.id);
        RoleLink::Known(vec![ResourceRef { stack: api.stack, id }])
    };
    DataSource {
        names: vec![name(&api, key)],
        resource: api,
        kind: resource.kind.to_owned(),
        span: node.span,
        tables: Some(node.texts_of("TableName").known),
        role,
    }
}

/// A function, or a resolver with a data source of its own.
fn usage<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>, node: &Node) -> Option<SourceUse> {
    let source = node.get("DataSource")?;
    let api = resource.reference(reader.r);
    let named = |text: &Symbolic| text.as_text().map_or_else(|| text.clone(), |key| name(&api, key));
    Some(SourceUse {
        source: source.texts().known.iter().map(named).collect(),
        requests: requests(reader, node),
        resource: api,
        kind: resource.kind.to_owned(),
        span: node.span,
    })
}

fn requests(reader: &mut Reader, node: &Node) -> Vec<Request> {
    let mut out = Vec::new();
    if let Some(code) = node.get("InlineCode") {
        for branch in code.alternatives() {
            let Tree::Text(text) = &branch.tree else { continue };
            out.extend(of_text(reader.objects(text, branch.span, Syntax::JavaScript), Syntax::JavaScript));
        }
    }
    if let Some(uri) = node.get("CodeUri") {
        for path in uri.texts().known.iter().filter_map(Symbolic::as_text) {
            let found = reader.files.objects(path, Syntax::JavaScript).map_err(|reason| (reason, uri.span));
            out.extend(of_text(found, Syntax::JavaScript));
        }
    }
    if out.is_empty() {
        out.push(Request::unread("its code can't be read", node.span));
    }
    out
}
