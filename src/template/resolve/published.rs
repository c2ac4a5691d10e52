//! Values that one template of the run publishes under a name and another looks up: exported outputs, and parameters
//! of the Systems Manager.

use super::string::{Whole, is};
use super::{Alt, Got, Place, Resolver, When};
use crate::dynamodb::symbolic::Symbolic;
use crate::dynamodb::unify::{Match, fit};
use crate::source::Spanned;
use crate::template::document::NodeId;
use std::cell::{Cell, OnceCell};

/// How a value is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `Outputs` with an `Export`.
    Export,
    /// `AWS::SSM::Parameter`.
    Parameter,
}

/// A value that other stacks may look up.
#[derive(Debug)]
struct Published {
    kind: Kind,
    /// One of the names that it may have.
    name: Symbolic,
    value: Place,
}

/// Everything that the run's templates publish, gathered once.
#[derive(Debug, Default)]
pub(super) struct Board {
    published: OnceCell<Vec<Published>>,
    /// Whether it is being gathered: a published name may itself be looked up, and isn't known as long as that lasts.
    gathering: Cell<bool>,
}

impl Board {
    fn get_or_gather(&self, gather: impl FnOnce() -> Vec<Published>) -> Option<&[Published]> {
        if self.gathering.get() {
            return None;
        }
        let published = self.published.get_or_init(|| {
            self.gathering.set(true);
            let all = gather();
            self.gathering.set(false);
            all
        });
        Some(published)
    }
}

impl<'d> Resolver<'d> {
    /// The value that is exported by that name, if one template of the run does so; else a hole.
    pub(super) fn imported(&self, argument: NodeId, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let mut out = Vec::new();
        for alt in self.evaluate(argument, when, Whole::No) {
            let Got::Is(Spanned { value: name, .. }) = alt.got else {
                out.push(is(Symbolic::hole("ImportValue"), &alt.when));
                continue;
            };
            match self.published(Kind::Export, &name) {
                Some(place) => out.extend(self.elsewhere(place, &alt.when, whole)),
                None => out.push(is(Symbolic::hole(format!("ImportValue {name}")), &alt.when)),
            }
        }
        out
    }

    /// The value of a parameter of the Systems Manager that a template of the run sets.
    pub(super) fn stored(&self, name: &str, when: &When<'d>, whole: Whole) -> Option<Vec<Alt<'d, Symbolic>>> {
        let place = self.published(Kind::Parameter, &Symbolic::text(name))?;
        Some(self.elsewhere(place, when, whole))
    }

    /// What fits a name best, if nothing else fits as well: of names that are made of parameters, only a part is known.
    fn published(&self, kind: Kind, name: &Symbolic) -> Option<Place> {
        let published = self.scopes.board.get_or_gather(|| self.all_published())?;
        if !self.spend(published.len()) {
            return None;
        }
        let of_kind = published.iter().filter(|one| one.kind == kind);
        let fits = of_kind.map(|one| (fit(name, std::slice::from_ref(&one.name)), one.value));
        let fits: Vec<_> = fits.filter(|(fit, _)| fit.matched == Match::Yes).collect();
        let best = fits.iter().map(|(fit, _)| fit.aligned).max()?;
        let mut best = fits.into_iter().filter(|(fit, _)| fit.aligned == best).map(|(_, place)| place);
        let first = best.next()?;
        best.all(|other| other == first).then_some(first)
    }

    fn all_published(&self) -> Vec<Published> {
        let mut all = Vec::new();
        for (stack, scope) in self.scopes.iter() {
            let doc = scope.doc;
            let exports = scope.outputs().iter().filter_map(|output| {
                let name = doc.get(doc.get(output.value, "Export")?, "Name")?;
                Some((Kind::Export, name, doc.get(output.value, "Value")?))
            });
            let parameters = scope.resources().iter().filter_map(|resource| {
                let kind = doc.text(doc.get(resource.value, "Type")?)?;
                let properties = doc.get(resource.value, "Properties").filter(|_| kind == "AWS::SSM::Parameter")?;
                Some((Kind::Parameter, doc.get(properties, "Name")?, doc.get(properties, "Value")?))
            });
            for (kind, name, value) in exports.chain(parameters) {
                let names = self.elsewhere(Place { stack, node: name }, &When::default(), Whole::No);
                all.extend(names.into_iter().filter_map(|name| match name.got {
                    Got::Is(name) => Some(Published { kind, name, value: Place { stack, node: value } }),
                    _ => None,
                }));
            }
        }
        all
    }
}
