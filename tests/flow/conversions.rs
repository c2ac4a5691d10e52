//! Values that are converted on their way from a constructor into an item, and mappings that hold more than the fields of what
//! they were made of.

use crate::harness::{audited, cases, check_findings};

const RULES: [&str; 3] = ["float-value", "key-type-mismatch", "put-missing-key"];

/// Findings about what an item holds are those that comments `# !! …` tell.
fn check_items(project: &str) {
    check_findings(project, &RULES, |_, finding| finding.rule.to_owned());
}

/// The rules that find something where a class is defined and items are put so.
fn found(definition: &str, put: &str) -> Vec<&'static str> {
    let code = format!(
        "from decimal import Decimal\nfrom db import orders\n\n{definition}\n\ndef handler(event, context):\n    {put}\n"
    );
    audited(&code, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        findings.iter().map(|finding| finding.rule).filter(|rule| RULES.contains(rule)).collect()
    })
}

cases! { with check_items;
    fields_that_pydantic_converts r#"
from decimal import Decimal
from typing import Annotated, Any, Literal, Optional

from db import orders
from pydantic import BaseModel, BeforeValidator, Field

Code = Annotated[str, BeforeValidator(str)]


class Parcel(BaseModel):
    pk: str
    sk: Code
    weight: Decimal
    width: Optional[Decimal] = None
    kind: Literal["box"] = "box"


class Exact(BaseModel):
    pk: Annotated[int, Field(ge=1)]
    sk: str
    weight: float


class Preset(BaseModel):
    pk: int = 7
    sk: Any


class Price(BaseModel):
    amounts: list[Decimal]
    floats: list[float]


def handler(event, context):
    orders.put_item(Item=Parcel(pk=1, sk=2, weight=1.5, width=0.5).model_dump())
    orders.put_item(Item=Parcel.model_validate({"pk": 1, "sk": 2, "weight": 1.5}).model_dump(exclude_none=True))
    orders.put_item(Item=Exact(pk=1, sk="a", weight=1.5).model_dump())  # !! key-type-mismatch; float-value
    orders.put_item(Item=Preset(sk="a").model_dump())  # !! key-type-mismatch
    orders.put_item(Item=Preset(pk=3, sk=True).model_dump())  # !! key-type-mismatch
    price = Price(amounts=[1.5], floats=[1.5])
    orders.put_item(Item={"pk": "a", "sk": "b", "amount": price.amounts[0]})
    orders.put_item(Item={"pk": "a", "sk": "b", "amount": price.floats[0]})  # !! float-value
"#
    fields_that_validators_and_converters_change r#"
from decimal import Decimal

from attrs import asdict, define, evolve, field
from db import orders
from pydantic import BaseModel, ConfigDict, field_serializer, field_validator, model_validator


class Numbered(BaseModel):
    pk: int
    sk: int
    other: float = 1.5

    @field_validator("pk", mode="after")
    @classmethod
    def named(cls, value):
        return f"N{value}"

    @field_serializer("sk", "other")
    def shown(self, value):
        return Decimal(str(value))


class Whole(BaseModel):
    pk: int = 1
    sk: int = 2

    @model_validator(mode="after")
    def named(self):
        self.__dict__.update({name: str(value) for name, value in self})
        return self


class Part(Whole):
    pass


class Checked(BaseModel):
    model_config = ConfigDict(validate_default=True, coerce_numbers_to_str=True)

    pk: str = 1
    sk: str = "a"


@define
class Shelf:
    pk: str = field(converter=str)
    sk: str = field(converter=str)
    load: Decimal = field(default=2.5, converter=lambda value: Decimal(str(value)))


@define
class Plain:
    pk: str
    sk: str = field(default="a", validator=print)


class Strict(BaseModel):
    model_config = ConfigDict(validate_assignment=True)
    weight: Decimal = Decimal(0)


def handler(event, context):
    strict = Strict()
    strict.weight = 1.5
    orders.put_item(Item={"pk": "a", "sk": "b", "weight": strict.weight})
    orders.put_item(Item=Numbered(pk=1, sk=2).model_dump())
    orders.put_item(Item=Whole(pk=1, sk=2).model_dump())
    orders.put_item(Item=Part().model_dump())
    orders.put_item(Item=Checked().model_dump())
    shelf = Shelf(1, 2)
    orders.put_item(Item=asdict(shelf))
    orders.put_item(Item=asdict(evolve(shelf, pk=3)))
    orders.put_item(Item=asdict(Plain(1)))  # !! key-type-mismatch
    orders.put_item(Item=asdict(Plain("a"), value_serializer=lambda owner, field, value: 1))
    orders.put_item(Item=asdict(Plain(1), value_serializer=lambda owner, field, value: str(value)))
"#
    dumps_that_hold_more_than_the_fields r#"
import attr
from corp.records import Record, make_record
from db import orders
from pydantic import BaseModel, ConfigDict, Field, RootModel, computed_field, model_serializer


class Computed(BaseModel):
    pk: str

    @computed_field
    @property
    def sk(self) -> str:
        return f"L#{self.pk}"


class Total(BaseModel):
    pk: str

    @computed_field
    def total(self) -> int:
        return 1


class Wrong(BaseModel):
    pk: str

    @computed_field
    @property
    def sk(self):
        return 5


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")
    pk: str


class Classic(BaseModel):
    pk: str

    class Config:
        extra = "allow"


class Given(BaseModel, extra="allow"):
    pk: str


class Closed(BaseModel):
    model_config = {"extra": "forbid"}
    pk: str


class Own(BaseModel):
    key: str

    @model_serializer(mode="wrap")
    def shown(self, handler):
        return {"pk": self.key, "sk": "a"}


class Mapping(RootModel[dict]):
    root: dict


class Foreign(Record):
    pk: str


class Made(make_record("sk")):
    pk: str


class Renamed(BaseModel):
    model_config = ConfigDict(serialize_by_alias=True)
    key: str = Field(alias="pk")
    line: str = Field(alias="sk")


@attr.s
class Bare:
    pk: str = attr.ib()
    sk = attr.ib()


def handler(event, context):
    orders.put_item(Item=Computed(pk="a").model_dump())
    orders.put_item(Item=Total(pk="a").model_dump())  # !! put-missing-key
    orders.put_item(Item=Wrong(pk="a").model_dump())  # !! key-type-mismatch
    orders.put_item(Item=Open(pk="a", sk="b").model_dump())
    orders.put_item(Item=Classic(pk="a", sk="b").dict())
    orders.put_item(Item=Given(pk="a", sk="b").model_dump())
    orders.put_item(Item=Closed(pk="a").model_dump())  # !! put-missing-key
    orders.put_item(Item=Own(key="a").model_dump())
    orders.put_item(Item=Mapping({"pk": "a", "sk": "b"}).model_dump())
    orders.put_item(Item=Foreign(pk="a", sk="b").model_dump())
    orders.put_item(Item=Made(pk="a").model_dump())
    orders.put_item(Item=Renamed(pk="a", sk="b").model_dump())
    orders.put_item(Item=attr.asdict(Bare("a", "b")))
"#
    attributes_that_are_set_another_way r#"
from dataclasses import asdict, dataclass, fields

from db import orders


@dataclass(frozen=True)
class Frozen:
    pk: object
    sk: object = 0

    def __post_init__(self):
        object.__setattr__(self, "pk", str(self.pk))
        object.__setattr__(self, "sk", "a")


@dataclass
class Typed:
    pk: str
    sk: str

    def __post_init__(self):
        for each in fields(self):
            setattr(self, each.name, each.type(getattr(self, each.name)))


@dataclass
class Looped:
    pk: object
    sk: object

    def __post_init__(self):
        for name in ("pk", "sk"):
            setattr(self, name, str(getattr(self, name)))


@dataclass
class Updated:
    pk: object
    sk: object

    def __post_init__(self):
        self.__dict__.update(pk=str(self.pk), sk=str(self.sk))


@dataclass
class Viewed:
    pk: object
    sk: object

    def __post_init__(self):
        vars(self)["pk"] = str(self.pk)


class Texts:
    def __init__(self, pk):
        self.pk = pk

    def __setattr__(self, name, value):
        super().__setattr__(name, str(value))


@dataclass(frozen=True)
class Wrong:
    pk: object
    sk: object

    def __post_init__(self):
        object.__setattr__(self, "other", 5)


class Read:
    def __init__(self):
        self.pk = 5

    def __getattribute__(self, name):
        return str(object.__getattribute__(self, name))


def handler(event, context):
    orders.get_item(Key={"pk": Read().pk, "sk": "a"})
    orders.put_item(Item=asdict(Frozen(1)))
    orders.put_item(Item=asdict(Typed(1, 2)))
    orders.put_item(Item=asdict(Looped(1, 2)))
    orders.put_item(Item=asdict(Updated(1, 2)))
    orders.put_item(Item=asdict(Viewed(1, "a")))
    orders.get_item(Key={"pk": Texts(5).pk, "sk": "a"})
    orders.get_item(Key={"pk": Wrong("a", "b").other, "sk": "a"})  # !! key-type-mismatch
    orders.put_item(Item=asdict(Typed(1, 2), dict_factory=lambda pairs: {name: str(value) for name, value in pairs}))
    orders.put_item(Item=asdict(Wrong(1, "b"), dict_factory=dict))  # !! key-type-mismatch
"#
    members_that_are_made_of_their_values r#"
from decimal import Decimal
from enum import Enum, IntEnum

from db import orders


class Letter(str, Enum):
    ONE = 1
    TWO = "two"


class Prefixed(str, Enum):
    ONE = 1

    def __new__(cls, number):
        member = str.__new__(cls, f"P{number}")
        member._value_ = f"P{number}"
        return member


class Rate(Decimal, Enum):
    HALF = 0.5


class Number(IntEnum):
    ONE = 1


def handler(event, context):
    orders.get_item(Key={"pk": Letter.ONE, "sk": Letter.ONE.value})
    orders.get_item(Key={"pk": Prefixed.ONE, "sk": Letter.TWO})
    orders.put_item(Item={"pk": "a", "sk": "b", "rate": Rate.HALF})
    orders.get_item(Key={"pk": Number.ONE, "sk": "a"})  # !! key-type-mismatch
"#
    dicts_that_become_objects r#"
from typing import Optional, TypedDict

from db import audit, orders
from pydantic import BaseModel


class Name(BaseModel):
    pk: str
    sk: str

    def record(self):
        audit.put_item(Item={"id": 5})  # !! key-type-mismatch


class Pair(TypedDict):
    pk: str
    sk: str


class Parcel(BaseModel):
    name: Optional[Name] = None
    pair: Pair
    rest: dict


def handler(event, context):
    rest = {"pk": 1, "sk": 2}  # !! key-type-mismatch
    parcel = Parcel(name={"pk": 1, "sk": 2}, pair={"pk": 1, "sk": 2}, rest=rest)
    orders.put_item(Item=parcel.name.model_dump())
    orders.put_item(Item=parcel.model_dump()["name"])
    orders.get_item(Key=parcel.pair)
    orders.get_item(Key=parcel.rest)
    parcel.name.record()
"#
    attributes_of_pynamodb_convert r#"
import os

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.models import Model


class Text(UnicodeAttribute):
    def serialize(self, value):
        return str(value)


class Order(Model):
    class Meta:
        table_name = os.environ["ORDERS_TABLE"]

    pk = UnicodeAttribute(hash_key=True)
    sk = Text(range_key=True)
    weight = NumberAttribute()


class Wrong(Model):
    class Meta:
        table_name = os.environ["ORDERS_TABLE"]

    pk = NumberAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


def handler(event, context):
    Order(pk="a", sk=2, weight=1.5).save()
    Wrong(pk=1, sk="a").save()  # !! key-type-mismatch
"#
}

