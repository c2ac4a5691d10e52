// A project whose every name and line tries to be markup, script, or something that a reader would not see.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MARKUP = `</script></style><script>owned()</script><img src=x onerror=owned()>" onclick="owned()" '\`|`;
const UNSEEN = "\u001b[2J\u001b]0;owned\u0007\u202egnp.exe\u200b\u009b31m";
const EVIL = `${MARKUP}${UNSEEN}\n::error::owned`;
/** No folder, so no slash; no line break, which some systems refuse. */
const FILE = `it's a "file" <img src=x onerror=owned()> \`|\u202e\u001b[2J::error.py`;

export function hostile(folder) {
  const escaped = (json) => json.replace(/[\u007f-\u{10ffff}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
  const name = (what) => escaped(JSON.stringify(`${what}${EVIL}`));
  const template = {
    Transform: "AWS::Serverless-2016-10-31",
    Resources: {
      [`Table${EVIL}`]: {
        Type: "AWS::DynamoDB::Table",
        Properties: {
          TableName: "notes",
          AttributeDefinitions: [{ AttributeName: `pk${EVIL}`, AttributeType: "S" }, { AttributeName: "by", AttributeType: "S" }],
          KeySchema: [{ AttributeName: `pk${EVIL}`, KeyType: "HASH" }],
          TimeToLiveSpecification: { AttributeName: `ttl${EVIL}`, Enabled: true },
          GlobalSecondaryIndexes: [
            { IndexName: `index${EVIL}`, KeySchema: [{ AttributeName: "by", KeyType: "HASH" }], Projection: { ProjectionType: "ALL" } },
          ],
        },
      },
      [`Function${EVIL}`]: {
        Type: "AWS::Serverless::Function",
        Properties: { Runtime: "python3.12", CodeUri: "src/", Handler: "app.handler", Policies: [{ DynamoDBCrudPolicy: { TableName: "notes" } }] },
      },
    },
  };
  // JSON strings are Python's and YAML's, too.
  const code = `import boto3
notes = boto3.resource("dynamodb").Table("notes")


def handler(event, context):
    # ${MARKUP} ${UNSEEN}
    notes.query(IndexName=${name("gone")}, KeyConditionExpression=${name("by = ")})["Items"]  # ${MARKUP}
    boto3.resource("dynamodb").Table(${name("other")}).scan()
    return notes.scan()["Items"]
`;
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "template.yaml"), escaped(JSON.stringify(template, null, 2)));
  writeFileSync(join(folder, "src", "app.py"), code);
  writeFileSync(join(folder, FILE), `import boto3\n\nboto3.client("dynamodb").scan(TableName="notes")  # ${MARKUP}\n`);
  return folder;
}

/** What the page makes of a name: what is not seen is spelled out. */
export function revealed(name) {
  const spelled = (c) => `\u27e8U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  return name
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/g, (c) => String.fromCharCode(0x2400 + c.charCodeAt(0)))
    .replace(/[\u0080-\u009f\u200b-\u200f\u2028-\u202e]/g, spelled);
}
