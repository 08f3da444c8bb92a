"""What the oracle takes conditions and changes to mean, over plain values."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from .steps import START, And, Do, Is, Not, Or, Spot, Test

Row = dict[str, Any]
"""A record as it is stored: its set fields by name, a nested record as a dict, `expires` as absolute seconds."""


class Impossible(Exception):
    """A change that what is stored does not take."""


def at(row: Any, path: Iterable[str | int]) -> Any:
    """Return what lies at a path, None where nothing does."""
    for step in path:
        row = _inside(row, step)
    return row


def _inside(held: Any, step: str | int) -> Any:
    if isinstance(step, str):
        return held.get(step) if held.__class__ is dict else None
    return held[step] if held.__class__ is list and 0 <= step < len(held) else None


def true(test: Test, row: Row, *, negated: bool = False) -> bool:
    """Return whether a condition is true of a row."""
    if isinstance(test, Not):
        return true(test.part, row, negated=not negated)
    if isinstance(test, And):
        return (any if negated else all)(true(part, row, negated=negated) for part in test.parts)
    if isinstance(test, Or):
        return (all if negated else any)(true(part, row, negated=negated) for part in test.parts)
    value = at(row, test.path)
    if test.op in ("is_null", "is_set"):
        return (value is None) is ((test.op == "is_null") is not negated)
    # A comparison with what is not there is false, and so is its negation.
    return value is not None and _compared(test, value) is not negated


def _compared(test: Is, value: Any) -> bool:
    if test.op.startswith("size"):
        return _compared(Is((), test.op.removeprefix("size "), test.operands), len(value))
    return bool(_COMPARISONS[test.op](value, *map(_exact, test.operands)))


def _exact(operand: Any) -> Any:
    """A float is compared as the decimal it is written as."""
    return Decimal(repr(operand)) if isinstance(operand, float) else operand


def _between(value: Any, low: Any, high: Any) -> bool:
    return bool(low <= value <= high)


def _among(value: Any, found: Iterable[Any]) -> bool:
    return value in tuple(found)


def _not_among(value: Any, found: Iterable[Any]) -> bool:
    return value not in tuple(found)


def _begins(value: str, prefix: str) -> bool:
    return value[: len(prefix)] == prefix


_COMPARISONS: dict[str, Callable[..., Any]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "between": _between, "in_": _among, "not_in": _not_among, "startswith": _begins, "contains": operator.contains,
}  # fmt: skip


def changed(row: Row, dos: Sequence[Do]) -> Row:
    """
    Return the row after changes, all of which see it as it was.

    Raises:
        Impossible: What should hold a changed place is not there.
    """
    after = copy.deepcopy(row)
    for do in dos:
        if do.op != "remove":
            _give(after, do.path, new(do.op, at(row, do.path), do.values))
    for do in sorted(dos, key=lambda do: str(do.path[-1]), reverse=True):
        if do.op == "remove":
            _take(after, do.path)
    return after


def new(op: str, old: Any, values: tuple[Any, ...]) -> Any:
    """Return what a change makes of an old value."""
    first = copy.deepcopy(values[0])
    if op in ("set", "set_if_absent"):
        return first if op == "set" or old is None else old
    if op == "add":
        return (old or 0) + first
    if op in ("append", "prepend"):
        held, given = list(old or ()), list(values)
        return held + given if op == "append" else given + held
    return set(old or ()) | set(values) if op == "add_to" else set(old or ()) - set(values)


def stored(name: str, value: Any) -> Any:
    """Return a field's value as a row holds it: ends in absolute seconds, nested records as dicts."""
    if name == "expires":
        return START + value
    if isinstance(value, Spot):
        return {"floor": value.floor} if value.city is None else {"city": value.city, "floor": value.floor}
    return copy.deepcopy(value)


def _give(after: Row, path: tuple[str | int, ...], value: Any) -> None:
    holder: Any = at(after, path[:-1])
    last: Any = path[-1]
    if holder is None:
        raise Impossible
    value = stored(str(path[0]), value) if len(path) == 1 else value
    if value == set():
        _take(after, path)
    elif isinstance(last, int) and last >= len(holder):
        holder.append(value)
    else:
        holder[last] = value


def _take(after: Row, path: tuple[str | int, ...]) -> None:
    holder: Any = at(after, path[:-1])
    if at(holder, path[-1:]) is not None:
        del holder[path[-1]]
