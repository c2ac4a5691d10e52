//! The templates of a run as values refer to them: what each declares, and which one is nested in which.

use super::condition;
use super::exclusive::Forms;
use super::published::Board;
use crate::dynamodb::symbolic::ResourceRef;
use crate::source::Span;
use crate::template::document::{Document, Entry, NodeId};
use std::cell::Cell;
use std::collections::BTreeMap;

/// Templates nested in templates, as far as a value is followed through them.
const MAX_NESTING: u32 = 16;
/// Steps from one template to another that values may take in a run.
const MAX_FOLLOWS: u32 = 400_000;

/// A template parameter.
#[derive(Debug)]
pub(super) struct Parameter {
    /// Given on the command line.
    pub given: Option<String>,
    /// What the templates pass that nest this one.
    pub passed: Vec<Place>,
    /// Its default, where that is the value and not a name to look the value up by.
    pub default: Option<String>,
    /// Whether what it is set to is a name under which the Systems Manager holds its value.
    pub looked_up: bool,
    /// That name, by default.
    pub stored_as: Option<String>,
    /// Every value that it may have, if the template says so.
    pub allowed: Vec<String>,
    /// Whether it is a list.
    pub list: bool,
}

/// A node of one of the run's templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// The template.
    pub stack: u32,
    /// The node in its document.
    pub node: NodeId,
}

/// A resource that stands for another template of the run.
#[derive(Debug, Clone)]
pub(crate) struct Nested {
    /// Its logical id.
    pub id: String,
    /// The template.
    pub stack: u32,
    /// Where the template is named.
    pub span: Span,
    /// The `Parameters` that it passes.
    pub parameters: Option<NodeId>,
}

/// What a template declares.
#[derive(Debug)]
pub(crate) struct Scope<'d> {
    pub doc: &'d Document,
    pub(super) parameters: BTreeMap<&'d str, Parameter>,
    pub(super) mappings: BTreeMap<&'d str, NodeId>,
    /// Conditions that can be known.
    pub(super) conditions: BTreeMap<&'d str, bool>,
    /// How the conditions hang together.
    pub(super) forms: Forms<'d>,
    /// Type of each resource, those that SAM generates included.
    types: BTreeMap<String, String>,
    /// The template behind each nested stack.
    nested: BTreeMap<&'d str, u32>,
    /// How often other templates nest this one.
    uses: usize,
}

/// A template as [`Scopes::new`] takes it.
#[derive(Debug)]
pub(crate) struct Input<'d> {
    pub doc: &'d Document,
    /// Type of each resource by logical id, those that SAM generates included.
    pub types: BTreeMap<String, String>,
    pub nested: &'d [Nested],
}

/// All templates of a run; a stack's index is its place here.
#[derive(Debug)]
pub(crate) struct Scopes<'d> {
    all: Vec<Scope<'d>>,
    /// How often values may still be followed from one template to another.
    follows: Cell<u32>,
    /// What the templates publish, once somebody looks something up.
    pub(super) board: Board,
}

impl<'d> Scopes<'d> {
    /// `given` overrides the defaults of the parameters of every template.
    pub fn new(inputs: Vec<Input<'d>>, given: &BTreeMap<String, String>) -> Self {
        let nestings: Vec<&'d [Nested]> = inputs.iter().map(|input| input.nested).collect();
        let all = inputs.into_iter().map(|input| Scope::new(input, given)).collect();
        let mut scopes = Self { all, follows: Cell::new(MAX_FOLLOWS), board: Board::default() };
        for (parent, nested) in (0..).zip(nestings) {
            for child in nested {
                scopes.pass(parent, child);
            }
        }
        let known: Vec<_> = (0..).zip(&scopes.all).map(|(stack, _)| condition::known(&scopes, stack)).collect();
        for (scope, known) in scopes.all.iter_mut().zip(known) {
            scope.conditions = known;
        }
        scopes
    }

