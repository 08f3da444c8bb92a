"""Queries and scans: which key or index serves them, in what order, with what cost."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .conditions import ORDERED
from .models import START, Order, Reading, Slim, key, order

if TYPE_CHECKING:
    from ...expressions import Condition
    from ...repository import Repository
    from ..stores import Stores

C = F.customer == "c"
IDS = [f"o-{n:03}" for n in range(10)]

RANGES: list[tuple[str, list[Condition], list[int]]] = [
    ("all", [], list(range(10))),
    ("=", [F.id == "o-004"], [4]),
    ("= none", [F.id == "o-004x"], []),
    ("<", [F.id < "o-002"], [0, 1]),
    ("<=", [F.id <= "o-002"], [0, 1, 2]),
    (">", [F.id > "o-007"], [8, 9]),
    (">=", [F.id >= "o-007"], [7, 8, 9]),
    ("between", [F.id.between("o-003", "o-005")], [3, 4, 5]),
    ("startswith", [F.id.startswith("o-00")], list(range(10))),
    ("startswith one", [F.id.startswith("o-003")], [3]),
    ("startswith empty", [F.id.startswith("")], list(range(10))),
    (">= and <=", [F.id >= "o-003", F.id <= "o-005"], [3, 4, 5]),
    ("> and <", [F.id > "o-003", F.id < "o-006"], [4, 5]),
    (">= and <", [F.id >= "o-003", F.id < "o-006"], [3, 4, 5]),
    ("> and <=", [F.id > "o-003", F.id <= "o-006"], [4, 5, 6]),
    ("one condition", [(F.id >= "o-003") & (F.id <= "o-005")], [3, 4, 5]),
    ("narrowed", [F.id.between("o-001", "o-008"), F.id > "o-003", F.id <= "o-005"], [4, 5]),
    ("prefix and bound", [F.id.startswith("o-00"), F.id >= "o-008"], [8, 9]),
    ("touching", [F.id >= "o-003", F.id <= "o-003"], [3]),
    ("reversed", [F.id >= "o-005", F.id <= "o-003"], []),
    ("strictly touching", [F.id > "o-003", F.id <= "o-003"], []),
    ("in", [F.id.in_(["o-007", "o-001", "none", "o-007"])], [1, 7]),
    ("in and bound", [F.id.in_(["o-007", "o-001"]), F.id > "o-001"], [7]),
    ("in twice", [F.id.in_(["o-001", "o-002"]), F.id.in_(["o-002", "o-003"])], [2]),
    ("or", [(F.id == "o-001") | (F.id == "o-003")], [1, 3]),
    ("in nothing", [F.id.in_([])], []),
    ("contradiction", [F.id == "o-001", F.id == "o-002"], []),
    ("negated bound", [~(F.id < "o-008")], [8, 9]),
    ("above the empty string", [F.id > ""], list(range(10))),
]  # fmt: skip

NUMBERS = [-(10**12), -10, -9, -2, -1, 0, 1, 2, 9, 10, 11, 100, 10**12]
DECIMALS = [Decimal(text) for text in ["-1E+20", "-10.5", "-9", "-0.001", "0", "1E-20", "0.5", "0.51", "9.99", "1E+20"]]


class QueryTests(RecordKit):
    """Queries by key and index, and scans."""

    @pytest.fixture
    def ten(self, orders: Repository[Order]) -> Repository[Order]:
        """Open ten orders of customer c, and some of others."""
        orders.put_many(
            order(n, items=n, status=("even", "odd")[n % 2], placed=START + timedelta(n), note=f"n{n}")
            for n in range(10)
        )
        orders.put_many([Order("b", "o-004"), Order("cc", "o-004"), Order("d", "o-001")])
        return orders

    @pytest.mark.parametrize("descending", [False, True], ids=["ascending", "descending"])
    @pytest.mark.parametrize(("conditions", "expected"), [pytest.param(*case[1:], id=case[0]) for case in RANGES])
    def test_a_range_of_the_sort_key_in_order(
        self, ten: Repository[Order], conditions: list[Condition], expected: list[int], *, descending: bool
    ) -> None:
        found = ten.query(C, *conditions, order="-id" if descending else "id").all()
        assert [one.items for one in found] == (expected[::-1] if descending else expected)

    @pytest.mark.parametrize(("conditions", "expected"), [pytest.param(*case[1:], id=case[0]) for case in RANGES])
    def test_count_exists_and_first_agree_with_the_range(
        self, ten: Repository[Order], conditions: list[Condition], expected: list[int]
    ) -> None:
        query = ten.query(C, *conditions)
        assert query.count() == len(expected)
        assert query.exists() is bool(expected)
        first = query.first()
        assert (None if first is None else first.items) == (expected[0] if expected else None)

    @pytest.mark.parametrize(
        "conditions",
        [
            [F.id >= "o-003", F.id <= "o-005"],
            [F.id > "o-003", F.id < "o-006"],
            [F.id.between("o-001", "o-008"), F.id > "o-003"],
        ],
        ids=["inclusive", "strict", "three"],
    )
    def test_a_pair_of_bounds_is_one_request_for_one_range(
        self, stores: Stores, ten: Repository[Order], conditions: list[Condition]
    ) -> None:
        faults = stores.faults(ten)
        assert ten.query(C, *conditions).all()
        ((port, read),) = faults.calls
        assert (port, read.sort.op) == ("read", "between")

    def test_contradicting_conditions_ask_the_backend_nothing(self, stores: Stores, ten: Repository[Order]) -> None:
        faults = stores.faults(ten)
        several = ([F.id > "o-005", F.id < "o-003"], [F.id == "a", F.id == "b"], [F.id.in_([])], [F.customer == "d"])
        for conditions in several:
            assert ten.query(C, *conditions).all() == []
            assert ten.query(C, *conditions).count() == 0
        assert faults.count() == 0

    def test_a_full_key_is_read_as_a_key(self, stores: Stores, ten: Repository[Order]) -> None:
        faults = stores.faults(ten)
        assert [one.items for one in ten.query(C, F.id == "o-003")] == [3]
        assert [one.items for one in ten.query(C, F.id.in_(["o-003", "o-004", "none"]), F.items > 3)] == [4]
        assert [port for port, _ in faults.calls] == ["get", "get"]

    def test_in_on_both_parts_of_the_key(self, ten: Repository[Order]) -> None:
        found = ten.query(F.customer.in_(["d", "b", "c"]), F.id.in_(["o-004", "o-001", "none"])).all()
        assert [f"{one.customer} {one.id}" for one in found] == ["b o-004", "c o-001", "c o-004", "d o-001"]

    def test_in_on_the_partition_reads_each(self, ten: Repository[Order]) -> None:
        found = ten.query(F.customer.in_(["d", "b", "none", "b"])).all()
        assert [(one.customer, one.id) for one in found] == [("b", "o-004"), ("d", "o-001")]
        assert ten.query(F.customer.in_(["c", "d"]), F.id >= "o-001", F.id < "o-003").count() == 3
        assert ten.query((F.customer == "b") | (F.customer == "cc")).count() == 2

    def test_several_partitions_have_no_common_order(self, ten: Repository[Order]) -> None:
        with pytest.raises(errors.QueryRefused, match="no common order"):
            ten.query(F.customer.in_(["b", "c"]), order="id")

    def test_an_index_serves_its_fields(self, ten: Repository[Order]) -> None:
        even = F.status == "even"
        assert [one.items for one in ten.query(even)] == [0, 2, 4, 6, 8]
        assert [one.items for one in ten.query(even, order="-placed")] == [8, 6, 4, 2, 0]
        found = ten.query(even, F.placed > START + timedelta(2), F.placed <= START + timedelta(6))
        assert [one.items for one in found] == [4, 6]
        assert [one.items for one in ten.query(F.status.in_(["even", "odd"]), F.placed == START + timedelta(3))] == [3]
        assert [one.items for one in ten.query(F.note == "n4")] == [4]
        assert ten.query(even, F.items > 2, F.customer == "c").count() == 3

    def test_an_index_holds_only_records_that_have_its_fields(self, ten: Repository[Order]) -> None:
        ten.put(order(20, note="n", items=None))
        ten.put(order(21, note=None, items=5))
        assert [one.id for one in ten.query(F.note == "n")] == ["o-020"]
        assert sorted(one.id for one in ten.query(F.items == 5)) == ["o-005", "o-021"]

    def test_a_filter_beside_a_range(self, ten: Repository[Order]) -> None:
        assert [one.items for one in ten.query(C, F.id > "o-002", F.status == "odd", F.items < 8)] == [3, 5, 7]
        assert [one.items for one in ten.query(C, (F.items == 3) | (F.note == "n5"))] == [3, 5]

    @pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6, 1000])
    def test_limit_counts_the_records_returned_also_behind_a_filter(self, ten: Repository[Order], limit: int) -> None:
        query = ten.query(C, F.status == "odd", F.customer != "x", limit=limit)
        assert [one.items for one in query] == [1, 3, 5, 7, 9][:limit]
        assert query.count() == min(limit, 5)
        assert len(ten.scan(F.status == "odd", limit=limit).all()) == min(limit, 5)
        assert ten.scan(F.status == "odd", limit=limit).count() == min(limit, 5)

    def test_one_takes_exactly_one(self, ten: Repository[Order]) -> None:
        assert ten.query(C, F.items == 3).one().items == 3
        with pytest.raises(errors.NotFound):
            ten.query(C, F.items == 30).one()
        with pytest.raises(errors.Conflict):
            ten.query(C, F.items > 3).one()

    def test_first_follows_the_order(self, ten: Repository[Order]) -> None:
        for order_by, expected in (("id", 0), ("-id", 9)):
            found = ten.query(C, order=order_by).first()
            assert found is not None
            assert found.items == expected

    def test_fields_gives_dicts_of_those_fields(self, ten: Repository[Order]) -> None:
        ten.put(order(3, items=3, note=None, first=None, tags={"t"}))
        found = ten.query(C, F.id == "o-003", fields=["id", "note", "tags", "items"]).all()
        assert found == [{"id": "o-003", "note": None, "tags": {"t"}, "items": 3}]
        found = ten.query(C, F.id.between("o-003", "o-004"), F.status != "x", fields=["items"]).all()
        assert found == [{"items": 3}, {"items": 4}]
        assert sorted(row["items"] for row in ten.scan(F.items < 2, fields=["items"])) == [0, 1]

    @pytest.mark.parametrize("fields", [["itms"], [], "items", ["first.article"]], ids=ascii)
    def test_fields_that_are_none_are_refused(self, ten: Repository[Order], fields: Any) -> None:
        with pytest.raises(errors.InvalidArgument):
            ten.query(C, fields=fields)

    def test_an_index_that_carries_some_fields_serves_only_those(self, stores: Stores) -> None:
        slim = stores.open(Slim)
        slim.put_many(Slim(f"{n}", "g", n, f"name{n}", "x" * 100) for n in range(3))
        assert slim.query(F.group == "g", fields=["id", "rank"]).all() == [{"id": f"{n}", "rank": n} for n in range(3)]
        assert slim.query(F.rank == 1, F.name.startswith("n"), fields=["name"]).all() == [{"name": "name1"}]
        for refused in (
            lambda: slim.query(F.group == "g"),
            lambda: slim.query(F.group == "g", fields=["name"]),
            lambda: slim.query(F.rank == 1, F.big == "x", fields=["name"]),
        ):
            with pytest.raises(errors.QueryRefused, match="projection lacks"):
                refused()

    @pytest.mark.parametrize(
        ("conditions", "options", "line"),
        [
            ([F.total == 5], {}, r'by_total = Index\("total"\)'),
            ([F.total == 5, F.placed > START], {}, r'by_total = Index\("total", "placed"\)'),
            ([F.status == "new"], {"order": "total"}, r'Index\("status", "total"\)'),
            ([C], {"order": "placed"}, r'by_customer = Index\("customer", "placed"\)'),
            ([F.id == "o-001"], {}, r'by_id = Index\("id"\)'),
            ([F.total > 5], {}, r"scan\("),
            ([], {}, r"scan\("),
            ([(F.note == "a") | (F.items == 1)], {}, r"scan\("),
            ([~(F.customer != "c")], {"order": "-note"}, r'Index\("customer", "note"\)'),
        ],
        ids=["filter", "filter and range", "order on index", "order", "sort key", "range", "nothing", "or", "not"],
    )
    def test_a_query_that_nothing_serves_is_refused_before_any_request(
        self, stores: Stores, ten: Repository[Order], conditions: list[Condition], options: dict[str, str], line: str
    ) -> None:
        faults = stores.faults(ten)
        with pytest.raises(errors.QueryRefused, match=line):
            ten.query(*conditions, **options)  # type: ignore[call-overload]  # options of any sort
        assert faults.count() == 0

    def test_explain_asks_the_backend_nothing(self, stores: Stores, ten: Repository[Order]) -> None:
        faults = stores.faults(ten)
        told = ten.query(F.status == "even", F.items > 3, limit=2).explain()
        assert "by_status" in str(told)
        assert "items" in str(told)
        assert faults.count() == 0

    def test_a_consistent_read_of_an_index_works_or_is_refused_before_any_request(
        self, stores: Stores, ten: Repository[Order]
    ) -> None:
        faults = stores.faults(ten)
        if ten.capabilities.consistent_index_reads:
            assert ten.query(F.status == "even", consistent=True).count() == 5
        else:
            with pytest.raises(errors.QueryRefused, match="consistent"):
                ten.query(F.status == "even", consistent=True)
            assert faults.count() == 0

    @pytest.mark.parametrize("name", ["number", "decimal", "string", "instant"])
    def test_a_sort_key_orders_by_value(self, stores: Stores, name: str) -> None:
        store = stores.open(Reading)
        sorts: dict[str, tuple[str, list[Any]]] = {
            "number": ("at", NUMBERS),
            "decimal": ("value", DECIMALS),
            "string": ("label", [*ORDERED, "\U0001f600"]),
            "instant": ("taken", [START + timedelta(microseconds=n) for n in (-10**15, -1, 0, 1, 10, 10**6, 10**15)]),
        }  # fmt: skip
        field, values = sorts[name]
        shuffled = sorted(enumerate(values), key=lambda pair: repr(pair[1])[::-1])
        rows: list[dict[str, Any]] = [{"at": n, field: value} for n, value in shuffled]
        store.put_many(Reading("s", **row) for row in rows)
        query = F.sensor == "s"
        assert [getattr(one, field) for one in store.query(query, order=field)] == values
        assert [getattr(one, field) for one in store.query(query, order=f"-{field}")] == values[::-1]
        middle = values[len(values) // 2]
        assert [getattr(one, field) for one in store.query(query, F[field] > middle)] == values[len(values) // 2 + 1 :]
        assert [getattr(one, field) for one in store.query(query, F[field] <= middle)] == values[: len(values) // 2 + 1]
        assert store.query(query, F[field].between(values[1], values[-2])).count() == len(values) - 2

    def test_operands_of_another_numeric_type_or_zone_reach_the_key(self, stores: Stores) -> None:
        store = stores.open(Reading)
        store.put_many(Reading("s", n, Decimal(n), taken=START + timedelta(hours=n)) for n in range(5))
        sensor, east = F.sensor == "s", timezone(timedelta(hours=9))
        assert [one.at for one in store.query(sensor, F.at > 1.5, F.at < Decimal("3.5"))] == [2, 3]
        assert [one.at for one in store.query(sensor, F.at == 2.0)] == [2]
        assert store.query(sensor, F.at == 2.5).all() == []
        assert [one.at for one in store.query(sensor, F.at.in_([1.0, Decimal("2.00"), 2]))] == [1, 2]
        assert [one.at for one in store.query(sensor, F.value >= 2.5)] == [3, 4]
        assert [one.at for one in store.query(sensor, F.taken == datetime(2026, 1, 1, 11, tzinfo=east))] == [2]

    def test_records_equal_in_the_sort_key_of_an_index_are_all_there(self, stores: Stores) -> None:
        store = stores.open(Reading)
        store.put_many(Reading("s", n, Decimal(n % 2)) for n in range(10))
        found = store.query(F.sensor == "s", order="value").all()
        assert [one.value for one in found] == [0] * 5 + [1] * 5
        assert sorted(one.at for one in found) == list(range(10))
        assert sorted(one.at for one in store.query(F.sensor == "s", F.value == 1)) == [1, 3, 5, 7, 9]

    def test_a_scan_reads_the_whole_table(self, ten: Repository[Order]) -> None:
        assert sorted((one.customer, one.id) for one in ten.scan()) == sorted(
            [("c", one) for one in IDS] + [("b", "o-004"), ("cc", "o-004"), ("d", "o-001")]
        )
        assert ten.count() == ten.scan().count() == 13
        assert ten.count(F.status == "new") == 3
        assert ten.scan(F.status == "none").first() is None
        assert not ten.scan(F.status == "none").exists()
        assert len(ten.scan(limit=4).all()) == 4

    def test_nothing_is_found_in_an_empty_table(self, orders: Repository[Order]) -> None:
        for query in (orders.query(C), orders.query(F.status == "new"), orders.scan()):
            assert query.all() == []
            assert query.first() is None
            assert query.count() == 0
            assert not query.exists()
            assert query.page().token is None

    def test_a_query_can_be_run_again(self, ten: Repository[Order]) -> None:
        query = ten.query(C, F.status == "odd")
        assert query.all() == query.all() == list(query)
        ten.delete(key(1))
        assert query.count() == 4

    def test_an_iteration_that_is_broken_off_reads_no_further(self, stores: Stores, ten: Repository[Order]) -> None:
        faults = stores.faults(ten)
        for one in ten.query(C):
            assert one.items == 0
            break
        assert faults.count() == 1

    def test_a_range_of_several_megabytes_comes_whole_and_in_order(self, orders: Repository[Order]) -> None:
        orders.put_many(order(n, events=["x" * 100_000], items=n) for n in range(35))
        query = orders.query(C, order="-id")
        assert [one.items for one in query] == list(range(34, -1, -1))
        assert query.count() == 35
        assert orders.query(C, limit=33).count() == 33
        assert orders.count(F.items >= 30) == 5
        assert [row["items"] for row in orders.query(C, F.items > 31, fields=["items"])] == [32, 33, 34]

    @pytest.mark.parametrize(
        ("name", "value"), [("limit", 0), ("limit", -1), ("limit", 1.5), ("limit", True), ("max_read", 0)]
    )
    def test_a_number_that_makes_no_sense_is_refused(self, orders: Repository[Order], name: str, value: Any) -> None:
        with pytest.raises(errors.InvalidArgument, match=name):
            orders.query(C, **{name: value})
