"""Update and delete by query, sorting in memory, and segments, on the memory store."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import F, Index, Partition, Revision, Sort


@dataclass
class Task:
    team: Partition[str]
    id: Sort[int]
    status: str = "new"
    points: int | None = None
    revision: Revision = None

    by_status = Index("status", "points")


@pytest.fixture
def tasks() -> holdall.Repository[Task]:
    repository = holdall.open_repository("memory://", Task)
    repository.put_many(Task("a", n, "new" if n % 2 else "done", (n * 7) % 10 or None) for n in range(20))
    return repository


def test_update_by_query_changes_the_records_found_and_says_how_many(tasks: holdall.Repository[Task]) -> None:
    assert tasks.query(F.team == "a", F.status == "new").update(F.status.set("done")) == 10
    assert tasks.query(F.team == "a", F.status == "done").count() == 20


def test_update_by_query_refuses_a_change_of_the_field_it_reads_by(tasks: holdall.Repository[Task]) -> None:
    with pytest.raises(holdall.InvalidArgument, match="points"):
        tasks.query(F.status == "new", F.points > 1).update(F.points.add(1))


def test_update_by_query_may_move_records_out_of_the_one_partition_read(tasks: holdall.Repository[Task]) -> None:
    expected = tasks.query(F.status == "new").count()
    assert tasks.query(F.status == "new").update(F.status.set("done")) == expected
    assert tasks.query(F.status == "new").count() == 0


def test_update_by_query_over_two_partitions_refuses_to_move_between_them(tasks: holdall.Repository[Task]) -> None:
    with pytest.raises(holdall.InvalidArgument, match="status"):
        tasks.query(F.status.in_(["new", "done"])).update(F.status.set("done"))


def test_delete_by_query_respects_the_limit(tasks: holdall.Repository[Task]) -> None:
    assert tasks.query(F.team == "a", limit=3).delete() == 3
    assert tasks.count() == 17


def test_delete_by_scan_deletes_only_what_fits(tasks: holdall.Repository[Task]) -> None:
    assert tasks.scan(F.points.is_null()).delete() == 2
    assert tasks.scan(F.points.is_null()).count() == 0


@pytest.mark.parametrize("order", ["points", "-points"])
def test_sort_in_memory_orders_by_any_field_with_unset_last(tasks: holdall.Repository[Task], order: str) -> None:
    points = [task.points for task in tasks.query(F.team == "a", order=order, sort_in_memory=100)]
    known = [p for p in points if p is not None]
    assert points[-2:] == [None, None]
    assert known == sorted(known, reverse=order.startswith("-"))


def test_sort_in_memory_refuses_more_records_than_allowed(tasks: holdall.Repository[Task]) -> None:
    with pytest.raises(holdall.BudgetExceeded, match="sort_in_memory=19"):
        tasks.query(F.team == "a", order="points", sort_in_memory=19).all()


@pytest.mark.parametrize("order", ["points", "-points"])
@pytest.mark.parametrize("limit", [1, 3, 20])
def test_pages_of_a_sorted_query_give_every_record_once(
    tasks: holdall.Repository[Task], order: str, limit: int
) -> None:
    query = tasks.scan(order=order, sort_in_memory=100, limit=limit)
    seen: list[int] = []
    token = None
    while True:
        page = query.page(after=token)
        seen += [task.id for task in page]
        token = page.token
        if token is None:
            break
    assert seen == [task.id for task in tasks.scan(order=order, sort_in_memory=100)]
    assert len(set(seen)) == 20


def test_scan_refuses_an_order_without_sort_in_memory(tasks: holdall.Repository[Task]) -> None:
    with pytest.raises(holdall.InvalidArgument, match="sort_in_memory"):
        tasks.scan(order="points")


def test_explain_says_that_the_records_are_sorted_here(tasks: holdall.Repository[Task]) -> None:
    assert "sorted here: by points" in str(tasks.query(F.team == "a", order="points", sort_in_memory=9).explain())


def test_a_page_that_ends_with_the_rows_has_no_token(tasks: holdall.Repository[Task]) -> None:
    assert tasks.query(F.team == "a", limit=20).page().token is None
    assert tasks.query(F.team == "a", limit=19).page().token is not None


def test_a_scan_in_segments_gives_every_record_once(tasks: holdall.Repository[Task]) -> None:
    assert sorted(task.id for task in tasks.scan(segments=4)) == list(range(20))
