//! A made-up audit for the tests of this room: one table with an index, one Lambda, two queries.

use super::{Inputs, Level, Report, Skipped, Unread, Warning};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::facts::{
    AccessFacts, AccessId, AttributeSite, BlindSpot, Entity, Expiry, Facts, FunctionFacts, FunctionId, Grant,
    GrantStatus, IndexFacts, IndexStatus, MissingGrant, Pagination, PaginationStatus, Resolution, TableFacts, TableId,
    User, Verdict,
};
use crate::flow::Principal;
use crate::flow::{Access, Certainty, Event, Evidence, Observation, Presence, Step};
use crate::rules::{Confidence, Finding, Related, Severity};
use crate::source::{FileId, SourceMap, Span, Spanned};
use crate::template::model::{
    Code, Effect, Function, Index, IndexKind, KeyElement, KeyRole, PolicyOrigin, Role, RoleLink, Setting, Stack,
    Statement, Table, TableKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const TEMPLATE: &str = "\
Resources:
  NotesTable:
    Type: AWS::DynamoDB::Table
    Properties:
      GlobalSecondaryIndexes:
        - IndexName: by-author
  ReadFunction:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - Statement:
            Action: [dynamodb:Query, dynamodb:Scan]
";

const CODE: &str = "\
def notes_of(table, author):
    response = table.query(
        IndexName=\"by-author\",
    )
    return response[\"Items\"]


def add(table, note):
    table.put_item(Item={\"pk\": f\"NOTE#{note.id}\"})
";

/// What the facts borrow from.
pub(super) struct Sample {
    pub(super) sources: SourceMap,
    pub(super) inputs: Inputs,
    pub(super) findings: Vec<Finding>,
    stacks: Vec<Stack>,
    accesses: Vec<Access>,
    places: Places,
}

struct Places {
    scan_action: Span,
    pk: Span,
}

impl Sample {
    pub(super) fn new() -> Self {
        let mut sources = SourceMap::default();
        let template = sources.add(Path::new("template.yaml"), TEMPLATE.into());
        let code = sources.add(Path::new("src/notes.py"), CODE.into());
        let query = span(code, CODE, "table.query(\n        IndexName=\"by-author\",\n    )");
        let put = span(code, CODE, "table.put_item(Item={\"pk\": f\"NOTE#{note.id}\"})");
        let places = Places { scan_action: span(template, TEMPLATE, "dynamodb:Scan"), pk: span(code, CODE, "\"pk\"") };
        let index = span(template, TEMPLATE, "IndexName: by-author");
        let findings = vec![
            finding(Severity::High, "missing-pagination", query, vec![related(index, "the index that is queried")]),
            finding(Severity::Low, "iam-over-grant", places.scan_action, Vec::new()),
        ];
        Self {
            inputs: Inputs {
                templates: vec![template],
                src: vec![".".into()],
                python_files: 3,
                skipped: vec![
                    Skipped {
                        file: "src/closed".into(),
                        reason: "can't be read: permission denied".into(),
                        help: String::new(),
                        on_purpose: false,
                    },
                    Skipped {
                        file: ".venv".into(),
                        reason: "virtual environment".into(),
                        help: String::new(),
                        on_purpose: true,
                    },
                ],
                unread: vec![Unread {
                    message: "src/old.py is not read: not UTF-8".into(),
                    reason: "not UTF-8".into(),
                    help: "save it as UTF-8".into(),
                    span: span(code, CODE, "NOTE#"),
                }],
                syntax_errors: vec![span(code, CODE, "def add")],
                unaudited: None,
                warnings: vec![Warning {
                    level: Level::Warning,
                    message: "the key is given twice".into(),
                    help: "remove one".into(),
                    span: index,
                }],
                notes: Vec::new(),
            },
            findings,
            stacks: vec![stack(template)],
            accesses: vec![access(query, Operation::Query, "notes_of"), access(put, Operation::PutItem, "add")],
            places,
            sources,
        }
    }

    pub(super) fn facts(&self) -> Facts<'_> {
        let stack = &self.stacks[0];
        Facts {
            stacks: &self.stacks,
            tables: vec![self.table(&stack.tables[0])],
            functions: vec![FunctionFacts {
                function: &stack.functions[0],
                roles: vec![&stack.roles[0]],
                loaded: vec![FileId(1)],
                has_unseen_modules: false,
                remarks: None,
                accesses: vec![AccessId(0), AccessId(1)],
                possible_accesses: Vec::new(),
                verdict: Verdict::Both,
                doubts: Vec::new(),
            }],
            starters: vec![Some(User::Function(FunctionId(0)))],
            accesses: self.access_facts(),
            grants: self.grants(),
            installed: std::collections::BTreeSet::new(),
            missing_grants: vec![MissingGrant {
                allowed_on_table: false,
                denial: None,
                function: FunctionId(0),
                role: resource("ReadFunctionRole"),
                table: TableId(0),
                index: None,
                action: "PutItem".into(),
                accesses: vec![AccessId(1)],
            }],
            blind_spots: vec![BlindSpot {
                span: self.places.pk,
                reason: "call through an unknown value".into(),
                withholds: vec!["unused-gsi"],
                function: None,
                taken: None,
            }],
        }
    }

    fn table<'a>(&self, table: &'a Table) -> TableFacts<'a> {
        let pattern: Symbolic = [Part::Text("NOTE#".into()), Part::Hole("note.id".into())].into_iter().collect();
        let site = |attribute: &str| AttributeSite {
            access: AccessId(1),
            attribute: attribute.into(),
            value: pattern.clone(),
            span: self.places.pk,
            form: None,
            in_seconds: false,
            lifetime: None,
            users: BTreeSet::new(),
        };
        TableFacts {
            table,
            alternatives: vec![],
            users: [0, 1].map(|call| (User::Function(FunctionId(0)), AccessId(call))).to_vec(),
            services: vec![],
            stream_readers: vec![],
            stream_consumers: vec![],
            indexes: vec![IndexFacts {
                index: &table.indexes[0],
                status: IndexStatus::Used,
                readers: vec![AccessId(0)],
                service_readers: vec![],
                few_partitions: None,
                key_writes: vec![site("author")],
            }],
            accesses: vec![AccessId(0), AccessId(1)],
            possible_accesses: Vec::new(),
            ttl_writes: Vec::new(),
            item_writers: Vec::new(),
            unseen_writes: None,
            few_partitions: None,
            growing_writes: Vec::new(),
            deletes: Vec::new(),
            unseen_deletes: None,
            self_writes: Vec::new(),
            unused: None,
            entities: vec![Entity {
                name: "NOTE".into(),
                key: vec![("pk".into(), pattern.clone())],
                indexes: vec!["by-author".into()],
                expiry: Expiry::Never,
                writers: vec![AccessId(1)],
            }],
        }
    }

    fn access_facts(&self) -> Vec<AccessFacts<'_>> {
        let facts = |access, index, pagination| AccessFacts {
            parts: BTreeMap::new(),
            access,
            table: Resolution::Known(TableId(0)),
            index: Resolution::Known(index),
            requests: Vec::new(),
            pagination,
            broken: None,
            functions: vec![FunctionId(0)],
            held: None,
            key_loops: BTreeMap::new(),
            whole_puts: Vec::new(),
            injections: BTreeMap::new(),
            per_event: BTreeMap::new(),
            possible_functions: Vec::new(),
            scripts: Vec::new(),
            certainty: Certainty::Resolved,
        };
        let reason = "`LastEvaluatedKey` is never read".into();
        let missing = Pagination { status: PaginationStatus::Missing, reason };
        vec![facts(&self.accesses[0], Some("by-author".into()), Some(missing)), facts(&self.accesses[1], None, None)]
    }

    fn grants(&self) -> Vec<Grant<'_>> {
        let role = &self.stacks[0].roles[0];
        let grant = |action: &str, status, used_by| Grant {
            function: FunctionId(0),
            role,
            table: TableId(0),
            index: false,
            action: action.into(),
            span: self.places.scan_action,
            statement: &role.statements[0],
            status,
            used_by,
            used_elsewhere: std::collections::BTreeSet::new(),
            services: Vec::new(),
        };
        vec![grant("Query", GrantStatus::Used, vec![AccessId(0)]), grant("Scan", GrantStatus::Unused, Vec::new())]
    }
}

