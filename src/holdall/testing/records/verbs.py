"""The verbs for one record."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from ... import errors
from ..._model.markers import Key, Partition, Sort
from ..._model.schema import Schema
from ...expressions import F
from .base import RecordKit
from .models import Colour, Order, Plain, key, order

if TYPE_CHECKING:
    from ...repository import Repository
    from ..stores import Stores


@dataclass
class Keyed:
    id: Key[Any]
    text: str = ""


@dataclass
class Paired:
    first: Partition[Any]
    second: Sort[Any]
    text: str = ""


# Aliases of types take types that are values at run time only in this form.
key_of: Any = Key
sort_of: Any = Sort

KEYS: list[tuple[type, Any]] = [
    (str, "a b/c#d?é"),
    (str, "\U0001f600"),
    (int, -5),
    (int, 2**53 + 1),
    (Decimal, Decimal("1.5")),
    (bytes, b"\x00\xff"),
    (date, date(2026, 2, 28)),
    (datetime, datetime(2026, 1, 1, 12, 30, 0, 5, tzinfo=timezone.utc)),
    (timedelta, timedelta(days=-1, microseconds=3)),
    (UUID, UUID(int=7)),
    (Colour, Colour.GREEN),
]


class VerbTests(RecordKit):
    """Create, put, replace, get, update and delete."""

    def test_create_returns_the_record_as_stored(self, orders: Repository[Order]) -> None:
        created = orders.create(order(note="n"))
        assert created.revision
        assert created == replace(order(note="n"), revision=created.revision)
        assert orders.get(key()) == created

    def test_create_refuses_a_key_that_is_taken_and_changes_nothing(self, orders: Repository[Order]) -> None:
        first = orders.create(order(note="first"))
        with pytest.raises(errors.AlreadyExists) as caught:
            orders.create(order(note="second"))
        assert (caught.value.key, caught.value.operation, caught.value.field) == (key(), "create", None)
        assert caught.value.backend == orders.capabilities.name
        assert isinstance(caught.value, FileExistsError)
        assert orders.get(key()) == first

    def test_put_stores_a_new_record(self, orders: Repository[Order]) -> None:
        stored = orders.put(order(total=Decimal("9.50")))
        assert orders.get(key()) == stored
        assert stored.total == Decimal("9.5")

    def test_put_overwrites_a_record_whole(self, orders: Repository[Order]) -> None:
        orders.put(order(note="old", items=3, tags={"x"}, events=["e"]))
        orders.put(order(status="second"))
        found = orders.require(key())
        assert (found.note, found.items, found.tags, found.events, found.status) == (None, None, set(), [], "second")

    def test_replace_overwrites_a_record_whole(self, orders: Repository[Order]) -> None:
        orders.put(order(note="old", items=3))
        replaced = orders.replace(order(status="second"))
        assert orders.get(key()) == replaced
        assert (replaced.note, replaced.items, replaced.status) == (None, None, "second")

    def test_replace_of_a_missing_record_is_not_found_and_stores_nothing(self, orders: Repository[Order]) -> None:
        with pytest.raises(errors.NotFound) as caught:
            orders.replace(order())
        assert (caught.value.key, caught.value.operation) == (key(), "replace")
        assert not orders.exists(key())

    def test_replace_under_a_true_condition_goes_through(self, orders: Repository[Order]) -> None:
        orders.put(order())
        assert orders.replace(order(status="paid"), when=F.status == "new").status == "paid"

    def test_replace_under_a_false_condition_is_condition_failed(self, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        with pytest.raises(errors.ConditionFailed) as caught:
            orders.replace(order(status="paid"), when=F.status == "shipped")
        assert caught.value.key == key()
        assert orders.get(key()) == stored

    @pytest.mark.needs("current")
    def test_a_failed_condition_carries_what_is_stored(self, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        for write in (
            lambda: orders.replace(order(status="paid"), when=F.status == "shipped"),
            lambda: orders.update(key(), F.total.add(1), when=F.status == "shipped"),
            lambda: orders.delete(key(), when=F.status == "shipped"),
        ):
            with pytest.raises(errors.ConditionFailed) as caught:
                write()
            assert caught.value.current == stored

    def test_get_of_a_missing_record_is_none(self, orders: Repository[Order]) -> None:
        assert orders.get(key()) is None

    def test_require_of_a_missing_record_is_not_found(self, orders: Repository[Order]) -> None:
        with pytest.raises(errors.NotFound) as caught:
            orders.require(key())
        assert caught.value.key == key()

    def test_exists_says_whether_a_record_is_there(self, orders: Repository[Order]) -> None:
        assert not orders.exists(key())
        orders.put(order())
        assert orders.exists(key())

    @pytest.mark.needs("consistent_reads")
    def test_a_consistent_read_sees_the_last_write(self, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        assert orders.get(key(), consistent=True) == stored
        assert orders.require(key(), consistent=True) == stored
        assert orders.exists(key(), consistent=True)
        assert list(orders.get_many([key()], consistent=True)) == [stored]
        assert orders.query(F.customer == "c", consistent=True).all() == [stored]

    def test_a_record_serves_as_its_own_key(self, orders: Repository[Order]) -> None:
        stored = orders.put(order())
        assert orders.get(order()) == stored
        orders.delete(order())
        assert orders.get(order()) is None

    def test_delete_removes_a_record(self, orders: Repository[Order]) -> None:
        orders.put(order(1))
        orders.put(order(2))
        orders.delete(key(1))
        assert [orders.exists(key(n)) for n in (1, 2)] == [False, True]

    def test_delete_of_a_missing_record_is_fine_and_can_be_repeated(self, orders: Repository[Order]) -> None:
        orders.delete(key())
        orders.delete(key())
        assert orders.get(key()) is None

    def test_delete_of_a_missing_record_is_not_found_if_it_must_exist(self, orders: Repository[Order]) -> None:
        with pytest.raises(errors.NotFound) as caught:
            orders.delete(key(), must_exist=True)
        assert (caught.value.key, caught.value.operation) == (key(), "delete")

    def test_delete_under_a_condition(self, orders: Repository[Order]) -> None:
        orders.put(order())
        with pytest.raises(errors.ConditionFailed):
            orders.delete(key(), when=F.status == "paid")
        assert orders.exists(key())
        orders.delete(key(), when=F.status == "new", must_exist=True)
        assert not orders.exists(key())

    def test_delete_under_a_condition_of_a_missing_record_is_fine(self, orders: Repository[Order]) -> None:
        orders.delete(key(), when=F.status == "paid")
        with pytest.raises(errors.NotFound):
            orders.delete(key(), when=F.status == "paid", must_exist=True)

    def test_a_record_is_written_again_after_a_delete(self, orders: Repository[Order]) -> None:
        orders.create(order(note="first"))
        orders.delete(key())
        second = orders.create(order())
        assert orders.get(key()) == second
        assert second.note is None

    def test_update_changes_some_fields_and_returns_the_record_as_stored(self, orders: Repository[Order]) -> None:
        orders.put(order(note="kept"))
        updated = orders.update(key(), F.status.set("paid"), F.total.add(Decimal("2.5")))
        assert (updated.status, updated.total, updated.note) == ("paid", Decimal("2.5"), "kept")
        assert orders.get(key()) == updated

    def test_update_of_a_missing_record_is_not_found_and_stores_nothing(self, orders: Repository[Order]) -> None:
        for when in (None, F.status == "new"):
            with pytest.raises(errors.NotFound) as caught:
                orders.update(key(), F.status.set("paid"), when=when)
            assert caught.value.key == key()
        assert orders.scan().all() == []

    def test_update_under_a_condition(self, orders: Repository[Order]) -> None:
        orders.put(order())
        orders.update(key(), F.status.set("paid"), when=F.status == "new")
        with pytest.raises(errors.ConditionFailed):
            orders.update(key(), F.total.add(1), when=F.status == "new")
        assert orders.require(key()).total == 0

    def test_update_with_create_stores_the_record_with_the_changes_applied(self, orders: Repository[Order]) -> None:
        for expected in (1, 2):
            updated = orders.update(key(), F.total.add(1), F.tags.add_to("t"), create=order(note="n"))
            assert (updated.total, updated.tags, updated.note) == (Decimal(expected), {"t"}, "n")
        assert orders.get(key()) == updated

    def test_update_with_a_create_of_another_key_is_refused(self, orders: Repository[Order]) -> None:
        with pytest.raises(errors.InvalidArgument):
            orders.update(key(1), F.total.add(1), create=order(2))
        assert orders.scan().all() == []

    def test_a_record_passed_in_is_not_changed(self, orders: Repository[Order]) -> None:
        given = order(events=["a"], tags={"t"})
        before = copy.deepcopy(given)
        stored = orders.create(given)
        stored.events.append("b")
        stored.tags.add("u")
        given.events.append("c")
        found = orders.require(key())
        assert (found.events, found.tags) == (before.events, before.tags)
        assert given.revision is None

    def test_a_record_without_revision_is_stored_as_it_is(self, stores: Stores) -> None:
        plain = stores.open(Plain)
        assert plain.create(Plain("a", "x")) == Plain("a", "x")
        assert plain.put(Plain("a", "y")) == plain.get("a")
        assert plain.replace(Plain("a", "z")) == Plain("a", "z")
        assert plain.update("a", F.count.add(2)) == Plain("a", "z", 2)
        assert plain.update(Plain("a"), F.text.remove()) == Plain("a", None, 2)
        plain.delete("a")
        assert plain.get("a") is None

    @pytest.mark.parametrize(("kind", "value"), KEYS, ids=lambda v: getattr(v, "__name__", ascii(v)[:20]))
    def test_a_key_of_any_kind_finds_its_record(self, stores: Stores, kind: type, value: Any) -> None:
        keyed = stores.open(Schema(Keyed, fields={"id": key_of[kind]}))
        stored = keyed.create(Keyed(value, "x"))
        assert stored.id == value
        assert keyed.get(value) == stored
        assert keyed.update(value, F.text.set("y")).text == "y"
        assert list(keyed.get_many([value])) == [Keyed(value, "y")]
        keyed.delete(value)
        assert not keyed.exists(value)

    @pytest.mark.parametrize(("kind", "value"), KEYS, ids=lambda v: getattr(v, "__name__", ascii(v)[:20]))
    def test_a_sort_key_of_any_kind_finds_its_record(self, stores: Stores, kind: type, value: Any) -> None:
        schema = Schema(Paired, fields={"first": key_of[kind], "second": sort_of[kind]})
        paired = stores.open(schema)
        stored = paired.create(Paired(value, value, "x"))
        assert paired.get((value, value)) == stored
        assert paired.query(F.first == value, F.second >= value).all() == [stored]
        assert paired.query(F.first == value, F.second > value).all() == []

    def test_equal_numbers_are_one_key(self, stores: Stores) -> None:
        keyed = stores.open(Schema(Keyed, fields={"id": Key[Decimal]}))
        keyed.put(Keyed(Decimal("1.10"), "first"))
        keyed.put(Keyed(Decimal("1.1"), "second"))
        keyed.put(Keyed(Decimal("1.100"), "third"))
        assert [one.text for one in keyed.scan()] == ["third"]
        assert keyed.require(Decimal("1.1")).text == "third"

    def test_keys_that_differ_in_case_accents_or_blanks_are_different(self, stores: Stores) -> None:
        plain = stores.open(Plain)
        names = ["key", "KEY", "kéy", "ke\u0301y", "key ", " key", "ｋｅｙ", "kеy"]
        for name in names:
            plain.create(Plain(name, name))
        assert [plain.require(name).text for name in names] == names
        assert plain.count() == len(names)

    def test_parts_of_a_key_are_not_run_together(self, orders: Repository[Order]) -> None:
        for customer, number in (("a", "b#c"), ("a#b", "c"), ("a", "b"), ("a#b#c", "x")):
            orders.create(Order(customer, number, note=f"{customer}|{number}"))
        assert orders.require(("a#b", "c")).note == "a#b|c"
        assert [one.id for one in orders.query(F.customer == "a")] == ["b", "b#c"]

    def test_records_of_two_types_do_not_meet(self, stores: Stores) -> None:
        plain, orders = stores.open(Plain), stores.open(Order)
        plain.create(Plain("c"))
        assert orders.scan().all() == []
        orders.create(order())
        assert plain.count() == 1
