//! Rights that a role gives and that no code under it uses.

use super::describe::{elsewhere, few, list, taken};
use super::policy_edit::{edited, edited_or_why, refused_for_more, removal};
use super::registry::Rule;
use super::rights::{Right, by_target, places};
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::dynamodb::symbolic::ResourceRef;
use crate::facts::{Facts, FunctionId, Grant, GrantStatus, Refusal, Rewriter, TableId, breadth, is_narrow, narrower};
use crate::source::Span;
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule { name: "iam-over-grant", page: include_str!("../../rules/iam-over-grant.md"), check };

/// One statement of one role, with its grants summed over the functions that run under the role; or lines that serve several
/// roles, summed over them all.
struct Subject<'f, 'a> {
    roles: Vec<&'a Role>,
    statement: &'a Statement,
    functions: Vec<&'f str>,
    ids: BTreeSet<FunctionId>,
    rights: BTreeMap<Right<'f>, Sum>,
    /// Actions that are used on tables that no template declares.
    elsewhere: BTreeSet<&'f str>,
}

/// A role, and what it doesn't use of lines that others use it of.
type Apart<'f> = (&'f str, Vec<(Right<'f>, Span)>);

struct Sum {
    span: Span,
    /// Whether nobody needs it, here or on a table that no template declares.
    unused: bool,
    /// Whether somebody surely uses it.
    used: bool,
    /// Whether somebody uses it on this table, or may.
    used_here: bool,
}

impl Sum {
    /// Of no grant yet.
    fn at(span: Span) -> Self {
        Self { span, unused: true, used: false, used_here: false }
    }
}

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut subjects = subjects(facts);
    // `iam-broader-template` names the template to write instead.
    subjects.retain(|subject| narrower(facts, subject.roles[0], subject.statement).is_none());
    let rewriter = Rewriter::new(facts);
    let groups = by_lines(subjects).into_iter().map(|sharers| (Subject::of_all(&sharers), sharers));
    let groups: Vec<(Subject, Vec<Subject>)> = groups.collect();
    let goes = |all: &&Subject| all.is_unused() && rewriter.may_go(all.statement, &all.roles).is_ok();
    let gone = groups.iter().map(|(all, _)| all).filter(goes).map(|all| all.statement.span).collect();
    let advice = Advice { facts, rewriter: &rewriter, gone };
    findings.extend(groups.iter().filter_map(|(all, sharers)| all.finding(&advice, sharers)));
}

/// What the words of a finding are made from.
struct Advice<'s, 'f, 'a> {
    facts: &'f Facts<'a>,
    rewriter: &'s Rewriter<'f, 'a>,
    /// Statements that are removed.
    gone: BTreeSet<Span>,
}

/// The subjects of the same lines of a policy document, which roles share, together, and those of one entry that is for one
/// table or another: an edit is one for them all.
fn by_lines<'f, 'a>(subjects: Vec<Subject<'f, 'a>>) -> Vec<Vec<Subject<'f, 'a>>> {
    let mut groups: Vec<Vec<Subject>> = Vec::new();
    let mut known: BTreeMap<(Span, Option<&ResourceRef>), usize> = BTreeMap::new();
    for subject in subjects {
        let role = match subject.statement.origin {
            PolicyOrigin::Document => Some(None),
            PolicyOrigin::SamTemplate(_) => Some(Some(&subject.roles[0].resource)),
            _ => None,
        };
        let lines = role.map(|role| (subject.statement.span, role));
        if let Some(at) = lines.and_then(|lines| known.get(&lines)) {
            groups[*at].push(subject);
        } else {
            known.extend(lines.map(|lines| (lines, groups.len())));
            groups.push(vec![subject]);
        }
    }
    groups
}

/// A right that a role gives: role, table, action, whether on the table's indexes.
pub type RoleRight<'f> = (&'f ResourceRef, TableId, &'f str, bool);

/// The rights that findings of this rule ask to take away. Other unused ones come from a wildcard, or with an entry of
/// the policy that is used elsewhere.
pub fn removable<'f>(facts: &'f Facts) -> BTreeSet<RoleRight<'f>> {
    let subjects = subjects(facts);
    let rights = |subject: &Subject<'f, '_>| -> Vec<Right<'f>> {
        if subject.is_unused() {
            return subject.rights.keys().copied().collect();
        }
        subject.unused().into_iter().map(|(right, _)| right).collect()
    };
    subjects
        .iter()
        .flat_map(|subject| {
            let role = &subject.roles[0].resource;
            rights(subject).into_iter().map(move |(table, action, index)| (role, table, action, index))
        })
        .collect()
}

