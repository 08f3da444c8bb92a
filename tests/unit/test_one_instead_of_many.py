"""One item where a batch wants many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import F, Key


@dataclass
class Order:
    id: Key[str]
    total: int = 0


BATCHES: dict[str, Callable[[Any, Any], object]] = {
    "get_many": lambda store, one: list(store.get_many(one)),
    "put_many": lambda store, one: store.put_many(one),
    "delete_many": lambda store, one: store.delete_many(one),
    "update_many": lambda store, one: store.update_many(one, F.total.add(1)),
}


@pytest.mark.parametrize("one", ["abc", b"abc", 7, Order("a")], ids=["str", "bytes", "int", "record"])
@pytest.mark.parametrize("verb", BATCHES)
def test_a_batch_of_something_that_is_no_list_is_refused(verb: str, one: object) -> None:
    orders = holdall.open_repository("memory://", Order)
    with pytest.raises(holdall.InvalidArgument, match=rf"{verb}\(\) takes many items, got one {type(one).__name__}"):
        BATCHES[verb](orders, one)


def test_a_batch_of_a_dict_record_is_refused_rather_than_read_as_its_keys() -> None:
    people = holdall.open_repository("memory://", holdall.Schema(dict, fields={"id": str}, partition="id"))
    with pytest.raises(holdall.InvalidArgument, match="got one dict"):
        people.put_many({"id": "a"})
