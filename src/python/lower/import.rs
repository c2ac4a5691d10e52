//! `import` and `from … import`.

use super::super::ir::{Block, Stmt, Target};
use super::syntax::{Field, Kind, children, field, named, of_kind};
use super::{Lowerer, range};
use tree_sitter::Node;

impl Lowerer<'_> {
    pub(super) fn import(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        for imported in parts.iter().filter(|c| c.field == Field::Name) {
            let (module, alias) = self.imported(imported.node, imported.kind);
            let target = alias.unwrap_or_else(|| self.bound(module.split('.').next().unwrap_or_default()));
            let aliased = imported.kind == Kind::AliasedImport;
            out.push(Stmt::Import { module, target, aliased, range: range(node) });
        }
    }

    pub(super) fn import_from(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let (level, module) = match field(&parts, Field::ModuleName) {
            Some(c) if c.kind == Kind::RelativeImport => self.relative(c.node),
            Some(c) => (0, self.dotted(c.node)),
            None => (0, "__future__".into()),
        };
        let mut names = Vec::new();
        for imported in parts.iter().filter(|c| c.field == Field::Name) {
            let (name, alias) = self.imported(imported.node, imported.kind);
            let target = alias.unwrap_or_else(|| self.bound(&name));
            names.push((name, target));
        }
        self.defers_annotations |= &*module == "__future__" && names.iter().any(|(name, _)| &**name == "annotations");
        let star = of_kind(&parts, Kind::WildcardImport).is_some();
        out.push(Stmt::ImportFrom { level, module, names, star, range: range(node) });
    }

    /// A dotted name and, where there is an `as`, its target.
    fn imported(&mut self, node: Node<'_>, kind: Kind) -> (Box<str>, Option<Target>) {
        if kind != Kind::AliasedImport {
            return (self.dotted(node), None);
        }
        let parts = children(node);
        let name = field(&parts, Field::Name).map_or_else(Box::default, |c| self.dotted(c.node));
        (name, field(&parts, Field::Alias).map(|c| self.target(c.node)))
    }

    fn bound(&mut self, text: &str) -> Target {
        let name = self.identifier_text(text);
        Target::Name(self.bind(name), name)
    }

    fn relative(&self, node: Node<'_>) -> (u32, Box<str>) {
        let parts = children(node);
        let dots = of_kind(&parts, Kind::ImportPrefix).map_or(0, |c| self.text_of(c.node).matches('.').count());
        let module = of_kind(&parts, Kind::DottedName).map_or_else(Box::default, |c| self.dotted(c.node));
        (super::offset(dots), module)
    }

    /// `a.b.c` without the white space and comments that may stand between its parts.
    fn dotted(&self, node: Node<'_>) -> Box<str> {
        let text = self.text_of(node);
        if text.bytes().all(|b| b == b'.' || b == b'_' || b.is_ascii_alphanumeric() || !b.is_ascii()) {
            return text.into();
        }
        let parts = children(node);
        let identifiers: Vec<&str> = named(&parts).map(|c| self.text_of(c.node)).collect();
        identifiers.join(".").into()
    }
}
