//! Policies: what an action pattern covers, what a resource pattern covers, and the statements behind the names of
//! managed policies, SAM policy templates and connectors. Pure: no templates, no I/O.

mod action;
mod connector;
mod managed;
mod policy_template;
mod target;

pub use action::{ACTIONS, action_matches, expand, touches_dynamodb};
pub use connector::connector_actions;
pub use managed::{ManagedStatement, managed_policy};
pub use policy_template::{
    TemplateParameter, TemplateStatement, is_policy_template, policy_template, policy_template_parameters,
};
pub use target::{Answer, Target, TargetKind};
