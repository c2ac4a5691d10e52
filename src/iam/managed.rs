//! AWS managed policies, reduced to what they say of `DynamoDB`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A statement of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are the statement's own keys")]
pub struct ManagedStatement {
    /// Whether it allows; else it denies.
    pub allow: bool,
    /// Action patterns.
    pub actions: Vec<&'static str>,
    /// Whether `actions` is a `NotAction`.
    pub not_action: bool,
    /// Resource patterns.
    pub resources: Vec<&'static str>,
    /// Whether `resources` is a `NotResource`.
    pub not_resource: bool,
    /// Whether it has a condition.
    pub conditional: bool,
}

static POLICIES: LazyLock<BTreeMap<&'static str, Vec<ManagedStatement>>> =
    LazyLock::new(|| parse(include_str!("managed_policies.txt")));

/// The statements of an AWS managed policy, by its name without path (`AmazonDynamoDBFullAccess`). `None` if it says
/// nothing of `DynamoDB`.
pub fn managed_policy(name: &str) -> Option<&'static [ManagedStatement]> {
    POLICIES.get(name).map(Vec::as_slice)
}

fn parse(text: &'static str) -> BTreeMap<&'static str, Vec<ManagedStatement>> {
    let mut policies: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut name = "";
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.strip_prefix("  ") {
            Some(statement) => policies.entry(name).or_default().extend(parse_statement(statement)),
            None => name = line,
        }
    }
    policies
}

/// `allow dynamodb:* on *`, `deny not iam:* on not arn:… if`
fn parse_statement(line: &'static str) -> Option<ManagedStatement> {
    let (line, conditional) = line.strip_suffix(" if").map_or((line, false), |rest| (rest, true));
    let (effect, rest) = line.split_once(' ')?;
    let (actions, resources) = rest.split_once(" on ")?;
    let negated = |list: &'static str| list.strip_prefix("not ").map_or((list, false), |rest| (rest, true));
    let ((actions, not_action), (resources, not_resource)) = (negated(actions), negated(resources));
    Some(ManagedStatement {
        allow: effect == "allow",
        actions: actions.split(' ').collect(),
        not_action,
        resources: resources.split(' ').collect(),
        not_resource,
        conditional,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_parses() {
        let lines = include_str!("managed_policies.txt").lines().filter(|line| line.starts_with("  ")).count();
        assert_eq!(POLICIES.values().map(Vec::len).sum::<usize>(), lines);
    }

    #[test]
    fn names_find_statements() {
        let all = ManagedStatement {
            allow: true,
            actions: vec!["dynamodb:*"],
            not_action: false,
            resources: vec!["*"],
            not_resource: false,
            conditional: false,
        };
        assert_eq!(managed_policy("AmazonDynamoDBFullAccess"), Some(&[all.clone()][..]));
        let power =
            ManagedStatement { actions: vec!["iam:*", "organizations:*", "account:*"], not_action: true, ..all };
        assert_eq!(managed_policy("PowerUserAccess"), Some(&[power][..]));
        assert_eq!(managed_policy("AWSLambdaBasicExecutionRole"), None);
    }
}
