//! Properties to [`Setting`]s.

use super::scope::Parameter;
use super::{Alt, Got, Resolver};
use crate::source::Spanned;
use crate::template::document::NodeId;
use crate::template::model::Setting;

impl<'d> Resolver<'d> {
    /// A text property. A parameter's default counts: it is the template's own choice.
    pub fn text_setting(&self, alts: Vec<Alt<'d, NodeId>>) -> Setting<String> {
        let all = alts.into_iter().flat_map(|alt| self.texts(&alt, Default::Counts));
        collect(all)
    }

    /// A boolean property. Of a parameter, only a given value or the allowed values count: whether something is
    /// switched on is what a parameter is there to decide.
    pub fn bool_setting(&self, alts: Vec<Alt<'d, NodeId>>) -> Setting<bool> {
        let all = alts.into_iter().flat_map(|alt| self.bools(&alt));
        collect(all)
    }

    /// What a branch is as a boolean.
    pub fn bools(&self, alt: &Alt<'d, NodeId>) -> Vec<Got<Spanned<bool>>> {
        let truth = |got| match got {
            Got::Is(Spanned { value, span }) => match String::as_str(&value) {
                "true" | "True" | "TRUE" => Got::Is(Spanned::new(true, span)),
                "false" | "False" | "FALSE" => Got::Is(Spanned::new(false, span)),
                _ => Got::Unknown(span),
            },
            Got::Unset => Got::Unset,
            Got::Unknown(span) => Got::Unknown(span),
        };
        self.texts(alt, Default::Ignored).into_iter().map(truth).collect()
    }

    fn texts(&self, alt: &Alt<'d, NodeId>, default: Default) -> Vec<Got<Spanned<String>>> {
        let node = match alt.got {
            Got::Unset => return vec![Got::Unset],
            Got::Unknown(span) => return vec![Got::Unknown(span)],
            Got::Is(node) => node,
        };
        let span = self.doc.span(node);
        let text = |text: &str| Got::Is(Spanned::new(text.to_owned(), span));
        if let Some(call) = self.doc.intrinsic(node)
            && &*call.key == "Ref"
            && let Some(parameter) = self.doc.text(call.value).and_then(|name| self.scope.parameters.get(&*name))
        {
            if self.scope.is_nested() {
                return self.passed_texts(parameter, alt, default);
            }
            return match (&parameter.given, &parameter.default) {
                (Some(given), _) => vec![text(given)],
                (None, _) if !parameter.allowed.is_empty() => parameter.allowed.iter().map(|v| text(v)).collect(),
                (None, Some(value)) if default == Default::Counts => vec![text(value)],
                _ => vec![Got::Unknown(span)],
            };
        }
        let known = |alt: Alt<'d, Spanned<_>>| match alt.got {
            Got::Unset => Got::Unset,
            Got::Unknown(span) => Got::Unknown(span),
            Got::Is(Spanned { value, span }) => match crate::dynamodb::symbolic::Symbolic::as_text(&value) {
                Some(text) => Got::Is(Spanned::new(text.to_owned(), span)),
                None => Got::Unknown(span),
            },
        };
        self.strings(node, &alt.when).into_iter().map(known).collect()
    }
}

impl<'d> Resolver<'d> {
    /// What the templates that nest this one make of a parameter; its default where they leave it out.
    fn passed_texts(
        &self,
        parameter: &Parameter,
        alt: &Alt<'d, NodeId>,
        default: Default,
    ) -> Vec<Got<Spanned<String>>> {
        if parameter.looked_up {
            return vec![Got::Unknown(self.doc.span(self.doc.root()))];
        }
        let passed = parameter.passed.iter().filter_map(|place| {
            let node = Alt { got: Got::Is(place.node), when: alt.when.clone() };
            self.follow(*place, |there| there.texts(&node, default))
        });
        let mut texts: Vec<_> = passed.flatten().collect();
        if self.scope.is_open(parameter) {
            let Got::Is(node) = alt.got else { return texts };
            let span = self.doc.span(node);
            let omitted = parameter.given.as_ref().or(parameter.default.as_ref());
            let omitted = omitted.map(|text| Got::Is(Spanned::new(text.clone(), span)));
            texts.push(omitted.unwrap_or(Got::Unknown(span)));
        }
        texts
    }
}

/// Whether a parameter's default is taken for its value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Default {
    Counts,
    Ignored,
}

/// All branches of a property as one setting.
pub(crate) fn collect<T: PartialEq>(all: impl Iterator<Item = Got<Spanned<T>>>) -> Setting<T> {
    let mut values: Vec<Option<Spanned<T>>> = Vec::new();
    for got in all {
        let value = match got {
            Got::Unknown(span) => return Setting::Unknown(span),
            Got::Unset => None,
            Got::Is(value) => Some(value),
        };
        let same = |known: &Option<Spanned<T>>| match (known, &value) {
            (None, None) => true,
            (Some(a), Some(b)) => a.value == b.value,
            _ => false,
        };
        if !values.iter().any(same) {
            values.push(value);
        }
    }
    match values.as_slice() {
        [] | [None] => Setting::Unset,
        [Some(_)] => Setting::Is(values.remove(0).expect("the one value is set")),
        _ => Setting::Varies(values),
    }
}
