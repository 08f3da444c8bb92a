"""Values lie as attribute values, exactly, and come back as they were."""

from __future__ import annotations

import base64
import enum
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall import Schema
from holdall._model.kinds import BadValue
from holdall._model.schema import Model
from holdall.errors import InvalidArgument
from holdall.testing.dynamodb.values import check_attributes
from holdall.testing.dynamodb.values import item_size as reference_size
from holdall_adapters.dynamodb.wire import DynamoForm
from holdall_adapters.dynamodb.wire.values import at, from_wire, number, number_text, to_wire

from .fakes import Scripted, driver_of, repository_of

if TYPE_CHECKING:
    from holdall._model.kinds import Kind

FORM = DynamoForm()


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Text(str):
    """A str of another class."""

    __slots__ = ()


@dataclass
class Line:
    article: str
    price: Decimal = Decimal(0)
    count: int | None = None
    tags: set[str] = field(default_factory=set)


@dataclass
class Strict:
    count: int

    def __post_init__(self) -> None:
        if self.count < 0:
            raise ValueError("less than nothing")


@dataclass
class Outer:
    line: Line
    lines: list[Line]


KINDS: dict[str, Any] = {
    "str": str,
    "bytes": bytes,
    "bool": bool,
    "int": int,
    "float": float,
    "decimal": Decimal,
    "datetime": datetime,
    "date": date,
    "time": time,
    "span": timedelta,
    "uuid": UUID,
    "colour": Colour,
    "level": Level,
    "choice": Literal["a", "b"],
    "texts": list[str],
    "numbers": list[int],
    "maybe": list[int | None],
    "pair": tuple[str, int],
    "row": tuple[int, ...],
    "words": set[str],
    "ints": frozenset[int],
    "blobs": set[bytes],
    "decimals": set[Decimal],
    "mapping": dict[str, int],
    "deep": dict[str, list[dict[str, str | None]]],
    "line": Line,
    "outer": Outer,
    "either": int | str,
    "number": int | float,
    "any": Any,
    "strict": Strict,
}
MODEL = Model(Schema(dict, partition="id", fields={"id": str, **KINDS}, table="kinds"))
EAST = timezone(timedelta(hours=2))
SAMPLES: dict[str, list[tuple[Any, dict[str, Any] | None]]] = {
    "str": [("", {"S": ""}), ("é\U0001f600\x00", {"S": "é\U0001f600\x00"}), (Text("x"), {"S": "x"})],
    "bytes": [(b"", {"B": b""}), (bytearray(b"\xff"), {"B": b"\xff"}), (memoryview(b"a"), {"B": b"a"})],
    "bool": [(True, {"BOOL": True}), (False, {"BOOL": False})],
    "int": [
        (0, {"N": "0"}),
        (-5, {"N": "-5"}),
        (10**37, {"N": "1" + "0" * 37}),
        (10**125, {"N": "1" + "0" * 125}),
        (Level.LOW, {"N": "1"}),
    ],
    "float": [
        (0.0, {"N": "0"}),
        (-0.0, {"N": "0"}),
        (0.1, {"N": "0.1"}),
        (1e22, {"N": "1" + "0" * 22}),
        (1e-100, {"N": "0." + "0" * 99 + "1"}),
        (5, {"N": "5"}),
    ],
    "decimal": [
        (Decimal("1.10"), {"N": "1.10"}),
        (Decimal("-0"), {"N": "0"}),
        (Decimal("1E-130"), {"N": "0." + "0" * 129 + "1"}),
        (7, {"N": "7"}),
        (
            Decimal("9.9999999999999999999999999999999999999E+125"),
            {"N": "9" * 38 + "0" * 88},
        ),
        (Decimal("1." + "0" * 60), {"N": "1"}),
    ],
    "datetime": [
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=EAST), {"S": "2026-01-02T01:04:05.000006Z"}),
        (datetime(1, 1, 1, tzinfo=timezone.utc), {"S": "0001-01-01T00:00:00.000000Z"}),
    ],
    "date": [(date(2026, 1, 2), {"S": "2026-01-02"})],
    "time": [(time(1, 2, 3), {"S": "01:02:03.000000"})],
    "span": [(timedelta(seconds=-1), {"N": "-1000000"})],
    "uuid": [(UUID(int=1), {"S": "00000000-0000-0000-0000-000000000001"})],
    "colour": [(Colour.RED, {"S": "red"})],
    "level": [(Level.LOW, {"N": "1"})],
    "choice": [("a", {"S": "a"})],
    "texts": [
        ([], {"L": []}),
        (["a", "é"], {"L": [{"S": "a"}, {"S": "é"}]}),
        (["a", Text("b")], {"L": [{"S": "a"}, {"S": "b"}]}),
    ],
    "numbers": [([1, 2], {"L": [{"N": "1"}, {"N": "2"}]})],
    "maybe": [([1, None], {"L": [{"N": "1"}, {"NULL": True}]})],
    "pair": [(("a", 1), {"L": [{"S": "a"}, {"N": "1"}]})],
    "row": [((), {"L": []}), ((1, 2), {"L": [{"N": "1"}, {"N": "2"}]})],
    "words": [(set(), None), ({"b", "a"}, {"SS": ["a", "b"]}), ({"é"}, {"SS": ["é"]})],
    "ints": [(frozenset(), None), (frozenset({2, 10}), {"NS": ["2", "10"]})],
    "blobs": [({b"b", b"a"}, {"BS": [b"a", b"b"]})],
    "decimals": [({Decimal("1.0"), Decimal(1)}, {"NS": ["1.0"]})],
    "mapping": [({}, {"M": {}}), ({"a b": 1, "é": 2}, {"M": {"a b": {"N": "1"}, "é": {"N": "2"}}})],
    "deep": [({"a": [{"b": None}]}, {"M": {"a": {"L": [{"M": {"b": {"NULL": True}}}]}}})],
    "line": [
        (Line("a", Decimal("1.5")), {"M": {"article": {"S": "a"}, "price": {"N": "1.5"}}}),
        (
            Line("é", Decimal(0), 3, {"t"}),
            {"M": {"article": {"S": "é"}, "price": {"N": "0"}, "count": {"N": "3"}, "tags": {"SS": ["t"]}}},
        ),
    ],
    "outer": [
        (
            Outer(Line("a"), [Line("b")]),
            {
                "M": {
                    "line": {"M": {"article": {"S": "a"}, "price": {"N": "0"}}},
                    "lines": {"L": [{"M": {"article": {"S": "b"}, "price": {"N": "0"}}}]},
                }
            },
        )
    ],
    "either": [(1, {"N": "1"}), ("1", {"S": "1"})],
    "number": [(1, {"N": "1"}), (1.5, {"N": "1.5"})],
    "any": [
        ("a", {"S": "a"}),
        (True, {"BOOL": True}),
        (1, {"N": "1"}),
        (set(), None),
        ({"a"}, {"SS": ["a"]}),
        ({1}, {"NS": ["1"]}),
        ([{"a": None}], {"L": [{"M": {"a": {"NULL": True}}}]}),
        (b"x", {"B": b"x"}),
    ],
    "strict": [(Strict(1), {"M": {"count": {"N": "1"}}})],
}
CASES = [(name, value, stored) for name, samples in SAMPLES.items() for value, stored in samples]


