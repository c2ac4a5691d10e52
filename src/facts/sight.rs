//! Whether enough of a Lambda is seen to say what it lacks.

use super::{Facts, FunctionFacts};

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
