//! The picture: what uses tables on one side, tables and their indexes on the other, a line for each kind of operation;
//! and the same as a list, which holds the evidence for every node and line.

mod evidence;
mod graph;
mod layout;

use super::text::capitalized;
use crate::facts::{IndexStatus, Verdict};
use crate::report::Report;
use graph::{Card, Edge, Ends, Graph, Node, Strand, Who};
use layout::{Placed, Rect, Shape, letters};
use maud::{Markup, html};

pub(super) fn section(report: &Report) -> Markup {
    let graph = graph::graph(report);
    html! {
        section #map aria-labelledby="map-title" {
            h2 #map-title { "Picture" }
            @if graph.users.is_empty() && graph.tables.is_empty() {
                p { "There is nothing to draw: neither a Lambda nor a table was found." }
            } @else {
                (legend(&graph))
                p.skip-line { a.skip href="#map-list" { "Skip the picture: the same as a list" } }
                (drawing(report, &graph, Shape::Wide))
                (drawing(report, &graph, Shape::Tall))
                (evidence::list(report, &graph))
            }
        }
    }
}

fn legend(graph: &Graph) -> Markup {
    let is_drawn = |strand: Strand| graph.edges.values().any(|edge| edge.strands.contains(&strand));
    html! {
        ul.legend aria-label="Kinds of lines" {
            @for strand in Strand::ALL.into_iter().filter(|strand| is_drawn(*strand)) {
                li {
                    svg.sample aria-hidden="true" width="34" height="10" viewBox="0 0 34 10" {
                        path.strand.(strand.class()) d="M1 5H33" {}
                    }
                    (strand.label())
                }
            }
        }
        p.note { "Choose a box or a line to see the code and the statements behind it." }
    }
}

fn drawing(report: &Report, graph: &Graph, shape: Shape) -> Markup {
    let placed = Placed::new(graph, shape);
    let view = format!("0 0 {} {}", placed.width, placed.height);
    html! {
        svg.map.wide[shape == Shape::Wide].tall[shape == Shape::Tall] role="group" aria-label="Lambdas, tables and what joins them"
            viewBox=(view) width=(placed.width) height=(placed.height) {
            @for user in &placed.order {
                (node(report, &graph.users[*user], *user, placed.users[*user]))
                @for (ends, edge) in graph.edges.iter().filter(|(ends, _)| ends.user == *user) {
                    (line(graph, &placed, *ends, edge))
                }
            }
            @for table in &placed.table_order { (card(&graph.tables[*table], *table, &placed)) }
        }
    }
}

fn node(report: &Report, node: &Node, number: usize, rect: Rect) -> Markup {
    let (kind, tag) = match node.who {
        Who::Function(id) => ("lambda", verdict(report.facts.function(id).verdict)),
        Who::Service(_) => ("service", "service"),
        Who::Script(_) => ("script", "script"),
    };
    let label = format!(
        "{} {}{}{}",
        capitalized(kind),
        node.name,
        if tag.is_empty() || tag == kind { "" } else { ", " },
        if tag == kind { "" } else { tag }
    );
    let (kind_class, href) = (kind, format!("#user-{number}"));
    html! {
        a.node.(kind_class) href=(href) data-user=(number) data-functions=[function(node)] data-name=(node.name) {
            title { (label) }
            rect x=(rect.x + 1) y=(rect.y) width=(rect.width - 2) height=(rect.height) rx="6" {}
            (words(node.name, tag, rect, 10))
        }
    }
}

/// The number of a Lambda, for filters.
fn function(node: &Node) -> Option<usize> {
    match node.who {
        Who::Function(id) => Some(id.0),
        Who::Service(_) | Who::Script(_) => None,
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exact => "exact",
        Verdict::OverGranted => "over",
        Verdict::UnderGranted => "under",
        Verdict::Both => "over, under",
        Verdict::Unverified => "unverified",
        Verdict::NoDynamoDb => "",
    }
}

/// A name at the left of a box, a tag at its right.
fn words(name: &str, tag: &str, rect: Rect, indent: usize) -> Markup {
    let middle = rect.y + rect.height / 2 + 4;
    let room = letters(rect.width - indent - 10).saturating_sub(tag.len() + usize::from(!tag.is_empty()));
    html! {
        text.name x=(rect.x + indent) y=(middle) { (shortened(name, room)) }
        @if !tag.is_empty() { text.tag x=(rect.x + rect.width - 10) y=(middle) text-anchor="end" { (tag) } }
    }
}

