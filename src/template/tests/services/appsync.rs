//! `AppSync`: data sources, resolvers, functions.

use super::check;

const API: &str = r#"
Parameters:
  Limit: {Type: Number, Default: 20}
Resources:
  Recipes: {Type: AWS::Serverless::SimpleTable}
  Cook: {Type: AWS::IAM::Role}
  Table:
    Type: AWS::AppSync::DataSource
    Properties:
      Name: recipes
      Type: AMAZON_DYNAMODB
      ServiceRoleArn: !GetAtt Cook.Arn
      DynamoDBConfig: {TableName: !Ref Recipes, AwsRegion: !Ref AWS::Region}
  Worker:
    Type: AWS::AppSync::DataSource
    Properties: {Name: worker, Type: AWS_LAMBDA}
  Idle:
    Type: AWS::AppSync::DataSource
    Properties: {Name: idle, Type: AMAZON_DYNAMODB, ServiceRoleArn: !GetAtt Cook.Arn, DynamoDBConfig: {TableName: old}}
  ByAuthor:
    Type: AWS::AppSync::Resolver
    Properties:
      DataSourceName: !GetAtt Table.Name
      RequestMappingTemplate: !Sub |
        {
          "version": "2017-02-28",
          "operation": "Query",
          "query": {"expression": "author = :a", "expressionValues": {":a": $util.dynamodb.toDynamoDBJson($ctx.args.a)}},
          "limit": ${Limit},
          "index": "by-author"
        }
  All:
    Type: AWS::AppSync::Resolver
    Properties:
      DataSourceName: recipes
      RequestMappingTemplate: |
        #set($request = {"version": "2018-05-29", "operation": "Scan"})
        #* "index": "never" *#
        $util.toJson($request)
  Any:
    Type: AWS::AppSync::Resolver
    Properties:
      DataSourceName: !GetAtt Table.Name
      RequestMappingTemplate: '{"operation": "Query", "index": "$ctx.args.index"}'
  Batch:
    Type: AWS::AppSync::FunctionConfiguration
    Properties:
      DataSourceName: !GetAtt Table.Name
      RequestMappingTemplate: !Sub '{"operation": "BatchDeleteItem", "tables": {"${Recipes}": $util.toJson($ids), "drafts": []}}'
  Move:
    Type: AWS::AppSync::FunctionConfiguration
    Properties:
      DataSourceName: !GetAtt Table.Name
      RequestMappingTemplate: |
        {"operation": "TransactWriteItems",
         "transactItems": [{"table": "drafts", "operation": "DeleteItem"}, {"table": "shelf", "operation": "PutItem"}]}
  Odd:
    Type: AWS::AppSync::Resolver
    Properties:
      DataSourceName: !GetAtt Table.Name
      RequestMappingTemplate: $ctx.stash.request
  Missing:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: !GetAtt Table.Name, RequestMappingTemplateS3Location: s3://b/k.vtl}
  Pipeline:
    Type: AWS::AppSync::Resolver
    Properties: {Kind: PIPELINE, RequestMappingTemplate: '{}'}
  Ask:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: !GetAtt Worker.Name, RequestMappingTemplate: '{"operation": "Query"}'}
  Stranger:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: !ImportValue Shared, RequestMappingTemplate: '{"operation": "Query", "index": "by-day"}'}
  StrangeLambda:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: !ImportValue Other, RequestMappingTemplate: '{"operation": "Invoke"}'}
"#;

#[test]
fn mapping_templates() {
    check(
        &[("t.yaml", API)],
        r"
AWS::AppSync::DataSource Table as Cook
  Query on [${Recipes}] by [by-author] @t.yaml:27
  Scan on [${Recipes}] by [table] @t.yaml:37
  Query on [${Recipes}] by [{$ctx.args.index}] @t.yaml:44
  BatchWriteItem on [${Recipes} or drafts] by [table] @t.yaml:49
  TransactWriteItems on [drafts or shelf] by [table] @t.yaml:55
  ? on [${Recipes}] by [] @t.yaml:61: its request can't be told
  ? on [${Recipes}] by [] @t.yaml:64: `s3://b/k.vtl` isn't beside the template
AWS::AppSync::DataSource Idle as Cook
  ? on [old] by [] @t.yaml:17: no resolver of it is at hand
AWS::AppSync::Resolver Stranger as somebody
  Query on [] by [by-day] @t.yaml:73
Cook:  | 
",
    );
}

