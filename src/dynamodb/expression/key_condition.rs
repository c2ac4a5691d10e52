//! Key conditions, and filters that are as plain as these: which attributes must equal something.

use super::Names;
use super::token::{Kind, Token, tokens};
use crate::dynamodb::value::ValueType;
use std::collections::BTreeSet;

/// Attributes of a condition whose comparisons must all hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct KeyCondition {
    /// Compared with `=`.
    pub equal: BTreeSet<String>,
    /// Compared otherwise: `<`, `BETWEEN`, `begins_with`; in a filter by any function.
    pub other: BTreeSet<String>,
    /// Compared more than once.
    pub repeated: BTreeSet<String>,
    /// What a key condition compares them with. A filter's operands aren't kept.
    pub compared: BTreeSet<Compared>,
}

/// An attribute with one of the values that it is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Compared {
    /// The attribute.
    pub attribute: String,
    /// Whether it is to begin with the value.
    pub is_prefix: bool,
    /// The value.
    pub operand: Operand,
}

/// What an attribute is compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operand {
    /// `:name`, as it is written.
    Placeholder(String),
    /// A value given in place, by the types that it may have.
    Given(BTreeSet<ValueType>),
}

/// Reads a key condition; `None` if a part of it could hold an attribute that isn't known.
pub fn parse_key_condition(text: &str, names: Names) -> Option<KeyCondition> {
    parse(text, names, false)
}

/// Reads a filter of comparisons joined by `AND`; `None` if there is `OR` or `NOT` in it, or a part that could hold an
/// attribute that isn't known.
pub fn parse_filter(text: &str, names: Names) -> Option<KeyCondition> {
    parse(text, names, true)
}

fn parse(text: &str, names: Names, filter: bool) -> Option<KeyCondition> {
    let tokens = tokens(text);
    let mut parser = Parser { text, tokens: &tokens, at: 0, names, out: KeyCondition::default() };
    while parser.skip_sign("(") {}
    loop {
        if filter { parser.filter_term() } else { parser.term() }?;
        while parser.skip_sign(")") {}
        if parser.at == tokens.len() {
            return Some(parser.out);
        }
        parser.keyword("AND")?;
        while parser.skip_sign("(") {}
    }
}

/// Functions of filters and conditions that begin a term.
const FUNCTIONS: &[&str] =
    &["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"];

struct Parser<'t> {
    text: &'t str,
    tokens: &'t [Token],
    at: usize,
    names: Names<'t>,
    out: KeyCondition,
}

impl<'t> Parser<'t> {
    /// `a = :v`, `a BETWEEN :x AND :y`, `begins_with(a, :v)`.
    fn term(&mut self) -> Option<()> {
        if self.peek()?.is_keyword(self.text, "begins_with") {
            self.at += 1;
            self.sign("(")?;
            let attribute = self.attribute()?;
            self.sign(",")?;
            let prefix = self.value()?;
            self.sign(")")?;
            self.insert("begins_with", attribute.clone());
            self.compare(&attribute, true, prefix);
            return Some(());
        }
        if self.peek()?.text(self.text).starts_with(':') {
            let value = self.value()?;
            let sign = self.comparison()?;
            let attribute = self.attribute()?;
            self.compare(&attribute, false, value);
            self.insert(sign, attribute);
            return Some(());
        }
        let attribute = self.attribute()?;
        if self.peek()?.is_keyword(self.text, "BETWEEN") {
            self.at += 1;
            let low = self.value()?;
            self.keyword("AND")?;
            let high = self.value()?;
            for bound in [low, high] {
                self.compare(&attribute, false, bound);
            }
            self.insert("BETWEEN", attribute);
            return Some(());
        }
        let sign = self.comparison()?;
        let value = self.value()?;
        self.compare(&attribute, false, value);
        self.insert(sign, attribute);
        Some(())
    }

    fn compare(&mut self, attribute: &str, is_prefix: bool, value: &str) {
        let operand = Operand::Placeholder(value.to_owned());
        self.out.compared.insert(Compared { attribute: attribute.to_owned(), is_prefix, operand });
    }

