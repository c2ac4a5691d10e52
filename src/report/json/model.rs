//! The shape of the JSON report, version 1. Fields are added freely; none is renamed, removed or given another meaning
//! without a new `schema_version`. The committed schema is generated from these types.

#[cfg(test)]
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// An audit of DynamoDB behind Lambda.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema), schemars(title = "ddb-audit report"))]
pub struct Document {
    /// Version of this format: 1.
    pub schema_version: u32,
    /// What wrote the report.
    pub tool: Tool,
    /// What was read.
    pub inputs: InputFiles,
    /// Counts of findings by severity, and the gate.
    pub summary: Summary,
    /// Tables, in template order.
    pub tables: Vec<Table>,
    /// Lambda functions, in template order.
    pub functions: Vec<Function>,
    /// DynamoDB call sites, by file and place.
    pub accesses: Vec<Access>,
    /// What roles allow, one entry for each function, table or its indexes, and action.
    pub grants: Vec<Grant>,
    /// What code needs and roles lack.
    pub missing_grants: Vec<MissingGrant>,
    /// What could not be resolved.
    pub blind_spots: Vec<BlindSpot>,
    /// Findings, most urgent first.
    pub findings: Vec<Finding>,
}

/// The program that wrote a report.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Tool {
    /// `ddb-audit`.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// The audited files.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct InputFiles {
    /// Templates.
    pub templates: Vec<String>,
    /// Folders searched for Python files.
    pub src: Vec<String>,
    /// Python files found.
    pub python_files: usize,
    /// Python files parsed whole.
    pub parsed_files: usize,
    /// Files not read, or read in part, and why.
    pub skipped: Vec<Skipped>,
    /// What is odd about the templates.
    pub warnings: Vec<Warning>,
}

/// Something odd about a template.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Warning {
    /// `error` (its deployment would be refused), `warning` or `note`.
    pub severity: &'static str,
    /// Where.
    pub location: Location,
    /// What.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
}

/// A file not read, or read in part.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Skipped {
    /// The file.
    pub file: String,
    /// Why.
    pub reason: String,
    /// What to do about it; null if nothing need be done, or nothing is known.
    pub help: Option<String>,
}

/// Counts of findings.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Summary {
    /// Critical findings.
    pub critical: usize,
    /// High findings.
    pub high: usize,
    /// Medium findings.
    pub medium: usize,
    /// Low findings.
    pub low: usize,
    /// Informational findings.
    pub info: usize,
    /// Findings that were suppressed; not among the others.
    pub suppressed: usize,
    /// Severity at or above which a finding fails the run, or `never`.
    #[cfg_attr(test, schemars(extend("enum" = ["critical", "high", "medium", "low", "info", "never"])))]
    pub gate: &'static str,
    /// Whether the run failed.
    pub failed: bool,
}

/// A place. Lines and columns are 1-based, columns count characters; the end is exclusive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Location {
    /// Path relative to the working folder, `/` as separator.
    pub file: String,
    /// First line.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

/// Another declaration of a table.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Alternative {
    /// Logical id.
    pub id: String,
    /// The declaration.
    pub location: Location,
}

/// A table.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Table {
    /// Logical id.
    pub id: String,
    /// CloudFormation type.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its logical id in the template.
    pub location: Location,
    /// `TableName`, unknown parts in braces, its alternatives joined by ` | `; null if CloudFormation names it.
    pub table_name: Option<String>,
    /// Primary key.
    pub keys: Vec<Key>,
    /// TTL attribute; null if TTL is off or can't be known.
    pub ttl: Option<String>,
    /// Whether point-in-time recovery is on; null if it depends on a condition or can't be known.
    pub pitr: Option<bool>,
    /// Billing mode as set.
    pub billing: Option<String>,
    /// Stream view type as set.
    pub stream: Option<String>,
    /// Deletion policy as set.
    pub deletion_policy: Option<String>,
    /// Whether deletion protection is on; null as for `pitr`.
    pub deletion_protection: Option<bool>,
    /// Other declarations of which one is deployed in its place, under conditions that exclude each other.
    pub alternatives: Vec<Alternative>,
    /// Kinds of item, told from the key patterns that are written.
    pub entities: Vec<Entity>,
    /// Secondary indexes, in template order.
    pub indexes: Vec<Index>,
    /// Functions that reach the table.
    pub used_by: Vec<TableUser>,
    /// Resources that use the table by configuration, without a function.
    pub services: Vec<ServiceUser>,
    /// Logical ids of the functions and pipes that read its stream.
    pub stream_readers: Vec<String>,
}

