//! Input that nobody writes: nothing may panic, hang or use up the stack.

use super::{dump, lower, lowered};
use crate::python::ir::{ExprKind, Module, Stmt};
use crate::source::FileId;

fn top(module: &Module) -> &[Stmt] {
    &module.function(Module::TOP).body
}

/// Lowers and prints; the printer recurses over the IR, as its other readers do.
fn survives(source: &str) {
    if let Ok(lowered) = lower(FileId(0), source) {
        dump(&lowered.module);
    }
}

#[test]
fn empty_files_have_no_statements() {
    for source in ["", "\n\n", "# only\n# comments", "\u{feff}", "   ", "\\\n"] {
        assert_eq!(format!("{:?}", top(&lowered(source).module)), "[]", "{source:?}");
    }
}

#[test]
fn deep_nesting() {
    survives(&format!("x = {}", "(".repeat(100_000)));
    for n in [150, 199, 200, 201, 10_000] {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("f(", ")"), ("a[", "]"), ("{1:", "}")] {
            survives(&format!("x = {}1{}\n", open.repeat(n), close.repeat(n)));
            survives(&format!("x = {}", open.repeat(n)));
            survives(&close.repeat(n));
        }
        for prefix in ["not ", "-", "lambda: ", "await ", "*", "a if b else ", "a ** ", "x := ", "[a for a in "] {
            survives(&format!("x = {}1\n", prefix.repeat(n)));
        }
    }
}

#[test]
fn deep_blocks() {
    for head in ["if a:", "def f():", "class C:", "for x in y:", "try:", "with a:", "match a:"] {
        for n in [90, 300, 2_000] {
            let lines: Vec<String> = (0..n).map(|i| format!("{}{head}", " ".repeat(i))).collect();
            survives(&format!("{}\n{}pass\n", lines.join("\n"), " ".repeat(n)));
        }
    }
}

#[test]
fn deep_patterns_and_targets() {
    for n in [300, 20_000] {
        survives(&format!("match a:\n    case {}x{}: pass\n", "[".repeat(n), "]".repeat(n)));
        survives(&format!("{}x{} = 1\n", "[".repeat(n), "]".repeat(n)));
        survives(&format!("for {}x{} in y: pass\n", "(".repeat(n), ",)".repeat(n)));
        survives(&format!("def f(x: {}int{}): pass\n", "List[".repeat(n), "]".repeat(n)));
        survives(&format!("x = {}1{}\n", "f'{".repeat(n), "}'".repeat(n)));
    }
}

/// Past the depth limit, operands down the left are still there.
#[test]
fn long_chains_keep_their_operands() {
    for (source, operands) in [
        (format!("x = {}z\n", "a + ".repeat(5_000)), 5_001),
        (format!("x = a{}\n", ".b(c)".repeat(5_000)), 5_001),
        (format!("x = {}z\n", "a and ".repeat(5_000)), 5_001),
        (format!("x = a{}\n", "[c]".repeat(5_000)), 5_001),
    ] {
        let module = lowered(&source).module;
        dump(&module);
        let names = module.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Name(..))).count();
        assert_eq!(names, operands, "{}", &source[..20]);
    }
}

#[test]
fn long_elif_chains_keep_every_branch() {
    let branches = "elif a == b: f(b)\n".repeat(10_000);
    let module = lowered(&format!("if a: f()\n{branches}else: g()\n")).module;
    dump(&module);
    let calls = module.exprs.iter().filter(|e| matches!(e.kind, ExprKind::Call(..))).count();
    assert_eq!(calls, 10_002);
    assert!(matches!(top(&module), [Stmt::If { .. }]));
}

#[test]
fn long_lists() {
    survives(&format!("x = [{}]\n", "1,".repeat(100_000)));
    survives(&format!("{}1\n", "a = ".repeat(10_000)));
    survives(&"x;".repeat(50_000));
    survives(&format!("x = {}\n", "'a' ".repeat(20_000)));
    survives(&format!("x = 1{}\n", " < 2".repeat(20_000)));
    survives(&"@a\n".repeat(20_000));
    survives(&format!("from a import {}b\n", "b, ".repeat(20_000)));
    survives(&format!("class C:\n{}", "    a = 1\n".repeat(20_000)));
}

#[test]
fn every_prefix_of_a_file_lowers() {
    let source = "@d(1)\nasync def f[T](a: 'X', *b, c=1, **d) -> int:\n  '''doc'''\n  with (a as b, c): x = f'{a!r:>{b}}' \"\\x41\"\n  \
                  try: return [i async for i in a if i]\n  except E as e: raise\n  match a:\n    case {'k': [v, *_]} | C(x=1) if v: \
                  pass\nclass C(A, m=1):\n  x: int = lambda y, /: (yield y)\n  if a: pass\n  elif b: del c\n";
    for end in 0..source.len() {
        survives(&source[..end]);
        survives(&source[end..]);
        survives(&format!("{}\0{}", &source[..end], &source[end..]));
    }
}

#[test]
fn odd_literals() {
    for literal in [
        "'\\x'",
        "'\\u12'",
        "'\\U99999999'",
        "'\\N{'",
        "'\\ud800'",
        "f'{",
        "f'}'",
        "0x",
        "0_",
        "1__0",
        "09",
        "'\\é'",
        "b'é'",
    ] {
        survives(&format!("x = {literal}\n"));
        survives(&format!("x = {literal}"));
    }
}
