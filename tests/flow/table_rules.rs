//! Rules on what becomes of tables: what they say of small projects, and what they must not say of others that look alike.

use crate::harness::audited;

/// A Lambda that writes orders; `Audit` is left to each test.
const KEEP: &str = r"
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          ORDERS_TABLE: !Ref Orders
          AUDIT_TABLE: !Ref Audit
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
";

const PUTS: &str = r#"
import os

import boto3

orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def handler(event, context):
    orders.put_item(Item={"pk": event["id"], "sk": "A"})
"#;

/// The findings of one rule, each as its confidence, its title and the places that it relates to; and what withholds it.
fn told(rule: &str, project: &str) -> Vec<String> {
    audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == rule);
        let mut out: Vec<String> = ours
            .map(|finding| {
                let related: Vec<&str> = finding.related.iter().map(|related| related.message.as_str()).collect();
                format!("{}: {} [{}]", finding.confidence.as_str(), finding.title, related.join("; "))
            })
            .collect();
        let spots = audit.facts.blind_spots.iter().filter(|spot| spot.withholds.contains(&rule));
        out.extend(spots.map(|spot| format!("withheld: {}", spot.reason)));
        out
    })
}

fn unused(code: &str, resources: &str) -> Vec<String> {
    told("unused-table", &format!("{code}{KEEP}{resources}"))
}

const VARIABLE: &str = "Keep is told of it in `AUDIT_TABLE`, and makes no call on it";

#[test]
fn a_table_that_is_only_named() {
    let likely = [format!("likely: Nothing uses Audit [{VARIABLE}]")];
    assert_eq!(unused(PUTS, ""), likely);
    // To read the variable is no use of the table.
    assert_eq!(unused(&PUTS.replace("def handler", "name = os.environ[\"AUDIT_TABLE\"]\n\n\ndef handler"), ""), likely);
    let alarm = r"
  Full:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/DynamoDB
      MetricName: ThrottledRequests
      Dimensions: [{Name: TableName, Value: !Ref Audit}]
  Scaling:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: application-autoscaling.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: scale
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ['dynamodb:DescribeTable', 'dynamodb:UpdateTable'], Resource: !GetAtt Audit.Arn}]
";
    assert_eq!(
        unused(PUTS, alarm),
        [format!("likely: Nothing uses Audit [{VARIABLE}; Full names it, to watch or to keep it]")]
    );
    let output = "Outputs:\n  AuditName: {Value: !Ref Audit}\n";
    assert_eq!(
        unused(PUTS, output),
        [format!("possible: Nothing here uses Audit [{VARIABLE}; the output AuditName names it]")]
    );
}

#[test]
fn whoever_works_with_a_table_uses_it() {
    const NOTHING: [&str; 0] = [];
    for resources in [
        "        - DynamoDBReadPolicy: { TableName: !Ref Audit }\n",
        "        - Statement: [{Effect: Allow, Action: 'dynamodb:Query', Resource: !Sub '${Audit.Arn}/index/*'}]\n",
        "    Connectors: {Audits: {Properties: {Destination: {Id: Audit}, Permissions: [Read]}}}\n",
        "  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {ContainerDefinitions: [{Environment: [{Name: T, Value: !Ref Audit}]}]}\n",
        "  Name:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: !Join ['/', [tables, !Ref Audit]]}\n",
        "  Seed:\n    Type: Custom::Seed\n    Properties: {ServiceToken: arn:aws:lambda:eu-west-1:111122223333:function:seed, Table: !Ref Audit}\n",
        "  Elsewhere:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: 'https://example.com/t.yaml', Parameters: {T: !GetAtt Audit.Arn}}\n",
    ] {
        assert_eq!(unused(PUTS, resources), NOTHING, "{resources}");
    }
    for line in ["audit.get_item(Key={'id': 'a'})", "return audit"] {
        let dead = format!(
            "\n\ndef never():\n    audit = boto3.resource('dynamodb').Table(os.environ['AUDIT_TABLE'])\n    {line}\n"
        );
        let found = unused(&format!("{PUTS}{dead}"), "");
        assert_eq!(found.is_empty(), line.starts_with("audit"), "{line}: {found:?}");
    }
}

