//! Rules that look at tables, at what invokes Lambdas, and at the whole system: what they say of small projects, and what
//! they must not say of others that look alike.

use crate::harness::audited;

/// A Lambda that a queue invokes, and one that people do.
const LAMBDAS: &str = r"
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: &environment
        Variables:
          ORDERS_TABLE: !Ref Orders
          AUDIT_TABLE: !Ref Audit
      Events:
        Job: {Type: SQS, Properties: {Queue: arn:aws:sqs:eu-west-1:111122223333:jobs}}
      Policies: &policies
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
        - DynamoDBCrudPolicy: { TableName: !Ref Audit }
  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: web.handler
      Runtime: python3.13
      Environment: *environment
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
        Warm: {Type: Schedule, Properties: {Schedule: rate(5 minutes)}}
      Policies: *policies
";

/// The findings of one rule, each as its severity and title.
fn found(rule: &str, project: &str) -> Vec<String> {
    found_with(rule, project, "")
}

/// The same, with further resources in the template.
fn found_with(rule: &str, project: &str, resources: &str) -> Vec<String> {
    found_among(rule, project, &format!("{LAMBDAS}{resources}"))
}

/// The same, with these Lambdas.
fn found_among(rule: &str, project: &str, lambdas: &str) -> Vec<String> {
    // A Lambda without code could do anything.
    let web =
        if project.contains(WEB) { String::new() } else { format!("{WEB}def handler(event, context):\n    pass\n") };
    audited(&format!("{project}{web}{lambdas}"), |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == rule);
        ours.map(|finding| format!("{}: {}", finding.severity.as_str(), finding.title)).collect()
    })
}

/// What keeps one of them warm.
const WARM: &str = "        Warm: {Type: Schedule, Properties: {Schedule: rate(5 minutes)}}\n";

const NOTHING: [&str; 0] = [];

const WEB: &str = "
=== src/web.py
";

fn grows(code: &str) -> Vec<String> {
    found("unbounded-growth", &format!("from db import audit, orders\n{code}"))
}

const ORDERS_GROW: &str = "medium: Orders only grows: nothing deletes its items, and none expires";

#[test]
fn every_event_leaves_an_item() {
    let put = |item: &str| format!("def handler(event, context):\n    orders.put_item(Item={item})\n");
    for item in [
        r#"{"pk": "ORDER#" + event["order_id"], "sk": f"ORDER#{event['order_id']}"}"#,
        r#"{"pk": event["device"], "sk": f"AT#{event['created_at']}"}"#,
        r#"{"pk": f"{event['user']}#{event['timestamp']}", "sk": "A"}"#,
    ] {
        assert_eq!(grows(&put(item)), [ORDERS_GROW], "{item}");
    }
    for item in [
        r#"{"pk": f"USER#{event['user_id']}", "sk": "PROFILE"}"#,
        r#"{"pk": "LATEST", "sk": "STATUS", "updated_at": event["timestamp"]}"#,
        r#"{"pk": f"BORN#{event['birth_date']}", "sk": "A"}"#,
        r#"{"pk": event["key"], "sk": event["value"]}"#,
        r#"{"pk": event["job"], "sk": "LAST"}"#,
        r#"{"pk": f"ALARM#{event['alarm']}", "sk": "LAST"}"#,
    ] {
        assert_eq!(grows(&put(item)), NOTHING, "{item}");
    }
}

const PUT: &str = r#"
def handler(event, context):
    orders.put_item(Item={"pk": f"ORDER#{event['order_id']}", "sk": "A"})
"#;

