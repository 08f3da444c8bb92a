"""
What a condition means: the reference that every backend is held to.

Items are in portable form here: stored names to portable values, unset fields left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import drivers
from .._model.kinds import Portable, is_list, is_map, is_set, portable_type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..drivers import Leaf, Test
    from ..expressions import Step


def evaluate(test: Test, item: Mapping[str, Portable] | None) -> bool:
    """Return whether a test is true of an item (None: there is no item)."""
    if isinstance(test, drivers.Exists):
        return (item is not None) is test.present
    if isinstance(test, drivers.All):
        return all(evaluate(part, item) for part in test.parts)
    if isinstance(test, drivers.AnyOf):
        return any(evaluate(part, item) for part in test.parts)
    return _leaf(test, at(item, test.path))


def at(item: Any, path: tuple[Step, ...]) -> Portable:
    """Return what lies at a path, None where nothing does."""
    for step in path:
        if isinstance(step, int):
            item = item[step] if is_list(item) and 0 <= step < len(item) else None
        else:
            item = item.get(step) if is_map(item) else None
    return item


def _leaf(leaf: Leaf, value: Portable) -> bool:
    if leaf.op == "is_null":
        return value is None
    if value is None:
        return False
    if leaf.op == "is_set":
        return True
    if leaf.size:
        sized = portable_type(value) in ("list", "map", "set", "bytes")
        return sized and _TESTS[leaf.op](len(value), leaf.portable)
    if leaf.op in ("contains", "not_contains"):
        return _contains(value, leaf.portable[0]) is (leaf.op == "contains")
    return _compared(leaf, value)


def _compared(leaf: Leaf, value: Portable) -> bool:
    """Compare values of one type; a value of another type makes every comparison false."""
    same = tuple(operand for operand in leaf.portable if portable_type(operand) == portable_type(value))
    if leaf.op in ("in", "not_in"):
        # The types of the operands are the field's, so one of them stands for all.
        return (leaf.op == "not_in" and _typed(leaf, value)) if not same else _TESTS[leaf.op](value, same)
    return len(same) == len(leaf.portable) and _TESTS[leaf.op](value, same)


def _typed(leaf: Leaf, value: Portable) -> bool:
    return not leaf.portable and portable_type(value) in leaf.operand_kind.types


def _contains(value: Portable, part: Portable) -> bool | None:
    """Return None where the value has no parts of the operand's type."""
    if isinstance(value, str):
        return part in value if isinstance(part, str) else None
    if is_list(value) or is_set(value):
        kind = portable_type(part)
        return any(portable_type(one) == kind and one == part for one in value)
    return None


_TESTS: dict[str, Callable[[Any, tuple[Any, ...]], bool]] = {
    "=": lambda value, operands: value == operands[0],
    "!=": lambda value, operands: value != operands[0],
    "<": lambda value, operands: value < operands[0],
    "<=": lambda value, operands: value <= operands[0],
    ">": lambda value, operands: value > operands[0],
    ">=": lambda value, operands: value >= operands[0],
    "between": lambda value, operands: operands[0] <= value <= operands[1],
    "not_between": lambda value, operands: not operands[0] <= value <= operands[1],
    "in": lambda value, operands: value in operands,
    "not_in": lambda value, operands: value not in operands,
    "startswith": lambda value, operands: value.startswith(operands[0]),
    "not_startswith": lambda value, operands: not value.startswith(operands[0]),
}
