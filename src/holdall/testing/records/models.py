"""The record classes that the tests use."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from ..._model.markers import Expires, Index, Key, Partition, Revision, Sort, Unique
from ..._model.schema import Schema

START = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclass
class Line:
    article: str
    price: Decimal = Decimal(0)
    gift: bool | None = None


@dataclass
class Order:
    customer: Partition[str]
    id: Sort[str]
    status: str = "new"
    placed: datetime = START
    total: Decimal = Decimal(0)
    note: str | None = None
    items: int | None = None
    tags: set[str] = field(default_factory=set[str])
    events: list[str] = field(default_factory=list[str])
    lines: list[Line] = field(default_factory=list[Line])
    first: Line | None = None
    revision: Revision = None

    by_status = Index("status", "placed")
    by_note = Index("note")
    by_items = Index("items", "total")


def order(number: int = 1, /, **values: Any) -> Order:
    """Return an order of customer "c"."""
    given: dict[str, Any] = {"customer": "c", "id": f"o-{number:03}", **values}
    return Order(**given)


def key(number: int = 1) -> tuple[str, str]:
    """Return the key of that order."""
    return ("c", f"o-{number:03}")


@dataclass
class Plain:
    """A record with nothing but a key and a value: no revision, no expiry, no index."""

    id: Key[str]
    text: str | None = None
    count: int = 0


@dataclass
class Numbered:
    """The like of `Plain`, in a table of its own."""

    id: Key[str]
    number: Decimal = Decimal(0)


@dataclass
class Session:
    user: Partition[str]
    id: Sort[str]
    data: str | None = None
    expires: Expires[datetime | None] = None
    revision: Revision = None

    by_data = Index("data", "id")


@dataclass
class Member:
    id: Key[str]
    email: Unique[str | None] = None
    number: Unique[int | None] = None
    name: str = ""
    expires: Expires[int | None] = None
    revision: Revision = None


class Colour(enum.Enum):
    RED = "red"
    GREEN = "grün"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 10


EVERYTHING: dict[str, Any] = {
    "text": str | None,
    "data": bytes | None,
    "flag": bool | None,
    "whole": int | None,
    "real": float | None,
    "exact": Decimal | None,
    "instant": datetime | None,
    "day": date | None,
    "clock": time | None,
    "span": timedelta | None,
    "uuid": UUID | None,
    "colour": Colour | None,
    "level": Level | None,
    "choice": Literal["a", "b"] | None,
    "texts": list[str] | None,
    "numbers": list[Decimal] | None,
    "instants": list[datetime] | None,
    "holes": list[int | None] | None,
    "pair": tuple[str, int] | None,
    "many": tuple[int, ...] | None,
    "words": set[str],
    "primes": frozenset[int],
    "blobs": set[bytes],
    "mapping": dict[str, int] | None,
    "deep": dict[str, list[dict[str, str]]] | None,
    "line": Line | None,
    "lines": list[Line] | None,
    "by_name": dict[str, Line] | None,
    "either": str | int | None,
    "number": int | float | None,
    "anything": Any,
}
"""A field of every kind, beside the key."""


@dataclass
class Everything:
    id: Key[str]
    text: str | None = None
    data: bytes | None = None
    flag: bool | None = None
    whole: int | None = None
    real: float | None = None
    exact: Decimal | None = None
    instant: datetime | None = None
    day: date | None = None
    clock: time | None = None
    span: timedelta | None = None
    uuid: UUID | None = None
    colour: Colour | None = None
    level: Level | None = None
    choice: Literal["a", "b"] | None = None
    texts: list[str] | None = None
    numbers: list[Decimal] | None = None
    instants: list[datetime] | None = None
    holes: list[int | None] | None = None
    pair: tuple[str, int] | None = None
    many: tuple[int, ...] | None = None
    words: set[str] = field(default_factory=set[str])
    primes: frozenset[int] = frozenset()
    blobs: set[bytes] = field(default_factory=set[bytes])
    mapping: dict[str, int] | None = None
    deep: dict[str, list[dict[str, str]]] | None = None
    line: Line | None = None
    lines: list[Line] | None = None
    by_name: dict[str, Line] | None = None
    either: str | int | None = None
    number: int | float | None = None
    anything: Any = None


@dataclass
class Reading:
    """Numbers and strings of every sort as sort keys."""

    sensor: Partition[str]
    at: Sort[int]
    value: Decimal | None = None
    label: str | None = None
    taken: datetime | None = None

    by_value = Index("sensor", "value")
    by_label = Index("sensor", "label")
    by_taken = Index("sensor", "taken")


@dataclass
class Slim:
    """An index that carries the keys only, and one that carries one field more."""

    id: Key[str]
    group: str
    rank: int
    name: str = ""
    big: str = ""

    keys = Index("group", "rank", keys_only=True)
    named = Index("rank", "group", include=["name"])


@dataclass
class GroupFirst:
    id: Key[str]
    group: str
    name: str = "n"

    by_group = Index("group", "name")


@dataclass
class GroupLast:
    id: Key[str]
    group: str
    name: str = "n"

    by_name = Index("name", "group")


@dataclass
class Awkward:
    """Stored under names that are reserved words, or hold what a language could trip over."""

    id: str
    order: int
    status: str = ""
    size: int = 0
    dotted: str | None = None
    quoted: dict[str, str] = field(default_factory=dict[str, str])
    revision: str | None = None


AWKWARD = Schema(
    Awkward,
    partition="id",
    sort="order",
    revision="revision",
    indexes={"by_status": Index("status", "size")},
    names={"id": "name", "order": "value", "status": "status", "size": "size", "dotted": "a.b #c",
           "quoted": 'or "1"=1; --', "revision": "timestamp"},
)  # fmt: skip


@dataclass
class Loose:
    """A place for values of any type, nested and not."""

    id: Key[str]
    data: dict[str, Any] = field(default_factory=dict[str, Any])
    value: Any = None


@dataclass
class Letter:
    """A record with fields that are spilled."""

    box: Partition[str]
    id: Sort[str]
    pages: int = 0
    body: str | None = None
    scan: bytes | None = None
    sealed: Expires[datetime | None] = None
    revision: Revision = None

    by_pages = Index("pages")


@dataclass
class Pamphlet:
    """A record with a unique field beside a spilled one, and no revision."""

    id: Key[str]
    title: Unique[str | None] = None
    body: str = ""
