"""What a query will do, before it does it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from .. import drivers
from .._frozen import frozen
from .planner import index_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.schema import Field, IndexSpec, Model
    from ..drivers import Test
    from .planner import Branch, Plan

ASSUMED_BYTES = 1024
"""The size of an item that estimates assume."""
_READS_FIRST = "the record is read first by a statement of its own, in the same transaction"
_UNIT = 4096
_PAGE = 1 << 20


@frozen
class Explain:
    """
    How a query will be carried out. `str()` gives it as a text of several lines.

    Attributes:
        index: The key or index chosen.
        keys: The key conditions, one for each range that is read.
        backend_filter: What the backend filters after reading; None for nothing.
        here_filter: What is filtered in this process; None for nothing.
        requests: The least number of requests.
        items: At most how many items are read; None where only the data can tell.
        read_units: What reading `items` costs at 1,024 bytes an item (DynamoDB: half a unit each 4 KB, one if
            consistent, rounded up for each request); for unknown `items`, the cost of each full page of 1 MB;
            None for a backend that does not meter.
        rejected: Why each other index was not taken.
        sorted_here: The field by which the records are sorted in this process; None where the index's order serves.
        client: Which client carries the requests, and why, for a backend that has a choice; None for others.
        updates: What an update of a record takes beside itself; None where it takes nothing.
        blobs: The fields whose large values are read out of blobs, a request each; None where there are none.
    """

    index: str
    keys: tuple[str, ...]
    backend_filter: str | None
    here_filter: str | None
    requests: int
    items: int | None
    read_units: float | None
    rejected: dict[str, str]
    sorted_here: str | None = None
    client: str | None = None
    updates: str | None = None
    blobs: str | None = None

    def __str__(self) -> str:
        per = "" if self.items is not None else " for each full page"
        lines = [
            f"uses: {self.index}",
            *(f"reads: {key}" for key in self.keys),
            f"filtered by the backend: {self.backend_filter or 'nothing'}",
            f"filtered here: {self.here_filter or 'nothing'}",
            *([] if self.sorted_here is None else [f"sorted here: by {self.sorted_here}"]),
            f"requests: at least {self.requests}",
            f"items: {'as many as the range holds' if self.items is None else f'at most {self.items}'}",
            *([] if self.read_units is None else [f"read units: about {self.read_units:g}{per}"]),
            *([] if self.client is None else [f"client: {self.client}"]),
            *([] if self.updates is None else [f"updates: {self.updates}"]),
            *([] if self.blobs is None else [f"out of blobs where large, a request each: {self.blobs}"]),
            *(f"not {index}: {reason}" for index, reason in self.rejected.items()),
        ]
        return "\n".join(lines)


def explain(
    model: Model[Any], plan: Plan, capabilities: drivers.Capabilities, *, limit: int | None, max_read: int | None,
    consistent: bool, segments: int = 1, sorted_here: Field | None = None, client: str | None = None,
    fields: Sequence[Field] | None = None,
) -> Explain:  # fmt: skip
    """Return how a plan will be carried out."""
    items = _items(plan, None if plan.filtered else limit, max_read)
    return Explain(
        _used(plan),
        tuple(_branch(plan.index, branch) for branch in plan.branches),
        words(model, plan.backend_filter),
        words(model, plan.here_filter),
        _requests(plan, capabilities, segments),
        items,
        _units(plan, items, consistent) if capabilities.metered else None,
        dict(plan.rejected),
        None if sorted_here is None else sorted_here.name,
        client,
        None if capabilities.returns_updated else _READS_FIRST,
        ", ".join(field.name for field in fields or model.fields if field.stored in model.spilled) or None,
    )


def _used(plan: Plan) -> str:
    if plan.scan:
        return "the whole table"
    return index_words(plan.index) if plan.branches else "nothing: the conditions contradict each other"


def _items(plan: Plan, limit: int | None, max_read: int | None) -> int | None:
    known = len(plan.branches) if plan.gets or not (plan.branches or plan.scan) else None
    bounds = [bound for bound in (known, limit, max_read) if bound is not None]
    return min(bounds) if bounds else None


def _requests(plan: Plan, capabilities: drivers.Capabilities, segments: int) -> int:
    if plan.scan:
        return segments
    return math.ceil(len(plan.branches) / (capabilities.max_get or 100)) if plan.gets else len(plan.branches)


def _units(plan: Plan, items: int | None, consistent: bool) -> float:
    unit = 1.0 if consistent else 0.5
    if plan.gets:
        return (items or 0) * math.ceil(ASSUMED_BYTES / _UNIT) * unit
    size = _PAGE if items is None else items * ASSUMED_BYTES
    return math.ceil(size / _UNIT) * unit


def _branch(index: IndexSpec, branch: Branch) -> str:
    key = f"{index.partition.name} = {branch.partition.value!r}"
    if branch.sort is None or index.sort is None:
        return key
    values = " and ".join(repr(value) for value in branch.sort.values)
    return f"{key} and {index.sort.name} {branch.sort.op} {values}"


def words(model: Model[Any], test: Test | None) -> str | None:
    """Return a test in words, by the names of the class; None for no test."""
    if test is None:
        return None
    if isinstance(test, (drivers.All, drivers.AnyOf)):
        parts = [words(model, part) or "" for part in test.parts]
        joint = " and " if isinstance(test, drivers.All) else " or "
        return f"({joint.join(parts)})" if parts else str(isinstance(test, drivers.All)).lower()
    if isinstance(test, drivers.Exists):
        return "the record is there" if test.present else "the record is not there"
    return _leaf(model, test)


def _leaf(model: Model[Any], leaf: drivers.Leaf) -> str:
    names = {one.stored: one.name for one in model.fields}
    path = ".".join([names.get(str(leaf.path[0]), str(leaf.path[0])), *map(str, leaf.path[1:])])
    operands = ", ".join(repr(value) for value in leaf.values)
    return f"{f'size({path})' if leaf.size else path} {leaf.op.replace('_', ' ')} {operands}".rstrip()
