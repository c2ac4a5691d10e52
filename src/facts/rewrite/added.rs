//! Statements with what is missing.

use super::spell::{Spelling, with_lists};
use super::{Edit, Refusal, Rewriter, Use, complete_layout, copied};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::ResourceRef;
use crate::facts::{AccessId, Grant, GrantStatus, MissingGrant, Resolution, TableId};
use crate::iam::{Answer, Target};
use crate::source::Span;
use crate::template::model::{Effect, PolicyOrigin, Statement, TemplateText};
use std::collections::{BTreeMap, BTreeSet};

/// Where what roles lack is put.
#[derive(Default)]
pub(super) struct Additions<'f> {
    /// What is put into a statement, by its place.
    into: BTreeMap<Span, Vec<&'f MissingGrant>>,
    /// Statements that another one is put behind.
    behind: BTreeSet<Span>,
    /// Roles that are given one somewhere among their policies.
    apart: BTreeSet<&'f ResourceRef>,
}

impl<'f, 'a> Rewriter<'f, 'a> {
    /// What one role lacks on one table, put into a statement that is there for that table, or beside the role's last
    /// statement: one edit for it all.
    pub fn granting(&self, missing: &[&MissingGrant]) -> Option<Edit> {
        if let Some((statement, extended)) = self.extensible(missing) {
            // All that the statement is to become, so that one edit does for everything that is said of it.
            let extended = self.extended(statement, self.lacking(statement)).unwrap_or(extended);
            let corrected = self.narrowed(statement).ok();
            return corrected.filter(|edit| edit.text != extended.text).or(Some(extended));
        }
        self.appended(missing).map(|(_, edit)| edit)
    }

    /// A statement of its own, and the one that it is put behind.
    fn appended(&self, missing: &[&MissingGrant]) -> Option<(&'a Statement, Edit)> {
        let statements = self.open_statements(missing);
        let is_all = missing.iter().all(|one| !one.allowed_on_table);
        let mut from_the_last = statements.into_iter().rev().filter(|_| is_all);
        from_the_last.find_map(|statement| Some((statement, self.beside(statement, missing)?)))
    }

    /// Why nothing can be added to the statement that allows on the table what is missing on an index.
    pub fn hindrance(&self, missing: &[&MissingGrant]) -> Refusal {
        let Some(first) = missing.first() else { return Refusal::Needless };
        let Some(grant) = self.allowing(first) else { return Refusal::Needless };
        let statement = grant.statement;
        if !self.facts.table(first.table).alternatives.is_empty() {
            Refusal::Needless
        } else if let Some(refusal) = self.absence(statement) {
            refusal
        } else if self.is_shared(statement) {
            Refusal::Shared
        } else if let Err(refusal) = complete_layout(statement) {
            refusal
        } else {
            Refusal::NotThere
        }
    }

    /// What roles lack, of what is put into a statement.
    pub(super) fn lacking(&self, statement: &Statement) -> &[&'f MissingGrant] {
        self.additions().into.get(&statement.span).map_or(&[], Vec::as_slice)
    }

    /// Where the statements begin that others are put behind.
    pub(super) fn grown(&self) -> &BTreeSet<Span> {
        &self.additions().behind
    }

    /// Whether a role is given statements by words alone.
    pub(super) fn grows(&self, role: &ResourceRef) -> bool {
        self.additions().apart.contains(role)
    }

