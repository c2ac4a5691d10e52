#!/usr/bin/env python3
"""Writes random SAM templates, and what the official translator makes of them, for tests/sam_inputs.rs to compare.

    generate.py ORACLE FOLDER [COUNT] [SEED]

ORACLE is a Python file with `run(path, params)` that gives the expected form (tables, functions, statements) and raises
if the translator refuses; it needs `pip install aws-sam-translator cfn-lint`. FOLDER gets `input/` and `expected/`.
Then: SAM_INPUTS=FOLDER cargo test --test sam_inputs -- --nocapture
"""
import importlib.util, json, os, random, shutil, sys

TEMPLATES = ["Crud", "Read", "Write", "Reconfigure", "BackupFullAccess", "RestoreFromBackup"]
ACTIONS = ["dynamodb:GetItem", "dynamodb:*", "dynamodb:Batch*", "dynamodb:?utItem", "*", "s3:GetObject", "dynamodb:Query"]
NO_VALUE = {"Ref": "AWS::NoValue"}


class Author:
    """Writes one template; `fault` in a while writes something that the translator may refuse."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.resources = {}
        self.looped = False
        self.sloppy = self.random.random() < 0.35
        self.tables, self.functions, self.machines, self.roles, self.managed = [], [], [], [], []

    def chance(self, p):
        return self.random.random() < p

    def pick(self, *options):
        return self.random.choice(options)

    def fault(self, p=0.12):
        return self.sloppy and self.chance(p)

    def condition(self, value, other=NO_VALUE):
        yes = self.pick(True, False)
        return {"Fn::If": [self.pick("IsProd", "IsBig", "IsBoth"), value if yes else other, other if yes else value]}

    def table_name(self):
        table = self.pick(*self.tables)
        return self.pick(
            {"Ref": table}, {"Ref": table}, {"Ref": "TableParam"}, "orders", {"Fn::Sub": "${AWS::StackName}-x"},
            {"Fn::ImportValue": "shared"}, {"Fn::GetAtt": [table, "Arn"]}, {"Fn::Sub": "${%s}" % table},
            {"Fn::ImportValue": {"Fn::Sub": "${Stage}-table"}}, {"Fn::Join": ["-", ["a", {"Ref": "Stage"}]]},
        )

    def arn(self):
        table = self.pick(*self.tables)
        return self.pick(
            {"Fn::GetAtt": [table, "Arn"]}, {"Fn::GetAtt": table + ".Arn"}, {"Fn::Sub": "${%s.Arn}/index/*" % table}, "*",
            {"Fn::Sub": "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${%s}*" % table},
            {"Fn::Join": ["", [{"Fn::GetAtt": [table, "Arn"]}, "/index/*"]]},
        )

    def some(self, one, most=3):
        items = [one() for _ in range(self.random.randint(1, most))]
        return items[0] if len(items) == 1 and self.chance(0.5) else items

    def statement(self):
        out = {"Effect": self.pick("Allow", "Allow", "Allow", "Deny")}
        out["Action"] = self.some(lambda: self.pick(*ACTIONS))
        out["Resource"] = self.some(self.arn)
        if self.chance(0.2):
            out["Condition"] = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:userid}"]}}
        return out

    def document(self):
        statement = self.statement()
        return {"Version": "2012-10-17", "Statement": statement if self.chance(0.2) else [statement, *([self.statement()] if self.chance(0.4) else [])]}

    def template(self):
        if self.fault():
            return {"DynamoDB" + self.pick("Everything", "crud") + "Policy": {"TableName": self.table_name()}}
        if self.fault():
            return {"DynamoDBReadPolicy": self.pick({}, None, "orders", {"Name": "x"})}
        if self.fault():
            return {"DynamoDBReadPolicy": {"TableName": "a"}, "DynamoDBWritePolicy": {"TableName": "b"}}
        if self.chance(0.15):
            return {"DynamoDBStreamReadPolicy": {"TableName": self.table_name(), **({} if self.fault(0.4) else {"StreamName": self.pick("*", "2024")})}}
        if self.chance(0.15):
            return self.pick({"SQSPollerPolicy": {"QueueName": "q"}}, {"AMIDescribePolicy": {}}, {"LambdaInvokePolicy": {"FunctionName": "f"}})
        return {"DynamoDB%sPolicy" % self.pick(*TEMPLATES): {"TableName": self.table_name()}}

    def managed_name(self):
        own = [{"Ref": name} for name in self.managed]
        return self.pick("AmazonDynamoDBFullAccess", "AmazonDynamoDBReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess", "AWSLambdaExecute",
                         "arn:aws:iam::123456789012:policy/ours", {"Ref": "PolicyParam"}, *own)

    def policy(self):
        kind = self.pick("template", "template", "document", "managed", "if", "if")
        if self.fault(0.06):
            return self.pick([self.template()], self.statement(), {"Version": "2012-10-17"}, None, 7, {})
        if kind == "if":
            form = self.pick(self.template, self.document, self.managed_name)
            if self.fault():
                return self.pick({"Fn::If": ["IsProd", self.template(), self.document()]}, {"Fn::If": ["IsProd", self.template()]},
                                 {"Fn::If": ["IsProd", [self.template()], NO_VALUE]}, self.condition(self.condition(self.template())),
                                 self.condition(self.template(), self.managed_name()), self.condition(self.condition(self.document())))
            return self.condition(form(), NO_VALUE if self.chance(0.6) else form())
        return {"template": self.template, "document": self.document, "managed": self.managed_name}[kind]()

    def policies(self, many):
        if self.chance(0.12) and (many or self.fault()):
            return self.policy()
        if self.chance(0.06):
            lists = [[self.policy() for _ in range(2)] for _ in range(2)]
            return self.pick({"Ref": "PolicyParam"}, [], None, self.document(), *([{"Fn::If": ["IsProd", *lists]}] if self.fault(0.5) else []))
        return [self.policy() for _ in range(self.random.randint(1, 4))]

    def simple_table(self):
        properties = {}
        if self.chance(0.6):
            key = {"Name": self.pick("id", "pk"), "Type": self.pick("String", "Number", "Binary")}
            if self.fault(0.3):
                key.pop(self.pick("Name", "Type"))
            elif self.fault(0.2):
                key["Type"] = self.pick("S", "bogus", {"Ref": "Stage"}, 3)
            properties["PrimaryKey"] = self.pick(key, key, key, key) if not self.fault(0.1) else self.pick([], "id", None, {})
        if self.chance(0.3):
            properties["TableName"] = self.pick("orders", {"Fn::Sub": "${Stage}-t"}, {"Ref": "TableParam"})
        if self.chance(0.3):
            properties["PointInTimeRecoverySpecification"] = {"PointInTimeRecoveryEnabled": self.pick(True, False)}
        if self.chance(0.2):
            properties["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": self.pick(1, {"Ref": "Units"}) if not self.fault(0.3) else "1"}
        if self.fault(0.08):
            properties[self.pick("BillingMode", "TimeToLiveSpecification", "KeySchema")] = "x"
        out = {"Type": "AWS::Serverless::SimpleTable"}
        return {**out, "Properties": properties} if properties or self.chance(0.5) else out

    def table(self):
        keys = [{"AttributeName": "pk", "KeyType": "HASH"}, *([{"AttributeName": "sk", "KeyType": "RANGE"}] if self.chance(0.5) else [])]
        properties = {
            "AttributeDefinitions": [{"AttributeName": n, "AttributeType": self.pick("S", "N")} for n in ("pk", "sk", "g")],
            "KeySchema": keys,
            "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        }
        if self.chance(0.5):
            properties["GlobalSecondaryIndexes"] = [{"IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}]
        return {"Type": "AWS::DynamoDB::Table", "Properties": properties}

    def event(self):
        table = self.pick(*self.tables)
        if self.fault():
            return self.pick({"Type": "DynamoDb"}, {"Properties": {}}, {"Type": "DynamoDB"}, {"Type": "DynamoDB", "Properties": {"Stream": "x"}},
                             {"Type": "Schedule", "Properties": {}}, {"Type": "SQS", "Properties": {"Queue": "q", "Stream": "x"}})
        return self.pick(
            self.broker(),
            {"Type": "Kinesis", "Properties": {"Stream": "arn:aws:kinesis:us-east-1:123456789012:stream/s", "StartingPosition": "LATEST", "FilterCriteria": {"Filters": []}}},
            {"Type": "SNS", "Properties": {"Topic": "arn:aws:sns:us-east-1:123456789012:t", "SqsSubscription": self.pick(True, False, {"QueueArn": "q", **({} if self.fault() else {"QueueUrl": "u"})})}},
            self.scheduled(),
            {"Type": "DynamoDB", "Properties": {"Stream": {"Fn::GetAtt": [table, "StreamArn"]}, "StartingPosition": "LATEST", "BatchSize": 10, **self.failures()}},
            {"Type": "Schedule", "Properties": {"Schedule": "rate(1 day)"}},
            {"Type": "SQS", "Properties": {"Queue": {"Fn::Sub": "arn:aws:sqs:us-east-1:123456789012:q"}, "BatchSize": 1}},
            {"Type": "Api", "Properties": {"Path": "/" + self.pick("a", "b", "c") + str(self.random.random())[2:], "Method": "get"}},
        )

    def failures(self):
        """Where a stream's failed records go: a policy more for the role."""
        if self.chance(0.7):
            return {}
        kind = self.pick("SQS", "SNS", "S3", "Kafka") if not self.fault() else "Lambda"
        return {"DestinationConfig": {"OnFailure": {"Type": kind, "Destination": "arn:aws:sqs:us-east-1:123456789012:q"}} if not self.fault(0.1) else {}}

    def broker(self):
        secret = {"Type": "BASIC_AUTH", "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:s"}
        accesses = [secret]
        if self.fault(0.3):
            accesses = self.pick([], [secret, secret], [{"Type": "BASIC_AUTH"}], [{"Type": "PASSWORD", "URI": "x"}], {"Type": "BASIC_AUTH"}, [secret, {"Type": "VPC_SUBNET", "URI": "s"}])
        one = {"SourceAccessConfigurations": accesses}
        if self.chance(0.2):
            one["SecretsManagerKmsKeyId"] = "key" if not self.fault(0.3) else {"Ref": "Stage"}
        kafka = {"KafkaBootstrapServers": ["b:9092"], "Topics": ["t"]}
        if self.fault(0.2):
            kafka = self.pick({"Topics": ["t"]}, {"KafkaBootstrapServers": ["b"]}, {"KafkaBootstrapServers": ["b"], "Topics": ["t", "u"]})
        return self.pick(
            {"Type": "MQ", "Properties": {"Broker": "arn:aws:mq:us-east-1:123456789012:broker:b", "Queues": ["q"], **one}},
            {"Type": "DocumentDB", "Properties": {"Cluster": "arn:aws:rds:us-east-1:123456789012:cluster:c", "DatabaseName": "d", **one}},
            {"Type": "SelfManagedKafka", "Properties": {**kafka, **one}},
            {"Type": "MSK", "Properties": {"Stream": "arn:aws:kafka:us-east-1:123456789012:cluster/c", "StartingPosition": "LATEST", "Topics": ["t"]}},
        )

    def scheduled(self):
        properties = {"Schedule": "rate(1 hour)"}
        if self.chance(0.4):
            properties["DeadLetterConfig"] = self.pick({"Arn": "a"}, {"Type": "SQS"}, {"Type": "SQS", "QueueLogicalId": "Dead%d" % self.random.randint(0, 10**6)}) if not self.fault(0.4) else self.pick({}, {"Type": "SNS"}, {"Arn": "a", "Type": "SQS"})
        if self.fault(0.2):
            properties.update({"State": "ENABLED", "Enabled": True})
        return {"Type": "Schedule", "Properties": properties}

    def published(self):
        """What else gives a function's role statements, and what goes with its versions."""
        out = {}
        if self.chance(0.12):
            kind = self.pick("SQS", "SNS", "Lambda", "EventBridge", "S3Bucket") if not self.fault() else "Kinesis"
            target = {"Destination": self.pick("arn:aws:lambda:us-east-1:123456789012:function:g", self.condition("arn:aws:sqs:us-east-1:123456789012:q"))}
            out["EventInvokeConfig"] = {"DestinationConfig": {"OnFailure": {"Type": kind, **(target if not self.fault() else {})}}}
            if kind not in ("SQS", "SNS") and not self.sloppy:
                out["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"] = "arn:aws:lambda:us-east-1:123456789012:function:g"
        if self.chance(0.12):
            out["FunctionUrlConfig"] = {"AuthType": self.pick("AWS_IAM", "NONE") if not self.fault() else self.pick("IAM", None), "Cors": self.pick({"AllowOrigins": ["*"]}, {"MaxAge": 5}) if not self.fault() else {"AllowOrigin": "*"}}
        if self.chance(0.1):
            out["AutoPublishAlias"] = "live" if not self.fault() else self.pick("li ve", "12", {"Fn::Sub": "${Stage}"})
        if self.chance(0.06):
            out["DeploymentPreference"] = {"Type": "AllAtOnce", **({"Alarms": "a"} if self.fault() else {})}
            if not self.fault():
                out["AutoPublishAlias"] = "live"
        if self.chance(0.1):
            out["VpcConfig"] = {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
        if self.chance(0.1):
            out["Tracing"] = self.pick("Active", "PassThrough")
        if self.fault(0.05):
            # No intrinsic: the bare translator refuses it, but `sam build` writes a place of its own there first.
            out["CodeUri"] = self.pick("s3://bucket", {"Bucket": "b"}, 5)
        if self.fault(0.04):
            out["Tags"] = {"lambda:createdBy": "me"}
        return out

    def role(self):
        own = [{"Fn::GetAtt": [name, "Arn"]} for name in self.roles]
        return self.pick("arn:aws:iam::123456789012:role/x", {"Ref": "RoleParam"}, *own, *own)

    def function(self, name):
        properties = {"CodeUri": "src/"}
        if not self.globals_runtime:
            properties.update({"Handler": "app.handler", "Runtime": "python3.12"})
        if self.fault(0.05):
            properties.pop("Handler", None)
        if self.chance(0.75):
            properties["Policies"] = self.policies(True)
        if self.chance(0.3):
            properties["Role"] = self.pick(self.role(), self.condition(self.role()), self.condition(self.role(), self.role()), NO_VALUE if self.fault() else self.role())
            if self.fault(0.1):
                properties["Role"] = {"Fn::If": ["IsProd", self.role()]}
        if self.chance(0.4):
            properties["Events"] = {"E%d" % n: self.event() for n in range(self.random.randint(1, 2))}
        if self.chance(0.5):
            properties["Environment"] = self.pick({"Variables": {"T": self.table_name(), "OWN": "x"}}, {"Variables": {"LEVEL": "debug"}},
                                                  {"Variables": self.condition({"C": "1"})})
        properties.update(self.published())
        if self.chance(0.15):
            properties["Layers"] = ["arn:aws:lambda:us-east-1:123456789012:layer:x:1"]
        if self.chance(0.1):
            properties["PermissionsBoundary"] = self.pick("arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::123456789012:policy/b")
        if self.chance(0.1):
            properties["DeadLetterQueue"] = {"Type": self.pick("SQS", "SNS") if not self.fault(0.4) else "Kinesis", "TargetArn": "arn:aws:sqs:us-east-1:123456789012:q"}
        if self.fault(0.05):
            properties[self.pick("Environement", "Policy", "TableName")] = {}
        out = {"Type": "AWS::Serverless::Function", "Properties": properties}
        if self.globals and self.chance(0.2):
            out["IgnoreGlobals"] = self.pick("*", ["Environment"], ["Timeout"]) if not self.fault(0.4) else self.pick(["Nothing"], "Environment", {"a": 1, "b": 2})
            if "Handler" not in properties:
                properties.update({"Handler": "app.handler", "Runtime": "python3.12"})
        if self.chance(0.15):
            out["Condition"] = "IsProd"
        if self.chance(0.25):
            out["Connectors"] = {"C%d" % n: {"Properties": self.wire()} for n in range(self.random.randint(1, 2))}
        return out

    def end(self, ids):
        if self.fault(0.06):
            return self.pick({"Id": "Nobody"}, {"Arn": "x"}, {"Id": ids[0], "Arn": "x"}, {"Type": "AWS::DynamoDB::Table"})
        return {"Id": self.pick(*ids)}

    def destination(self):
        if self.chance(0.15):
            return {"Type": "AWS::DynamoDB::Table", "Arn": self.pick({"Fn::GetAtt": [self.tables[0], "Arn"]}, {"Fn::ImportValue": "arn"})}
        return self.end(self.tables)

    def permissions(self):
        return self.pick(["Read"], ["Write"], ["Read", "Write"]) if not self.fault(0.1) else self.pick([], ["Readd"], "Read", ["Read", "Delete"])

    def wire(self):
        one = self.destination()
        return {"Destination": one if self.chance(0.7) else [one, self.destination()], "Permissions": self.permissions()}

    def connector(self):
        properties = self.wire()
        properties["Source"] = self.end(self.functions + self.machines)
        if self.chance(0.15):
            properties["Source"] = {"Type": "AWS::Lambda::Function", "RoleName": self.pick("a-role", *[{"Ref": r} for r in self.roles])}
        if self.chance(0.15):
            properties = {"Source": {"Id": self.tables[0]}, "Destination": self.end(self.functions), "Permissions": ["Read"] if not self.fault(0.3) else ["Write"]}
        if self.fault(0.06):
            properties.pop(self.pick("Source", "Destination", "Permissions"))
        return {"Type": "AWS::Serverless::Connector", "Properties": properties}

    def machine(self):
        properties = {"DefinitionUri": "s3://b/k", "Policies": self.policies(False)}
        if self.fault(0.1):
            properties["Role"] = self.role()
        elif self.chance(0.2):
            properties.pop("Policies")
            if self.chance(0.5):
                properties["Role"] = self.role()
        if self.fault(0.05):
            properties.pop("DefinitionUri")
        return {"Type": "AWS::Serverless::StateMachine", "Properties": properties}

    def graphql(self):
        source = {"TableName": self.table_name()}
        if self.chance(0.5):
            source["TableArn"] = self.arn()
        if self.chance(0.3):
            source["Permissions"] = self.permissions()
        if self.chance(0.2):
            source["ServiceRoleArn"] = self.role()
        if self.chance(0.2):
            source["Region"] = self.pick("eu-west-1", {"Ref": "Stage"})
        if self.fault():
            source.pop("TableName")
        properties = {"SchemaInline": "type Query { a: String }", "Auth": {"Type": "AWS_IAM"}, "DataSources": {"DynamoDb": {"Data": source}}}
        if self.fault():
            properties.pop(self.pick("SchemaInline", "Auth"))
        return {"Type": "AWS::Serverless::GraphQLApi", "Properties": properties}

    def iam_role(self):
        properties = {"AssumeRolePolicyDocument": {}}
        if self.chance(0.6):
            properties["Policies"] = [{"PolicyName": "p", "PolicyDocument": self.document()} for _ in range(self.random.randint(1, 2))]
            if self.chance(0.2):
                properties["Policies"].append(self.condition({"PolicyName": "q", "PolicyDocument": self.document()}))
        if self.chance(0.5):
            properties["ManagedPolicyArns"] = [self.pick("arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess", {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess"},
                                                         *[{"Ref": m} for m in self.managed])]
        if self.chance(0.3):
            properties["RoleName"] = "role-%d" % len(self.resources)
        return {"Type": "AWS::IAM::Role", "Properties": properties}

    def attached(self):
        role = self.pick(*self.roles)
        generated = self.functions[0] + "Role"
        if self.chance(0.3):
            return {"Type": "AWS::IAM::RolePolicy", "Properties": {"PolicyName": "x", "RoleName": {"Ref": role}, "PolicyDocument": self.document()}}
        return {"Type": self.pick("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"), "Properties": {"PolicyName": "x", "Roles": [{"Ref": self.pick(role, role, generated)}], "PolicyDocument": self.document()}}

    def write(self):
        number = lambda most: range(self.random.randint(0, most))
        self.tables = ["Orders", *["Table%d" % n for n in number(2)]]
        self.functions = ["Fn", *["Fn%d" % n for n in number(2)]]
        self.machines = ["Machine%d" % n for n in number(1)]
        self.roles = ["MyRole", *["OtherRole%d" % n for n in number(1)]]
        self.managed = ["Managed%d" % n for n in number(1)]
        self.globals = self.globals_section()
        resources = self.resources
        for name in self.tables:
            resources[name] = self.pick(self.simple_table, self.table)()
        for name in self.managed:
            resources[name] = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": self.document()}}
        for name in self.roles:
            resources[name] = self.iam_role()
        for name in self.functions:
            resources[name] = self.function(name)
        for name in self.machines:
            resources[name] = self.machine()
        for n in number(2):
            resources["Wire%d" % n] = self.connector()
        for n in number(1):
            resources["Attached%d" % n] = self.attached()
        if self.chance(0.25):
            resources["Graph"] = self.graphql()
        if self.chance(0.2):
            resources.update(self.loop())
        if self.chance(0.15):
            resources.update(self.api())
        if self.fault(0.05):
            resources["FnRole"] = {"Type": "AWS::SNS::Topic"}
        if self.fault(0.03):
            resources["Fn_x"] = self.function("Fn_x")
        names = ("Stage", "TableParam", "PolicyParam", "RoleParam", "Units")
        out = {
            "Transform": ["AWS::LanguageExtensions", "AWS::Serverless-2016-10-31"] if self.looped else "AWS::Serverless-2016-10-31",
            "Parameters": {name: {"Type": "String"} for name in names},
            "Conditions": {"IsProd": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "IsBig": {"Fn::Equals": [{"Ref": "Units"}, "9"]},
                           "IsBoth": {"Fn::And": [{"Condition": "IsProd"}, {"Fn::Not": [{"Condition": "IsBig"}]}]}},
            "Resources": resources,
        }
        if self.globals:
            out["Globals"] = self.globals
        return out

    def loop(self):
        """Tables and a function for each of a list of names."""
        self.looped = True
        name = {"Fn::Sub": "${Name}-t"}
        table = {"Type": "AWS::DynamoDB::Table", "Properties": {"TableName": name, "AttributeDefinitions": [{"AttributeName": {"Ref": "Name"}, "AttributeType": "S"}], "KeySchema": [{"AttributeName": {"Ref": "Name"}, "KeyType": "HASH"}]}}
        function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src/", "Handler": "app.handler", "Runtime": "python3.12", "Environment": {"Variables": {"TABLE": name}},
                    "Policies": [{"DynamoDBReadPolicy": {"TableName": name}}, self.document()]}}
        return {"Fn::ForEach::Each": ["Name", self.pick(["Alpha", "Beta"], ["Alpha"], ["Alpha", "Beta", "Gamma"]), {"${Name}Table": table, **({"${Name}Function": function} if self.chance(0.6) else {})}]}

    def api(self):
        """An API with authorizers, and a function that answers it."""
        authorizer = {"UserPoolArn": "arn:aws:cognito-idp:us-east-1:123456789012:userpool/p"} if not self.fault(0.3) else self.pick("text", {"FunctionPayloadType": "REQUEST", "FunctionArn": "f"}, {"AuthorizationScopes": "s"})
        properties = {"StageName": self.pick("prod", {"Ref": "Stage"}), "Auth": {"Authorizers": {"Own": authorizer}}}
        if self.fault(0.3):
            properties.update(self.pick({"Cors": {"AllowOrigins": "x"}}, {"Cors": {"AllowCredentials": True}}, {"Auth": {"Default": "Own"}}, {"Domain": {"DomainName": "d"}},
                                        {"DefinitionUri": "s3://b/k"}, {"DefinitionBody": {"swagger": "2.0"}}, {"OpenApiVersion": "4.0"}, {"Auth": {"DefaultAuthorizer": "Own"}}))
        event = {"Path": "/x", "Method": "get", "RestApiId": {"Ref": "Web"} if not self.fault() else self.pick({"Ref": "Nobody"}, {"Fn::ImportValue": "x"})}
        if self.chance(0.5):
            event["Auth"] = {"Authorizer": self.pick("Own", "AWS_IAM") if not self.fault() else self.pick("Other", "NONE", {"Ref": "Own"})}
        function = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "src/", "Handler": "app.handler", "Runtime": "python3.12", "Policies": self.policies(True), "Events": {"Get": {"Type": "Api", "Properties": event}}}}
        return {"Web": {"Type": "AWS::Serverless::Api", "Properties": properties}, "Answer": function}

    def globals_section(self):
        self.globals_runtime = False
        if self.chance(0.4):
            return None
        function = {"Timeout": 3}
        if self.chance(0.6):
            self.globals_runtime = True
            function.update({"Handler": "app.main", "Runtime": "python3.12"})
        if self.chance(0.6):
            function["Environment"] = self.pick({"Variables": {"LEVEL": "info", "G": {"Ref": "Stage"}}}, {"Variables": {"T": "global"}}, {"Variables": self.condition({"Z": "1"})})
        if self.chance(0.2):
            function["Layers"] = ["arn:aws:lambda:us-east-1:123456789012:layer:g:1"]
        if self.chance(0.1):
            function["PermissionsBoundary"] = "arn:aws:iam::aws:policy/PowerUserAccess"
        if self.fault(0.1):
            function[self.pick("Policies", "Role", "Events", "Runtimes")] = []
        out = {"Function": function}
        if self.chance(0.2):
            out["SimpleTable"] = {"SSESpecification": {"SSEEnabled": True}}
            if self.fault(0.3):
                out["SimpleTable"]["TableName"] = "x"
        if self.fault(0.05):
            out[self.pick("Table", "Functions")] = {}
        return out


