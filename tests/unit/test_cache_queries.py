"""Results of queries in a cache: they serve until something is written that could change them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from decimal import Decimal

import pytest

import holdall
from holdall import Expires, F, Index, InvalidArgument, Partition, Sort
from holdall.cache_drivers import FENCE
from tests.cache.bench import PLAIN, Bench


@dataclass
class Job:
    by_state = Index("state", "id")

    queue: Partition[str]
    id: Sort[int]
    state: str = "new"
    ends: Expires[int | None] = None


@dataclass
class Line:
    order: Partition[str]
    number: Sort[int]
    text: str = ""


@dataclass
class Price:
    amount: Partition[Decimal]
    id: Sort[int]


@pytest.fixture
def bench() -> Bench[Line]:
    made = Bench(Line)
    made.repository.put_many(Line(order, number) for order in "ab" for number in range(3))
    made.store.calls.clear()
    return made


@pytest.fixture
def jobs() -> Bench[Job]:
    made = Bench(Job)
    made.repository.put_many(Job(queue, number) for queue in "ab" for number in range(3))
    made.store.calls.clear()
    return made


def numbers(bench: Bench[Line], order: str = "a", ttl: float = 60.0) -> list[int]:
    return [line.number for line in bench.repository.query(F.order == order).cache_query(ttl)]


def in_state(bench: Bench[Job], state: str = "new") -> list[tuple[str, int]]:
    found = bench.repository.query(F.state == state).cache_query()
    return sorted((job.queue, job.id) for job in found)


def queries(bench: Bench[Line] | Bench[Job]) -> int:
    """Return how many requests of queries the store has had."""
    return bench.store.count("read")


# What is kept.


def test_a_result_is_kept(bench: Bench[Line]) -> None:
    assert [numbers(bench) for _ in range(4)] == [[0, 1, 2]] * 4
    assert queries(bench) == 1


def test_a_query_is_not_cached_unless_that_is_asked_for(bench: Bench[Line]) -> None:
    for _ in range(2):
        bench.repository.query(F.order == "a").all()
    assert queries(bench) == 2
    numbers(bench)
    bench.repository.query(F.order == "a").all()
    assert queries(bench) == 4


def test_an_empty_result_is_kept(bench: Bench[Line]) -> None:
    assert [numbers(bench, "c") for _ in range(3)] == [[]] * 3
    assert queries(bench) == 1
    bench.repository.put(Line("c", 7))
    assert numbers(bench, "c") == [7]


def test_a_result_serves_for_as_long_as_is_said(bench: Bench[Line]) -> None:
    numbers(bench, ttl=5)
    bench.clock.now += 4
    numbers(bench, ttl=5)
    assert queries(bench) == 1
    bench.clock.now += 2
    numbers(bench, ttl=5)
    assert queries(bench) == 2


def test_a_query_of_another_time_to_live_is_served_what_is_kept_no_longer_than_that(bench: Bench[Line]) -> None:
    numbers(bench, ttl=60)
    bench.clock.now += 30
    numbers(bench, ttl=1)
    bench.clock.now += 2
    numbers(bench, ttl=1)
    assert queries(bench) <= 3


def test_a_query_of_a_shorter_life_is_not_served_what_was_kept_for_a_longer_one(bench: Bench[Line]) -> None:
    numbers(bench, ttl=300)
    bench.clock.now += 200
    numbers(bench, ttl=1)
    assert queries(bench) == 2
    for ttl in (1, 300):
        numbers(bench, ttl=ttl)
    assert queries(bench) == 2


def test_any_number_of_lives_takes_bounded_memory(bench: Bench[Line]) -> None:
    for ttl in range(1, 1_001):
        assert numbers(bench, ttl=ttl) == [0, 1, 2]
    assert len(bench.records.queries._results) <= 100


def test_queries_that_differ_have_results_of_their_own(bench: Bench[Line]) -> None:
    query = bench.repository.query
    for _ in range(2):
        assert [line.number for line in query(F.order == "a", F.number > 0).cache_query()] == [1, 2]
        assert [line.number for line in query(F.order == "a", F.number > 1).cache_query()] == [2]
        assert [line.number for line in query(F.order == "a", order="-number").cache_query()] == [2, 1, 0]
        assert [line.number for line in query(F.order == "a", F.text == "x").cache_query()] == []
        assert query(F.order == "a", fields=["number"]).cache_query().all()[0] == {"number": 0}
        assert query(F.order == "a").cache_query().count() == 3
    assert queries(bench) == 6


def test_a_text_and_what_looks_like_it_are_different_queries(bench: Bench[Line]) -> None:
    bench.repository.put(Line("x", 1, "1"))
    query = bench.repository.query
    assert len(query(F.order == "x", F.text == "1").cache_query().all()) == 1
    assert query(F.order == "x", F.text == "'1'").cache_query().all() == []


def test_pages_are_kept_each_by_itself(bench: Bench[Line]) -> None:
    query = bench.repository.query(F.order == "a", limit=2).cache_query()
    for _ in range(2):
        first = query.page()
        second = query.page(after=first.token)
        assert [line.number for line in [*first, *second]] == [0, 1, 2]
        assert second.token is None
    assert queries(bench) == 2


def test_the_records_of_a_result_are_the_callers_own() -> None:
    bench = Bench(Line)
    bench.repository.put(Line("a", 1, "one"))
    for _ in range(3):
        (line,) = bench.repository.query(F.order == "a").cache_query()
        assert line.text == "one"
        line.text = "changed"


def test_the_first_of_a_query_and_whether_there_is_one_come_from_the_cache(bench: Bench[Line]) -> None:
    query = bench.repository.query(F.order == "a").cache_query()
    first = [query.first() for _ in range(2)]
    assert first[0] == first[1]
    assert [query.exists() for _ in range(2)] == [True] * 2
    assert queries(bench) <= 2


# What ends it.


@pytest.mark.parametrize("write", ["put", "create", "update", "delete", "put_many", "delete_many", "transaction"])
def test_every_write_to_the_partition_ends_it_and_leaves_the_others(bench: Bench[Line], write: str) -> None:
    numbers(bench, "a")
    numbers(bench, "b")
    repository = bench.repository
    if write in ("put", "create"):
        getattr(repository, write)(Line("a", 9))
    elif write == "update":
        repository.update(("a", 0), F.text.set("x"))
    elif write == "delete":
        repository.delete(("a", 0))
    elif write == "put_many":
        repository.put_many([Line("a", 9)])
    elif write == "delete_many":
        repository.delete_many([("a", 0)])
    else:
        with repository.transaction() as transaction:
            transaction.put(Line("a", 9))
    before = queries(bench)
    expected = [line.number for line in repository.query(F.order == "a")]
    assert numbers(bench, "a") == expected
    assert numbers(bench, "b") == [0, 1, 2]
    assert queries(bench) == before + 2


def test_what_another_client_writes_ends_it() -> None:
    store = f"memory://queries-{time.perf_counter_ns()}"
    one = Bench(Line, PLAIN, store)
    other = Bench(Line, PLAIN, store, beside=one)
    assert numbers(one) == []
    other.repository.put(Line("a", 1))
    assert numbers(one) == [1]
    assert numbers(other) == [1]
    assert queries(other) == 0


def test_a_refused_write_ends_it_too_but_no_more(bench: Bench[Line]) -> None:
    numbers(bench)
    with pytest.raises(holdall.AlreadyExists):
        bench.repository.create(Line("a", 0))
    assert numbers(bench) == [0, 1, 2]
    numbers(bench)
    assert queries(bench) == 2


def test_invalidating_a_record_ends_it(bench: Bench[Line]) -> None:
    numbers(bench, "a")
    numbers(bench, "b")
    bench.repository.invalidate(("a", 0))
    numbers(bench, "a")
    numbers(bench, "b")
    assert queries(bench) == 3


def test_partitions_that_are_equal_numbers_are_one() -> None:
    bench = Bench(Price)
    bench.repository.put(Price(Decimal("1.10"), 1))
    for amount in ("1.1", "1.10", "1.100"):
        query = bench.repository.query(F.amount == Decimal(amount)).cache_query()
        assert len(query.all()) == 1
        bench.repository.put(Price(Decimal("1.1"), 2))
        assert len(query.all()) == 2
        bench.repository.delete((Decimal("1.10"), 2))


def test_while_the_partition_is_written_a_query_goes_to_the_store(bench: Bench[Line]) -> None:
    numbers(bench)
    bench.store.fail("write", KeyboardInterrupt)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        bench.repository.update(("a", 0), F.text.set("x"))
    before = queries(bench)
    assert [numbers(bench) for _ in range(2)] == [[0, 1, 2]] * 2
    assert queries(bench) == before + 2


def test_a_result_that_was_read_while_something_was_written_is_served_to_nobody_afterwards(bench: Bench[Line]) -> None:
    bench.cache.before("swap", lambda: None)  # of the generation
    bench.cache.before("swap", lambda: bench.repository.put(Line("a", 9)))
    assert numbers(bench) == [0, 1, 2]
    assert numbers(bench) == [0, 1, 2, 9]


def test_what_its_own_client_has_written_is_seen_though_the_cache_has_failed(bench: Bench[Line]) -> None:
    numbers(bench)
    bench.cache.lose("fence", "release", times=2)
    bench.repository.put(Line("a", 9))
    assert numbers(bench) == [0, 1, 2, 9]


def test_a_cache_that_is_down_changes_no_result(bench: Bench[Line]) -> None:
    bench.cache.lose("get", "add", "swap", "fence", "release", times=99)
    assert [numbers(bench) for _ in range(5)] == [[0, 1, 2]] * 5
    bench.repository.put(Line("a", 9))
    assert numbers(bench) == [0, 1, 2, 9]


# Through a secondary index.


def test_a_result_through_an_index_is_kept(jobs: Bench[Job]) -> None:
    assert [len(in_state(jobs)) for _ in range(3)] == [6] * 3
    assert queries(jobs) == 1


def test_a_write_to_any_partition_ends_results_through_an_index(jobs: Bench[Job]) -> None:
    in_state(jobs)
    in_state(jobs, "done")
    jobs.repository.update(("b", 1), F.state.set("done"))
    assert ("b", 1) not in in_state(jobs)
    assert in_state(jobs, "done") == [("b", 1)]


def test_a_write_ends_results_by_key_of_its_own_partition_alone_where_there_is_an_index(jobs: Bench[Job]) -> None:
    by_key = {queue: jobs.repository.query(F.queue == queue).cache_query() for queue in "ab"}
    for query in by_key.values():
        query.all()
    jobs.repository.put(Job("a", 9))
    before = queries(jobs)
    assert [len(by_key[queue].all()) for queue in "ab"] == [4, 3]
    assert queries(jobs) == before + 1


# What has an end.


def test_what_has_expired_meanwhile_is_left_out(jobs: Bench[Job]) -> None:
    now = int(jobs.clock.now)
    jobs.repository.put(Job("c", 1, ends=now + 10))
    jobs.repository.put(Job("c", 2, ends=now + 30))
    found: list[list[int]] = []
    for _ in range(3):
        found.append([job.id for job in jobs.repository.query(F.queue == "c").cache_query()])
        jobs.clock.now += 15
    assert found == [[1, 2], [2], []]
    assert queries(jobs) == 1


def test_the_first_is_the_first_that_has_not_expired_meanwhile(jobs: Bench[Job]) -> None:
    now = int(jobs.clock.now)
    jobs.repository.put_many(Job("c", number, ends=now + 10 * number) for number in (1, 2, 3))
    query = jobs.repository.query(F.queue == "c", limit=1)
    found: list[tuple[int | None, list[int]]] = []
    for _ in range(4):
        first = query.cache_query().first()
        found.append((None if first is None else first.id, [job.id for job in query.cache_query()]))
        jobs.clock.now += 10
    assert found == [(1, [1]), (2, [2]), (3, [3]), (None, [])]


def test_a_record_without_an_end_stays(jobs: Bench[Job]) -> None:
    jobs.repository.put(Job("a", 7, ends=int(jobs.clock.now) + 5))
    query = jobs.repository.query(F.queue == "a")
    assert [job.id for job in query.cache_query()] == [0, 1, 2, 7]
    jobs.clock.now += 6
    assert [job.id for job in query.cache_query()] == [0, 1, 2]


def test_a_filter_of_the_end_itself_is_a_part_of_the_query(jobs: Bench[Job]) -> None:
    now = int(jobs.clock.now)
    jobs.repository.put_many(Job("c", number, ends=now + number) for number in range(10, 40, 10))
    for _ in range(2):
        for least, expected in ((15, [20, 30]), (25, [30]), (5, [10, 20, 30])):
            query = jobs.repository.query(F.queue == "c", F.ends > now + least).cache_query()
            assert [job.id for job in query] == expected


def test_what_can_not_be_told_to_have_expired_is_not_kept(jobs: Bench[Job]) -> None:
    now = int(jobs.clock.now)
    jobs.repository.put(Job("c", 1, ends=now + 10))
    query = jobs.repository.query(F.queue == "c")
    assert query.cache_query().count() == 1
    fields = jobs.repository.query(F.queue == "c", fields=["id"]).cache_query()
    assert fields.all() == [{"id": 1}]
    jobs.clock.now += 11
    assert query.cache_query().count() == 0
    assert fields.all() == []


def test_fields_with_the_end_among_them_are_kept(jobs: Bench[Job]) -> None:
    query = jobs.repository.query(F.queue == "a", fields=["id", "ends"]).cache_query()
    assert query.all() == query.all()
    assert queries(jobs) == 1


# What is refused.


def test_a_scan_is_not_cached(bench: Bench[Line]) -> None:
    with pytest.raises(InvalidArgument, match="scan"):
        bench.repository.scan().cache_query()


def test_a_consistent_query_is_not_cached(bench: Bench[Line]) -> None:
    with pytest.raises(InvalidArgument, match="consistent"):
        bench.repository.query(F.order == "a", consistent=True).cache_query()


def test_without_a_cache_there_is_nothing_to_keep_it() -> None:
    repository = holdall.open_repository("memory://", Line)
    with pytest.raises(InvalidArgument, match="cache="):
        repository.query(F.order == "a").cache_query()


@pytest.mark.parametrize("ttl", [0, -1, 86_401, "60", True, None, float("nan")])
def test_a_life_that_is_none_is_refused(bench: Bench[Line], ttl: float) -> None:
    with pytest.raises(InvalidArgument, match="ttl"):
        bench.repository.query(F.order == "a").cache_query(ttl)


def test_the_longest_life_is_a_day(bench: Bench[Line]) -> None:
    numbers(bench, ttl=86_400)
    bench.clock.now += 86_000
    assert numbers(bench, ttl=86_400) == [0, 1, 2]
    assert queries(bench) == 1


def test_generations_that_are_lost_take_all_results_with_them(bench: Bench[Line]) -> None:
    numbers(bench)
    for key, (value, _) in list(bench.cache._kept.items()):
        assert value[:1] != FENCE
        if "g%2F" in key:
            del bench.cache._kept[key]
    bench.repository.put(Line("a", 9))
    assert numbers(bench) == [0, 1, 2, 9]
