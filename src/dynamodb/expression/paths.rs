//! `ProjectionExpression`: the paths that it lists.

use super::Names;
use super::token::{Kind, tokens};

/// The paths of a list, placeholders looked up (`address.city`, `tags[0]`); those that aren't known are left out.
pub fn paths(text: &str, names: Names) -> Vec<String> {
    let tokens = tokens(text);
    let path = |item: &[super::token::Token]| -> Option<String> {
        item.iter()
            .map(|token| match (&token.kind, token.text(text)) {
                (Kind::Word { whole: false }, _) => None,
                (Kind::Word { whole: true }, word) if word.starts_with('#') => names(word),
                (_, word) => Some(word.to_owned()),
            })
            .collect::<Option<String>>()
            .filter(|path| !path.is_empty())
    };
    tokens.split(|token| token.is_sign(text, ",")).filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_paths() {
        let names = |name: &str| (name == "#n").then(|| "name".to_owned());
        assert_eq!(paths("id, #n.first,tags[0] , {more}, #other", &names), ["id", "name.first", "tags[0]"]);
        assert_eq!(paths("", &names), Vec::<String>::new());
    }
}