    fn additions(&self) -> &Additions<'f> {
        self.additions.get_or_init(|| self.all_additions())
    }

    /// As the rules tell of it: with the actions that a role lacks on a table, the indexes of the first statement that can take both.
    fn all_additions(&self) -> Additions<'f> {
        type Lacks<'f> = (Vec<&'f MissingGrant>, BTreeMap<Option<Span>, Vec<&'f MissingGrant>>);
        let mut groups: BTreeMap<(&ResourceRef, TableId), Lacks> = BTreeMap::new();
        for missing in self.facts.missing_grants.iter().filter(|missing| missing.denial.is_none()) {
            let (actions, indexes) = groups.entry((&missing.role, missing.table)).or_default();
            if missing.allowed_on_table {
                indexes.entry(self.allowing(missing).map(|grant| grant.statement.span)).or_default().push(missing);
            } else {
                actions.push(missing);
            }
        }
        let mut out = Additions::default();
        for ((role, _), (mut actions, indexes)) in groups {
            for own in indexes.into_values() {
                let both: Vec<&MissingGrant> = actions.iter().chain(&own).copied().collect();
                if let Some((statement, _)) = self.extensible(&both).filter(|_| !actions.is_empty()) {
                    actions.clear();
                    out.into.entry(statement.span).or_default().extend(both);
                } else if let Some((statement, _)) = self.extensible(&own) {
                    out.into.entry(statement.span).or_default().extend(own);
                }
            }
            if let Some((statement, _)) = self.extensible(&actions) {
                out.into.entry(statement.span).or_default().extend(actions);
            } else if let Some((statement, _)) = self.appended(&actions) {
                out.behind.insert(statement.span);
            } else if !actions.is_empty() {
                out.apart.insert(role);
            }
        }
        out
    }

    /// The statement that allows on the table what is missing on an index.
    fn allowing(&self, missing: &MissingGrant) -> Option<&'f Grant<'a>> {
        let right = (missing.function, missing.table, false, &missing.action);
        let allows = |g: &&Grant| (g.function, g.table, g.index, &g.action) == right && g.role.resource == missing.role;
        self.facts.grants.iter().find(allows)
    }

    /// The statements of a role that something can be added to.
    fn open_statements(&self, missing: &[&MissingGrant]) -> Vec<&'a Statement> {
        let Some(first) = missing.first() else { return Vec::new() };
        let roles = &self.facts.function(first.function).roles;
        // Of tables that exclude each other, to name one that isn't there is refused.
        let is_one = self.facts.table(first.table).alternatives.is_empty();
        let role = roles.iter().copied().find(|role| role.resource == first.role).filter(|_| is_one);
        let statements = role.into_iter().flat_map(|role| &role.statements).filter(|statement| {
            statement.effect == Effect::Allow && !self.may_be_absent(statement) && !self.is_shared(statement)
        });
        statements.collect()
    }

    /// The first statement that takes what is missing, and how it reads then.
    fn extensible(&self, missing: &[&MissingGrant]) -> Option<(&'a Statement, Edit)> {
        let statements = self.open_statements(missing);
        statements.into_iter().find_map(|statement| Some((statement, self.extended(statement, missing)?)))
    }

    /// The statement with more actions, if it is for nothing but the table; with the table's indexes, if it allows on the table
    /// what is missing on them.
    fn extended(&self, statement: &Statement, missing: &[&MissingGrant]) -> Option<Edit> {
        if missing.is_empty() {
            return None;
        }
        let (on_indexes, more): (Vec<&MissingGrant>, Vec<&MissingGrant>) =
            missing.iter().partition(|one| one.allowed_on_table);
        let adds_indexes = !on_indexes.is_empty();
        let (stack, layout) = (self.stack(statement.span)?, complete_layout(statement).ok()?);
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
            let tables: BTreeSet<TableId> = on_indexes.iter().map(|one| one.table).collect();
            for table in tables {
                resources.extend(self.spelled(table, &indexes, statement, &spelling)?);
            }
        }
        let text = with_lists(&stack.text, statement.span, layout, [&actions, &resources], None).ok()?;
        Some(Edit { span: statement.span, text, both: false, split: false })
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
    pub fn is_used_without_index(&self, grant: &Grant) -> bool {
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
            PolicyOrigin::Document => Spelling::of(&stack.text, statement, complete_layout(statement).ok()?)?,
            PolicyOrigin::SamTemplate(_) => {
                let name = statement.resources.first()?.span;
                Spelling::of_entry(&stack.text, statement.span, name)?
            }
            _ => return None,
        };
        let needed = Use::of_missing(missing);
        let resources = self.spelled(missing.first()?.table, &needed, statement, &spelling)?;
        let actions: Vec<String> = sorted_actions(missing).iter().map(|action| spelling.action(action)).collect();
        let own = match &statement.origin {
            PolicyOrigin::Document => spelling.statement(&stack.text, statement.span, &actions, &resources)?,
            _ => spelling.policy(&stack.text, statement.span, &actions, &resources)?,
        };
        let (span, text) = put_behind(&stack.text, statement.span, own)?;
        Some(Edit { span, text, both: false, split: false })
    }
}

/// Something behind an item of a list: lines of their own, or else the item with it.
fn put_behind(text: &TemplateText, item: Span, own: String) -> Option<(Span, String)> {
    let at = |end: u32| Span::new(item.file, end, end);
    let after = text.after(item.end).trim_end();
    match own.strip_prefix(',') {
        Some(lines) if lines.starts_with('\n') && after == "," => Some((at(item.end + 1), format!("{lines},"))),
        Some(lines) if lines.starts_with('\n') && after.is_empty() => {
            Some((at(item.end), format!("\n{}{own}", text.before(item.start))))
        }
        Some(_) => Some((item, format!("{}{own}", text.slice(item)?))),
        None => Some((at(item.end), own)),
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
