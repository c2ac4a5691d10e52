//! What an object's dump or a dict doesn't hold after all: fields that aren't an object's, that options leave out, that are taken
//! away again. And what code of a library makes of values where that isn't written beside them.

use crate::harness::{cases, check_findings};

const RULES: [&str; 3] = ["float-value", "key-type-mismatch", "put-missing-key"];

/// Findings about what an item holds are those that comments `# !! …` tell.
fn check_items(project: &str) {
    check_findings(project, &RULES, |_, finding| finding.rule.to_owned());
}

cases! { with check_items;
    fields_that_a_dump_leaves_out r#"
from typing import Annotated, Optional

from db import orders
from pydantic import BaseModel, Field

HIDDEN = ("weight",)


class Parcel(BaseModel):
    pk: str
    sk: str
    weight: float = 1.5
    _cost: float = 2.5


class Silent(BaseModel):
    pk: str
    sk: str
    weight: float = Field(default=1.5, exclude=True)
    width: Annotated[float, Field(exclude=True)] = 2.5
    height: float = Field(default=0.5, exclude_if=lambda height: height < 1)


class Loud(BaseModel):
    pk: str
    sk: str
    weight: float = Field(default=1.5, exclude=False)


class Configured(BaseModel):
    pk: str
    sk: str
    weight: float = 1.5

    class Config:
        fields = {"weight": {"exclude": True}}


class Sparse(BaseModel):
    pk: str
    sk: str
    weight: Optional[float] = None
    width: float = Field(default_factory=lambda: 1.5)


def handler(event, context):
    parcel = Parcel(pk="a", sk="b")
    orders.put_item(Item=parcel.model_dump())  # !! float-value
    orders.put_item(Item=parcel.model_dump(exclude={"weight"}))
    orders.put_item(Item=parcel.model_dump(exclude={"sk"}))  # !! float-value
    orders.put_item(Item=parcel.model_dump(exclude={"weight": True}))
    orders.put_item(Item=parcel.model_dump(exclude=set(HIDDEN)))
    orders.put_item(Item=parcel.model_dump(exclude=set(event["hidden"])))
    orders.put_item(Item=parcel.dict(include={"pk", "sk"}))
    orders.put_item(Item=parcel.dict(include={"pk", "sk", "weight"}))  # !! float-value
    orders.put_item(Item=parcel.dict(include=event["shown"]))
    orders.put_item(Item=parcel.copy(exclude={"weight"}).dict())
    orders.put_item(Item=parcel.model_dump(exclude_unset=True))
    orders.put_item(Item=Silent(pk="a", sk="b").model_dump())
    orders.put_item(Item=Loud(pk="a", sk="b").model_dump())  # !! float-value
    orders.put_item(Item=Configured(pk="a", sk="b").dict())
    orders.put_item(Item=Sparse(pk="a", sk="b").model_dump(exclude_defaults=True))
"#
    annotated_names_that_are_no_fields r#"
import typing
from dataclasses import KW_ONLY, InitVar, asdict, dataclass
from typing import Annotated, ClassVar
from typing import ClassVar as Shared

import attr
from db import orders
from pydantic import BaseModel


@dataclass
class Parcel:
    rate: ClassVar[float] = 1.5
    other: Shared[float] = 1.5
    third: typing.ClassVar[float] = 1.5
    fourth: Annotated[ClassVar[float], "a rate"] = 1.5
    fifth: "ClassVar[float]" = 1.5
    pk: str
    scale: InitVar[float]
    _: KW_ONLY
    sk: str = "a"

    def __post_init__(self, scale):
        self.sk = f"S{scale}"


class Model(BaseModel):
    rate: ClassVar[float] = 1.5
    pk: str
    sk: str = "a"


@attr.s(auto_attribs=True)
class Box:
    pk: str
    sk: str
    weight: float = 1.5


def handler(event, context):
    orders.put_item(Item=asdict(Parcel("a", 2.5)))
    orders.put_item(Item=vars(Parcel("a", 2.5)))
    orders.put_item(Item=Model(pk="a").model_dump())
    orders.put_item(Item=attr.asdict(Box("a", "b")))  # !! float-value
    orders.put_item(Item=attr.asdict(Box("a", "b"), filter=lambda field, value: field.name != "weight"))
    orders.put_item(Item={"pk": "a", "sk": "b", "rate": Parcel.rate})  # !! float-value
"#
    entries_that_are_taken_away r#"
import operator
from dataclasses import asdict, dataclass
from decimal import Decimal

from db import orders


@dataclass
class Parcel:
    pk: str
    sk: str
    weight: float = 1.5


def stripped(item):
    item.pop("weight")
    return item


def popped(event):
    item = asdict(Parcel("a", "b"))
    item["grams"] = Decimal(str(item.pop("weight")))
    orders.put_item(Item=item)
    orders.put_item(Item={**item, "kind": "box"})


def looped(event):
    item = asdict(Parcel("a", "b"))
    for name in ("weight", "width"):
        item.pop(name, None)
    orders.put_item(Item=item)


def unknown(event):
    item = asdict(Parcel("a", "b"))
    for name in event["hidden"]:
        del item[name]
    orders.put_item(Item=item)


def deleted(event):
    item = asdict(Parcel("a", "b"))
    operator.delitem(item, "weight")
    orders.put_item(Item=item)


def last(event):
    item = {"pk": "a", "sk": "b", "weight": 1.5}
    item.popitem()
    orders.put_item(Item=item)


def refilled(event):
    item = asdict(Parcel("a", "b"))
    item.clear()
    item.update(pk="a", sk="b")
    orders.put_item(Item=item)


def sifted(event):
    item = asdict(Parcel("a", "b"))
    orders.put_item(Item={name: value for name, value in item.items() if not isinstance(value, float)})
    orders.put_item(Item={name: value for name, value in item.items() if value is not None})  # !! float-value


KEPT = {"pk", "sk"}


def chosen(event):
    item = asdict(Parcel("a", "b"))
    orders.put_item(Item={name: value for name, value in item.items() if name in KEPT})
    orders.put_item(Item={name: value for name, value in item.items() if name in ("pk", "sk")})
    orders.put_item(Item={name: value for name, value in item.items() if type(value) is not float})
    orders.put_item(Item={name: value for name, value in item.items() if name != "width"})  # !! float-value


def spread(event):
    item = asdict(Parcel("a", "b"))
    item.pop("weight")
    orders.put_item(Item=dict(kind="box", **item))


def other(event):
    item = asdict(Parcel("a", "b"))
    item.pop("width", None)
    orders.put_item(Item=item)  # !! float-value


def handler(event, context):
    orders.put_item(Item=stripped(asdict(Parcel("a", "b"))))
    for step in (popped, looped, unknown, deleted, last, refilled, sifted, chosen, spread, other):
        step(event)
"#
    validators_that_are_put_on_by_a_call r#"
from decimal import Decimal
from functools import partial
from typing import Any

from db import orders
from pydantic import BaseModel, field_serializer, field_validator, model_validator, validator


def text(value):
    return str(value)


def all_texts(values):
    return {name: str(value) for name, value in values.items()}


def texts(*names):
    return field_validator(*names, mode="before")


def decimals(*names):
    return field_serializer(*names)(lambda value: Decimal(str(value)))


early = partial(field_validator, mode="before")
first = field_validator("pk", mode="before")


class Assigned(BaseModel):
    pk: object
    sk: object
    _pk = field_validator("pk")(text)
    _sk = validator("sk", allow_reuse=True)(text)


class Inherited(Assigned):
    weight: float = 1.5


class Whole(BaseModel):
    pk: object
    sk: object
    _all = model_validator(mode="before")(all_texts)


class Own(BaseModel):
    pk: object
    sk: object
    weight: float = 1.5
    _first = first(text)
    _weight = decimals("weight")

    @texts("sk")
    def shown(cls, value):
        return str(value)


class Early(BaseModel):
    pk: str
    sk: object

    @early("sk")
    def shown(cls, value):
        return str(value)


class Shown(BaseModel):
    pk: str
    sk: str
    weight: float = 1.5
    _weight = field_serializer("weight")(lambda value: Decimal(str(value)))


class Noted(BaseModel):
    pk: object
    sk: object
    _pk: Any = field_validator("pk")(text)

    if True:

        @field_validator("sk")
        def shown(cls, value):
            return str(value)


class Partly(BaseModel):
    pk: object
    sk: object
    _sk = field_validator("sk")(text)


def handler(event, context):
    orders.put_item(Item=Assigned(pk=1, sk=2).model_dump())
    orders.put_item(Item=Inherited(pk=1, sk=2).model_dump())  # !! float-value
    orders.put_item(Item=Whole(pk=1, sk=2).model_dump())
    orders.put_item(Item=Own(pk=1, sk=2).model_dump())
    orders.put_item(Item=Early(pk="a", sk=2).model_dump())
    orders.put_item(Item=Shown(pk="a", sk="b").model_dump())
    orders.put_item(Item=Noted(pk=1, sk=2).model_dump())
    orders.put_item(Item=Partly(pk=1, sk=2).model_dump())  # !! key-type-mismatch
"#
    arguments_that_a_decorator_converts r#"
from decimal import Decimal

from corp.numbers import exact
from db import orders
from pydantic import validate_arguments, validate_call


@validate_call
def put(pk: str, weight: Decimal):
    orders.put_item(Item={"pk": pk, "sk": "a", "weight": weight})


@validate_call(config={"coerce_numbers_to_str": True})
def read(pk: str, *, sk: str):
    orders.get_item(Key={"pk": pk, "sk": sk})


@validate_call
def put_float(pk: str, weight: float):
    orders.put_item(Item={"pk": pk, "sk": "a", "weight": weight})  # !! float-value


@exact
def put_exact(pk, weight):
    orders.put_item(Item={"pk": pk, "sk": "a", "weight": weight})


class Shelf:
    @validate_arguments
    def take(self, pk: str, sk: str):
        orders.delete_item(Key={"pk": pk, "sk": sk})

    @staticmethod
    @validate_call
    def look(pk: str, sk):
        orders.get_item(Key={"pk": pk, "sk": sk})  # !! key-type-mismatch


def handler(event, context):
    put("a", 1.5)
    read("a", sk=5)
    put_float("a", 1.5)
    put_exact("a", 1.5)
    Shelf().take("a", 5)
    Shelf.look("a", 5)
"#
}
