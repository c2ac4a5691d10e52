//! Where a function's code lies, and how its versions, addresses and results are published.

use super::{check, function};

/// The errors of a function with this line of properties, on line 9.
#[track_caller]
fn with(properties: &str, expected: &[&str]) {
    check(&function(properties), expected);
}

#[test]
fn places_of_code() {
    for sound in ["src/", "http_api/", "s3://bucket/key", "{Bucket: b, Key: k}", "./s3"] {
        with(&format!("CodeUri: {sound}"), &[]);
    }
    let whose = "9: `CodeUri` of `F`";
    with("CodeUri: s3://bucket", &[&format!("{whose} is no place in a bucket")]);
    with("CodeUri: https://host/code.zip", &[&format!("{whose} is no place in a bucket")]);
    with("CodeUri: 's3://[token]/key'", &[&format!("{whose} is no place in a bucket")]);
    with("CodeUri: 's3://b/{{resolve:ssm:/key}}'", &[&format!("{whose} has a dynamic reference")]);
    with("CodeUri: !Ref P", &[&format!("{whose} lacks `Bucket` or `Key`")]);
    with("CodeUri: !GetAtt T.Arn", &[&format!("{whose} lacks `Bucket` or `Key`")]);
    with("CodeUri: !Sub 'src/${AWS::Region}'", &[]);
    with("CodeUri: !Ref Code\nParameters: {Code: {Type: String, Default: src/}}", &[]);
    with("CodeUri: {Bucket: b}", &[&format!("{whose} lacks `Bucket` or `Key`")]);
    with("CodeUri: 3", &[&format!("{whose} must be a text or a mapping")]);
    with("InlineCode: x\n      CodeUri: 3", &[]);
}

#[test]
fn aliases_and_deployments() {
    with("AutoPublishAlias: live_1-a", &[]);
    with("AutoPublishAlias: !Ref AWS::Region", &[]);
    with("AutoPublishAlias: !Ref AWS::StackName", &["9: `AutoPublishAlias` of `F` must be a plain text"]);
    for alias in ["'12'", "a*b"] {
        with(&format!("AutoPublishAlias: {alias}"), &["9: `AutoPublishAlias` of `F` is no name of an alias"]);
    }
    with("AutoPublishAlias: !Sub a", &["9: `AutoPublishAlias` of `F` must be a plain text"]);
    with(
        "AutoPublishAlias: a\n      AutoPublishCodeSha256: !Sub x",
        &["10: `AutoPublishCodeSha256` of `F` must be a plain text"],
    );
    with("VersionDeletionPolicy: Retain", &["9: `VersionDeletionPolicy` of `F` needs `AutoPublishAlias`"]);
    let deployed = |preference: &str, expected: &[&str]| {
        with(&format!("AutoPublishAlias: a\n      DeploymentPreference: {{{preference}}}"), expected);
    };
    deployed("Type: AllAtOnce, Alarms: [a], PassthroughCondition: true", &[]);
    deployed("Alarms: [a]", &["10: the deployment preference of `F` has no `Type`"]);
    deployed("Type: t, Alarms: a", &["10: the alarms of `F` must be a list"]);
    deployed("Type: t, Hooks: h", &["10: the hooks of `F` must be a mapping"]);
    deployed("Type: t, PassthroughCondition: !Sub x", &["10: `PassthroughCondition` of `F` must be true or false"]);
    with("DeploymentPreference: {Type: t}", &["9: `DeploymentPreference` of `F` needs an alias"]);
    for off in ["false", "'False'", "!Ref AWS::Region", "!FindInMap [a, b, c]"] {
        with(&format!("DeploymentPreference: {{Type: t, Enabled: {off}}}"), &[]);
    }
}

#[test]
fn destinations_of_results() {
    let to = |one: &str, expected: &[&str]| {
        with(&format!("EventInvokeConfig: {{DestinationConfig: {{OnSuccess: {one}}}}}"), expected);
    };
    to("{Type: SQS}", &[]);
    to("{Type: Lambda, Destination: a}", &[]);
    to("{Type: SNS, Destination: !If [C, a, !Ref AWS::NoValue]}", &[]);
    to("{Type: Kinesis, Destination: a}", &["9: the type of `OnSuccess` of `F` is none that SAM knows"]);
    to("{Type: Lambda}", &["9: `OnSuccess` of `F` has no `Destination`"]);
    to("{Type: Lambda, Destination: !If [C, a, !Ref AWS::NoValue]}", &["9: `OnSuccess` of `F` has no `Destination`"]);
    to("{Type: SQS, Destination: !If [C, a]}", &["9: the `Fn::If` in `OnSuccess` of `F` doesn't have three arguments"]);
    to("text", &["9: `OnSuccess` of `F` must be a mapping"]);
    with("EventInvokeConfig: {DestinationConfig: a}", &["9: `DestinationConfig` of `F` must be a mapping"]);
}

