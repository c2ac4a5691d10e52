//! Hand-made templates and programs for tests of facts and rules.

use super::{Facts, build};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::flow::{
    Access, Analysis, AttributeWrite, Certainty, EntryName, EntryPoint, Environment, Equalities, Evidence, Gap, Hides,
    ItemUse, Observation, PageFlow, Presence, Principal, Start,
};
use crate::python::{ModuleId, SearchPath};
use crate::source::{FileId, SourceMap, Span, Spanned};
use crate::template::model::{
    Code, Effect, Function, Index, IndexKind, KeyElement, KeyRole, PolicyOrigin, Role, RoleLink, Setting, Stack,
    Statement, Table, TableKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// A template and a program in the making. Every place is its own line of one of two files.
pub(crate) struct World {
    pub sources: SourceMap,
    pub stacks: Vec<Stack>,
    pub entries: Vec<EntryPoint>,
    pub analysis: Analysis,
    template: FileId,
    script: FileId,
    line: u32,
}

/// `Ref` of a resource of the first stack.
pub(crate) fn reference(id: &str) -> Symbolic {
    Symbolic::resource(resource(id), "")
}

/// The ARN of a resource of the first stack, and what follows it.
pub(crate) fn arn(id: &str, tail: &str) -> Symbolic {
    [Part::Resource(resource(id), "Arn".to_owned()), Part::Text(tail.to_owned())].into_iter().collect()
}

pub(crate) fn resource(id: &str) -> ResourceRef {
    ResourceRef { stack: 0, id: id.to_owned() }
}

impl World {
    pub fn new() -> Self {
        let mut sources = SourceMap::default();
        let text: std::sync::Arc<str> = "x\n".repeat(500).into();
        let template = sources.add(Path::new("template.yaml"), text.clone());
        let script = sources.add(Path::new("app.py"), text.clone());
        let stack = Stack {
            index: 0,
            file: template,
            text: crate::template::model::TemplateText::new(template, "template.yaml", text),
            tables: Vec::new(),
            functions: Vec::new(),
            layers: Vec::new(),
            roles: Vec::new(),
            resources: BTreeMap::new(),
            services: crate::template::model::Services::default(),
            alternatives: vec![],
            duplicate_keys: Vec::new(),
            parameters: BTreeSet::new(),
            mentions: Some(Vec::new()),
        };
        Self {
            sources,
            stacks: vec![stack],
            entries: Vec::new(),
            analysis: Analysis::default(),
            template,
            script,
            line: 0,
        }
    }

    pub fn facts(&self) -> Facts<'_> {
        build(&self.stacks, &self.entries, &self.analysis, &[])
    }

    fn next(&mut self, file: FileId) -> Span {
        self.line += 1;
        Span::new(file, self.line * 2 - 2, self.line * 2 - 1)
    }

    pub fn place(&mut self) -> Span {
        self.next(self.template)
    }

    pub fn code_place(&mut self) -> Span {
        self.next(self.script)
    }

    fn keys(&mut self, names: &[&str]) -> Vec<KeyElement> {
        let roles = [KeyRole::Partition, KeyRole::Sort];
        let key = |(name, role): (&&str, KeyRole)| KeyElement {
            attribute: Spanned::new((*name).to_owned(), self.next(self.template)),
            attribute_type: Some("S".to_owned()),
            role,
        };
        names.iter().zip(roles).map(key).collect()
    }

    /// Declares a table; its key attributes are the partition key and, maybe, the sort key.
    pub fn table(&mut self, id: &str, keys: &[&str]) -> &mut Table {
        let span = self.place();
        let keys = self.keys(keys);
        self.stacks[0].resources.insert(id.to_owned(), (TableKind::Table.type_name().to_owned(), span));
        self.stacks[0].tables.push(Table {
            resource: resource(id),
            condition: None,
            kind: TableKind::Table,
            span,
            names: Vec::new(),
            keys,
            definitions: Vec::new(),
            keys_unsure: false,
            indexes: Vec::new(),
            ttl: Setting::Unset,
            pitr: Setting::Unset,
            billing: Setting::Unset,
            stream: Setting::Unset,
            imported: false,
            deletion_policy: Setting::Unset,
            deletion_protection: Setting::Unset,
            faults: vec![],
            policy: Vec::new(),
            unread_policies: Vec::new(),
            body: span,
        });
        self.stacks[0].tables.last_mut().expect("just pushed")
    }

    /// Names the last table.
    pub fn table_name(&mut self, name: &Symbolic) {
        let name = Spanned::new(name.clone(), self.place());
        self.stacks[0].tables.last_mut().expect("a table comes first").names.push(name);
    }

    /// Adds a global index to the last table.
    pub fn index(&mut self, name: &str, keys: &[&str]) {
        let span = self.place();
        let keys = self.keys(keys);
        let index = Index {
            name: Spanned::new(name.to_owned(), span),
            kind: IndexKind::Global,
            keys,
            keys_unsure: false,
            projection: Some("ALL".to_owned()),
            non_key_attributes: Vec::new(),
            capacity: None,
            body: span,
        };
        self.stacks[0].tables.last_mut().expect("a table comes first").indexes.push(index);
    }

    /// Declares a function with a role of its own, and starts it; returns its entry.
    pub fn function(&mut self, id: &str, statements: Vec<Statement>) -> usize {
        let span = self.place();
        let role = resource(&format!("{id}Role"));
        self.stacks[0].roles.push(Role {
            resource: role.clone(),
            span,
            generated: true,
            condition: None,
            statements,
            boundary: None,
            unread_policies: Vec::new(),
        });
        self.function_under(id, role)
    }

    /// As [`Self::function`], under a role that is there.
    pub fn function_under(&mut self, id: &str, role: ResourceRef) -> usize {
        let span = self.place();
        self.stacks[0].functions.push(Function {
            resource: resource(id),
            span,
            handler: None,
            runtime: None,
            code: Code::Elsewhere,
            layers: Vec::new(),
            foreign_layers: false,
            environment: BTreeMap::new(),
            environment_is_whole: true,
            role: RoleLink::Known(vec![role]),
            dropped_policies: None,
            triggers: Vec::new(),
        });
        self.entry(EntryName::Function(resource(id)))
    }

    /// Starts a script.
    pub fn script(&mut self) -> usize {
        self.entry(EntryName::File(self.script))
    }

    fn entry(&mut self, name: EntryName) -> usize {
        self.entries.push(EntryPoint {
            name,
            module: ModuleId(0),
            start: Start::Script,
            search: SearchPath::default(),
            environment: Environment::default(),
            event: None,
        });
        self.entries.len() - 1
    }

    pub fn statement(&mut self, actions: &[&str], resources: &[Symbolic]) -> Statement {
        let actions = actions.iter().map(|a| Spanned::new((*a).to_owned(), self.place())).collect();
        let resources = resources.iter().map(|r| Spanned::new(r.clone(), self.place())).collect();
        Statement {
            effect: Effect::Allow,
            actions,
            not_action: false,
            resources,
            not_resource: false,
            conditional: false,
            origin: PolicyOrigin::Document,
            span: self.place(),
            layout: None,
        }
    }

    /// Adds a call site; `entry` reaches it for certain, `None` is dead code.
    pub fn access(&mut self, operation: Operation, entry: Option<usize>, table: Symbolic) -> &mut Access {
        let span = self.code_place();
        let pages = matches!(operation, Operation::Query | Operation::Scan);
        let observation = observation(entry, vec![table], if pages { vec![None] } else { Vec::new() });
        self.analysis.accesses.push(Access {
            left_unseen: false,
            opens_batch: false,
            span,
            function: format!("{}_{}", operation.method(), self.analysis.accesses.len()),
            operation,
            actions: operation.actions().iter().map(|a| (*a).to_owned()).collect(),
            observations: vec![observation],
            pages: pages.then(|| one_page(ItemUse::All)),
            shape: None,
        });
        self.analysis.accesses.last_mut().expect("just pushed")
    }

    /// Lets the last access write attributes.
    pub fn writes(&mut self, attributes: &[(&str, Symbolic)]) {
        let access = self.analysis.accesses.last().expect("an access comes first");
        let tables: Arc<[Symbolic]> = access.observations[0].tables.clone().into();
        let writes: Vec<AttributeWrite> = attributes
            .iter()
            .map(|(name, value)| AttributeWrite {
                attribute: (*name).to_owned(),
                value: value.clone(),
                span: self.code_place(),
                form: None,
                in_seconds: false,
                lifetime: None,
                tables: tables.clone(),
            })
            .collect();
        let access = self.analysis.accesses.last_mut().expect("an access comes first");
        access.observations[0].writes = writes;
    }

    /// Something in an entry's code that can't be followed.
    pub fn gap(&mut self, entry: usize) {
        let span = self.code_place();
        let reason = "call through an unknown value".to_owned();
        self.analysis.gaps.push(Gap { span, reason, entry, hides: Hides::Anything, import: None });
    }

    /// The analysis of an entry ends early.
    pub fn cut_short(&mut self, entry: usize) {
        let span = self.code_place();
        self.analysis.gaps.push(Gap {
            span,
            reason: "the end of the work".to_owned(),
            entry,
            hides: Hides::Rest,
            import: None,
        });
    }
}

pub(crate) fn observation(entry: Option<usize>, tables: Vec<Symbolic>, indexes: Vec<Option<Symbolic>>) -> Observation {
    Observation {
        entry,
        certainty: if entry.is_some() { Certainty::Resolved } else { Certainty::Latent },
        tables,
        indexes,
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
        evidence: Evidence::default(),
    }
}

/// A first page, never continued.
pub(crate) fn one_page(items: ItemUse) -> PageFlow {
    PageFlow {
        continued: false,
        continues: false,
        single_extra_page: false,
        cursor: false,
        items,
        limit: Presence::Never,
        limit_one: false,
        filter: Presence::Never,
        count: Presence::Never,
        start_key: Presence::Never,
        key_condition: Presence::Always,
        last_key_read: false,
        refused: false,
        started_again: false,
        starts_after: BTreeSet::new(),
        loop_fault: None,
        looped: false,
        equalities: Equalities::Known(BTreeSet::new()),
        of_some: None,
    }
}

impl Access {
    /// Reads through this index.
    pub(crate) fn through(&mut self, index: &str) -> &mut Self {
        for observation in &mut self.observations {
            observation.indexes = vec![Some(Symbolic::text(index))];
        }
        self
    }
}
