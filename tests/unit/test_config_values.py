"""What single values are read as."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal, Optional, Union
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall import ConfigError, InvalidArgument, Secret, open_config
from holdall._engine.config.scalars import Bad, text_of
from holdall._engine.config.typed import is_mapping, reader_of, record_of

UTC = dt.timezone.utc
ID = "6f1c1a52-4f0e-4a1c-9d0a-3e0f6a6d2c11"


class Size(enum.Enum):
    SMALL = 1
    LARGE = 2


class Colour(str, enum.Enum):
    RED = "red"


def read(raw: Any, kind: Any) -> Any:
    return reader_of(kind).read(raw)


GOOD: list[tuple[Any, Any, Any]] = [
    ("", str, ""), (" a ", str, " a "), (7, str, "7"), (True, str, "true"), (1.5, str, "1.5"),
    (dt.date(2024, 1, 2), str, "2024-01-02"),
    ("0", int, 0), (" 42 ", int, 42), ("+7", int, 7), ("-7", int, -7), ("007", int, 7), (42, int, 42),
    ("9" * 100, int, int("9" * 100)),
    ("1", float, 1.0), ("1.", float, 1.0), (".5", float, 0.5), ("-1e-3", float, -0.001), ("1E5", float, 1e5),
    (7, float, 7.0), ("inf", float, math.inf), ("-Infinity", float, -math.inf),
    ("1.10", Decimal, Decimal("1.10")), (0.1, Decimal, Decimal("0.1")), (" 5 ", Decimal, Decimal(5)),
    *[(text, bool, True) for text in ("true", "True", "TRUE", "1", "yes", "on", " On ")],
    *[(text, bool, False) for text in ("false", "False", "0", "no", "off")], (True, bool, True), (False, bool, False),
    ("ä", bytes, "ä".encode()), ("", bytes, b""),
    ("2024-02-29", dt.date, dt.date(2024, 2, 29)), (dt.date(2024, 2, 29), dt.date, dt.date(2024, 2, 29)),
    ("12:30", dt.time, dt.time(12, 30)), (dt.time(1, 2), dt.time, dt.time(1, 2)),
    ("2024-02-29T12:30:00+02:00", dt.datetime, dt.datetime(2024, 2, 29, 10, 30, tzinfo=UTC)),
    (dt.datetime(2024, 1, 1, tzinfo=UTC), dt.datetime, dt.datetime(2024, 1, 1, tzinfo=UTC)),
    ("90", dt.timedelta, dt.timedelta(seconds=90)), ("1.5", dt.timedelta, dt.timedelta(seconds=1.5)),
    (90, dt.timedelta, dt.timedelta(seconds=90)), ("250ms", dt.timedelta, dt.timedelta(milliseconds=250)),
    ("5 m", dt.timedelta, dt.timedelta(minutes=5)), ("2H", dt.timedelta, dt.timedelta(hours=2)),
    ("1d", dt.timedelta, dt.timedelta(days=1)), ("0", dt.timedelta, dt.timedelta(0)),
    (ID, UUID, UUID(ID)), (ID.upper(), UUID, UUID(ID)), ("/a/b", Path, Path("/a/b")), ("a", PurePath, PurePath("a")),
    ("x", Secret, Secret("x")), (7, Secret, Secret("7")),
    ("1", Size, Size.SMALL), (2, Size, Size.LARGE), ("red", Colour, Colour.RED),
    ("a", Literal["a", "b"], "a"), ("1", Literal[1, "x"], 1), ("true", Literal[True], True),
    (None, int | None, None), ("5", Optional[int], 5), ("x", int | str, "x"),  # noqa: UP045 - as older programs have it
    ("5", Union[str, int], 5),  # noqa: UP007 - likewise
    ("5", Annotated[int, "metres"], 5), (5, Any, 5), ("x", object, "x"), ({"a": 1}, Any, {"a": 1}),
    ("a, b ,c", list[str], ["a", "b", "c"]), ("", list[str], []), (" ", list[int], []), ("a", list[str], ["a"]),
    ('["a,b", "c"]', list[str], ["a,b", "c"]), ("[1, 2]", list[str], ["1", "2"]), ([1, 2], list[int], [1, 2]),
    ("[x", list[str], ["[x"]), ("a,b", list, ["a", "b"]), ("1,2", Sequence[int], [1, 2]),
    ("1,2", tuple[int, ...], (1, 2)), ("1,a", tuple[int, str], (1, "a")), ("1,1", set[int], {1}),
    ("1,2", frozenset[int], frozenset({1, 2})), ("[[1], [2, 3]]", list[list[int]], [[1], [2, 3]]),
    ('{"a": "1"}', dict[str, int], {"a": 1}), ({"a": {"b": 1}}, dict[str, dict[str, int]], {"a": {"b": 1}}),
    ({}, dict[str, int], {}), (' {"a": 1}', Mapping[str, int], {"a": 1}), ('{"a": [1]}', dict, {"a": [1]}),
]  # fmt: skip
WRONG: list[tuple[Any, Any]] = [
    (["a"], str), ({"a": 1}, str), (None, str), (b"x", str),
    ("", int), ("1.0", int), ("1_000", int), ("0x10", int), ("1e3", int), (1.0, int), (True, int), ("٤x", int),
    ("9" * 5000, int), ("true", int), ("- 1", int),
    ("", float), ("nan", float), ("1,5", float), ("1e", float), (True, float), ("0x1p3", float), (10**400, float),
    ("", Decimal), ("1,5", Decimal), (True, Decimal), ([1], Decimal), (1 << 20_000, Decimal), (1 << 20_000, str),
    ("", bool), ("2", bool), ("y", bool), ("t", bool), (1, bool), (0, bool), ("nein", bool),
    (7, bytes), (None, bytes), ([1], bytes),
    ("", dt.date), ("2024-02-30", dt.date), ("29.02.2024", dt.date), (7, dt.date), ("2024-02-29T00:00:00Z", dt.date),
    ("25:00", dt.time), ("", dt.time), (7, dt.time),
    ("2024-02-29T12:30:00", dt.datetime), ("2024-02-29", dt.datetime), ("", dt.datetime), (7, dt.datetime),
    (dt.datetime(2024, 1, 1), dt.datetime),  # noqa: DTZ001 - one without a zone is the subject
    ("", dt.timedelta), ("-5", dt.timedelta), ("5 weeks", dt.timedelta), ("m", dt.timedelta), (True, dt.timedelta),
    ("9" * 30, dt.timedelta), ("1h30m", dt.timedelta), ("inf", dt.timedelta),
    ("x", UUID), (7, UUID), (7, Path), (None, Secret), (["x"], Secret),
    ("3", Size), ("SMALL", Size), ("blue", Colour), (None, Size), ("c", Literal["a", "b"]), ("2", Literal[1]),
    ("", int | None), ("x", int | float), ("1,x", list[int]), ("1,,2", list[int]), ({"a": 1}, list[int]),
    (7, list[int]),
    ("1", tuple[int, int]), ("1,2,3", tuple[int, int]), ("x", dict[str, int]), ("[1]", dict[str, int]),
    ('{"a": "x"}', dict[str, int]), ('{"a": 1', dict[str, int]), ([["x"]], list[list[int]]),
]  # fmt: skip


def _title(case: Any) -> str:
    return f"{repr(case[0])[:20] if isinstance(case[0], str) else '_'}-{getattr(case[1], '__name__', '')}"


@pytest.mark.parametrize("case", GOOD, ids=_title)
def test_a_value_is_read(case: tuple[Any, Any, Any]) -> None:
    raw, kind, value = case
    found = read(raw, kind)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("case", WRONG, ids=_title)
def test_a_value_of_another_type_is_bad(case: tuple[Any, Any]) -> None:
    raw, kind = case
    found = read(raw, kind)
    assert isinstance(found, Bad)
    assert found.expected == reader_of(kind).expected or found.path


@pytest.mark.parametrize(("kind", "expected"), [
    (int, "int"), (bool, "bool (true or false)"), (dt.datetime, "datetime (ISO 8601, with a time zone)"),
    (int | None, "int"), (int | str, "int or text"), (Literal["a", "b"], "one of 'a', 'b'"), (Size, "a value of Size"),
    (list[int], "list of int, as JSON or with commas between"), (Secret, "text"), (UUID, "UUID"),
    (dict[str, int], "dict of int, as JSON or as parameters below the name"), (tuple[int, str], "tuple of int, text"),
])  # fmt: skip
def test_what_is_expected_is_told_as(kind: Any, expected: str) -> None:
    assert reader_of(kind).expected == expected


def test_the_places_of_wrong_items_are_told_without_the_items() -> None:
    found = read("1,hunter2,3,hunter3", list[int])
    assert found.found == "the items at 1, 3 are other values"
    found = read({"a": {"b": "hunter2"}}, dict[str, dict[str, int]])
    assert (found.expected, found.found, found.path) == ("int", "got other text", ("a", "b"))


@pytest.mark.parametrize("kind", [complex, list[complex], dict[str, complex], complex | None, tuple[complex, int]])
def test_a_type_of_no_parameter_is_refused(kind: Any) -> None:
    with pytest.raises(ConfigError, match="can be read from configuration; use str, int,"):
        reader_of(kind)


def test_a_type_that_can_not_be_hashed_is_read() -> None:
    assert read("5", Annotated[int, ["unhashable"]]) == 5


def test_records_and_dicts_are_told_from_others() -> None:
    assert record_of(int) is None
    assert record_of(int | None) is None
    assert all(is_mapping(kind) for kind in (dict, dict[str, int], Mapping[str, int], Any, dict[str, int] | None))
    assert not any(is_mapping(kind) for kind in (int, list[int], str | None))


@given(st.integers(-(10**300), 10**300))
def test_ints_come_back(value: int) -> None:
    assert read(text_of(value), int) == value
    assert read(f" {value} ", int) == value


@given(st.floats(allow_nan=False))
def test_floats_come_back(value: float) -> None:
    assert read(text_of(value), float) == value


@given(st.decimals(allow_nan=False))
def test_decimals_come_back(value: Decimal) -> None:
    assert str(read(text_of(value), Decimal)) == str(value)


@given(st.booleans())
def test_booleans_come_back(value: bool) -> None:
    assert read(text_of(value), bool) is value


@given(st.datetimes(timezones=st.sampled_from([UTC, dt.timezone(dt.timedelta(hours=5, minutes=30))]),
                    min_value=dt.datetime(2, 1, 1), max_value=dt.datetime(9998, 1, 1)))  # noqa: DTZ001 - the zone is given
def test_datetimes_come_back(value: dt.datetime) -> None:
    assert read(text_of(value), dt.datetime) == value


@given(st.dates())
def test_dates_come_back(value: dt.date) -> None:
    assert read(text_of(value), dt.date) == value


@given(st.times())
def test_times_come_back(value: dt.time) -> None:
    assert read(text_of(value), dt.time) == value


@given(st.integers(0, 10**6), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_timedeltas_come_back(number: int, unit: str) -> None:
    names = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    assert read(f"{number}{unit}", dt.timedelta) == dt.timedelta(**{names[unit]: number})


@given(st.integers(0, 10**12))
def test_timedeltas_of_microseconds_come_back(microseconds: int) -> None:
    value = dt.timedelta(microseconds=microseconds)
    assert read(f"{value.total_seconds():.6f}", dt.timedelta) == value


ITEMS = st.text(st.characters(codec="utf-8", exclude_characters=","), min_size=1).filter(
    lambda text: text.strip() == text and not text.startswith("[")
)


@given(st.lists(ITEMS, min_size=1))
def test_lists_of_texts_come_back(value: list[str]) -> None:
    assert read(",".join(value), list[str]) == value


@given(st.lists(st.integers()))
def test_lists_of_ints_come_back(value: list[int]) -> None:
    assert read(",".join(map(str, value)), list[int]) == value
    assert read(json.dumps(value), list[int]) == value


@given(st.lists(st.text()))
def test_lists_come_back_of_json(value: list[str]) -> None:
    assert read(json.dumps(value), list[str]) == value


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text())),
       st.sampled_from([kind for _, kind in WRONG]))
def test_whatever_comes_is_read_or_bad(raw: Any, kind: Any) -> None:
    found = read(raw, kind)
    assert isinstance(found, Bad) or repr(found) == repr(read(raw, kind))


@pytest.mark.parametrize(("value", "kind"), [
    (dt.timedelta(seconds=90), dt.timedelta), (dt.timedelta(milliseconds=2.5), dt.timedelta),
    (dt.timedelta(0), dt.timedelta),
    (UUID("12345678-1234-5678-1234-567812345678"), UUID), (Path("/etc/shop"), Path),
])  # fmt: skip
def test_what_can_be_read_can_be_put(value: Any, kind: Any) -> None:
    with open_config("memory://") as config:
        config.put("a", value)
        assert config.get("a", kind) == value


@pytest.mark.parametrize("value", [
    float("nan"), Decimal("NaN"), dt.timedelta(seconds=-1), [" a"], ["a "], ["[1", "2]"],
])  # fmt: skip
def test_what_would_be_read_as_something_else_is_not_put(value: Any) -> None:
    with open_config("memory://") as config, pytest.raises(InvalidArgument):
        config.put("a", value)


def test_the_order_of_a_union_counts() -> None:
    with open_config("memory://?max_age=0") as config:
        config.put("a", 1)
        assert [type(config.get("a", kind)) for kind in (float | int, int | float)] == [float, int]


@pytest.mark.parametrize("url", [None, 7])
def test_what_is_no_url_is_refused(url: Any) -> None:
    with pytest.raises(ConfigError, match="a store is chosen by a URL"):
        open_config(url)


@pytest.mark.parametrize("given", ["x", 5432])
def test_a_default_that_is_given_as_the_type_is_told(given: Any) -> None:
    with open_config("memory://") as config, pytest.raises(ConfigError, match="a default is given by default="):
        config.get("a", given)


def test_a_record_is_made_anew_for_each_call() -> None:
    @dataclasses.dataclass
    class Db:
        host: str

    with open_config("memory://?max_age=60") as config:
        config.put("db/host", "a")
        config.get("db", Db).host = "changed"
        assert config.get("db", Db) == Db("a")
