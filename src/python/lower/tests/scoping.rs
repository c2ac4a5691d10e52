use super::{shown, snapshots};

snapshots! {
    shown;

    locals_globals_and_builtins: r"
limit = 10

def page(client, *, start=limit):
    total = 0
    total += limit
    print(total, late)
    return client

late = page
",

    assigned_later_is_local_throughout: r"
def read():
    print(state)
    if False:
        state = 1
",

    global_and_nonlocal: r"
def outer():
    count = 0
    shared = 1

    def inner():
        global shared
        nonlocal count
        count += 1
        shared = count

        def innermost():
            return count, shared
        return innermost
    return inner
",

    nonlocal_declared_before_the_outer_binding: r"
def outer():
    def inner():
        nonlocal later
        later = 1
    later = 0
    return inner, later
",

    def_of_a_global_name: r"
def install():
    global handler
    def handler(event):
        def helper():
            return event
        return helper
",

    class_body_is_skipped_by_its_functions: r"
table = 'a'

class Store:
    table = 'b'
    alias = table
    missing = other

    def get(self):
        return table

    def default(self, name=table):
        return name

    class Inner:
        copy = table
",

    class_in_a_function: r"
def make(table):
    class Store:
        name = table
        key = key
        def get(self):
            return table, Store
    return Store
",

    comprehension_variables_are_fresh: r"
def rows(items, x):
    a = [x for x in items if x]
    b = {x: y for x, y in items}
    return a, b, x, {x for x in [x for x in items]}
",

    comprehension_at_the_top: r"
names = [n.lower() for n in source if n for m in n]
late = [lambda: n for n in names]
",

    comprehension_in_a_class_sees_only_its_first_iterable_there: r"
class C:
    items = [1]
    factor = 2
    first = [i for i in items]
    second = [factor * i for i in items for j in items]
    keys = [lambda: i for i in items]
",

    walrus_binds_outside_the_comprehension: r"
def find(items):
    hits = [y for x in items if (y := x)]
    return y, hits

seen = [z for x in items if (z := x)]

def tell():
    global last
    return [last := x for x in items]
",

    lambdas: r"
def build(scale, offset):
    f = lambda x, *rest, y=offset, **more: x * scale + y
    return lambda: (lambda: f)
",

    binders: r"
def everything(path):
    import os.path, json as j
    from .store import Table as T, query
    for i, (a, *b) in path: pass
    with open(path) as handle, lock as (c, d): pass
    try: pass
    except (A, B) as error: pass
    match path:
        case [first, *others]: pass
    del path, gone
    annotated: int
    def nested(): return os, j, T, query, i, a, b, handle, c, d, error, first, others, gone, annotated
    class Local: pass
",

    private_names: r"
class _Store:
    __table = 1
    def __init__(self, __x):
        self.__client = __x
        self.__dunder__ = _Store.__table
    def inner(self):
        def read(): return self.__client
        return read(__key=1)
__table = 2
",

    type_parameters: r"
class Box[T]:
    item: T
    def map[U: Base](self, f: Callable[[T], U], default: U = T) -> Box[U]:
        return T, U

type Pair[K] = tuple[K, K]
def first[*Ts, **P](x: Ts) -> P: return x
",

    type_parameters_see_the_class_around: r"
class Outer:
    Key = str
    def get[T](self, key: Key) -> T:
        return Key
",

    qualified_names: r"
class A:
    class B:
        def m(self):
            def inner(): return lambda: 0
            class Local:
                def deep(self): pass
",

    parameter_kinds: r"
def f(a, b: int, /, c=1, d: str = 'x', *args: int, e, f=2, **kw: str) -> None: pass
def g(a, *, b): pass
async def h():
    yield 1
def i():
    x = yield
    yield from x
",
}