    /// As [`Parser::term`], with paths, `<>`, `IN` and functions.
    fn filter_term(&mut self) -> Option<()> {
        let first = self.peek()?;
        if let Some(function) = FUNCTIONS.iter().find(|function| first.is_keyword(self.text, function))
            && self.tokens.get(self.at + 1).is_some_and(|t| t.is_sign(self.text, "("))
        {
            self.at += 2;
            let attribute = self.path()?;
            self.out.other.insert(attribute);
            self.arguments()?;
            return if *function == "size" { self.operator().and_then(|_| self.operand()) } else { Some(()) };
        }
        let is_value = first.text(self.text).starts_with(':');
        let attribute = if is_value {
            self.value()?;
            None
        } else {
            Some(self.path()?)
        };
        let Some(attribute) = attribute else {
            let sign = self.operator()?;
            let attribute = self.path()?;
            self.insert(sign, attribute);
            return Some(());
        };
        if self.peek()?.is_keyword(self.text, "IN") {
            self.at += 1;
            self.sign("(")?;
            self.out.other.insert(attribute);
            return self.arguments();
        }
        if self.peek()?.is_keyword(self.text, "BETWEEN") {
            self.at += 1;
            self.operand()?;
            self.keyword("AND")?;
            self.out.other.insert(attribute);
            return self.operand();
        }
        let sign = self.operator()?;
        // Another attribute gives no value to look up.
        let other = self.peek()?.text(self.text);
        let sign = if other.starts_with(':') || other.starts_with('{') { sign } else { "<" };
        self.insert(sign, attribute);
        self.operand()
    }

    /// The rest of a list in parentheses, which names no attribute that matters.
    fn arguments(&mut self) -> Option<()> {
        while !self.skip_sign(")") {
            let token = self.peek()?;
            if token.is_sign(self.text, "(") {
                return None;
            }
            self.at += 1;
        }
        Some(())
    }

    /// `a`, `#a`, `a.b[0]`.
    fn path(&mut self) -> Option<String> {
        let mut path = self.attribute()?;
        loop {
            if self.skip_sign(".") {
                path = format!("{path}.{}", self.attribute()?);
            } else if self.skip_sign("[") {
                path = format!("{path}[{}]", self.word()?);
                self.sign("]")?;
            } else {
                return Some(path);
            }
        }
    }

    /// A value, or another attribute.
    fn operand(&mut self) -> Option<()> {
        self.value()?;
        while self.skip_sign(".") {
            self.value()?;
        }
        Some(())
    }

