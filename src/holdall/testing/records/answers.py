"""Throttling, lost answers, deadlines: what a caller sees when the backend misbehaves on order."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...deadlines import deadline
from ...expressions import F
from .base import RecordKit
from .models import Order, Plain, key, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...repository import Repository
    from ..faults import Port
    from ..stores import Stores

VERBS: dict[str, tuple[Port, Callable[[Repository[Order]], Any]]] = {
    "get": ("get", lambda orders: orders.get(key())),
    "require": ("get", lambda orders: orders.require(key())),
    "exists": ("get", lambda orders: orders.exists(key())),
    "get_many": ("get", lambda orders: list(orders.get_many([key()]))),
    "query": ("read", lambda orders: orders.query(F.customer == "c").all()),
    "page": ("read", lambda orders: orders.query(F.customer == "c").page()),
    "count": ("read", lambda orders: orders.count()),
    "put": ("write", lambda orders: orders.put(order())),
    "create": ("write", lambda orders: orders.create(order(2))),
    "replace": ("write", lambda orders: orders.replace(order())),
    "update": ("write", lambda orders: orders.update(key(), F.note.set("x"))),
    "add": ("write", lambda orders: orders.update(key(), F.items.add(1))),
    "delete": ("write", lambda orders: orders.delete(key())),
}
_REPEATABLE = [verb for verb in VERBS if verb != "add"]


class AnswerTests(RecordKit):
    """The engine's retries over a driver that fails on order."""

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_throttled_verb_is_tried_again(self, stores: Stores, orders: Repository[Order], verb: str) -> None:
        orders.put(order())
        port, run = VERBS[verb]
        faults = stores.faults(orders)
        faults.fail(port, times=3)
        run(orders)
        assert faults.count(port) == 4

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_verb_that_stays_throttled_says_so(self, stores: Stores, verb: str) -> None:
        orders = stores.open(Order, retry=stores.impatient)
        orders.put(order())
        port, run = VERBS[verb]
        stores.faults(orders).fail(port, times=100)
        with pytest.raises(errors.Throttled) as caught:
            run(orders)
        assert caught.value.retry == "exhausted"
        assert caught.value.backend == orders.capabilities.name
        assert caught.value.operation is not None

    @pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
    @pytest.mark.parametrize("verb", _REPEATABLE)
    def test_a_lost_answer_never_shows(
        self, stores: Stores, orders: Repository[Order], verb: str, *, applied: bool
    ) -> None:
        orders.put(order())
        port, run = VERBS[verb]
        expected = run(orders)
        orders.delete_many([key(1), key(2)])
        orders.put(order())
        faults = stores.faults(orders)
        faults.lose(port, applied=applied)
        answer = run(orders)
        assert _unrevised(answer) == _unrevised(expected)
        assert faults.count(port) == 2

    def test_the_record_of_a_create_whose_answer_was_lost_is_the_one_returned(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        stores.faults(orders).lose("write", times=2)
        created = orders.create(order(note="mine"))
        assert orders.get(key()) == created

    def test_a_create_whose_answer_was_lost_is_known_by_its_content_without_a_revision(self, stores: Stores) -> None:
        plain = stores.open(Plain)
        stores.faults(plain).lose("write")
        assert plain.create(Plain("a", "x", 5)) == plain.get("a")

    @pytest.mark.needs("current")
    def test_a_create_whose_answer_was_lost_is_no_excuse_for_anothers_record(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        orders.put(order(note="theirs"))
        stores.faults(orders).lose("write", applied=False)
        with pytest.raises((errors.AlreadyExists, errors.Unavailable)) as caught:
            orders.create(order(note="mine"))
        assert isinstance(caught.value, errors.AlreadyExists) or caught.value.maybe_done
        assert orders.require(key()).note == "theirs"

    @pytest.mark.parametrize("verb", ["put", "replace", "update", "delete"])
    def test_a_fenced_write_whose_answer_was_lost_is_not_ones_own_conflict(
        self, stores: Stores, orders: Repository[Order], verb: str
    ) -> None:
        held = orders.put(order())
        faults = stores.faults(orders)
        faults.lose("write")
        held.note = "mine"
        if verb == "update":
            assert orders.update(held, F.items.add(1), F.note.set("mine")).items == 1
        elif verb == "delete":
            orders.delete(held)
        else:
            assert getattr(orders, verb)(held) == orders.get(key())
        found = orders.get(key())
        assert found is None if verb == "delete" else found is not None and found.note == "mine"

    @pytest.mark.parametrize("verb", ["put", "replace", "update", "delete"])
    def test_a_conflict_after_a_try_that_was_not_applied_still_shows(
        self, stores: Stores, orders: Repository[Order], verb: str
    ) -> None:
        stale = orders.put(order())
        orders.update(key(), F.note.set("theirs"))
        stores.faults(orders).lose("write", applied=False)
        with pytest.raises((errors.Conflict, errors.Unavailable)) as caught:
            if verb == "update":
                orders.update(stale, F.items.add(1))
            else:
                getattr(orders, verb)(stale)
        assert isinstance(caught.value, errors.Conflict) or caught.value.maybe_done
        assert orders.require(key()).note == "theirs"

    def test_an_add_whose_answer_was_lost_is_not_made_twice(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put(order(items=1))
        faults = stores.faults(orders)
        for change in (F.items.add(1), F.events.append("e")):
            faults.lose("write")
            with pytest.raises(errors.Unavailable) as caught:
                orders.update(key(), change)
            assert caught.value.maybe_done
        found = orders.require(key())
        assert (found.items, found.events) == (2, ["e"])

    def test_an_add_under_a_revision_is_made_exactly_once(self, stores: Stores, orders: Repository[Order]) -> None:
        held = orders.put(order(items=1))
        stores.faults(orders).lose("write")
        assert orders.update(held, F.items.add(1), F.total.add(Decimal(2))).items == 2
        assert orders.require(key()).items == 2

    def test_an_error_that_would_repeat_is_not_tried_again(self, stores: Stores, orders: Repository[Order]) -> None:
        faults = stores.faults(orders)
        faults.fail("get", lambda: errors.AccessDenied("denied on order"))
        with pytest.raises(errors.AccessDenied) as caught:
            orders.get(key())
        assert (faults.count(), caught.value.key, caught.value.operation) == (1, key(), "get")

    @pytest.mark.parametrize("verb", VERBS)
    def test_a_deadline_that_has_passed_stops_a_verb_before_any_request(
        self, stores: Stores, orders: Repository[Order], verb: str
    ) -> None:
        orders.put(order())
        faults = stores.faults(orders)
        with deadline(0), pytest.raises(errors.Timeout) as caught:
            VERBS[verb][1](orders)
        assert isinstance(caught.value, TimeoutError)
        assert faults.count() == 0

    @pytest.mark.parametrize("verb", ["get", "put", "query"])
    def test_a_deadline_bounds_the_retries(self, stores: Stores, orders: Repository[Order], verb: str) -> None:
        orders.put(order())
        port, run = VERBS[verb]
        stores.faults(orders).fail(port, times=1000)
        begun = time.monotonic()
        with deadline(0.3), pytest.raises((errors.Timeout, errors.Throttled)):
            run(orders)
        assert time.monotonic() - begun < 3

    def test_a_batch_that_runs_into_the_deadline_says_what_was_not_written(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        faults = stores.faults(orders)
        faults.fail("write_batch", times=10_000)
        with deadline(0.2), pytest.raises(errors.BatchError) as caught:
            orders.put_many(order(n) for n in range(300))
        assert {type(one.error) for one in caught.value.failures} <= {errors.Timeout, errors.Throttled}
        assert len(list(caught.value.unwritten())) == 300
        assert orders.count() == 0

    def test_a_page_that_runs_into_the_deadline_says_so_and_can_be_gone_on_from(
        self, stores: Stores, orders: Repository[Order]
    ) -> None:
        orders.put_many(order(n, items=n, events=["x" * 90_000]) for n in range(60))
        faults = stores.faults(orders)
        query = orders.query(F.customer == "c", F.items >= 40, limit=20)
        faults.delay("read", 0.05)
        faults.delay("read", 0.6)
        with deadline(0.5):
            page = query.page()
        found = list(page)
        while page.token is not None:
            page = query.page(after=page.token)
            found += page
        assert [one.items for one in found] == list(range(40, 60))


def _unrevised(answer: Any) -> Any:
    if isinstance(answer, Order):
        answer.revision = None
    elif isinstance(answer, list):
        return [_unrevised(one) for one in answer]  # pyright: ignore[reportUnknownVariableType]
    elif hasattr(answer, "items"):
        return [_unrevised(one) for one in answer]
    return answer
