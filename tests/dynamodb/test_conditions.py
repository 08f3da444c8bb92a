"""Conditions mean on DynamoDB what they mean everywhere: compared with the engine's reference, by an interpreter."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from holdall import F, Schema
from holdall._engine.evaluate import evaluate
from holdall._engine.resolve import resolve_test
from holdall._model.schema import Model
from holdall.drivers import All, AnyOf, Exists
from holdall.errors import InvalidArgument, TooLarge
from holdall_adapters.dynamodb.wire.conditions import Conditions
from holdall_adapters.dynamodb.wire.names import Placeholders
from holdall_adapters.dynamodb.wire.values import from_wire

from .fakes import Scripted, driver_of
from .interpreter import holds

if TYPE_CHECKING:
    from holdall.drivers import Test
    from holdall.expressions import Condition

FIELDS = {
    "id": str, "any": Any, "text": str | None, "whole": int | None, "exact": Decimal | None, "data": bytes | None,
    "flag": bool | None, "texts": list[str] | None, "words": set[str], "numbers": set[int], "blobs": set[bytes],
    "mapping": dict[str, int] | None, "at": datetime | None,
}  # fmt: skip
LOOSE = Schema(dict, partition="id", fields=FIELDS, table="loose")
MODEL = Model(LOOSE)
LIMITS = driver_of(LOOSE, Scripted()).capabilities
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)

STORED: dict[str, dict[str, Any] | None] = {
    "missing": None,
    "null": {"NULL": True},
    "empty text": {"S": ""},
    "text a": {"S": "a"},
    "text ab": {"S": "ab"},
    "text b": {"S": "b"},
    "emoji": {"S": "\U0001f600"},
    "wide": {"S": "\uffee"},
    "zero": {"N": "0"},
    "one": {"N": "1.0"},
    "two": {"N": "2"},
    "great": {"N": "12345678901234567890123456789012345678"},
    "bytes": {"B": b"a"},
    "more bytes": {"B": b"ab"},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "list": {"L": [{"S": "a"}, {"N": "1"}, {"NULL": True}, {"BOOL": True}]},
    "empty list": {"L": []},
    "map": {"M": {"a": {"N": "1"}}},
    "empty map": {"M": {}},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "blobs": {"BS": [b"a"]},
}
GREAT = 12345678901234567890123456789012345678
OPERANDS: dict[str, Any] = {"a": "a", "empty": "", "one": 1, "half": Decimal("0.5"), "great": GREAT, "bytes": b"a",
                            "true": True}  # fmt: skip
ORDERABLE = {name: value for name, value in OPERANDS.items() if value is not True}


def _comparisons(path: Any) -> dict[str, Condition]:
    found: dict[str, Condition] = {"is_null": path.is_null(), "is_set": path.is_set()}
    for name, value in OPERANDS.items():
        found |= {f"= {name}": path == value, f"!= {name}": path != value, f"contains {name}": path.contains(value)}
    for name, value in ORDERABLE.items():
        found |= {f"< {name}": path < value, f"<= {name}": path <= value}
        found |= {f"> {name}": path > value, f">= {name}": path >= value}
    for name in ("a", "empty", "bytes"):
        found[f"startswith {name}"] = path.startswith(OPERANDS[name])
    for low, high in (("a", "b"), ("", "a"), (1, 2), (b"", b"b"), (1, "a")):
        found[f"between {low!r} {high!r}"] = path.between(low, high)
    for values in ((), ("a",), ("a", "b"), (1, "a", b"a", True), tuple(range(150))):
        found[f"in {len(values)}"] = path.in_(values)
    for n in (0, 1, 2):
        found |= {f"size = {n}": path.size() == n, f"size != {n}": path.size() != n, f"size > {n}": path.size() > n}
    size = path.size()
    return found | {"size in": size.in_([0, 1]), "size in none": size.in_([]), "size between": size.between(1, 2)}


CASES = {
    f"{place}{sign}{name}": ~condition if sign else condition
    for place, path in (("", F.any), ("inside ", F.any.x), ("in list ", F.any[1]))
    for name, condition in _comparisons(path).items()
    for sign in ("", "not ")
}


def _expression(test: Test) -> tuple[str | None, dict[str, Any]]:
    places = Placeholders()
    expression = Conditions(places, "id").condition(test)
    return expression, places.params()


def _said(test: Test, item: dict[str, Any]) -> bool:
    expression, params = _expression(test)
    assert (expression is None) <= (params == {})
    return expression is None or holds(expression, params, item)


def _items(stored: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return items with the value at each of the places that the cases ask for."""
    key = {"id": {"S": "k"}}
    if stored is None:
        return [key, {**key, "any": {"M": {}}}, {**key, "any": {"L": [{"S": "a"}]}}]
    return [{**key, "any": stored}, {**key, "any": {"M": {"x": stored}}}, {**key, "any": {"L": [{"S": "z"}, stored]}}]


@pytest.mark.parametrize("name", CASES)
def test_an_untyped_field_is_compared_as_in_the_reference(name: str) -> None:
    test = resolve_test(MODEL, CASES[name], LIMITS)
    for kind, stored in STORED.items():
        for item in _items(stored):
            portable = {attribute: from_wire(value) for attribute, value in item.items()}
            assert (kind, _said(test, item)) == (kind, evaluate(test, portable))