#[test]
fn javascript() {
    let template = r"
Resources:
  Table:
    Type: AWS::AppSync::DataSource
    Properties: {Name: recipes, Type: AMAZON_DYNAMODB, DynamoDBConfig: {TableName: recipes}}
  Module:
    Type: AWS::AppSync::FunctionConfiguration
    Properties: {DataSourceName: recipes, CodeS3Location: code/module.js}
  Objects:
    Type: AWS::AppSync::Resolver
    Properties:
      DataSourceName: recipes
      Code: |
        import { util } from '@aws-appsync/utils';
        const INDEX = 'by-day';
        // operation: 'DeleteItem'
        export function request(ctx) {
          if (ctx.args.id) {
            return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.args.id }) };
          }
          const { limit = 20, nextToken } = ctx.args;
          return { operation: 'Query', query: { expression: 'a = :a' }, index: INDEX, limit, nextToken };
        }
        export const response = (ctx) => ctx.result;
  Hidden:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: recipes, Code: 'export const request = (ctx) => build(ctx);'}
";
    let module = r"
import * as ddb from '@aws-appsync/utils/dynamodb';
import { remove as drop, scan } from '@aws-appsync/utils/dynamodb';
import { get } from './other';

export function request(ctx) {
  get({ key: 1 });
  ctx.cache.get({ key: 1 });
  const options = { index: 'never' };
  if (ctx.args.all) return scan({ ...options });
  if (ctx.args.id) return drop({ key: { id: ctx.args.id } });
  const index = ctx.args.index;
  if (index) return ddb.query({ query: { day: { eq: 1 } }, index });
  return ddb.query({ index: ctx.args.a ? 'by-a' : 'by-b' });
}
";
    check(
        &[("t.yaml", template), ("code/module.js", module)],
        r"
AWS::AppSync::DataSource Table as somebody
  GetItem on [recipes] by [table] @t.yaml:19
  Query on [recipes] by [by-day] @t.yaml:22
  ? on [recipes] by [] @t.yaml:27: its request can't be told
  Scan on [recipes] by [{IndexName} or table] @module.js:10
  DeleteItem on [recipes] by [table] @module.js:11
  Query on [recipes] by [{IndexName}] @module.js:13
  Query on [recipes] by [{IndexName}] @module.js:14
",
    );
}

#[test]
fn an_api_of_sam() {
    let template = r"
Resources:
  Recipes: {Type: AWS::Serverless::SimpleTable}
  Api:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      DataSources:
        DynamoDb:
          Main: {TableName: !Ref Recipes, TableArn: !GetAtt Recipes.Arn}
      Functions:
        find: {Runtime: {Name: APPSYNC_JS}, DataSource: Main, CodeUri: find.js}
        save:
          DataSource: Main
          InlineCode: |
            import { put } from '@aws-appsync/utils/dynamodb';
            export const request = (ctx) => put({ key: ctx.args });
      Resolvers:
        Query: {find: {Pipeline: [find]}, save: {Pipeline: [save]}}
";
    let find = "export function request() { return { operation: 'Query', index: 'by-author' } }";
    check(
        &[("t.yaml", template), ("find.js", find)],
        r"
AWS::Serverless::GraphQLApi Api as ApiMainDynamoDBDataSourceRole
  PutItem on [${Recipes}] by [table] @t.yaml:16
  Query on [${Recipes}] by [by-author] @find.js:1
",
    );
}

#[test]
fn resolvers_in_another_template() {
    let sources = r"
Resources:
  Table:
    Type: AWS::AppSync::DataSource
    Properties: {Name: shared-recipes, Type: AMAZON_DYNAMODB, DynamoDBConfig: {TableName: !Ref RecipesTable}}
Outputs:
  Source: {Value: !GetAtt Table.Name, Export: {Name: recipes-source}}
";
    let resolvers = r#"
Resources:
  ByName:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: shared-recipes, RequestMappingTemplate: '{"operation": "Query", "index": "by-name"}'}
  ByImport:
    Type: AWS::AppSync::Resolver
    Properties: {DataSourceName: !ImportValue recipes-source, RequestMappingTemplate: '{"operation": "Scan"}'}
"#;
    check(
        &[("a.yaml", sources), ("b.yaml", resolvers)],
        r"
AWS::AppSync::DataSource Table as somebody
  Query on [{RecipesTable}] by [by-name] @b.yaml:5
  Scan on [{RecipesTable}] by [table] @b.yaml:8
",
    );
}