def main():
    oracle_path, folder = sys.argv[1:3]
    count, seed = int(sys.argv[3]) if len(sys.argv) > 3 else 2000, int(sys.argv[4]) if len(sys.argv) > 4 else 1
    spec = importlib.util.spec_from_file_location("oracle", oracle_path)
    oracle = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(oracle)
    shutil.rmtree(folder, ignore_errors=True)
    for part in ("input", "expected"):
        os.makedirs(os.path.join(folder, part))
    refused = 0
    for n in range(count):
        name = "t%d_%05d" % (seed, n)
        path = os.path.join(folder, "input", name + ".json")
        with open(path, "w") as out:
            json.dump(Author("%d %d" % (seed, n)).write(), out, indent=1)
        try:
            result = oracle.run(path, {})
        except oracle.InvalidDocumentException as error:
            result = {"ok": False, "errors": [str(getattr(cause, "message", cause)) for cause in error.causes]}
        except Exception as error:
            result = {"ok": False, "errors": ["%s: %s" % (type(error).__name__, error)]}
        refused += not result["ok"]
        with open(os.path.join(folder, "expected", name + ".json"), "w") as out:
            json.dump(result, out, indent=1, default=oracle.default)
    print("%d templates, %d of them refused by the translator" % (count, refused))


if __name__ == "__main__":
    main()
