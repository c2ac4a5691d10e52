use super::{shown, snapshots};

snapshots! {
    shown;

    conditions_and_loops: r"
if a: x = 1
elif b:
    x = 2
elif c: x = 3
else:
    x = 4
while x:
    break
else:
    y = 1
for x in 1, 2:
    continue
else: pass
async def f():
    async for a.b in c: pass
    async with d as e[0]: pass
",

    exceptions: r"
try:
    a()
except:
    b()
try: a()
except (X, Y) as e: raise
except Z: raise E('x') from e
else: c()
finally:
    d()
try: a()
except* Group as g: pass
try: a()
except A, B: pass
",

    context_managers: r"
with a: pass
with a as b, c() as d.e: pass
with (open(x) as f, open(y) as g,):
    pass
with (a, b): pass
with (a): pass
with (yield_() as z): pass
",

    assignments: r"
a = b = c, d = 1, 2
a, *b = c
[a, b] = (c)
a.b[c] = d
(a.b) = d
x: int
x: 'Store | None' = None
self.x: List['Store'] = []
a += 1; b @= c; c **= d; d >>= 1; e //= 2; f[0] |= g
a = *b, c
x = yield_
del a, b.c, d[0]
del (a, b)
x,
assert a, 'message'
",

    assigned_on_a_type: r"
def f(self, key):
    type(self).table = 1
    type(self).cache[key].x = key
    type(a, b).f(1)[0] = 2
type Name = int
",

    imports: r"
import a.b.c
import a.b as ab, d
from a.b import c, d as e
from . import x
from .. import y as z
from ...pkg.mod import (p, q as r,)
from m import *
from __future__ import annotations
",

    matches: r#"
match command:
    case "get" | "put" if fast: a()
    case -1 | 2.5 | None | True: b()
    case Color.RED | other.deep.NAME: c()
    case _: d()
match a, b:
    case name: pass
    case (1, x) | [2, x, *_]: pass
    case {"key": value, "other": 1, **rest}: pass
    case Point(px, y=py) as point: pass
    case "only" as text: pass
    case 1, 2: pass
    case str(): pass
    case Line(-1, kind=Kind.BOX | -2, at=[first, *others]): pass
    case (only): pass
    case (only,): pass
    case {**everything}: pass
    case [*_, last]: pass
"#,

    matches_that_look_like_annotations: r"
match [a, b]:
    case [x, *y]:
        x.put(y)
def f(a):
    match [a]:
        # A comment.
        case (x, y):
            z = x
    match[a]: int = 1
",

    definitions: r"
@decorate
@registry.add(name='x', deps=[1])
class Store(Base, mixins.Key, metaclass=Meta, **options):
    'doc'
    @property
    def name(self): return self._name
    @staticmethod
    async def load(): ...
class Empty: pass
",

    python2: r#"
print "hello", name
print >>sys.stderr, "x"
exec code in scope
try: pass
except Error, e: print e
def f(a, (b, c)): return b <> c
x = `a`
y = 0777 + 10L
"#,

    one_line_and_continued: "if a: b(); c()\nx = 1 + \\\n    2\nd(); e()\n",
    carriage_returns: "def f():\r\n    x = '''a\r\nb'''\r\n    return x\r\n",
    byte_order_mark: "\u{feff}import a\nx = a\n",
    tabs_and_form_feeds: "if a:\n\tb()\n\tif c:\n\t\td()\n\x0c\ndef f():\n        pass\n",
}
