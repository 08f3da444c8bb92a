"""Record types of these tests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from holdall import Expires, Index, Key, Partition, Revision, Sort, Unique

Opened = Callable[..., Any]
"""What opens a repository that is closed at the end of the test; see conftest.py."""
START = dt.datetime(2026, 1, 1, tzinfo=dt.timezone.utc)


class Colour(Enum):
    RED = "red"


@dataclass
class Order:
    customer: Partition[str]
    id: Sort[str]
    status: str = "new"
    total: Decimal = Decimal(0)
    count: int = 0
    code: Unique[str | None] = None
    tags: set[str] = field(default_factory=set)
    expires: Expires[dt.datetime | None] = None
    revision: Revision = None

    by_status = Index("status", "total")


@dataclass
class Plain:
    id: Key[str]
    value: int = 0


@dataclass
class Kinds:
    id: Key[int]
    text: str
    number: float
    exact: Decimal
    flag: bool
    data: bytes
    instant: dt.datetime
    day: dt.date
    clock: dt.time
    length: dt.timedelta
    uuid: UUID
    colour: Colour
    either: int | float
    nested: dict[str, Any]
    names: set[str]


def order(number: int = 1, **values: Any) -> Order:
    """Return an order."""
    return Order(**{"customer": "c", "id": f"o-{number:03}", **values})
