//! Places for the picture's nodes. Two shapes: side by side for a page, one above the other for a phone. Letters are
//! of one width, so nothing needs to be measured.

use super::graph::{Ends, Graph};
use std::collections::BTreeMap;

/// Half a letter's width more than what common monospaced fonts have at the picture's size.
const LETTER: usize = 8;
const NODE: usize = 28;
const GAP: usize = 9;
const ROW: usize = 24;
const CARD_GAP: usize = 16;
const EDGE: usize = 12;
/// Sweeps of the ordering; it settles within a few.
const SWEEPS: usize = 6;

/// How the picture is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Users left, tables right.
    Wide,
    /// Users above, tables below, edges in a gutter at the left.
    Tall,
}

/// A box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Rect {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// Where everything is.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) shape: Shape,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) users: Vec<Rect>,
    /// Whole cards; their rows are at the bottom.
    pub(super) tables: Vec<Rect>,
    /// The order to draw users in.
    pub(super) order: Vec<usize>,
    /// The order to draw tables in.
    pub(super) table_order: Vec<usize>,
}

impl Shape {
    fn width(self) -> usize {
        match self {
            Self::Wide => 980,
            Self::Tall => 356,
        }
    }

    /// Widths of users and tables.
    fn columns(self) -> (usize, usize) {
        match self {
            Self::Wide => (320, 350),
            Self::Tall => (276, 276),
        }
    }
}

impl Placed {
    pub(super) fn new(graph: &Graph, shape: Shape) -> Self {
        let (order, table_order) = ordered(graph);
        let (left, right) = shape.columns();
        let card = |table: &usize| NODE + ROW * graph.tables[*table].rows.len();
        let users_height = order.len() * (NODE + GAP);
        let tables_height: usize = table_order.iter().map(|table| card(table) + CARD_GAP).sum();
        let (mut y, mut spread) = (EDGE, 0);
        let mut table_y = EDGE;
        match shape {
            // The shorter side is spread over the height of the longer, within reason.
            Shape::Wide if users_height < tables_height => {
                spread = ((tables_height - users_height) / order.len().max(1)).min(2 * NODE);
                y += (tables_height - users_height - spread * order.len()) / 2;
            }
            Shape::Wide => {
                table_y += (users_height - tables_height).min(users_height / 2) / 2;
            }
            Shape::Tall => table_y += users_height + CARD_GAP,
        }
        let mut users = vec![Rect::default(); order.len()];
        for user in &order {
            users[*user] = Rect { x: shape.width() - shape.columns().0, y, width: left, height: NODE };
            if shape == Shape::Wide {
                users[*user].x = 0;
            }
            y += NODE + GAP + spread;
        }
        let mut tables = vec![Rect::default(); table_order.len()];
        for table in &table_order {
            tables[*table] = Rect { x: shape.width() - right, y: table_y, width: right, height: card(table) };
            table_y += card(table) + CARD_GAP;
        }
        let height = y.max(table_y) + EDGE;
        Self { shape, width: shape.width(), height, users, tables, order, table_order }
    }

    /// The box of a table's head, or of one of its rows.
    pub(super) fn row(&self, table: usize, row: Option<usize>) -> Rect {
        let card = self.tables[table];
        match row {
            None => Rect { height: NODE, ..card },
            Some(row) => Rect { y: card.y + NODE + ROW * row, height: ROW, ..card },
        }
    }

    /// The path of one strand of an edge; strands lie beside each other.
    pub(super) fn path(&self, ends: Ends, strand: usize, strands: usize) -> String {
        let (user, table) = (self.users[ends.user], self.row(ends.table, ends.row));
        let beside = |rect: Rect| rect.y + rect.height / 2 + 4 * strand - 2 * strands.saturating_sub(1);
        let (from, to) = (beside(user), beside(table));
        match self.shape {
            Shape::Wide => {
                let (start, end) = (user.x + user.width, table.x);
                let middle = usize::midpoint(start, end);
                format!("M{start} {from}C{middle} {from} {middle} {to} {end} {to}")
            }
            Shape::Tall => {
                let reach = (to.abs_diff(from) * 84 / self.height.max(1) + 20).min(user.x);
                let (start, bend) = (user.x, user.x - reach);
                format!("M{start} {from}C{bend} {from} {bend} {to} {start} {to}")
            }
        }
    }
}

/// Letters that fit into a width.
pub(super) fn letters(width: usize) -> usize {
    width / LETTER
}

/// Users and tables in an order with few crossings: each where the mean of its neighbours is, in turns. What has no
/// neighbour goes last. Lambdas stand above services, these above scripts.
fn ordered(graph: &Graph) -> (Vec<usize>, Vec<usize>) {
    let mut users: Vec<usize> = (0..graph.users.len()).collect();
    let mut tables: Vec<usize> = (0..graph.tables.len()).collect();
    for _ in 0..SWEEPS {
        sort(&mut users, &tables, graph.edges.keys().map(|ends| (ends.user, ends.table)));
        users.sort_by_key(|user| graph.users[*user].who.rank());
        sort(&mut tables, &users, graph.edges.keys().map(|ends| (ends.table, ends.user)));
    }
    (users, tables)
}

fn sort(nodes: &mut [usize], others: &[usize], edges: impl Iterator<Item = (usize, usize)>) {
    let places: BTreeMap<usize, usize> = others.iter().enumerate().map(|(place, node)| (*node, place)).collect();
    let mut sums: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (node, other) in edges {
        let sum = sums.entry(node).or_default();
        sum.0 += places.get(&other).copied().unwrap_or_default();
        sum.1 += 1;
    }
    // In thousandths, so that no rounding of fractions decides.
    nodes.sort_by_key(|node| sums.get(node).map_or(usize::MAX, |(sum, n)| sum * 1000 / n));
}
