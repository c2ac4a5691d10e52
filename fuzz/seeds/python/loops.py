def g(n): return g(n - 1) if n else h(n)
def h(n): return [g(i) for i in range(n)]
def handler(event, context):
    x = {}
    while True:
        x = {"a": x, **x}
        for k, v in x.items():
            x[k] = [v, *[v]]
        if g(3): break
    else:
        return x
    return handler(x, context)
