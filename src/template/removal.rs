//! What an item takes with it when it is deleted from a list in block style: a list without items is refused.

use super::text::{TemplateText, is_blank, last};
use crate::source::Span;

/// Lines to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal<'t> {
    /// The first line.
    pub first: usize,
    /// The last line.
    pub last: usize,
    /// Whether the policy goes whose only statement the item is.
    pub policy: bool,
    /// The key whose only entry goes.
    pub key: Option<&'t str>,
}

/// The lines of a text, counted from 0.
struct Lines<'t>(Vec<&'t str>);

impl TemplateText {
    /// How an item is deleted from its list, if it is alone on its lines and an intrinsic doesn't count it. `goes` tells of
    /// the lines where other items begin, whether they are deleted too.
    pub fn removal(&self, item: Span, goes: impl Fn(usize) -> bool) -> Option<Removal<'_>> {
        let alone = self.slice(item).is_some()
            && self.before(item.start).trim() == "-"
            && is_blank(self.after(item.end))
            && !self.is_argument(item);
        if !alone || self.is_json() {
            return None;
        }
        let lines = Lines(self.rest(0).lines().collect());
        let (first, end) = (self.line(item.start) - 1, self.line(last(item)) - 1);
        let removal =
            |first: usize, last: usize, policy, key| Removal { first: first + 1, last: last + 1, policy, key };
        if !lines.is_emptied(first, &goes) {
            return Some(removal(first, end, false, None));
        }
        let (top, key, bottom) = lines.list(first)?;
        match key {
            "Policies" | "ManagedPolicyArns" => Some(removal(top, bottom, false, Some(key))),
            "Statement" => {
                let policy = lines.item_around(top)?;
                let (top, key, bottom) = lines.list(policy).filter(|(_, key, _)| *key == "Policies")?;
                Some(if lines.is_emptied(policy, &goes) {
                    removal(top, bottom, true, Some(key))
                } else {
                    removal(policy, lines.end(policy), true, None)
                })
            }
            _ => None,
        }
    }
}

impl<'t> Lines<'t> {
    fn column(&self, line: usize) -> usize {
        self.0[line].len() - self.0[line].trim_start().len()
    }

    fn is_item(&self, line: usize) -> bool {
        let text = self.0[line].trim_start();
        text == "-" || text.starts_with("- ")
    }

    /// Whether a line begins something at the column or left of it.
    fn is_outside(&self, line: usize, column: usize) -> bool {
        !is_blank(self.0[line]) && self.column(line) <= column
    }

    /// The last line of the item that begins at a line.
    fn end(&self, item: usize) -> usize {
        let column = self.column(item);
        let below = (item + 1..self.0.len()).take_while(|line| !self.is_outside(*line, column));
        below.filter(|line| !is_blank(self.0[*line])).last().unwrap_or(item)
    }

    /// Where the items begin of the list that an item belongs to.
    fn items(&self, item: usize) -> Vec<usize> {
        let column = self.column(item);
        let is_own = |line: &usize| self.column(*line) == column && self.is_item(*line);
        let outside = |line: &usize| self.is_outside(*line, column);
        let above = (0..item).rev().filter(outside).take_while(is_own);
        let mut items: Vec<usize> = above.collect();
        items.push(item);
        items.extend((item + 1..self.0.len()).filter(outside).take_while(is_own));
        items.sort_unstable();
        items
    }

    fn is_emptied(&self, item: usize, goes: impl Fn(usize) -> bool) -> bool {
        self.items(item).into_iter().all(|other| other == item || goes(other + 1))
    }

    /// The key of the list that an item belongs to: its line, its name, and the list's last line.
    fn list(&self, item: usize) -> Option<(usize, &'t str, usize)> {
        let items = self.items(item);
        let column = self.column(item);
        let above = (0..*items.first()?).rev().find(|line| self.is_outside(*line, column))?;
        let text = self.0[above].trim_start();
        let key = text.strip_prefix("- ").unwrap_or(text).trim_start();
        let name = key.split_once(':').filter(|(_, rest)| is_blank(rest))?.0;
        Some((above, name, self.end(*items.last()?)))
    }

    /// Where the item begins that holds the mapping which a key belongs to, or one around it.
    fn item_around(&self, key: usize) -> Option<usize> {
        let mut column = self.column(key);
        if self.is_item(key) {
            return Some(key);
        }
        for line in (0..key).rev().filter(|line| !is_blank(self.0[*line])) {
            let own = self.column(line);
            if self.is_item(line) && own < column {
                return Some(line);
            }
            column = column.min(own);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Removal, TemplateText};
    use crate::source::{FileId, Span};

    const TEXT: &str = "\
Fn:
  Policies:
    # What it reads.
    - ReadPolicy: {Name: a}
  Handler: h
Gn:
  Policies:
  - Statement:
      - Effect: Allow
        Action: b
  - Other: {Name: c}
Role:
  Policies:
    - PolicyName: d
      PolicyDocument:
        Version: '2012'
        Statement:
          - Action: e
  Type: Role
Policy:
  PolicyDocument:
    Statement:
      - Action: f
Two:
  Policies:
    - Read: {Name: g}

    - Write: {Name: i}
";

    #[test]
    fn what_goes_with_an_item() {
        let text = TemplateText::new(FileId(0), "template.yaml", TEXT.into());
        let of = |part: &str, goes: fn(usize) -> bool| {
            let start = u32::try_from(TEXT.find(part).expect("a part")).expect("short");
            let end = start + u32::try_from(part.len()).expect("short");
            text.removal(Span::new(FileId(0), start, end), goes)
        };
        let none = |_| false;
        let lines =
            |first, last, policy, key: bool| Some(Removal { first, last, policy, key: key.then_some("Policies") });
        assert_eq!(of("ReadPolicy: {Name: a}", none), lines(2, 4, false, true));
        assert_eq!(of("Effect: Allow\n        Action: b", none), lines(8, 10, true, false));
        assert_eq!(of("Effect: Allow\n        Action: b", |line| line == 11), lines(7, 11, true, true));
        assert_eq!(of("Other: {Name: c}", none), lines(11, 11, false, false));
        assert_eq!(of("Action: e", none), lines(13, 18, true, true));
        assert_eq!(of("Action: f", none), None);
        assert_eq!(of("Read: {Name: g}", none), lines(26, 26, false, false));
        assert_eq!(of("Read: {Name: g}", |line| line == 28), lines(25, 28, false, true));
    }
}
