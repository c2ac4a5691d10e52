//! What lives by a statement without being a grant on a declared table: where there is any, the statement isn't narrowed.

use super::Rewriter;
use crate::dynamodb::symbolic::ResourceRef;
use crate::facts::tables::Named;
use crate::facts::{AccessFacts, FunctionFacts, Grant};
use crate::iam::{Target, TargetKind, action_matches};
use crate::source::Spanned;
use crate::template::model::{Statement, TriggerKind};

impl<'a> Rewriter<'_, 'a> {
    /// Whether somebody may use of the statement what no grant tells of: other services behind `*`, a stream that invokes
    /// the function, calls on the table as such, tables that no template declares.
    pub(super) fn hides_uses(&self, statement: &Statement, grants: &[&Grant]) -> bool {
        let wild = |action: &&Spanned<String>| action.value.contains(['*', '?']);
        let holders = self.holders.get(&statement.span).map_or(&[][..], Vec::as_slice);
        statement.actions.iter().filter(wild).any(|action| self.is_more(action, grants, holders))
            || (statement.resources.iter().any(|resource| self.is_open(&Target::parse(&resource.value)))
                && self.functions(holders).any(|function| self.leaves_the_templates(function)))
    }

    /// Whether a table's stream invokes somebody under the statement: that takes rights that no grant on a table tells.
    pub(super) fn feeds_a_stream(&self, statement: &Statement) -> bool {
        let holders = self.holders.get(&statement.span).map_or(&[][..], Vec::as_slice);
        let mut triggers = self.functions(holders).flat_map(|function| &function.function.triggers);
        triggers.any(|trigger| trigger.kind == TriggerKind::TableStream)
    }

    fn functions<'s>(&'s self, holders: &'s [&'a ResourceRef]) -> impl Iterator<Item = &'s FunctionFacts<'a>> {
        self.facts.functions.iter().filter(|f| f.roles.iter().any(|role| holders.contains(&&role.resource)))
    }

    fn accesses<'s>(&'s self, function: &'s FunctionFacts<'a>) -> impl Iterator<Item = &'s AccessFacts<'a>> {
        function.accesses.iter().chain(&function.possible_accesses).map(|id| self.facts.access(*id))
    }

    /// Whether a pattern of actions allows what is used beyond the grants that it stands for.
    fn is_more(&self, pattern: &Spanned<String>, grants: &[&Grant], holders: &[&'a ResourceRef]) -> bool {
        if !pattern.value.to_ascii_lowercase().starts_with("dynamodb:") {
            return true;
        }
        let judged = |action: &str| grants.iter().any(|grant| grant.span == pattern.span && grant.action == action);
        let unseen = |action: &String| action_matches(&pattern.value, &format!("dynamodb:{action}")) && !judged(action);
        let reads_stream = |function: &FunctionFacts| {
            action_matches(&pattern.value, "dynamodb:GetRecords")
                && function.function.triggers.iter().any(|trigger| trigger.kind == TriggerKind::TableStream)
        };
        self.functions(holders).any(|function| {
            reads_stream(function) || self.accesses(function).any(|a| a.access.actions.iter().any(unseen))
        })
    }

    /// Whether a resource pattern may be of tables that no template declares.
    fn is_open(&self, target: &Target) -> bool {
        let declared = |table: &ResourceRef| {
            self.tables.ids().any(|id| self.tables.variants(id).iter().any(|own| own.resource == *table))
        };
        match target.kind() {
            TargetKind::Table | TargetKind::Index => !target.table().is_some_and(declared),
            TargetKind::Any | TargetKind::Unknown => true,
            _ => false,
        }
    }

    /// Whether a function uses, or may use, a table that no template declares.
    fn leaves_the_templates(&self, function: &FunctionFacts<'a>) -> bool {
        let mut tables = self.accesses(function).flat_map(|access| &access.access.observations).flat_map(|o| &o.tables);
        tables.any(|name| !matches!(self.tables.resolve(name), Named::Table(_)))
    }
}