    fn pass(&mut self, parent: u32, child: &Nested) {
        let doc = self.scope(parent).doc;
        let passed = child.parameters.map_or(&[][..], |node| doc.entries(node));
        let scope = &mut self.all[child.stack as usize];
        scope.uses += 1;
        for entry in passed {
            if let Some(parameter) = scope.parameters.get_mut(&*entry.key) {
                parameter.passed.push(Place { stack: parent, node: entry.value });
            }
        }
    }

    /// Takes one step from a template to another from what the run may take; false if that is spent.
    pub(super) fn take_follow(&self) -> bool {
        let left = self.follows.get();
        self.follows.set(left.saturating_sub(1));
        left > 0
    }

    /// A stack's scope.
    pub fn scope(&self, stack: u32) -> &Scope<'d> {
        &self.all[stack as usize]
    }

    /// The stacks by index.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &Scope<'d>)> {
        (0..).zip(&self.all)
    }

    /// The output that a parameter without a default is named after, where nothing passes it a value: templates that
    /// are audited without the one that nests them. Only if one other template has an output of that name, and the name
    /// says what it is of.
    pub(super) fn namesake(&self, stack: u32, parameter: &str) -> Option<Place> {
        let scope = self.scope(stack);
        let known = scope.parameters.get(parameter)?;
        if scope.is_nested() || known.given.is_some() || known.default.is_some() || is_generic(parameter) {
            return None;
        }
        let mut places = self.iter().filter(|(other, _)| *other != stack).filter_map(|(stack, scope)| {
            let node = scope.output(parameter)?;
            Some(Place { stack, node })
        });
        let first = places.next()?;
        places.next().is_none().then_some(first)
    }

    /// The type of a resource of any stack.
    pub fn type_of(&self, resource: &ResourceRef) -> Option<&str> {
        self.all.get(resource.stack as usize)?.type_of(&resource.id)
    }

    /// The text of a parameter that is the same in every deployment that the templates and the command line describe.
    pub fn certain_text(&self, stack: u32, parameter: &str) -> Option<String> {
        self.certain(stack, parameter, &mut Certain { depth: MAX_NESTING, known: BTreeMap::new() })
    }

    fn certain(&self, stack: u32, name: &str, state: &mut Certain) -> Option<String> {
        let scope = self.scope(stack);
        let (name, parameter) = scope.parameters.get_key_value(name)?;
        if !scope.is_nested() {
            return parameter.given.clone();
        }
        // Its value is what the name that is passed is looked up as.
        if parameter.looked_up || state.depth == 0 {
            return None;
        }
        if let Some(known) = state.known.get(&(stack, (*name).to_owned())) {
            return known.clone();
        }
        state.known.insert((stack, (*name).to_owned()), None);
        state.depth -= 1;
        let text = self.agreed(parameter, scope.uses, state);
        state.depth += 1;
        state.known.insert((stack, (*name).to_owned()), text.clone());
        text
    }

    /// What all that nest the template pass, if it is one text.
    fn agreed(&self, parameter: &Parameter, uses: usize, state: &mut Certain) -> Option<String> {
        let mut agreed: Option<String> = None;
        if parameter.passed.len() < uses {
            agreed = Some(parameter.given.clone().or_else(|| parameter.default.clone())?);
        }
        for place in &parameter.passed {
            let doc = self.scope(place.stack).doc;
            let text = match doc.single(place.node) {
                Some(call) if &*call.key == "Ref" => self.certain(place.stack, &doc.text(call.value)?, state),
                _ => doc.text(place.node).filter(|text| !text.contains("{{resolve:")).map(Into::into),
            }?;
            if *agreed.get_or_insert_with(|| text.clone()) != text {
                return None;
            }
        }
        agreed
    }
}

/// The state of [`Scopes::certain_text`]: each parameter is looked at once.
struct Certain {
    depth: u32,
    known: BTreeMap<(u32, String), Option<String>>,
}

