"""Unique fields: a value is held by one live record at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit, each_needs
from .models import Member

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...async_repository import AsyncRepository
    from ...repository import Repository
    from ..stores import Stores


@each_needs("unique")
class UniqueTests(RecordKit):
    """Unique fields."""

    @pytest.fixture
    def members(self, stores: Stores) -> Repository[Member]:
        """Open a table of one member."""
        members = stores.open(Member)
        members.create(Member("a", email="a@x", number=1))
        return members

    @pytest.mark.parametrize("verb", ["create", "put"])
    def test_a_value_that_is_taken_is_refused_and_nothing_is_written(
        self, members: Repository[Member], verb: str
    ) -> None:
        for record, field in ((Member("b", email="a@x"), "email"), (Member("b", number=1), "number")):
            with pytest.raises(errors.AlreadyExists) as caught:
                getattr(members, verb)(record)
            assert (caught.value.field, caught.value.key) == (field, "b")
        assert [one.id for one in members.scan()] == ["a"]

    def test_a_replace_or_update_to_a_value_that_is_taken_is_refused(self, members: Repository[Member]) -> None:
        stored = members.create(Member("b", email="b@x", name="b"))
        writes: tuple[Callable[[], Any], ...] = (
            lambda: members.replace(Member("b", email="a@x")),
            lambda: members.put(Member("b", email="a@x")),
            lambda: members.update("b", F.email.set("a@x"), F.name.set("changed")),
            lambda: members.update("b", F.number.add(1)),
            lambda: members.update("b", F.email.set("a@x"), create=Member("b")),
            lambda: members.update("new", F.email.set("a@x"), create=Member("new")),
        )
        for write in writes:
            with pytest.raises(errors.AlreadyExists) as caught:
                write()
            assert caught.value.field in ("email", "number")
        assert members.get("b") == stored
        assert members.count() == 2

    def test_a_record_keeps_its_own_value(self, members: Repository[Member]) -> None:
        members.put(Member("a", email="a@x", number=1, name="second"))
        members.replace(Member("a", email="a@x", number=1, name="third"))
        assert members.update("a", F.email.set("a@x"), F.name.set("fourth")).name == "fourth"
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("b", email="a@x"))

    def test_none_is_no_value(self, members: Repository[Member]) -> None:
        for name in ("b", "c", "d"):
            members.create(Member(name))
        assert members.count() == 4

    def test_a_value_that_was_given_up_is_free(self, members: Repository[Member]) -> None:
        members.update("a", F.email.set("b@x"), F.number.remove())
        members.create(Member("b", email="a@x", number=1))
        members.delete("a")
        members.create(Member("c", email="b@x"))
        members.put(Member("b", email="d@x"))
        members.create(Member("d", email="a@x", number=1))
        assert {one.id: one.email for one in members.scan()} == {"b": "d@x", "c": "b@x", "d": "a@x"}

    def test_values_are_equal_by_code_point_and_by_number(self, members: Repository[Member]) -> None:
        for i, email in enumerate(["A@x", "a@x ", "á@x", "a\u0301@x", "a@X"]):
            members.create(Member(f"m{i}", email=email))
        assert members.count() == 6

    def test_a_key_that_is_taken_comes_before_a_value_that_is_taken(self, members: Repository[Member]) -> None:
        members.create(Member("b", email="b@x"))
        with pytest.raises(errors.AlreadyExists) as caught:
            members.create(Member("a", email="b@x"))
        assert caught.value.field is None

    def test_a_record_made_again_after_a_delete_takes_its_value_again(self, members: Repository[Member]) -> None:
        held = members.require("a")
        members.delete(held)
        assert members.create(Member("a", email="a@x", number=1)).revision != held.revision

    def test_a_refused_write_leaves_no_value_behind(self, members: Repository[Member]) -> None:
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("b", email="free@x", number=1))
        with pytest.raises(errors.ConditionFailed):
            members.update("a", F.email.set("free@x"), when=F.name == "nobody")
        stale = members.require("a")
        members.update("a", F.name.set("changed"))
        with pytest.raises(errors.Conflict):
            members.update(stale, F.email.set("free@x"))
        assert members.create(Member("c", email="free@x")).email == "free@x"

    def test_a_batch_says_which_values_are_taken_and_writes_the_others(self, members: Repository[Member]) -> None:
        with pytest.raises(errors.BatchError) as caught:
            members.put_many(Member(f"m{n}", email="a@x" if n == 17 else f"{n}@x") for n in range(30))
        assert [(one.index, one.key) for one in caught.value.failures] == [(17, "m17")]
        assert isinstance(caught.value.failures[0].error, errors.AlreadyExists)
        assert caught.value.failures[0].error.field == "email"
        assert (caught.value.done, members.count()) == (29, 30)

    def test_of_two_records_of_a_batch_with_one_value_one_is_written(self, members: Repository[Member]) -> None:
        with pytest.raises(errors.BatchError) as caught:
            members.put_many([Member("b", email="twice@x"), Member("c", email="twice@x")])
        assert len(caught.value.failures) == 1
        assert members.scan(F.email == "twice@x").count() == 1

    def test_a_batch_of_deletes_gives_the_values_up(self, members: Repository[Member]) -> None:
        members.delete_many(["a"])
        assert members.create(Member("b", email="a@x", number=1)).number == 1

    @pytest.mark.needs("transactions")
    def test_a_transaction_to_a_value_that_is_taken_fails_with_its_reason(self, members: Repository[Member]) -> None:
        with pytest.raises(errors.TransactionFailed) as caught, members.transaction() as tx:
            tx.create(Member("b", email="b@x"))
            tx.create(Member("c", email="a@x"))
        first, second = caught.value.reasons
        assert first is None
        assert isinstance(second, errors.AlreadyExists)
        assert (second.field, second.key) == ("email", "c")
        assert members.count() == 1
        members.create(Member("d", email="b@x"))

    @pytest.mark.needs("transactions")
    def test_a_transaction_takes_and_gives_up_values(self, members: Repository[Member]) -> None:
        with members.transaction() as tx:
            tx.delete("a")
            tx.create(Member("b", email="b@x"))
        members.create(Member("c", email="a@x", number=1))
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("d", email="b@x"))

    @pytest.mark.needs("transactions")
    def test_a_transaction_tells_every_condition_that_is_false(self, members: Repository[Member]) -> None:
        with pytest.raises(errors.TransactionFailed) as caught, members.transaction() as tx:
            tx.create(Member("a"))
            tx.put(Member("b", email="b@x"))
            tx.update("c", F.name.set("changed"))
            tx.delete("a2", must_exist=True)
            tx.check("d")
        assert [type(one) for one in caught.value.reasons] == [
            errors.AlreadyExists, type(None), errors.NotFound, errors.NotFound, errors.NotFound]  # fmt: skip
        assert members.count() == 1

    @pytest.mark.needs("transactions")
    def test_a_value_that_a_record_of_a_transaction_gives_up_is_free_for_a_later_one(
        self, members: Repository[Member]
    ) -> None:
        with members.transaction() as tx:
            tx.delete("a")
            tx.create(Member("b", email="a@x", number=1))
        assert members.require("b").email == "a@x"
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("c", email="a@x"))
        members.delete("b")
        members.create(Member("c", email="a@x"))

    @pytest.mark.needs("transactions")
    def test_a_value_is_not_free_for_a_record_before_the_one_that_gives_it_up(
        self, members: Repository[Member]
    ) -> None:
        with pytest.raises(errors.TransactionFailed) as caught, members.transaction() as tx:
            tx.create(Member("b", email="a@x"))
            tx.delete("a")
        assert [type(one) for one in caught.value.reasons] == [errors.AlreadyExists, type(None)]
        assert [one.id for one in members.scan()] == ["a"]

    @pytest.mark.needs("transactions")
    def test_of_two_records_of_a_transaction_with_one_value_the_second_is_at_fault(
        self, members: Repository[Member]
    ) -> None:
        with pytest.raises(errors.TransactionFailed) as caught, members.transaction() as tx:
            tx.create(Member("b", email="b@x"))
            tx.create(Member("c", email="b@x"))
        assert [type(one) for one in caught.value.reasons] == [type(None), errors.AlreadyExists]
        assert members.count() == 1

    def test_of_many_that_want_a_value_one_gets_it(self, stores: Stores, members: Repository[Member]) -> None:
        def claimant(name: str) -> Any:
            async def claim(target: AsyncRepository[Member]) -> bool:
                try:
                    await target.create(Member(name, email="wanted@x"))
                except (errors.AlreadyExists, errors.Throttled):
                    return False
                return True

            return claim

        won = stores.race(members, [claimant(f"m{n}") for n in range(8)])
        assert sum(won) == 1
        assert members.scan(F.email == "wanted@x").count() == 1
        assert members.count() == 2
