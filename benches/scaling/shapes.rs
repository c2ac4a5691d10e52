//! Programs of any size, each of another shape: what grows is what the name says.

/// A file's path below the project, and its text.
pub type File = (String, String);

/// A way in which a Lambda's code grows.
pub struct Shape {
    pub name: &'static str,
    /// Files of about so many lines.
    pub write: fn(usize) -> Vec<File>,
}

pub const SHAPES: &[Shape] = &[
    Shape { name: "chain", write: chain },
    Shape { name: "tree", write: tree },
    Shape { name: "classes", write: classes },
    Shape { name: "wrapper", write: wrapper },
    Shape { name: "told", write: told },
    Shape { name: "instances", write: instances },
    Shape { name: "imports", write: imports },
    Shape { name: "search-path", write: search_path },
    Shape { name: "branches", write: branches },
    Shape { name: "dispatch", write: dispatch },
    Shape { name: "long-functions", write: long_functions },
    Shape { name: "literals", write: literals },
    Shape { name: "registry", write: registry },
    Shape { name: "latent", write: latent },
    Shape { name: "scripts", write: scripts },
];

pub const TEMPLATE: &str = r"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: S }
      KeySchema:
        - { AttributeName: pk, KeyType: HASH }
        - { AttributeName: sk, KeyType: RANGE }
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          ORDERS_TABLE: !Ref Orders
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
";

/// `shared.py`'s beginning: what all modules of a program use.
const SHARED: &str = r#"import os

import boto3
from boto3.dynamodb.conditions import Key

client = boto3.client("dynamodb")
orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
"#;

/// Lines of a long function.
const LONG: usize = 4_000;

/// Lines of a module: programs grow by modules, as programs do.
const MODULE: usize = 1_000;

fn text(pieces: impl IntoIterator<Item = String>) -> String {
    pieces.into_iter().collect()
}

/// A program that grows by pieces of so many lines each.
struct Program {
    /// Pieces in all.
    count: usize,
    /// Pieces in a module.
    each: usize,
}

impl Program {
    fn new(lines: usize, lines_each: usize) -> Self {
        Self { count: lines.div_ceil(lines_each), each: (MODULE / lines_each).max(1) }
    }

    /// Where piece `i` stands.
    fn module(&self, i: usize) -> String {
        format!("part_{}", i / self.each)
    }

    /// Modules `part_0`, `part_1`… with the pieces, besides `shared` and `app`.
    fn files(&self, shared: &str, piece: impl Fn(usize) -> String, app: &str) -> Vec<File> {
        let parts = (0..self.count).step_by(self.each).map(|first| {
            let pieces = text((first..self.count.min(first + self.each)).map(&piece));
            (format!("src/{}.py", self.module(first)), self.module_text(&pieces))
        });
        let mut files: Vec<File> = parts.collect();
        files.push(("src/app.py".to_owned(), self.module_text(app)));
        files.push(("src/shared.py".to_owned(), format!("{SHARED}{shared}")));
        files
    }

    /// Code below the imports that it needs.
    fn module_text(&self, code: &str) -> String {
        let parts = (0..self.count.div_ceil(self.each)).map(|part| format!("part_{part}"));
        let used = text(parts.filter(|part| code.contains(&format!("{part}."))).map(|part| format!("import {part}\n")));
        format!("import os\n{used}from shared import *\n\n{code}")
    }

    /// A handler that calls function `name_i` of each piece.
    fn handler(&self, name: &str) -> String {
        let calls = text((0..self.count).map(|i| format!("    {}.{name}_{i}(event)\n", self.module(i))));
        format!("\ndef handler(event, context):\n{calls}")
    }
}

/// Functions, each of which calls the next.
fn chain(lines: usize) -> Vec<File> {
    let program = Program::new(lines, 8);
    let piece = |i: usize| {
        let next = if i + 1 < program.count {
            format!("{}.step_{}", program.module(i + 1), i + 1)
        } else {
            "print".to_owned()
        };
        format!(
            "\ndef step_{i}(event):\n    item = {{\"pk\": event[\"id\"], \"sk\": \"STEP#{i}\"}}\n    \
             orders.put_item(Item=item)\n    if event.get(\"more\"):\n        return {next}(event)\n    \
             return item\n\n"
        )
    };
    program.files("", piece, "\ndef handler(event, context):\n    return part_0.step_0(event)\n")
}

