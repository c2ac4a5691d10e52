//! Intrinsic functions that give a string.

use super::scope::Parameter;
use super::{Alt, Got, MAX_ALTERNATIVES, Place, Resolver, When};
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::{Span, Spanned};
use crate::template::document::{Entry, NodeId, Value};
use std::rc::Rc;

/// Length of a string, in parts and bytes, from where on it is a hole.
const MAX_LENGTH: usize = 1 << 18;
/// Templates that a value is followed through.
const MAX_FOLLOWED: usize = 16;

/// Whether a parameter stands for a whole value or for a piece of one. A piece is always a hole: code that builds the
/// same string does so with its own stage, not with the template's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whole {
    Yes,
    No,
}

impl<'d> Resolver<'d> {
    pub(super) fn evaluate(&self, node: NodeId, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Spanned<Symbolic>>> {
        let mut out = Vec::new();
        for alt in self.branches(node, when) {
            match alt.got {
                Got::Unset => out.push(Alt { got: Got::Unset, when: alt.when }),
                Got::Unknown(span) => out.push(Alt { got: Got::Unknown(span), when: alt.when }),
                Got::Is(node) => {
                    let span = self.doc.span(node);
                    let values = self.pieces(node, &alt.when, whole);
                    out.extend(values.into_iter().map(|alt| alt.spanned(span)));
                }
            }
        }
        out
    }

    /// The strings of a node that isn't an `Fn::If`.
    fn pieces(&self, node: NodeId, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let doc = self.doc;
        if let Some(text) = doc.text(node) {
            if !text.contains("{{resolve:") {
                return vec![is(Symbolic::text(text), when)];
            }
            let stored = dynamic_reference(&text).and_then(|name| self.stored(name, when, whole));
            return stored.unwrap_or_else(|| vec![is(Symbolic::hole(text), when)]);
        }
        let Some(call) = doc.intrinsic(node) else {
            return vec![Alt { got: Got::Unknown(doc.span(node)), when: when.clone() }];
        };
        match &*call.key {
            "Ref" => match doc.text(call.value) {
                Some(name) => self.reference(&name, when, whole),
                None => vec![is(Symbolic::hole("Ref"), when)],
            },
            "Fn::GetAtt" => self.get_att(call.value, when, whole),
            "Fn::Sub" => self.sub(call.value, when, whole),
            "Fn::Join" => self.join(call, when),
            "Fn::Select" => self.select(call, when, whole),
            "Fn::FindInMap" => self.found_in_map(call.value, when, whole),
            "Fn::ImportValue" => self.imported(call.value, when, whole),
            key => vec![is(Symbolic::hole(key), when)],
        }
    }

    /// `Ref` of a parameter, a pseudo parameter or a resource.
    pub(super) fn reference(&self, name: &str, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let Some(parameter) = self.scope.parameters.get(name) else {
            return vec![is(self.resource(name, ""), when)];
        };
        if parameter.looked_up
            && let Some(stored) = self.value_of_stored(name, parameter, when, whole)
        {
            return stored;
        }
        let namesake = self.scopes.namesake(self.stack, name);
        let places = parameter.passed.iter().copied().chain(namesake);
        let mut values: Vec<Alt<'d, Symbolic>> = places.flat_map(|place| self.elsewhere(place, when, whole)).collect();
        // What a template is nested with, the command line doesn't change; it may change what the nesting one passes.
        if namesake.is_none() && self.scope.is_open(parameter) {
            values.extend(self.left_open(name, parameter, when, whole));
        }
        values
    }

    /// A parameter whose value is stored under the name that it is given: what the run stores there, if that is known.
    fn value_of_stored(
        &self,
        name: &str,
        parameter: &Parameter,
        when: &When<'d>,
        whole: Whole,
    ) -> Option<Vec<Alt<'d, Symbolic>>> {
        if self.scope.is_nested() {
            return Some(vec![is(Symbolic::hole(name), when)]);
        }
        let stored_as = parameter.given.as_deref().or(parameter.stored_as.as_deref())?;
        self.stored(stored_as, when, whole)
    }

    /// A parameter that no template passes: what the command line gives, else the default and whatever else it may be.
    fn left_open(&self, name: &str, parameter: &Parameter, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        if let Some(given) = parameter.given.as_ref().filter(|_| !parameter.looked_up) {
            return vec![is(Symbolic::text(given), when)];
        }
        let default = parameter.default.as_deref().filter(|text| !text.is_empty() && whole == Whole::Yes);
        let mut values: Vec<_> = default.map(|text| is(Symbolic::text(text), when)).into_iter().collect();
        // Who nests the template and doesn't pass it gets the default; who deploys it may pass anything.
        if default.is_none() || !self.scope.is_nested() {
            values.push(is(Symbolic::hole(name), when));
        }
        values
    }

