//! `PartiQL` statements: what they do, and to which table.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>

use crate::dynamodb::symbolic::{Part, Symbolic};

/// The IAM action of a statement and the table that it names, if this much of it is known.
pub(super) fn read_statement(statement: &Symbolic) -> Option<(&'static str, Option<Symbolic>)> {
    let words = words(statement);
    let (action, before) = match keyword(words.first()?)?.as_str() {
        "SELECT" => ("PartiQLSelect", "FROM"),
        "INSERT" => ("PartiQLInsert", "INTO"),
        "UPDATE" => ("PartiQLUpdate", "UPDATE"),
        "DELETE" => ("PartiQLDelete", "FROM"),
        _ => return None,
    };
    let at = words.iter().position(|word| keyword(word).is_some_and(|word| word == before));
    let table = at.and_then(|at| words.get(at + 1)).map(table_name);
    Some((action, table.filter(|table| !table.parts().is_empty())))
}

/// The words of a text whose unknown parts are parts of words.
fn words(text: &Symbolic) -> Vec<Symbolic> {
    let mut words = vec![Symbolic::default()];
    for part in text.parts() {
        let Part::Text(text) = part else {
            if let Some(word) = words.last_mut() {
                word.push(part.clone());
            }
            continue;
        };
        for (index, piece) in text.split(char::is_whitespace).enumerate() {
            if index > 0 {
                words.push(Symbolic::default());
            }
            if let Some(word) = words.last_mut().filter(|_| !piece.is_empty()) {
                word.push(Part::Text(piece.to_owned()));
            }
        }
    }
    words.retain(|word| !word.parts().is_empty());
    words
}

fn keyword(word: &Symbolic) -> Option<String> {
    word.as_text().map(str::to_ascii_uppercase)
}

/// `"table"."index"` up to the dot that ends the table's name, without quotes.
fn table_name(word: &Symbolic) -> Symbolic {
    let mut name = Symbolic::default();
    let mut quoted = false;
    for part in word.parts() {
        let Part::Text(text) = part else {
            name.push(part.clone());
            continue;
        };
        let mut kept = String::new();
        for c in text.chars() {
            match c {
                '"' | '\'' => quoted = !quoted,
                '.' | ';' if !quoted => {
                    push_text(&mut name, kept);
                    return name;
                }
                c => kept.push(c),
            }
        }
        push_text(&mut name, kept);
    }
    name
}

fn push_text(name: &mut Symbolic, text: String) {
    if !text.is_empty() {
        name.push(Part::Text(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(statement: &str) -> Option<(&'static str, Option<String>)> {
        read_statement(&Symbolic::text(statement)).map(|(action, table)| (action, table.map(|t| t.to_string())))
    }

    #[test]
    fn statements_name_their_tables() {
        let orders = |action| Some((action, Some("orders".to_owned())));
        assert_eq!(read("SELECT * FROM \"orders\".\"by-status\" WHERE a=1"), orders("PartiQLSelect"));
        assert_eq!(read("insert into 'orders' value {}"), orders("PartiQLInsert"));
        assert_eq!(read("UPDATE orders SET a=1"), orders("PartiQLUpdate"));
        assert_eq!(read("DELETE\n  FROM orders;"), orders("PartiQLDelete"));
        assert_eq!(read("DELETE FROM \"a.b\""), Some(("PartiQLDelete", Some("a.b".to_owned()))));
    }

    #[test]
    fn what_cant_be_read_names_none() {
        assert_eq!(read(""), None);
        assert_eq!(read("EXISTS (SELECT 1)"), None);
        assert_eq!(read("SELECT *"), Some(("PartiQLSelect", None)));
        let parts = [Part::Hole("verb".to_owned()), Part::Text(" FROM orders".to_owned())];
        assert_eq!(read_statement(&parts.into_iter().collect()), None);
    }

    #[test]
    fn names_keep_what_is_unknown_in_them() {
        let parts = ["SELECT * FROM \"app-", "stage", "-orders\".\"i\""];
        let statement: Symbolic =
            [Part::Text(parts[0].to_owned()), Part::Hole(parts[1].to_owned()), Part::Text(parts[2].to_owned())]
                .into_iter()
                .collect();
        let (action, table) = read_statement(&statement).expect("it is one");
        assert_eq!((action, table.map(|t| t.to_string())), ("PartiQLSelect", Some("app-{stage}-orders".to_owned())));
    }
}
