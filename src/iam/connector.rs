//! Connectors between a function and a table.

/// The actions that a connector permission (`Read`, `Write`) from a function to a table grants, on the table and its
/// indexes.
pub fn connector_actions(permission: &str) -> Option<&'static [&'static str]> {
    match permission {
        "Read" => Some(&[
            "dynamodb:GetItem",
            "dynamodb:Query",
            "dynamodb:Scan",
            "dynamodb:BatchGetItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:PartiQLSelect",
        ]),
        "Write" => Some(&[
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:PartiQLDelete",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
        ]),
        _ => None,
    }
}
