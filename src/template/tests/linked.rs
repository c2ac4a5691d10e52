//! Templates side by side: exports, outputs of one name, tables that stand for one another.

use super::project::check;

#[test]
fn an_import_is_what_another_template_exports() {
    let data = r"
Parameters: {Name: {Type: String}}
Resources:
  Orders: {Type: AWS::Serverless::SimpleTable}
  Carts: {Type: AWS::Serverless::SimpleTable}
Outputs:
  Orders: {Value: !Ref Orders, Export: {Name: !Sub '${AWS::StackName}-OrdersTable'}}
  Carts: {Value: !GetAtt Carts.Arn, Export: {Name: shop-carts}}
  NotExported: {Value: shop-users}
";
    let api = r"
Parameters: {Data: {Type: String}}
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment:
        Variables:
          ORDERS: !ImportValue {'Fn::Sub': '${Data}-OrdersTable'}
          CARTS: !ImportValue shop-carts
          USERS: !ImportValue shop-users
";
    check(
        &[("data.yaml", data), ("api.yaml", api)],
        &["api.yaml", "data.yaml"],
        r#"
== api.yaml
List: list.handler python3.12 . as ListRole
  CARTS @12 = ${Carts.Arn}
  ORDERS @11 = ${Orders}
  USERS @13 = {ImportValue shop-users}
role ListRole (generated)
== data.yaml
AWS::Serverless::SimpleTable Orders @4: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
AWS::Serverless::SimpleTable Carts @5: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn a_stored_parameter_is_what_another_template_stores() {
    let data = r"
Resources:
  Orders: {Type: AWS::Serverless::SimpleTable}
  OrdersName:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: !Sub '/shop/${Stage}/orders/table', Value: !Ref Orders}
Parameters: {Stage: {Type: String}}
";
    let api = r"
Parameters:
  OrdersTable: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/dev/orders/table}
  CartsTable: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /shop/dev/carts/table}
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment:
        Variables:
          ORDERS: !Ref OrdersTable
          CARTS: !Ref CartsTable
          DYNAMIC: '{{resolve:ssm:/shop/prod/orders/table:2}}'
          OTHER: '{{resolve:ssm:/shop/prod/carts/table}}'
