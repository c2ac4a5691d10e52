//! Policies as they should read: a statement with what its code uses and nothing else, and what is missing put where it
//! belongs. In the template's own words: what stays is copied from its text.
//!
//! An edit is proposed only where everyone is known who lives by the lines that it changes: all functions under the role,
//! and all roles that the policy is attached to.

mod added;
mod edit;
mod refusal;
mod safety;
mod spell;

use super::dead_grants::{Dead, DeadGrant, dead_grants};
use super::policies::{Breadth, breadth};
use super::tables::Tables;
use super::{Facts, Grant, GrantStatus, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part as Piece, ResourceRef, Symbolic};
use crate::iam::{Answer, Target, TargetKind};
use crate::source::{Span, Spanned};
use crate::template::model::{
    Changes, Effect, Kept, PolicyOrigin, Removal, Role, Stack, Statement, StatementLayout, Table, TemplateText,
};
use added::Additions;
pub use edit::{Edit, Shown};
pub use refusal::Refusal;
use spell::{Spelling, another_sid, has_anchor, with_lists};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// What a statement's code uses of it on one table.
#[derive(Default)]
struct Use<'f> {
    actions: BTreeSet<&'f str>,
    /// Whether the statement lets it be done on the table; a read of an index counts.
    on_table: bool,
    on_index: bool,
    /// Whether something is done on the table itself: who reads an index asks for the index alone.
    past_indexes: bool,
}

/// Makes edits of policies.
pub struct Rewriter<'f, 'a> {
    facts: &'f Facts<'a>,
    tables: Tables<'a>,
    /// Grants by the place of their statement.
    grants: BTreeMap<Span, Vec<&'f Grant<'a>>>,
    /// Roles by the place of a statement, an entry for each time that the statement counts.
    holders: BTreeMap<Span, Vec<&'a ResourceRef>>,
    /// Entries of `Action` that name an operation which isn't an action: they allow nothing.
    idle: OnceCell<BTreeSet<Span>>,
    /// Where what roles lack is put.
    additions: OnceCell<Additions<'f>>,
}

impl<'f, 'a> Rewriter<'f, 'a> {
    /// Looks through all roles.
    pub fn new(facts: &'f Facts<'a>) -> Self {
        let mut grants: BTreeMap<Span, Vec<&Grant>> = BTreeMap::new();
        for grant in &facts.grants {
            grants.entry(grant.statement.span).or_default().push(grant);
        }
        let mut holders: BTreeMap<Span, Vec<&ResourceRef>> = BTreeMap::new();
        for role in facts.stacks.iter().flat_map(|stack| &stack.roles) {
            for statement in &role.statements {
                holders.entry(statement.span).or_default().push(&role.resource);
            }
        }
        Self {
            facts,
            tables: Tables::new(facts.stacks),
            grants,
            holders,
            idle: OnceCell::new(),
            additions: OnceCell::new(),
        }
    }

    fn is_idle(&self, action: &Spanned<String>) -> bool {
        let is_idle = |dead: &&DeadGrant| matches!(dead.why, Dead::NoAction { is_operation: true, .. });
        let find = || dead_grants(self.facts.stacks).iter().filter(is_idle).map(|dead| dead.span).collect();
        self.idle.get_or_init(find).contains(&action.span)
    }

