//! What stands in a line of code or of a template.

use super::{AccessId, AttributeSite, Facts, FunctionId, Grant, TableFacts, TableId};
use crate::source::Span;
use crate::template::model::{Effect, Role, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// Something that a line is part of.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'f> {
    /// A DynamoDB call.
    Access(AccessId),
    /// Rights: the grants of a statement, or those that the line names of them.
    Rights(&'f Statement),
    /// An index, by its place in [`super::TableFacts::indexes`].
    Index(TableId, usize),
    /// A table.
    Table(TableId),
    /// A Lambda function's logical id.
    Function(FunctionId),
    /// The logical id of a role that a template spells out.
    Role(&'f Role),
    /// An attribute that code sets on items of a table, and that is an index's key or seems to be a time to live.
    Attribute(TableId, &'f str),
    /// An environment variable, its name and its place.
    Variable(&'f str, Span),
}

impl<'a> Facts<'a> {
    /// What stands in a line, the innermost of what is nested: each call of it; else the statement, the index or the table
    /// that it is part of, or the functions and variables that it names.
    pub fn at_line(&self, line: Span) -> Vec<Subject<'_>> {
        let calls = self.calls_in(line);
        let attributes = self.attributes_at(line).into_iter().map(|(table, name)| Subject::Attribute(table, name));
        if !calls.is_empty() {
            return calls.into_iter().map(Subject::Access).chain(attributes).collect();
        }
        let statements = self.statements_in(line);
        if !statements.is_empty() {
            return statements.into_iter().map(Subject::Rights).collect();
        }
        let mut found: Vec<Subject> = Vec::new();
        for (id, table) in (0..).map(TableId).zip(&self.tables) {
            let index = table.indexes.iter().position(|index| touches(index.index.body, line));
            match index {
                Some(index) => found.push(Subject::Index(id, index)),
                None if table.declarations().any(|t| touches(t.body, line)) => found.push(Subject::Table(id)),
                None => {}
            }
        }
        for (id, function) in (0..).map(FunctionId).zip(&self.functions) {
            if touches(function.function.span, line) {
                found.push(Subject::Function(id));
            }
        }
        let roles = self.stacks.iter().flat_map(|stack| &stack.roles);
        found.extend(roles.filter(|role| !role.generated && touches(role.span, line)).map(Subject::Role));
        found.extend(attributes);
        found.extend(self.variables_in(line).into_iter().map(|(span, name)| Subject::Variable(name, span)));
        found
    }

    /// The attributes that matter to tables and are set in a line.
    fn attributes_at(&self, line: Span) -> BTreeSet<(TableId, &str)> {
        let sites =
            (0..).map(TableId).zip(&self.tables).flat_map(|(id, table)| sites(table).map(move |site| (id, site)));
        let here = sites.filter(|(_, site)| touches(site.span, line));
        here.map(|(id, site)| (id, site.attribute.as_str())).collect()
    }

    /// Where in a line an attribute of a table's items is set.
    pub fn attributes_in(&self, table: TableId, attribute: &str, line: Span) -> Vec<&AttributeSite> {
        sites(self.table(table)).filter(|site| site.attribute == attribute && touches(site.span, line)).collect()
    }

    /// The environment variables that are set in a line: one of `Globals` once, however many functions have it.
    fn variables_in(&self, line: Span) -> BTreeMap<Span, &'a str> {
        let variables = self.functions.iter().flat_map(|function| &function.function.environment);
        let here = variables.filter(|(_, variable)| touches(variable.span, line));
        here.map(|(name, variable)| (variable.span, name.as_str())).collect()
    }

    /// The calls that a line is part of; of a call within another's arguments, the inner one.
    fn calls_in(&self, line: Span) -> Vec<AccessId> {
        let place = |id: &AccessId| self.access(*id).access.span;
        let calls: Vec<AccessId> =
            (0..self.accesses.len()).map(AccessId).filter(|id| touches(place(id), line)).collect();
        let holds = |outer: Span, inner: Span| outer != inner && outer.covers(inner);
        let starts_above = |span: Span| span.start < line.start;
        let hidden =
            |id: &AccessId| starts_above(place(id)) && calls.iter().any(|other| holds(place(id), place(other)));
        calls.iter().copied().filter(|id| !hidden(id)).collect()
    }

    /// The statements that a line is part of, each once.
    fn statements_in(&self, line: Span) -> Vec<&'a Statement> {
        let roles = self.stacks.iter().flat_map(|stack| &stack.roles);
        let statements = roles.flat_map(|role| &role.statements);
        let mut found: Vec<&Statement> = Vec::new();
        for statement in statements.filter(|s| s.effect == Effect::Allow && touches(s.span, line)) {
            if !found.iter().any(|known| known.span == statement.span) {
                found.push(statement);
            }
        }
        found
    }

    /// What a statement grants: on a line that names some of its actions, these.
    pub fn grants_in(&self, statement: &Statement, line: Span) -> Vec<&Grant<'a>> {
        let own: Vec<&Grant> = self.grants.iter().filter(|grant| grant.statement.span == statement.span).collect();
        let named: Vec<&Grant> =
            own.iter().copied().filter(|grant| grant.span != statement.span && touches(grant.span, line)).collect();
        if named.is_empty() { own } else { named }
    }
}

/// Where keys of indexes are set, and what seems to be a time to live.
fn sites<'f>(table: &'f TableFacts) -> impl Iterator<Item = &'f AttributeSite> {
    table.indexes.iter().flat_map(|index| &index.key_writes).chain(&table.ttl_writes)
}

/// Whether a place is at least in part in a line.
fn touches(span: Span, line: Span) -> bool {
    span.file == line.file && span.start <= line.end && span.end > line.start
}
