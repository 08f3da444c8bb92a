"""Of two indexes that serve a query, the one that holds every record is taken."""

from __future__ import annotations

from dataclasses import dataclass

import holdall
from holdall import F, Index, Key


@dataclass
class Task:
    id: Key[str]
    team: str
    points: int | None = None

    by_points = Index("team", "points")
    by_team = Index("team")


def test_a_query_by_partition_finds_records_without_the_other_index_s_sort_field() -> None:
    tasks = holdall.open_repository("memory://", Task)
    tasks.put_many([Task("a", "x", 1), Task("b", "x")])
    assert sorted(task.id for task in tasks.query(F.team == "x")) == ["a", "b"]
    assert tasks.query(F.team == "x").explain().index == "index by_team"


def test_a_range_of_the_sort_field_takes_the_index_that_has_it() -> None:
    tasks = holdall.open_repository("memory://", Task)
    assert tasks.query(F.team == "x", F.points > 0).explain().index == "index by_points"
