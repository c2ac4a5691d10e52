//! Whose rights calls are made with
//! ([boto3's order](https://boto3.amazonaws.com/v1/documentation/api/latest/guide/credentials.html)): explicit keys are another's,
//! a profile or a session made elsewhere may be, and what the program sets for all sessions may be.

use crate::flow::call::Args;
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, Principal, Sym, Val};

/// Variables that say whose credentials sessions have.
const VARIABLES: [&str; 6] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_PROFILE",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
];

impl Machine<'_> {
    /// Who acts through a session or client that is made with these arguments. Keys read from the environment are the
    /// function's own.
    pub(super) fn principal(&mut self, inherited: Principal, args: &Args) -> Principal {
        let is_given = |atom: &Atom| matches!(atom, Atom::Data(_) | Atom::ExternalObject(_) | Atom::Opaque(_));
        if ["aws_access_key_id", "aws_session_token"].iter().any(|name| self.any_keyword(args, name, is_given)) {
            return Principal::Foreign;
        }
        let is_named = |atom: &Atom| matches!(atom, Atom::Str(_));
        if self.any_keyword(args, "botocore_session", is_given) || self.any_keyword(args, "profile_name", is_named) {
            return Principal::Unclear;
        }
        if self.is_elsewhere(args) {
            return Principal::Unclear;
        }
        let name = self.values.sym("botocore_session");
        let sessions = args.keyword(name).map_or(Val::BOTTOM, |keyword| keyword.value);
        let of_session = |atom: &Atom| if let Atom::Session(principal) = atom { Some(*principal) } else { None };
        self.values.atoms(sessions).iter().filter_map(of_session).max().unwrap_or(inherited)
    }

    /// Whether a client surely speaks to an address that isn't AWS's, such as DynamoDB local's, which asks no role.
    fn is_elsewhere(&mut self, args: &Args) -> bool {
        let name = self.values.sym("endpoint_url");
        let address = args.keyword(name).and_then(|keyword| self.values.single(keyword.value));
        match address {
            Some(Atom::Str(url)) => {
                let url = self.values.str(url);
                !["amazonaws.com", "api.aws", "dax://", "daxs://"].iter().any(|own| url.contains(own))
            }
            _ => false,
        }
    }

    fn any_keyword(&mut self, args: &Args, name: &str, is_it: impl Fn(&Atom) -> bool) -> bool {
        let name = self.values.sym(name);
        args.keyword(name).is_some_and(|keyword| self.values.atoms(keyword.value).iter().any(is_it))
    }

    /// `boto3.setup_default_session(…)` makes the session of all that is made by `boto3.client` and `boto3.resource`.
    pub(super) fn set_default_session(&mut self, principal: Principal) {
        self.credentials_change |= principal != Principal::Own;
    }

    /// `boto3.DEFAULT_SESSION = session`, and credentials that are put into a session.
    pub fn note_credentials_attribute(&mut self, object: Val, name: Sym) {
        let name = self.values.str(name);
        let is_changed = |atom: &Atom| match atom {
            Atom::External(path) => self.values.str(*path) == "boto3" && name == "DEFAULT_SESSION",
            Atom::Session(_) => name.contains("credentials"),
            _ => false,
        };
        self.credentials_change |= self.values.atoms(object).iter().any(is_changed);
    }

    /// A variable that the program sets.
    pub fn note_credentials_variable(&mut self, name: Val) {
        let is_one = |atom: &Atom| matches!(atom, Atom::Str(name) if VARIABLES.contains(&self.values.str(*name)));
        self.credentials_change |= self.values.atoms(name).iter().any(is_one);
    }

    /// Who makes a call through a client of this principal's.
    pub fn acting(&self, principal: Principal) -> Principal {
        match principal {
            Principal::Own if self.credentials_change => Principal::Unclear,
            principal => principal,
        }
    }
}