#[test]
fn what_may_use_a_table_withholds_the_claim() {
    let exported = "Outputs:\n  Name: {Value: !Ref Audit, Export: {Name: audit}}\n";
    assert_eq!(unused(PUTS, exported), ["withheld: Audit is exported, and other stacks may use it"]);
    let unknown = PUTS.replace(
        "orders.put_item",
        "boto3.resource('dynamodb').Table(event['t']).delete_item(Key={})\n    orders.put_item",
    );
    let wide = "        - Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]\n";
    assert_eq!(unused(&unknown, wide), ["withheld: DeleteItem may be on Audit"]);
    // The role doesn't let it, whatever the name comes to.
    assert_eq!(unused(&unknown, ""), [format!("likely: Nothing uses Audit [{VARIABLE}]")]);
    let elsewhere = r"  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: web/
      Handler: index.handler
      Runtime: nodejs22.x
      Environment: {Variables: {AUDIT: !Ref Audit}}
";
    let withheld = "withheld: Web is told of Audit in `AUDIT`, and not all of its code is known";
    assert_eq!(unused(PUTS, elsewhere), [withheld]);
}

/// What withholds `unused-table` where a handler does this with the name of a table that it makes no call on.
fn handed(line: &str) -> Vec<String> {
    let code = PUTS.replace("def handler", "NAME = os.environ[\"AUDIT_TABLE\"]\n\n\ndef handler");
    let imports = "import json\nimport logging\nimport subprocess\n\nimport requests\n";
    unused(&format!("{imports}{code}    {line}\n"), "")
}

#[test]
fn whoever_is_handed_the_name_of_a_table_may_use_it() {
    let withheld = ["withheld: Keep hands on the name of Audit, which it is told in `AUDIT_TABLE`"];
    for line in [
        "boto3.client('stepfunctions').start_execution(input=json.dumps({'table': NAME}))",
        "boto3.client('stepfunctions').start_execution(input='{\"table\": \"' + NAME + '\"}')",
        "boto3.client('glue').start_job_run(JobName='j', Arguments={'--table': NAME})",
        "boto3.client('ecs').run_task(overrides={'containerOverrides': [{'environment': [{'name': 'T', 'value': NAME}]}]})",
        "boto3.resource('sqs').Queue('q').send_message(MessageBody=f'load {NAME}')",
        "requests.post('https://example.com', json={'of': {'the': {'table': {'name': NAME}}}})",
        "subprocess.run(['load'])",
        "requests.post('https://example.com', data=NAME.split('-')[0])",
        "orders.put_item(Item={'pk': 'a', 'sk': 'b', 'table': NAME})",
        "return {'table': NAME}",
    ] {
        assert_eq!(handed(line), withheld, "{line}");
    }
    let likely = [format!("likely: Nothing uses Audit [{VARIABLE}]")];
    for line in ["logging.info('old: %s', NAME)", "print(f'old: {NAME}')", "boto3.resource('dynamodb').Table(NAME)"] {
        assert_eq!(handed(line), likely, "{line}");
    }
}

#[test]
fn whoever_is_granted_a_table_may_use_it() {
    const STATEMENT: &str = "{Effect: Allow, Action: 'dynamodb:*', Resource: RESOURCE}";
    let attached = "Policies: [{PolicyName: p, PolicyDocument: {Statement: [STATEMENT]}}]";
    let role = |service: &str| {
        format!(
            "  Other:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument:\n        Statement: \
             [{{Effect: Allow, Principal: {{Service: {service}.amazonaws.com}}, Action: sts:AssumeRole}}]\n      {attached}\n"
        )
    };
    let plain = |kind: &str, properties: &str| {
        format!("  Other:\n    Type: AWS::IAM::{kind}\n    Properties:\n      {properties}\n")
    };
    for other in [
        plain("ManagedPolicy", "PolicyDocument: {Statement: [STATEMENT]}"),
        plain("User", attached),
        plain("Group", attached),
        role("ec2"),
        role("ecs-tasks"),
        role("glue"),
    ] {
        for resource in [
            "!GetAtt Audit.Arn",
            "!Sub 'arn:aws:dynamodb:*:*:table/${Audit}'",
            "'*'",
            "!Sub 'arn:aws:dynamodb:*:*:table/${AWS::StackName}-*'",
        ] {
            let other = other.replace("STATEMENT", STATEMENT).replace("RESOURCE", resource);
            let told = unused(PUTS, &other);
            assert!(told.iter().all(|line| line.starts_with("withheld: ")), "{other}: {told:?}");
        }
    }
}

