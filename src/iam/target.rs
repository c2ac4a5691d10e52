//! Resource patterns: which tables and indexes an ARN covers when only parts of it are known.

mod glob;
#[cfg(test)]
mod tests;

use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use glob::{STREAM_LABEL, Token};

/// Whether a pattern covers something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// Whatever the unknown parts are, it doesn't.
    No,
    /// It depends on unknown parts.
    Maybe,
    /// Whatever the unknown parts are, it does.
    Yes,
}

/// What a resource pattern is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TargetKind {
    /// Everything, `*`.
    Any,
    /// Tables; with a wildcard at its end, what belongs to them too.
    Table,
    /// Indexes.
    Index,
    /// Streams.
    Stream,
    /// Backups.
    Backup,
    /// Another resource of `DynamoDB` (global table, import, export).
    OtherDynamoDb,
    /// Another service's.
    OtherService,
    /// A hole where the ARN should be.
    Unknown,
}

/// A parsed resource pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    kind: TargetKind,
    /// The ARN's last field, `table/…`; empty for kinds without one.
    path: Vec<Token>,
    table: Option<ResourceRef>,
}

impl Target {
    /// Parses the value of `Resource` or `NotResource`.
    pub fn parse(resource: &Symbolic) -> Self {
        let bare = |kind| Self { kind, path: Vec::new(), table: None };
        if resource.as_text().is_some_and(|text| !text.is_empty() && text.bytes().all(|b| b == b'*')) {
            return bare(TargetKind::Any);
        }
        let path = match resource.parts() {
            [Part::Resource(table, attribute), rest @ ..] => match attribute.as_str() {
                "Arn" => table_path(table, rest, &[]),
                "StreamArn" => {
                    table_path(table, rest, &[Token::text("/stream/"), vec![Token::Hole(STREAM_LABEL.into())]])
                }
                // A name where an ARN belongs.
                "" => return bare(TargetKind::OtherService),
                _ => return bare(TargetKind::Unknown),
            },
            [Part::Hole(_), ..] => return bare(TargetKind::Unknown),
            _ => match arn_path(resource) {
                Ok(path) => path,
                Err(kind) => return bare(kind),
            },
        };
        let kind = kind_of(&path);
        let table = path.iter().find_map(|token| match token {
            Token::Resource(resource) => Some(resource.clone()),
            _ => None,
        });
        let table = table.filter(|_| kind != TargetKind::OtherDynamoDb);
        Self { kind, path, table }
    }

    /// What the pattern is about.
    pub fn kind(&self) -> TargetKind {
        self.kind
    }

    /// The table that it names by logical id (`GetAtt Table.Arn`, `…:table/${Table}`).
    pub fn table(&self) -> Option<&ResourceRef> {
        self.table.as_ref()
    }

    /// Whether it covers a table. `names` are the table's possible names; empty if `CloudFormation` makes one up.
    pub fn covers_table(&self, table: &ResourceRef, names: &[Symbolic]) -> Answer {
        self.covers(table, names, "")
    }

    /// Whether it covers a table of this name that no template declares, or indexes of it.
    pub fn covers_name(&self, name: &Symbolic) -> Answer {
        let nowhere = ResourceRef { stack: u32::MAX, id: String::new() };
        let names = std::slice::from_ref(name);
        let mut any_index = Token::text("/index/");
        any_index.push(Token::Hole("an index".into()));
        self.covers_table(&nowhere, names).max(self.covers_suffix(&nowhere, names, &any_index))
    }

    /// Whether it covers a secondary index of a table.
    pub fn covers_index(&self, table: &ResourceRef, names: &[Symbolic], index: &str) -> Answer {
        self.covers(table, names, &format!("/index/{index}"))
    }

    /// Whether it covers a table's stream, whatever its label.
    pub fn covers_stream(&self, table: &ResourceRef, names: &[Symbolic]) -> Answer {
        let mut suffix = Token::text("/stream/");
        suffix.push(Token::Hole(STREAM_LABEL.into()));
        self.covers_suffix(table, names, &suffix)
    }

    fn covers(&self, table: &ResourceRef, names: &[Symbolic], suffix: &str) -> Answer {
        self.covers_suffix(table, names, &Token::text(suffix))
    }