    fn operator(&mut self) -> Option<&'t str> {
        if self.skip_sign("<>") { Some("<>") } else { self.comparison() }
    }

    fn insert(&mut self, sign: &str, attribute: String) {
        if self.out.equal.contains(&attribute) || self.out.other.contains(&attribute) {
            self.out.repeated.insert(attribute.clone());
        }
        if sign == "=" {
            self.out.equal.insert(attribute)
        } else {
            self.out.other.insert(attribute)
        };
    }

    fn attribute(&mut self) -> Option<String> {
        let word = self.word()?;
        if word.starts_with('#') { (self.names)(word) } else { Some(word.to_owned()) }
    }

    fn word(&mut self) -> Option<&'t str> {
        let token = self.peek().filter(|t| t.kind == Kind::Word { whole: true })?;
        self.at += 1;
        Some(token.text(self.text))
    }

    /// A value may be unknown: it names no attribute.
    fn value(&mut self) -> Option<&'t str> {
        let value = self.peek().filter(|t| matches!(t.kind, Kind::Word { .. }))?;
        self.at += 1;
        Some(value.text(self.text))
    }

    fn comparison(&mut self) -> Option<&'t str> {
        let sign = self.peek()?.text(self.text);
        self.at += 1;
        matches!(sign, "=" | "<" | "<=" | ">" | ">=").then_some(sign)
    }

    fn peek(&self) -> Option<&'t Token> {
        self.tokens.get(self.at)
    }

    fn skip_sign(&mut self, sign: &str) -> bool {
        let found = self.peek().is_some_and(|t| t.is_sign(self.text, sign));
        self.at += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &str) -> Option<()> {
        self.skip_sign(sign).then_some(())
    }

    fn keyword(&mut self, keyword: &str) -> Option<()> {
        let found = self.peek()?.is_keyword(self.text, keyword);
        self.at += usize::from(found);
        found.then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without what is compared.
    fn parse(text: &str) -> Option<KeyCondition> {
        let condition = parse_key_condition(text, &|name| (name == "#owner").then(|| "ownerId".to_owned()))?;
        Some(KeyCondition { compared: BTreeSet::new(), ..condition })
    }

    fn condition(equal: &[&str], other: &[&str]) -> KeyCondition {
        let owned = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
        KeyCondition { equal: owned(equal), other: owned(other), ..KeyCondition::default() }
    }

    #[test]
    fn what_attributes_are_compared_with() {
        let compared = |text: &str| {
            let one = |c: Compared| format!("{}{}{:?}", c.attribute, if c.is_prefix { "^" } else { "~" }, c.operand);
            let condition = parse_key_condition(text, &|_| Some("named".to_owned()));
            condition.map(|condition| condition.compared.into_iter().map(one).collect::<Vec<_>>().join(" "))
        };
        let text = "PK = :pk AND #sk BETWEEN :from AND :to";
        let wanted = r#"PK~Placeholder(":pk") named~Placeholder(":from") named~Placeholder(":to")"#;
        assert_eq!(compared(text).as_deref(), Some(wanted));
        let wanted = r#"PK~Placeholder(":pk") SK^Placeholder(":v{i}")"#;
        assert_eq!(compared(":pk = PK AND begins_with(SK, :v{i})").as_deref(), Some(wanted));
        let filter = parse_filter("PK = :pk", &|_| None);
        assert_eq!(filter, Some(condition(&["PK"], &[])));
    }

    #[test]
    fn what_is_compared_twice() {
        let repeated = |text: &str| parse(text).map(|condition| condition.repeated.into_iter().collect::<Vec<_>>());
        assert_eq!(repeated("PK = :pk AND SK >= :from AND SK <= :to"), Some(vec!["SK".to_owned()]));
        assert_eq!(repeated("PK = :pk AND begins_with(SK, :p) AND SK > :from"), Some(vec!["SK".to_owned()]));
        assert_eq!(repeated("PK = :pk AND SK BETWEEN :from AND :to"), Some(vec![]));
    }

    #[test]
    fn equalities_and_other_comparisons() {
        assert_eq!(parse("PK = :pk"), Some(condition(&["PK"], &[])));
        assert_eq!(parse("PK=:pk AND SK=:sk"), Some(condition(&["PK", "SK"], &[])));
        assert_eq!(parse("PK = :pk AND begins_with(SK, :prefix)"), Some(condition(&["PK"], &["SK"])));
        assert_eq!(parse("PK = :pk and SK between :from and :to"), Some(condition(&["PK"], &["SK"])));
        assert_eq!(parse("(PK = :pk) AND (SK >= :from)"), Some(condition(&["PK"], &["SK"])));
        assert_eq!(parse(":pk = PK"), Some(condition(&["PK"], &[])));
        assert_eq!(parse("order-id = :id"), Some(condition(&["order-id"], &[])));
    }

    #[test]
    fn placeholders_are_looked_up() {
        assert_eq!(parse("#owner = :o"), Some(condition(&["ownerId"], &[])));
        assert_eq!(parse("#unknown = :o"), None);
    }

    #[test]
    fn unknown_values_do_no_harm_and_unknown_attributes_do() {
        assert_eq!(parse("PK = {pk} AND SK > :v{i}"), Some(condition(&["PK"], &["SK"])));
        assert_eq!(parse("GSI{n}PK = :pk"), None);
        assert_eq!(parse("PK = :pk {extra}"), None);
        assert_eq!(parse("PK = :pk AND {extra or default}"), None);
        assert_eq!(parse("{condition}"), None);
    }

    #[test]
    fn filters_have_more_forms() {
        let filter = |text: &str| parse_filter(text, &|name| (name == "#owner").then(|| "ownerId".to_owned()));
        assert_eq!(filter("PK = :pk AND contains(tags, :t)"), Some(condition(&["PK"], &["tags"])));
        assert_eq!(filter("attribute_exists(a.b[0]) and #owner = :o"), Some(condition(&["ownerId"], &["a.b[0]"])));
        assert_eq!(filter("size(a) > :n AND b IN (:x, :y)"), Some(condition(&[], &["a", "b"])));
        assert_eq!(filter("a <> :v AND b = c AND :d = d"), Some(condition(&["d"], &["a", "b"])));
        assert_eq!(filter("size = :v AND (n BETWEEN :a AND :b)"), Some(condition(&["size"], &["n"])));
        assert_eq!(filter("a.b = :v"), Some(condition(&["a.b"], &[])));
        for text in
            ["a = :v OR b = :v", "NOT a = :v", "a = :v AND {more}", "contains(", "a IN (size(b))", "#x = :x", ""]
        {
            assert_eq!(filter(text), None, "{text}");
        }
    }

    #[test]
    fn nonsense_is_unknown() {
        for text in
            ["", "PK", "PK =", "PK = :pk AND", "PK = :pk OR SK = :sk", "((((", "NOT PK = :pk", "PK <> :pk", "{é"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
