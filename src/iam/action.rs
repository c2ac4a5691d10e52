//! Action patterns.

/// Every IAM action of `DynamoDB`, without its prefix.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
pub const ACTIONS: &[&str] = &[
    "AssociateTableReplica",
    "BatchGetItem",
    "BatchWriteItem",
    "ConditionCheckItem",
    "CreateBackup",
    "CreateGlobalTable",
    "CreateTable",
    "CreateTableReplica",
    "DeleteBackup",
    "DeleteItem",
    "DeleteResourcePolicy",
    "DeleteTable",
    "DeleteTableReplica",
    "DescribeBackup",
    "DescribeContinuousBackups",
    "DescribeContributorInsights",
    "DescribeEndpoints",
    "DescribeExport",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeImport",
    "DescribeKinesisStreamingDestination",
    "DescribeLimits",
    "DescribeReservedCapacity",
    "DescribeReservedCapacityOfferings",
    "DescribeStream",
    "DescribeTable",
    "DescribeTableReplicaAutoScaling",
    "DescribeTimeToLive",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "ExportTableToPointInTime",
    "GetAbacStatus",
    "GetItem",
    "GetRecords",
    "GetResourcePolicy",
    "GetShardIterator",
    "ImportTable",
    "InjectError",
    "ListBackups",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListStreams",
    "ListTables",
    "ListTagsOfResource",
    "PartiQLDelete",
    "PartiQLInsert",
    "PartiQLSelect",
    "PartiQLUpdate",
    "PurchaseReservedCapacityOfferings",
    "PutItem",
    "PutResourcePolicy",
    "Query",
    "ReadDataForReplication",
    "ReplicateSettings",
    "RestoreTableFromAwsBackup",
    "RestoreTableFromBackup",
    "RestoreTableToPointInTime",
    "Scan",
    "SearchVectors",
    "StartAwsBackupJob",
    "TagResource",
    "UntagResource",
    "UpdateAbacStatus",
    "UpdateContinuousBackups",
    "UpdateContributorInsights",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateGlobalTableVersion",
    "UpdateItem",
    "UpdateKinesisStreamingDestination",
    "UpdateTable",
    "UpdateTableReplicaAutoScaling",
    "UpdateTimeToLive",
    "WriteDataForReplication",
];

/// Whether an action pattern (`dynamodb:*Item`, `*`) covers an action (`dynamodb:PutItem`). `*` and `?` as in IAM,
/// letters of any case.
pub fn action_matches(pattern: &str, action: &str) -> bool {
    let (pattern, action) = (pattern.as_bytes(), action.as_bytes());
    let (mut p, mut a) = (0, 0);
    // Where to go on if what follows the last `*` doesn't match: one byte of the action further.
    let mut retry: Option<(usize, usize)> = None;
    while a < action.len() {
        match pattern.get(p) {
            Some(b'*') => {
                retry = Some((p + 1, a));
                p += 1;
            }
            Some(c) if *c == b'?' || c.eq_ignore_ascii_case(&action[a]) => {
                p += 1;
                a += 1;
            }
            _ => match retry {
                Some((after_star, from)) => {
                    retry = Some((after_star, from + 1));
                    p = after_star;
                    a = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

/// The `DynamoDB` actions (without prefix) that a pattern covers, in alphabetical order.
pub fn expand(pattern: &str) -> Vec<&'static str> {
    ACTIONS.iter().copied().filter(|action| action_matches(pattern, &format!("dynamodb:{action}"))).collect()
}

/// Whether a pattern may cover any `DynamoDB` action, one that is newer than [`ACTIONS`] included.
pub fn touches_dynamodb(pattern: &str) -> bool {
    let service = pattern.split_once(':').map_or(pattern, |(service, _)| service);
    action_matches(service, "dynamodb") || (!pattern.contains(':') && action_matches(pattern, "dynamodb:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_in_iam() {
        let cases = [
            ("dynamodb:PutItem", "dynamodb:PutItem", true),
            ("DynamoDB:putitem", "dynamodb:PutItem", true),
            ("dynamodb:*Item", "dynamodb:BatchGetItem", true),
            ("dynamodb:*Item", "dynamodb:BatchGetItems", false),
            ("dynamodb:Get*", "dynamodb:GetItem", true),
            ("dynamodb:?etItem", "dynamodb:GetItem", true),
            ("dynamodb:?etItem", "dynamodb:etItem", false),
            ("*", "dynamodb:Query", true),
            ("dynamodb:*", "dax:Query", false),
            ("*:Query", "dynamodb:Query", true),
            ("d*b:*t*e*", "dynamodb:GetItem", true),
            ("", "dynamodb:GetItem", false),
        ];
        for (pattern, action, expected) in cases {
            assert_eq!(action_matches(pattern, action), expected, "{pattern} on {action}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_not_exponential() {
        let pattern = format!("{}b", "*a".repeat(2_000));
        assert!(!action_matches(&pattern, &"a".repeat(20_000)));
    }

    #[test]
    fn expansion_lists_the_covered_actions() {
        assert_eq!(expand("dynamodb:Batch*"), ["BatchGetItem", "BatchWriteItem"]);
        assert_eq!(expand("dynamodb:*"), ACTIONS);
        assert_eq!(expand("s3:*"), Vec::<&str>::new());
        assert!(ACTIONS.is_sorted());
    }

    #[test]
    fn services_are_told_apart() {
        let touching: Vec<_> = ["*", "dynamodb:GetItem", "dyn*:Get*", "dynamodb:NewThing", "s3:*", "dax:*"]
            .into_iter()
            .filter(|pattern| touches_dynamodb(pattern))
            .collect();
        assert_eq!(touching, ["*", "dynamodb:GetItem", "dyn*:Get*", "dynamodb:NewThing"]);
    }
}
