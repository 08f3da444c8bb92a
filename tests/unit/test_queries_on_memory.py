"""Queries that are kept, stopped or continued, on the memory store."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import Expires, F, Partition, Sort
from holdall._engine.paging import Place
from holdall._engine.queries import Asked, Execution


@dataclass
class Job:
    queue: Partition[str]
    id: Sort[int]
    state: str = "new"
    ends: Expires[int | None] = None


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock | None = None) -> holdall.Repository[Job]:
    repository = holdall.open_repository("memory://", Job, clock=clock)
    repository.put_many(Job("a", n) for n in range(30))
    return repository


def test_a_query_made_before_a_record_expired_does_not_find_it_after() -> None:
    clock = Clock()
    jobs = opened(clock)
    jobs.put(Job("a", 0, ends=1005))
    query = jobs.query(F.queue == "a")
    assert query.count() == 30
    clock.now = 1005
    assert query.count() == 29
    assert [job.id for job in query] == list(range(1, 30))
    assert query.page().items[0].id == 1


def test_what_expires_while_a_query_is_read_is_not_given() -> None:
    clock = Clock()
    jobs = opened(clock)
    jobs.put(Job("b", 1, ends=1005))
    rows = iter(jobs.query(F.queue.in_(["a", "b"])))
    assert next(rows).id == 0
    clock.now = 1005
    assert [job.queue for job in rows] == ["a"] * 29


def test_delete_by_query_deletes_what_it_has_read_before_the_budget_stops_it() -> None:
    jobs = opened()
    with pytest.raises(holdall.BudgetExceeded) as raised:
        jobs.query(F.queue == "a", max_read=10).delete()
    assert [job.id for job in jobs.query(F.queue == "a")] == list(range(10, 30))
    assert jobs.query(F.queue == "a", after=raised.value.token).delete() == 20


def test_update_by_query_begins_behind_a_page() -> None:
    jobs = opened()
    token = jobs.query(F.queue == "a", limit=25).page().token
    assert jobs.query(F.queue == "a", after=token).update(F.state.set("old")) == 5


def test_a_token_does_not_depend_on_the_order_of_a_set() -> None:
    jobs = opened()
    token = jobs.query(F.queue == "a", F.state.in_(["new", "old"]), limit=1).page().token
    assert jobs.query(F.queue == "a", F.state.in_(["old", "new"]), limit=1).page(token).items[0].id == 1


@pytest.mark.parametrize("position", [
    (), (Place(7, None),), (Place(-1, None),), (Place(0, {"queue": "a"}),), (Place(0, {"queue": "a", "id": "x"}),),
])  # fmt: skip
def test_a_forged_token_is_refused_as_invalid(position: tuple[Place, ...]) -> None:
    jobs = opened()
    forged = Execution(jobs.engine, Asked((F.queue == "a",))).tokens.write(position)
    with pytest.raises(holdall.InvalidToken):
        jobs.query(F.queue == "a").page(forged)


def test_an_error_of_a_wrong_query_says_verb_and_backend() -> None:
    with pytest.raises(holdall.InvalidArgument) as raised:
        opened().query(F.nothing == 1)
    assert (raised.value.operation, raised.value.backend) == ("query", "memory")


def test_count_begins_behind_the_page_of_a_query_sorted_here() -> None:
    jobs = opened()
    token = jobs.query(F.queue == "a", order="-state", sort_in_memory=50, limit=10).page().token
    assert jobs.query(F.queue == "a", order="-state", sort_in_memory=50, after=token).count() == 20