def kind_of(name: str) -> Kind:
    return MODEL.field(name).kind


@pytest.mark.parametrize(("name", "value", "stored"), CASES)
def test_a_value_is_stored_so(name: str, value: Any, stored: dict[str, Any] | None) -> None:
    encoded = FORM.encoder(kind_of(name))(value)
    assert encoded == stored
    if encoded is not None:
        check_attributes({"x": encoded})
        assert from_wire(encoded) == kind_of(name).lower(value)


@pytest.mark.parametrize(("name", "value", "stored"), [case for case in CASES if case[2] is not None])
def test_a_value_comes_back_as_it_was(name: str, value: Any, stored: dict[str, Any]) -> None:
    decoded = FORM.decoder(kind_of(name))(stored)
    assert decoded == value
    assert decoded == kind_of(name).lift(kind_of(name).lower(value))
    assert type(decoded) is type(kind_of(name).lift(kind_of(name).lower(value)))


def test_every_kind_has_a_sample() -> None:
    assert set(SAMPLES) == set(KINDS)


BAD: list[tuple[str, Any]] = [
    ("str", 1),
    ("str", "\ud800"),
    ("bytes", "a"),
    ("bool", 1),
    ("int", True),
    ("int", 1.0),
    ("int", "1"),
    ("int", 10**126),
    ("int", 10**5000),
    ("int", 10**38 + 1),
    ("float", float("nan")),
    ("float", float("-inf")),
    ("float", 1e300),
    ("float", True),
    ("decimal", Decimal("NaN")),
    ("decimal", Decimal("1E-131")),
    ("decimal", Decimal("1.23456789012345678901234567890123456789")),
    ("datetime", datetime(2026, 1, 1)),  # noqa: DTZ001  # the naive one is the point
    ("datetime", date(2026, 1, 1)),
    ("texts", ["a", 1]),
    ("texts", "a"),
    ("texts", ["\ud800"]),
    ("words", {"a", 1}),
    ("words", ["a"]),
    ("words", {"\ud800"}),
    ("mapping", {1: 1}),
    ("mapping", {"": 1}),
    ("mapping", {"\ud800": 1}),
    ("mapping", {"a": "b"}),
    ("mapping", [1]),
    ("line", Strict(1)),
    ("line", Line(None)),  # type: ignore[arg-type]
    ("line", Line("a", Decimal("NaN"))),
    ("outer", Outer(Line("a"), [Strict(1)])),  # type: ignore[list-item]
    ("any", [set()]),
    ("any", {"a": {1, "b"}}),
    ("any", {1, "b"}),
    ("any", {"": 1}),
    ("any", 1.5),
    ("numbers", [10**39 + 1]),
    ("colour", Level.LOW),
]


