//! Packages that say themselves where their modules are, code that is run by its path, and subclasses of what calls DynamoDB.

use crate::harness::audited;

const ACTS: &str = "
=== src/other/acts.py
from db import audit

def act():
    audit.put_item(Item={'id': 'a'})
=== src/shop/acts.py
def act():
    pass
=== src/app.py
from shop import acts
import db

def handler(event, context):
    acts.act()
";

/// The reasons why a project's code isn't seen whole.
fn reasons(project: &str) -> Vec<String> {
    audited(project, |audit| {
        let spots = audit.facts.blind_spots.iter().filter(|spot| spot.withholds.contains(&"iam-over-grant"));
        spots.map(|spot| spot.reason.clone()).collect()
    })
}

#[test]
fn a_package_may_look_elsewhere() {
    let elsewhere = ["it changes where modules of its package are looked up (`__path__`)"];
    for init in [
        "import os\n__path__.insert(0, os.path.join(os.path.dirname(__file__), '..', 'other'))",
        "import os\n__path__ = [os.path.join(os.path.dirname(__file__), '..', 'other')]",
        "__path__ += ['/var/task/other']",
        "__path__[:] = ['/var/task/other']",
        "folders = __path__\nfolders.insert(0, '/var/task/other')",
        "def spread(path):\n    path.insert(0, '/var/task/other')\nspread(__path__)",
        "globals()['__path__'].insert(0, '/var/task/other')",
    ] {
        assert_eq!(reasons(&format!("=== src/shop/__init__.py\n{init}\n{ACTS}")), elsewhere, "{init}");
    }
    for init in [
        "import pkgutil\nNAMES = [module.name for module in pkgutil.iter_modules(__path__)]",
        "print(list(__path__), __path__[0])",
        "for folder in __path__:\n    print(folder, folder in __path__)",
        "print(hasattr(print, '__path__'))",
    ] {
        assert_eq!(reasons(&format!("=== src/shop/__init__.py\n{init}\n{ACTS}")), [""; 0], "{init}");
    }
}

#[test]
fn a_package_is_spread_over_the_folders_of_its_name() {
    let spread =
        "=== src/shop/__init__.py\nfrom pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n";
    assert_eq!(reasons(&format!("{spread}{ACTS}")), [""; 0]);
    let twin = "=== src/parts/shop/__init__.py\n\n=== src/parts/shop/acts.py\ndef act():\n    pass\n";
    let elsewhere = ["it changes where modules of its package are looked up (`__path__`)"];
    assert_eq!(reasons(&format!("{spread}{twin}{ACTS}")), elsewhere);
}

#[test]
fn what_is_run_by_its_path_is_not_seen() {
    let code = "import runpy\nfrom db import audit\n\ndef handler(event, context):\n    runpy.run_path('/var/task/other/acts.py')\n";
    assert_eq!(reasons(code), ["code that is made at run time"]);
}

/// What the subclass inherits calls DynamoDB: no right can be called unused for that.
#[test]
fn what_subclasses_of_stores_inherit_is_not_followed() {
    for (from, base, made) in [
        ("idempotency", "DynamoDBPersistenceLayer", "idempotent(persistence_store=Mine(table_name='a'))(print)"),
        ("idempotency.persistence.dynamodb", "DynamoDBPersistenceLayer", "Mine(table_name='a')"),
        ("parameters", "DynamoDBProvider", "Mine('a').get('flag')"),
    ] {
        let path = format!("aws_lambda_powertools.utilities.{from}");
        let code = format!(
            "from {path} import {base}\nfrom aws_lambda_powertools.utilities.idempotency import idempotent\nfrom db import audit\n\n\
             class Mine({base}):\n    pass\n\nmade = {made}\n\ndef handler(event, context):\n    return made\n"
        );
        let reason = format!("a subclass of `{path}.{base}`, which calls DynamoDB by itself");
        assert!(reasons(&code).contains(&reason), "{code}: {:?}", reasons(&code));
    }
}

/// The record's item has more attributes than its key.
#[test]
fn records_of_idempotency_have_the_keys_that_they_are_told() {
    for (options, wrong) in [("", 0), (", key_attr='id', expiry_attr='ends'", 0), (", key_attr='order'", 1)] {
        let code = format!(
            "import os\nfrom aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent\n\n\
             layer = DynamoDBPersistenceLayer(table_name=os.environ['AUDIT_TABLE']{options})\n\n\
             @idempotent(persistence_store=layer)\ndef handler(event, context):\n    return 1\n"
        );
        let found = audited(&code, |audit| {
            ddb_audit::rules::run(&audit.facts).iter().filter(|finding| finding.rule == "incomplete-key").count()
        });
        assert_eq!(found, wrong, "{options}");
    }
}

/// What may be used stays in the statement that is written.
#[test]
fn a_template_gives_way_to_what_is_used_or_may_be() {
    let code = "import os\nfrom aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent\n\n\
                layer = DynamoDBPersistenceLayer(table_name=os.environ['AUDIT_TABLE'])\n\n\
                @idempotent(persistence_store=layer)\ndef handler(event, context):\n    return 1\n";
    let help = audited(code, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let narrowing =
            findings.iter().find(|finding| finding.help.starts_with("Replace") && finding.title.ends_with("on Audit"));
        narrowing.map(|finding| finding.help.clone())
    });
    let wanted = "Replace the policy template DynamoDBCrudPolicy by a statement that allows what is left: DeleteItem, GetItem, PutItem \
                  and UpdateItem on Audit. Whether GetItem on Audit is used can't be told.\nLine 49 becomes:\n    - Statement:\n        - Effect: Allow\n          Action:\n            \
                  - dynamodb:DeleteItem\n            - dynamodb:GetItem\n            - dynamodb:PutItem\n            \
                  - dynamodb:UpdateItem\n          Resource: !GetAtt Audit.Arn";
    assert_eq!(help.as_deref(), Some(wanted));
}