/// Functions, each of which calls four others.
fn tree(lines: usize) -> Vec<File> {
    let program = Program::new(lines, 8);
    let piece = |i: usize| {
        let children = (4 * i + 1..=4 * i + 4).filter(|child| *child < program.count);
        let calls =
            text(children.map(|child| format!("    {}.node_{child}(event, depth + 1)\n", program.module(child))));
        format!(
            "\ndef node_{i}(event, depth):\n{calls}    \
             return orders.get_item(Key={{\"pk\": event[\"id\"], \"sk\": str(depth)}}).get(\"Item\")\n\n"
        )
    };
    program.files("", piece, "\ndef handler(event, context):\n    return part_0.node_0(event, 0)\n")
}

/// Repositories with a base class, each made once and used by a service of its own.
fn classes(lines: usize) -> Vec<File> {
    let base = "\n\nclass Repository:\n    def __init__(self, table):\n        self.table = table\n\n    \
                def save(self, item):\n        self.table.put_item(Item=item)\n";
    let piece = |i: usize| {
        format!(
            "\nclass Repository{i}(Repository):\n    def find(self, pk):\n        \
             response = self.table.query(KeyConditionExpression=Key(\"pk\").eq(f\"KIND{i}#{{pk}}\"))\n        \
             return response[\"Items\"]\n\n    def remove(self, pk, sk):\n        \
             self.table.delete_item(Key={{\"pk\": pk, \"sk\": sk}})\n\n\nclass Service{i}:\n    \
             def __init__(self, repository):\n        self.repository = repository\n\n    \
             def run(self, event):\n        for item in self.repository.find(event[\"pk\"]):\n            \
             self.repository.remove(item[\"pk\"], item[\"sk\"])\n        self.repository.save(event)\n\n\n\
             def serve_{i}(event):\n    Service{i}(Repository{i}(orders)).run(event)\n\n"
        )
    };
    let program = Program::new(lines, 24);
    program.files(base, piece, &program.handler("serve"))
}

/// Callers of one function that makes the call.
fn wrapper(lines: usize) -> Vec<File> {
    let fetch = "\n\ndef fetch(table, condition, limit=None):\n    arguments = {\"KeyConditionExpression\": condition}\n    \
                 if limit:\n        arguments[\"Limit\"] = limit\n    return table.query(**arguments)[\"Items\"]\n";
    let piece = |i: usize| {
        format!(
            "\ndef list_{i}(event):\n    return fetch(orders, Key(\"pk\").eq(\"LIST{i}\"), limit=event.get(\"n\"))\n\n"
        )
    };
    let program = Program::new(lines, 5);
    program.files(fetch, piece, &program.handler("list"))
}

/// Callers of one helper that pages through whichever operation it is told.
fn told(lines: usize) -> Vec<File> {
    let paginate = "\n\ndef paginate(method, **arguments):\n    paginator = client.get_paginator(method.__name__)\n    \
                    for page in paginator.paginate(**arguments):\n        yield from page[\"Items\"]\n";
    let piece = |i: usize| {
        format!(
            "\ndef list_{i}(event):\n    \
             return list(paginate(client.scan, TableName=os.environ[\"ORDERS_TABLE\"], Segment={i}))\n\n"
        )
    };
    let program = Program::new(lines, 5);
    program.files(paginate, piece, &program.handler("list"))
}

/// Instances of one class, each kept in a global.
fn instances(lines: usize) -> Vec<File> {
    let class = "\n\nclass Store:\n    def __init__(self, table, prefix):\n        self.table = table\n        \
                 self.prefix = prefix\n\n    def save(self, item):\n        \
                 self.table.put_item(Item={\"pk\": self.prefix, \"sk\": item[\"id\"]})\n\n\n\
                 def use(store: Store, event):\n    store.save(event)\n";
    let piece = |i: usize| format!("store_{i} = Store(orders, \"PREFIX{i}\")\nuse(store_{i}, {{\"id\": \"{i}\"}})\n");
    let program = Program::new(lines, 2);
    let parts = text(
        (0..program.count).step_by(program.each).map(|i| format!("    use({}.store_{i}, event)\n", program.module(i))),
    );
    program.files(class, piece, &format!("\ndef handler(event, context):\n{parts}    use(event[\"store\"], event)\n"))
}

