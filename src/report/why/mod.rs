//! Why the audit believes what it believes of one line: the answers, for the formats to show.

mod attribute;
mod rights;
mod site;
mod template;

use super::Report;
use crate::facts::{AccessId, FunctionId, Subject, TableId, User};
use crate::source::Span;

pub(super) use site::evidence;

/// What there is to say of one thing that a line holds.
#[derive(Debug)]
pub(super) struct Answer {
    /// What it is.
    pub title: String,
    /// Where it stands.
    pub span: Span,
    /// What is known of it, piece by piece.
    pub chapters: Vec<Chapter>,
}

/// One thing that is known, and the places that show it.
#[derive(Debug, Default)]
pub(super) struct Chapter {
    /// What is known.
    pub title: String,
    /// Why, where no place says it.
    pub reason: String,
    /// The places, in the order in which they are to be read.
    pub places: Vec<Place>,
    /// Further places of the kind, which are left out.
    pub left_out: usize,
}

/// A place and what happens there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub span: Span,
    pub message: String,
}

impl Place {
    fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

impl Chapter {
    fn new(title: impl Into<String>, places: Vec<Place>) -> Self {
        Self { title: title.into(), places, ..Self::default() }
    }

    fn because(title: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { title: title.into(), reason: reason.into(), ..Self::default() }
    }
}

/// What is known of a line; nothing if there is nothing in it that the audit looks at.
pub(super) fn answers(report: &Report, line: Span) -> Vec<Answer> {
    let answer = |subject: &Subject| match *subject {
        Subject::Access(id) => site::answer(report, id),
        Subject::Rights(statement) => rights::answer(report, statement, line),
        Subject::Index(table, index) => template::index(report, table, index),
        Subject::Table(id) => template::table(report, id),
        Subject::Function(id) => template::function(report, id),
        Subject::Role(role) => rights::of_role(report, role),
        Subject::Attribute(table, name) => attribute::answer(report, table, name, line),
        Subject::Variable(name, span) => template::variable(report, name, span),
    };
    let mut answers: Vec<Answer> = report.facts.at_line(line).iter().map(answer).collect();
    answers.extend(blind_spots(report, line));
    answers
}

/// What couldn't be resolved in the line.
fn blind_spots(report: &Report, line: Span) -> impl Iterator<Item = Answer> {
    let spots = report.facts.blind_spots.iter();
    let here =
        spots.filter(move |spot| spot.span.file == line.file && (line.start..=line.end).contains(&spot.span.start));
    here.map(|spot| {
        let function = spot.function.map(|id| format!(" when {} runs", lambda(report, id))).unwrap_or_default();
        let withheld = match spot.withholds.as_slice() {
            [] => "No rule says less for it.".to_owned(),
            rules => format!("For that, these rules say less: {}.", rules.join(", ")),
        };
        let title = format!("A blind spot{function}");
        Answer { title, span: spot.span, chapters: vec![Chapter::because(spot.reason.clone(), withheld)] }
    })
}

/// Lines of the file that the audit can say something of, the nearest first: at most three.
pub(super) fn near(report: &Report, line: Span) -> Vec<Place> {
    let facts = report.facts;
    let calls = facts.accesses.iter().map(|access| Place::new(access.access.span, access.access.operation.name()));
    let grants =
        facts.grants.iter().map(|grant| Place::new(grant.span, format!("a right on {}", table(report, grant.table))));
    let tables = facts.tables.iter().map(|table| Place::new(table.table.span, table.table.resource.id.clone()));
    let mut near: Vec<Place> = calls.chain(grants).chain(tables).filter(|place| place.span.file == line.file).collect();
    near.sort_by_key(|place| (place.span.start.abs_diff(line.start), place.span));
    near.dedup_by_key(|place| report.sources.position(place.span, place.span.start).line);
    near.truncate(3);
    near
}

fn table(report: &Report, id: TableId) -> String {
    report.facts.table(id).table.resource.id.clone()
}

fn lambda(report: &Report, id: FunctionId) -> String {
    report.facts.function(id).function.resource.id.clone()
}

fn user(report: &Report, user: User) -> String {
    match user {
        User::Function(id) => lambda(report, id),
        User::Script(file) => report.sources.file(file).name.clone(),
    }
}

/// A call, as something that others lead to.
fn call(report: &Report, id: AccessId) -> Place {
    let access = report.facts.access(id).access;
    Place::new(access.span, format!("{} in `{}`", access.operation, access.function))
}
