//! Which tables and Lambdas a finding is about, told from its places: for filters.

use crate::facts::{Facts, FunctionId, Resolution, TableId};
use crate::rules::Finding;
use crate::source::Span;
use std::collections::BTreeSet;

/// Tables and Lambdas.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Subjects {
    pub(super) tables: BTreeSet<TableId>,
    pub(super) functions: BTreeSet<FunctionId>,
}

/// What the finding's own place belongs to. What that doesn't tell, the related places do; and whose declarations are related
/// are meant, too.
pub(super) fn subjects(facts: &Facts, finding: &Finding) -> Subjects {
    let mut own = Subjects::default();
    own.add(facts, finding.span);
    let mut related = Subjects::default();
    finding.related.iter().for_each(|place| related.add(facts, place.span));
    if own.tables.is_empty() {
        own.tables = related.tables;
    }
    finding.related.iter().for_each(|place| own.add_declared(facts, place.span));
    if own.functions.is_empty() {
        own.functions = related.functions;
    }
    own
}

impl Subjects {
    fn add(&mut self, facts: &Facts, span: Span) {
        for access in facts.accesses.iter().filter(|access| access.access.span.covers(span)) {
            match &access.table {
                Resolution::Known(table) => self.tables.extend([*table]),
                Resolution::Several(tables) => self.tables.extend(tables),
                Resolution::Undeclared(_) | Resolution::Unknown(_) => {}
            }
            self.functions.extend(access.functions.iter().chain(&access.possible_functions));
        }
        for grant in &facts.grants {
            if grant.span == span || grant.statement.span.covers(span) {
                self.tables.insert(grant.table);
                self.functions.insert(grant.function);
            }
        }
        self.add_declared(facts, span);
        for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
            if function.function.span == span || function.roles.iter().any(|role| role.span == span) {
                self.functions.insert(id);
            }
        }
    }

    /// The table whose declaration holds the place.
    fn add_declared(&mut self, facts: &Facts, span: Span) {
        for (id, table) in (0..).map(TableId).zip(&facts.tables) {
            if table.declarations().any(|table| table.span == span || table.body.covers(span)) {
                self.tables.insert(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Subjects, subjects};
    use crate::facts::{FunctionId, TableId};
    use crate::report::sample;

    #[test]
    fn calls_and_grants_belong_to_tables_and_lambdas() {
        let both = || Subjects { tables: [TableId(0)].into(), functions: [FunctionId(0)].into() };
        sample::with_report(|report| {
            let found: Vec<Subjects> = report.findings.iter().map(|f| subjects(report.facts, f)).collect();
            assert_eq!(found, [both(), both()]);
        });
    }
}
