//! SAM policy templates.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-policy-template-list.html>

/// A parameter of a policy template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplateParameter {
    /// `TableName`
    TableName,
    /// `StreamName`
    StreamName,
}

/// A statement of a policy template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateStatement {
    /// Actions, with their prefix.
    pub actions: &'static [&'static str],
    /// Resources: each is the table's ARN followed by text and by another parameter.
    pub resources: &'static [(&'static str, Option<TemplateParameter>)],
}

const TABLE: (&str, Option<TemplateParameter>) = ("", None);
const INDEXES: (&str, Option<TemplateParameter>) = ("/index/*", None);
const BACKUPS: (&str, Option<TemplateParameter>) = ("/backup/*", None);
const STREAMS: (&str, Option<TemplateParameter>) = ("/stream/*", None);
const STREAM: (&str, Option<TemplateParameter>) = ("/stream/", Some(TemplateParameter::StreamName));

const CRUD: &[TemplateStatement] = &[TemplateStatement {
    actions: &[
        "dynamodb:GetItem",
        "dynamodb:DeleteItem",
        "dynamodb:PutItem",
        "dynamodb:Scan",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "dynamodb:BatchWriteItem",
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeTable",
        "dynamodb:ConditionCheckItem",
    ],
    resources: &[TABLE, INDEXES],
}];

const READ: &[TemplateStatement] = &[TemplateStatement {
    actions: &[
        "dynamodb:GetItem",
        "dynamodb:Scan",
        "dynamodb:Query",
        "dynamodb:BatchGetItem",
        "dynamodb:DescribeTable",
    ],
    resources: &[TABLE, INDEXES],
}];

const WRITE: &[TemplateStatement] = &[TemplateStatement {
    actions: &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"],
    resources: &[TABLE, INDEXES],
}];

const RECONFIGURE: &[TemplateStatement] =
    &[TemplateStatement { actions: &["dynamodb:UpdateTable"], resources: &[TABLE] }];

const STREAM_READ: &[TemplateStatement] = &[
    TemplateStatement {
        actions: &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        resources: &[STREAM],
    },
    TemplateStatement { actions: &["dynamodb:ListStreams"], resources: &[STREAMS] },
];

const BACKUP: &[TemplateStatement] = &[
    TemplateStatement {
        actions: &["dynamodb:CreateBackup", "dynamodb:DescribeContinuousBackups"],
        resources: &[TABLE],
    },
    TemplateStatement {
        actions: &["dynamodb:DeleteBackup", "dynamodb:DescribeBackup", "dynamodb:ListBackups"],
        resources: &[BACKUPS],
    },
];

const RESTORE: &[TemplateStatement] = &[
    TemplateStatement { actions: &["dynamodb:RestoreTableFromBackup"], resources: &[BACKUPS] },
    TemplateStatement {
        actions: &[
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:BatchWriteItem",
        ],
        resources: &[TABLE],
    },
];

/// The statements of a policy template that grants actions of `DynamoDB`.
pub fn policy_template(name: &str) -> Option<&'static [TemplateStatement]> {
    Some(match name {
        "DynamoDBCrudPolicy" => CRUD,
        "DynamoDBReadPolicy" => READ,
        "DynamoDBWritePolicy" => WRITE,
        "DynamoDBReconfigurePolicy" => RECONFIGURE,
        "DynamoDBStreamReadPolicy" => STREAM_READ,
        "DynamoDBBackupFullAccessPolicy" => BACKUP,
        "DynamoDBRestoreFromBackupPolicy" => RESTORE,
        _ => return None,
    })
}

/// Whether SAM has a policy template of this name.
pub fn is_policy_template(name: &str) -> bool {
    policy_template(name).is_some() || OTHERS.binary_search(&name).is_ok()
}

