"""Items as bytes: what stores hold comes back as it was, or is not written."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdall._engine.cache.values import Unwritable, dump, load

MARK = "\0"
# A pair of lone halves is one character afterwards; stores hold neither.
texts = st.text(st.characters(exclude_categories=())).filter(
    lambda text: text == text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
)
zones = st.none() | st.sampled_from((timezone.utc, timezone(timedelta(hours=5, minutes=45))))
hashable = (
    texts | st.integers() | st.decimals(allow_nan=False) | st.binary(max_size=20) | st.uuids() | st.booleans()
    | st.datetimes(timezones=zones).map(lambda when: when.replace(fold=0)) | st.dates() | st.timedeltas()
)  # fmt: skip
times = st.times(timezones=zones).map(lambda when: when.replace(fold=0))
leaves = st.none() | hashable | st.floats(allow_nan=False, allow_infinity=False) | times
keys = texts.filter(lambda key: key != MARK and not key.endswith('"' + MARK))
sets = st.sets(hashable, max_size=4)
items = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4) | sets,
    max_leaves=12,
)


def told(value: Any) -> Any:
    """Return a value so that those are equal that are the same in type, too."""
    if isinstance(value, dict):
        return {key: told(one) for key, one in value.items()}
    if isinstance(value, list):
        return [told(one) for one in value]
    if isinstance(value, set):
        return "set", sorted(map(repr, value))
    return type(value), repr(value)


@given(item=items)
@settings(max_examples=400, deadline=None)
def test_what_stores_hold_comes_back_as_it_was(item: Any) -> None:
    body, marked = dump(item)
    assert told(load(body, marked)) == told(item)


ODD = [
    "", "a", MARK, '{"' + MARK + '":1}', '"' + MARK + '":', "\ud800", "\udfff", "😀", "\u2028", 2**200, -1, 0.1, -0.0,
    1e308, 5e-324, True, False, None, Decimal("1.10"), Decimal("1E+100"), Decimal("-0"), b"", bytes(range(256)), set(),
    {b"a", b""}, {Decimal("1.5"), Decimal(2)}, {"a", MARK}, UUID(int=1), date(1, 1, 1), time(23, 59, 59, 999_999),
    datetime(2024, 2, 29, 1, 2, 3, 4, timezone.utc), timedelta(-1, 1, 1), [], {}, [[[]]], {"a": {"b": [{"c": b"d"}]}},
    {"": MARK}, {"a" + MARK: 1}, {MARK + "a": 1},
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD)))
def test_an_odd_value_comes_back_as_it_was(number: int) -> None:
    item = {"value": ODD[number]}
    assert told(load(*dump(item))) == told(item)


def test_a_frozen_set_comes_back_as_an_equal_set_and_a_bytearray_as_bytes() -> None:
    body, marked = dump([frozenset({"a"}), bytearray(b"b")])
    assert load(body, marked) == [{"a"}, b"b"]


@pytest.mark.parametrize(("item", "marked"), [({"a": [1, "b", None]}, False), ({"a": b"b"}, True)])
def test_what_json_has_is_not_marked(item: Any, marked: bool) -> None:
    assert dump(item)[1] is marked


@pytest.mark.parametrize("item", [
    {MARK: 1}, [{MARK: ["bytes", "YQ=="]}], {"a": b"b", "c": {MARK: ["bytes", ""]}}, {"a": {b"b"}, MARK: 2},
])  # fmt: skip
def test_a_dict_with_the_key_that_marks_is_not_written(item: Any) -> None:
    with pytest.raises(Unwritable, match="marks"):
        dump(item)


def test_what_would_not_come_back_is_not_written() -> None:
    for value in (math.nan, math.inf, -math.inf, object(), 1j, {(1, 2): 3}, 10**5000, {math.nan}):
        with pytest.raises(Unwritable):
            dump({"value": value})


def test_what_is_in_itself_is_not_written() -> None:
    item: list[Any] = []
    item.append(item)
    with pytest.raises(Unwritable):
        dump(item)


def test_what_is_too_deep_is_not_written() -> None:
    item: list[Any] = []
    for _ in range(100_000):
        item = [item]
    with pytest.raises(Unwritable):
        dump(item)


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"nothing", b"1 2", b"[1]x"])
def test_other_bytes_are_no_item(text: bytes) -> None:
    for marked in (True, False):
        with pytest.raises(ValueError, match=r"."):
            load(text, marked)


def test_a_mark_that_nobody_knows_is_no_item() -> None:
    for text in (b'{"\\u0000":["other",1]}', b'{"\\u0000":1}', b'{"\\u0000":["bytes",1]}'):
        with pytest.raises((ValueError, KeyError, TypeError)):
            load(text, True)
