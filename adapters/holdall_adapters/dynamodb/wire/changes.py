"""
The changes of an update as an expression.

`holdall._engine.apply` is the reference. It counts a null as absent, and removes nothing where there is nothing to
remove; DynamoDB has no words for either. So an expression is written for what is `Assumed` to be stored, with
conditions that it is, and after a refusal once more for what is really there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from holdall._frozen import frozen

from .values import at, is_null

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from holdall.drivers import Change
    from holdall.expressions import Step

    from .conditions import Clause, Conditions
    from .names import Placeholders

Path = tuple["Step", ...]
_READS_OLD = frozenset({"set_if_absent", "add", "append", "prepend", "add_to", "discard_from"})
_REMOVES = frozenset({"remove", "discard_from"})


@frozen
class Assumed:
    """What is stored, as far as an expression depends on it: where nulls are, and where there is nothing to remove."""

    nulls: frozenset[Path] = frozenset()
    missing: frozenset[Path] = frozenset()


NOTHING_ODD = Assumed()


def assume(changes: Sequence[Change], item: Mapping[str, Any] | None) -> Assumed:
    """Return what holds of an item as it is stored."""
    nulls = [change.path for change in changes if change.op in _READS_OLD and is_null(at(item, change.path))]
    missing = [change.path for change in changes
               if change.op in _REMOVES and len(change.path) > 1 and at(item, change.path) is None]
    return Assumed(frozenset(nulls), frozenset(missing))


def depends(changes: Sequence[Change]) -> bool:
    """Return whether the expression of these changes depends on what is stored."""
    return any(change.op in _READS_OLD or (change.op in _REMOVES and len(change.path) > 1) for change in changes)


class Update(NamedTuple):
    """An update expression (None for no change), and the clauses under which it means what it should."""

    expression: str | None
    clauses: tuple[Clause, ...]


def update(changes: Sequence[Change], assumed: Assumed, places: Placeholders, conditions: Conditions) -> Update:
    """
    Return the expression of changes.

    Raises:
        InvalidArgument: A value can't be sent.
        TooLarge: It is longer than DynamoDB takes.
    """
    parts: dict[str, list[str]] = {"SET": [], "REMOVE": [], "ADD": [], "DELETE": []}
    clauses: list[Clause] = []
    for change in sorted(changes, key=_from_the_back):
        if change.path in assumed.missing:
            clauses.append(conditions.lacks(change.path))
            continue
        if change.op in _READS_OLD:
            is_one = change.path in assumed.nulls
            clauses.append(conditions.null(change.path) if is_one else conditions.not_null(change.path))
        written = _write(change, change.path in assumed.nulls, places)
        if written is not None:
            parts[written[0]].append(written[1])
    text = " ".join(f"{word} {', '.join(actions)}" for word, actions in parts.items() if actions)
    return Update(places.expression(text) if text else None, tuple(clauses))


def _from_the_back(change: Change) -> list[int]:
    """Order the elements of a list from its end, for servers that take them out one after another."""
    return [-step if isinstance(step, int) else 0 for step in change.path]


def _write(change: Change, is_null_there: bool, places: Placeholders) -> tuple[str, str] | None:
    """Return the clause of the expression and the action in it; None for a change of nothing."""
    if change.op in ("add_to", "discard_from") and not change.portable:
        return None
    path = places.path(change.path)
    if change.op == "remove" or (change.op == "discard_from" and is_null_there):
        return "REMOVE", path
    value = places.operand(change.portable)
    if is_null_there:
        return "SET", f"{path} = {value}"
    return _ACTIONS[change.op](path, value, places)


def _appended(path: str, value: str, places: Placeholders) -> tuple[str, str]:
    return "SET", f"{path} = list_append({_old_list(path, places)}, {value})"


def _prepended(path: str, value: str, places: Placeholders) -> tuple[str, str]:
    return "SET", f"{path} = list_append({value}, {_old_list(path, places)})"


def _old_list(path: str, places: Placeholders) -> str:
    return f"if_not_exists({path}, {places.value({'L': []})})"


def _added(path: str, value: str, places: Placeholders) -> tuple[str, str]:
    return "SET", f"{path} = if_not_exists({path}, {places.value({'N': '0'})}) + {value}"


_ACTIONS: dict[str, Callable[[str, str, Placeholders], tuple[str, str]]] = {
    "set": lambda path, value, _: ("SET", f"{path} = {value}"),
    "set_if_absent": lambda path, value, _: ("SET", f"{path} = if_not_exists({path}, {value})"),
    "add": _added,
    "append": _appended,
    "prepend": _prepended,
    "add_to": lambda path, value, _: ("ADD", f"{path} {value}"),
    "discard_from": lambda path, value, _: ("DELETE", f"{path} {value}"),
}