/// A key attribute.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Key {
    /// Attribute name.
    pub name: String,
    /// `S`, `N` or `B`; null if the template doesn't define the attribute.
    #[serde(rename = "type")]
    pub attribute_type: Option<String>,
    /// `HASH` or `RANGE`.
    #[cfg_attr(test, schemars(extend("enum" = ["HASH", "RANGE"])))]
    pub role: &'static str,
}

/// A kind of item.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Entity {
    /// Its name, from the constant beginning of its key.
    pub name: String,
    /// Primary-key attributes and their patterns (`ORDER#{order_id}`).
    pub key: BTreeMap<String, String>,
    /// Indexes whose keys it fills: key attributes and their patterns.
    pub indexes: BTreeMap<String, BTreeMap<String, String>>,
    /// Calls that write it.
    pub writers: Vec<Location>,
}

/// A secondary index.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Index {
    /// Name.
    pub name: String,
    /// `GSI` or `LSI`.
    #[cfg_attr(test, schemars(extend("enum" = ["GSI", "LSI"])))]
    pub kind: &'static str,
    /// Key schema.
    pub keys: Vec<Key>,
    /// Projection type as set.
    pub projection: Option<String>,
    /// Its entry in the template.
    pub location: Location,
    /// `used`, `unused` or `unknown`.
    #[cfg_attr(test, schemars(extend("enum" = ["used", "unused", "unknown"])))]
    pub status: &'static str,
    /// Calls that read it, and places where a service is configured to.
    pub readers: Vec<Location>,
    /// Places that write its key attributes.
    pub writers: Vec<Location>,
}

/// A function that reaches a table.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct TableUser {
    /// Logical id of the function.
    pub function: String,
    /// Operations by which it reads.
    pub reads: Vec<&'static str>,
    /// Operations by which it writes.
    pub writes: Vec<&'static str>,
}

/// A resource that uses a table by configuration: a state machine, an API, a data source of `AppSync`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct ServiceUser {
    /// Logical id.
    pub resource: String,
    /// CloudFormation type.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its logical id in the template.
    pub location: Location,
    /// Operations by which it reads.
    pub reads: Vec<&'static str>,
    /// Operations by which it writes.
    pub writes: Vec<&'static str>,
    /// Whether these are all.
    pub complete: bool,
}

/// A Lambda function.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Function {
    /// Logical id.
    pub id: String,
    /// Handler as set.
    pub handler: Option<String>,
    /// Its logical id in the template.
    pub location: Location,
    /// Logical id of its role, alternatives joined by ` | `; null if it can't be known.
    pub role: Option<String>,
    /// Path of its code, `inline`, or `elsewhere` (a bucket or an image).
    pub code: String,
    /// `exact`, `over-granted`, `under-granted`, `both`, `unverified` or `no-dynamodb`.
    #[cfg_attr(test, schemars(extend("enum" = ["exact", "over-granted", "under-granted", "both", "unverified", "no-dynamodb"])))]
    pub verdict: &'static str,
    /// Why the verdict, or the status of some of its grants, is `unverified`; empty if none is.
    pub doubts: Vec<Doubt>,
}

/// Something that keeps it open how a role compares with the code.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Doubt {
    /// Where.
    pub location: Location,
    /// What.
    pub reason: String,
}

