//! Transactions: `with TransactWrite(connection=…) as transaction: transaction.save(model)`. Each part that is added counts as
//! a call; which of them are sent together is left open. <https://pynamodb.readthedocs.io/en/stable/transaction.html>

use super::Tool;
use crate::dynamodb::operation::Operation;
use crate::flow::call::{Args, Keyword};
use crate::flow::frame::Frame;
use crate::flow::heap::{CallSite, Kind};
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, ObjId, Principal, Val};

impl<'p> Machine<'p> {
    /// A method of a transaction; the first argument is a model's object or its class.
    pub(super) fn call_transaction(
        &mut self,
        frame: &mut Frame<'p>,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let (operation, part, action) = match method {
            "save" => (Operation::TransactWriteItems, Operation::PutItem, "PutItem"),
            "update" => (Operation::TransactWriteItems, Operation::UpdateItem, "UpdateItem"),
            "delete" => (Operation::TransactWriteItems, Operation::DeleteItem, "DeleteItem"),
            "condition_check" => (Operation::TransactWriteItems, Operation::GetItem, "ConditionCheckItem"),
            "get" => (Operation::TransactGetItems, Operation::GetItem, "GetItem"),
            _ => return None,
        };
        let names = ["model", "model_cls"].map(|name| self.values.sym(name));
        let named = || names.iter().find_map(|name| args.keyword(*name)).map(|keyword| keyword.value);
        let model = args.positional.first().copied().or_else(named).unwrap_or_default();
        let (mut table, mut found) = (Val::BOTTOM, Val::BOTTOM);
        for atom in self.values.atoms_vec(model) {
            let one = match self.model_of(atom) {
                Some((class, line)) => {
                    let object = self.any_instance(class.0, class.1);
                    found = self.values.join(found, object);
                    self.table_of_model(frame, &line)
                }
                None => self.values.opaque("a model that isn't seen"),
            };
            table = self.values.join(table, one);
        }
        if table == Val::BOTTOM {
            table = self.values.opaque("a model that isn't seen");
        }
        let given = match method {
            "save" => self.saved(frame, &Args::of(&[model]), site),
            "update" => self.set_by(frame, args, site),
            _ => Args::default(),
        };
        let table = (table, Principal::Own);
        self.record_transaction_part(frame, (operation, part, action), table, &given, site);
        self.note_description(frame, site);
        Some(match method {
            "get" => self.make_tool(frame, Tool::Future, &Args::of(&[found]), site),
            _ => self.values.none(),
        })
    }

    /// The class that a model's object or class is of.
    fn model_of(&self, atom: Atom) -> Option<(super::ClassRef, super::Ancestry)> {
        let class = match atom {
            Atom::Class(module, class) => (module, class),
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Instance(module, class) => (module, class),
                _ => return None,
            },
            _ => return None,
        };
        let line = self.ancestry(class.0, class.1);
        self.is_model(&line).then_some((class, line))
    }

    /// What `actions=[…]` sets.
    fn set_by(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Args {
        let actions = self.values.sym("actions");
        let rest = Args {
            positional: args.positional.get(1).copied().into_iter().collect(),
            keywords: args.keyword(actions).cloned().into_iter().collect(),
            ..Args::default()
        };
        let value = self.actions_of(frame, &rest);
        let (name, place) = (self.values.sym("AttributeUpdates"), self.place(frame, site));
        Args { keywords: vec![Keyword { name, value, always: true, spans: vec![place] }], ..Args::default() }
    }

    /// What `transaction.get(…)` gives: `.get()` is the model's object.
    pub(super) fn call_future(&mut self, frame: &Frame<'p>, future: ObjId, method: &str) -> Option<Val> {
        (method == "get").then(|| self.kept_arguments(frame, future).0)
    }
}
