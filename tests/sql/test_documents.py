"""Nested values as JSON: exact, and plain where JSON has a word for them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from holdall._model.kinds import BadValue
from holdall_adapters._sql.documents import dump, load
from tests.sqlite.values import documents


def same(one: Any, other: Any) -> bool:
    """Return whether two portable values are equal in every type too (numbers by value)."""
    if isinstance(one, (int, Decimal)) and not isinstance(one, bool):
        return isinstance(other, (int, Decimal)) and not isinstance(other, bool) and one == other
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    return bool(one == other)


@given(documents)
def test_a_value_comes_back_exactly(value: Any) -> None:
    assert same(load(dump(value)), value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": [1, "é", None, True]}, '{"a":[1,"é",null,true]}'),
        (Decimal("0.1"), "0.1"),
        (Decimal("1.50"), "1.5"),
        (Decimal("2.00"), "2"),
        (2**63 - 1, "9223372036854775807"),
    ],
)
def test_what_json_can_say_is_plain(value: Any, text: str) -> None:
    assert dump(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("0.10000000000000000001"), '{"$number":"0.10000000000000000001"}'),
        (2**63, '{"$number":"9223372036854775808"}'),
        (b"\0\1", '{"$bytes":"AAE="}'),
        ({"b", "a"}, '{"$set":["a","b"]}'),
        ({"$set": "a dict"}, '{"$map":{"$set":"a dict"}}'),
    ],
)
def test_the_rest_is_tagged(value: Any, text: str) -> None:
    assert dump(value) == text


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "NaN", "[Infinity]", '{"$set":"abc"}', '{"$set":[[1]]}', '{"$bytes":"?"}', '{"$number":"x"}',
     '{"$number":[]}', '{"$map":[]}', '{"$new":1}', 5, None, b"\xff"],
)  # fmt: skip
def test_a_document_that_dump_does_not_write_is_refused(text: Any) -> None:
    with pytest.raises(BadValue):
        load(text)


def test_a_document_of_another_program_may_have_any_layout() -> None:
    assert load('{ "a" : [ 1.50, 1e2 ] }') == {"a": [Decimal("1.5"), 100]}
    assert json.loads(dump({"total": Decimal("9.99")})) == {"total": 9.99}