@pytest.mark.parametrize(("name", "value"), BAD, ids=[f"{n}-{name}" for n, (name, _) in enumerate(BAD)])
def test_a_value_that_can_not_be_kept_exactly_is_refused(name: str, value: Any) -> None:
    with pytest.raises(BadValue):
        FORM.encoder(kind_of(name))(value)


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("str", {"N": "1"}),
    ("bytes", {"S": "a"}),
    ("bool", {"N": "1"}),
    ("int", {"S": "1"}),
    ("int", {"N": "1.5"}),
    ("float", {"S": "1"}),
    ("decimal", {"BOOL": True}),
    ("datetime", {"S": "soon"}),
    ("datetime", {"S": "2026-01-02T03:04:05"}),
    ("datetime", {"N": "1"}),
    ("datetime", {"S": "2026-13-02T03:04:05.000000Z"}),
    ("date", {"S": "x"}),
    ("uuid", {"S": "x"}),
    ("colour", {"S": "green"}),
    ("choice", {"S": "c"}),
    ("texts", {"SS": ["a"]}),
    ("texts", {"L": [{"N": "1"}]}),
    ("words", {"L": [{"S": "a"}]}),
    ("words", {"NS": ["1"]}),
    ("mapping", {"M": {"a": {"S": "b"}}}),
    ("mapping", {"L": []}),
    ("line", {"M": {}}),
    ("line", {"S": "a"}),
    ("line", {"M": {"article": {"N": "1"}}}),
    ("either", {"BOOL": True}),
    ("strict", {"M": {"count": {"N": "-1"}}}),
    ("str", {"NULL": True}),
    ("texts", {"NULL": True}),
    ("line", {"NULL": True}),
]


@pytest.mark.parametrize(("name", "stored"), WRONG)
def test_what_does_not_fit_the_kind_is_refused(name: str, stored: dict[str, Any]) -> None:
    with pytest.raises(BadValue):
        FORM.decoder(kind_of(name))(stored)


