//! Values that one template of the run publishes under a name and another looks up: exported outputs, and parameters
//! of the Systems Manager.

use super::string::{Whole, is};
use super::{Alt, Got, Place, Resolver, When};
use crate::dynamodb::symbolic::Symbolic;
use crate::dynamodb::unify::{Match, fit};
use crate::source::Spanned;
use crate::template::document::NodeId;

/// Where values are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Board {
    /// `Outputs` with an `Export`.
    Exports,
    /// `AWS::SSM::Parameter`.
    Parameters,
}

/// A value that other stacks may look up.
#[derive(Debug)]
pub(super) struct Published {
    board: Board,
    /// One of the names that it may have.
    name: Symbolic,
    value: Place,
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
            match self.published(Board::Exports, &name) {
                Some(place) => out.extend(self.elsewhere(place, &alt.when, whole)),
                None => out.push(is(Symbolic::hole(format!("ImportValue {name}")), &alt.when)),
            }
        }
        out
    }

    /// The value of a parameter of the Systems Manager that a template of the run sets.
    pub(super) fn stored(&self, name: &str, when: &When<'d>, whole: Whole) -> Option<Vec<Alt<'d, Symbolic>>> {
        let place = self.published(Board::Parameters, &Symbolic::text(name))?;
        Some(self.elsewhere(place, when, whole))
    }

    /// What fits a name best, if nothing else fits as well: of names that are made of parameters, only a part is known.
    fn published(&self, board: Board, name: &Symbolic) -> Option<Place> {
        // A published name that is itself looked up: what it may be isn't known while the names are gathered.
        if self.run.gathering.get() {
            return None;
        }
        let published = self.run.published.get_or_init(|| {
            self.run.gathering.set(true);
            let all = self.all_published();
            self.run.gathering.set(false);
            all
        });
        if !self.spend(published.len()) {
            return None;
        }
        let on_board = published.iter().filter(|one| one.board == board);
        let fits = on_board.map(|one| (fit(name, std::slice::from_ref(&one.name)), one.value));
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
                Some((Board::Exports, name, doc.get(output.value, "Value")?))
            });
            let parameters = scope.resources().iter().filter_map(|resource| {
                let kind = doc.text(doc.get(resource.value, "Type")?)?;
                let properties = doc.get(resource.value, "Properties").filter(|_| kind == "AWS::SSM::Parameter")?;
                Some((Board::Parameters, doc.get(properties, "Name")?, doc.get(properties, "Value")?))
            });
            for (board, name, value) in exports.chain(parameters) {
                let names = self.elsewhere(Place { stack, node: name }, &When::default(), Whole::No);
                all.extend(names.into_iter().filter_map(|name| match name.got {
                    Got::Is(name) => Some(Published { board, name, value: Place { stack, node: value } }),
                    _ => None,
                }));
            }
        }
        all
    }
}