/// What `missing-deletion-policy` says where `Orders` can be restored and `Audit` is written so.
fn lost(code: &str, audit: &str) -> Vec<String> {
    let template =
        KEEP.replace("Ref Orders }", "Ref Orders }\n        - DynamoDBCrudPolicy: { TableName: !Ref Audit }");
    let kept = format!("{PUTS}\naudit = boto3.resource('dynamodb').Table(os.environ['AUDIT_TABLE'])\n");
    let code = kept.replace("    orders.put_item(Item={\"pk\": event[\"id\"], \"sk\": \"A\"})", code);
    let other = format!(
        "  Ledger:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      BillingMode: PAY_PER_REQUEST\n      \
         AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n      \
         PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: true}}\n{audit}"
    );
    told("missing-deletion-policy", &format!("import time\n{code}{template}{other}"))
}

#[test]
fn items_that_stay_are_lost_with_their_table() {
    let ledger = "likely: Ledger and its items are deleted with the stack [Ledger has point-in-time recovery]";
    let orders = "likely: Orders and its items are deleted with the stack [PutItem leaves items that stay; Ledger has point-in-time recovery]";
    assert_eq!(lost("    pass", ""), [ledger]);
    assert_eq!(lost("    orders.put_item(Item={'pk': event['id'], 'sk': 'A', 'n': 1})", ""), [orders, ledger]);
    for passing in [
        // A counter, a mark: what an update changes may be made anew.
        "audit.update_item(Key={'id': 'a'}, UpdateExpression='SET n = :n', ExpressionAttributeValues={':n': 1})",
        // Locks, taken and given back.
        "orders.put_item(Item={'pk': 'l', 'sk': 'l', 'by': 'a'}, ConditionExpression='attribute_not_exists(pk)')\n    orders.delete_item(Key={'pk': 'l', 'sk': 'l'})",
        // That a key was there, and nothing else.
        "audit.put_item(Item={'id': event['id']})",
        "batch = orders.batch_writer().__enter__()\n    batch.delete_item(Key={'pk': 'a', 'sk': 'b'})",
        "boto3.client('dynamodb').batch_write_item(RequestItems={os.environ['ORDERS_TABLE']: [{'DeleteRequest': {'Key': {'pk': {'S': 'a'}}}}]})",
        "boto3.client('dynamodb').batch_write_item(RequestItems={os.environ['ORDERS_TABLE']: event['requests']})",
    ] {
        assert_eq!(lost(&format!("    {passing}"), ""), [ledger], "{passing}");
    }
    let guarded =
        "    orders.put_item(Item={'pk': 'l', 'sk': 'l', 'by': 'a'}, ConditionExpression='attribute_not_exists(pk)')";
    assert_eq!(lost(guarded, ""), [orders, ledger]);
    assert_eq!(lost("    orders.put_item(Item=event)", ""), [orders, ledger]);
    let named = |name: &str| {
        let put =
            format!("    boto3.resource('dynamodb').Table('{name}').put_item(Item={{'id': event['id'], 'n': 1}})");
        let table = format!(
            "  Other:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: {name}\n      BillingMode: PAY_PER_REQUEST\n      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n"
        );
        lost(&put, &table).len()
    };
    assert_eq!(["shop-idempotency", "web_sessions", "JobLocks", "invoices"].map(named), [1, 1, 1, 2]);
    // Nothing writes there: whether its data last can't be told.
    assert_eq!(lost("    return audit.get_item(Key={'id': 'a'})", ""), [ledger]);
}

const VISITS: &str = r"  Visits:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: visits
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
";