impl<'d> Scope<'d> {
    fn new(input: Input<'d>, given: &BTreeMap<String, String>) -> Self {
        let doc = input.doc;
        let section = |name| doc.get(doc.root(), name).map_or(&[][..], |node| doc.entries(node));
        let parameter = |name: &str, node| Parameter::new(doc, node, given.get(name).cloned());
        Self {
            doc,
            parameters: section("Parameters").iter().map(|e| (&*e.key, parameter(&e.key, e.value))).collect(),
            mappings: section("Mappings").iter().map(|e| (&*e.key, e.value)).collect(),
            conditions: BTreeMap::new(),
            forms: Forms::new(doc),
            types: input.types,
            nested: input.nested.iter().map(|nested| (nested.id.as_str(), nested.stack)).collect(),
            uses: 0,
        }
    }

    /// The type of a resource.
    pub fn type_of(&self, id: &str) -> Option<&str> {
        self.types.get(id).map(String::as_str)
    }

    /// The template behind a nested stack.
    pub fn nested(&self, id: &str) -> Option<u32> {
        self.nested.get(id).copied()
    }

    /// The `Resources`.
    pub fn resources(&self) -> &'d [Entry] {
        let doc = self.doc;
        doc.get(doc.root(), "Resources").map_or(&[][..], |node| doc.entries(node))
    }

    /// The `Outputs`.
    pub fn outputs(&self) -> &'d [Entry] {
        let doc = self.doc;
        doc.get(doc.root(), "Outputs").map_or(&[][..], |node| doc.entries(node))
    }

    /// The value of an output.
    pub fn output(&self, name: &str) -> Option<NodeId> {
        let output = self.outputs().iter().find(|output| &*output.key == name)?;
        self.doc.get(output.value, "Value")
    }

    /// Whether no template of the run passes this parameter at some place where it nests this template, so that a
    /// default, or whoever deploys, decides.
    pub(super) fn is_open(&self, parameter: &Parameter) -> bool {
        self.uses == 0 || parameter.passed.len() < self.uses
    }

    /// Whether neither the command line nor a template that nests this one sets a parameter.
    pub fn keeps_default(&self, parameter: &str) -> bool {
        !self.is_nested() && self.parameters.get(parameter).is_some_and(|known| known.given.is_none())
    }

    /// Whether another template of the run nests this one: then nobody is asked for its parameters.
    pub(super) fn is_nested(&self) -> bool {
        self.uses > 0
    }
}

/// Whether a name is made of words alone that every service has one of.
fn is_generic(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "table", "name", "arn", "id", "ref", "url", "dynamodb", "dynamo", "ddb", "db", "index", "gsi", "stack",
        "stage", "env", "role",
    ];
    let mut rest = name.to_ascii_lowercase();
    while let Some(word) = WORDS.iter().find(|word| rest.ends_with(*word)) {
        rest.truncate(rest.len() - word.len());
    }
    rest.is_empty()
}

impl Parameter {
    fn new(doc: &Document, node: NodeId, given: Option<String>) -> Self {
        let text = |key| doc.get(node, key).and_then(|value| doc.text(value));
        let kind = text("Type").unwrap_or_default();
        let looked_up = kind.starts_with("AWS::SSM::Parameter");
        let allowed = doc.get(node, "AllowedValues").map_or(&[][..], |list| doc.items(list));
        let allowed = if looked_up { &[][..] } else { allowed };
        Self {
            given,
            passed: Vec::new(),
            default: text("Default").filter(|_| !looked_up).map(Into::into),
            looked_up,
            stored_as: text("Default").filter(|_| looked_up).map(Into::into),
            allowed: allowed.iter().filter_map(|node| doc.text(*node)).map(Into::into).collect(),
            list: kind.starts_with("List<") || kind == "CommaDelimitedList",
        }
    }
}
