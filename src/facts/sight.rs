//! How much of a program is seen: whether it is enough to say what a Lambda lacks.

use super::{AccessFacts, BlindSpot, Facts, FunctionFacts, FunctionId, Taken};

impl Facts<'_> {
    /// What is taken for a function's code or for a layer of it, where that isn't known but assumed.
    pub fn taken_code(&self, id: FunctionId) -> Option<&Taken> {
        let own = |spot: &&BlindSpot| spot.function == Some(id) && spot.taken.is_some();
        self.blind_spots.iter().find(own).and_then(|spot| spot.taken.as_ref())
    }

    /// The calls of the program. To open a `batch_writer()` is none: what is put into it is.
    pub fn calls(&self) -> impl Iterator<Item = &AccessFacts<'_>> {
        self.accesses.iter().filter(|access| !access.access.opens_batch)
    }
}

impl FunctionFacts<'_> {
    /// Whether no variable can be set but those that are known: a wrapper script may set what it likes.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>
    pub fn environment_is_known(&self) -> bool {
        self.function.environment_is_whole && !self.function.environment.contains_key("AWS_LAMBDA_EXEC_WRAPPER")
    }

    /// Whether all of its code was followed to the end.
    pub fn is_followed_whole(&self, facts: &Facts) -> bool {
        let own = |id: Option<super::FunctionId>| {
            id.is_some_and(|id| facts.function(id).function.resource == self.function.resource)
        };
        self.remarks.is_some()
            && !self.function.foreign_layers
            && !facts.blind_spots.iter().any(|spot| own(spot.function))
    }
}
