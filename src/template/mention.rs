//! Who in a template names a table: every value of a resource or an output that refers to one, or spells its name.

use super::Resource;
use super::document::{NodeId, Value};
use super::function::is_function;
use super::model::{Stack, Table};
use super::resolve::{Got, Resolver, When};
use super::table::is_table;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::Span;
use std::collections::BTreeSet;

/// Fewer letters than this of a partly known name are in many texts that don't mean it.
const ENOUGH: usize = 4;
const CONNECTOR: &str = "AWS::Serverless::Connector";
/// Actions by which a table is run, and none of its items touched.
const UPKEEP: [&str; 6] = [
    "dynamodb:DescribeTable",
    "dynamodb:UpdateTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:CreateBackup",
    "dynamodb:ListTagsOfResource",
];

/// A place outside a table's declaration that names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The table: one of any stack of the run.
    pub table: ResourceRef,
    /// Who names it.
    pub by: Mentioner,
    /// Where.
    pub span: Span,
}

/// Who names a table. Environment variables of functions aren't among them: see [`super::model::Function::environment`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mentioner {
    /// A resource, by logical id and type.
    Resource(String, String),
    /// An output, by its key, and whether other stacks may import it.
    Output(String, bool),
}

/// The tables of the run, as values may name them.
pub(super) struct Named<'t> {
    tables: Vec<(&'t Table, Vec<String>)>,
}

impl<'t> Named<'t> {
    pub fn new(stacks: &'t [Stack]) -> Self {
        let tables = stacks.iter().flat_map(|stack| &stack.tables);
        let spelled = |table: &Table| table.names.iter().filter_map(|name| longest_text(&name.value)).collect();
        Self { tables: tables.map(|table| (table, spelled(table))).collect() }
    }

    /// The tables whose names a text spells.
    fn spelled_in(&self, r: &Resolver, text: &Symbolic, found: &mut BTreeSet<ResourceRef>) {
        for part in text.parts() {
            let Part::Text(text) = part else { continue };
            if !r.spend(self.tables.len()) {
                return;
            }
            let spelled = self.tables.iter().filter(|(_, names)| names.iter().any(|name| text.contains(name.as_str())));
            found.extend(spelled.map(|(table, _)| table.resource.clone()));
        }
    }
}

/// The longest piece of a name that is known, if it tells anything.
fn longest_text(name: &Symbolic) -> Option<String> {
    let texts = name.parts().iter().filter_map(|part| if let Part::Text(text) = part { Some(text) } else { None });
    let longest = texts.max_by_key(|text| text.len())?;
    (longest.chars().filter(|c| c.is_alphanumeric()).count() >= ENOUGH).then(|| longest.clone())
}

/// Every mention in one template, each once, in the order of the text; `None` if it is too large to tell.
pub(super) fn mentions<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], named: &Named) -> Option<Vec<Mention>> {
    let mut walk = Walk { r, named, found: BTreeSet::new() };
    for resource in resources {
        let by = Mentioner::Resource(resource.id.to_owned(), resource.kind.to_owned());
        // What a nested template does with what it is passed is seen there.
        let own = resource.properties.filter(|_| !r.nests(resource.id));
        for entry in own.map_or(&[][..], |node| r.doc.entries(node)) {
            if !(is_function(resource.kind) && &*entry.key == "Environment") {
                walk.node(entry.value, resource.kind, &by);
            }
        }
        if let Some(connectors) = r.doc.get(resource.body, "Connectors") {
            walk.node(connectors, CONNECTOR, &by);
        }
    }
    for output in r.doc.get(r.doc.root(), "Outputs").map_or(&[][..], |node| r.doc.entries(node)) {
        let exported = r.doc.get(output.value, "Export").is_some();
        let by = Mentioner::Output(output.key.to_string(), exported);
        if let Some(value) = r.doc.get(output.value, "Value") {
            walk.node(value, "", &by);
        }
    }
    let mut found: Vec<Mention> = walk.found.into_iter().collect();
    found.sort_by_key(|mention| mention.span);
    (!r.exhausted()).then_some(found)
}

struct Walk<'r, 'd, 't> {
    r: &'r Resolver<'d>,
    named: &'r Named<'t>,
    found: BTreeSet<Mention>,
}

impl Walk<'_, '_, '_> {
    fn node(&mut self, node: NodeId, kind: &str, by: &Mentioner) {
        let r = self.r;
        if !r.spend(1) {
            return;
        }
        match r.doc.value(node) {
            Value::Scalar(_) => self.text(node, kind, by),
            Value::Sequence(items) => items.iter().for_each(|item| self.node(*item, kind, by)),
            Value::Mapping(entries) => {
                if r.doc.intrinsic(node).is_some() {
                    self.text(node, kind, by);
                } else if self.is_upkeep(node) {
                    return;
                }
                entries.iter().for_each(|entry| self.node(entry.value, kind, by));
            }
        }
    }

    /// What a text, or an intrinsic that gives one, names.
    fn text(&mut self, node: NodeId, kind: &str, by: &Mentioner) {
        let r = self.r;
        let mut tables = BTreeSet::new();
        for alt in r.strings(node, &When::default()) {
            let Got::Is(text) = alt.got else { continue };
            let is_of_table = |resource: &&ResourceRef| r.type_of_resource(resource).is_some_and(is_table);
            tables.extend(text.value.resources().filter(is_of_table).cloned());
            // Tables that are named alike have nothing to do with each other.
            if !is_table(kind) {
                self.named.spelled_in(r, &text.value, &mut tables);
            }
        }
        // A connector names resources by their logical ids.
        if kind == CONNECTOR
            && let Some(id) = r.doc.text(node)
            && r.type_of(&id).is_some_and(is_table)
        {
            tables.insert(ResourceRef { stack: r.stack, id: id.into_owned() });
        }
        let span = r.doc.span(node);
        self.found.extend(tables.into_iter().map(|table| Mention { table, by: by.clone(), span }));
    }

    /// Whether a node is a statement that lets somebody run tables, as scaling does, and do nothing with items.
    fn is_upkeep(&self, node: NodeId) -> bool {
        let doc = self.r.doc;
        let Some(actions) = doc.get(node, "Action").filter(|_| doc.get(node, "Resource").is_some()) else {
            return false;
        };
        doc.one_or_all(&actions).iter().all(|action| doc.text(*action).is_some_and(|text| UPKEEP.contains(&&*text)))
    }
}