    fn covers_suffix(&self, table: &ResourceRef, names: &[Symbolic], suffix: &[Token]) -> Answer {
        match self.kind {
            TargetKind::Any => return Answer::Yes,
            TargetKind::Unknown => return Answer::Maybe,
            TargetKind::OtherDynamoDb | TargetKind::OtherService => return Answer::No,
            TargetKind::Table | TargetKind::Index | TargetKind::Stream | TargetKind::Backup => {}
        }
        let answer = |name: Vec<Token>| {
            let subject: Vec<Token> =
                Token::text("table/").into_iter().chain(name).chain(suffix.iter().cloned()).collect();
            glob::matches(&self.path, &subject)
        };
        if self.table.is_some() {
            return answer(vec![Token::Resource(table.clone())]);
        }
        if names.is_empty() {
            return answer(generated_name(table));
        }
        let answers: Vec<(Answer, bool)> =
            names.iter().map(|name| (answer(glob::literal(name)), has_hole(name))).collect();
        // A name with a hole stands for all that the hole may be, the default beside it included.
        if answers.iter().all(|(a, _)| *a == Answer::Yes) || answers.contains(&(Answer::Yes, true)) {
            return Answer::Yes;
        }
        if answers.iter().all(|(a, _)| *a == Answer::No) { Answer::No } else { Answer::Maybe }
    }
}

fn has_hole(name: &Symbolic) -> bool {
    name.parts().iter().any(|part| matches!(part, Part::Hole(_)))
}

/// `{stack}-{logical id}-{random}`: how `CloudFormation` names a table.
fn generated_name(table: &ResourceRef) -> Vec<Token> {
    let mut name = vec![Token::Hole("AWS::StackName".into())];
    name.extend(Token::text(&format!("-{}-", table.id)));
    name.push(Token::Hole("random".into()));
    name
}

fn table_path(table: &ResourceRef, rest: &[Part], between: &[Vec<Token>]) -> Vec<Token> {
    let mut path = Token::text("table/");
    path.push(Token::Resource(table.clone()));
    path.extend(between.iter().flatten().cloned());
    path.extend(rest.iter().flat_map(glob::pattern_part));
    path
}

/// The last field of `arn:partition:dynamodb:region:account:path`.
fn arn_path(resource: &Symbolic) -> Result<Vec<Token>, TargetKind> {
    let tokens: Vec<Token> = resource.parts().iter().flat_map(glob::pattern_part).collect();
    let mut fields = tokens.splitn(6, |token| *token == Token::Char(':'));
    let first = fields.next().unwrap_or_default();
    if glob::matches(first, &Token::text("arn")) == Answer::No {
        return Err(TargetKind::OtherService);
    }
    let mut last = first;
    for (n, field) in fields.enumerate() {
        // The service is the second field after `arn`.
        if n == 1 && glob::matches(field, &Token::text("dynamodb")) == Answer::No {
            return Err(TargetKind::OtherService);
        }
        if n == 4 {
            return Ok(field.to_vec());
        }
        last = field;
    }
    // Fewer fields: a wildcard at the end stands for the rest.
    match last.last() {
        Some(Token::Star) => Ok(vec![Token::Star]),
        Some(Token::Hole(_)) => Err(TargetKind::Unknown),
        _ => Err(TargetKind::OtherService),
    }
}

fn kind_of(path: &[Token]) -> TargetKind {
    if path.iter().all(|token| *token == Token::Star) {
        return TargetKind::Any;
    }
    let text: String = path.iter().map(Token::letter).collect();
    let Some(rest) = text.strip_prefix("table/") else {
        let open = path.iter().position(|t| matches!(t, Token::Star | Token::Any | Token::Hole(_)));
        // `tab*`, `{…}`: a wildcard before the slash may be the word itself.
        return match open {
            Some(at) if "table/".starts_with(&text[..text.char_indices().nth(at).map_or(0, |(i, _)| i)]) => {
                TargetKind::Table
            }
            _ => TargetKind::OtherDynamoDb,
        };
    };
    let kinds = [("/index/", TargetKind::Index), ("/stream/", TargetKind::Stream), ("/backup/", TargetKind::Backup)];
    kinds.into_iter().find(|(word, _)| rest.contains(word)).map_or(TargetKind::Table, |(_, kind)| kind)
}
