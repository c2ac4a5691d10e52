//! Rules that hold a Lambda's code against what its template gives it: variables, records, reports.

use crate::harness::audited;

/// The findings of one rule, each as its severity and title.
fn found(rule: &str, project: &str) -> Vec<String> {
    audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == rule);
        ours.map(|finding| format!("{}: {}", finding.severity.as_str(), finding.title)).collect()
    })
}

const NOTHING: [&str; 0] = [];

fn lambda(properties: &str) -> String {
    format!(
        "\n=== template.yaml\n  Keep:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: src/\n      Handler: \
         app.handler\n      Runtime: python3.13\n{properties}"
    )
}

fn read(line: &str) -> Vec<String> {
    reads(&format!("import os\n{line}\ndef handler(event, context):\n    pass\n"))
}

fn reads(code: &str) -> Vec<String> {
    found("env-not-set", &format!("{code}{}", lambda("      Environment: {Variables: {GIVEN: a}}\n")))
}

const LIMIT: &str = "critical: Keep reads the environment variable LIMIT, which it doesn't get";

#[test]
fn a_variable_that_nobody_sets() {
    assert_eq!(read(r#"limit = os.environ["LIMIT"]"#), [LIMIT]);
    assert_eq!(read(r#"limit = int(os.environ["LIMIT"]) * 2 if os.environ else 0"#), NOTHING);
    assert_eq!(read(r#"is_on = os.environ["LIMIT"] == "on""#), [LIMIT]);
    assert_eq!(
        reads(
            "from settings import limit\ndef handler(event, context):\n    pass\n=== src/settings.py\nfrom os import environ\nlimit = environ[\"LIMIT\"]\n"
        ),
        [LIMIT]
    );
    assert_eq!(reads("import os\ndef handler(event, context):\n    return os.environ[\"LIMIT\"]\n"), [LIMIT]);
}

/// Lambdas that share the code fail at the same line: that is said once.
#[test]
fn a_variable_that_several_lack() {
    let code = "import os\nlimit = os.environ['LIMIT']\ndef handler(event, context):\n    pass\n";
    let other = lambda("").replace("  Keep:", "  Other:").replace("=== template.yaml\n", "");
    assert_eq!(
        found("env-not-set", &format!("{code}{}{other}", lambda(""))),
        ["critical: Keep and Other read the environment variable LIMIT, which they don't get"]
    );
}

#[test]
fn variables_that_are_set_or_not_needed() {
    for line in [
        r#"given = os.environ["GIVEN"]"#,
        r#"region = os.environ["AWS_REGION"] + os.environ["LAMBDA_TASK_ROOT"] + os.environ["TZ"] + os.environ["_HANDLER"]"#,
        r#"limit = os.environ.get("LIMIT")"#,
        r#"limit = os.getenv("LIMIT", "5")"#,
        r#"limit = os.environ["LIMIT"] if "LIMIT" in os.environ else "5""#,
        "limit = os.environ.get('OTHER') or os.environ['LIMIT']",
        "if os.environ.get('STAGE') == 'dev':\n    limit = os.environ['LIMIT']",
        "try:\n    limit = os.environ['LIMIT']\nexcept KeyError:\n    limit = 5",
        "from contextlib import suppress\nwith suppress(KeyError):\n    limit = os.environ['LIMIT']",
        "os.environ['LIMIT'] = '5'\nlimit = os.environ['LIMIT']",
        "os.environ.setdefault('LIMIT', '5')\nlimit = os.environ['LIMIT']",
        "import json\nos.environ.update(json.load(open('a')))\nlimit = os.environ['LIMIT']",
        "from dotenv import load_dotenv\nload_dotenv()\nlimit = os.environ['LIMIT']",
        "limit = lambda: os.environ['LIMIT']",
        "def never_called():\n    return os.environ['LIMIT']",
        "del os.environ['LIMIT']",
        "os.environ.update(LIMIT='5')\nlimit = os.environ['LIMIT']",
        "given = {'LIM' + 'IT': '5'}\nos.environ.update(**given)\nlimit = os.environ['LIMIT']",
        "os.environ |= {'LIM' + 'IT': '5'}\nlimit = os.environ['LIMIT']",
        "from json import load\nload(os.environ)\nlimit = os.environ['LIMIT']",
        "import platform_bootstrap\nlimit = os.environ['LIMIT']",
        "limit = {'LIMIT': 5}['LIMIT']",
    ] {
        assert_eq!(read(line), NOTHING, "{line}");
    }
    for code in [
        "import os\ndef limit():\n    return os.environ['LIMIT']\ndef handler(event, context):\n    try:\n        return limit()\n    except KeyError:\n        return 5\n",
        "import os\ndef sync():\n    return os.environ['LIMIT']\ndef handler(event, context):\n    if os.environ.get('MODE') == 'sync':\n        sync()\n",
        "import os\ndef handler(event, context):\n    if not event:\n        return\n    print(os.environ['LIMIT'])\n",
        "try:\n    import settings\nexcept KeyError:\n    settings = None\ndef handler(event, context):\n    pass\n=== src/settings.py\nimport os\nlimit = os.environ['LIMIT']\n",
    ] {
        assert_eq!(reads(code), NOTHING, "{code}");
    }
    let code = "import os\nlimit = os.environ['LIMIT']\ndef handler(event, context):\n    pass\n";
    for properties in [
        "      Environment: {Variables: {LIMIT: !Ref Stage}}\n",
        "      Environment: {Variables: !If [Small, {LIMIT: '5'}, {}]}\n",
        "      Environment: {Variables: {'Fn::Transform': {Name: AddThem}}}\n",
        "      Environment: {Variables: {AWS_LAMBDA_EXEC_WRAPPER: /opt/start}}\n",
        "      Environment: !Ref Stage\n",
    ] {
        assert_eq!(found("env-not-set", &format!("{code}{}", lambda(properties))), NOTHING, "{properties}");
    }
    assert_eq!(found("env-not-set", &format!("{code}{}", lambda(""))), [LIMIT], "no variables at all");
}

/// A Lambda on the stream of a table of its own.
fn on_stream(view: &str, mapping: &str, code: &str) -> String {
    let table = format!(
        "  Changes:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      BillingMode: PAY_PER_REQUEST\n      \
         AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      KeySchema: [{{AttributeName: id, KeyType: \
         HASH}}]\n      StreamSpecification: {{StreamViewType: {view}}}\n"
    );
    let event = format!(
        "      Events: {{Changed: {{Type: DynamoDB, Properties: {{Stream: !GetAtt Changes.StreamArn, StartingPosition: \
         LATEST{mapping}}}}}}}\n"
    );
    format!(
        "def handler(event, context):\n    for record in event['Records']:\n        {code}\n{}{table}",
        lambda(&event)
    )
}

#[test]
fn images_that_a_stream_lacks() {
    let lacks = |view, code| found("stream-image-missing", &on_stream(view, "", code));
    let title = |image| format!("high: Keep reads `{image}`, which the stream of Changes doesn't carry");
    let [old, new] = ["OldImage", "NewImage"];
    assert_eq!(lacks("NEW_IMAGE", "print(record['dynamodb']['OldImage'])"), [title(old)]);
    assert_eq!(lacks("OLD_IMAGE", "print(record['dynamodb']['NewImage'])"), [title(new)]);
    assert_eq!(
        lacks("KEYS_ONLY", "print(record['dynamodb']['NewImage'], record['dynamodb']['OldImage'])"),
        [title(new), title(old)]
    );
    let removed = "if record['eventName'] == 'REMOVE':\n            print(record['dynamodb']['OldImage'])";
    assert_eq!(lacks("NEW_IMAGE", removed), [title(old)], "it is never there");
    for code in [
        "print(record['dynamodb']['NewImage'])",
        "print(record['dynamodb'].get('OldImage'))",
        "if 'OldImage' in record['dynamodb']:\n            print(record['dynamodb']['OldImage'])",
        "try:\n            print(record['dynamodb']['OldImage'])\n        except KeyError:\n            pass",
        "print({'OldImage': 1}['OldImage'])",
        "print(record['body']['OldImage'])",
        "try:\n            old(record)\n        except KeyError:\n            pass\n\ndef old(record):\n    print(record['dynamodb']['OldImage'])",
        "print(record['dynamodb']['Keys'])",
    ] {
        assert_eq!(lacks("NEW_IMAGE", code), NOTHING, "{code}");
    }
    let mapped = |mapping| {
        found("stream-image-missing", &on_stream("NEW_IMAGE", mapping, "print(record['dynamodb']['OldImage'])"))
    };
    assert_eq!(mapped(", FilterCriteria: {Filters: [{Pattern: '{}'}]}"), NOTHING);
    let too = "}}, Jobs: {Type: SQS, Properties: {Queue: 'arn:aws:sqs:eu-west-1:123456789012:jobs'";
    assert_eq!(mapped(too), NOTHING, "its records may come from the queue");
    assert_eq!(lacks("NEW_AND_OLD_IMAGES", "print(record['dynamodb']['OldImage'])"), NOTHING);
    assert_eq!(lacks("!If [Both, NEW_AND_OLD_IMAGES, NEW_IMAGE]", "print(record['dynamodb']['OldImage'])"), NOTHING);
}

#[test]
fn records_that_stop_a_stream() {
    let stops = |mapping| found("stream-poison-pill", &on_stream("KEYS_ONLY", mapping, "print(record)"));
    let title = "medium: One record that Keep fails on stops the stream of Changes for a day";
    for mapping in ["", ", MaximumRetryAttempts: -1", ", BisectBatchOnFunctionError: true"] {
        assert_eq!(stops(mapping), [title], "{mapping}");
    }
    for mapping in
        [", MaximumRetryAttempts: 0", ", MaximumRecordAgeInSeconds: 3600", ", MaximumRetryAttempts: !Ref Stage"]
    {
        assert_eq!(stops(mapping), NOTHING, "{mapping}");
    }
}

#[test]
fn two_sources_are_one_finding() {
    let project = on_stream("KEYS_ONLY", "", "print(record)");
    let again =
        "Again: {Type: DynamoDB, Properties: {Stream: !GetAtt Changes.StreamArn, StartingPosition: LATEST}}, Changed:";
    let places = audited(&project.replace("Changed:", again), |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == "stream-poison-pill");
        ours.map(|finding| finding.related.iter().map(|place| place.message.clone()).collect()).collect::<Vec<Vec<_>>>()
    });
    assert_eq!(places, [["and so here", "the stream of Changes", "Keep is invoked"]]);
}

#[test]
fn reports_that_nobody_reads_or_writes() {
    let mismatch = |mapping, code| found("partial-batch-mismatch", &on_stream("KEYS_ONLY", mapping, code));
    let asked = ", FunctionResponseTypes: [ReportBatchItemFailures]";
    let report = "print(record)\n    return {'batchItemFailures': [{'itemIdentifier': record['eventID']}]}";
    assert_eq!(
        mismatch("", report),
        ["high: Keep reports failed records, and its event source doesn't read the report"]
    );
    assert_eq!(
        mismatch(asked, "print(record)"),
        ["medium: Keep is to report failed records one by one, and never does"]
    );
    assert_eq!(mismatch(asked, report), NOTHING);
    assert_eq!(mismatch("", "print(record)"), NOTHING);
    for answer in [
        "print(record)\n    return {'batchItemFailures': []}",
        "print('batchItemFailures')",
        "if record:\n            return {}\n    return {'batchItemFailures': [record]}",
    ] {
        assert_eq!(mismatch("", answer), NOTHING, "{answer}");
    }
    assert_eq!(mismatch(asked, "print(record)\n    import json\n    return json.loads(record)"), NOTHING);
    assert_eq!(mismatch(", FunctionResponseTypes: !If [Some, [ReportBatchItemFailures], []]", report), NOTHING);
    let elsewhere = "print(record)\n\ndef never_called():\n    return {'batchItemFailures': []}";
    assert_eq!(mismatch("", elsewhere), NOTHING);
    assert_eq!(mismatch(asked, elsewhere), NOTHING);
    let powertools = "from aws_lambda_powertools.utilities.batch import process_partial_response";
    assert_eq!(mismatch(asked, powertools), NOTHING);
    assert_eq!(mismatch(asked, "from ours import lost"), NOTHING, "code that isn't at hand");
}

const TABLES: &str = "import boto3\nimport os\ndynamodb = boto3.resource('dynamodb')\n";

fn undeclared(lines: &str, properties: &str) -> Vec<String> {
    let code = format!("{TABLES}def handler(event, context):\n    {lines}\n");
    found("undeclared-table", &format!("{code}{}", lambda(properties)))
}

#[test]
fn tables_that_no_template_declares() {
    let put = |name: &str| format!("dynamodb.Table({name}).put_item(Item={{'id': 'a'}})");
    let title = |name| format!("medium: `handler` uses the table `{name}`, which no template declares");
    assert_eq!(undeclared(&put("'app-orders-archive'"), ""), [title("app-orders-archive")]);
    // CloudFormation names `Audit` after the stack, which may be called `archive`.
    assert_eq!(undeclared(&put("f'archive-{event[\"stage\"]}'"), ""), NOTHING);
    assert_eq!(undeclared(&put("f'archive-{event[\"stage\"]}-2'"), ""), NOTHING);
    // How a number looks depends on its format.
    assert_eq!(undeclared(&put("f'{7:02d}-archive'"), ""), NOTHING);
    assert_eq!(undeclared(&put("f'{7!r:>4}-archive'"), ""), NOTHING);
    assert_eq!(undeclared(&put("f'{7:d}-archive'"), ""), [title("7-archive")]);
    let twice = format!("{}\n    {}", put("'archive'"), put("'archive'"));
    assert_eq!(undeclared(&twice, ""), [title("archive")]);
    for lines in [
        put("event['table']"),
        put("os.environ['TABLE']"),
        put("'app-dev-orders'"),
        put("'Audit'"),
        put("''"),
        put("os.environ.get('TABLE', '')"),
        format!("dynamodb.create_table(TableName='archive')\n    {}", put("'archive'")),
        format!("pass\n\ndef never_called():\n    {}", put("'archive'")),
    ] {
        assert_eq!(undeclared(&lines, ""), NOTHING, "{lines}");
    }
    let imported = "      Environment: {Variables: {TABLE: !ImportValue archive-table}}\n";
    assert_eq!(undeclared(&put("os.environ['TABLE']"), imported), NOTHING);
    let default = "      Environment: {Variables: {TABLE: !Sub 'archive'}}\n";
    assert_eq!(undeclared(&put("os.environ['TABLE']"), default), NOTHING);
    let granted = "      Policies: [DynamoDBWritePolicy: {TableName: archive}]\n";
    assert_eq!(undeclared(&put("'archive'"), granted), NOTHING);
}
