"""All-or-nothing write sets."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from ...opening import open_async_repository, open_repository
from .base import RecordKit, each_needs
from .models import Numbered, Order, Plain, key, order

if TYPE_CHECKING:
    from ...async_repository import AsyncRepository
    from ...repository import Repository
    from ..stores import Stores


@each_needs("transactions")
class TransactionTests(RecordKit):
    """Transactions."""

    @pytest.fixture
    def three(self, orders: Repository[Order]) -> Repository[Order]:
        """Open orders 1 to 3."""
        orders.put_many(order(n, items=n) for n in (1, 2, 3))
        return orders

    def test_every_verb_goes_through_at_once(self, three: Repository[Order]) -> None:
        with three.transaction() as tx:
            created = tx.create(order(4, note="created"))
            put = tx.put(order(5, note="put"))
            replaced = tx.replace(order(1, note="replaced"), when=F.items == 1)
            tx.update(key(2), F.items.add(10), F.tags.add_to("t"), F.note.set("updated"), when=F.status == "new")
            tx.delete(key(3), when=F.items == 3, must_exist=True)
            tx.delete(key(99))
            assert three.count() == 3
        assert [three.get(key(n)) for n in (4, 5, 1)] == [created, put, replaced]
        assert created.revision
        updated = three.require(key(2))
        assert (updated.items, updated.tags, updated.note) == (12, {"t"}, "updated")
        assert three.get(key(3)) is None

    def test_a_check_writes_nothing(self, three: Repository[Order]) -> None:
        before = three.require(key(1))
        with three.transaction() as tx:
            tx.check(before, when=F.items == 1)
            tx.check(key(2), when=F.items == 2)
            tx.put(order(5))
        assert three.get(key(1)) == before
        assert three.exists(key(5))

    def test_one_reason_for_each_item_and_nothing_is_written(self, three: Repository[Order]) -> None:
        stale = three.require(key(2))
        three.update(key(2), F.note.set("theirs"))
        before = sorted(three.scan(), key=lambda one: one.id)
        with pytest.raises(errors.TransactionFailed) as caught, three.transaction() as tx:
            tx.put(order(10))
            tx.create(order(1))
            tx.replace(order(11))
            tx.put(stale)
            tx.update(key(3), F.items.add(1), when=F.items == 0)
            tx.update(key(12), F.items.add(1))
            tx.delete(key(13), must_exist=True)
            tx.check(key(14))
            tx.delete(key(15))
        reasons = caught.value.reasons
        assert [type(one) for one in reasons] == [
            type(None), errors.AlreadyExists, errors.NotFound, errors.Conflict, errors.ConditionFailed, errors.NotFound,
            errors.NotFound, errors.NotFound, type(None),
        ]  # fmt: skip
        assert [one and one.key for one in reasons] == [
            None, key(1), key(11), key(2), key(3), key(12), key(13), key(14), None]  # fmt: skip
        assert sorted(three.scan(), key=lambda one: one.id) == before

    @pytest.mark.parametrize("verb", ["put", "replace", "update", "delete", "check"])
    def test_a_stale_record_is_a_conflict(self, three: Repository[Order], verb: str) -> None:
        stale = three.require(key(1))
        three.update(key(1), F.note.set("theirs"))
        with pytest.raises(errors.TransactionFailed) as caught, three.transaction() as tx:
            changes = [F.note.set("mine")] if verb == "update" else []
            getattr(tx, verb)(stale, *changes)
        assert isinstance(caught.value.reasons[0], errors.Conflict)
        assert three.require(key(1)).note == "theirs"

    @pytest.mark.needs("current")
    def test_reasons_carry_what_is_stored(self, three: Repository[Order]) -> None:
        stale = three.require(key(1))
        current = three.update(key(1), F.note.set("theirs"))
        with pytest.raises(errors.TransactionFailed) as caught, three.transaction() as tx:
            tx.put(stale)
            tx.delete(key(2), when=F.items == 9)
        first, second = caught.value.reasons
        assert isinstance(first, errors.Conflict)
        assert isinstance(second, errors.ConditionFailed)
        assert (first.current, second.current) == (current, three.get(key(2)))

    def test_a_put_of_a_record_that_is_gone_is_a_conflict_too(self, three: Repository[Order]) -> None:
        held = three.require(key(1))
        three.delete(key(1))
        with pytest.raises(errors.TransactionFailed) as caught, three.transaction() as tx:
            tx.put(held)
            tx.put(order(5))
        assert isinstance(caught.value.reasons[0], errors.Conflict)
        assert not three.exists(key(5))

    def test_an_error_in_the_block_writes_nothing(self, three: Repository[Order]) -> None:
        with pytest.raises(ZeroDivisionError), three.transaction() as tx:
            tx.delete(key(1))
            raise ZeroDivisionError
        assert three.count() == 3

    def test_a_wrong_item_is_refused_at_once_and_writes_nothing(self, stores: Stores, three: Repository[Order]) -> None:
        faults = stores.faults(three)
        with pytest.raises(errors.InvalidArgument), three.transaction() as tx:
            tx.delete(key(1))
            tx.put(order(4, total=Decimal("NaN")))
        assert faults.count() == 0

    def test_an_empty_transaction_asks_the_backend_nothing(self, stores: Stores, orders: Repository[Order]) -> None:
        faults = stores.faults(orders)
        with orders.transaction():
            pass
        orders.transaction().commit()
        assert faults.count() == 0

    def test_it_is_used_once(self, orders: Repository[Order]) -> None:
        tx = orders.transaction()
        tx.put(order())
        tx.commit()
        for use in (tx.commit, lambda: tx.put(order(2))):
            with pytest.raises(errors.ClosedError):
                use()
        assert orders.count() == 1

    def test_one_record_twice_is_refused_before_any_request(self, stores: Stores, orders: Repository[Order]) -> None:
        faults = stores.faults(orders)
        with pytest.raises(errors.InvalidArgument) as caught, orders.transaction() as tx:
            tx.put(order(1))
            tx.put(order(2))
            tx.delete(key(1))
        assert caught.value.key == key(1)
        assert faults.count() == 0

    @pytest.mark.parametrize("size", [2, 25, 99, 100])
    def test_it_is_sent_whole(self, stores: Stores, orders: Repository[Order], size: int) -> None:
        faults = stores.faults(orders)
        with orders.transaction() as tx:
            for n in range(size):
                tx.create(order(n))
        assert faults.count("transact") == 1
        assert orders.count() == size

    def test_one_item_too_many_is_refused_and_never_split(self, stores: Stores, orders: Repository[Order]) -> None:
        limit = orders.capabilities.max_transaction
        faults = stores.faults(orders)
        if limit is None:
            with orders.transaction() as tx:
                for n in range(250):
                    tx.put(order(n))
            assert (faults.count("transact"), orders.count()) == (1, 250)
        else:
            with pytest.raises(errors.TooLarge, match=str(limit)), orders.transaction() as tx:
                for n in range(limit + 1):
                    tx.put(order(n))
            assert faults.count() == 0

    def test_all_is_rolled_back_whichever_item_is_at_fault(self, orders: Repository[Order]) -> None:
        orders.put(order(500))
        for position in (0, 25, 49):
            with pytest.raises(errors.TransactionFailed) as caught, orders.transaction() as tx:
                for n in range(50):
                    tx.create(order(500 if n == position else n))
            assert [n for n, reason in enumerate(caught.value.reasons) if reason is not None] == [position]
            assert orders.count() == 1

    @pytest.mark.needs("shared")
    def test_it_reaches_across_repositories_of_one_store(self, stores: Stores, orders: Repository[Order]) -> None:
        plain = stores.open(Plain)
        orders.put(order(1, items=1))
        with orders.transaction() as tx:
            tx.update(key(1), F.items.add(1))
            tx.on(plain).create(Plain("a", "x"))
        assert (orders.require(key(1)).items, plain.get("a")) == (2, Plain("a", "x"))
        with pytest.raises(errors.TransactionFailed) as caught, plain.transaction() as tx2:
            tx2.put(Plain("b"))
            tx2.on(orders).create(order(1))
        assert [type(one) for one in caught.value.reasons] == [type(None), errors.AlreadyExists]
        assert plain.count() == 1

    @pytest.mark.needs("shared")
    def test_equal_keys_in_two_repositories_are_two_records(self, stores: Stores) -> None:
        plain, other = stores.open(Plain), stores.open(Numbered)
        with plain.transaction() as tx:
            tx.put(Plain("a"))
            tx.on(other).put(Numbered("a"))
        assert (plain.count(), other.count()) == (1, 1)

    def test_a_repository_of_another_store_is_refused(self, stores: Stores, orders: Repository[Order]) -> None:
        elsewhere: Any = (open_async_repository if stores.asynchronous else open_repository)("memory://", Plain)
        with pytest.raises(errors.InvalidArgument, match="one store"), orders.transaction() as tx:
            tx.put(order(1))
            tx.on(elsewhere).put(Plain("a"))
        assert orders.count() == 0

    @pytest.mark.needs("idempotency_tokens")
    def test_repeated_under_its_token_it_is_applied_once(self, orders: Repository[Order]) -> None:
        orders.put(order(1, items=0))
        for _ in range(3):
            with orders.transaction(token="t-1") as tx:
                tx.update(key(1), F.items.add(1))
        with orders.transaction(token="t-2") as tx:
            tx.update(key(1), F.items.add(1))
        assert orders.require(key(1)).items == 2

    @pytest.mark.parametrize("token", ["", "x" * 37])
    def test_a_token_of_a_wrong_length_is_refused(self, orders: Repository[Order], token: str) -> None:
        with pytest.raises(errors.InvalidArgument, match="token"):
            orders.transaction(token=token)

    def test_a_throttled_one_is_tried_again(self, stores: Stores, three: Repository[Order]) -> None:
        stores.faults(three).fail("transact", times=3)
        with three.transaction() as tx:
            tx.update(key(1), F.items.add(1))
        assert three.require(key(1)).items == 2

    @pytest.mark.needs("idempotency_tokens")
    @pytest.mark.parametrize("applied", [True, False], ids=["applied", "not applied"])
    def test_one_whose_answer_was_lost_is_applied_once(
        self, stores: Stores, three: Repository[Order], *, applied: bool
    ) -> None:
        stores.faults(three).lose("transact", times=2, applied=applied)
        held = three.require(key(2))
        with three.transaction() as tx:
            tx.update(key(1), F.items.add(1))
            tx.create(order(4))
            tx.put(held)
            tx.delete(key(3), must_exist=True)
        assert three.require(key(1)).items == 2
        assert three.exists(key(4))
        assert not three.exists(key(3))

    def test_transfers_at_once_keep_the_sum(self, stores: Stores, orders: Repository[Order]) -> None:
        orders.put_many(order(n, items=100) for n in range(4))

        def mover(start: int) -> Any:
            async def move(target: AsyncRepository[Order]) -> None:
                for turn in range(3):
                    tx: Any = await _transaction(target)
                    tx.update(key((start + turn) % 4), F.items.add(-1))
                    tx.update(key((start + turn + 1) % 4), F.items.add(1))
                    done = tx.commit()
                    if done is not None:
                        await done

            return move

        stores.race(orders, [mover(n) for n in range(4)])
        assert sum(one.items or 0 for one in orders.scan()) == 400


async def _transaction(target: Any) -> Any:
    tx = target.transaction()
    return await tx if hasattr(tx, "__await__") else tx