fn subjects<'f, 'a>(facts: &'f Facts<'a>) -> Vec<Subject<'f, 'a>> {
    let mut subjects: Vec<Subject> = Vec::new();
    // A statement has its place in memory for a name; a broad one, which has a rule of its own, has no subject.
    let mut known: BTreeMap<*const Statement, Option<usize>> = BTreeMap::new();
    for grant in &facts.grants {
        let (role, statement) = (grant.role, grant.statement);
        let at = *known.entry(std::ptr::from_ref(statement)).or_insert_with(|| {
            breadth(statement).is_none().then(|| {
                subjects.push(Subject::new(vec![role], statement));
                subjects.len() - 1
            })
        });
        if let Some(at) = at {
            subjects[at].add(facts, grant);
        }
    }
    subjects
}

impl<'f, 'a> Subject<'f, 'a> {
    fn new(roles: Vec<&'a Role>, statement: &'a Statement) -> Self {
        Self {
            roles,
            statement,
            functions: Vec::new(),
            ids: BTreeSet::new(),
            rights: BTreeMap::new(),
            elsewhere: BTreeSet::new(),
        }
    }

    fn add(&mut self, facts: &'f Facts, grant: &'f Grant) {
        let function = facts.function(grant.function).function.resource.id.as_str();
        if !self.functions.contains(&function) {
            self.functions.push(function);
        }
        self.ids.insert(grant.function);
        self.elsewhere.extend(grant.is_used_elsewhere().then_some(grant.action.as_str()));
        let right = (grant.table, grant.action.as_str(), grant.index);
        let sum = self.rights.entry(right).or_insert_with(|| Sum::at(grant.span));
        sum.unused &= grant.is_unused();
        sum.used |= grant.is_used();
        sum.used_here |= grant.status != GrantStatus::Unused;
    }

    /// Lines that serve several roles, as one subject: what one of them uses is used.
    fn of_all(sharers: &[Self]) -> Self {
        let mut all = Self::new(Vec::new(), sharers[0].statement);
        for subject in sharers {
            let more =
                subject.roles.iter().filter(|role| !all.roles.iter().any(|known| known.resource == role.resource));
            let more: Vec<&Role> = more.copied().collect();
            all.roles.extend(more);
            all.functions
                .extend(subject.functions.iter().filter(|name| !all.functions.contains(name)).collect::<Vec<_>>());
            all.ids.extend(&subject.ids);
            all.elsewhere.extend(&subject.elsewhere);
            for (right, Sum { span, unused, used, used_here }) in &subject.rights {
                let sum = all.rights.entry(*right).or_insert_with(|| Sum::at(*span));
                sum.unused &= *unused;
                sum.used |= *used;
                sum.used_here |= *used_here;
            }
        }
        all
    }