    /// The template that holds a place.
    pub fn text(&self, span: Span) -> Option<&'a TemplateText> {
        self.facts.text(span)
    }

    /// Whether a place is in the only template of the run.
    pub fn is_in_the_only_template(&self, span: Span) -> bool {
        matches!(self.facts.stacks, [only] if only.file == span.file)
    }

    /// Further roles that the same lines serve.
    pub fn others(&self, roles: &[&Role], statement: &Statement) -> Vec<&'a str> {
        let holders = self.holders.get(&statement.span).into_iter().flatten();
        let is_other = |holder: &&&ResourceRef| roles.iter().all(|role| role.resource != ***holder);
        let others: BTreeSet<&str> = holders.filter(is_other).map(|other| other.id.as_str()).collect();
        others.into_iter().collect()
    }

    /// A statement or a policy template's entry with what is used and nothing else, and with what roles lack of it. Not if
    /// nothing is used, if nothing would change, or if it can't be written with certainty. What may be used stays in what a
    /// policy template gives way to.
    pub fn narrowed(&self, statement: &Statement) -> Result<Edit, Refusal> {
        let grants = self.grants.get(&statement.span).ok_or(Refusal::Needless)?;
        self.may_change(statement, grants)?;
        let lacking = self.lacking(statement);
        let mut used: BTreeMap<TableId, Use> = BTreeMap::new();
        for grant in grants.iter().filter(|grant| grant.status != GrantStatus::Unused) {
            let on = used.entry(grant.table).or_default();
            on.actions.insert(&grant.action);
            *(if grant.index { &mut on.on_index } else { &mut on.on_table }) = true;
            let may_be_used = grant.status == GrantStatus::Unverified;
            on.past_indexes |= !grant.index && (may_be_used || self.is_used_without_index(grant));
        }
        for missing in lacking {
            let on = used.entry(missing.table).or_default();
            on.actions.insert(&missing.action);
            on.on_index |= missing.index.is_some();
            on.on_table |= missing.index.is_none();
            on.past_indexes |= missing.index.is_none();
        }
        let (text, split) = match &statement.origin {
            PolicyOrigin::Document => self.document(statement, grants, &used)?,
            PolicyOrigin::SamTemplate(_) => (self.inline(statement, &used)?, false),
            _ => return Err(Refusal::Layout),
        };
        let old = self.text(statement.span).and_then(|text| text.slice(statement.span)).ok_or(Refusal::Layout)?;
        let edit = Edit { span: statement.span, both: !lacking.is_empty(), split, text };
        if edit.text == old { Err(Refusal::Needless) } else { Ok(edit) }
    }

    /// Whether all that is used of a statement is known, and everyone who lives by it.
    fn may_change(&self, statement: &Statement, grants: &[&Grant]) -> Result<(), Refusal> {
        let is_template = matches!(statement.origin, PolicyOrigin::SamTemplate(_));
        let is_unverified = |grant: &&Grant| grant.status == GrantStatus::Unverified;
        let is_for_nothing = |action: &str| {
            grants.iter().filter(|grant| grant.action == action).all(|grant| grant.status == GrantStatus::Unused)
        };
        let certain = !grants.iter().any(is_unverified)
            || is_template && grants.iter().any(|grant| is_for_nothing(&grant.action));
        let mut used = grants.iter().filter(|grant| grant.status != GrantStatus::Unused);
        if let Some(refusal) = self.absence(statement) {
            Err(refusal)
        } else if !certain {
            Err(Refusal::Open)
        } else if statement.effect == Effect::Deny {
            Err(Refusal::Needless)
        } else if grants.iter().any(|grant| grant.is_used_elsewhere()) {
            Err(Refusal::Elsewhere)
        } else if used.any(|grant| Operation::is_of_account(&grant.action)) {
            Err(Refusal::OfAccount)
        } else {
            self.known_holders(statement)
        }
    }

    /// Every role that the lines serve is a Lambda's, and counts them once.
    fn known_holders(&self, statement: &Statement) -> Result<(), Refusal> {
        let holders = self.holders.get(&statement.span).ok_or(Refusal::Shared)?;
        let distinct: BTreeSet<_> = holders.iter().collect();
        let runs =
            |role: &ResourceRef| self.facts.functions.iter().any(|f| f.roles.iter().any(|own| own.resource == *role));
        if !holders.iter().all(|role| runs(role)) {
            return Err(Refusal::Shared);
        }
        // One line that stands for one thing or another is a statement for each.
        if distinct.len() == holders.len() { Ok(()) } else { Err(Refusal::Either) }
    }

    /// The entries of a statement's `Action` that [`Self::narrowed`] leaves out because they allow nothing to anybody.
    pub fn idle<'s>(&self, statement: &'s Statement) -> Vec<&'s str> {
        statement.actions.iter().filter(|action| self.is_idle(action)).map(|action| action.value.as_str()).collect()
    }

    /// Whether something else than its list decides on a statement: a condition, or an intrinsic whose argument it is.
    fn absence(&self, statement: &Statement) -> Option<Refusal> {
        if self.text(statement.span).is_none_or(|text| text.is_argument(statement.span)) {
            return Some(Refusal::Branch);
        }
        let is_template = matches!(statement.origin, PolicyOrigin::SamTemplate(_));
        statement.conditional.then_some(if is_template { Refusal::Either } else { Refusal::Condition })
    }

    fn may_be_absent(&self, statement: &Statement) -> bool {
        self.absence(statement).is_some()
    }

    fn is_shared(&self, statement: &Statement) -> bool {
        self.holders.get(&statement.span).is_none_or(|holders| holders.len() > 1)
    }

    fn stack(&self, span: Span) -> Option<&'a Stack> {
        self.facts.stacks.iter().find(|stack| stack.file == span.file)
    }

    /// A statement of a policy document, or several where tables need different actions; and whether they are several.
    fn document(
        &self,
        statement: &Statement,
        grants: &[&Grant],
        used: &BTreeMap<TableId, Use>,
    ) -> Result<(String, bool), Refusal> {
        if used.is_empty() {
            return Err(Refusal::Needless);
        }
        let stack = self.stack(statement.span).ok_or(Refusal::Layout)?;
        let layout = complete_layout(statement)?;
        if self.hides_uses(statement, grants) {
            return Err(Refusal::Hidden);
        }
        let judged =
            |action: &Spanned<String>| self.is_idle(action) || grants.iter().any(|grant| grant.span == action.span);
        let all_judged = statement.actions.iter().all(judged);
        let of_dynamodb = statement.actions.iter().all(|action| action.value.starts_with("dynamodb:"));
        let mut groups: BTreeMap<&BTreeSet<&str>, BTreeSet<TableId>> = BTreeMap::new();
        for (table, of_table) in used {
            groups.entry(&of_table.actions).or_default().insert(*table);
        }
        let alone = groups.len() == 1;
        if !alone && !all_judged {
            return Err(Refusal::Mixed);
        }
        if !alone && self.is_shared(statement) {
            return Err(Refusal::Shared);
        }
        let spelling = Spelling::of(&stack.text, statement, layout).ok_or(Refusal::Style)?;
        let mut texts = Vec::new();
        for (at, (actions, tables)) in groups.into_iter().enumerate() {
            let part = Part { actions, tables: &tables, used, alone, all_judged, of_dynamodb };
            let new_actions = self.actions(statement, grants, &part, &spelling)?;
            let new_resources = self.resources(statement, &part, &spelling)?;
            let sid = another_sid(&stack.text, layout, at)?;
            texts.push(with_lists(&stack.text, statement.span, layout, [&new_actions, &new_resources], sid)?);
        }
        let between = spell::between_statements(&stack.text, statement.span).ok_or(Refusal::Style)?;
        Ok((texts.join(&between), !alone))
    }

    /// The entries of `Action` that a part of the statement keeps.
    fn actions(
        &self,
        statement: &Statement,
        grants: &[&Grant],
        part: &Part,
        spelling: &Spelling,
    ) -> Result<Vec<String>, Refusal> {
        let text = self.text(statement.span).ok_or(Refusal::Layout)?;
        let mut out: Vec<String> = Vec::new();
        let mut add = |entry: String| {
            if !out.contains(&entry) {
                out.push(entry);
            }
        };
        for action in &statement.actions {
            let given: BTreeSet<&str> =
                grants.iter().filter(|grant| grant.span == action.span).map(|grant| grant.action.as_str()).collect();
            let kept: Vec<&str> = given.iter().copied().filter(|name| part.actions.contains(name)).collect();
            if self.is_idle(action) {
                continue;
            }
            if given.is_empty() || kept.len() == given.len() {
                add(text.slice(action.span).ok_or(Refusal::Layout)?.to_owned());
            } else if self.is_shared(statement) && !kept.is_empty() {
                return Err(Refusal::Shared);
            } else {
                kept.iter().for_each(|name| add(spelling.action(name)));
            }
        }
        // What the role lacks.
        let gives = |name: &&&str| grants.iter().any(|grant| grant.action == **name);
        part.actions.iter().filter(|name| !gives(name)).for_each(|name| add(spelling.action(name)));
        Ok(out)
    }

    /// The entries of `Resource` that a part of the statement keeps; those for every table give way to the tables' own.
    fn resources(&self, statement: &Statement, part: &Part, spelling: &Spelling) -> Result<Vec<String>, Refusal> {
        let text = self.text(statement.span).ok_or(Refusal::Layout)?;
        let broad = matches!(breadth(statement), Some(Breadth::Tables | Breadth::Both));
        let mut out: Vec<String> = Vec::new();
        for resource in &statement.resources {
            let target = Target::parse(&resource.value);
            if broad {
                continue;
            }
            if !matches!(target.kind(), TargetKind::Table | TargetKind::Index) {
                if !part.alone {
                    return Err(Refusal::Mixed);
                }
                out.push(text.slice(resource.span).ok_or(Refusal::Layout)?.to_owned());
                continue;
            }
            let mut covers_any = false;
            let mut kept = false;
            for table in self.tables.ids() {
                let on_table = self.tables.covered_by(&target, table, None);
                let indexes = self.tables.get(table).indexes.iter().map(|index| index.name.value.as_str());
                let on_index = indexes.map(|index| self.tables.covered_by(&target, table, Some(index))).max();
                let on_index = on_index.unwrap_or(Answer::No);
                if on_table == Answer::Maybe || on_index == Answer::Maybe {
                    return Err(Refusal::Hidden);
                }
                covers_any |= on_table.max(on_index) == Answer::Yes;
                let Some(of_table) = part.used.get(&table).filter(|_| part.tables.contains(&table)) else { continue };
                kept |=
                    (on_table == Answer::Yes && of_table.on_table) || (on_index == Answer::Yes && of_table.on_index);
            }
            // Other actions of DynamoDB are none on indexes.
            let others = if target.kind() == TargetKind::Index { !part.of_dynamodb } else { !part.all_judged };
            if kept || !covers_any || others {
                out.push(text.slice(resource.span).ok_or(Refusal::Layout)?.to_owned());
            }
        }
        if broad {
            if !part.all_judged {
                return Err(Refusal::Hidden);
            }
            if self.is_shared(statement) {
                return Err(Refusal::Shared);
            }
            for table in part.tables {
                let of_table = part.used.get(table).ok_or(Refusal::Needless)?;
                out.extend(self.spelled(*table, of_table, statement, spelling).ok_or(Refusal::NotThere)?);
            }
        } else {
            for missing in self.lacking(statement).iter().filter(|missing| part.tables.contains(&missing.table)) {
                let covers = |resource: &Spanned<Symbolic>| {
                    let target = Target::parse(&resource.value);
                    self.tables.covered_by(&target, missing.table, missing.index.as_deref()) == Answer::Yes
                };
                if missing.index.is_some() && !statement.resources.iter().any(covers) {
                    let indexes = Use { on_index: true, ..Use::default() };
                    let more = self.spelled(missing.table, &indexes, statement, spelling).ok_or(Refusal::NotThere)?;
                    out.extend(more.into_iter().filter(|one| !out.contains(one)).collect::<Vec<_>>());
                }
            }
        }
        if out.is_empty() { Err(Refusal::Needless) } else { Ok(out) }
    }

    /// Whether a table is deployed wherever the statement is: to name one that isn't there is refused.
    fn is_there(&self, table: &Table, statement: &Statement) -> bool {
        let names_it = |resource: &Spanned<Symbolic>| Target::parse(&resource.value).table() == Some(&table.resource);
        let holders = self.holders.get(&statement.span).map_or(&[][..], Vec::as_slice);
        table.condition.is_none()
            || statement.resources.iter().all(names_it)
            || !holders.is_empty() && holders.iter().all(|role| self.exist_together(table, role))
    }

    /// Whether a table is deployed wherever a role is.
    fn exist_together(&self, table: &Table, role: &ResourceRef) -> bool {
        let roles = self.facts.stacks.iter().flat_map(|stack| &stack.roles);
        table.condition.is_none()
            || roles.filter(|other| other.resource == *role).any(|own| own.condition == table.condition)
    }

    /// The ARNs of a table and of its indexes, as far as they are needed.
    fn spelled(&self, id: TableId, of_table: &Use, statement: &Statement, spelling: &Spelling) -> Option<Vec<String>> {
        let [table] = self.tables.variants(id) else { return None };
        let stack = self.stack(statement.span)?;
        if table.resource.stack != stack.index || !self.is_there(table, statement) {
            return None;
        }
        let mut out = Vec::new();
        out.extend(of_table.past_indexes.then(|| spelling.table_arn(&table.resource.id)));
        out.extend(of_table.on_index.then(|| spelling.index_arn(&table.resource.id)));
        Some(out)
    }

    /// A statement in the place of a policy template.
    fn inline(&self, statement: &Statement, used: &BTreeMap<TableId, Use>) -> Result<String, Refusal> {
        if self.is_shared(statement) {
            return Err(Refusal::Shared);
        }
        let mut tables = used.iter();
        let (id, of_table) = tables.next().ok_or(Refusal::Needless)?;
        if tables.next().is_some() {
            return Err(Refusal::Tables);
        }
        // `TableName: !Ref Orders`: another name says nothing of the table's logical id.
        let named = statement.resources.iter().all(|resource| {
            resource
                .value
                .parts()
                .iter()
                .any(|part| matches!(part, Piece::Resource(_, attribute) if attribute.is_empty()))
        });
        let stack = self.stack(statement.span).ok_or(Refusal::Layout)?;
        let name = statement.resources.first().filter(|_| named).ok_or(Refusal::Name)?;
        let spelling = Spelling::of_entry(&stack.text, statement.span, name.span).ok_or(Refusal::Style)?;
        let actions: Vec<String> = of_table.actions.iter().map(|action| spelling.action(action)).collect();
        let resources = self.spelled(*id, of_table, statement, &spelling).ok_or(Refusal::NotThere)?;
        spelling.entry(&stack.text, statement.span, &actions, &resources)
    }

    /// How a statement is deleted, if its lines are nobody's but these roles'. `gone`: others that are deleted too.
    pub fn removal(
        &self,
        statement: &Statement,
        roles: &[&Role],
        gone: &BTreeSet<Span>,
    ) -> Result<Removal<'a>, Refusal> {
        self.may_go(statement, roles)?;
        let text = self.text(statement.span).ok_or(Refusal::Layout)?;
        let own = |spans: &BTreeSet<Span>| -> BTreeSet<usize> {
            let is_item = |span: &&Span| span.file == statement.span.file && text.begins_item(**span);
            spans.iter().filter(is_item).map(|span| text.line(span.start)).collect()
        };
        let changes = Changes {
            gone: &own(gone),
            grown: &own(self.grown()),
            named: roles.iter().any(|r| self.grows(&r.resource)),
        };
        if !matches!(statement.origin, PolicyOrigin::Document | PolicyOrigin::SamTemplate(_)) {
            return Err(Refusal::Layout);
        }
        let removal = text.removal(statement.span, &changes).map_err(|kept| match kept {
            Kept::Style => Refusal::Style,
            Kept::OwnResource => Refusal::OwnResource,
        })?;
        if has_anchor(text.lines_of(removal.first, removal.last)) { Err(Refusal::Anchor) } else { Ok(removal) }
    }

    /// Whether nobody but these roles, and nothing that they lack, needs a statement's lines.
    pub fn may_go(&self, statement: &Statement, roles: &[&Role]) -> Result<(), Refusal> {
        if !self.others(roles, statement).is_empty() || !self.lacking(statement).is_empty() {
            return Err(Refusal::Shared);
        }
        // A policy template's entry goes whatever it is for.
        let is_template = matches!(statement.origin, PolicyOrigin::SamTemplate(_));
        let known = self.known_holders(statement).err();
        let refusal = self.absence(statement).filter(|refusal| !is_template || *refusal != Refusal::Either).or(known);
        match refusal.filter(|refusal| !is_template || *refusal != Refusal::Either) {
            Some(refusal) => Err(refusal),
            None => Ok(()),
        }
    }
}

