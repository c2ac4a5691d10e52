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
    policy_template_parameters(name).is_some()
}

/// The parameters of a policy template, separated by spaces; all are required. `None` if there is no such template.
pub fn policy_template_parameters(name: &str) -> Option<&'static str> {
    if policy_template(name).is_some() {
        return Some(if name == "DynamoDBStreamReadPolicy" { "TableName StreamName" } else { "TableName" });
    }
    let at = OTHERS.binary_search_by_key(&name, |(other, _)| *other).ok()?;
    Some(OTHERS[at].1)
}

/// Policy templates for other services, each with its parameters.
const OTHERS: &[(&str, &str)] = &[
    ("AMIDescribePolicy", ""),
    ("AWSSecretsManagerGetSecretValuePolicy", "SecretArn"),
    ("AWSSecretsManagerRotationPolicy", "FunctionName"),
    ("AcmGetCertificatePolicy", "CertificateArn"),
    ("AthenaQueryPolicy", "WorkGroupName"),
    ("CloudFormationDescribeStacksPolicy", ""),
    ("CloudWatchDashboardPolicy", ""),
    ("CloudWatchDescribeAlarmHistoryPolicy", ""),
    ("CloudWatchPutMetricPolicy", ""),
    ("CodeCommitCrudPolicy", "RepositoryName"),
    ("CodeCommitReadPolicy", "RepositoryName"),
    ("CodePipelineLambdaExecutionPolicy", ""),
    ("CodePipelineReadOnlyPolicy", "PipelineName"),
    ("ComprehendBasicAccessPolicy", ""),
    ("CostExplorerReadOnlyPolicy", ""),
    ("EC2CopyImagePolicy", "ImageId"),
    ("EC2DescribePolicy", ""),
    ("EFSWriteAccessPolicy", "AccessPoint FileSystem"),
    ("EKSDescribePolicy", ""),
    ("EcsRunTaskPolicy", "TaskDefinition"),
    ("ElasticMapReduceAddJobFlowStepsPolicy", "ClusterId"),
    ("ElasticMapReduceCancelStepsPolicy", "ClusterId"),
    ("ElasticMapReduceModifyInstanceFleetPolicy", "ClusterId"),
    ("ElasticMapReduceModifyInstanceGroupsPolicy", "ClusterId"),
    ("ElasticMapReduceSetTerminationProtectionPolicy", "ClusterId"),
    ("ElasticMapReduceTerminateJobFlowsPolicy", "ClusterId"),
    ("ElasticsearchHttpPostPolicy", "DomainName"),
    ("EventBridgePutEventsPolicy", "EventBusName"),
    ("FilterLogEventsPolicy", "LogGroupName"),
    ("FirehoseCrudPolicy", "DeliveryStreamName"),
    ("FirehoseWritePolicy", "DeliveryStreamName"),
    ("KMSDecryptPolicy", "KeyId"),
    ("KMSEncryptPolicy", "KeyId"),
    ("KMSEncryptPolicy_v2", "KeyId"),
    ("KinesisCrudPolicy", "StreamName"),
    ("KinesisStreamReadPolicy", "StreamName"),
    ("LambdaInvokePolicy", "FunctionName"),
    ("MobileAnalyticsWriteOnlyAccessPolicy", ""),
    ("OrganizationsListAccountsPolicy", ""),
    ("PinpointEndpointAccessPolicy", "PinpointApplicationId"),
    ("PollyFullAccessPolicy", "LexiconName"),
    ("RekognitionDetectOnlyPolicy", ""),
    ("RekognitionFacesManagementPolicy", "CollectionId"),
    ("RekognitionFacesPolicy", ""),
    ("RekognitionLabelsPolicy", ""),
    ("RekognitionNoDataAccessPolicy", "CollectionId"),
    ("RekognitionReadPolicy", "CollectionId"),
    ("RekognitionWriteOnlyAccessPolicy", "CollectionId"),
    ("Route53ChangeResourceRecordSetsPolicy", "HostedZoneId"),
    ("S3CrudPolicy", "BucketName"),
    ("S3FullAccessPolicy", "BucketName"),
    ("S3ReadPolicy", "BucketName"),
    ("S3WritePolicy", "BucketName"),
    ("SESBulkTemplatedCrudPolicy", "IdentityName"),
    ("SESBulkTemplatedCrudPolicy_v2", "IdentityName TemplateName"),
    ("SESCrudPolicy", "IdentityName"),
    ("SESEmailTemplateCrudPolicy", ""),
    ("SESSendBouncePolicy", "IdentityName"),
    ("SNSCrudPolicy", "TopicName"),
    ("SNSPublishMessagePolicy", "TopicName"),
    ("SQSPollerPolicy", "QueueName"),
    ("SQSSendMessagePolicy", "QueueName"),
    ("SSMParameterReadPolicy", "ParameterName"),
    ("SSMParameterWithSlashPrefixReadPolicy", "ParameterName"),
    ("SageMakerCreateEndpointConfigPolicy", "EndpointConfigName"),
    ("SageMakerCreateEndpointPolicy", "EndpointName"),
    ("ServerlessRepoReadWriteAccessPolicy", ""),
    ("StepFunctionsCallbackPolicy", "StateMachineName"),
    ("StepFunctionsExecutionPolicy", "StateMachineName"),
    ("StepFunctionsExecutionPolicy_v2", "StateMachineName"),
    ("TextractDetectAnalyzePolicy", ""),
    ("TextractGetResultPolicy", ""),
    ("TextractPolicy", ""),
    ("VPCAccessPolicy", ""),
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