/// Modules, each of which imports the next.
fn imports(lines: usize) -> Vec<File> {
    let program = Program { count: lines.div_ceil(24), each: 1 };
    let piece = |i: usize| {
        let functions = text((0..3).map(|f| {
            format!(
                "\ndef load_{f}(event):\n    return orders.get_item(Key={{\"pk\": event[\"id\"], \"sk\": \"{f}\"}})\n\n"
            )
        }));
        let next = if i + 1 < program.count { format!("part_{}.run(event)", i + 1) } else { "return event".to_owned() };
        format!("{functions}\ndef run(event):\n    load_0(event)\n    load_1(event)\n    load_2(event)\n    {next}\n")
    };
    program.files("", piece, "\ndef handler(event, context):\n    part_0.run(event)\n")
}

/// Modules in folders of their own, each of which puts the next one's on the path, by a path that is made of the one before.
fn search_path(lines: usize) -> Vec<File> {
    let count = lines.div_ceil(16);
    let module = |i: usize| {
        let next = if i + 1 < count {
            format!(
                "import part_{i}_names\n\nHERE_{i} = dirname(dirname(__file__))\nFOLDER_{i} = join(HERE_{i}, 'part_{next}')\nsys.path.append(f'{{FOLDER_{i}}}')\n\nimport part_{next}\n",
                next = i + 1
            )
        } else {
            String::new()
        };
        let code = format!(
            "import os\nimport sys\nfrom os.path import dirname, join\n\n{next}\ndef load(event):\n    from shared import orders\n    return orders.get_item(Key={{\"pk\": event[\"id\"], \"sk\": \"{i}\"}})\n"
        );
        (format!("src/part_{i}/part_{i}.py"), code)
    };
    let names = (0..count).map(|i| (format!("src/part_{i}/part_{i}_names.py"), format!("NAME = 'part_{i}'\n")));
    let app = "import os\nimport sys\n\nsys.path.append(os.path.dirname(__file__) + '/part_0')\n\nimport part_0\n\ndef handler(event, context):\n    part_0.load(event)\n";
    let shared = [("src/app.py".to_owned(), app.to_owned()), ("src/shared.py".to_owned(), SHARED.to_owned())];
    (0..count).map(module).chain(names).chain(shared).collect()
}

/// Functions of some two hundred lines each, full of branches and loops.
fn branches(lines: usize) -> Vec<File> {
    let program = Program::new(lines, 214);
    let piece = |i: usize| {
        let body = text((0..40).map(|b| {
            let (one, other) = (b % 8, (b + 1) % 8);
            format!(
                "    if event.get(\"a{b}\"):\n        total_{one} += {b}\n    for row_{b} in event[\"rows\"]:\n        \
                     if row_{b} != total_{other}:\n            item = row_{b}\n"
            )
        }));
        let totals = text((0..8).map(|t| format!("    total_{t} = 0\n")));
        format!("\ndef work_{i}(event):\n    item = event\n{totals}{body}    orders.put_item(Item=item)\n\n")
    };
    program.files("", piece, &program.handler("work"))
}

/// One function that tells apart ever more kinds of events, each with a call of its own: by cases and by tests in a row.
fn dispatch(lines: usize) -> Vec<File> {
    // As many as a file of a readable size holds.
    let each = (lines / 4).min(4_000);
    let program = Program { count: (lines / 4).div_ceil(each), each: 1 };
    let call = |i: usize| format!("orders.put_item(Item={{\"pk\": \"{i}\", \"sk\": \"{i}\"}})\n");
    let tests = text((0..each).map(|i| format!("    if event[\"kind\"] == \"kind_{i}\":\n        {}", call(i))));
    let cases = text((0..each).map(|i| format!("        case {{\"id\": \"id_{i}\"}}:\n            {}", call(i))));
    let piece = |i: usize| format!("\ndef dispatch_{i}(event):\n{tests}    match event[\"detail\"]:\n{cases}");
    program.files("", piece, &program.handler("dispatch"))
}