TYPED: dict[str, tuple[Condition, dict[str, Any]]] = {
    "text": (F.text.contains("a"), {"text": {"S": "bab"}}),
    "text lacks": (~F.text.contains("a"), {"text": {"S": "b"}}),
    "decimal": (F.exact == Decimal("1.50"), {"exact": {"N": "1.5"}}),
    "float operand": (F.exact > 0.1, {"exact": {"N": "0.11"}}),
    "bytes": (F.data.startswith(b"\x00"), {"data": {"B": b"\x00\x01"}}),
    "flag": (F.flag != True, {"flag": {"BOOL": False}}),  # noqa: E712  # a condition
    "list": (F.texts.contains("a"), {"texts": {"L": [{"S": "a"}]}}),
    "list lacks": (~F.texts.contains("b"), {"texts": {"L": [{"S": "a"}]}}),
    "words": (F.words.contains("a"), {"words": {"SS": ["a"]}}),
    "words size": (F.words.size() == 2, {"words": {"SS": ["a", "b"]}}),
    "numbers": (F.numbers.contains(2), {"numbers": {"NS": ["2", "3"]}}),
    "numbers size": (F.numbers.size() < 3, {"numbers": {"NS": ["2", "3"]}}),
    "blobs": (F.blobs.contains(b"x"), {"blobs": {"BS": [b"x"]}}),
    "blobs lack": (~F.blobs.contains(b"y"), {"blobs": {"BS": [b"x"]}}),
    "bytes size": (F.data.size() == 2, {"data": {"B": b"ab"}}),
    "map": (F.mapping["a b"] == 1, {"mapping": {"M": {"a b": {"N": "1"}}}}),
    "map size": (F.mapping.size() == 0, {"mapping": {"M": {}}}),
    "instant": (F.at >= AT, {"at": {"S": "2026-01-02T03:04:05.000000Z"}}),
}


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_field_is_compared_as_it_lies_in_the_store(name: str) -> None:
    condition, fields = TYPED[name]
    test, negated = resolve_test(MODEL, condition, LIMITS), resolve_test(MODEL, ~condition, LIMITS)
    item = {"id": {"S": "k"}, **fields}
    assert _said(test, item)
    assert not _said(negated, item)
    assert not _said(test, {"id": {"S": "k"}})
    assert not _said(negated, {"id": {"S": "k"}})


TREES: dict[str, Test] = {
    "all of nothing": All(()),
    "any of nothing": AnyOf(()),
    "there": Exists(present=True),
    "not there": Exists(present=False),
    "or in and": All((AnyOf((Exists(present=True), AnyOf(()))), All(()))),
    "and in or": AnyOf((All((Exists(present=True), AnyOf(()))), Exists(present=False))),
    "constants beside a leaf": AnyOf((resolve_test(MODEL, F.text == "a", LIMITS), All(()))),
    "a leaf beside nothing": All((resolve_test(MODEL, F.text == "a", LIMITS), AnyOf(()))),
    "or within and": resolve_test(MODEL, (F.text == "a") & ((F.whole == 1) | (F.whole == 2)), LIMITS),
    "and within or": resolve_test(MODEL, (F.text == "a") | (F.whole == 1) & ~(F.whole == 2), LIMITS),
    "not of both": resolve_test(MODEL, ~((F.text == "a") & (F.whole.in_([1, 2]))), LIMITS),
}


@pytest.mark.parametrize("name", TREES)
def test_a_tree_is_true_where_the_reference_is(name: str) -> None:
    for fields in ({}, {"text": {"S": "a"}}, {"whole": {"N": "1"}}, {"text": {"S": "a"}, "whole": {"N": "2"}}):
        item = {"id": {"S": "k"}, **fields}
        portable = {attribute: from_wire(value) for attribute, value in item.items()}
        assert _said(TREES[name], item) == evaluate(TREES[name], portable)


def test_a_condition_that_is_always_true_is_no_expression() -> None:
    assert _expression(AnyOf((resolve_test(MODEL, F.text == "a", LIMITS), All(())))) == (None, {})


@pytest.mark.parametrize(("test", "passing"), [(All(()), True), (AnyOf(()), False), (Exists(present=True), True),
                                               (Exists(present=False), False)])  # fmt: skip
def test_a_filter_that_is_always_the_same_names_no_key(test: Test, passing: bool) -> None:
    places = Placeholders()
    assert Conditions(places, "id").filter(test) is passing
    assert places.params() == {}


def test_equal_names_and_values_are_sent_once() -> None:
    _, params = _expression(resolve_test(MODEL, (F.text == "a") | (F.text == "b") | (F.any == "a"), LIMITS))
    assert sorted(params["ExpressionAttributeNames"].values()) == ["any", "text"]
    assert len(params["ExpressionAttributeValues"]) == 2


@pytest.mark.parametrize("condition", [F.any < True, F.any.between([1], [2]), F.any.startswith(1)])
def test_an_operand_that_has_no_order_is_refused(condition: Condition) -> None:
    with pytest.raises(InvalidArgument):
        _expression(resolve_test(MODEL, condition, LIMITS))


def test_too_many_operators_are_refused() -> None:
    condition = F.any == 0
    for n in range(1, 151):
        condition |= F.any == n
    with pytest.raises(TooLarge, match="301 operators"):
        _expression(resolve_test(MODEL, condition, LIMITS))


def test_too_long_a_list_of_operands_is_refused() -> None:
    with pytest.raises(TooLarge, match="bytes"):
        _expression(resolve_test(MODEL, F.text.in_(f"{n}" for n in range(1000)), LIMITS))


def test_too_deep_a_path_is_refused() -> None:
    path = F.any
    for _ in range(32):
        path = path.x
    with pytest.raises(InvalidArgument, match="33 steps"):
        _expression(resolve_test(MODEL, path == 1, LIMITS))