    /// The strings of a node of another template; a hole if following it led here.
    pub(super) fn elsewhere(&self, place: Place, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let strings =
            |there: &Self| there.evaluate(place.node, when, whole).into_iter().map(Alt::without_span).collect();
        let itself = || vec![is(Symbolic::hole("a template that refers to itself"), when)];
        self.follow(place, strings).unwrap_or_else(itself)
    }

    /// Looks at a place as its own template sees it; `None` if following it led here.
    pub(super) fn follow<T>(&self, place: Place, look: impl FnOnce(&Self) -> T) -> Option<T> {
        {
            let mut followed = self.run.followed.borrow_mut();
            if followed.len() >= MAX_FOLLOWED || followed.contains(&place) || !self.scopes.take_follow() {
                return None;
            }
            followed.push(place);
        }
        let seen = look(&Self::of(self.scopes, place.stack, Rc::clone(&self.run)));
        self.run.followed.borrow_mut().pop();
        Some(seen)
    }

    /// A resource's attribute; a hole if there is no such resource.
    fn resource(&self, id: &str, attribute: &str) -> Symbolic {
        if self.type_of(id).is_some() {
            let resource = ResourceRef { stack: self.stack, id: id.to_owned() };
            return Symbolic::resource(resource, attribute);
        }
        Symbolic::hole(if attribute.is_empty() { id.to_owned() } else { format!("{id}.{attribute}") })
    }

    fn get_att(&self, arguments: NodeId, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let doc = self.doc;
        let known = match doc.value(arguments) {
            Value::Scalar(scalar) => scalar.text.split_once('.').map(|(id, rest)| (id.to_owned(), rest.to_owned())),
            Value::Sequence(items) => match items.as_slice() {
                [id, attribute] => doc.text(*id).zip(doc.text(*attribute)).map(|(i, a)| (i.into(), a.into())),
                _ => None,
            },
            Value::Mapping(_) => None,
        };
        match known {
            Some((id, attribute)) => self.attribute(&id, &attribute, when, whole),
            None => vec![is(Symbolic::hole("Fn::GetAtt"), when)],
        }
    }

    /// An attribute of a resource; of a nested stack that is at hand, the output that it names.
    fn attribute(&self, id: &str, attribute: &str, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let output = attribute.strip_prefix("Outputs.").zip(self.scope.nested(id));
        let place = output.and_then(|(name, stack)| {
            let node = self.scopes.scope(stack).output(name)?;
            Some(Place { stack, node })
        });
        match place {
            Some(place) => self.elsewhere(place, when, whole),
            None => vec![is(self.resource(id, attribute), when)],
        }
    }

    /// A name of `Fn::Sub`: `Table`, `Table.Arn`, `AWS::Region`.
    pub(super) fn variable(&self, name: &str, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        match name.split_once('.') {
            Some((id, attribute)) => self.attribute(id, attribute, when, whole),
            None => self.reference(name, when, whole),
        }
    }

    fn join(&self, call: &Entry, when: &When<'d>) -> Vec<Alt<'d, Symbolic>> {
        let [delimiter, list] = *self.doc.items(call.value) else {
            return vec![is(Symbolic::hole("Fn::Join"), when)];
        };
        let delimiter = self.doc.text(delimiter).unwrap_or_default();
        let mut out = Vec::new();
        for alt in self.lists(list, when) {
            let Got::Is(items) = alt.got else {
                out.push(is(Symbolic::hole("Fn::Join"), &alt.when));
                continue;
            };
            let pieces = items.iter().map(|item| self.item(item, &alt.when, Whole::No));
            out.extend(concat(pieces, &delimiter, &alt.when));
        }
        out
    }

    fn select(&self, call: &Entry, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let unknown = |when: &When<'d>| is(Symbolic::hole("Fn::Select"), when);
        let [index, list] = *self.doc.items(call.value) else { return vec![unknown(when)] };
        let Some(index) = self.doc.text(index).and_then(|text| text.parse::<usize>().ok()) else {
            return vec![unknown(when)];
        };
        let mut out = Vec::new();
        for alt in self.lists(list, when) {
            match &alt.got {
                Got::Is(items) if index < items.len() => out.extend(self.item(&items[index], &alt.when, whole)),
                _ => out.push(unknown(&alt.when)),
            }
        }
        out
    }

    fn found_in_map(&self, arguments: NodeId, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let found = self.mapped(arguments, when);
        if found.is_empty() || found.len() > MAX_ALTERNATIVES {
            return vec![is(Symbolic::hole("Fn::FindInMap"), when)];
        }
        found.into_iter().flat_map(|node| self.evaluate(node, when, whole)).map(Alt::without_span).collect()
    }
}

/// The name in `{{resolve:ssm:name:version}}`, if that is all of a text.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html>
fn dynamic_reference(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{resolve:ssm:")?.strip_suffix("}}")?;
    Some(inner.split_once(':').map_or(inner, |(name, _)| name))
}

