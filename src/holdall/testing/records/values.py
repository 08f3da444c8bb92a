"""What comes back is what was stored, or it was refused."""

from __future__ import annotations

import math
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .families import FAMILIES, family
from .models import EVERYTHING, Colour, Everything, Level, Line

if TYPE_CHECKING:
    from ..stores import Stores

_EAST = timezone(timedelta(hours=5, minutes=45))
_NOON = datetime(2026, 3, 29, 12, tzinfo=timezone.utc)

SAMPLES: list[tuple[str, list[Any]]] = [
    ("text", ["x", "", " ", "two\nlines\t", "é", "e\u0301", "\U0001f600\u200d\U0001f525", "\uffee", "שלום",
              "a'b\"c\\d%_;--", "x" * 100_000]),
    ("data", [b"x", b"", bytes(range(256)), b"\x00" * 1000]),
    ("flag", [True, False]),
    ("whole", [0, 1, -1, 2**31, -(2**31) - 1, 2**53 + 1, 2**63 - 1, -(2**63)]),
    ("real", [0.0, 0.1, -1.5, 1e15, 1.7e100, 5e-100, 2.0**53, 1 / 3]),
    ("exact", [Decimal(0), Decimal("0.1"), Decimal("-12345678901234567890.123456789012345678"), Decimal("1E+20"),
               Decimal("1E-20"), Decimal("1.10")]),
    ("instant", [_NOON, datetime(1, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=timezone.utc),
                 datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc),
                 datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=timezone.utc)]),
    ("day", [date(2026, 2, 28), date.min, date.max]),
    ("clock", [time(0), time(23, 59, 59, 999999), time(12, 30)]),
    ("span", [timedelta(0), timedelta(microseconds=1), timedelta(days=-3, seconds=5), timedelta(days=999_999)]),
    ("uuid", [UUID(int=0), UUID("12345678-1234-5678-9abc-def012345678")]),
    ("colour", list(Colour)),
    ("level", list(Level)),
    ("choice", ["a", "b"]),
    ("texts", [[], [""], ["a", "b", "a"]]),
    ("numbers", [[], [Decimal("0.1"), Decimal(2)]]),
    ("instants", [[_NOON, _NOON]]),
    ("holes", [[None], [1, None, 2], []]),
    ("pair", [("a", 1)]),
    ("many", [(), (1, 2, 3)]),
    ("words", [set(), {"a"}, {"a", "A", "á"}]),
    ("primes", [frozenset(), frozenset({2, 3, 5})]),
    ("blobs", [{b"a", b"\x00"}]),
    ("mapping", [{}, {"a b": 1, "a.b": 2, "é": 3, "A": 4, "a": 5, '"': 6, "#x": 7, ":y": 8}]),
    ("deep", [{}, {"a": [{"b": "c"}, {}], "d": []}]),
    ("line", [Line("x"), Line("x", Decimal("1.5"), gift=True)]),
    ("lines", [[], [Line("x"), Line("y", Decimal(2), gift=False)]]),
    ("by_name", [{"a": Line("x")}]),
    ("either", ["1", 1, "", 0]),
    ("number", [1, 1.5, 0, -0.25]),
    ("anything", ["x", 1, Decimal("1.5"), b"x", True, [1, [None, "x"], {"a": None}], {"a": {"b": [True, "1", 1]}},
                  {"x", "y"}, {1, 2}, [], {}, ""]),
]  # fmt: skip

FULL: dict[str, Any] = {name: samples[-1] for name, samples in SAMPLES}
_ONE_EACH = [pytest.param(name, value, id=f"{name}-{i}") for name, values in SAMPLES for i, value in enumerate(values)]


def same(left: Any, right: Any) -> bool:
    """Return whether two values are equal and of one type, also inside (1, 1.0 and True are not the same)."""
    return bool(left == right and _types(left) == _types(right))


def _types(value: Any) -> Any:
    kind: Any = value.__class__
    if kind is dict:
        return {key: _types(item) for key, item in value.items()}
    return [kind, *map(_types, value)] if kind in (list, tuple) else kind


