"""What explain() says."""

from __future__ import annotations

from dataclasses import dataclass

import holdall
from holdall import F, Index, Partition, Sort


@dataclass
class Order:
    customer: Partition[str]
    id: Sort[str]
    status: str
    total: int = 0

    by_status = Index("status", "id")


ORDERS = holdall.open_repository("memory://", Order)


def test_two_bounds_of_the_sort_key_become_one_between() -> None:
    said = ORDERS.query(F.customer == "c", F.id >= "a", F.id <= "b", F.total > 1).explain()
    assert said.keys == ("customer = 'c' and id between 'a' and 'b'",)
    assert (said.backend_filter, said.here_filter, said.requests) == ("total > 1", None, 1)


def test_a_strict_bound_beside_another_is_left_to_a_filter() -> None:
    said = ORDERS.query(F.customer == "c", F.id > "a", F.id <= "b").explain()
    assert said.keys == ("customer = 'c' and id between 'a' and 'b'",)
    assert said.backend_filter == "id > 'a'"


def test_a_full_key_becomes_a_get() -> None:
    said = ORDERS.query(F.customer == "c", F.id.in_(["2", "1"])).explain()
    assert said.items == 2
    assert said.requests == 1


def test_the_other_indexes_are_named_with_their_reason() -> None:
    said = ORDERS.query(F.status == "new").explain()
    assert said.index == "index by_status"
    assert said.rejected == {"the table's key": "no condition gives customer by = or in"}


def test_conditions_that_contradict_each_other_send_nothing() -> None:
    query = ORDERS.query(F.customer == "c", F.id > "b", F.id < "a")
    assert query.explain().requests == 0
    assert query.all() == []


def test_an_or_of_equalities_on_a_key_is_served_like_in() -> None:
    assert len(ORDERS.query((F.customer == "a") | (F.customer == "b")).explain().keys) == 2
