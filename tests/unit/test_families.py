"""Every family of classes can be a record, and comes back equal."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar, Literal

import attrs
import msgspec
import pydantic
import pytest
from typing_extensions import NotRequired, TypedDict

import holdall
from holdall import F, Index, Key, Revision, Schema, Sort


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Address:
    street: str
    lines: list[str] = field(default_factory=list)
    zip: str | None = None


@dataclass
class DataRecord:
    id: Key[str]
    count: int = 0
    ratio: float = 0.5
    price: Decimal = Decimal("1.10")
    raw: bytes = b""
    on: bool = False
    at: dt.datetime = dt.datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=dt.timezone.utc)
    day: dt.date = dt.date(2026, 1, 2)
    hour: dt.time = dt.time(3, 4, 5)
    span: dt.timedelta = dt.timedelta(days=-1, microseconds=1)
    ref: uuid.UUID = uuid.UUID(int=7)
    colour: Colour = Colour.RED
    mode: Literal["a", "b"] = "a"
    pair: tuple[int, str] = (1, "x")
    many: tuple[int, ...] = ()
    tags: frozenset[str] = frozenset()
    mixed: str | int | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    home: Address | None = None
    homes: list[Address] = field(default_factory=list)
    revision: Revision = None


class ModelRecord(pydantic.BaseModel):
    id: Key[str]
    name: str = pydantic.Field(default="x", alias="Name")
    home: Address | None = None
    by_name: ClassVar[Index] = Index("name")


@attrs.define
class AttrsRecord:
    id: Key[str]
    _hidden: int = 3


class StructRecord(msgspec.Struct):
    id: Key[str]
    count: int = 0


class TypedRecord(TypedDict):
    id: Key[str]
    count: int
    note: NotRequired[str]


PLAIN = Schema(dict, partition="id", fields={"id": str, "count": int | None})

FULL = DataRecord(
    "1", -5, 1e-7, Decimal(12345678901234567890123456789012345678), b"\0", True, mixed=4, many=(1, 2),
    tags=frozenset({"a"}), meta={"a": [1, None, {"b": Decimal("1.5")}], "s": {"x"}}, home=Address("s", ["l"], "z"),
    homes=[Address("t")], colour=Colour.BLUE,
)  # fmt: skip


@pytest.mark.parametrize(
    ("model", "record"),
    [
        (DataRecord, DataRecord("1")),
        (DataRecord, FULL),
        (ModelRecord, ModelRecord(id="1", Name="n", home=Address("s"))),
        (AttrsRecord, AttrsRecord("1", 9)),
        (StructRecord, StructRecord("1", 2)),
        (TypedRecord, {"id": "1", "count": 2}),
        (TypedRecord, {"id": "1", "count": 2, "note": ""}),
        (PLAIN, {"id": "1", "count": None}),
    ],
)
def test_a_record_comes_back_equal(model: Any, record: Any) -> None:
    stored = holdall.open_repository("memory://", model).put(record)
    read = holdall.open_repository("memory://", model)
    read.put(record)
    got = read.require("1")
    if isinstance(record, DataRecord):
        record.revision, stored.revision, got.revision = None, None, None
    assert stored == record
    assert got == record
    assert type(got) is type(record)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_is_none_is_refused(value: float) -> None:
    with pytest.raises(holdall.InvalidArgument, match=r"DataRecord\.ratio: NaN"):
        holdall.open_repository("memory://", DataRecord).put(DataRecord("1", ratio=value))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"count": 10**40 + 1}, r"DataRecord\.count: the number has 41 significant digits"),
        ({"count": True}, r"DataRecord\.count: expected int"),
        ({"mode": "c"}, r"DataRecord\.mode: expected one of 'a', 'b'"),
        ({"home": Address(1)}, r"DataRecord\.home\['street'\]: expected str"),  # type: ignore[arg-type]  # the point
        ({"meta": {"x": 1.5}}, r"DataRecord\.meta\['x'\]: a value of type float"),
        ({"id": ""}, "the key field id is empty"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(values: dict[str, Any], message: str) -> None:
    with pytest.raises(holdall.InvalidArgument, match=message):
        holdall.open_repository("memory://", DataRecord).put(DataRecord(**{"id": "1", **values}))


def test_names_in_the_store_may_differ() -> None:
    things = holdall.open_repository("memory://", Schema(DataRecord, names={"id": "pk", "count": "n"}))
    things.put(DataRecord("1", 4))
    assert things.native[("1",)]["pk"] == "1"
    assert things.update("1", F.count.add(1)).count == 5


@dataclass
class NoKey:
    id: str


@dataclass
class TwoKeys:
    id: Key[str]
    other: Key[str]


@dataclass
class BadIndex:
    id: Key[str]
    by_x = Index("colour")


@dataclass
class ListKey:
    id: Key[list[str]]


@dataclass
class NullSort:
    id: Key[str]
    at: Sort[str | None] = None


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (NoKey, "NoKey has no key"),
        (TwoKeys, "more than one partition field: id and other"),
        (BadIndex, "the index names the field 'colour', which the class lacks"),
        (ListKey, r"ListKey\.id can't be a key"),
        (NullSort, r"NullSort\.at is a key, so it can't be None"),
        (int, "int is not a record class"),
        (Schema(DataRecord, names={"cuont": "n"}), "did you mean 'count'"),
        (Schema(DataRecord, names={"count": "ratio"}), "would both be stored as 'ratio'"),
    ],
)
def test_a_wrong_model_is_refused_when_it_is_opened(model: Any, message: str) -> None:
    with pytest.raises(holdall.ModelError, match=message):
        holdall.open_repository("memory://", model)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "a store is chosen by a URL"),
        ("memory", "a store is chosen by a URL"),
        ("memry://", "did you mean 'memory'"),
        ("memory://?tabel=x", "did you mean 'table'"),
        ("memory://?table=x&table=y", "twice"),
    ],
)
def test_a_wrong_url_is_refused(url: str, message: str) -> None:
    with pytest.raises(holdall.ConfigError, match=message):
        holdall.open_repository(url, DataRecord)
