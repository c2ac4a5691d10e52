use super::{shown_with_error, snapshots};

snapshots! {
    shown_with_error;

    the_rest_of_the_file_is_kept: "
import boto3
def broken(:
    return 1
def fine(a):
    return boto3.client(a)
x = = 2
y = fine(3)
",
    unfinished_bracket: "a = 1\nf(a, [b, {\n",
    unfinished_string: "a = 1\nb = 'text\nc = 2\n",
    unfinished_triple_string: "a = 1\nb = '''text\nc = 2\n",
    unfinished_class: "class A(",
    bad_statement_in_a_function: "
def f(table):
    table.put_item(Item={'a': 1})
    if table == :
        table.delete_item()
    return table.query()
",
    lost_else: "else:\n    a()\nb()\n",
    merge_conflict: "a = 1\n<<<<<<< HEAD\nb = 2\n=======\nb = 3\n>>>>>>> main\nc = 4\n",
    error_in_a_format_string: "x = f'{a b}'\ny = f'{}'\n",
    nul_bytes: "a = 1\n\0\nb = 2\n",
}

/// The first error is where Python stops, not where the broken statement's surroundings begin.
#[test]
fn the_place_of_the_first_error() {
    let line = |source: &str| {
        let error = super::lowered(source).first_error.expect("a syntax error");
        source[..error.start as usize].matches('\n').count() + 1
    };
    let head = "import os\n\n\ndef first():\n    return os\n\n\n";
    let cases = [
        ("def second(:\n    pass\n", 8),
        ("x = (1,\n\n\ndef third():\n    return 1\n", 8),
        ("if True:\n    y = 1\n    z = = 2\n", 10),
        ("class A:\n    def f(self):\n        return {'a': 1\n\n    def g(self):\n        return 2\n", 10),
        ("while True\n    a()\n", 8),
    ];
    let found = cases.map(|(broken, _)| (broken, line(&format!("{head}{broken}"))));
    assert_eq!(found, cases);
}
