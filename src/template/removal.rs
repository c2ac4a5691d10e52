//! What an item takes with it when it is deleted from a list in block style: a list without items is refused.

use super::text::{TemplateText, is_blank, last};
use crate::source::Span;
use std::collections::BTreeSet;

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
    /// Whether nothing but what is added to a list keeps it from being empty.
    pub filled: bool,
}

/// What happens to a text besides.
#[derive(Debug, Clone, Copy)]
pub struct Changes<'c> {
    /// The lines where items begin that are deleted too.
    pub gone: &'c BTreeSet<usize>,
    /// The lines where items begin that another one is put behind.
    pub grown: &'c BTreeSet<usize>,
    /// Whether something is added to `Policies` at no line that is told.
    pub named: bool,
}

/// Why an item can't be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// It isn't alone on its lines, or what is around it isn't.
    Style,
    /// Nothing would be left of a policy that is a resource of its own.
    OwnResource,
}

/// What becomes of a list without one of its items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Others stay.
    Some,
    /// None but those that are added.
    Added,
    /// Nothing.
    None,
}

/// The lines of a text, counted from 0.
struct Lines<'t>(Vec<&'t str>);

impl TemplateText {
    /// Whether a place begins a line as an item of a list in block style.
    pub fn begins_item(&self, place: Span) -> bool {
        self.before(place.start).trim() == "-"
    }

    /// How an item is deleted from its list, if it is alone on its lines and an intrinsic doesn't count it.
    pub fn removal(&self, item: Span, changes: &Changes) -> Result<Removal<'_>, Kept> {
        let alone = self.slice(item).is_some()
            && self.begins_item(item)
            && is_blank(self.after(item.end))
            && !self.is_argument(item);
        if !alone || self.is_json() {
            return Err(Kept::Style);
        }
        let lines = Lines(self.rest(0).lines().collect());
        let (first, end) = (self.line(item.start) - 1, self.line(last(item)) - 1);
        let removal = |first: usize, last: usize, policy, rest| Removal {
            first: first + 1,
            last: last + 1,
            policy,
            key: None,
            filled: rest == Rest::Added,
        };
        let rest = lines.rest(first, changes);
        if rest != Rest::None {
            return Ok(removal(first, end, false, rest));
        }
        let own = lines.list(first).ok_or(Kept::Style)?;
        let (item, list, policy) = match own.1 {
            "Policies" | "ManagedPolicyArns" => ((first, end), own, false),
            "Statement" => {
                let policy = lines.item_around(own.0).ok_or(Kept::OwnResource)?;
                let around = lines.list(policy).filter(|(_, key, _)| *key == "Policies").ok_or(Kept::Style)?;
                ((policy, lines.end(policy)), around, true)
            }
            _ => return Err(Kept::Style),
        };
        let rest = match lines.rest(item.0, changes) {
            Rest::None if changes.named && list.1 == "Policies" => Rest::Added,
            rest => rest,
        };
        Ok(if rest == Rest::None {
            Removal { key: Some(list.1), ..removal(list.0, list.2, policy, rest) }
        } else {
            removal(item.0, item.1, policy, rest)
        })
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

    /// What becomes of the list that an item belongs to, without it.
    fn rest(&self, item: usize, changes: &Changes) -> Rest {
        let items = self.items(item);
        if items.iter().any(|other| *other != item && !changes.gone.contains(&(other + 1))) {
            Rest::Some
        } else if items.iter().any(|item| changes.grown.contains(&(item + 1))) {
            Rest::Added
        } else {
            Rest::None
        }
    }

    /// The key of the list that an item belongs to: its line, its name, and the list's last line.
    fn list(&self, item: usize) -> Option<(usize, &'t str, usize)> {
        let items = self.items(item);
        let column = self.column(item);
        let above = (0..*items.first()?).rev().find(|line| self.is_outside(*line, column))?;
        let text = self.0[above].trim_start();
        let key = text.strip_prefix("- ").unwrap_or(text).trim_start();
        let name = key.split_once(':').filter(|(_, rest)| is_blank(rest))?.0.trim_end();
        let name = name.trim_matches(['"', '\'']);
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
    use super::{Changes, Kept, Removal, TemplateText};
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
        let of = |part: &str, gone: &[usize], grown: &[usize], named: bool| {
            let start = u32::try_from(TEXT.find(part).expect("a part")).expect("short");
            let end = start + u32::try_from(part.len()).expect("short");
            let [gone, grown] = [gone, grown].map(|lines| lines.iter().copied().collect());
            text.removal(Span::new(FileId(0), start, end), &Changes { gone: &gone, grown: &grown, named })
        };
        let alone = |part: &str| of(part, &[], &[], false);
        let lines = |first, last, policy, key: bool| {
            Ok(Removal { first, last, policy, key: key.then_some("Policies"), filled: false })
        };
        let filled = |first, last, policy| Ok(Removal { first, last, policy, key: None, filled: true });
        assert_eq!(alone("ReadPolicy: {Name: a}"), lines(2, 4, false, true));
        assert_eq!(of("ReadPolicy: {Name: a}", &[], &[4], false), filled(4, 4, false));
        assert_eq!(of("ReadPolicy: {Name: a}", &[], &[], true), filled(4, 4, false));
        let statement = "Effect: Allow\n        Action: b";
        assert_eq!(alone(statement), lines(8, 10, true, false));
        assert_eq!(of(statement, &[11], &[], false), lines(7, 11, true, true));
        assert_eq!(of(statement, &[11], &[9], false), filled(9, 10, false));
        assert_eq!(of(statement, &[11], &[11], false), filled(8, 10, true));
        assert_eq!(of(statement, &[11], &[], true), filled(8, 10, true));
        assert_eq!(alone("Other: {Name: c}"), lines(11, 11, false, false));
        assert_eq!(alone("Action: e"), lines(13, 18, true, true));
        assert_eq!(alone("Action: f"), Err(Kept::OwnResource));
        assert_eq!(alone("Read: {Name: g}"), lines(26, 26, false, false));
        assert_eq!(of("Read: {Name: g}", &[28], &[], false), lines(25, 28, false, true));
    }
}
