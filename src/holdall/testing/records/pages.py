"""Pages and their tokens, and the budget of a query."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ..._model.markers import Index, Partition, Sort
from ...expressions import F
from .base import RecordKit
from .models import Order, Reading, Session, key, order

if TYPE_CHECKING:
    from ...repository import Query, Repository
    from ..stores import Stores

C = F.customer == "c"

_OTHER_PROCESS = """
import json, sys
import holdall
from holdall import F
from holdall.testing.records.models import Order

with holdall.open_repository(sys.argv[1], Order) as orders:
    page = orders.query(F.customer == "c", F.id >= "o-001", limit=3).page(after=sys.argv[2])
    print(json.dumps([[one.id for one in page], page.token]))
"""


def walk(query: Query[Any], token: str | None = None) -> list[list[Any]]:
    """Return the pages from a token on, as lists."""
    pages: list[list[Any]] = []
    while True:
        page = query.page(after=token)
        pages.append(list(page))
        if page.token is None:
            return pages
        assert len(pages) < 1000
        token = page.token


def ids(pages: list[list[Any]]) -> list[str]:
    """Return the ids of the orders in some pages."""
    return [one.id for page in pages for one in page]


class PageTests(RecordKit):
    """Pages, tokens and budgets."""

    @pytest.fixture
    def twelve(self, orders: Repository[Order]) -> Repository[Order]:
        """Open twelve orders of one customer."""
        orders.put_many(order(n, items=n % 3, total=Decimal(n % 2), note="n") for n in range(12))
        return orders

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 11, 12, 13, 100])
    def test_every_page_size_gives_the_same_records(self, twelve: Repository[Order], size: int) -> None:
        for ordering in ("id", "-id"):
            query = twelve.query(C, order=ordering, limit=size)
            pages = walk(query)
            everything = [f"o-{n:03}" for n in range(12)]
            assert ids(pages) == (everything if ordering == "id" else everything[::-1])
            assert all(len(page) == size for page in pages[:-1])
            assert len(pages[-1]) == (12 % size or size if size < 12 else 12)

    @pytest.mark.parametrize("native", [1, 2, 5])
    def test_native_pages_of_any_size_give_the_same_records(
        self, stores: Stores, twelve: Repository[Order], native: int
    ) -> None:
        twelve.delete(key(4))
        stores.faults(twelve).page = native
        everything = [f"o-{n:03}" for n in range(12) if n != 4]
        assert [one.id for one in twelve.query(C, order="-id")] == everything[::-1]
        assert [one.id for one in twelve.query(C, F.items == 1)] == ["o-001", "o-007", "o-010"]
        assert [one.id for one in twelve.query(C, F.items == 1, limit=2)] == ["o-001", "o-007"]
        assert twelve.query(C, F.items == 1).count() == 3
        assert sorted(one.id for one in twelve.scan()) == everything
        assert sorted(one.id for one in twelve.query(F.note == "n")) == everything
        for size in (1, 2, 3, 4):
            assert ids(walk(twelve.query(C, limit=size))) == everything
            assert ids(walk(twelve.query(C, F.items == 1, limit=size))) == ["o-001", "o-007", "o-010"]
            assert sorted(ids(walk(twelve.query(F.note == "n", limit=size)))) == everything
            assert sorted(ids(walk(twelve.scan(F.items != 1, limit=size)))) == [
                one for one in everything if int(one[2:]) % 3 != 1]  # fmt: skip

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
    def test_every_page_size_gives_the_same_records_behind_a_filter(self, twelve: Repository[Order], size: int) -> None:
        pages = walk(twelve.query(C, F.items == 1, F.id != "o-004", limit=size))
        assert ids(pages) == ["o-001", "o-007", "o-010"]
        assert all(len(page) == size for page in pages[:-1])

    @pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
    def test_every_page_size_gives_the_same_records_of_an_index_with_ties(
        self, twelve: Repository[Order], size: int
    ) -> None:
        for ordering in ("total", "-total"):
            found = [one for page in walk(twelve.query(F.items == 1, order=ordering, limit=size)) for one in page]
            totals = [one.total for one in found]
            assert totals == sorted(totals, reverse=ordering == "-total")
            assert sorted(one.id for one in found) == ["o-001", "o-004", "o-007", "o-010"]
        assert sorted(ids(walk(twelve.query(F.note == "n", limit=size)))) == [f"o-{n:03}" for n in range(12)]

    @pytest.mark.parametrize("size", [1, 2, 5])
    def test_every_page_size_gives_the_same_records_of_several_ranges(
        self, twelve: Repository[Order], size: int
    ) -> None:
        twelve.put_many(Order("d", f"o-{n:03}") for n in range(4))
        both = twelve.query(F.customer.in_(["c", "d"]), F.id < "o-003", limit=size)
        assert ids(walk(both)) == ["o-000", "o-001", "o-002"] * 2
        keys = twelve.query(C, F.id.in_([f"o-{n:03}" for n in range(0, 20, 2)]), limit=size)
        assert ids(walk(keys)) == [f"o-{n:03}" for n in range(0, 12, 2)]

    @pytest.mark.parametrize("size", [1, 4, 100])
    def test_every_page_size_gives_the_same_records_of_a_scan(self, twelve: Repository[Order], size: int) -> None:
        assert sorted(ids(walk(twelve.scan(limit=size)))) == [f"o-{n:03}" for n in range(12)]
        assert sorted(ids(walk(twelve.scan(F.items == 1, limit=size)))) == ["o-001", "o-004", "o-007", "o-010"]

    def test_finished_means_no_token(self, twelve: Repository[Order]) -> None:
        page = twelve.query(C, limit=11).page()
        assert page.token is not None
        assert (len(page), page.stopped) == (11, None)
        last = twelve.query(C, limit=11).page(after=page.token)
        assert (ids([list(last)]), last.token, last.stopped) == (["o-011"], None, None)
        assert twelve.query(C).page().token is None

    def test_a_token_is_text_that_is_safe_in_a_url(self, stores: Stores) -> None:
        store = stores.open(Reading)
        store.put_many(Reading("s/é?&=#\U0001f600", n) for n in range(3))
        query = store.query(F.sensor == "s/é?&=#\U0001f600", limit=1)
        token = query.page().token
        assert token is not None
        assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        assert [one.at for page in walk(query, token) for one in page] == [1, 2]

    def test_inserts_and_deletes_between_pages_neither_repeat_nor_lose_other_records(
        self, twelve: Repository[Order]
    ) -> None:
        query = twelve.query(C, limit=4)
        first = query.page()
        twelve.put(order(0, note="again"))
        twelve.create(Order("c", "o-001x"))
        twelve.create(Order("c", "o-003x"))
        for n in (2, 3, 5):
            twelve.delete(key(n))
        later = ids(walk(query, first.token))
        assert ids([list(first)]) == ["o-000", "o-001", "o-002", "o-003"]
        assert later == ["o-003x", "o-004", *(f"o-{n:03}" for n in range(6, 12))]

    def test_the_record_at_the_token_may_change_its_place_in_the_index(self, stores: Stores) -> None:
        store = stores.open(Reading)
        store.put_many(Reading("s", n, Decimal(n)) for n in range(6))
        query = store.query(F.sensor == "s", order="value", limit=2)
        first = query.page()
        store.update(("s", 1), F.value.set(Decimal(100)))
        later = [one.at for page in walk(query, first.token) for one in page]
        assert later == [2, 3, 4, 5, 1]

    @pytest.mark.needs("shared")
    def test_a_token_serves_another_repository(self, stores: Stores, twelve: Repository[Order]) -> None:
        token = twelve.query(C, F.status == "new", limit=5).page().token
        other = stores.open(Order)
        assert ids(walk(other.query(C, F.status == "new", limit=3), token)) == [f"o-{n:03}" for n in range(5, 12)]
        assert [one.id for one in other.query(C, F.status == "new", after=token, limit=2)] == ["o-005", "o-006"]

    @pytest.mark.needs("processes")
    def test_a_token_serves_another_process(self, stores: Stores, twelve: Repository[Order]) -> None:
        query = twelve.query(C, F.id >= "o-001", limit=3)
        token = query.page().token
        assert token is not None
        answer = subprocess.run(
            [sys.executable, "-c", _OTHER_PROCESS, stores.url(Order), token],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
            check=True, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        found, following = json.loads(answer.stdout)
        assert found == ["o-004", "o-005", "o-006"]
        assert ids(walk(query, following)) == [f"o-{n:03}" for n in range(7, 12)]

    def test_a_token_of_another_query_is_invalid(self, stores: Stores, twelve: Repository[Order]) -> None:
        token = twelve.query(C, limit=2).page().token
        faults = stores.faults(twelve)
        for query in (
            twelve.query(F.customer == "d", limit=2),
            twelve.query(C, F.id > "o-000", limit=2),
            twelve.query(C, F.status == "new", limit=2),
            twelve.query(C, order="-id", limit=2),
            twelve.query(F.note == "n", limit=2),
            twelve.scan(C, limit=2),
        ):
            with pytest.raises(errors.InvalidToken):
                query.page(after=token)
            with pytest.raises(errors.InvalidToken):
                query.page(after=token)
        assert faults.count() == 0

    def test_a_token_of_another_model_is_invalid(self, stores: Stores, twelve: Repository[Order]) -> None:
        token = twelve.query(C, limit=2).page().token

        @dataclass
        class Other:
            customer: Partition[str]
            id: Sort[str]
            by_id = Index("id")

        with pytest.raises(errors.InvalidToken):
            stores.open(Other).query(C, limit=2).page(after=token)
        with pytest.raises(errors.InvalidToken):
            stores.open(Session).query(F.user == "c", limit=2).page(after=token)

    @pytest.mark.parametrize("secret", [None, b"secret"], ids=["without secret", "with secret"])
    def test_a_changed_token_is_invalid(self, stores: Stores, secret: bytes | None) -> None:
        orders = stores.open(Order, token_secret=secret)
        orders.put_many(order(n) for n in range(4))
        query = orders.query(C, limit=2)
        token = query.page().token
        assert token is not None
        changed = [token[:i] + ("A" if token[i] != "A" else "B") + token[i + 1 :] for i in range(len(token))]
        cut = [token[:-1], token[:-5], token[1:], token[: len(token) // 2], token + "A", token + "=", token[::-1]]
        for wrong in [*changed, *cut, "", "x", "ü", "not a token", token + "\n", f" {token}"]:
            if wrong:
                with pytest.raises(errors.InvalidToken):
                    query.page(after=wrong)
        assert ids([list(query.page(after=token))]) == ["o-002", "o-003"]

    def test_a_token_is_bound_to_the_secret(self, stores: Stores) -> None:
        ours = stores.open(Order, token_secret=b"ours")
        ours.put_many(order(n) for n in range(4))
        token = ours.query(C, limit=2).page().token
        for secret in (b"theirs", None):
            with pytest.raises(errors.InvalidToken):
                stores.open(Order, token_secret=secret).query(C, limit=2).page(after=token)
        stores.open(Order, token_secret=b"ours").query(C, limit=2).page(after=token)

    def test_a_token_of_no_text_is_invalid(self, twelve: Repository[Order]) -> None:
        for wrong in (5, b"bytes", ["x"]):
            with pytest.raises(errors.InvalidToken):
                twelve.query(C, limit=2).page(after=wrong)  # type: ignore[arg-type]  # a wrong one

    def test_max_read_stops_a_page_says_so_and_can_be_gone_on_from(self, twelve: Repository[Order]) -> None:
        query = twelve.query(C, F.items == 1, max_read=5)
        page = query.page()
        found = list(page)
        stops = [page.stopped]
        while page.token is not None:
            page = query.page(after=page.token)
            stops.append(page.stopped)
            found += page
            assert len(stops) < 20
        assert ids([found]) == ["o-001", "o-004", "o-007", "o-010"]
        assert stops[-1] is None
        assert set(stops[:-1]) == {"budget"}

    def test_max_read_bounds_what_is_read(self, stores: Stores, twelve: Repository[Order]) -> None:
        faults = stores.faults(twelve)
        assert len(twelve.query(C, max_read=5).page()) == 5
        assert sum(read.limit for port, read in faults.calls if port == "read") <= 5

    def test_max_read_ends_an_iteration_with_an_error_that_carries_on(self, twelve: Repository[Order]) -> None:
        query, found = twelve.query(C, max_read=5), list[Order]()
        with pytest.raises(errors.BudgetExceeded) as caught:
            found.extend(query)
        assert ids([[*twelve.query(C).page().items[:5]]]) == [f"o-{n:03}" for n in range(5)]
        rest = walk(twelve.query(C), caught.value.token)
        assert ids(rest) == [f"o-{n:03}" for n in range(5, 12)]
        with pytest.raises(errors.BudgetExceeded):
            twelve.query(C, max_read=5).count()

    def test_max_read_that_is_enough_is_not_noticed(self, twelve: Repository[Order]) -> None:
        assert len(twelve.query(C, max_read=100).all()) == 12
        assert len(twelve.query(C, limit=3, max_read=3).all()) == 3
        page = twelve.query(C, limit=3, max_read=3).page()
        assert (len(page), page.stopped) == (3, None)
        assert page.token is not None