class ValueTests(RecordKit):
    """Round trips of every kind of value, in every family of classes."""

    @pytest.mark.parametrize(("field", "value"), _ONE_EACH)
    def test_a_value_comes_back_exactly(self, stores: Stores, field: str, value: Any) -> None:
        store = stores.open(Everything)
        created = store.create(Everything("k", **{field: value}))
        found = store.require("k")
        assert same(getattr(created, field), value)
        assert same(getattr(found, field), value)

    @pytest.mark.parametrize(("field", "value"), _ONE_EACH)
    def test_a_value_set_by_an_update_comes_back_exactly(self, stores: Stores, field: str, value: Any) -> None:
        store = stores.open(Everything)
        store.create(Everything("k"))
        updated = store.update("k", F[field].set(value))
        assert same(getattr(updated, field), value)
        assert same(getattr(store.require("k"), field), value)

    @pytest.mark.parametrize("name", FAMILIES)
    def test_every_family_of_classes_keeps_every_kind(self, stores: Stores, name: str) -> None:
        member = family(name)
        store = stores.open(member.model)
        store.create(member.make(id="k", **FULL))
        found = member.read(store.require("k"))
        assert {field for field, value in FULL.items() if not same(found[field], value)} == set()

    @pytest.mark.parametrize("name", FAMILIES)
    def test_every_family_of_classes_has_all_verbs(self, stores: Stores, name: str) -> None:
        member = family(name)
        store = stores.open(member.model)
        store.put(member.make(id="k", text="a"))
        store.replace(member.make(id="k", text="b"))
        updated = store.update("k", F.whole.add(2), when=F.text == "b")
        assert member.read(updated)["whole"] == 2
        assert [member.read(one)["text"] for one in store.query(F.id == "k")] == ["b"]
        store.delete(updated)
        assert store.get("k") is None

    @pytest.mark.parametrize("name", FAMILIES)
    def test_unset_fields_read_alike_in_every_family(self, stores: Stores, name: str) -> None:
        member = family(name)
        store = stores.open(member.model)
        store.create(member.make(id="k"))
        found = member.read(store.require("k"))
        empty = {"words": set[str](), "primes": frozenset[int](), "blobs": set[bytes]()}
        assert {field: found.get(field) for field in EVERYTHING} == {**dict.fromkeys(EVERYTHING), **empty}

    @pytest.mark.needs("nul")
    def test_a_string_may_hold_nul(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.create(Everything("k", text="a\x00b", texts=["\x00"], mapping={"\x00": 1}))
        found = store.require("k")
        assert (found.text, found.texts, found.mapping) == ("a\x00b", ["\x00"], {"\x00": 1})

    def test_an_empty_key_of_a_dict_is_kept_or_refused_before_any_request(self, stores: Stores) -> None:
        store = stores.open(Everything)
        faults = stores.faults(store)
        given = Everything("k", mapping={"": 1})
        try:
            store.put(given)
        except errors.InvalidArgument as error:
            assert "mapping" in str(error)
            assert faults.count() == 0
        else:
            assert store.get("k") == given

    def test_an_instant_comes_back_in_utc(self, stores: Stores) -> None:
        store = stores.open(Everything)
        given = _NOON.astimezone(_EAST)
        store.create(Everything("k", instant=given))
        found = store.require("k").instant
        assert found == given
        assert found is not None
        assert found.tzinfo is timezone.utc

    def test_bytes_of_any_type_come_back_as_bytes(self, stores: Stores) -> None:
        store = stores.open(Everything)
        data: Any = bytearray(b"ab")
        store.create(Everything("k", data=data))
        assert same(store.require("k").data, b"ab")
        store.update("k", F.data.set(memoryview(b"cd")))
        assert same(store.require("k").data, b"cd")

    @pytest.mark.needs("wide_decimals")
    def test_a_decimal_of_38_digits_is_kept_exactly(self, stores: Stores) -> None:
        store = stores.open(Everything)
        for text in ("9" * 38, "0." + "9" * 38, "-" + "1" * 19 + "." + "2" * 19, "9" * 38 + "E+80", "1" * 38 + "E-100"):
            store.put(Everything("k", exact=Decimal(text)))
            assert store.require("k").exact == Decimal(text)

    def test_a_decimal_of_39_digits_is_refused(self, stores: Stores) -> None:
        store = stores.open(Everything)
        if store.capabilities.max_digits is None:
            store.put(Everything("k", exact=Decimal("1" * 39)))
            assert store.require("k").exact == Decimal("1" * 39)
        else:
            with pytest.raises(errors.InvalidArgument, match="39 significant digits"):
                store.put(Everything("k", exact=Decimal("1" * 39)))

    def test_zeros_at_the_ends_of_a_number_are_no_digits(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put(Everything("k", exact=Decimal("1." + "0" * 60), numbers=[Decimal("0." + "0" * 50 + "1")]))
        found = store.require("k")
        assert (found.exact, found.numbers) == (Decimal(1), [Decimal("1E-51")])

    @pytest.mark.needs("wide_decimals")
    def test_the_greatest_and_the_least_magnitude_are_kept(self, stores: Stores) -> None:
        store = stores.open(Everything)
        limits = store.capabilities
        for exponent in (limits.max_exponent, limits.min_exponent):
            for sign in ("", "-"):
                value = Decimal(f"{sign}1E{exponent:+}")
                store.put(Everything("k", exact=value))
                assert store.require("k").exact == value

    @pytest.mark.parametrize("beyond", ["greater", "smaller"])
    def test_a_magnitude_beyond_the_limit_is_refused(self, stores: Stores, beyond: str) -> None:
        store = stores.open(Everything)
        limits = store.capabilities
        exponent = limits.max_exponent + 1 if beyond == "greater" else limits.min_exponent - 1
        for record in (
            Everything("k", exact=Decimal(f"1E{exponent:+}")),
            Everything("k", real=float(f"1e{exponent}")),
            Everything("k", anything=[Decimal(f"1E{exponent:+}")]),
        ):
            with pytest.raises(errors.InvalidArgument, match="magnitude"):
                store.put(record)
        assert not store.exists("k")

    def test_a_whole_number_is_kept_to_its_last_digit_or_refused(self, stores: Stores) -> None:
        store = stores.open(Everything)
        for value in (2**63, -(2**63) - 1, 10**37 + 1):
            if store.capabilities.int_bits is not None and value.bit_length() >= store.capabilities.int_bits:
                with pytest.raises(errors.InvalidArgument):
                    store.put(Everything("k", whole=value))
            else:
                store.put(Everything("k", whole=value))
                assert store.require("k").whole == value

    def test_minus_zero_is_zero(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.create(Everything("k", real=-0.0, exact=Decimal("-0"), anything=Decimal("-0")))
        found = store.require("k")
        assert [found.real, found.exact, found.anything] == [0, 0, 0]
        assert store.scan(F.real == 0, F.exact >= 0, ~(F.exact < 0)).count() == 1

    @pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
    def test_nan_and_infinities_are_refused(self, stores: Stores, value: float) -> None:
        store = stores.open(Everything)
        store.create(Everything("k"))
        decimal = Decimal(value)
        for change in (F.real.set(value), F.exact.set(decimal), F.exact.add(decimal), F.anything.set([decimal])):
            with pytest.raises(errors.InvalidArgument):
                store.update("k", change)
        for record in (Everything("k", real=value), Everything("k", exact=decimal), Everything("k", number=value)):
            with pytest.raises(errors.InvalidArgument):
                store.put(record)
        with pytest.raises(errors.InvalidArgument):
            store.scan(F.real < value)

    def test_numbers_of_all_types_compare_by_value(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.create(Everything("k", whole=2, real=0.5, exact=Decimal("1.10"), number=3))
        for condition in (
            F.whole == 2.0, F.whole == Decimal("2.00"), F.whole < 2.5, F.whole > Decimal("1.999"),
            F.real == Decimal("0.5"), F.real.between(0, 1), F.exact == Decimal("1.1"), F.exact == 1.1,
            F.exact.in_([1, Decimal("1.100")]), F.number == 3.0, F.number.not_in([4, 3.5]), F.exact != 1,
        ):  # fmt: skip
            assert store.scan(condition).count() == 1
        for condition in (F.whole != 2.0, F.real < 0.5, F.exact > 1.1, F.number.in_([2, 3.5])):
            assert store.scan(condition).count() == 0

    def test_neighbours_of_a_great_number_are_told_apart(self, stores: Stores) -> None:
        store = stores.open(Everything)
        great = Decimal(12345678901234567890123456789012345678)
        store.create(Everything("k", exact=great, whole=2**53 + 1))
        assert store.scan(F.exact == great, F.whole == 2**53 + 1).count() == 1
        assert store.scan(F.exact >= great + 1).count() == 0
        assert store.scan(F.exact < great).count() == 0
        assert store.scan(F.whole == 2**53).count() == 0

    def test_nesting_as_deep_as_declared_is_kept_and_deeper_is_refused(self, stores: Stores) -> None:
        store = stores.open(Everything)
        limit = store.capabilities.max_depth
        value: Any = "core"
        for _ in range(24 if limit is None else limit):
            value = [value]
        store.create(Everything("k", anything=value))
        assert store.require("k").anything == value
        if limit is not None:
            with pytest.raises(errors.InvalidArgument, match="nested deeper"):
                store.put(Everything("k", anything=[value]))