/// Which part of a statement is written: for these tables, with these actions.
struct Part<'p, 'f> {
    actions: &'p BTreeSet<&'f str>,
    tables: &'p BTreeSet<TableId>,
    used: &'p BTreeMap<TableId, Use<'f>>,
    /// Whether it is all of the statement.
    alone: bool,
    /// Whether every action of the statement is one on tables.
    all_judged: bool,
    /// Whether every action is one of `DynamoDB`.
    of_dynamodb: bool,
}

/// The layout, if all of the statement stands there as it counts: no branch, no alias.
fn complete_layout(statement: &Statement) -> Result<&StatementLayout, Refusal> {
    if statement.not_action || statement.not_resource {
        return Err(Refusal::Negated);
    }
    let layout = statement.layout.as_ref().ok_or(Refusal::Layout)?;
    let StatementLayout { actions, resources, sid: _ } = layout;
    let in_place = [actions, resources]
        .into_iter()
        .all(|list| statement.span.covers(list.span) && list.items.iter().all(|item| list.span.covers(*item)));
    let same = actions.items.iter().eq(statement.actions.iter().map(|action| &action.span))
        && resources.items.iter().eq(statement.resources.iter().map(|resource| &resource.span));
    (in_place && same).then_some(layout).ok_or(Refusal::Layout)
}

fn copied(text: &TemplateText, items: &[Span]) -> Option<Vec<String>> {
    items.iter().map(|item| text.slice(*item).map(str::to_owned)).collect()
}
