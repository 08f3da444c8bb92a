"""What is tried again after a lost answer, and what a key left unprocessed means, on the memory store."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

import holdall
from holdall import F, Key
from holdall.testing.faults import inject


@dataclass
class Basket:
    id: Key[str]
    things: list[str] = field(default_factory=list[str])


@pytest.fixture
def baskets() -> holdall.Repository[Basket]:
    repository = holdall.open_repository("memory://", Basket)
    repository.put(Basket("a", ["one", "two", "three"]))
    return repository


def test_an_element_whose_removal_may_be_done_is_not_removed_again(baskets: holdall.Repository[Basket]) -> None:
    inject(baskets).lose("write")
    with pytest.raises(holdall.Unavailable) as raised:
        baskets.update("a", F.things[0].remove())
    assert raised.value.maybe_done
    assert baskets.require("a").things == ["two", "three"]


def test_an_element_that_may_have_been_set_behind_the_end_is_not_set_again(
    baskets: holdall.Repository[Basket],
) -> None:
    inject(baskets).lose("write")
    with pytest.raises(holdall.Unavailable):
        baskets.update("a", F.things[9].set("four"))
    assert baskets.require("a").things == ["one", "two", "three", "four"]


def test_a_field_that_may_have_been_set_is_set_again(baskets: holdall.Repository[Basket]) -> None:
    inject(baskets).lose("write")
    assert baskets.update("a", F.things.set([])).things == []


def test_a_key_left_unprocessed_is_asked_for_again(baskets: holdall.Repository[Basket]) -> None:
    inject(baskets).leave("get", range)
    assert baskets.get("a") is not None
