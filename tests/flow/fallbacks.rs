//! What Python calls only where something else has no answer: the other operand's method, the plain operator behind the one in
//! place. And what it doesn't call at all, though it is a method for something alike.

use crate::harness::cases;

cases! {
    the_right_operand_is_asked_where_the_left_one_leaves_it r#"
import os
from db import audit, orders

class Sum:
    def __add__(self, other):
        print(other)

    def __sub__(self, other):
        return NotImplemented

    def __mul__(self, other):
        return NotImplemented if os.environ["HALF"] else 1

    def __and__(self, other):
        return NotImplemented

    def __radd__(self, other):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

class Other:
    def __radd__(self, other):
        audit.put_item(Item={"id": "b"})  # => PutItem Audit ?Api

    def __rsub__(self, other):
        return orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

    def __rmul__(self, other):
        return Read()

    def __rmod__(self, other):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit ?Api

    def __rpow__(self, other):
        audit.update_item(Key={"id": "a"})  # => UpdateItem Audit @Api

    def __lt__(self, other):
        print(other)

    def __gt__(self, other):
        audit.scan()  # => Scan Audit unknown ?Api

class Read:
    def run(self):
        return audit.get_item(Key={"id": "a"})  # => GetItem Audit @Api

class Alike:
    def __and__(self, other):
        return NotImplemented

    def __rand__(self, other):
        audit.put_item(Item={"id": "c"})  # => PutItem Audit ?Api

def handler(event, context):
    Sum() + Sum()
    Sum() + Other()
    (Sum() * Other()).run()
    print("%s" % Other(), Other() < Other(), 2 ** Other())
    try:
        Alike() & Alike()
    except TypeError:
        return Sum() - Other()
"#

    the_plain_operator_behind_the_one_in_place r#"
import os
from db import audit, orders

class Total:
    def __iadd__(self, other):
        return NotImplemented if os.environ["HALF"] else self

    def __add__(self, other):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api
        return self

    def __isub__(self, other):
        return self

    def __sub__(self, other):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit ?Api

    def __mul__(self, other):
        return orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

    def __eq__(self, other):
        return audit.get_item(Key={"id": "a"}) is None  # => GetItem Audit @Api

def handler(event, context):
    total = Total()
    total += 1
    total -= 1
    other = Total()
    other *= 2
    return total != other
"#

    each_unary_operator_has_a_method_of_its_own r#"
import operator
from db import audit, orders

class Sign:
    def __neg__(self):
        return orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

    def __pos__(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

    def __invert__(self):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit ?Api

class Flag:
    def __pos__(self):
        audit.put_item(Item={"id": "b"})  # => PutItem Audit @Api

    def __neg__(self):
        audit.update_item(Key={"id": "b"})  # => UpdateItem Audit ?Api

    def __invert__(self):
        audit.delete_item(Key={"id": "b"})  # => DeleteItem Audit @Api

def handler(event, context):
    print(+Flag(), operator.inv(Flag()))
    return -Sign()
"#

    what_with_and_for_call_in_their_two_forms r#"
import asyncio
from contextlib import ExitStack, aclosing, closing
from db import audit, orders

class Session:
    def __enter__(self):
        orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
        return self

    def __exit__(self, *error):
        pass

    async def __aenter__(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit latent

    async def __aexit__(self, *error):
        audit.put_item(Item={"id": "b"})  # => PutItem Audit latent

class Stream:
    def __enter__(self):
        audit.put_item(Item={"id": "c"})  # => PutItem Audit latent

    def __exit__(self, *error):
        pass

    async def __aenter__(self):
        orders.get_item(Key={"pk": "b", "sk": "b"})  # => GetItem Orders @Api
        return self

    async def __aexit__(self, *error):
        pass

    def __iter__(self):
        return iter([audit.get_item(Key={"id": "a"})])  # => GetItem Audit ?Api

    def __next__(self):
        return orders.get_item(Key={"pk": "c", "sk": "b"})  # => GetItem Orders @Api

    def __aiter__(self):
        return self

    async def __anext__(self):
        return orders.get_item(Key={"pk": "d", "sk": "b"})  # => GetItem Orders @Api

class Handle:
    def __enter__(self):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit latent

    def __exit__(self, *error):
        audit.delete_item(Key={"id": "b"})  # => DeleteItem Audit latent

    def read(self):
        return orders.get_item(Key={"pk": "e", "sk": "b"})  # => GetItem Orders @Api

    def close(self):
        return orders.get_item(Key={"pk": "f", "sk": "b"})  # => GetItem Orders @Api

    async def aclose(self):
        audit.delete_item(Key={"id": "c"})  # => DeleteItem Audit latent

async def stream():
    async with Stream() as items:
        async for item in items:
            print(item)

def handler(event, context):
    asyncio.run(stream())
    print(next(Stream()))
    with Session(), closing(Handle()) as handle:
        handle.read()
    with ExitStack() as stack:
        stack.enter_context(Session())
"#
}
