"""What a KeyConditionExpression may say (developer guide: key condition expressions for the Query operation)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import refuse, refuse_value
from .keys import check_condition_value
from .syntax import Between, Call, Comparison, Condition, Group, In, Logical, Not, Operand, Path, Value, paths_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .tables import KeySchema

_LABEL = "KeyConditionExpression"
_MIRRORED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class KeyTest:
    """One condition on one key attribute; `operator` is a comparator, BETWEEN or begins_with."""

    name: str
    operator: str
    values: tuple[Value, ...]


def check_key_condition(
    condition: Condition, keys: KeySchema, types: Mapping[str, str]
) -> Mapping[str, Mapping[str, Any]]:
    """
    Return the values that key attributes have to be equal to, by name.

    Raises:
        RequestRefused: It is not every partition key by =, and then at most one test of each sort key, from the
            left, of which only the last is a range.
    """
    tests = [_key_test(leaf) for leaf in _leaves(condition)]
    _check_once(tests)
    by_name = {test.name: test for test in tests}
    _check_partition(keys, by_name)
    _check_sort(keys, by_name)
    for test in tests:
        _check_values(test, types[test.name])
    return {test.name: test.values[0].content for test in tests if test.operator == "="}


def _leaves(condition: Condition) -> Iterator[Condition]:
    if isinstance(condition, Group):
        yield from _leaves(condition.condition)
    elif isinstance(condition, Logical) and condition.operator == "AND":
        for inner in condition.conditions:
            yield from _leaves(inner)
    else:
        yield condition


def _key_test(leaf: Condition) -> KeyTest:
    operator, first, others = _parts(_turned(leaf))
    if len(list(paths_of(leaf))) > 1:
        refuse("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
    if any(isinstance(operand, Call) for operand in (first, *others)):
        refuse("KeyConditionExpressions cannot contain nested operations")
    if not isinstance(first, Path):
        refuse(
            f"Invalid condition in KeyConditionExpression: {operator} operator must have the key attribute as its "
            "first operand"
        )
    if len(first.elements) > 1:
        refuse("KeyConditionExpressions cannot have conditions on nested attributes")
    return KeyTest(first.top, operator, tuple(value for value in others if isinstance(value, Value)))


def _turned(leaf: Condition) -> Condition:
    """Return a comparison with the attribute on its left; anything else as it is."""
    if isinstance(leaf, Comparison) and isinstance(leaf.left, Value) and isinstance(leaf.right, Path):
        return Comparison(_MIRRORED[leaf.operator], leaf.right, leaf.left)
    return leaf


def _parts(leaf: Condition) -> tuple[str, Operand, tuple[Operand, ...]]:
    if isinstance(leaf, Between):
        return "BETWEEN", leaf.operand, (leaf.low, leaf.high)
    if isinstance(leaf, Comparison) and leaf.operator != "<>":
        return leaf.operator, leaf.left, (leaf.right,)
    if not isinstance(leaf, Call) or leaf.name != "begins_with":
        refuse(f"Invalid operator used in {_LABEL}: {_operator_name(leaf)}")
    return "begins_with", leaf.arguments[0], leaf.arguments[1:]


def _operator_name(leaf: Condition) -> str:
    if isinstance(leaf, (Comparison, Logical)):
        return leaf.operator
    if isinstance(leaf, Call):
        return leaf.name
    return "NOT" if isinstance(leaf, Not) else "IN" if isinstance(leaf, In) else type(leaf).__name__


def _check_once(tests: list[KeyTest]) -> None:
    names = [test.name for test in tests]
    if len(set(names)) < len(names):
        refuse("KeyConditionExpressions must only contain one condition per key")


def _check_partition(keys: KeySchema, tests: Mapping[str, KeyTest]) -> None:
    for name in keys.partition:
        if name not in tests:
            refuse(f"Query condition missed key schema element: {name}")
        if tests[name].operator != "=":
            refuse("Query key condition not supported")


def _check_sort(keys: KeySchema, tests: Mapping[str, KeyTest]) -> None:
    used = [name for name in keys.sort if name in tests]
    strangers = set(tests) - set(keys.names)
    if strangers:
        missed = next((name for name in keys.sort if name not in tests), None)
        refuse(
            f"Query condition missed key schema element: {missed}" if missed else "Query key condition not supported"
        )
    if used != list(keys.sort[: len(used)]) or any(tests[name].operator != "=" for name in used[:-1]):
        refuse("Query key condition not supported")


def _check_values(test: KeyTest, wanted: str) -> None:
    if test.operator == "begins_with" and wanted == "N":
        refuse_value("ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")
    for value in test.values:
        check_condition_value(test.name, wanted, value.content)
