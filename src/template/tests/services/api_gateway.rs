//! APIs that call DynamoDB themselves.

use super::check;

#[test]
fn methods_and_routes() {
    let template = r#"
Resources:
  Notes: {Type: AWS::Serverless::SimpleTable}
  Caller: {Type: AWS::IAM::Role}
  List:
    Type: AWS::ApiGateway::Method
    Properties:
      HttpMethod: GET
      Integration:
        Type: AWS
        IntegrationHttpMethod: POST
        Credentials: !GetAtt Caller.Arn
        Uri: !Sub arn:aws:apigateway:${AWS::Region}:dynamodb:action/Query
        RequestTemplates:
          application/json: !Sub |
            #set($author = $input.params('author'))
            {
              "TableName": "${Notes}",
              ## the newest first
              #if($input.params('day') != "")
              "IndexName": "by-day",
              #end
              "KeyConditionExpression": "author = :a",
              "ExpressionAttributeValues": {":a": {"S": "$author"}}
            }
  Add:
    Type: AWS::ApiGateway::Method
    Properties:
      Integration:
        Type: AWS
        Credentials: !Sub arn:aws:iam::${AWS::AccountId}:role/notes
        Uri: !Join ['', ['arn:aws:apigateway:', !Ref AWS::Region, ':dynamodb:action/PutItem']]
        RequestTemplates: {application/json: '{"TableName": "notes", "Item": $input.json("$")}'}
  Through:
    Type: AWS::ApiGateway::Method
    Properties:
      Integration: {Type: AWS, Uri: 'arn:aws:apigateway:eu-west-1:dynamodb:action/Scan'}
  Lambda:
    Type: AWS::ApiGateway::Method
    Properties:
      Integration: {Type: AWS_PROXY, Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/x'}
  Route:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      IntegrationType: AWS
      IntegrationUri: !Sub arn:aws:apigateway:${AWS::Region}:dynamodb:action/DeleteItem
      CredentialsArn: !GetAtt Caller.Arn
      RequestTemplates: {$default: '{"TableName": "connections"}'}
"#;
    check(
        &[("t.yaml", template)],
        r"
AWS::ApiGateway::Method List as Caller
  Query on [${Notes}] by [by-day or table] @t.yaml:13
AWS::ApiGateway::Method Add as somebody
  PutItem on [notes] by [table] @t.yaml:32
AWS::ApiGateway::Method Through as somebody
  Scan on [{TableName}] by [{IndexName}] @t.yaml:37
AWS::ApiGatewayV2::Integration Route as Caller
  DeleteItem on [connections] by [table] @t.yaml:46
Caller:  | 
",
    );
}

#[test]
fn openapi_definitions() {
    let template = r#"
Resources:
  Notes: {Type: AWS::Serverless::SimpleTable}
  Caller: {Type: AWS::IAM::Role}
  Inline:
    Type: AWS::Serverless::Api
    Properties:
      DefinitionBody:
        openapi: '3.0.1'
        paths:
          /notes:
            parameters: []
            get:
              x-amazon-apigateway-integration:
                type: aws
                uri: !Sub arn:aws:apigateway:${AWS::Region}:dynamodb:action/Query
                credentials: !GetAtt Caller.Arn
                requestTemplates:
                  application/json: !Sub '{"TableName": "${Notes}", "IndexName": "$input.params(''i'')"}'
            post:
              x-amazon-apigateway-integration: {type: aws_proxy, uri: !Sub 'arn:${AWS::Partition}:apigateway:x:lambda:path/y'}
  File:
    Type: AWS::Serverless::Api
    Properties: {DefinitionUri: api/notes.yaml}
  Rest:
    Type: AWS::ApiGateway::RestApi
    Properties: {BodyS3Location: {Bucket: b, Key: api.json}}
  Plain:
    Type: AWS::Serverless::Api
    Properties: {StageName: v1}
"#;
    let file = r#"
openapi: '3.0.1'
paths:
  /all:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration:
        uri: arn:aws:apigateway:eu-west-1:dynamodb:action/Scan
        credentials: arn:aws:iam::123456789012:role/x
        requestTemplates: {application/json: '{"TableName": "notes"}'}
"#;
    check(
        &[("t.yaml", template), ("api/notes.yaml", file)],
        r"
AWS::Serverless::Api Inline as Caller
  Query on [${Notes}] by [{$input.params('i')}] @t.yaml:16
AWS::Serverless::Api File as somebody
  Scan on [notes] by [table] @notes.yaml:7
AWS::ApiGateway::RestApi Rest as somebody
  ? on [] by [] @t.yaml:27: its definition: it is in S3
Caller:  | 
",
    );
}