/// Policy templates for other services.
const OTHERS: &[&str] = &[
    "AMIDescribePolicy",
    "AWSSecretsManagerGetSecretValuePolicy",
    "AWSSecretsManagerRotationPolicy",
    "AcmGetCertificatePolicy",
    "AthenaQueryPolicy",
    "CloudFormationDescribeStacksPolicy",
    "CloudWatchDashboardPolicy",
    "CloudWatchDescribeAlarmHistoryPolicy",
    "CloudWatchPutMetricPolicy",
    "CodeCommitCrudPolicy",
    "CodeCommitReadPolicy",
    "CodePipelineLambdaExecutionPolicy",
    "CodePipelineReadOnlyPolicy",
    "ComprehendBasicAccessPolicy",
    "CostExplorerReadOnlyPolicy",
    "EC2CopyImagePolicy",
    "EC2DescribePolicy",
    "EFSWriteAccessPolicy",
    "EKSDescribePolicy",
    "EcsRunTaskPolicy",
    "ElasticMapReduceAddJobFlowStepsPolicy",
    "ElasticMapReduceCancelStepsPolicy",
    "ElasticMapReduceModifyInstanceFleetPolicy",
    "ElasticMapReduceModifyInstanceGroupsPolicy",
    "ElasticMapReduceSetTerminationProtectionPolicy",
    "ElasticMapReduceTerminateJobFlowsPolicy",
    "ElasticsearchHttpPostPolicy",
    "EventBridgePutEventsPolicy",
    "FilterLogEventsPolicy",
    "FirehoseCrudPolicy",
    "FirehoseWritePolicy",
    "KMSDecryptPolicy",
    "KMSEncryptPolicy",
    "KMSEncryptPolicy_v2",
    "KinesisCrudPolicy",
    "KinesisStreamReadPolicy",
    "LambdaInvokePolicy",
    "MobileAnalyticsWriteOnlyAccessPolicy",
    "OrganizationsListAccountsPolicy",
    "PinpointEndpointAccessPolicy",
    "PollyFullAccessPolicy",
    "RekognitionDetectOnlyPolicy",
    "RekognitionFacesManagementPolicy",
    "RekognitionFacesPolicy",
    "RekognitionLabelsPolicy",
    "RekognitionNoDataAccessPolicy",
    "RekognitionReadPolicy",
    "RekognitionWriteOnlyAccessPolicy",
    "Route53ChangeResourceRecordSetsPolicy",
    "S3CrudPolicy",
    "S3FullAccessPolicy",
    "S3ReadPolicy",
    "S3WritePolicy",
    "SESBulkTemplatedCrudPolicy",
    "SESBulkTemplatedCrudPolicy_v2",
    "SESCrudPolicy",
    "SESEmailTemplateCrudPolicy",
    "SESSendBouncePolicy",
    "SNSCrudPolicy",
    "SNSPublishMessagePolicy",
    "SQSPollerPolicy",
    "SQSSendMessagePolicy",
    "SSMParameterReadPolicy",
    "SSMParameterWithSlashPrefixReadPolicy",
    "SageMakerCreateEndpointConfigPolicy",
    "SageMakerCreateEndpointPolicy",
    "ServerlessRepoReadWriteAccessPolicy",
    "StepFunctionsCallbackPolicy",
    "StepFunctionsExecutionPolicy",
    "StepFunctionsExecutionPolicy_v2",
    "TextractDetectAnalyzePolicy",
    "TextractGetResultPolicy",
    "TextractPolicy",
    "VPCAccessPolicy",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known() {
        assert!(OTHERS.is_sorted());
        let known = ["DynamoDBReadPolicy", "SQSPollerPolicy", "S3CrudPolicy", "DynamoDbReadPolicy"];
        assert_eq!(known.map(is_policy_template), [true, true, true, false]);
    }

    #[test]
    fn writing_does_not_include_deleting() {
        let actions: Vec<_> = WRITE.iter().flat_map(|statement| statement.actions).copied().collect();
        assert_eq!(actions, ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"]);
    }
}