impl<'d> Alt<'d, Symbolic> {
    fn spanned(self, span: Span) -> Alt<'d, Spanned<Symbolic>> {
        let got = match self.got {
            Got::Unset => Got::Unset,
            Got::Unknown(span) => Got::Unknown(span),
            Got::Is(value) => Got::Is(Spanned::new(value, span)),
        };
        Alt { got, when: self.when }
    }
}

impl<'d> Alt<'d, Spanned<Symbolic>> {
    pub(super) fn without_span(self) -> Alt<'d, Symbolic> {
        let got = match self.got {
            Got::Unset => Got::Unset,
            Got::Unknown(span) => Got::Unknown(span),
            Got::Is(value) => Got::Is(value.value),
        };
        Alt { got, when: self.when }
    }
}

pub(super) fn is<'d>(value: Symbolic, when: &When<'d>) -> Alt<'d, Symbolic> {
    Alt { got: Got::Is(value), when: when.clone() }
}

/// A string under construction.
#[derive(Clone)]
struct Draft<'d> {
    text: Symbolic,
    when: When<'d>,
    /// Whether anything was joined yet: an empty first item still takes its delimiter.
    started: bool,
    /// Parts and bytes so far.
    length: usize,
}

impl<'d> Draft<'d> {
    fn join(mut self, got: &Got<Symbolic>, delimiter: &str, when: When<'d>) -> Self {
        self.when = when;
        let unknown;
        let piece = match got {
            Got::Unset => return self,
            Got::Is(piece) => piece,
            Got::Unknown(_) => {
                unknown = Symbolic::hole("unknown");
                &unknown
            }
        };
        self.length += delimiter.len() + piece.parts().iter().map(size).sum::<usize>();
        if self.length > MAX_LENGTH {
            self.text = Symbolic::hole("a very long text");
            return self;
        }
        if std::mem::replace(&mut self.started, true) {
            self.text.push(Part::Text(delimiter.to_owned()));
        }
        self.text.extend(piece);
        self
    }
}

fn size(part: &Part) -> usize {
    match part {
        Part::Text(text) | Part::Hole(text) => text.len() + 1,
        Part::Resource(resource, attribute) => resource.id.len() + attribute.len() + 1,
    }
}

/// Every combination of the pieces' alternatives that doesn't contradict itself. Where there are too many, a piece
/// becomes a hole.
pub(super) fn concat<'d>(
    pieces: impl Iterator<Item = Vec<Alt<'d, Symbolic>>>,
    delimiter: &str,
    when: &When<'d>,
) -> Vec<Alt<'d, Symbolic>> {
    let first = Draft { text: Symbolic::default(), when: when.clone(), started: false, length: 0 };
    let mut drafts = vec![first];
    for alternatives in pieces {
        let alternatives = match alternatives.as_slice() {
            [_] => alternatives,
            many if many.len() * drafts.len() > MAX_ALTERNATIVES => vec![is(Symbolic::hole("Fn::If"), when)],
            _ => alternatives,
        };
        let mut next = Vec::with_capacity(drafts.len() * alternatives.len());
        for draft in drafts {
            let mut fitting: Vec<_> =
                alternatives.iter().filter_map(|alt| Some((&alt.got, draft.when.and(&alt.when)?))).collect();
            // Only what really branches is copied: long lists stay linear.
            let last = fitting.pop();
            next.extend(fitting.into_iter().map(|(got, when)| draft.clone().join(got, delimiter, when)));
            next.extend(last.map(|(got, when)| draft.join(got, delimiter, when)));
        }
        drafts = next;
    }
    drafts.into_iter().map(|draft| Alt { got: Got::Is(draft.text), when: draft.when }).collect()
}
