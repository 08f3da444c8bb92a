"""What the refusal of a query advises."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import F, Index, Key


@dataclass
class Order:
    id: Key[str]
    status: str
    total: int = 0

    by_status = Index("status")


def test_a_consistent_query_through_an_index_is_not_advised_to_add_an_index() -> None:
    orders = holdall.open_repository("dynamodb://orders?region=eu-west-1", Order)
    with pytest.raises(holdall.QueryRefused, match=r"index by_status would serve .* drop consistent=True"):
        orders.query(F.status == "new", consistent=True)


def test_a_consistent_query_that_nothing_serves_is_advised_to_add_an_index() -> None:
    orders = holdall.open_repository("dynamodb://orders?region=eu-west-1", Order)
    with pytest.raises(holdall.QueryRefused, match=r'Index\("total"\)'):
        orders.query(F.total == 1, consistent=True)