    /// What the roles of the same lines don't use of what others of them do: each role, and its rights.
    fn apart<'s>(&self, sharers: &'s [Self]) -> Vec<Apart<'s>> {
        let common = self.unused();
        let own = |subject: &'s Self| {
            let mut unused = subject.unused();
            unused.retain(|right| !common.contains(right));
            (subject.roles[0].resource.id.as_str(), unused)
        };
        sharers.iter().map(own).filter(|(_, unused)| !unused.is_empty()).collect()
    }

    /// Unused rights. Those on indexes only where no index of the table is used at all, but the table is: an entry that is
    /// used on one of both can't be taken from the other without splitting the statement.
    fn unused(&self) -> Vec<(Right<'f>, Span)> {
        let all = |table: TableId, on_index: bool| {
            self.rights.iter().filter(|((t, _, i), _)| (*t, *i) == (table, on_index)).all(|(_, sum)| sum.unused)
        };
        let tells = |(table, _, index): &Right<'f>| {
            !*index || all(*table, true) && (!all(*table, false) || !self.names_table(*table))
        };
        self.rights
            .iter()
            .filter(|(right, sum)| sum.unused && tells(right))
            .map(|(right, sum)| (*right, sum.span))
            .collect()
    }

    /// Whether the statement covers the table itself, and not only its indexes.
    fn names_table(&self, table: TableId) -> bool {
        self.rights.keys().any(|(t, _, index)| *t == table && !index)
    }

    /// Whether nothing at all uses the statement: what it says of streams or of other services would be lost with it.
    fn is_unused(&self) -> bool {
        let judged = |place: Span| self.rights.values().any(|sum| sum.span == place);
        self.rights.values().all(|sum| sum.unused) && self.statement.actions.iter().all(|action| judged(action.span))
    }

    /// `sharers`: those of the lines, each by itself.
    fn finding(&self, advice: &Advice, sharers: &[Self]) -> Option<Finding> {
        let facts = advice.facts;
        let unused = self.unused();
        let whole = self.is_unused();
        let apart = if whole || self.roles.len() == 1 { Vec::new() } else { self.apart(sharers) };
        let of_some: Vec<(Right, Span)> = apart.iter().flat_map(|(_, rights)| rights.iter().copied()).collect();
        let harmful = unused.iter().chain(&of_some).any(|((_, action, _), _)| is_write(action));
        let roles: Vec<&str> = self.roles.iter().map(|role| role.resource.id.as_str()).collect();
        let role = few(&roles);
        let rights = by_target(facts, &unused);
        let (span, label, places) = if whole {
            (self.statement.span, "nothing uses this statement".to_owned(), places(facts, &unused))
        } else if unused.is_empty() {
            let label = "not all of these roles use all of it".to_owned();
            of_some.first()?;
            (self.statement.span, label, BTreeMap::new())
        } else {
            let mut places = places(facts, &unused);
            let (span, label) = places.pop_first()?;
            (span, label, places)
        };
        let title = if whole {
            format!("{role}: a statement for {} that nothing uses", self.tables(facts))
        } else if unused.is_empty() {
            format!("{role} share a statement for {} that gives them more than their code uses", self.tables(facts))
        } else if roles.len() > 1 {
            format!("{role} allow more than their code uses: {rights}")
        } else {
            format!("{role} allows more than its code uses: {rights}")
        };
        let danger = if harmful {
            "Rights to change or delete that nobody needs are what a fault or a stolen credential uses."
        } else {
            "Rights that nobody needs serve only whoever gets hold of the credentials."
        };
        let proof = match (whole, unused.is_empty()) {
            (true, _) => format!("none needs {rights}."),
            (false, false) => "none does.".to_owned(),
            (false, true) => format!("{}.", said_apart(facts, &apart)),
        };
        let taken = taken(facts, self.ids.iter().copied());
        let has_unseen = self.ids.iter().any(|id| facts.function(*id).has_unseen_modules);
        let but = if has_unseen { " Modules that aren't at hand are taken not to use them." } else { "" };
        Some(Finding {
            rule: RULE.name,
            // What `iam-broader-template` asks for isn't judged worse than what it is to replace.
            severity: if whole || harmful && !is_narrow(self.statement) { Severity::Medium } else { Severity::Low },
            confidence: if taken.is_some() || has_unseen { Confidence::Likely } else { Confidence::Certain },
            title,
            message: format!(
                "Every DynamoDB call of {} that could use them is resolved, and {proof} {danger}{}{but}",
                few(&self.functions),
                taken.map(|how| format!(" {how}")).unwrap_or_default()
            ),
            help: self.help(whole, &rights, &apart, advice),
            span,
            label,
            // A policy's entry begins where its statement does: one place is enough.
            related: places
                .into_iter()
                .filter(|(place, _)| place.start != span.start)
                .map(|(span, message)| Related { span, message })
                .chain(self.unnamed(&apart))
                .collect(),
            anchor: format!("{} {}", list(&roles), self.tables(facts)),
        })
    }

    /// The roles, where they are too many for a title, but those that the fix lists.
    fn unnamed(&self, apart: &[Apart]) -> Vec<Related> {
        let names: Vec<&str> = self.roles.iter().map(|role| role.resource.id.as_str()).collect();
        let listed: Vec<&str> = apart.iter().filter(|_| apart.len() > MANY_APART).map(|(role, _)| *role).collect();
        let has_place = |role: &&&Role| few(&names) != list(&names) && !listed.contains(&role.resource.id.as_str());
        let roles = self.roles.iter().filter(has_place);
        roles
            .map(|role| Related { span: role.span, message: format!("{} has these lines", role.resource.id) })
            .collect()
    }

    fn tables(&self, facts: &Facts) -> String {
        let mut ids: Vec<&str> =
            self.rights.keys().map(|(table, ..)| facts.table(*table).table.resource.id.as_str()).collect();
        ids.dedup();
        list(&ids)
    }

    fn help(&self, whole: bool, rights: &str, apart: &[Apart], advice: &Advice) -> String {
        let Advice { facts, rewriter, gone } = advice;
        let what = match &self.statement.origin {
            PolicyOrigin::SamTemplate(name) => format!("the policy template {name}"),
            PolicyOrigin::Managed(name) => format!("the managed policy {name}"),
            PolicyOrigin::Connector(id) => format!("the connector {id}"),
            PolicyOrigin::Event(id) => format!("what the event {id} adds"),
            PolicyOrigin::Document => "the statement".to_owned(),
        };
        if whole {
            return removal(rewriter, &self.roles, self.statement, &what, gone);
        }
        let own = of_their_own(facts, apart);
        if rights.is_empty() {
            return format!("Give policies of their own{own}");
        }
        if self.statement.origin == PolicyOrigin::Document {
            return self.statement_help(rights, &own, advice);
        }
        let edit = match rewriter.narrowed(self.statement) {
            Ok(edit) => edited(rewriter, &edit, self.statement.span),
            Err(refusal) => refused_for_more(refusal),
        };
        let kept = |is_kept: fn(&Sum) -> bool| {
            let kept: Vec<_> =
                self.rights.iter().filter(|(_, sum)| is_kept(sum)).map(|(right, sum)| (*right, sum.span)).collect();
            (!kept.is_empty()).then(|| by_target(facts, &kept))
        };
        let left = kept(|sum| sum.used_here).into_iter().chain(elsewhere(&self.elsewhere)).collect::<Vec<_>>();
        let open = kept(|sum| sum.used_here && !sum.used);
        let open = open.map(|open| format!(" Whether {open} is used can't be told.")).unwrap_or_default();
        format!("Replace {what} by a statement that allows what is left: {}.{open}{edit}", left.join("; and "))
    }

    fn statement_help(&self, rights: &str, own: &str, advice: &Advice) -> String {
        let Advice { facts, rewriter, .. } = advice;
        let edit = rewriter.narrowed(self.statement);
        let others = rewriter.others(&self.roles, self.statement);
        if edit.is_err() && !others.is_empty() {
            let names: Vec<&str> = self.roles.iter().map(|role| role.resource.id.as_str()).collect();
            return format!(
                "Give {} a policy of {} own without {rights}: the same lines serve {}.",
                few(&names),
                if names.len() == 1 { "its" } else { "their" },
                list(&others)
            );
        }
        let own = if own.is_empty() { String::new() } else { format!(" More goes only by policies of their own{own}") };
        let idle = edit.as_ref().map(|_| rewriter.idle(self.statement)).unwrap_or_default();
        let idle = match idle.as_slice() {
            [] => String::new(),
            idle => format!(" With it goes {}, which is no action (`iam-dead-grant`).", list(&quoted(idle))),
        };
        let is_apart = |span: Span| self.wildcard(span).is_some() && !self.open_tables(span).is_empty();
        let is_split = self.unused().iter().all(|(_, span)| is_apart(*span));
        let several =
            !is_split && self.rights.keys().any(|(table, ..)| self.rights.keys().any(|(other, ..)| other != table));
        let todo = match &edit {
            Ok(edit) if edit.split => "Split the statement, so that each table gets what is used on it.".to_owned(),
            Err(_) if several => {
                let split = "Where an entry is still used on another table, split the statement.";
                format!("{} {split}", self.without_unused(facts))
            }
            _ => self.without_unused(facts),
        };
        // That it can't be told is said of the entries themselves.
        let edit = match edit {
            Err(Refusal::Open) => String::new(),
            edit => edited_or_why(rewriter, &edit, self.statement.span),
        };
        // Why there are no lines goes before what is a list.
        if edit.starts_with('\n') { format!("{todo}{own}{idle}{edit}") } else { format!("{todo}{edit}{own}{idle}") }
    }
}

