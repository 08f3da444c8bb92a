"""
What a program of the differential test is made of: steps, conditions and changes, as plain values.

They are kept apart from `holdall.expressions`, so that the oracle and the repositories read a program each in its own
way: `condition` and `change` turn them into what a program would write with `F`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from .._model.markers import Expires, Index, Partition, Revision, Sort, Unique
from ..expressions import Change, Condition, F

START = 2_000_000_000
"""When programs begin, in seconds since 1970; far in the future, so that no server's own clean-up comes into it."""


@dataclass
class Spot:
    city: str | None = None
    floor: int = 0


@dataclass
class Thing:
    """The record type of programs."""

    group: Partition[str]
    rank: Sort[int]
    name: str | None = None
    amount: Decimal = Decimal(0)
    count: int | None = None
    tags: set[str] = field(default_factory=set[str])
    steps: list[int] = field(default_factory=list[int])
    spot: Spot | None = None
    at: datetime | None = None
    expires: Expires[int | None] = None
    revision: Revision = None

    by_name = Index("name", "count")
    by_amount = Index("group", "amount")


@dataclass
class Claim(Thing):
    """The same with a unique field."""

    code: Unique[str | None] = None


@dataclass(frozen=True)
class Is:
    """A comparison: `op` is a Python operator, or a method of a field ("size" with an operator behind it)."""

    path: tuple[str | int, ...]
    op: str
    operands: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Not:
    part: Test


@dataclass(frozen=True)
class And:
    parts: tuple[Test, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Test, ...]


Test = Is | Not | And | Or

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def place(path: tuple[str | int, ...]) -> Any:
    """Return the field that a path leads to."""
    first, *rest = path
    return reduce(operator.getitem, rest, F[str(first)])


def _both(left: Condition, right: Condition) -> Condition:
    return left & right


def _either(left: Condition, right: Condition) -> Condition:
    return left | right


def condition(test: Test) -> Condition:
    """Return the condition that a program would write."""
    if isinstance(test, Not):
        return ~condition(test.part)
    if isinstance(test, And):
        return reduce(_both, map(condition, test.parts))
    if isinstance(test, Or):
        return reduce(_either, map(condition, test.parts))
    return _comparison(test)


def _comparison(test: Is) -> Condition:
    target = place(test.path)
    if test.op.startswith("size"):
        found: Condition = _OPERATORS[test.op.removeprefix("size ")](target.size(), *test.operands)
    elif test.op in _OPERATORS:
        found = _OPERATORS[test.op](target, *test.operands)
    else:
        found = getattr(target, test.op)(*test.operands)
    return found


@dataclass(frozen=True)
class Do:
    """A change: `op` is a method of a field."""

    path: tuple[str | int, ...]
    op: str
    values: tuple[Any, ...] = ()


def change(do: Do) -> Change:
    """Return the change that a program would write."""
    found: Change = getattr(place(do.path), do.op)(*do.values)
    return found


Key = tuple[str, int]
Values = dict[str, Any]
"""A record's fields by name, unset ones left out; `expires` in seconds from `START`."""


@dataclass(frozen=True)
class Create:
    values: Values


@dataclass(frozen=True)
class Put:
    values: Values
    carry: int = 0
    """The record carries the last revision seen of its key (1), the one before (2), ..., or none (0)."""


@dataclass(frozen=True)
class Replace:
    values: Values
    carry: int = 0
    when: Test | None = None


@dataclass(frozen=True)
class Update:
    key: Key
    changes: tuple[Do, ...]
    carry: int = 0
    when: Test | None = None
    create: Values | None = None


@dataclass(frozen=True)
class Delete:
    key: Key
    carry: int = 0
    when: Test | None = None
    must_exist: bool = False


@dataclass(frozen=True)
class Check:
    """Only in a transaction."""

    key: Key
    carry: int = 0
    when: Test | None = None


@dataclass(frozen=True)
class Get:
    key: Key
    verb: str = "get"
    """Or "require", "exists"."""


@dataclass(frozen=True)
class GetMany:
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class PutMany:
    records: tuple[Values, ...]


@dataclass(frozen=True)
class DeleteMany:
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class UpdateMany:
    keys: tuple[Key, ...]
    changes: tuple[Do, ...]
    when: Test | None = None


@dataclass(frozen=True)
class Query:
    """
    A query (or a scan, or one that is refused) and what is asked of it.

    `sort` is the field that the records come ordered by, "" for no order; `order` what is asked, such as "-rank".
    """

    where: tuple[Test, ...]
    via: str = "key"
    """Or "by_name", "by_amount", "scan", "refused"."""
    sort: str = "rank"
    order: str | None = None
    limit: int | None = None
    what: str = "all"
    """Or "count", "exists", "first", "fields", "update", "delete"."""
    changes: tuple[Do, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page of a query by key, in total order: the next one of the query in that slot, or the first one of `query`."""

    slot: int
    query: Query


@dataclass(frozen=True)
class Transaction:
    parts: tuple[Create | Put | Replace | Update | Delete | Check, ...]


@dataclass(frozen=True)
class Advance:
    """The clock moves on."""

    seconds: int


Step = (
    Create | Put | Replace | Update | Delete | Get | GetMany | PutMany | DeleteMany | UpdateMany | Query | Page
    | Transaction | Advance
)  # fmt: skip
Program = tuple[Step, ...]