";
    check(
        &[("data.yaml", data), ("api.yaml", api)],
        &["api.yaml", "data.yaml"],
        r#"
== api.yaml
List: list.handler python3.12 . as ListRole
  CARTS @14 = {CartsTable}
  DYNAMIC @15 = ${Orders}
  ORDERS @13 = ${Orders}
  OTHER @16 = {{{resolve:ssm:/shop/prod/carts/table}}}
role ListRole (generated)
== data.yaml
AWS::Serverless::SimpleTable Orders @3: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn an_output_of_the_same_name_stands_for_what_the_missing_parent_passes() {
    let data = r"
Resources:
  Orders: {Type: AWS::Serverless::SimpleTable}
Outputs:
  OrdersByDateIndex: {Value: by-date}
  TableName: {Value: !Ref Orders}
";
    let api = r"
Parameters:
  OrdersByDateIndex: {Type: String}
  TableName: {Type: String}
  Other: {Type: String, Default: x}
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment: {Variables: {INDEX: !Ref OrdersByDateIndex, TABLE: !Ref TableName, OTHER: !Ref Other}}
";
    check(
        &[("data.yaml", data), ("api.yaml", api)],
        &["api.yaml", "data.yaml"],
        r#"
== api.yaml
List: list.handler python3.12 . as ListRole
  INDEX @12 = by-date
  OTHER @12 = x {Other}
  TABLE @12 = {TableName}
role ListRole (generated)
== data.yaml
AWS::Serverless::SimpleTable Orders @3: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn tables_that_a_variable_chooses_between_are_alternatives_whatever_they_are_called() {
    let table = |id: &str, condition: &str| {
        format!(
            "  {id}:\n    Type: AWS::DynamoDB::Table\n    Condition: {condition}\n    \
             Properties: {{KeySchema: [{{AttributeName: id, KeyType: HASH}}]}}\n"
        )
    };
    let text = [
        "Parameters: {Region: {Type: String}}\nConditions:\n  One: !Equals [!Ref Region, '']\n  Two: !Not [!Condition One]\n\
         Resources:\n",
        &table("GlobalStore", "Two"),
        &table("Items", "One"),
        &table("Users", "One"),
        "  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment:\n        Variables:\n          \
         STORE: !If [Two, !Ref GlobalStore, !Ref Items]\n          USERS: !If [One, !Ref Users, none]\n",
    ];
    check(
        &[("root.yaml", &text.concat())],
        &["root.yaml"],
        r"
== root.yaml
AWS::DynamoDB::Table GlobalStore @6: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table Items @10: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table Users @14: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
alternatives GlobalStore Items
F: - - elsewhere as external `F`
  STORE @23 = ${GlobalStore} ${Items}
  USERS @24 = ${Users} none
",
    );
}

#[test]
fn tables_under_exclusive_conditions_are_alternatives_if_they_are_alike() {
    let table = |id: &str, condition: &str, key: &str| {
        format!(
            "  {id}:\n    Type: AWS::DynamoDB::Table\n    Condition: {condition}\n    \
             Properties: {{KeySchema: [{{AttributeName: {key}, KeyType: HASH}}]}}\n"
        )
    };
    let text = [
        "Parameters: {Keep: {Type: String}, Stage: {Type: String}}\nConditions:\n",
        "  Kept: !Equals [!Ref Keep, 'yes']\n  Dropped: !Not [!Condition Kept]\n",
        "  Prod: !And [!Condition Kept, !Equals [prod, !Ref Stage]]\n  Dev: !Equals [!Ref Stage, dev]\nResources:\n",
        &table("OrdersKept", "Kept", "id"),
        &table("OrdersDropped", "Dropped", "id"),
        &table("CartsKept", "Kept", "id"),
        &table("CartsDropped", "Dropped", "owner"),
        &table("Users", "Kept", "id"),
        &table("Cache", "Dropped", "id"),
        &table("LogsProd", "Prod", "id"),
        &table("LogsDev", "Dev", "id"),
        &table("LogsAny", "Kept", "id"),
    ];
    let text = text.concat();
    check(
        &[("root.yaml", &text)],
        &["root.yaml"],
        r"
== root.yaml
AWS::DynamoDB::Table OrdersKept @8: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table OrdersDropped @12: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table CartsKept @16: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table CartsDropped @20: partition owner:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table Users @24: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table Cache @28: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table LogsProd @32: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table LogsDev @36: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table LogsAny @40: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
alternatives OrdersKept OrdersDropped
alternatives LogsProd LogsDev
",
    );
}

#[test]
fn roles_and_policies_of_other_templates() {
    let root = r"
Resources:
  Roles: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: roles.yaml}}
  Api:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: api.yaml
      Parameters: {Role: !GetAtt Roles.Outputs.Arn, RoleName: !GetAtt Roles.Outputs.Name}
";
    let roles = r"
Resources:
  Shared: {Type: AWS::IAM::Role}
Outputs:
  Arn: {Value: !GetAtt Shared.Arn}
  Name: {Value: !Ref Shared}
";
    let api = r"
Parameters: {Role: {Type: String}, RoleName: {Type: String}}
Resources:
  List:
    Type: AWS::Lambda::Function
    Properties: {Handler: list.handler, Runtime: python3.12, Role: !Ref Role, Code: src}
  Policy:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref RoleName]
      PolicyDocument: {Statement: {Effect: Allow, Action: 'dynamodb:Query', Resource: '*'}}
";
    check(
        &[("root.yaml", root), ("roles.yaml", roles), ("api.yaml", api)],
        &["root.yaml"],
        r"
== root.yaml

== roles.yaml
role Shared
  Allow [Query] on [*] @11
== api.yaml
List: list.handler python3.12 src as Shared
",
    );
}

#[test]
fn a_published_name_that_is_looked_up_itself_ends() {
    let text = r"
Resources:
  Name:
    Type: AWS::SSM::Parameter
    Properties: {Type: String, Name: !ImportValue name, Value: '{{resolve:ssm:/other}}'}
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment: {Variables: {TABLE: !ImportValue name}}
";
    check(
        &[("root.yaml", text)],
        &["root.yaml"],
        r"
== root.yaml
List: list.handler python3.12 . as ListRole
  TABLE @11 = {ImportValue name}
role ListRole (generated)
",
    );
}

#[test]
fn a_name_that_is_looked_up_decides_no_condition() {
    let root = r"
Resources:
  One:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: child.yaml, Parameters: {Stage: '{{resolve:ssm:/stage}}', Kind: /kind}}
";
    let child = r"
Parameters:
  Stage: {Type: String}
  Kind: {Type: 'AWS::SSM::Parameter::Value<String>'}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsBig: !Equals [!Ref Kind, big]
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment: {Variables: {PROD: !If [IsProd, a, b], BIG: !If [IsBig, c, d], KIND: !Ref Kind}}
";
    check(
        &[("root.yaml", root), ("child.yaml", child)],
        &["root.yaml"],
        r"
== root.yaml

== child.yaml
List: list.handler python3.12 . as ListRole
  BIG @14 = c d
  KIND @14 = {Kind}
  PROD @14 = a b
role ListRole (generated)
",
    );
}