/// A DynamoDB call site, whoever reaches it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Access {
    /// The call expression.
    pub location: Location,
    /// Enclosing definition (`Class.method`).
    pub function: String,
    /// The API's operation (`Query`).
    pub operation: &'static str,
    /// The IAM action, the first of several for transactions and `PartiQL`.
    pub action: String,
    /// Logical id of the table; null if it isn't one and the same known table.
    pub table: Option<String>,
    /// Why `table` is null.
    pub table_reason: Option<String>,
    /// Index by name; null for the base table or if it can't be known.
    pub index: Option<String>,
    /// `paginated`, `cursor`, `bounded`, `missing` or `unknown`; null for operations without pages.
    #[cfg_attr(test, schemars(extend("enum" = ["paginated", "cursor", "bounded", "missing", "unknown", ()])))]
    pub pagination: Option<&'static str>,
    /// Logical ids of the functions that reach it.
    pub functions: Vec<String>,
    /// Every entry point that reaches it or may.
    pub entry_points: Vec<EntryPoint>,
    /// Places that lead from an entry point to the call, outermost first, then those that its names come from, source
    /// first; each way ends with the call.
    pub evidence: Vec<Evidence>,
}

/// A place on the way to a call, or on the way of a name that it is given.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Evidence {
    /// The place.
    #[serde(flatten)]
    pub location: Location,
    /// What happens there.
    pub message: String,
}

/// Something that starts the code.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct EntryPoint {
    /// `function` or `script`.
    #[cfg_attr(test, schemars(extend("enum" = ["function", "script"])))]
    pub kind: &'static str,
    /// Logical id, or the script's path.
    pub name: String,
    /// `resolved`, or `possible` if a step on the way was guessed by name.
    #[cfg_attr(test, schemars(extend("enum" = ["resolved", "possible"])))]
    pub certainty: &'static str,
}

/// Something that a role allows a function.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Grant {
    /// Logical id of the function.
    pub function: String,
    /// Logical id of the role.
    pub role: String,
    /// Logical id of the table.
    pub table: String,
    /// Whether it is granted on the table's indexes.
    pub index: bool,
    /// The action (`dynamodb:Query`).
    pub action: String,
    /// Where the template grants it.
    pub location: Location,
    /// `used`, `unused` or `unverified`.
    #[cfg_attr(test, schemars(extend("enum" = ["used", "unused", "unverified"])))]
    pub status: &'static str,
    /// Why no finding asks to take it away, though it is unused; null otherwise.
    pub kept: Option<String>,
    /// Calls that use it, and places where a service under the same role is configured to.
    pub used_by: Vec<Location>,
}

/// Something that code does and its role doesn't allow.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct MissingGrant {
    /// Logical id of the function.
    pub function: String,
    /// Logical id of the role.
    pub role: String,
    /// Logical id of the table.
    pub table: String,
    /// The index, if the right is missing on it.
    pub index: Option<String>,
    /// The action (`dynamodb:Query`).
    pub action: String,
    /// The call that needs it.
    pub location: Location,
}

/// Something that could not be resolved.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct BlindSpot {
    /// Where.
    pub location: Location,
    /// What and why.
    pub reason: String,
    /// Rules that make no claim because of it.
    pub withholds: Vec<&'static str>,
}

/// One claim.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// `critical`, `high`, `medium`, `low` or `info`.
    #[cfg_attr(test, schemars(extend("enum" = ["critical", "high", "medium", "low", "info"])))]
    pub severity: &'static str,
    /// `certain`, `likely` or `possible`.
    #[cfg_attr(test, schemars(extend("enum" = ["certain", "likely", "possible"])))]
    pub confidence: &'static str,
    /// What is wrong, in one line.
    pub title: String,
    /// Why it matters here.
    pub message: String,
    /// What to do.
    pub help: String,
    /// Where it is.
    pub location: Location,
    /// Places that prove it or that the fix touches.
    pub related: Vec<Related>,
    /// Stays the same when lines move.
    pub fingerprint: String,
    /// How it was suppressed; null if it wasn't.
    pub suppressed: Option<Suppressed>,
}

/// A place and what is to be said of it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Related {
    /// The place.
    pub location: Location,
    /// What it has to do with the finding, or what is odd about it.
    pub message: String,
}

/// How a finding was suppressed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(JsonSchema))]
pub struct Suppressed {
    /// What suppressed it.
    pub by: String,
    /// Why, in its author's words.
    pub reason: Option<String>,
}