#[test]
fn addresses() {
    let url = |config: &str, expected: &[&str]| with(&format!("FunctionUrlConfig: {{{config}}}"), expected);
    url("AuthType: AWS_IAM, Cors: {AllowOrigins: ['*'], MaxAge: 3, AllowCredentials: true}", &[]);
    url("AuthType: !Ref P, Cors: !Ref C", &[]);
    url("InvokeMode: BUFFERED", &["9: `AuthType` of the URL of `F` is none that SAM knows"]);
    url("AuthType: NONE, Cors: {AllowOrigin: x}", &["9: `Cors` of the URL of `F` can't have `AllowOrigin`"]);
    url(
        "AuthType: NONE, Cors: {AllowOrigins: x, MaxAge: y, AllowCredentials: 1}",
        &[
            "9: `AllowOrigins` of `Cors` of the URL of `F` must be a list",
            "9: `MaxAge` of `Cors` of the URL of `F` must be an integer",
            "9: `AllowCredentials` of `Cors` of the URL of `F` must be true or false",
        ],
    );
}

#[test]
fn tags_layers_capacity_and_the_rest() {
    with("Tags: {'lambda:createdBy': me}", &["9: the tag `lambda:createdBy` of `F` is SAM's own"]);
    with("Tags: {createdBy: me}", &[]);
    with(
        "CapacityProviderConfig: {Arn: a}\n      VpcConfig: {SubnetIds: [s]}",
        &["10: `F` has both `CapacityProviderConfig` and `VpcConfig`"],
    );
    with("FunctionScalingConfig: {a: b}", &["9: `FunctionScalingConfig` of `F` needs `CapacityProviderConfig`"]);
    check(
        "  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: {Bucket: b}}}\n",
        &["4: `ContentUri` of `L` lacks `Bucket` or `Key`"],
    );
    let provider =
        |properties: &str| format!("  C: {{Type: AWS::Serverless::CapacityProvider, Properties: {{{properties}}}}}\n");
    check(&provider("VpcConfig: {SubnetIds: [s]}"), &[]);
    check(&provider("VpcConfig: {SecurityGroupIds: [s]}"), &["4: `VpcConfig` of `C` lacks `SubnetIds`"]);
    check(
        &provider("VpcConfig: {SubnetIds: [s]}, InstanceRequirements: {AllowedTypes: [a], ExcludedTypes: [b]}"),
        &["4: `C` both allows and excludes types of instances"],
    );
}

#[test]
fn sections_that_are_none() {
    check("  X: {Type: {a: b}}\n", &["4: the type of `X` must be a text"]);
    check("Mappings:\n", &["4: `Mappings` must be a mapping"]);
    let parameter = |name: &str| {
        format!(
            "  X: {{Type: A::B::C, Properties: {{a: !Sub 'x${{{name}}}'}}}}\nParameters: {{P: {{Default: [a]}}, Q: {{Default: a}}}}\n"
        )
    };
    check(&parameter("P"), &["4: `P` has a list as its default"]);
    check(&parameter("Q"), &[]);
}

#[test]
fn what_macros_make_is_left_alone() {
    let wrong = "  G: {Type: AWS::Serverless::Function, Properties: {Handlr: a}}\n";
    let expected = ["4: `G` has no `Handler`", "4: `G` has no `Runtime`", "4: `G` has no property `Handlr`"];
    let remote = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}";
    check(wrong, &expected);
    check(&format!("{wrong}  H:\n    Type: AWS::Serverless::Function\n    Properties:\n      {remote}\n"), &expected);
    check(&format!("{wrong}  {remote}\n"), &[]);
    check(&format!("{wrong}Globals: {{Function: {{{remote}}}}}\n"), &[]);
}