/// Renders with a report over the sample.
pub(super) fn with_report<T>(render: impl FnOnce(&Report) -> T) -> T {
    let sample = Sample::new();
    let facts = sample.facts();
    let (findings, sources, inputs) = (&sample.findings, &sample.sources, &sample.inputs);
    render(&Report {
        facts: &facts,
        findings,
        sources,
        inputs,
        gate: Some(Severity::High),
        failed: true,
        shows_rights: true,
    })
}

/// A finding on each `table.scan()` of a file.
pub(super) fn findings(text: &str) -> (SourceMap, Vec<Finding>) {
    let mut sources = SourceMap::default();
    let file = sources.add(Path::new("app.py"), text.into());
    let spans = text.match_indices("table.scan()").map(|(i, found)| at(file, i, found.len()));
    let findings = spans.map(|span| finding(Severity::High, "missing-pagination", span, Vec::new())).collect();
    (sources, findings)
}

pub(super) fn finding(severity: Severity, rule: &'static str, span: Span, related: Vec<Related>) -> Finding {
    Finding {
        rule,
        severity,
        confidence: Confidence::Certain,
        title: format!("what `{rule}` says is wrong"),
        message: "Why it matters here.".into(),
        help: "What to do about it.".into(),
        span,
        label: "here".into(),
        related,
        anchor: "handler/table.scan()".into(),
    }
}

