//! Statements with what is missing.

use super::spell::{Spelling, with_lists};
use super::{Edit, Rewriter, Use, complete_layout, copied};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessId, Grant, GrantStatus, MissingGrant, Resolution, TableId};
use crate::iam::{Answer, Target};
use crate::source::Span;
use crate::template::model::{Effect, PolicyOrigin, Statement};
use std::collections::BTreeMap;

impl Rewriter<'_, '_> {
    /// What one role lacks on one table, put into a statement that is there for that table, or beside the role's last
    /// statement: one edit for it all.
    pub fn granting(&self, missing: &[&MissingGrant]) -> Option<Edit> {
        let first = missing.first()?;
        let function = self.facts.function(first.function);
        let role = function.roles.iter().find(|role| role.resource == first.role)?;
        let statements = role.statements.iter().filter(|statement| {
            statement.effect == Effect::Allow && !self.may_be_absent(statement) && !self.is_shared(statement)
        });
        let statements: Vec<&Statement> = statements.collect();
        // Of tables that exclude each other, to name one that isn't there is refused.
        if !self.facts.table(first.table).alternatives.is_empty() {
            return None;
        }
        let extended = statements.iter().find_map(|statement| self.extended(statement, missing));
        let anew = || {
            let is_all = missing.iter().all(|one| !one.allowed_on_table);
            statements.iter().rev().filter(|_| is_all).find_map(|statement| self.beside(statement, missing))
        };
        extended.or_else(anew)
    }

    /// The statement with more actions, if it is for nothing but the table; with the table's indexes, if it allows on the table
    /// what is missing on them.
    fn extended(&self, statement: &Statement, missing: &[&MissingGrant]) -> Option<Edit> {
        let (on_indexes, more): (Vec<&MissingGrant>, Vec<&MissingGrant>) =
            missing.iter().partition(|one| one.allowed_on_table);
        let adds_indexes = !on_indexes.is_empty();
        let (stack, layout) = (self.stack(statement.span)?, complete_layout(statement)?);
        let allows = |one: &&MissingGrant| self.allows_on_table(statement, one);
        if !on_indexes.iter().all(allows) || !more.is_empty() && !self.takes(statement, &more, adds_indexes) {
            return None;
        }
        let spelling = Spelling::of(&stack.text, statement, layout)?;
        let mut actions = copied(&stack.text, &layout.actions.items)?;
        actions.extend(sorted_actions(&more).iter().map(|action| spelling.action(action)));
        let mut resources = copied(&stack.text, &layout.resources.items)?;
        if adds_indexes {
            let indexes = Use { on_index: true, ..Use::default() };
            resources.extend(self.spelled(missing.first()?.table, &indexes, statement, &spelling)?);
        }
        let text = with_lists(&stack.text, statement.span, layout, &actions, &resources)?;
        Some(Edit { span: statement.span, text })
    }

    /// A statement for all of it, where no place for it can be told.
    pub fn statement(&self, missing: &[&MissingGrant]) -> Option<String> {
        let first = missing.first()?;
        let table = self.facts.table(first.table);
        let table = table.alternatives.is_empty().then_some(table.table)?;
        let is_there = first.role.stack == table.resource.stack && self.exist_together(table, &first.role);
        let text = self.text(table.span).filter(|_| is_there)?;
        let spelling = Spelling::plain(text);
        let needed = Use::of_missing(missing);
        let mut resources = Vec::new();
        resources.extend(needed.past_indexes.then(|| spelling.table_arn(&table.resource.id)));
        resources.extend(needed.on_index.then(|| spelling.index_arn(&table.resource.id)));
        let actions: Vec<String> = sorted_actions(missing).iter().map(|action| spelling.action(action)).collect();
        Some(spelling.alone(&actions, &resources))
    }

