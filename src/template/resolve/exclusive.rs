//! How a template's conditions hang together: which are the opposite of which, and which can't hold at once.

use crate::template::document::{Document, NodeId};
use std::collections::BTreeMap;

/// Conditions in conditions, as far as they are followed.
const MAX_DEPTH: u32 = 16;
/// Conditions that are looked at in one template, counted with repetition.
const FUEL: u32 = 20_000;
/// Statements that one condition is taken apart into.
const MAX_LITERALS: usize = 16;

/// A statement that holds or doesn't.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Statement<'d> {
    /// A parameter has this value.
    Equals(Box<str>, Box<str>),
    /// A condition that isn't taken apart.
    Named(&'d str),
}

/// A statement or its opposite.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Literal<'d> {
    statement: Statement<'d>,
    holds: bool,
}

/// What each condition of a template says.
#[derive(Debug, Default)]
pub(super) struct Forms<'d> {
    /// Statements that are all true where the condition is. Where it is one statement, the condition is no more.
    all: BTreeMap<&'d str, Form<'d>>,
    /// The condition that speaks for a statement: the first that is just that, or just its opposite.
    speakers: BTreeMap<Statement<'d>, (&'d str, bool)>,
}

#[derive(Debug)]
struct Form<'d> {
    literals: Vec<Literal<'d>>,
    /// Whether the literals are all that the condition says.
    whole: bool,
}

impl<'d> Forms<'d> {
    pub fn new(doc: &'d Document) -> Self {
        let entries = doc.get(doc.root(), "Conditions").map_or(&[][..], |node| doc.entries(node));
        let nodes: BTreeMap<&'d str, NodeId> = entries.iter().map(|entry| (&*entry.key, entry.value)).collect();
        let mut forms = Self::default();
        let mut reader = Reader { doc, nodes: &nodes, fuel: FUEL };
        for entry in entries {
            let form = reader.form(&entry.key, entry.value, MAX_DEPTH);
            if let (true, [literal]) = (form.whole, form.literals.as_slice()) {
                let speaker = (&*entry.key, literal.holds);
                forms.speakers.entry(literal.statement.clone()).or_insert(speaker);
            }
            forms.all.insert(&entry.key, form);
        }
        forms
    }

    /// A condition that has a value, as the condition that speaks for it: of `IsProd` and `IsNotProd` only one.
    pub fn canonical(&self, name: &'d str, value: bool) -> (&'d str, bool) {
        let Some(Form { literals, whole: true }) = self.all.get(name) else { return (name, value) };
        let [literal] = literals.as_slice() else { return (name, value) };
        match self.speakers.get(&literal.statement) {
            Some((speaker, holds)) => (speaker, value == (literal.holds == *holds)),
            None => (name, value),
        }
    }

    /// Whether two conditions can't both hold.
    pub fn exclusive(&self, a: &str, b: &str) -> bool {
        let (Some(a), Some(b)) = (self.all.get(a), self.all.get(b)) else { return false };
        a.literals.iter().any(|a| b.literals.iter().any(|b| a.contradicts(b)))
    }
}

impl Literal<'_> {
    fn contradicts(&self, other: &Self) -> bool {
        match (&self.statement, &other.statement) {
            (a, b) if a == b => self.holds != other.holds,
            (Statement::Equals(a, _), Statement::Equals(b, _)) => a == b && self.holds && other.holds,
            _ => false,
        }
    }
}

struct Reader<'r, 'd> {
    doc: &'d Document,
    nodes: &'r BTreeMap<&'d str, NodeId>,
    fuel: u32,
}

impl<'d> Reader<'_, 'd> {
    fn form(&mut self, name: &'d str, node: NodeId, depth: u32) -> Form<'d> {
        let opaque =
            || Form { literals: vec![Literal { statement: Statement::Named(name), holds: true }], whole: true };
        self.fuel = self.fuel.saturating_sub(1);
        let Some(depth) = depth.checked_sub(1).filter(|_| self.fuel > 0) else { return opaque() };
        let Some(call) = self.doc.single(node) else { return opaque() };
        match (&*call.key, self.doc.items(call.value)) {
            ("Condition", _) => self.referred(call.value, depth).unwrap_or_else(opaque),
            ("Fn::Not", [item]) => self.negated(name, *item, depth).unwrap_or_else(opaque),
            ("Fn::Equals", [a, b]) => self.equals(*a, *b).unwrap_or_else(opaque),
            ("Fn::And", items) => {
                let mut form = Form { literals: Vec::new(), whole: true };
                for item in items.iter().take(MAX_LITERALS) {
                    let part = self.form(name, *item, depth);
                    // What an operand that isn't taken apart says is not what the whole condition says.
                    let opaque = part.literals.iter().any(|literal| literal.statement == Statement::Named(name));
                    form.whole &= part.whole && !opaque;
                    form.literals.extend(part.literals.into_iter().filter(|_| !opaque));
                }
                form.literals.truncate(MAX_LITERALS);
                form.whole &= items.len() <= MAX_LITERALS;
                if form.whole && form.literals.len() == 1 { form } else { Form { whole: false, ..form } }
            }
            _ => opaque(),
        }
    }

    fn referred(&mut self, name: NodeId, depth: u32) -> Option<Form<'d>> {
        let (name, node) = self.nodes.get_key_value(&*self.doc.text(name)?)?;
        Some(self.form(name, *node, depth))
    }

    fn negated(&mut self, name: &'d str, item: NodeId, depth: u32) -> Option<Form<'d>> {
        let mut form = self.form(name, item, depth);
        let [literal] = form.literals.as_mut_slice() else { return None };
        if !form.whole || literal.statement == Statement::Named(name) {
            return None;
        }
        literal.holds = !literal.holds;
        Some(form)
    }

    fn equals(&self, a: NodeId, b: NodeId) -> Option<Form<'d>> {
        let parameter = |node| {
            let call = self.doc.single(node).filter(|call| &*call.key == "Ref")?;
            self.doc.text(call.value)
        };
        let (parameter, text) = match (parameter(a), parameter(b)) {
            (Some(parameter), None) => (parameter, self.doc.text(b)?),
            (None, Some(parameter)) => (parameter, self.doc.text(a)?),
            _ => return None,
        };
        let statement = Statement::Equals(parameter.into(), text.into());
        Some(Form { literals: vec![Literal { statement, holds: true }], whole: true })
    }
}
