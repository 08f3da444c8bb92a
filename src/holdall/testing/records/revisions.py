"""Optimistic locking: what a record's revision protects, and when it changes."""

from __future__ import annotations

from dataclasses import replace
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

    Write = Callable[[Repository[Order], Order], Any]

FENCED: dict[str, Write] = {
    "put": lambda orders, held: orders.put(replace(held, note="mine")),
    "replace": lambda orders, held: orders.replace(replace(held, note="mine")),
    "replace when": lambda orders, held: orders.replace(replace(held, note="mine"), when=F.status == "new"),
    "update": lambda orders, held: orders.update(held, F.note.set("mine")),
    "update when": lambda orders, held: orders.update(held, F.note.set("mine"), when=F.status == "new"),
}


def _delete(orders: Repository[Order], held: Order) -> None:
    orders.delete(held)


class RevisionTests(RecordKit):
    """Revisions."""

    @pytest.mark.parametrize("verb", FENCED)
    def test_a_write_of_the_latest_record_goes_through_and_gives_a_new_revision(
        self, orders: Repository[Order], verb: str
    ) -> None:
        held = orders.create(order())
        for _ in range(3):
            written = FENCED[verb](orders, held)
            assert written.revision != held.revision
            assert orders.get(key()) == written
            held = written

    @pytest.mark.parametrize("verb", FENCED)
    def test_a_write_of_a_stale_record_is_a_conflict_and_changes_nothing(
        self, orders: Repository[Order], verb: str
    ) -> None:
        stale = orders.create(order())
        current = orders.update(key(), F.note.set("theirs"))
        with pytest.raises(errors.Conflict) as caught:
            FENCED[verb](orders, stale)
        assert (caught.value.key, caught.value.operation) == (key(), verb.split(maxsplit=1)[0])
        assert orders.get(key()) == current

    @pytest.mark.needs("current")
    @pytest.mark.parametrize("verb", [*FENCED, "delete"])
    def test_a_conflict_carries_what_is_stored(self, orders: Repository[Order], verb: str) -> None:
        stale = orders.create(order())
        current = orders.update(key(), F.note.set("theirs"))
        with pytest.raises(errors.Conflict) as caught:
            {**FENCED, "delete": _delete}[verb](orders, stale)
        assert caught.value.current == current

    def test_delete_of_the_latest_record_goes_through(self, orders: Repository[Order]) -> None:
        orders.delete(orders.create(order()))
        assert not orders.exists(key())

    def test_delete_of_a_stale_record_is_a_conflict_and_changes_nothing(self, orders: Repository[Order]) -> None:
        stale = orders.create(order())
        current = orders.update(key(), F.note.set("theirs"))
        several: list[dict[str, Any]] = [{}, {"must_exist": True}, {"when": F.status == "new"}]
        for options in several:
            with pytest.raises(errors.Conflict):
                orders.delete(stale, **options)
        assert orders.get(key()) == current

    def test_a_put_of_a_record_that_is_gone_is_a_conflict(self, orders: Repository[Order]) -> None:
        held = orders.create(order())
        orders.delete(key())
        with pytest.raises(errors.Conflict) as caught:
            orders.put(held)
        assert caught.value.current is None
        assert not orders.exists(key())

    def test_other_writes_of_a_record_that_is_gone_are_not_found(self, orders: Repository[Order]) -> None:
        held = orders.create(order())
        orders.delete(key())
        for verb in ("replace", "replace when", "update", "update when"):
            with pytest.raises(errors.NotFound):
                FENCED[verb](orders, held)
        orders.delete(held)
        with pytest.raises(errors.NotFound):
            orders.delete(held, must_exist=True)

    def test_a_key_fences_nothing(self, orders: Repository[Order]) -> None:
        first = orders.create(order())
        assert orders.update(key(), F.note.set("a")).revision != first.revision
        orders.delete(key())
        assert not orders.exists(key())

    def test_a_record_without_revision_fences_nothing(self, orders: Repository[Order]) -> None:
        first = orders.create(order())
        second = orders.put(order(note="a"))
        third = orders.replace(order(note="b"))
        fourth = orders.update(order(), F.note.set("c"))
        assert len({one.revision for one in (first, second, third, fourth)}) == 4
        orders.delete(order())

    def test_a_create_is_not_fenced_by_the_revision_that_a_record_carries(self, orders: Repository[Order]) -> None:
        created = orders.create(order(revision="from somewhere else"))
        assert created.revision != "from somewhere else"

    def test_the_revision_changes_even_if_the_values_do_not(self, orders: Repository[Order]) -> None:
        first = orders.put(order(note="n"))
        second = orders.put(first)
        third = orders.update(key(), F.note.set("n"))
        fourth = orders.replace(order(note="n"))
        assert len({one.revision for one in (first, second, third, fourth)}) == 4
        with pytest.raises(errors.Conflict):
            orders.put(first)

    def test_a_record_deleted_and_made_again_is_another_one(self, orders: Repository[Order]) -> None:
        held = orders.create(order())
        orders.delete(key())
        again = orders.create(order())
        assert again.revision != held.revision
        for write in (*FENCED.values(), _delete):
            with pytest.raises(errors.Conflict):
                write(orders, held)
        assert orders.get(key()) == again

    def test_batches_write_new_revisions(self, orders: Repository[Order]) -> None:
        stale = orders.put(order())
        orders.put_many([order()])
        assert orders.require(key()).revision not in (None, stale.revision)
        with pytest.raises(errors.Conflict):
            orders.put(stale)

    def test_a_revision_serves_as_text_in_another_process(self, orders: Repository[Order]) -> None:
        revision = orders.create(order()).revision
        assert revision is not None
        assert revision.isascii()
        assert orders.put(order(note="n", revision=str(revision))).note == "n"

    def test_a_conflict_comes_before_a_false_condition(self, orders: Repository[Order]) -> None:
        stale = orders.create(order())
        orders.update(key(), F.note.set("theirs"))
        with pytest.raises(errors.Conflict):
            orders.update(stale, F.note.set("mine"), when=F.status == "paid")
        with pytest.raises(errors.ConditionFailed):
            orders.update(orders.require(key()), F.note.set("mine"), when=F.status == "paid")

    def test_reads_of_every_sort_carry_the_revision(self, stores: Stores, orders: Repository[Order]) -> None:
        revision = orders.create(order(note="n")).revision
        found = [orders.require(key()), *orders.query(F.customer == "c"), *orders.query(F.note == "n"), *orders.scan()]
        found += [one for one in orders.get_many([key()]) if one is not None]
        assert [one.revision for one in found] == [revision] * 5
        assert orders.query(F.note == "n", fields=["revision"]).all() == [{"revision": revision}]
