"""What the changes of an update mean: the reference that every backend is held to. Pure."""

from __future__ import annotations

import copy
import decimal
from typing import TYPE_CHECKING, Any

from .._model.kinds import Portable, is_list, is_map, is_number, is_set, show
from ..errors import InvalidArgument
from .evaluate import at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ..drivers import Change

_EXACT = decimal.Context(prec=38, traps=[decimal.Inexact, decimal.Overflow, decimal.Underflow])


def apply_changes(changes: Sequence[Change], item: Mapping[str, Portable]) -> dict[str, Portable]:
    """
    Return the item as it is after the changes, all of which see it as it was before.

    Raises:
        InvalidArgument: What is stored is not of the type that a change needs, or what should hold it is not there.
    """
    after = copy.deepcopy(dict(item))
    removals = [change for change in changes if change.op == "remove"]
    for change in changes:
        if change.op != "remove":
            _store(after, change, _VALUES[change.op](at(item, change.path), change))
    # From the back, so that one removal does not move the place of the next.
    for change in sorted(removals, key=lambda change: str(change.path[-1]).zfill(8), reverse=True):
        _remove(after, change.path)
    return after


def _words(change: Change) -> str:
    return ".".join(map(str, change.path))


def _holder(after: Any, path: tuple[Any, ...]) -> Any:
    return at(after, path[:-1]) if len(path) > 1 else after


def _store(after: dict[str, Any], change: Change, value: Portable) -> None:
    holder, last = _holder(after, change.path), change.path[-1]
    if value is None or (is_set(value) and not value):
        _remove(after, change.path)
    elif is_map(holder):
        holder[str(last)] = value
    elif is_list(holder) and isinstance(last, int):
        holder[last : last + 1] = [value]
    else:
        raise InvalidArgument(f"the path {_words(change)} is not there; set what holds it first")


def _remove(after: dict[str, Any], path: tuple[Any, ...]) -> None:
    holder, last = _holder(after, path), path[-1]
    if is_map(holder):
        holder.pop(last, None)
    elif is_list(holder) and 0 <= last < len(holder):
        del holder[last]


def _need(ok: bool, change: Change, wanted: str, old: Portable) -> None:
    if not ok:
        raise InvalidArgument(f"{change.op}() needs {wanted} at {_words(change)}, but there is {show(old)}")


def _add(old: Portable, change: Change) -> Portable:
    _need(old is None or is_number(old), change, "a number", old)
    try:
        total = _EXACT.add(decimal.Decimal(old or 0), decimal.Decimal(change.portable))
    except decimal.DecimalException:
        raise InvalidArgument(f"the sum at {_words(change)} has more than 38 digits") from None
    return int(total) if total == total.to_integral_value() else total


def _append(old: Portable, change: Change) -> Portable:
    _need(old is None or is_list(old), change, "a list", old)
    return [*(old or []), *change.portable]


def _prepend(old: Portable, change: Change) -> Portable:
    _need(old is None or is_list(old), change, "a list", old)
    return [*change.portable, *(old or [])]


def _add_to(old: Portable, change: Change) -> Portable:
    _need(old is None or is_set(old), change, "a set", old)
    return set(old or ()) | set(change.portable)


def _discard(old: Portable, change: Change) -> Portable:
    _need(old is None or is_set(old), change, "a set", old)
    return set(old or ()) - set(change.portable)


_VALUES: dict[str, Callable[[Portable, Change], Portable]] = {
    "set": lambda _, change: copy.deepcopy(change.portable),
    "set_if_absent": lambda old, change: copy.deepcopy(change.portable if old is None else old),
    "add": _add,
    "append": _append,
    "prepend": _prepend,
    "add_to": _add_to,
    "discard_from": _discard,
}