#[test]
fn constructors_of_other_libraries() {
    let put = "orders.put_item(Item=asdict(Order(1, 'a', 1.5)))";
    let fields = "class Order:\n    pk: str\n    sk: str\n    weight: Decimal\n";
    let both = ["float-value", "key-type-mismatch"];
    let class = |decorator: &str| format!("from dataclasses import asdict\n{decorator}\n{fields}");
    assert_eq!(found(&class("from dataclasses import dataclass\n@dataclass"), put), both);
    assert_eq!(
        found(&class("from dataclasses import dataclass\nfrom lib import known\n@known\n@dataclass"), put),
        both
    );
    assert_eq!(found(&class("from attrs import asdict, define\n@define"), put), both);
    let nothing: [&str; 0] = [];
    assert_eq!(found(&class("from pydantic.dataclasses import dataclass\n@dataclass"), put), nothing);
    assert_eq!(found(&class("from lib import record\n@record"), put), nothing);
    assert_eq!(found(&class("def record(cls):\n    return cls\n\n@record"), put), nothing);
    let lacks = "orders.put_item(Item=asdict(Order('a')))";
    let short = |decorator: &str| {
        format!("from dataclasses import asdict, dataclass\n{decorator}\nclass Order:\n    pk: str\n")
    };
    assert_eq!(found(&short("from lib import record\n@record"), lacks), nothing);
    assert_eq!(found(&short("@dataclass"), lacks), ["put-missing-key"]);
    assert_eq!(
        found(&class("from attrs import asdict, define\nfrom lib import hook\n@define(field_transformer=hook)"), put),
        nothing
    );
}