    /// Statements for all that is used of a statement, where that can't be rewritten in its place: one for each table. `None`
    /// where not all of it is known, or no statement for a table could say it.
    pub fn used_of(&self, statement: &Statement) -> Option<Vec<String>> {
        let grants = self.grants.get(&statement.span)?;
        let is_open = |grant: &&Grant| grant.status == GrantStatus::Unverified || grant.is_used_elsewhere();
        let used = grants.iter().filter(|grant| grant.status == GrantStatus::Used);
        if grants.iter().any(is_open)
            || self.feeds_a_stream(statement)
            || used.clone().any(|grant| Operation::is_of_account(&grant.action))
        {
            return None;
        }
        let mut tables: BTreeMap<TableId, Use> = BTreeMap::new();
        for grant in used.filter(|grant| grant.index || self.is_used_without_index(grant)) {
            let on = tables.entry(grant.table).or_default();
            on.actions.insert(&grant.action);
            *(if grant.index { &mut on.on_index } else { &mut on.past_indexes }) = true;
        }
        let texts = tables.iter().map(|(id, of_table)| {
            let table = self.facts.table(*id);
            let table = table.alternatives.is_empty().then_some(table.table)?;
            let text = self.text(table.span).filter(|_| table.span.file == statement.span.file)?;
            let spelling = Spelling::plain(text);
            let actions: Vec<String> = of_table.actions.iter().map(|action| spelling.action(action)).collect();
            Some(spelling.alone(&actions, &self.spelled(*id, of_table, statement, &spelling)?))
        });
        texts.collect::<Option<Vec<String>>>().filter(|texts| !texts.is_empty())
    }

    /// Whether something uses a right on a table that doesn't go through an index.
    pub(super) fn is_used_without_index(&self, grant: &Grant) -> bool {
        let by_index = |id: &AccessId| matches!(self.facts.access(*id).index, Resolution::Known(Some(_)));
        !grant.services.is_empty() || !grant.used_by.iter().all(by_index)
    }

    fn allows_on_table(&self, statement: &Statement, missing: &MissingGrant) -> bool {
        let is_it = |grant: &&Grant| {
            (grant.function, grant.table, grant.index, &grant.action)
                == (missing.function, missing.table, false, &missing.action)
        };
        self.grants.get(&statement.span).into_iter().flatten().any(is_it)
    }

    /// Whether more actions on the table are all that these give to a statement that they are added to.
    fn takes(&self, statement: &Statement, more: &[&MissingGrant], with_indexes: bool) -> bool {
        let targets: Vec<Target> = statement.resources.iter().map(|r| Target::parse(&r.value)).collect();
        let of_dynamodb = statement.actions.iter().all(|action| action.value.starts_with("dynamodb:"));
        of_dynamodb
            && more.iter().all(|one| {
                let is_own = |target: &Target| {
                    let of = self.tables.variants(one.table);
                    target.table().is_some_and(|table| of.iter().any(|own| own.resource == *table))
                };
                let index = one.index.as_deref();
                let reaches = |target: &Target| self.tables.covered_by(target, one.table, index) == Answer::Yes;
                targets.iter().all(is_own) && (targets.iter().any(reaches) || with_indexes && index.is_some())
            })
    }

    /// A statement of its own behind another one.
    fn beside(&self, statement: &Statement, missing: &[&MissingGrant]) -> Option<Edit> {
        let stack = self.stack(statement.span)?;
        let spelling = match &statement.origin {
            PolicyOrigin::Document => Spelling::of(&stack.text, statement, complete_layout(statement)?)?,
            PolicyOrigin::SamTemplate(_) => {
                let name = statement.resources.first()?.span;
                Spelling::of_entry(&stack.text, statement.span, name)?
            }
            _ => return None,
        };
        let needed = Use::of_missing(missing);
        let resources = self.spelled(missing.first()?.table, &needed, statement, &spelling)?;
        let actions: Vec<String> = sorted_actions(missing).iter().map(|action| spelling.action(action)).collect();
        let span = Span::new(statement.span.file, statement.span.end, statement.span.end);
        let own = match &statement.origin {
            PolicyOrigin::Document => spelling.statement(&stack.text, statement.span, &actions, &resources)?,
            _ => spelling.policy(&stack.text, statement.span, &actions, &resources)?,
        };
        Some(Edit { span, text: own })
    }
}

impl Use<'_> {
    /// What a statement is to reach.
    fn of_missing(missing: &[&MissingGrant]) -> Self {
        Self {
            past_indexes: missing.iter().any(|one| one.index.is_none()),
            on_index: missing.iter().any(|one| one.index.is_some()),
            ..Self::default()
        }
    }
}

/// The actions that are missing, each once.
fn sorted_actions<'m>(missing: &[&'m MissingGrant]) -> Vec<&'m str> {
    let mut actions: Vec<&str> = missing.iter().map(|one| one.action.as_str()).collect();
    actions.sort_unstable();
    actions.dedup();
    actions
}
