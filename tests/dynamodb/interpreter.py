"""
What DynamoDB makes of a condition, by its documentation: an interpreter of the validator's trees.

It is here so that the meaning of our expressions is tested against the documentation, not against an emulator.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from holdall.testing.dynamodb.conditions import parse_condition
from holdall.testing.dynamodb.scope import Scope
from holdall.testing.dynamodb.syntax import Between, Call, Comparison, Group, In, Logical, Not, Path, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

_MISSING: Any = object()


def holds(expression: str, params: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Return whether a condition with its placeholders is true of an item; every placeholder must be used."""
    scope = Scope(params, strict=True)
    tree = parse_condition(expression, "ConditionExpression", scope)
    scope.finish()
    return _holds(tree, item)


def _holds(tree: Any, item: Mapping[str, Any]) -> bool:
    if isinstance(tree, Group):
        return _holds(tree.condition, item)
    if isinstance(tree, Not):
        return not _holds(tree.condition, item)
    if isinstance(tree, Logical):
        results = [_holds(part, item) for part in tree.conditions]
        return all(results) if tree.operator == "AND" else any(results)
    return _TESTS[type(tree)](tree, item)


def _value(operand: Any, item: Mapping[str, Any]) -> Any:
    """Return (letter, comparable) of an operand, or _MISSING."""
    if isinstance(operand, Value):
        return _typed(operand.content)
    if isinstance(operand, Path):
        found = _at(operand, item)
        return _MISSING if found is None else _typed(found)
    return _size(_at(operand.arguments[0], item))


def _at(path: Path, item: Mapping[str, Any]) -> Any:
    here: Any = {"M": item}
    for step in path.elements:
        if isinstance(step, int):
            here = here.get("L", [])[step] if step < len(here.get("L", [])) else None
        else:
            here = here.get("M", {}).get(step)
        if here is None:
            return None
    return here


def _size(stored: Any) -> Any:
    if stored is None:
        return _MISSING
    ((letter, content),) = stored.items()
    return ("N", len(content)) if letter in ("S", "B", "L", "M", "SS", "NS", "BS") else _MISSING


def _typed(stored: Mapping[str, Any]) -> tuple[str, Any]:
    ((letter, content),) = stored.items()
    if letter == "N":
        return letter, Decimal(content)
    if letter == "S":
        return letter, content.encode()
    if letter in ("SS", "BS"):
        return letter, frozenset(content)
    if letter == "NS":
        return letter, frozenset(map(Decimal, content))
    if letter == "L":
        return letter, [_typed(one) for one in content]
    return letter, {name: _typed(one) for name, one in content.items()} if letter == "M" else content


def _comparison(tree: Comparison, item: Mapping[str, Any]) -> bool:
    left, right = _value(tree.left, item), _value(tree.right, item)
    if tree.operator == "<>":
        # True of what is missing, too.
        return bool(left is _MISSING or left != right)
    if left is _MISSING or left[0] != right[0]:
        return False
    return {
        "=": lambda: left == right,
        "<": lambda: left[1] < right[1],
        "<=": lambda: left[1] <= right[1],
        ">": lambda: left[1] > right[1],
        ">=": lambda: left[1] >= right[1],
    }[tree.operator]()


def _between(tree: Between, item: Mapping[str, Any]) -> bool:
    value, low, high = (_value(one, item) for one in (tree.operand, tree.low, tree.high))
    return value is not _MISSING and value[0] == low[0] and bool(low[1] <= value[1] <= high[1])


def _in(tree: In, item: Mapping[str, Any]) -> bool:
    value = _value(tree.operand, item)
    return any(value == _value(option, item) for option in tree.options)


def _call(tree: Call, item: Mapping[str, Any]) -> bool:
    stored = _at(tree.arguments[0], item)  # type: ignore[arg-type]  # a path
    if tree.name == "attribute_exists":
        return stored is not None
    if tree.name == "attribute_not_exists":
        return stored is None
    if stored is None:
        return False
    wanted: Any = tree.arguments[1]
    if tree.name == "attribute_type":
        return next(iter(stored)) == wanted.content["S"]
    left, right = _typed(stored), _typed(wanted.content)
    if tree.name == "begins_with":
        return left[0] == right[0] and left[0] in ("S", "B") and bool(left[1].startswith(right[1]))
    return _contains(left, right)


def _contains(left: tuple[str, Any], right: tuple[str, Any]) -> bool:
    if left[0] == right[0] and left[0] in ("S", "B"):
        return right[1] in left[1]
    if left[0] in ("SS", "NS", "BS"):
        return left[0][0] == right[0] and (right[1].decode() if right[0] == "S" else right[1]) in left[1]
    return left[0] == "L" and right in left[1]


_TESTS: dict[type, Any] = {Comparison: _comparison, Between: _between, In: _in, Call: _call}
