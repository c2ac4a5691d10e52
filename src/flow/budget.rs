//! How much work one interpretation may do. It is counted, not timed, so that the same program is followed equally far on
//! every machine. Where it ends, the interpretation tells so: what comes after isn't seen.

use super::Hides;
use super::machine::Machine;
use crate::python::ModuleId;
use crate::python::ir::FunctionId;

/// Units for a program of any size: an evaluated expression, or a value or object that is looked through, is one.
const GRANT: u64 = 1_000_000;
/// Units more for each expression of the modules that are loaded, so that large programs are followed as far as small ones.
const GRANT_PER_EXPRESSION: u64 = 40;

/// What is granted, and what of it is spent.
#[derive(Debug)]
pub(super) struct Budget {
    granted: u64,
    spent: u64,
    /// The end is told: whatever else is lost is lost for it.
    pub is_noted: bool,
}

impl Default for Budget {
    fn default() -> Self {
        Self { granted: GRANT, spent: 0, is_noted: false }
    }
}

impl Budget {
    /// Takes units out; whether it is enough is asked later.
    pub fn spend(&mut self, units: usize) {
        self.spent = self.spent.saturating_add(units as u64);
    }

    /// Whether all is spent: what still runs is cut short.
    pub fn is_spent(&self) -> bool {
        self.spent > self.granted
    }
}

impl Machine<'_> {
    /// Grants what a further module of the program needs.
    pub fn grant(&mut self, module: ModuleId) {
        let expressions = self.module(module).exprs.len() as u64;
        self.budget.granted += GRANT_PER_EXPRESSION * expressions;
    }

    /// Notes where the budget ran out, once: from there on nothing is seen.
    pub fn note_spent(&mut self, module: ModuleId, function: FunctionId) {
        let span = self.name_span(module, function);
        let reason = "the analysis of this entry point reached its limit of work here, and what comes after isn't seen";
        self.gap(span, reason, Hides::Rest);
        self.budget.is_noted = true;
    }

    /// Notes that a function keeps growing and was left as it is.
    pub fn note_unsettled(&mut self, module: ModuleId, function: FunctionId) {
        let span = self.name_span(module, function);
        self.gap(span, "the analysis of this function doesn't settle, and was left off", Hides::Rest);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail so")]
mod tests {
    use super::*;
    use crate::flow::context::Apart;
    use crate::flow::program::Program;
    use crate::flow::{EntryName, EntryPoint, Environment, ItemUse, Start, merge};
    use crate::python::{Codebase, SearchPath};
    use crate::source::{FileId, SourceMap};

    const CODE: &str = "
import boto3

orders = boto3.resource('dynamodb').Table('orders')

def handler(event, context):
    response = orders.scan()
    items = response['Items']
    total = sum(len(item['lines']) for item in items)
    while 'LastEvaluatedKey' in response:
        response = orders.scan(ExclusiveStartKey=response['LastEvaluatedKey'])
        total = total + sum(len(item['lines']) for item in response['Items'])
    return total
";

    /// An interpretation of a program of one module.
    fn with_machine<T>(code: &str, look: impl for<'p> FnOnce(Machine<'p>, &'p Program<'p>) -> T) -> T {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("app.py");
        std::fs::write(&path, code).unwrap();
        let codebase = Codebase::load(&mut SourceMap::default(), std::slice::from_ref(&path)).0;
        let program = Program::new(&codebase);
        let entry = EntryPoint {
            name: EntryName::File(FileId(0)),
            module: ModuleId(0),
            start: Start::Handler(vec!["handler".to_owned()]),
            search: SearchPath { roots: vec![folder.path().to_path_buf()], ..SearchPath::default() },
            environment: Environment::default(),
            event: None,
        };
        look(Machine::new(&program, &entry), &program)
    }

    /// How the items of the first call seem to be used, whether it goes on, and the gaps, with this much work.
    fn with_budget(granted: u64) -> (Option<(ItemUse, bool)>, Vec<String>) {
        with_machine(CODE, |mut machine, program| {
            machine.budget.granted = granted;
            let top = machine.start();
            machine.run();
            let analysis = merge::merge(program, vec![machine.finish(top, Some(0))], Vec::new());
            let gaps = analysis.gaps.iter().filter(|gap| gap.hides == Hides::Rest).map(|gap| gap.reason.clone());
            let first = analysis.accesses.first().and_then(|access| access.pages.as_ref());
            (first.map(|pages| (pages.items, pages.continued)), gaps.collect())
        })
    }

    /// What is followed once more, with more contexts taken together, ends sooner where these are many and large: else there
    /// were nothing to gain by it.
    #[test]
    fn many_large_contexts_cost_less_together() {
        let steps = "    total = [total, len(str(total)) + 1]\n".repeat(60);
        let made = (0..200).map(|i| format!("def part{i}():\n    return {i}\n\n"));
        let calls = (0..200).map(|i| format!("    work(part{i})\n"));
        let code = format!(
            "def work(part):\n    total = part()\n{steps}    return total\n\n{}def handler(event, context):\n{}",
            made.collect::<String>(),
            calls.collect::<String>()
        );
        let spent = |apart| {
            with_machine(&code, |mut machine, _| {
                machine.apart = apart;
                machine.start();
                machine.run();
                machine.budget.spent
            })
        };
        let (closely, roughly) = (spent(Apart::Closely), spent(Apart::Roughly));
        assert!(roughly * 2 < closely, "{roughly} units roughly, {closely} closely");
    }

    #[test]
    fn where_work_ends_nothing_is_said_of_what_comes_after() {
        let noted =
            ["the analysis of this entry point reached its limit of work here, and what comes after isn't seen"
                .to_owned()];
        let mut seen = Vec::new();
        for granted in 0..400 {
            let (first, gaps) = with_budget(granted);
            if !seen.contains(&first) {
                seen.push(first);
            }
            // Cut short, it is told just once, and no claim is made of the pages.
            match first {
                Some((ItemUse::All, true)) => assert_eq!(gaps, Vec::<String>::new(), "{granted}"),
                _ => assert_eq!(gaps, noted, "{granted}"),
            }
        }
        let all = [None, Some((ItemUse::Lost, false)), Some((ItemUse::Lost, true)), Some((ItemUse::All, true))];
        assert_eq!(seen, all);
    }
}
