//! One line a Lambda: how its role compares with its code.

use super::TextStyle;
use super::fit::{columns, wrapped};
use super::place;
use crate::facts::{FunctionFacts, FunctionId, TableFacts, TableId, User, Verdict};
use crate::report::Report;
use crate::report::rights::open_doubts;
use crate::report::sanitize::one_line;
use crate::report::totals::counted;
use std::collections::BTreeSet;

/// Columns between columns.
const GAP: usize = 2;

/// The Lambdas that have to do with DynamoDB, and last, on one line, those that don't. Where the columns leave
/// too little room for roles and tables, these go below.
pub(super) fn table(report: &Report, style: &TextStyle) -> String {
    let facts = report.facts;
    let all = facts.functions.iter().enumerate().map(|(at, function)| (FunctionId(at), function));
    let (idle, busy): (Vec<_>, Vec<_>) = all.partition(|(_, f)| f.verdict == Verdict::NoDynamoDb);
    let rows: Vec<[String; 3]> = busy.into_iter().map(|(id, f)| row(report, id, f)).collect();
    let widest = |column: usize| rows.iter().map(|row| columns(&row[column])).max().unwrap_or(0);
    let widths = [widest(0), widest(1)];
    let padded = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(columns(text)) + GAP));
    let longest = rows.iter().flat_map(|row| row[2].split(' ')).map(columns).max().unwrap_or(0);
    let fits = widths[0] + widths[1] + 2 * GAP + longest <= style.width;
    let line = |[verdict, id, rest]: &[String; 3]| {
        let head = padded(verdict, widths[0]) + &padded(id, widths[1]);
        if fits {
            wrapped(rest, &head, style.width)
        } else {
            format!("{}\n{}", head.trim_end(), wrapped(rest, "    ", style.width))
        }
    };
    let mut out: String = rows.iter().map(line).collect();
    if !idle.is_empty() {
        let names: Vec<String> = idle.iter().map(|(_, f)| one_line(&f.function.resource.id)).collect();
        out += &wrapped(&names.join(", "), &padded(verdict(Verdict::NoDynamoDb), widths[0]), style.width);
    }
    out
}

/// Verdict, logical id, role and tables.
fn row(report: &Report, id: FunctionId, function: &FunctionFacts) -> [String; 3] {
    let facts = report.facts;
    let is_user = |table: &&TableFacts| table.users.iter().any(|(user, _)| *user == User::Function(id));
    let tables: Vec<&str> = facts.tables.iter().filter(is_user).map(|t| t.table.resource.id.as_str()).collect();
    let roles: Vec<&str> = function.roles.iter().map(|r| r.resource.id.as_str()).collect();
    let role = if roles.is_empty() { "role unknown".to_owned() } else { roles.join(" or ") };
    let mut rest = if tables.is_empty() { role } else { format!("{role}: {}", tables.join(", ")) };
    let lacks = facts.missing_grants.iter().filter(|missing| missing.function == id).map(|missing| missing.table);
    let lacks: BTreeSet<TableId> = lacks.collect();
    if !lacks.is_empty() {
        let names: Vec<&str> = lacks.iter().map(|table| facts.table(*table).table.resource.id.as_str()).collect();
        rest = format!("{rest}; lacks rights on {}", names.join(", "));
    }
    let (doubts, more) = open_doubts(function, 1);
    for doubt in doubts {
        rest = format!("{rest}; {} ({})", doubt.reason, place(report, doubt.span));
    }
    if more > 0 {
        rest = format!("{rest}; and {}", counted(more, "more reason", "more reasons"));
    }
    [verdict(function.verdict).to_owned(), one_line(&function.function.resource.id), one_line(&rest)]
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exact => "exact",
        Verdict::OverGranted => "over-granted",
        Verdict::UnderGranted => "under-granted",
        Verdict::Both => "over- and under-granted",
        Verdict::Unverified => "unverified",
        Verdict::NoDynamoDb => "no DynamoDB",
    }
}