TOLERATED: list[tuple[str, dict[str, Any], Any]] = [
    ("int", {"N": "1E+2"}, 100),
    ("int", {"N": "5.00"}, 5),
    ("float", {"N": "7"}, 7.0),
    ("decimal", {"N": "1E2"}, Decimal(100)),
    ("datetime", {"S": "2026-01-02T03:04:05+00:00"}, datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)),
    ("line", {"M": {"article": {"S": "a"}, "count": {"NULL": True}, "other": {"S": "x"}}}, Line("a")),
    ("maybe", {"L": [{"NULL": True}, {"N": "1"}]}, [None, 1]),
    ("bytes", {"B": base64.b64encode(b"\xff").decode()}, b"\xff"),
    ("blobs", {"BS": [base64.b64encode(b"\xff").decode()]}, {b"\xff"}),
    ("any", {"NULL": True}, None),
]


@pytest.mark.parametrize(("name", "stored", "value"), TOLERATED)
def test_what_others_write_is_read(name: str, stored: dict[str, Any], value: Any) -> None:
    assert FORM.decoder(kind_of(name))(stored) == value


def test_a_refusal_inside_says_where() -> None:
    with pytest.raises(BadValue) as caught:
        FORM.encoder(kind_of("outer"))(Outer(Line("a"), [Line("b"), Line(3)]))  # type: ignore[arg-type]
    assert caught.value.path == ("lines", 1, "article")


def test_an_error_about_a_number_names_the_field_and_no_value() -> None:
    members = repository_of(Schema(dict, partition="id", fields={"id": str, "line": Line}, table="t"), Scripted())
    with pytest.raises(InvalidArgument, match=r"line.*39 significant digits") as caught:
        members.put({"id": "a", "line": Line("x", Decimal(10**38 + 7))})
    assert "1000" not in caught.value.message


_numbers = st.one_of(
    st.integers(-(10**38) + 1, 10**38 - 1),
    st.decimals(allow_nan=False, allow_infinity=False).filter(lambda d: not d or -100 < d.adjusted() < 100),
)
_sets = st.one_of(*(st.sets(one, min_size=1) for one in (st.text(), st.integers(-9, 9), st.binary())))
_few_digits = _numbers.filter(lambda n: len(str(n).strip("0-.")) < 38)
_portable = st.recursive(
    st.one_of(st.none(), st.booleans(), st.text(), st.binary(), _few_digits, _sets),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1), inner, max_size=3)),
    max_leaves=8,
)


@given(_portable)
def test_every_portable_value_survives_the_wire(value: Any) -> None:
    assert from_wire(to_wire(value)) == value


@given(st.dictionaries(st.text(min_size=1), _portable, max_size=4))
def test_the_size_is_what_the_service_counts(item: dict[str, Any]) -> None:
    stored = {name: to_wire(value) for name, value in item.items()}
    assert FORM.size(stored) == reference_size(stored)


@pytest.mark.parametrize("text", ["0", "-1", "100", "1.5", "-0.001", "1E+10", "1.23E-5", "123456"])
def test_a_number_counts_by_its_digits(text: str) -> None:
    assert FORM.size({"n": {"N": text}}) == reference_size({"n": {"N": text}})


@given(_numbers)
def test_a_number_is_the_same_text_and_back(value: Any) -> None:
    if len(str(value).partition("E")[0].strip("-0.").replace(".", "").strip("0")) <= 38:
        assert number(number_text(value)) == value


def test_bytes_count_the_same_as_base64() -> None:
    assert FORM.size({"b": {"B": base64.b64encode(b"xyz").decode()}}) == FORM.size({"b": {"B": b"xyz"}})


def test_a_path_leads_into_lists_and_maps() -> None:
    item = {"a": {"L": [{"M": {"b": {"S": "x"}}}]}}
    assert at(item, ("a", 0, "b")) == {"S": "x"}
    assert at(item, ("a", 1)) is at(item, ("a", "b")) is at(item, ("a", 0, 0)) is at(None, ("a",)) is None


def test_a_record_of_every_kind_makes_a_legal_item_and_comes_back() -> None:
    codec = repository_of(MODEL.schema, Scripted()).engine.codec
    record = {"id": "k", **{name: samples[-1][0] for name, samples in SAMPLES.items()}}
    item = codec.encode(record)
    check_attributes(item)
    assert codec.decode(item) == record


def test_a_driver_gives_its_form() -> None:
    assert isinstance(driver_of(MODEL.schema, Scripted()).form, DynamoForm)
