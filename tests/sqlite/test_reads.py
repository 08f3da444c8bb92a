"""Pages of ranges: by an index, in order, with the same budget as on memory."""

from __future__ import annotations

import random
import re
import tracemalloc
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import F, Index, Key, Partition, Sort
from holdall._engine.resolve import resolve_test
from holdall._model.schema import Model
from holdall.drivers import KeyPart, Read
from holdall.io import run_blocking
from holdall_adapters._sql import reads
from holdall_adapters._sql.sqlite import Sqlite
from holdall_adapters._sql.tables import MappedTable

from .models import Opened, Order, order

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


@dataclass
class Tie:
    part: Partition[int]
    sort: Sort[Decimal]
    group: str | None = None
    place: float | None = None
    club: str | None = None
    tags: frozenset[str] = frozenset()

    by_group = Index("group", "place")
    by_club = Index("club")


def ties() -> list[Tie]:
    return [tie(part, sort) for part in (-1, 2) for sort in range(-10, 30)]


def tie(part: int, sort: int) -> Tie:
    place = float(sort % 3) if sort % 7 else None
    return Tie(part, Decimal(sort) / 4, "g" if sort % 5 else None, place, "c" if sort % 3 else None)


@pytest.fixture(params=["memory://", "sqlite://"])
def tied(opened: Opened, request: pytest.FixtureRequest) -> holdall.Repository[Tie]:
    repository = opened(request.param, Tie)
    shuffled = ties()
    random.Random(1).shuffle(shuffled)
    repository.put_many(shuffled)
    return repository


def paged(query: Callable[[str | None], Any]) -> list[Tie]:
    found, token, pages = list[Tie](), None, 0
    while pages == 0 or token:
        page = query(token)
        found += page.items
        token, pages = page.token, pages + 1
    return found


@pytest.mark.parametrize("order", ["place", "-place"])
@pytest.mark.parametrize("limit", [1, 3, 100])
def test_rows_that_tie_are_each_seen_once_in_the_order_of_their_keys(
    tied: holdall.Repository[Tie], order: str, limit: int
) -> None:
    found = paged(lambda token: tied.query(F.group == "g", order=order, limit=limit).page(after=token))
    members = [one for one in ties() if one.group == "g" and one.place is not None]
    expected = sorted(members, key=lambda one: (one.place, one.part, one.sort), reverse=order[0] == "-")
    assert found == expected


def test_an_index_without_sort_key_is_in_the_order_of_the_keys(tied: holdall.Repository[Tie]) -> None:
    found = paged(lambda token: tied.query(F.club == "c", limit=7).page(after=token))
    assert found == sorted([one for one in ties() if one.club == "c"], key=lambda one: (one.part, one.sort))


def test_a_scan_is_in_the_order_of_the_keys(tied: holdall.Repository[Tie]) -> None:
    found = paged(lambda token: tied.scan(limit=7).page(after=token))
    assert found == sorted(ties(), key=lambda one: (one.part, one.sort))


@pytest.mark.parametrize("budget", [1, 3, 10, 1000])
@pytest.mark.parametrize("limit", [None, 2, 5])
def test_a_budget_stops_where_it_stops_on_memory(opened: Opened, budget: int, limit: int | None) -> None:
    stops: list[Any] = []
    for url in ("memory://", "sqlite://"):
        repository = opened(url, Tie)
        repository.put_many(ties())
        page = repository.query(F.group == "g", F.part > 0, limit=limit, max_read=budget, order="place").page()
        stops.append(([(one.part, one.sort) for one in page], page.stopped, page.token is None))
    assert stops[0] == stops[1]


def test_a_count_says_how_many_it_examined(opened: Opened) -> None:
    repository = opened("sqlite://", Tie)
    repository.put_many(ties())
    engine = repository.engine
    test = resolve_test(engine.model, F.part > 0, engine.capabilities)
    read = Read(engine.model.indexes[1], KeyPart("c", "c"), filter=test, count_only=True)
    page = run_blocking(engine.driver.read(read))
    members = [one for one in ties() if one.club == "c"]
    assert (page.count, page.examined) == (len([one for one in members if one.part > 0]), len(members))


def test_a_long_result_is_read_page_by_page(opened: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "PAGE", 7)
    repository = opened("sqlite://", Tie)
    repository.put_many(ties())
    assert len(repository.scan().all()) == len(repository.scan(limit=1000).all()) == len(ties())
    members = [one for one in ties() if one.club == "c" and one.part > 0]
    assert repository.query(F.club == "c", F.part > 0).count() == len(members)
    assert repository.scan(max_read=20).page().stopped == "budget"


