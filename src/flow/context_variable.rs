//! `contextvars.ContextVar`: a variable that holds whatever it was ever set to.

use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{ObjId, Val};

const CLASS: &str = "ContextVar";

impl<'p> Machine<'p> {
    /// `ContextVar(name, default=…)`.
    pub fn make_context_variable(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let class = self.values.sym(CLASS);
        self.keep_arguments(frame, args, site, Kind::Tool(class))
    }

    pub fn is_context_variable(&self, object: ObjId) -> bool {
        matches!(self.heap.get(object).kind, Kind::Tool(class) if self.values.str(class) == CLASS)
    }

    /// `get` and `set`; `reset` brings nothing that wasn't there before.
    pub fn call_context_variable(&mut self, frame: &mut Frame<'p>, variable: ObjId, method: &str, args: &Args) -> Val {
        let given = args.positional.first().copied().unwrap_or(Val::BOTTOM);
        let held = self.values.sym("#held");
        match method {
            "get" => {
                let default = self.values.sym("default");
                let [held, default] = [held, default].map(|name| self.read_field(variable, name, frame.instance));
                let value = self.values.join_all([held, default, given]);
                if value == Val::BOTTOM { self.unset(frame.instance) } else { value }
            }
            "set" => {
                self.write_field(variable, held, given);
                self.external_object("contextvars.Token")
            }
            _ => self.values.none(),
        }
    }
}
