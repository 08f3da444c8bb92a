"""Which records a condition is true of: the table of missing, null, equal, other and otherwise typed values."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .models import START, Colour, Everything, Line, Loose, Order, Reading, key, order

if TYPE_CHECKING:
    from ...expressions import Condition
    from ...repository import Repository
    from ..stores import Stores

ROWS: dict[str, dict[str, Any]] = {
    "missing": {},
    "null": {"a": None},
    "x": {"a": "x"},
    "y": {"a": "y"},
    "X": {"a": "X"},
    "x-blank": {"a": "x "},
    "xyz": {"a": "xyz"},
    "1": {"a": 1},
    "2": {"a": 2},
    "1.5": {"a": Decimal("1.5")},
    "true": {"a": True},
    "bytes": {"a": b"x"},
    "list": {"a": ["x", 1]},
    "list-empty": {"a": []},
    "map": {"a": {"x": 1}},
    "set": {"a": {"x", "y"}},
}
"""What lies at `data.a` in each record of the table."""

TEXTS = frozenset({"x", "y", "X", "x-blank", "xyz"})
NUMBERS = frozenset({"1", "2", "1.5"})
PRESENT = frozenset(ROWS) - {"missing", "null"}
A = F.data.a

CASES: list[tuple[str, Condition, frozenset[str] | set[str]]] = [
    ("= text", A == "x", {"x"}),
    ("= number", A == 1, {"1"}),
    ("= true", A == True, {"true"}),  # noqa: E712  # a condition, not a test
    ("= false", A == False, set()),  # noqa: E712  # likewise
    ("= bytes", A == b"x", {"bytes"}),
    ("= no such", A == "nothing", set()),
    ("!= text", A != "x", TEXTS - {"x"}),
    ("!= number", A != 1, NUMBERS - {"1"}),
    ("!= true", A != True, set()),  # noqa: E712  # likewise
    ("!= false", A != False, {"true"}),  # noqa: E712  # likewise
    ("!= bytes", A != b"y", {"bytes"}),
    ("< text", A < "x", {"X"}),
    ("<= text", A <= "x", {"X", "x"}),
    ("> text", A > "x", {"y", "xyz", "x-blank"}),
    (">= text", A >= "x", {"x", "y", "xyz", "x-blank"}),
    ("< number", A < Decimal("1.5"), {"1"}),
    ("<= number", A <= Decimal("1.50"), {"1", "1.5"}),
    ("> number", A > 1, {"2", "1.5"}),
    (">= number", A >= 2, {"2"}),
    ("between text", A.between("X", "x"), {"X", "x"}),
    ("between number", A.between(1, 2), NUMBERS),
    ("not between text", ~A.between("X", "x"), TEXTS - {"X", "x"}),
    ("not between number", ~A.between(1, Decimal("1.5")), {"2"}),
    ("in text", A.in_(["x", "y", "none"]), {"x", "y"}),
    ("in number", A.in_([1, 3]), {"1"}),
    ("in mixed", A.in_(["x", 1]), {"x", "1"}),
    ("in nothing", A.in_([]), set()),
    ("not in text", A.not_in(["x", "y", "none"]), TEXTS - {"x", "y"}),
    ("not in number", A.not_in([1, 3]), {"2", "1.5"}),
    ("not in mixed", A.not_in(["x", 1]), (TEXTS | NUMBERS) - {"x", "1"}),
    ("not in nothing", A.not_in([]), PRESENT),
    ("startswith", A.startswith("x"), {"x", "xyz", "x-blank"}),
    ("startswith empty", A.startswith(""), TEXTS),
    ("startswith bytes", A.startswith(b"x"), {"bytes"}),
    ("not startswith", ~A.startswith("x"), TEXTS - {"x", "xyz", "x-blank"}),
    ("not startswith empty", ~A.startswith(""), set()),
    ("contains text", A.contains("x"), {"x", "xyz", "x-blank", "list", "set"}),
    ("contains blank", A.contains(" "), {"x-blank"}),
    ("contains number", A.contains(1), {"list"}),
    ("not contains text", ~A.contains("x"), {"y", "X", "list-empty"}),
    ("not contains number", ~A.contains(1), {"list-empty", "set"}),
    ("is_null", A.is_null(), {"missing", "null"}),
    ("is_set", A.is_set(), PRESENT),
    ("not is_null", ~A.is_null(), PRESENT),
    ("not is_set", ~A.is_set(), {"missing", "null"}),
    ("size", A.size() > 0, {"list", "map", "set", "bytes"}),
    ("size =", A.size() == 2, {"list", "set"}),
    ("not size", ~(A.size() > 0), {"list-empty"}),
    ("not = text", ~(A == "x"), TEXTS - {"x"}),
    ("not != text", ~(A != "x"), {"x"}),
    ("not < number", ~(A < 2), {"2"}),
    ("not > text", ~(A > "x"), {"x", "X"}),
    ("not in, negated", ~A.not_in(["x", "y"]), {"x", "y"}),
    ("twice negated", ~~(A == "x"), {"x"}),
    ("and", (A > "X") & (A < "xy"), {"x", "x-blank"}),
    ("or", (A == "x") | (A == 1), {"x", "1"}),
    ("not and", ~((A == "x") & A.is_set()), (TEXTS - {"x"}) | {"missing", "null"}),
    ("not or", ~((A == "x") | (A == "y")), TEXTS - {"x", "y"}),
    ("not mixed or", ~((A == "x") | (A == 1)), set()),
    ("missing inside", F.data.a.x == 1, {"map"}),
    ("inside a list", F.data.a[0] == "x", {"list"}),
    ("past a list's end", F.data.a[2].is_null(), frozenset(ROWS)),
    ("inside nothing", F.data.b.c != 1, set()),
]  # fmt: skip

FALSY: dict[str, dict[str, Any]] = {
    "missing": {}, "null": {"a": None}, "empty": {"a": ""}, "false": {"a": False}, "0": {"a": 0}, "bytes": {"a": b""},
    "list": {"a": []}, "map": {"a": {}}, "text": {"a": "x"}, "true": {"a": True}, "1": {"a": 1},
}  # fmt: skip
FALSY_CASES: list[tuple[Condition, set[str]]] = [
    (A == "", {"empty"}),
    (A == False, {"false"}),  # noqa: E712  # likewise
    (A == 0, {"0"}),
    (A == b"", {"bytes"}),
    (A != "x", {"empty"}),
    (A != True, {"false"}),  # noqa: E712  # likewise
    (A != 1, {"0"}),
    (A != b"x", {"bytes"}),
    (A < "x", {"empty"}),
    (A >= "", {"empty", "text"}),
    (A <= 0, {"0"}),
    (~(A > 0), {"0"}),
    (A.not_in(["x", 1, True]), {"empty", "0", "false"}),
    (A.startswith(""), {"empty", "text"}),
    (~A.startswith("x"), {"empty"}),
    (A.contains(""), {"empty", "text"}),
    (~A.contains("x"), {"empty", "list"}),
    (A.is_set(), set(FALSY) - {"missing", "null"}),
    (A.is_null(), {"missing", "null"}),
    (A.size() == 0, {"list", "map", "bytes"}),
]

LIKE = ["50%", "500", "5_0", "5x0", "a\\b", "a\\\\b", "[ab]c", "a*b", "axb", "é", "É", "e\u0301", "ß", "ss", "I", "ı",
        "i", "İ", "'", '"', ";--"]  # fmt: skip
ORDERED = [" ", "A", "A ", "Aa", "B", "a", "a ", "aa", "b", "z", "~", "\x7f", "é", "ｚ", "\uffee"]
"""In the order of their code points."""


class ConditionTests(RecordKit):
    """Conditions, as filters and as `when=`."""

    @pytest.fixture
    def loose(self, stores: Stores) -> Repository[Loose]:
        """Open the table of values."""
        store = stores.open(Loose)
        store.put_many([Loose(name, data, data.get("a")) for name, data in ROWS.items()])
        return store

    @pytest.mark.parametrize(("condition", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
    def test_a_filter_gives_exactly_the_records_it_is_true_of(
        self, loose: Repository[Loose], condition: Condition, expected: set[str]
    ) -> None:
        assert {one.id for one in loose.scan(condition)} == set(expected)
        assert loose.count(condition) == len(expected)

    @pytest.mark.parametrize(("condition", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
    def test_a_write_goes_through_exactly_where_its_condition_is_true(
        self, loose: Repository[Loose], condition: Condition, expected: set[str]
    ) -> None:
        gone: set[str] = set()
        for name in ROWS:
            try:
                loose.delete(name, when=condition, must_exist=True)
            except errors.ConditionFailed:
                continue
            gone.add(name)
        assert gone == set(expected)

    def test_empty_and_false_values_are_values_like_any_other(self, stores: Stores) -> None:
        store = stores.open(Loose)
        store.put_many([Loose(name, data) for name, data in FALSY.items()])
        for number, (condition, expected) in enumerate(FALSY_CASES):
            assert (number, {one.id for one in store.scan(condition)}) == (number, expected)

    def test_the_table_holds_at_the_top_level_too(self, loose: Repository[Loose]) -> None:
        expected = {
            "=": (F.value == "x", {"x"}),
            "!=": (F.value != "x", TEXTS - {"x"}),
            "not in": (F.value.not_in([1, True]), NUMBERS - {"1"}),
            "not startswith": (~F.value.startswith("x"), TEXTS - {"x", "xyz", "x-blank"}),
            "is_null": (F.value.is_null(), {"missing", "null"}),
            "is_set": (F.value.is_set(), PRESENT),
        }
        for name, (condition, rows) in expected.items():
            assert (name, {one.id for one in loose.scan(condition)}) == (name, rows)

    def test_typed_fields_follow_the_table(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put_many([
            Everything("unset"),
            Everything("set", text="x", data=b"x", flag=True, whole=5, colour=Colour.RED, instant=START,
                       span=timedelta(0), words={"x"}, texts=[], mapping={}, line=Line("x", gift=True)),
        ])  # fmt: skip
        for condition in (
            F.text != "y", F.data != b"y", F.flag != False, F.whole != 1, F.colour != Colour.GREEN,  # noqa: E712
            F.instant > START - timedelta(1), F.span <= timedelta(0), F.words.contains("x"), F.texts.is_set(),
            ~F.mapping.is_null(), F.line.gift == True, F.text.not_in(["y"]), ~(F.whole > 5),  # noqa: E712
            ~F.texts.contains("x"), F.mapping.size() == 0, F.line.price == 0,
        ):  # fmt: skip
            assert [one.id for one in store.scan(condition)] == ["set"]
            assert [one.id for one in store.scan(~condition)] in ([], ["unset"])
        for field in (F.text, F.words, F.line, F.mapping, F.texts, F.data, F.flag):
            condition = field.is_null()
            assert [one.id for one in store.scan(condition)] == ["unset"]

    def test_a_negation_never_adds_a_record_whose_field_is_unset(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put(Everything("unset"))
        for condition in (F.text == "x", F.whole < 1, F.text.startswith("x"), F.texts.contains("x"), F.words.size() > 1,
                          F.text.in_(["x"]), F.whole.between(1, 2), F.data == b"", F.flag == True):  # noqa: E712
            assert store.scan(condition).count() == store.scan(~condition).count() == 0

    def test_strings_are_equal_by_code_point_only(self, loose: Repository[Loose]) -> None:
        loose.delete_many(list(ROWS))
        texts = list(dict.fromkeys([*ORDERED, *LIKE]))
        loose.put_many([Loose(f"{i}", {"a": text}, text) for i, text in enumerate(texts)])
        for i, text in enumerate(texts):
            assert [one.id for one in loose.scan(A == text)] == [f"{i}"]
            assert [one.id for one in loose.scan(F.value.in_([text]))] == [f"{i}"]
            assert loose.scan(F.value != text).count() == len(texts) - 1

    def test_strings_are_ordered_by_code_point(self, loose: Repository[Loose]) -> None:
        loose.delete_many(list(ROWS))
        loose.put_many([Loose(f"{i}", {"a": text}, text) for i, text in enumerate(ORDERED)])
        for i, text in enumerate(ORDERED):
            assert {int(one.id) for one in loose.scan(A < text)} == set(range(i))
            assert {int(one.id) for one in loose.scan(F.value >= text)} == set(range(i, len(ORDERED)))

    def test_strings_beyond_the_basic_plane_come_after_all_others(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put_many([Everything("emoji", text="\U0001f600"), Everything("ffee", text="\uffee")])
        assert [one.id for one in store.scan(F.text > "\uffee")] == ["emoji"]
        assert [one.id for one in store.scan(F.text <= "\uffff")] == ["ffee"]
        assert [one.id for one in store.scan(F.text.between("\uff00", "\U00010000"))] == ["ffee"]

    def test_prefixes_and_parts_are_taken_literally(self, loose: Repository[Loose]) -> None:
        loose.delete_many(list(ROWS))
        loose.put_many([Loose(f"{i}", {"a": f"{text}."}) for i, text in enumerate(LIKE)])
        for i, text in enumerate(LIKE):
            starts = {f"{n}" for n, other in enumerate(LIKE) if f"{other}.".startswith(text)}
            holds = {f"{n}" for n, other in enumerate(LIKE) if text in f"{other}."}
            assert {one.id for one in loose.scan(A.startswith(text))} == starts | {f"{i}"}
            assert {one.id for one in loose.scan(A.contains(text))} == holds

    @pytest.mark.needs("nul")
    def test_strings_with_nul_compare_by_their_whole_length(self, loose: Repository[Loose]) -> None:
        loose.delete_many(list(ROWS))
        loose.put_many([Loose("short", {"a": "a"}, "a"), Loose("long", {"a": "a\x00b"}, "a\x00b")])
        assert [one.id for one in loose.scan(F.value == "a")] == ["short"]
        assert [one.id for one in loose.scan(F.value > "a")] == ["long"]
        assert [one.id for one in loose.scan(A.startswith("a\x00"))] == ["long"]

    def test_instants_compare_in_utc_whatever_the_zone(self, stores: Stores) -> None:
        store = stores.open(Reading)
        east = timezone(timedelta(hours=9))
        store.put(Reading("s", 1, taken=datetime(2026, 1, 1, 8, tzinfo=east)))
        store.put(Reading("s", 2, taken=datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=timezone.utc)))
        assert [one.at for one in store.scan(F.taken < START)] == [1]
        assert [one.at for one in store.scan(F.taken == datetime(2025, 12, 31, 23, tzinfo=timezone.utc))] == [1]
        assert [one.at for one in store.query(F.sensor == "s", F.taken > datetime(2026, 1, 1, 9, tzinfo=east))] == [2]
        with pytest.raises(errors.InvalidArgument, match="time zone"):
            store.scan(F.taken < datetime(2026, 1, 1))  # noqa: DTZ001  # the naive one is the point

    def test_elements_of_lists_and_sets_of_every_kind_are_found(self, stores: Stores) -> None:
        store = stores.open(Everything)
        store.put(Everything("k", texts=["a", "b"], numbers=[Decimal("1.50")], instants=[START], words={"é"},
                             primes=frozenset({7}), blobs={b"\x00"}, many=(1, 2)))  # fmt: skip
        for condition in (F.texts.contains("b"), F.numbers.contains(1.5), F.instants.contains(START),
                          F.words.contains("é"), F.primes.contains(7), F.blobs.contains(b"\x00"), F.many.contains(2)):
            assert store.scan(condition).count() == 1
            assert store.scan(~condition).count() == 0
        for condition in (F.texts.contains("B"), F.texts.contains("ab"), F.words.contains("e"), F.primes.contains(70)):
            assert store.scan(condition).count() == 0
            assert store.scan(~condition).count() == 1

    def test_conditions_reach_inside_nested_records_and_lists(self, orders: Repository[Order]) -> None:
        orders.put(order(1, lines=[Line("a", Decimal(5)), Line("b", gift=True)], first=Line("a")))
        orders.put(order(2))
        for condition in (F.lines[0].article == "a", F.lines[1].gift == True, F.lines[1].price < 1,  # noqa: E712
                          F.first.article.startswith("a"), F.first.gift.is_null() & F.first.is_set(),
                          F.lines.size() == 2):
            assert [one.id for one in orders.scan(condition)] == ["o-001"]
        assert [one.id for one in orders.scan(F.lines[1].gift.is_null())] == ["o-002"]
        assert [one.id for one in orders.scan(F.lines[0].gift == False)] == []  # noqa: E712

    @pytest.mark.parametrize("size", [1, 2, 99, 100, 101, 250])
    def test_in_takes_many_values(self, stores: Stores, size: int) -> None:
        store = stores.open(Everything)
        store.put_many([Everything("in", whole=size - 1), Everything("out", whole=size), Everything("unset")])
        values = list(range(size))
        assert [one.id for one in store.scan(F.whole.in_(values))] == ["in"]
        assert [one.id for one in store.scan(F.whole.not_in(values))] == ["out"]

    def test_conditions_may_be_deep(self, orders: Repository[Order]) -> None:
        orders.put_many([order(n, items=n) for n in range(10)])
        deep = F.items == 3
        for n in range(8):
            deep = (deep & (F.items != n + 100)) | (F.items == 200 + n)
        assert [one.items for one in orders.scan(deep)] == [3]

    def test_conditions_may_be_wide(self, orders: Repository[Order]) -> None:
        orders.put_many([order(n, items=n) for n in range(10)])
        wide = F.items == 0
        for n in range(1, 60):
            wide = wide | ((F.items == n * 2) & (F.status == "new"))
        assert sorted(one.items or 0 for one in orders.scan(wide)) == [0, 2, 4, 6, 8]

    def test_an_empty_and_and_an_empty_or(self, orders: Repository[Order]) -> None:
        orders.put(order())
        assert orders.scan().count() == 1
        assert orders.scan(F.status.in_([])).count() == 0
        assert orders.scan(F.status.in_([]) | (F.status == "new")).count() == 1
        assert orders.scan(F.status.not_in([]), F.note.not_in([])).count() == 0

    def test_when_sees_the_record_as_it_was_before_the_changes(self, orders: Repository[Order]) -> None:
        orders.put(order(items=1))
        assert orders.update(key(), F.items.add(1), when=F.items == 1).items == 2
        with pytest.raises(errors.ConditionFailed):
            orders.update(key(), F.items.add(1), when=F.items == 3)

    def test_conditions_on_key_fields_filter_too(self, orders: Repository[Order]) -> None:
        orders.put_many([order(n) for n in range(5)])
        of_c = F.customer == "c"
        found = orders.query(of_c, F.id != "o-001", F.id.not_in(["o-003"]))
        assert [one.id for one in found] == ["o-000", "o-002", "o-004"]
        assert [one.id for one in orders.query(of_c, F.id.contains("4") | (F.id == "o-000"))] == ["o-000", "o-004"]
        assert [one.id for one in orders.query(of_c, F.customer != "d", ~(F.id < "o-003"))] == ["o-003", "o-004"]
        assert sorted(one.id for one in orders.scan(F.id > "o-002", F.customer.startswith("c"))) == ["o-003", "o-004"]