pub(super) fn related(span: Span, message: &str) -> Related {
    Related { span, message: message.into() }
}

pub(super) fn span(file: FileId, text: &str, part: &str) -> Span {
    at(file, text.find(part).expect("the text holds the part"), part.len())
}

fn at(file: FileId, start: usize, length: usize) -> Span {
    let offset = |n: usize| u32::try_from(n).expect("samples are small");
    Span::new(file, offset(start), offset(start + length))
}

fn resource(id: &str) -> ResourceRef {
    ResourceRef { stack: 0, id: id.into() }
}

fn access(span: Span, operation: Operation, function: &str) -> Access {
    let observation = Observation {
        entry: Some(0),
        certainty: Certainty::Resolved,
        tables: vec![Symbolic::resource(resource("NotesTable"), "")],
        indexes: Vec::new(),
        writes: Vec::new(),
        writes_complete: true,
        deletes: false,
        requests: BTreeSet::new(),
        parts: None,
        caught: None,
        held: None,
        key_loops: BTreeSet::new(),
        puts_back: BTreeSet::new(),
        injections: BTreeSet::new(),
        per_event: Presence::Always,
        every_record: false,
        item_reads: BTreeSet::new(),
        principal: Principal::Own,
        evidence: Evidence { reach: vec![Step { span, what: Event::Calls(function.to_owned()) }], names: Vec::new() },
    };
    Access {
        left_unseen: false,
        opens_batch: false,
        span,
        function: function.into(),
        operation,
        actions: BTreeSet::new(),
        observations: vec![observation],
        pages: None,
        shape: None,
    }
}

fn stack(file: FileId) -> Stack {
    let place = |part: &str| span(file, TEMPLATE, part);
    let set = |value: &str| Setting::Is(Spanned::new(value.to_owned(), place("NotesTable")));
    let key = |name: &str, role| KeyElement {
        attribute: Spanned::new(name.into(), place("NotesTable")),
        attribute_type: Some("S".into()),
        role,
    };
    let table = Table {
        resource: resource("NotesTable"),
        condition: None,
        kind: TableKind::Table,
        span: place("NotesTable"),
        names: Vec::new(),
        keys: vec![key("pk", KeyRole::Partition), key("sk", KeyRole::Sort)],
        definitions: Vec::new(),
        keys_unsure: false,
        indexes: vec![Index {
            name: Spanned::new("by-author".into(), place("by-author")),
            kind: IndexKind::Global,
            keys: vec![key("author", KeyRole::Partition)],
            keys_unsure: false,
            projection: Some("ALL".into()),
            non_key_attributes: Vec::new(),
            capacity: None,
            body: place("IndexName: by-author"),
        }],
        ttl: set("expires|at"),
        pitr: Setting::Unset,
        billing: set("PAY_PER_REQUEST"),
        stream: Setting::Unset,
        imported: false,
        deletion_policy: Setting::Unset,
        deletion_protection: Setting::Unknown(place("NotesTable")),
        faults: vec![],
        policy: Vec::new(),
        unread_policies: Vec::new(),
        body: place("NotesTable"),
    };
    let function = Function {
        resource: resource("ReadFunction"),
        span: place("ReadFunction"),
        handler: Some(Spanned::new("notes.handler".into(), place("ReadFunction"))),
        runtime: None,
        code: Code::Local(Spanned::new("./src/".into(), place("ReadFunction"))),
        layers: Vec::new(),
        foreign_layers: false,
        environment: BTreeMap::new(),
        environment_is_whole: true,
        role: RoleLink::Known(vec![resource("ReadFunctionRole")]),
        dropped_policies: None,
        triggers: Vec::new(),
    };
    let statement = Statement {
        effect: Effect::Allow,
        actions: Vec::new(),
        not_action: false,
        resources: Vec::new(),
        not_resource: false,
        conditional: false,
        origin: PolicyOrigin::Document,
        span: place("Statement"),
        layout: None,
    };
    let role = Role {
        resource: resource("ReadFunctionRole"),
        span: place("ReadFunction"),
        generated: true,
        condition: None,
        statements: vec![statement],
        boundary: None,
        unread_policies: Vec::new(),
    };
    Stack {
        index: 0,
        file,
        text: crate::template::model::TemplateText::new(file, "template.yaml", TEMPLATE.into()),
        tables: vec![table],
        functions: vec![function],
        layers: Vec::new(),
        roles: vec![role],
        resources: BTreeMap::new(),
        parameters: BTreeSet::new(),
        services: crate::template::model::Services::default(),
        alternatives: vec![],
        mentions: None,
        duplicate_keys: Vec::new(),
    }
}