/// A visit, which expires: what is put, and into a table that keeps how long.
fn visit(ttl: &str) -> Vec<String> {
    let code = format!("    boto3.resource('dynamodb').Table('visits').put_item(Item={{'id': event['id']{ttl}}})");
    lost(&code, VISITS).into_iter().filter(|told| told.contains("Visits")).collect()
}

#[test]
fn a_cache_is_no_loss() {
    let none: [&str; 0] = [];
    assert_eq!(visit(", 'ttl': int(time.time()) + 3600"), none);
    assert_eq!(visit(", 'ttl': event['until']"), none);
    assert_eq!(visit(", **event['rest']"), none);
    // It is never put, and each update that may make it gives it a time to go.
    let update = |ttl: &str| {
        let code = format!(
            "    boto3.resource('dynamodb').Table('visits').update_item(Key={{'id': 'a'}}, UpdateExpression='SET {ttl} = :t', ExpressionAttributeValues={{':t': int(time.time()) + 60}})"
        );
        let recoverable = "      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}\n";
        lost(&code, &format!("{VISITS}{recoverable}"))
            .into_iter()
            .filter(|told| told.contains("Visits"))
            .collect::<Vec<_>>()
    };
    assert_eq!(update("ttl"), none);
    let restored = "likely: Visits and its items are deleted with the stack [Visits has point-in-time recovery]";
    assert_eq!(update("seen"), [restored]);
    let lost = |how: &str| {
        let put = "likely: Visits and its items are deleted with the stack [PutItem leaves items";
        [format!("{put} {how}; Ledger has point-in-time recovery]")]
    };
    assert_eq!(visit(", 'ttl': int(time.time()) + 90 * 86400"), lost("for 90 days"));
    assert_eq!(visit(", 'user': 'a'"), lost("that stay"));
}

#[test]
fn whether_an_unread_index_is_filled_is_told_only_where_all_writes_are_known() {
    let told = |item: &str| {
        let code = format!(
            "from db import orders\n\ndef handler(event, context):\n    orders.put_item(Item={item})\n    orders.query(KeyConditionExpression=\"pk = :pk\")\n"
        );
        audited(&code, |audit| {
            let findings = ddb_audit::rules::run(&audit.facts);
            let ours = findings.into_iter().filter(|finding| finding.rule == "unused-gsi");
            ours.map(|finding| finding.message).collect::<Vec<_>>()
        })
    };
    let unread = "No Query or Scan of any Lambda or script names it.";
    let empty = "No code at hand writes its key attributes either, so it is most likely empty.";
    assert_eq!(told(r#"{"pk": "a", "sk": "b"}"#), [format!("{unread} {empty}")]);
    let reason = "not all that PutItem writes to Orders is known";
    let unknown = format!("Whether its key attributes are written can't be told: {reason}.");
    assert_eq!(told("event"), [format!("{unread} {unknown}")]);
}

/// Of tables that exclude each other, findings name all.
#[test]
fn twins_are_named() {
    let project = r##"
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    return table.scan()["Items"]
=== template.yaml
  Kept:
    Type: AWS::DynamoDB::Table
    Condition: IsKept
    DeletionPolicy: Retain
    Properties: &table
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  Dropped:
    Type: AWS::DynamoDB::Table
    Condition: IsDropped
    Properties: *table
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !If [IsKept, !Ref Kept, !Ref Dropped] } }
Conditions:
  IsKept: !Equals [!Ref Stage, prod]
  IsDropped: !Not [!Condition IsKept]
"##;
    let said = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts).into_iter();
        let ours = findings.filter(|finding| finding.rule == "missing-pagination");
        ours.map(|finding| {
            let related =
                finding.related.iter().map(|related| format!("{}: {}", audit.place(related.span).1, related.message));
            (finding.message.rsplit_once(". ").map(|(_, last)| last.to_owned()), related.collect::<Vec<_>>())
        })
        .collect::<Vec<_>>()
    });
    let last = "Kept stands for Dropped as well: only one of them is deployed.".to_owned();
    let at = "42: either this or Kept is deployed".to_owned();
    assert_eq!(said.iter().map(|(message, _)| message.clone()).collect::<Vec<_>>(), [Some(last)]);
    assert!(said[0].1.contains(&at), "{said:?}");
}