@dataclass
class Small:
    id: Key[int]
    text: str = "x" * 100


def test_memory_stays_flat_while_many_records_stream(opened: Opened) -> None:
    repository = opened("sqlite://", Small)
    repository.put_many(Small(number) for number in range(20_000))
    tracemalloc.start()
    count = sum(1 for _ in repository.scan())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 3_000_000


def plan_of(text: str, values: Sequence[Any], repository: holdall.Repository[Any]) -> str:
    with repository.native.engine.connect() as connection:
        rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + text, tuple(values)).fetchall()
    return " / ".join(row[-1] for row in rows)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Return what is sent to the database from here on."""
    seen: list[tuple[str, Any]] = []
    from holdall_adapters.sqlite.client import SqlSession

    real = SqlSession.rows

    async def rows(self: SqlSession, statement: Any, values: Any) -> Any:
        seen.append((statement.text, statement.bind(values)))
        return await real(self, statement, values)

    monkeypatch.setattr(SqlSession, "rows", rows)
    return seen


QUERIES: dict[str, tuple[Callable[[holdall.Repository[Order]], Any], str]] = {
    "get": (lambda r: r.get(("c", "o-001")), "(customer=? AND id=?)"),
    "partition": (lambda r: r.query(F.customer == "c").all(), "(customer=?)"),
    "range": (lambda r: r.query(F.customer == "c", F.id.between("a", "b")).all(), "(customer=? AND id>? AND id<?)"),
    "prefix": (lambda r: r.query(F.customer == "c", F.id.startswith("o")).all(), "(customer=? AND id>? AND id<?)"),
    "descending": (lambda r: r.query(F.customer == "c", order="-id").all(), "(customer=?)"),
    "index": (lambda r: r.query(F.status == "new", F.total > 5).all(), "(status=? AND total>?)"),
    "index descending": (lambda r: r.query(F.status == "new", order="-total", limit=3).page(), "(status=?"),
    "filter": (lambda r: r.query(F.status == "new", F.count > 5, limit=3).page(), "(status=?"),
    "unique": (lambda r: r.create(order(2, code="x")), "(code=?)"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_is_a_search_of_its_index_without_sorting(
    opened: Opened, name: str, statements: list[tuple[str, Any]]
) -> None:
    repository = opened("sqlite://", Order)
    repository.put(order())
    run, expected = QUERIES[name]
    statements.clear()
    run(repository)
    plan = plan_of(*statements[-1], repository)
    assert plan.startswith("SEARCH")
    assert expected in plan
    assert not re.search("TEMP B-TREE|SCAN", plan)


def test_the_next_page_begins_in_the_index(opened: Opened, statements: list[tuple[str, Any]]) -> None:
    repository = opened("sqlite://", Order)
    repository.put_many(order(number, total=Decimal(number)) for number in range(9))
    token = repository.query(F.status == "new", order="total", limit=3).page().token
    repository.query(F.status == "new", order="total", limit=3).page(after=token)
    plan = plan_of(*statements[-1], repository)
    assert "(status=? AND total>?)" in plan or "(status=? AND (total," in plan
    assert "TEMP B-TREE" not in plan


def test_many_keys_are_one_search_each(opened: Opened, statements: list[tuple[str, Any]]) -> None:
    repository = opened("sqlite://", Order)
    repository.put_many(order(number) for number in range(20))
    statements.clear()
    found = list(repository.get_many([("c", f"o-{number:03}") for number in range(0, 26, 2)]))
    assert [one is None for one in found] == [False] * 10 + [True] * 3
    assert len(statements) == 1
    assert "SCAN" not in plan_of(*statements[-1], repository)


def test_statements_are_built_once_a_shape(opened: Opened) -> None:
    repository = opened("sqlite://", Order)
    repository.put_many(order(number) for number in range(9))
    cache = repository.engine.driver.place.table.statements._cache  # type: ignore[attr-defined]
    for number in range(3):
        repository.query(F.customer == "c", F.id > str(number), F.count.in_(range(number + 5))).all()
        repository.update(("c", "o-001"), F.count.add(number), when=F.count >= 0)
        repository.get(("c", f"o-{number:03}"))
        if number == 0:
            before = len(cache)
    assert len(cache) == before


def test_old_statements_make_room_for_new_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    from holdall_adapters._sql import statements

    monkeypatch.setattr(statements, "_CACHED", 3)
    table = MappedTable(Model(Order), "order", Sqlite())
    for count in range(1, 20):
        table.statements.get(("id",), count)
    assert len(table.statements._cache) <= 3
