//! The API's operations: their names in boto3, the IAM actions that they need, whether they read or write.

use std::fmt;

macro_rules! operations {
    ($($variant:ident $method:literal [$($action:literal),*] $kind:ident;)*) => {
        /// A data-plane or table operation of the DynamoDB API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the variants are the API's own names")]
        pub enum Operation { $($variant,)* }

        impl Operation {
            /// Every operation, in declaration order.
            pub const ALL: &'static [Operation] = &[$(Operation::$variant),*];

            /// The operation behind a boto3 client method (`batch_get_item`).
            pub fn from_method(method: &str) -> Option<Self> {
                match method { $($method => Some(Self::$variant),)* _ => None }
            }

            /// The boto3 client method.
            pub fn method(self) -> &'static str {
                match self { $(Self::$variant => $method,)* }
            }

            /// The API's name (`Query`).
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// The IAM actions that a call needs, without `dynamodb:`. Of several, any that
            /// applies to the call's parts is needed (transactions, `PartiQL`).
            /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
            pub fn actions(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($action),*],)* }
            }

            /// Whether it reads items, writes items, or handles tables.
            pub fn kind(self) -> OperationKind {
                match self { $(Self::$variant => OperationKind::$kind,)* }
            }
        }
    };
}

impl Operation {
    /// Whether a call names a table, or an item, index or backup of one.
    pub fn has_table(self) -> bool {
        self != Self::ListTables
    }

    /// Whether an IAM action is that of an operation without a table: a policy allows it on `*` or not at all.
    /// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
    pub fn is_of_account(action: &str) -> bool {
        Self::ALL.iter().any(|operation| !operation.has_table() && operation.actions().contains(&action))
    }

    /// The most requests that one call holds, of those that hold several.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html#limits-api>
    pub fn most_requests(self) -> Option<usize> {
        match self {
            Self::BatchWriteItem => Some(25),
            Self::BatchGetItem | Self::TransactWriteItems | Self::TransactGetItems => Some(100),
            _ => None,
        }
    }

    /// The IAM actions of all operations on items, with repetition.
    pub fn item_actions() -> impl Iterator<Item = &'static str> {
        let items = Self::ALL.iter().filter(|operation| operation.kind() != OperationKind::Control);
        items.flat_map(|operation| operation.actions().iter().copied())
    }
}

/// What an operation touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OperationKind {
    /// Reads items.
    Read,
    /// Writes items.
    Write,
    /// Tables, backups, tags: not items.
    Control,
}

operations! {
    GetItem "get_item" ["GetItem"] Read;
    BatchGetItem "batch_get_item" ["BatchGetItem"] Read;
    Query "query" ["Query"] Read;
    Scan "scan" ["Scan"] Read;
    TransactGetItems "transact_get_items" ["GetItem"] Read;
    PutItem "put_item" ["PutItem"] Write;
    UpdateItem "update_item" ["UpdateItem"] Write;
    DeleteItem "delete_item" ["DeleteItem"] Write;
    BatchWriteItem "batch_write_item" ["BatchWriteItem"] Write;
    TransactWriteItems "transact_write_items" ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"] Write;
    ExecuteStatement "execute_statement" ["PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"] Write;
    BatchExecuteStatement "batch_execute_statement" ["PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"] Write;
    ExecuteTransaction "execute_transaction" ["PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete"] Write;
    DescribeTable "describe_table" ["DescribeTable"] Control;
    ListTables "list_tables" ["ListTables"] Control;
    CreateTable "create_table" ["CreateTable"] Control;
    UpdateTable "update_table" ["UpdateTable"] Control;
    DeleteTable "delete_table" ["DeleteTable"] Control;
    DescribeTimeToLive "describe_time_to_live" ["DescribeTimeToLive"] Control;
    UpdateTimeToLive "update_time_to_live" ["UpdateTimeToLive"] Control;
    DescribeContinuousBackups "describe_continuous_backups" ["DescribeContinuousBackups"] Control;
    UpdateContinuousBackups "update_continuous_backups" ["UpdateContinuousBackups"] Control;
    CreateBackup "create_backup" ["CreateBackup"] Control;
    DescribeBackup "describe_backup" ["DescribeBackup"] Control;
    DeleteBackup "delete_backup" ["DeleteBackup"] Control;
    ListBackups "list_backups" ["ListBackups"] Control;
    RestoreTableFromBackup "restore_table_from_backup" ["RestoreTableFromBackup"] Control;
    RestoreTableToPointInTime "restore_table_to_point_in_time" ["RestoreTableToPointInTime"] Control;
    ExportTableToPointInTime "export_table_to_point_in_time" ["ExportTableToPointInTime"] Control;
    TagResource "tag_resource" ["TagResource"] Control;
    UntagResource "untag_resource" ["UntagResource"] Control;
    ListTagsOfResource "list_tags_of_resource" ["ListTagsOfResource"] Control;
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