/// One function with all the lines of a module, and ever new locals.
fn long_functions(lines: usize) -> Vec<File> {
    let program = Program { count: lines.div_ceil(LONG), each: 1 };
    let piece = |i: usize| {
        let body = text((0..LONG.min(lines) / 5).map(|v| {
            format!(
                "    value_{v} = event.get(\"v{v}\")\n    if value_{v}:\n        \
                     orders.put_item(Item={{\"pk\": value_{v}, \"sk\": \"{v}\"}})\n    else:\n        value_{v} = {v}\n"
            )
        }));
        format!("\ndef long_{i}(event):\n{body}")
    };
    program.files("", piece, &program.handler("long"))
}

/// Tables of constants, and items with many attributes.
fn literals(lines: usize) -> Vec<File> {
    let program = Program::new(lines, 1_000);
    let piece = |i: usize| {
        let settings = text((0..500).map(|n| format!("    \"key_{n}\": [\"value {n} of {i}\", {n}],\n")));
        let items = text((0..25).map(|n| {
            let attributes = text((0..15).map(|a| format!("        \"attribute_{a}\": row[\"{a}\"],\n")));
            format!(
                "\ndef save_{n}(row):\n    \
                     orders.put_item(Item={{\n        \"pk\": f\"ROW{n}#{{row['id']}}\",\n{attributes}    }})\n"
            )
        }));
        let calls = text((0..25).map(|n| format!("    save_{n}(event)\n")));
        format!(
            "SETTINGS = {{\n{settings}}}\n{items}\ndef use_{i}(event):\n    print(SETTINGS[event[\"key\"]])\n{calls}"
        )
    };
    program.files("", piece, &program.handler("use"))
}

/// Functions that a decorator puts into a dictionary, from which the handler takes them.
fn registry(lines: usize) -> Vec<File> {
    let route = "\n\nroutes = {}\n\n\ndef route(path):\n    def register(function):\n        \
                 routes[path] = function\n        return function\n    return register\n";
    let piece = |i: usize| {
        format!(
            "\n@route(\"/path/{i}\")\ndef path_{i}(event):\n    \
             orders.update_item(Key={{\"pk\": event[\"id\"], \"sk\": \"{i}\"}}, UpdateExpression=\"SET a = :a\", \
             ExpressionAttributeValues={{\":a\": {i}}})\n\n"
        )
    };
    let program = Program::new(lines, 5);
    let parts = text((0..program.count).step_by(program.each).map(|i| format!("{}.path_{i}\n", program.module(i))));
    program.files(
        route,
        piece,
        &format!("{parts}\n\ndef handler(event, context):\n    return routes[event[\"path\"]](event)\n"),
    )
}

/// Functions that nothing calls.
fn latent(lines: usize) -> Vec<File> {
    let piece = |i: usize| {
        format!(
            "\ndef unused_{i}(event, table):\n    orders.put_item(Item=event)\n    return table.scan()[\"Items\"]\n\n"
        )
    };
    let program = Program::new(lines, 5);
    let parts = text((0..program.count).step_by(program.each).map(|i| format!("{}.unused_{i}\n", program.module(i))));
    program.files("", piece, &format!("{parts}\n\ndef handler(event, context):\n    orders.put_item(Item=event)\n"))
}

/// Files that nothing imports: each is a program by itself.
fn scripts(lines: usize) -> Vec<File> {
    let loop_over = "for item in orders.scan()[\"Items\"]:\n    \
                     orders.delete_item(Key={\"pk\": item[\"pk\"], \"sk\": item[\"sk\"]})\n";
    let program = Program { count: lines.div_ceil(5), each: 1 };
    program.files("", |_| loop_over.to_owned(), "\ndef handler(event, context):\n    orders.put_item(Item=event)\n")
}
