@d(1)
async def f[T](a: 'X', *b, c=1, **d) -> int:
  """doc"""
  with (a as b, c): x = f'{a!r:>{b}}' "\x41"
  try: return [i async for i in a if i]
  except E as e: raise
  finally: del c
  match a:
    case {'k': [v, *_]} | C(x=1) if v: pass
global handler
handler = lambda e, c: (yield e) if (y := e) else [*c]
