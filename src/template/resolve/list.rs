//! Lists that `Fn::Join` and `Fn::Select` take, and the maps of `Fn::FindInMap`.

use super::string::{Whole, is};
use super::{Alt, Got, MAX_ALTERNATIVES, Resolver, When};
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::template::document::{NodeId, Value};

/// An item of a list.
#[derive(Debug, Clone)]
pub(super) enum Item {
    Node(NodeId),
    Text(Symbolic),
}

impl<'d> Resolver<'d> {
    /// The lists that a node may be.
    pub(super) fn lists(&self, node: NodeId, when: &When<'d>) -> Vec<Alt<'d, Vec<Item>>> {
        let mut out = Vec::new();
        for alt in self.branches(node, when) {
            match alt.got {
                Got::Is(node) => out.extend(self.list(node, &alt.when)),
                _ => out.push(Alt { got: Got::Unknown(self.doc.span(node)), when: alt.when }),
            }
        }
        out
    }

    fn list(&self, node: NodeId, when: &When<'d>) -> Vec<Alt<'d, Vec<Item>>> {
        let doc = self.doc;
        let unknown = || vec![Alt { got: Got::Unknown(doc.span(node)), when: when.clone() }];
        if let Value::Sequence(items) = doc.value(node) {
            let items = items.iter().map(|item| Item::Node(*item)).collect();
            return vec![Alt { got: Got::Is(items), when: when.clone() }];
        }
        let Some(call) = doc.intrinsic(node) else { return unknown() };
        match &*call.key {
            "Fn::Split" => self.split(call.value, when).unwrap_or_else(unknown),
            "Fn::FindInMap" => {
                let found = self.mapped(call.value, when);
                let lists = found.iter().filter(|node| matches!(doc.value(**node), Value::Sequence(_)));
                let lists: Vec<_> = lists.flat_map(|node| self.list(*node, when)).collect();
                if lists.is_empty() || lists.len() > MAX_ALTERNATIVES { unknown() } else { lists }
            }
            "Ref" => doc.text(call.value).and_then(|name| self.listed(&name, when)).unwrap_or_else(unknown),
            _ => unknown(),
        }
    }

    /// The lists that a parameter is given or passed.
    fn listed(&self, parameter: &str, when: &When<'d>) -> Option<Vec<Alt<'d, Vec<Item>>>> {
        let parameter = self.scope.parameters.get(parameter).filter(|parameter| parameter.list)?;
        if let Some(given) = parameter.given.as_ref().filter(|_| !self.scope.is_nested()) {
            let items = given.split(',').map(|item| Item::Text(Symbolic::text(item.trim()))).collect();
            return Some(vec![Alt { got: Got::Is(items), when: when.clone() }]);
        }
        if parameter.passed.is_empty() || self.scope.is_open(parameter) {
            return None;
        }
        let passed = parameter.passed.iter().flat_map(|place| self.elsewhere(*place, when, Whole::Yes));
        let list = |alt: Alt<'d, Symbolic>| {
            let got = match alt.got {
                Got::Is(text) => Got::Is(self.split_text(&text, ",").into_iter().map(trimmed).collect()),
                Got::Unset => Got::Unset,
                Got::Unknown(span) => Got::Unknown(span),
            };
            Alt { got, when: alt.when }
        };
        Some(passed.map(list).collect())
    }

    /// The strings of an item.
    pub(super) fn item(&self, item: &Item, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        match item {
            Item::Text(text) => vec![is(text.clone(), when)],
            Item::Node(node) => self.evaluate(*node, when, whole).into_iter().map(Alt::without_span).collect(),
        }
    }

    fn split(&self, arguments: NodeId, when: &When<'d>) -> Option<Vec<Alt<'d, Vec<Item>>>> {
        let [delimiter, text] = *self.doc.items(arguments) else { return None };
        let delimiter = self.doc.text(delimiter).filter(|text| !text.is_empty())?;
        let mut out = Vec::new();
        for alt in self.evaluate(text, when, Whole::Yes) {
            let got = match alt.got {
                Got::Is(value) => Got::Is(self.split_text(&value.value, &delimiter)),
                Got::Unset => Got::Unset,
                Got::Unknown(span) => Got::Unknown(span),
            };
            out.push(Alt { got, when: alt.when });
        }
        Some(out)
    }

    /// The items as far as they are certain: after a hole that may hold the delimiter, no index is.
    fn split_text(&self, text: &Symbolic, delimiter: &str) -> Vec<Item> {
        let mut items = Vec::new();
        let mut item = Symbolic::default();
        for part in text.parts().iter().flat_map(|part| self.spelled_out(part)) {
            match part {
                Part::Text(text) => {
                    let mut pieces = text.split(delimiter);
                    item.push(Part::Text(pieces.next().unwrap_or_default().to_owned()));
                    for piece in pieces {
                        items.push(Item::Text(std::mem::take(&mut item)));
                        item.push(Part::Text(piece.to_owned()));
                    }
                }
                part if may_hold(&part, delimiter) => return items,
                part => item.push(part),
            }
        }
        items.push(Item::Text(item));
        items
    }

    /// A table's ARN in its parts, so that a template may cut the name out of it.
    fn spelled_out(&self, part: &Part) -> Vec<Part> {
        let Part::Resource(resource, attribute) = part else { return vec![part.clone()] };
        let table = self.type_of_resource(resource).is_some_and(super::super::table::is_table);
        let tail = match attribute.as_str() {
            "Arn" => None,
            "StreamArn" => Some(["/stream/", "StreamLabel"]),
            _ => return vec![part.clone()],
        };
        if !table {
            return vec![part.clone()];
        }
        let text = |text: &str| Part::Text(text.to_owned());
        let hole = |name: &str| Part::Hole(name.to_owned());
        let mut parts = vec![
            text("arn:"),
            hole("AWS::Partition"),
            text(":dynamodb:"),
            hole("AWS::Region"),
            text(":"),
            hole("AWS::AccountId"),
            text(":table/"),
            Part::Resource(resource.clone(), String::new()),
        ];
        parts.extend(tail.into_iter().flat_map(|[text_part, hole_part]| [text(text_part), hole(hole_part)]));
        parts
    }

    /// What `Fn::FindInMap` may find: with an unknown key, every entry's.
    pub(super) fn mapped(&self, arguments: NodeId, when: &When<'d>) -> Vec<NodeId> {
        let [map, keys @ ..] = self.doc.items(arguments) else { return vec![] };
        let names = self.evaluate(*map, when, Whole::No);
        let known = names.iter().filter_map(|alt| match &alt.got {
            Got::Is(name) => self.scope.mappings.get(name.value.as_text()?).copied(),
            _ => None,
        });
        let mut nodes: Vec<NodeId> = known.collect();
        for key in keys.iter().take(2) {
            let keys = self.evaluate(*key, when, Whole::No);
            nodes = nodes.into_iter().flat_map(|node| self.by_keys(node, &keys)).collect();
        }
        if let Some(default) = keys.get(2).and_then(|options| self.doc.get(*options, "DefaultValue")) {
            nodes.push(default);
        }
        nodes
    }

    fn by_keys(&self, node: NodeId, keys: &[Alt<'d, crate::source::Spanned<Symbolic>>]) -> Vec<NodeId> {
        let entries = self.doc.entries(node);
        if !self.spend(entries.len()) {
            return vec![];
        }
        let texts: Option<Vec<&str>> = keys
            .iter()
            .map(|alt| match &alt.got {
                Got::Is(key) => key.value.as_text(),
                _ => None,
            })
            .collect();
        match texts {
            Some(texts) => texts.into_iter().filter_map(|text| self.doc.get(node, text)).collect(),
            None => entries.iter().map(|entry| entry.value).collect(),
        }
    }
}

/// `CloudFormation` trims the members of a list parameter.
fn trimmed(item: Item) -> Item {
    let Item::Text(text) = item else { return item };
    let last = text.parts().len().saturating_sub(1);
    let trim = |(at, part): (usize, &Part)| match part {
        Part::Text(text) => {
            let text = if at == 0 { text.trim_start() } else { text };
            Part::Text(if at == last { text.trim_end() } else { text }.to_owned())
        }
        part => part.clone(),
    };
    Item::Text(text.parts().iter().enumerate().map(trim).collect())
}

/// Whether a part may hold a delimiter. Of pseudo parameters the alphabet is known.
fn may_hold(part: &Part, delimiter: &str) -> bool {
    match part {
        Part::Text(_) => true,
        // A resource's name has no slash and no colon; an ARN has.
        Part::Resource(_, attribute) => !attribute.is_empty() || !matches!(delimiter, "/" | ":"),
        Part::Hole(origin) => match origin.as_str() {
            "AWS::AccountId" => false,
            "AWS::Region" | "AWS::Partition" | "AWS::StackName" => delimiter.contains('-'),
            _ => true,
        },
    }
}