/// A name with its middle left out, if it has more letters than fit: names differ most at their ends.
fn shortened(name: &str, room: usize) -> String {
    let letters: Vec<char> = name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    // Letters of other scripts may be twice as wide, and what isn't seen is spelled out.
    let weight = |c: &char| if c.is_ascii() { 1 } else { 8 };
    if letters.iter().map(weight).sum::<usize>() <= room {
        return letters.into_iter().collect();
    }
    let half = |letters: &mut dyn Iterator<Item = &char>| {
        let mut left = room.saturating_sub(1) / 2;
        let fits = letters.take_while(|c| {
            let fits = weight(c) <= left;
            left = left.saturating_sub(weight(c));
            fits
        });
        fits.copied().collect::<Vec<char>>()
    };
    let (head, tail) = (half(&mut letters.iter()), half(&mut letters.iter().rev()));
    head.into_iter().chain(['…']).chain(tail.into_iter().rev()).collect()
}

fn card(card: &Card, number: usize, placed: &Placed) -> Markup {
    let rect = placed.tables[number];
    let head = placed.row(number, None);
    let tag = if card.id.is_none() { "not declared" } else { "" };
    let label = format!("Table {}{}", card.name, if card.id.is_none() { ", not declared" } else { "" });
    html! {
        g.card.undeclared[card.id.is_none()] data-tables=[card.id.map(|id| id.0)] {
            rect.frame x=(rect.x + 1) y=(rect.y) width=(rect.width - 2) height=(rect.height) rx="6" {}
            a.node.table href=(format!("#store-{number}")) data-name=(card.name) {
                title { (label) }
                rect.area x=(head.x + 1) y=(head.y) width=(head.width - 2) height=(head.height) rx="6" {}
                (words(card.name, tag, head, 10))
            }
            @for (i, row) in card.rows.iter().enumerate() {
                @let rect = placed.row(number, Some(i));
                @let tag = match row.status {
                    Some(IndexStatus::Used) => "",
                    Some(IndexStatus::Unused) => "unused",
                    Some(IndexStatus::Unknown) => "unknown",
                    None => "doesn't exist",
                };
                @let label = format!("Index {} of {}{}{tag}", row.name, card.name, if tag.is_empty() { "" } else { ", " });
                a.node.index.dead[tag == "unused"].absent[row.status.is_none()] href=(format!("#store-{number}-{i}")) data-name=(row.name) {
                    title { (label) }
                    rect.area x=(rect.x + 1) y=(rect.y) width=(rect.width - 2) height=(rect.height) {}
                    (words(row.name, tag, rect, 24))
                }
            }
        }
    }
}

fn line(graph: &Graph, placed: &Placed, ends: Ends, edge: &Edge) -> Markup {
    let kinds: Vec<&str> = edge.strands.iter().map(|strand| strand.label()).collect();
    let card = &graph.tables[ends.table];
    let index = ends.row.map(|row| format!(", index {}", card.rows[row].name)).unwrap_or_default();
    let user = &graph.users[ends.user];
    let label = format!("{} to {}{index}: {}", user.name, card.name, kinds.join(", "));
    let n = edge.strands.len();
    html! {
        a.edge href=(format!("#{}", id(ends))) data-user=(ends.user) data-functions=[function(user)] data-tables=[card.id.map(|id| id.0)] {
            title { (label) }
            path.reach d=(placed.path(ends, 0, 1)) {}
            @for (i, strand) in edge.strands.iter().enumerate() {
                path.strand.(strand.class()) d=(placed.path(ends, i, n)) {}
            }
        }
    }
}

/// The id of an edge's evidence.
fn id(ends: Ends) -> String {
    let row = ends.row.map(|row| format!("-{row}")).unwrap_or_default();
    format!("edge-{}-{}{row}", ends.user, ends.table)
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_names_keep_their_ends() {
        assert_eq!(shortened("OrdersTable", 11), "OrdersTable");
        assert_eq!(shortened("GSI4-CorrelationSnapshotIndex", 15), "GSI4-Co…otIndex");
        assert_eq!(shortened("漢漢漢漢漢", 24), "漢…漢");
    }
}