#[test]
fn what_takes_items_away() {
    let after = |line: &str| grows(&format!("{PUT}    {line}\n"));
    let batch =
        |request: &str| format!(r#"orders.meta.client.batch_write_item(RequestItems={{orders.name: [{request}]}})"#);
    assert_eq!(after(r#"audit.delete_item(Key={"id": "a"})"#), [ORDERS_GROW]);
    assert_eq!(after(&batch(r#"{"PutRequest": {"Item": {"pk": "a", "sk": "b"}}}"#)), [ORDERS_GROW]);
    for line in [
        r#"orders.delete_item(Key={"pk": event["id"], "sk": "A"})"#,
        r#"orders.batch_writer().delete_item(Key={"pk": "A", "sk": "B"})"#,
        &batch(
            r#"{"PutRequest": {"Item": {"pk": "a", "sk": "b"}}}, {"DeleteRequest": {"Key": {"pk": "a", "sk": "b"}}}"#,
        ),
        r#"orders.meta.client.batch_write_item(RequestItems={orders.name: event["requests"]})"#,
        r#"__import__("boto3").resource("dynamodb").Table(event["table"]).delete_item(Key={"pk": "A", "sk": "B"})"#,
    ] {
        assert_eq!(after(line), NOTHING, "{line}");
    }
    let never_called = format!("{PUT}\ndef clean():\n    orders.delete_item(Key={{\"pk\": \"A\", \"sk\": \"A\"}})\n");
    assert_eq!(grows(&never_called), [ORDERS_GROW]);
}

#[test]
fn what_people_enter_is_theirs() {
    assert_eq!(grows(&format!("{WEB}from db import orders\n{PUT}")), NOTHING);
}

#[test]
fn a_scan_of_what_grows_is_worse() {
    let scan = |call: &str| {
        grows(&format!("{PUT}{WEB}from db import orders\ndef handler(event, context):\n    return {call}\n"))
    };
    assert_eq!(scan(r#"orders.scan()["Items"]"#), [ORDERS_GROW.replace("medium", "high")]);
    assert_eq!(scan(r#"orders.scan(Limit=5)["Items"]"#), [ORDERS_GROW]);
    assert_eq!(
        scan(r#"orders.query(IndexName="by-status", KeyConditionExpression="status = :s")["Items"]"#),
        [ORDERS_GROW]
    );
}

const RUNS: &str = r"
  Runs:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: KEY, AttributeType: S}]
      KeySchema: [{AttributeName: KEY, KeyType: HASH}]
";

#[test]
fn a_name_alone_is_little_proof() {
    let grows = |key: &str, value: &str| {
        let keep = format!(
            "import boto3\nruns = boto3.resource('dynamodb').Table('Runs')\ndef handler(event, context):\n    runs.put_item(Item={{'{key}': {value}}})\n"
        );
        let web = "def handler(event, context):\n    return runs.scan()['Items']\n";
        let table = RUNS.replace("KEY", key).replace("    Properties:\n", "    Properties:\n      TableName: Runs\n");
        let web = format!("{WEB}import boto3\nruns = boto3.resource('dynamodb').Table('Runs')\n{web}");
        found_with("unbounded-growth", &format!("{keep}{web}"), &table)
    };
    let title = "Runs only grows: nothing deletes its items, and none expires";
    assert_eq!(grows("job", "event['job']"), NOTHING, "twelve jobs, written again and again");
    assert_eq!(grows("run_id", "event['name']"), [format!("medium: {title}")]);
    assert_eq!(grows("job", "f\"RUN#{event['run_id']}\""), [format!("high: {title}")]);
}

/// State that is looked up by its key and put back stays under it, whatever the key is called.
#[test]
fn what_is_looked_up_first_is_written_again() {
    let grows = |put: &str, get: &str| {
        let keep = format!(
            "import boto3, uuid\nruns = boto3.resource('dynamodb').Table('Runs')\ndef handler(event, context):\n    key = \
             event['name']\n    {get}\n    {put}\n"
        );
        let table =
            RUNS.replace("KEY", "session_id").replace("    Properties:\n", "    Properties:\n      TableName: Runs\n");
        found_with("unbounded-growth", &keep, &table)
    };
    let only = ["medium: Runs only grows: nothing deletes its items, and none expires"];
    let (put, get) = ("runs.put_item(Item={'session_id': key})", "state = runs.get_item(Key={'session_id': key})");
    assert_eq!(grows(put, ""), only);
    assert_eq!(grows(put, get), NOTHING);
    for id in ["str(uuid.uuid4())", "f'run-{uuid.uuid4()}'", "str(uuid.uuid1())"] {
        let put = format!("runs.put_item(Item={{'session_id': {id}}})");
        assert_eq!(grows(&put, get), only, "{id}");
    }
}

/// A new id is one whatever the attribute is called.
#[test]
fn a_key_that_is_made_up_anew() {
    let put = |id: &str| {
        grows(&format!(
            "import uuid\ndef new():\n    made = uuid.uuid4()\n    return str(made)\ndef handler(event, context):\n    name = \
             new()\n    orders.put_item(Item={{'pk': {id}, 'sk': 'A'}})\n"
        ))
    };
    assert_eq!(put("name"), [ORDERS_GROW]);
    assert_eq!(put("str(uuid.uuid5(uuid.NAMESPACE_DNS, event['host']))"), NOTHING);
}

fn scanned(file: &str, call: &str) -> Vec<String> {
    let code = format!(
        "\n=== src/{file}.py\nfrom db import Attr, orders\ndef handler(event, context):\n    return len({call})\n"
    );
    found("scan-on-request-path", &code)
}

const ALL_READ: &str = "`handler` reads all of Orders whenever its Lambda is invoked";

#[test]
fn a_table_read_for_each_event() {
    assert_eq!(scanned("app", r#"orders.scan()["Items"]"#), [format!("medium: {ALL_READ}")]);
    let filtered = r#"orders.scan(FilterExpression=Attr("open").eq(True))["Items"]"#;
    assert_eq!(scanned("app", filtered), [format!("high: {ALL_READ}")]);
    assert_eq!(scanned("web", r#"orders.scan()["Items"]"#), [format!("high: {ALL_READ}")]);
    let paginator = "orders.meta.client.get_paginator('scan').paginate(TableName=orders.name)";
    let pages = &format!("[item for page in {paginator} for item in page['Items']]");
    assert_eq!(scanned("web", pages), [format!("high: {ALL_READ}")]);
}

#[test]
fn scans_that_are_meant() {
    for call in [
        r#"orders.scan(IndexName="by-status")["Items"]"#,
        r#"orders.scan(Segment=event["segment"], TotalSegments=8)["Items"]"#,
        r#"orders.scan(Limit=10)["Items"]"#,
        r#"orders.query(KeyConditionExpression="pk = :p")["Items"]"#,
    ] {
        assert_eq!(scanned("web", call), NOTHING, "{call}");
    }
    assert_eq!(scanned("by_hand", r#"orders.scan()["Items"]"#), NOTHING, "nothing invokes it");
}

#[test]
fn scans_that_events_share() {
    let code = |code: &str| found("scan-on-request-path", &format!("{WEB}from db import orders\n{code}\n"));
    let read = "orders.scan()[\"Items\"]";
    for quiet in [
        format!("ALL = {read}\ndef handler(event, context):\n    return len(ALL)"),
        format!(
            "_all = None\ndef handler(event, context):\n    global _all\n    if _all is None:\n        _all = {read}\n    return len(_all)"
        ),
        format!(
            "_all = None\ndef get():\n    global _all\n    if _all:\n        return _all\n    _all = {read}\n    return _all\ndef handler(event, context):\n    return len(get())"
        ),
        format!(
            "_all = None\ndef load():\n    global _all\n    _all = {read}\ndef handler(event, context):\n    if not _all:\n        load()\n    return len(_all)"
        ),
        format!(
            "KEPT = {{}}\ndef handler(event, context):\n    try:\n        return KEPT['all']\n    except KeyError:\n        KEPT['all'] = {read}\n    return len(KEPT['all'])"
        ),
        format!(
            "import functools\n@functools.lru_cache(maxsize=1)\ndef get():\n    return {read}\ndef handler(event, context):\n    return len(get())"
        ),
        format!(
            "from functools import cached_property\nclass Store:\n    @cached_property\n    def all(self):\n        return {read}\nstore = Store()\ndef handler(event, context):\n    return len(store.all)"
        ),
        format!(
            "from functools import lru_cache\ndef load():\n    return {read}\nget = lru_cache()(load)\ndef handler(event, context):\n    return len(get())"
        ),
        format!(
            "import functools\nget = functools.cache(lambda: {read})\ndef handler(event, context):\n    return len(get())"
        ),
        format!(
            "import functools\nkeep = functools.lru_cache(maxsize=1)\nclass Store:\n    def __init__(self):\n        self.all = keep(self._load)\n    def _load(self):\n        return {read}\nstore = Store()\ndef handler(event, context):\n    return len(store.all())"
        ),
        format!(
            "from cachetools import TTLCache, cached\ndef load(event):\n    return {read}\nget = cached(TTLCache(1, 60))(load)\ndef handler(event, context):\n    return len(get(event))"
        ),
    ] {
        assert_eq!(code(&quiet), NOTHING, "{quiet}");
    }
}

#[test]
fn scans_that_some_events_make() {
    let alone = LAMBDAS.replace(WARM, "");
    let among = |lambdas: &str, code: &str| {
        found_among("scan-on-request-path", &format!("{WEB}from db import orders\n{code}\n"), lambdas)
    };
    let code = |code: &str| among(&alone, code);
    let read = "orders.scan()[\"Items\"]";
    let may = |function: &str| [format!("high: `{function}` may read all of Orders when its Lambda is invoked")];
    let route = format!(
        "def handler(event, context):\n    if event['path'] == '/all':\n        return len({read})\n    return 0"
    );
    assert_eq!(code(&route), may("handler"));
    // A schedule invokes it, too, and may be what comes this way.
    let sweep =
        format!("def handler(event, context):\n    if event.get('sweep'):\n        return len({read})\n    return 0");
    let rated = "medium: `handler` may read all of Orders when its Lambda is invoked";
    assert_eq!(among(LAMBDAS, &sweep), [rated]);
    let called = format!(
        "def every():\n    return {read}\ndef handler(event, context):\n    if event['path'] != '/all':\n        return 0\n    return len(every())"
    );
    assert_eq!(code(&called), may("every"));
    // To be wrapped is not to be kept.
    let wrapped = format!(
        "import tenacity\ndef every():\n    return {read}\nagain = tenacity.retry(stop=3)(every)\ndef handler(event, context):\n    if event['path'] != '/all':\n        return 0\n    return len(again())"
    );
    assert_eq!(code(&wrapped), may("every"));
    // The table is made late, and read each time.
    let late = format!(
        "_seen = None\ndef handler(event, context):\n    global _seen\n    if _seen is None:\n        _seen = True\n    while True:\n        if event:\n            break\n    return len({read})"
    );
    assert_eq!(code(&late), [format!("high: {ALL_READ}")]);
}

const REPOSITORY: &str = r#"
=== src/store.py
from db import audit, orders

class Store:
    def put(self, item):
        orders.put_item(Item=item)

    def get(self, pk, sk):
        return orders.get_item(Key={"pk": pk, "sk": sk}).get("Item")

    def drop(self, pk, sk):
        orders.delete_item(Key={"pk": pk, "sk": sk})

class Reader:
    def one(self, id):
        return audit.get_item(Key={"id": id})

    def two(self, id):
        return audit.get_item(Key={"id": id})

    def three(self, id):
        return audit.get_item(Key={"id": id})
"#;

fn past(app: &str, web: &str) -> Vec<String> {
    let import = "from db import audit, orders\nfrom store import Reader, Store\n";
    let handler = |lines: &str| format!("{import}def handler(event, context):\n    {lines}\n");
    found("repository-bypass", &format!("{}{WEB}{}{REPOSITORY}", handler(app), handler(web)))
}

#[test]
fn code_that_goes_past_a_repository() {
    let get = r#"orders.get_item(Key={"pk": "A", "sk": "B"})"#;
    let audit = r#"audit.put_item(Item={"id": "A"})"#;
    assert_eq!(past(get, "Store().drop('A', 'B')"), ["low: 1 call on Orders in 1 file goes past Store"]);
    assert_eq!(past(get, get), ["low: 2 calls on Orders in 2 files go past Store"]);
    assert_eq!(past("Store().put(event)", "Store().drop('A', 'B')"), NOTHING, "nobody goes past it");
    assert_eq!(past(audit, audit), NOTHING, "a reader and a writer");
    let most = [get; 4].join("\n    ");
    assert_eq!(past(&most, "Store().drop('A', 'B')"), NOTHING, "most calls go past it");
    let alone = format!("from db import orders\ndef handler(event, context):\n    {get}\n{REPOSITORY}");
    assert_eq!(found("repository-bypass", &alone), NOTHING, "nobody else loads it");
}

fn cardinality(code: &str) -> Vec<String> {
    let reader = "\n    return orders.query(IndexName='by-status', KeyConditionExpression=Key('status').eq('OPEN'))";
    found(
        "low-cardinality-key",
        &format!("from db import Key, orders\ndef handler(event, context):\n    {code}{reader}\n"),
    )
}

#[test]
fn keys_of_few_values() {
    let put = |status: &str| {
        format!(
            "orders.put_item(Item={{'pk': event['pk'], 'sk': event['sk'], 'status': {status}, 'created': event['at']}})"
        )
    };
    let open = put("'OPEN'");
    assert_eq!(
        cardinality(&open),
        ["medium: All of by-status of Orders is in one partition: `status` is always `OPEN`"]
    );
    let paid = "orders.update_item(Key={'pk': 'A', 'sk': 'B'}, UpdateExpression='SET #s = :s', \
                ExpressionAttributeNames={'#s': 'status'}, ExpressionAttributeValues={':s': 'PAID'})";
    assert_eq!(
        cardinality(&format!("{open}\n    {paid}")),
        ["medium: All of by-status of Orders is in 2 partitions: `status` is always `OPEN` or `PAID`"]
    );
    for more in [
        put("f'OPEN#{event[\"shard\"]}'"),
        put("event['status']"),
        "orders.put_item(Item={'pk': 'A', 'sk': 'B'})".to_owned(),
        "orders.put_item(Item=event)".to_owned(),
        "orders.update_item(Key={'pk': 'A', 'sk': 'B'}, UpdateExpression='REMOVE #s', \
         ExpressionAttributeNames={'#s': 'status'})"
            .to_owned(),
    ] {
        assert_eq!(cardinality(&format!("{open}\n    {more}")), NOTHING, "{more}");
    }
}

#[test]
fn what_only_a_script_loads() {
    let project = |tail: &str| {
        format!(
            "from db import Key, orders\ndef handler(event, context):\n    return orders.query(IndexName='by-status', \
             KeyConditionExpression=Key('status').eq('OPEN'))\n{tail}"
        )
    };
    let item = "{'pk': 'A', 'sk': 'B', 'status': 'OPEN', 'created': '2024'}";
    let script = "\n=== tools/load.py\nimport boto3\norders = boto3.resource('dynamodb').Table('app-dev-orders')\n";
    let web = format!("{WEB}from db import orders\ndef handler(event, context):\n    orders.put_item(Item={item})\n");
    assert_eq!(found("low-cardinality-key", &project(&format!("{script}orders.put_item(Item={item})\n"))), NOTHING);
    let by_a_lambda = [
        "medium: All of Orders is in one partition: `pk` is always `A`",
        "medium: All of by-status of Orders is in one partition: `status` is always `OPEN`",
    ];
    assert_eq!(found("low-cardinality-key", &project(&web)), by_a_lambda);
}
