//! Resource policies of tables.

use super::Resource;
use super::document::NodeId;
use super::model::{PolicyOrigin, TableKind, TableStatement, UnreadPolicy};
use super::resolve::{Alt, Got, Resolver};
use super::statement::{self, Grants};
use crate::dynamodb::symbolic::Symbolic;
use crate::source::Spanned;

/// The statements of a table's policy; of a global table, those of every replica. And what can't be read of them.
pub(super) fn policy(
    r: &Resolver,
    table: &Resource,
    kind: TableKind,
) -> (Vec<TableStatement>, Vec<Spanned<UnreadPolicy>>) {
    let policies = match kind {
        TableKind::Table => r.property(table.properties, &["ResourcePolicy", "PolicyDocument"]),
        TableKind::GlobalTable => {
            let replicas = r.items(r.property(table.properties, &["Replicas"]));
            let policies = replicas.into_iter().flat_map(|replica| r.step(replica, "ResourcePolicy"));
            policies.flat_map(|policy| r.step(policy, "PolicyDocument")).collect()
        }
        TableKind::SimpleTable => vec![],
    };
    let mut statements = Vec::new();
    let mut unread = Grants::default();
    for alt in r.items(policies.into_iter().flat_map(|policy| r.step(policy, "Statement")).collect()) {
        let Got::Is(node) = alt.got else {
            if let Got::Unknown(span) = alt.got {
                unread.unread(UnreadPolicy::Unresolved("a resource policy"), span);
            }
            continue;
        };
        let mut grants = Grants::default();
        statement::statement(r, node, &alt.when, &PolicyOrigin::Document, &mut grants);
        unread.unread.extend(grants.unread);
        let (principals, not_principal) = principals(r, node, &alt);
        statements.extend(grants.statements.into_iter().map(|mut statement| {
            // Replicas have policies of their own: which region the code calls isn't known.
            statement.conditional |= kind == TableKind::GlobalTable;
            TableStatement { statement, principals: principals.clone(), not_principal }
        }));
    }
    (statements, unread.unread)
}

/// `Principal: '*'`, or the `AWS` entry of the map; whether it is a `NotPrincipal`.
fn principals<'d>(r: &Resolver<'d>, node: NodeId, alt: &Alt<'d, NodeId>) -> (Vec<Spanned<Symbolic>>, bool) {
    let not_principal = r.doc.get(node, "NotPrincipal").is_some();
    let key = if not_principal { "NotPrincipal" } else { "Principal" };
    let mut found = Vec::new();
    for principal in r.step(Alt { got: Got::Is(node), when: alt.when.clone() }, key) {
        let Got::Is(value) = principal.got else { continue };
        let is_map = r.doc.intrinsic(value).is_none() && !r.doc.entries(value).is_empty();
        let listed = if is_map { r.step(principal, "AWS") } else { vec![principal] };
        found.extend(r.known_strings(r.items(listed)));
    }
    (found, not_principal)
}
