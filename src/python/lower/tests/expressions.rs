use super::{shown, snapshots};

snapshots! {
    shown;

    literals: r"
None, True, False, ...
0, 1_000, 0xFF, 0o17, 0b1_01, 00, 9223372036854775807, 9223372036854775808
1.5, 1e3, 2j, .5
b'x', rb'\x00', b'a' b'b'
",

    strings: r#"
'', "", '''''', 'a' "b" '''c'''
'\n\t\\\'\"\x41\u00e9\U0001F600\101\0', '\q\8', '\N{BULLET}\ud800'
r'\n\'', R"\d", u'x'
'a\
b', """
two
"""
'"', "it's", """a"b""", '\x4'
"#,

    format_strings: r#"
f'', f'a', f"{a}", f"a{b}c{{d}}e"
f"{a!r:>{width}}", f"{x=}", f"{ y = !s}", f'{a:%Y-%m}'
rf"\d{a}\n", f"\n{a}\x41"
'x' f'{a}' "y" f'z', f"{a}" f"{b}"
f"{d["key"]}", f"{f"{inner}"}", f'{[i for i in a]}', f"{(lambda: 1)}"
f"""
  {a}  {b}
"""
f"{a,}", f"{'{'}", f"{ {'a': 1}['a'] }", f"{a if b else c}"
t"{a}"
"#,

    operators: r"
a + b - c * d @ e / f // g % h
-a ** +b, ~c, not d
a << 1 >> 2 & 3 | 4 ^ 5
a and b or not c and d
a < b <= c != d
a in b, a not in b, a is b, a is not b, a not  in b
x if t else y if u else z
",

    displays: r"
(), (a,), (a, b), [], [a], {a, b}, {}
{'k': v, **more, 1: 2}, [*a, b], {*a}, (*a, b)
((((a))))
",

    unpacked: r"
[*map(f, xs)], [*a.b(c)[0]], {*f(x)}, (*f(x), y), f(*g(x)), f(*g(x).h, *y[0], k=1), a[*f(x)]
[*(f(x))], [*f(x) + g(x)], [*a if b else c], {**f(x)}, f(**g(x))
x = *f(x), y
for z in *f(x), y: pass
return_ = lambda: [*f(x)]
print(*f(x))
print(*(f(x)), sep='')
",

    calls_and_subscripts: r"
f(), f(a, *b, k=1, **c), f(x for x in y), f((yield_))
a.b.c(1)[2].d
a[1:2], a[:], a[::2], a[1:, ...], a[b, c], a[b,], a[*b]
f(
    a,  # first
    k=b,
)
print(end='')
",

    comprehensions: r"
[a for a in b]
{a for a in b if a if c}
{k: v for k, v in d.items()}
list(a async for a in b for c in a if c)
[x for x in lambda: y, 1]
",

    assignment_expressions_and_coroutines: r"
async def f():
    if (n := await g()) and (m := n): return [await h(i) for i in n]
    x = await a.b(c)
    return (yield x)
",

    annotations: r#"
from typing import Literal, Annotated
def f(
    a: "Store",
    b: Optional["pkg.Store"],
    c: Literal["x", "y"],
    d: Annotated["Store", "note"],
    e: "List['Store']",
    g: " Store ",
    h: "not an (expression",
    i: Callable[["A"], "B"] = "default",
    j: "A" | None = None,
    k: conint(gt="x") = 1,
    *args: "A",
) -> "Dict[str, Literal['z']]": ...
x: list["A"] = ["A"]
"#,

    soft_keywords: r"
type = match = case = 1
type.match(case)
print = type
match(type)
",
}