impl<'f> Subject<'f, '_> {
    /// What to do with the entries of `Action`, in the statement's own words: one that stands for several actions gives way
    /// to those of them that are used.
    fn without_unused(&self, facts: &Facts) -> String {
        if self.statement.not_action {
            let used = self.used_by(|_| true);
            let kept = if used.is_empty() { "what is meant".to_owned() } else { list(&used) };
            return format!("In place of `NotAction`, which allows all but its list, write `Action` with {kept}.");
        }
        let (by_wildcard, by_name): (Vec<_>, Vec<_>) =
            self.unused().into_iter().partition(|(_, span)| self.wildcard(*span).is_some());
        let wildcards: BTreeSet<Span> = by_wildcard.into_iter().map(|(_, span)| span).collect();
        let mut steps = Vec::new();
        if !by_name.is_empty() {
            steps.push(format!("Remove from the statement: {}.", by_target(facts, &by_name)));
        }
        steps.extend(wildcards.into_iter().filter_map(|span| {
            let used = self.used_by(|place| place == span);
            let entry = self.wildcard(span)?;
            let open = self.open_tables(span);
            Some(if !open.is_empty() {
                self.split_from(facts, span, entry, &open)
            } else if used.is_empty() {
                format!("Remove `{entry}`.")
            } else {
                format!("In place of `{entry}`, write {}.", list(&used))
            })
        }));
        steps.join(" ")
    }

    /// The entry of `Action` at a place, if it stands for several actions.
    fn wildcard(&self, span: Span) -> Option<&str> {
        let entry = self.statement.actions.iter().find(|entry| entry.span == span)?;
        Some(entry.value.as_str()).filter(|text| text.contains(['*', '?']))
    }

    /// The tables on which it can't be told what is used of an entry.
    fn open_tables(&self, span: Span) -> BTreeSet<TableId> {
        let open = self.rights.iter().filter(|(_, sum)| sum.span == span && !sum.unused && !sum.used);
        open.map(|((table, ..), _)| *table).collect()
    }

    /// An entry that stands for several actions, where it has to stay for some tables: what is used on the others.
    fn split_from(&self, facts: &Facts, span: Span, entry: &str, open: &BTreeSet<TableId>) -> String {
        let rights = self.rights.iter().filter(|((table, ..), sum)| sum.span == span && !open.contains(table));
        let used = rights.filter(|(_, sum)| !sum.unused).map(|(right, sum)| (*right, sum.span));
        let used: Vec<(Right, Span)> = used.collect();
        let names: Vec<&str> = open.iter().map(|id| facts.table(*id).table.resource.id.as_str()).collect();
        let own = if used.is_empty() {
            String::new()
        } else {
            format!(", and give {} a statement of its own", by_target(facts, &used))
        };
        format!("Leave `{entry}` to {}, of which it can't be told what is used{own}.", list(&names))
    }

    /// The actions that are used of entries at certain places.
    fn used_by(&self, at: impl Fn(Span) -> bool) -> Vec<&'f str> {
        let used = self.rights.iter().filter(|(_, sum)| !sum.unused && at(sum.span));
        used.map(|((_, action, _), _)| *action).collect::<BTreeSet<_>>().into_iter().collect()
    }
}

