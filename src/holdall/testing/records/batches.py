"""Batches of any size, and what they say of what was not written."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .models import Order, key, order

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...repository import Repository
    from ..stores import Stores

C = F.customer == "c"
SIZES = [0, 1, 2, 25, 26, 100, 101, 1000]


class BatchTests(RecordKit):
    """get_many, put_many, delete_many, update_many, and updates and deletes by query."""

    @pytest.mark.parametrize("size", SIZES)
    def test_any_number_of_records_is_written_read_and_removed(self, orders: Repository[Order], size: int) -> None:
        assert orders.put_many(order(n, items=n) for n in range(size)) == size
        assert [one and one.items for one in orders.get_many(key(n) for n in range(size))] == list(range(size))
        assert orders.count() == size
        assert orders.delete_many(key(n) for n in range(size)) == size
        assert orders.count() == 0

    @pytest.mark.parametrize("size", [0, 1, 26, 101])
    def test_any_number_of_records_is_changed(self, orders: Repository[Order], size: int) -> None:
        orders.put_many(order(n) for n in range(size))
        assert orders.update_many((key(n) for n in range(size)), F.items.add(2), F.status.set("x")) == size
        assert orders.count((F.items == 2) & (F.status == "x")) == size

    @pytest.mark.parametrize("size", [2, 25, 26, 250])
    def test_of_several_records_with_one_key_the_last_wins(self, orders: Repository[Order], size: int) -> None:
        assert orders.put_many(order(n % 2, items=n) for n in range(size)) == size
        found = sorted(one.items or 0 for one in orders.scan())
        assert found == [size - 2, size - 1]

    def test_records_with_a_revision_take_their_turn_among_others_of_the_same_key(
        self, orders: Repository[Order]
    ) -> None:
        held = orders.put(order(1))
        held.note = "held"
        assert orders.put_many([held, order(1, note="plain")]) == 2
        assert orders.require(key(1)).note == "plain"
        held = orders.require(key(1))
        held.note = "held"
        with pytest.raises(errors.BatchError) as caught:
            orders.put_many([order(1, note="plain 2"), held])
        assert [(one.index, type(one.error)) for one in caught.value.failures] == [(1, errors.Conflict)]
        assert orders.require(key(1)).note == "plain 2"

    def test_a_key_may_be_removed_twice(self, orders: Repository[Order]) -> None:
        orders.put_many(order(n) for n in range(3))
        assert orders.delete_many([key(0), order(0), key(0), key(2), key(9)]) == 5
        assert [one.id for one in orders.scan()] == ["o-001"]

    def test_a_key_may_be_changed_twice(self, orders: Repository[Order]) -> None:
        orders.put(order(1))
        assert orders.update_many([key(1)] * 3, F.items.add(1)) == 3
        assert orders.require(key(1)).items == 3

    def test_get_many_answers_every_key_in_order_with_none_for_missing_ones(self, orders: Repository[Order]) -> None:
        orders.put_many(order(n) for n in range(150))
        asked = [149, 3, 500, 3, 0, 501, *range(120, 10, -1), 500, 149]
        found = list(orders.get_many([key(n) for n in asked]))
        assert [None if one is None else one.id for one in found] == [None if n >= 500 else key(n)[1] for n in asked]

    def test_get_many_takes_records_for_keys(self, orders: Repository[Order]) -> None:
        stored = orders.put(order(1))
        assert list(orders.get_many([order(1), key(2)])) == [stored, None]

    def test_get_many_reads_no_further_than_it_is_asked(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put_many(order(n, items=n) for n in range(3))
        found = orders.get_many(key(n % 5) for n in itertools.count())
        assert [one and one.items for one in itertools.islice(found, 6)] == [0, 1, 2, None, None, 0]

    def test_more_than_sixteen_megabytes_are_read_whole(self, orders: Repository[Order]) -> None:
        text = "x" * 300_000
        orders.put_many(order(n, note="n", events=[text]) for n in range(60))
        found = list(orders.get_many(key(n) for n in range(60)))
        assert [one and one.id for one in found] == [key(n)[1] for n in range(60)]
        assert all(one is not None and one.events == [text] for one in found)

    def test_a_batch_may_take_any_iterable(self, orders: Repository[Order]) -> None:
        records = {n: order(n) for n in range(3)}
        assert orders.put_many(records.values()) == 3
        assert orders.put_many(iter(records.values())) == 3
        assert orders.delete_many({key(0), key(1)}) == 2
        assert orders.count() == 1

    def test_one_record_instead_of_many_is_refused(self, stores: Stores, orders: Repository[Order]) -> None:
        faults = stores.faults(orders)
        uses: tuple[Callable[[], Any], ...] = (lambda: orders.delete_many("c"), lambda: orders.delete_many(b"c"))
        for wrong in uses:
            with pytest.raises(errors.InvalidArgument):
                wrong()
        assert faults.count() == 0

    def test_what_is_wrong_is_left_out_and_said_and_the_others_are_written(self, orders: Repository[Order]) -> None:
        wrong = {3: order(3, total=Decimal("NaN")), 30: order(30, items="x"), 130: Order("", "x")}
        with pytest.raises(errors.BatchError) as caught:
            orders.put_many(wrong.get(n, order(n)) for n in range(200))
        assert [one.index for one in caught.value.failures] == [3, 30, 130]
        assert [type(one.error) for one in caught.value.failures] == [errors.InvalidArgument] * 3
        assert list(caught.value.unwritten()) == list(wrong.values())
        assert (caught.value.done, orders.count()) == (197, 197)

    def test_failures_of_fenced_records_are_told_one_by_one(self, orders: Repository[Order]) -> None:
        records = [orders.create(order(n)) for n in range(30)]
        for n in (4, 27):
            orders.update(key(n), F.note.set("changed"))
        for one in records:
            one.note = "batch"
        with pytest.raises(errors.BatchError) as caught:
            orders.put_many(records)
        assert [(one.index, one.key, type(one.error)) for one in caught.value.failures] == [
            (4, key(4), errors.Conflict), (27, key(27), errors.Conflict)]  # fmt: skip
        assert orders.query(F.note == "batch").count() == 28
        with pytest.raises(errors.BatchError) as caught:
            orders.delete_many(records)
        assert (len(caught.value.failures), orders.count()) == (30, 30)

    def test_failures_of_changes_are_told_one_by_one(self, orders: Repository[Order]) -> None:
        orders.put_many(order(n, items=n) for n in range(5))
        with pytest.raises(errors.BatchError) as caught:
            orders.update_many([key(n) for n in range(7)], F.note.set("x"), when=F.items != 2)
        assert [(one.index, type(one.error)) for one in caught.value.failures] == [
            (2, errors.ConditionFailed), (5, errors.NotFound), (6, errors.NotFound)]  # fmt: skip
        assert caught.value.done == 4
        assert orders.query(F.note == "x").count() == 4

    def test_unprocessed_writes_are_tried_again(self, stores: Stores, orders: Repository[Order]) -> None:
        faults = stores.faults(orders)
        faults.leave("write_batch", lambda size: range(0, size, 2), times=3)
        assert orders.put_many(order(n, items=n) for n in range(40)) == 40
        assert sorted(one.items or 0 for one in orders.scan()) == list(range(40))

    def test_unprocessed_reads_are_asked_for_again(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put_many(order(n, items=n) for n in range(40))
        faults = stores.faults(orders)
        faults.leave("get", lambda size: range(size // 2, size), times=3)
        assert [one and one.items for one in orders.get_many(key(n) for n in range(42))] == [*range(40), None, None]

    def test_a_throttled_batch_is_tried_again(self, stores: Stores, orders: Repository[Order]) -> None:
        faults = stores.faults(orders)
        faults.fail("write_batch", times=2)
        assert orders.put_many(order(n) for n in range(30)) == 30
        assert orders.count() == 30
        faults.fail("get", times=2)
        assert all(orders.get_many(key(n) for n in range(30)))

    @pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
    def test_a_batch_whose_answer_was_lost_is_written_once_more(
        self, stores: Stores, orders: Repository[Order], *, applied: bool
    ) -> None:
        faults = stores.faults(orders)
        faults.lose("write_batch", applied=applied)
        assert orders.put_many(order(n, items=n) for n in range(10)) == 10
        assert sorted(one.items or 0 for one in orders.scan()) == list(range(10))

    def test_a_batch_that_stays_half_done_says_exactly_what_was_not_written(self, stores: Stores) -> None:
        orders = stores.open(Order, retry=stores.impatient)
        faults = stores.faults(orders)
        taken = 0

        def source() -> Any:
            nonlocal taken
            for n in itertools.count():
                taken += 1
                yield order(n, items=n)

        def stuck(size: int) -> list[int]:
            return [size - 1]

        faults.leave("write_batch", stuck, times=10_000)
        with pytest.raises(errors.BatchError) as caught:
            orders.put_many(source())
        found = caught.value
        assert {type(one.error) for one in found.failures} == {errors.Throttled}
        assert all(one.error.retry == "exhausted" for one in found.failures)
        written = {one.items for one in orders.scan()}
        unwritten = {one.item.items for one in found.failures}
        assert written | unwritten == set(range(taken))
        assert not written & unwritten
        assert found.done == len(written)
        assert next(found.rest).items == taken - 1

    def test_after_an_error_that_would_repeat_the_rest_is_not_tried(self, stores: Stores) -> None:
        orders = stores.open(Order, retry=stores.impatient)
        faults = stores.faults(orders)
        faults.fail("write_batch", lambda: errors.AccessDenied("denied on order"), times=10_000)
        records = [order(n) for n in range(5000)]
        with pytest.raises(errors.BatchError) as caught:
            orders.put_many(records)
        assert caught.value.done == 0
        assert list(caught.value.unwritten()) == records
        assert orders.count() == 0

    def test_records_are_changed_by_query(self, orders: Repository[Order]) -> None:
        orders.put_many(order(n, items=n % 2) for n in range(30))
        assert orders.query(C, F.items == 1).update(F.note.set("odd"), F.events.append("e")) == 15
        assert orders.query(F.note == "odd").count() == 15
        assert orders.scan(F.note.is_null()).update(F.note.set("even")) == 15
        assert orders.query(C, F.items == 7).update(F.note.set("none")) == 0

    def test_records_are_deleted_by_query(self, orders: Repository[Order]) -> None:
        orders.put_many(order(n, items=n % 2) for n in range(30))
        assert orders.query(C, F.id < "o-010", F.items == 1).delete() == 5
        assert orders.query(C, limit=3).delete() == 3
        assert orders.scan().delete() == 22
        assert orders.count() == 0

    def test_a_change_by_query_that_could_meet_a_record_twice_is_refused(self, orders: Repository[Order]) -> None:
        orders.put(order())
        with pytest.raises(errors.InvalidArgument, match="placed"):
            orders.query(F.status == "new").update(F.placed.remove())