fn quoted(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| format!("`{text}`")).collect()
}

/// More roles than this are a list.
const MANY_APART: usize = 3;

/// `A doesn't use PutItem on Orders, and B doesn't use GetItem on Orders`.
fn said_apart(facts: &Facts, apart: &[Apart]) -> String {
    if apart.len() > MANY_APART {
        return format!("{} of these roles don't use all of it", apart.len());
    }
    let each = apart.iter().map(|(role, unused)| format!("{role} doesn't use {}", by_target(facts, unused)));
    each.collect::<Vec<_>>().join(", and ")
}

/// The roles that only policies of their own could take more from, and what that is: the end of a sentence, or a list.
fn of_their_own(facts: &Facts, apart: &[Apart]) -> String {
    if apart.is_empty() {
        return String::new();
    }
    if apart.len() > MANY_APART {
        let each = apart.iter().map(|(role, unused)| format!("\n    {role}: {}", by_target(facts, unused)));
        return format!(", each without what it doesn't use:{}", each.collect::<String>());
    }
    let each = apart.iter().map(|(role, unused)| format!("{role} without {}", by_target(facts, unused)));
    format!(": {}.", list(&each.collect::<Vec<_>>()))
}

fn is_write(action: &str) -> bool {
    action != "ConditionCheckItem"
        && action != "PartiQLSelect"
        && Operation::ALL.iter().any(|o| match o.kind() {
            OperationKind::Write => o.actions().contains(&action),
            OperationKind::Control => {
                o.actions().contains(&action) && !action.starts_with("Describe") && !action.starts_with("List")
            }
            OperationKind::Read => false,
        })
}
