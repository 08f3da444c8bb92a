"""Records that have ended are gone for every verb at once, whatever the backend's own clean-up does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest

from ... import errors
from ...expressions import F
from .base import RecordKit
from .models import Member, Session

if TYPE_CHECKING:
    from ...repository import Repository
    from ..stores import Stores
    from .base import Clock

KEY = ("u", "s")


class ExpiryTests(RecordKit):
    """Expiry, under a clock that the test moves."""

    @pytest.fixture
    def sessions(self, stores: Stores, clock: Clock) -> Repository[Session]:
        """Open sessions under the clock."""
        return stores.open(Session, clock=clock)

    @pytest.fixture
    def ended(self, sessions: Repository[Session], clock: Clock) -> Repository[Session]:
        """Open a table that holds one session that has ended, and one that has not."""
        sessions.create(Session("u", "s", "old", expires=at(clock, 10)))
        sessions.create(Session("u", "t", "old", expires=at(clock, 1000)))
        clock.advance(10)
        return sessions

    def test_a_record_is_there_until_its_end_and_not_from_it_on(
        self, sessions: Repository[Session], clock: Clock
    ) -> None:
        sessions.create(Session("u", "s", expires=at(clock, 10)))
        clock.advance(9.9)
        assert sessions.exists(KEY)
        clock.advance(0.1)
        assert not sessions.exists(KEY)

    def test_an_end_is_kept_in_whole_seconds_rounded_up(self, sessions: Repository[Session], clock: Clock) -> None:
        end = at(clock, 10) + timedelta(microseconds=1)
        stored = sessions.create(Session("u", "s", expires=end))
        assert stored.expires == at(clock, 11)
        assert sessions.get(KEY) == stored

    def test_a_record_without_end_does_not_end(self, sessions: Repository[Session], clock: Clock) -> None:
        sessions.create(Session("u", "s"))
        clock.advance(10**9)
        assert sessions.exists(KEY)
        assert sessions.count() == 1

    def test_reads_do_not_see_it(self, ended: Repository[Session]) -> None:
        assert ended.get(KEY) is None
        assert not ended.exists(KEY)
        with pytest.raises(errors.NotFound):
            ended.require(KEY)
        assert [one and one.id for one in ended.get_many([KEY, ("u", "t")])] == [None, "t"]

    def test_queries_and_counts_do_not_see_it(self, ended: Repository[Session]) -> None:
        for query in (
            ended.query(F.user == "u"), ended.query(F.user == "u", F.id.in_(["s", "t"])), ended.query(F.data == "old"),
            ended.query(F.user == "u", order="-id"), ended.scan(), ended.scan(F.data == "old"),
            ended.query(F.user == "u", limit=1),
        ):  # fmt: skip
            assert [one.id for one in query] == ["t"]
            assert query.count() == 1
            assert [one.id for one in query.page()] == ["t"]
        assert ended.query(F.user == "u", F.id == "s").first() is None
        assert ended.query(F.user == "u", F.data == "old", fields=["id"]).all() == [{"id": "t"}]
        assert ended.count() == 1

    def test_it_does_not_block_a_create(self, ended: Repository[Session]) -> None:
        created = ended.create(Session("u", "s", "new"))
        assert ended.get(KEY) == created
        assert ended.count() == 2

    def test_replace_and_update_do_not_find_it(self, ended: Repository[Session]) -> None:
        for write in (
            lambda: ended.replace(Session("u", "s", "new")),
            lambda: ended.update(KEY, F.data.set("new")),
            lambda: ended.update(KEY, F.expires.remove()),
            lambda: ended.update(KEY, F.data.set("new"), when=F.data == "old"),
            lambda: ended.delete(KEY, must_exist=True),
            lambda: ended.delete(KEY, must_exist=True, when=F.data == "old"),
        ):
            with pytest.raises(errors.NotFound):
                write()
        assert not ended.exists(KEY)

    def test_update_with_create_begins_afresh(self, ended: Repository[Session]) -> None:
        updated = ended.update(KEY, F.data.set_if_absent("again"), create=Session("u", "s", "fresh"))
        assert (updated.data, updated.expires) == ("fresh", None)
        assert ended.get(KEY) == updated

    def test_deleting_it_is_like_deleting_nothing(self, ended: Repository[Session]) -> None:
        ended.delete(KEY, when=F.data == "another")
        ended.delete(KEY)
        assert ended.count() == 1

    def test_a_put_makes_it_live_again(self, ended: Repository[Session], clock: Clock) -> None:
        ended.put(Session("u", "s", "new", expires=at(clock, 5)))
        assert ended.require(KEY).data == "new"
        clock.advance(5)
        assert not ended.exists(KEY)

    def test_a_record_read_before_its_end_fences_nothing_after_it(
        self, sessions: Repository[Session], clock: Clock
    ) -> None:
        held = sessions.create(Session("u", "s", expires=at(clock, 10)))
        clock.advance(10)
        with pytest.raises(errors.Conflict) as caught:
            sessions.put(held)
        assert caught.value.current is None
        with pytest.raises(errors.NotFound):
            sessions.replace(held)
        with pytest.raises(errors.NotFound):
            sessions.update(held, F.data.set("x"))
        sessions.delete(held)

    def test_an_end_may_be_moved_and_taken_away(self, sessions: Repository[Session], clock: Clock) -> None:
        sessions.create(Session("u", "s", expires=at(clock, 10)))
        sessions.update(KEY, F.expires.set(at(clock, 100)))
        clock.advance(99)
        sessions.update(KEY, F.expires.remove())
        clock.advance(10_000)
        assert sessions.require(KEY).expires is None

    def test_pages_count_live_records_only(self, sessions: Repository[Session], clock: Clock) -> None:
        sessions.put_many(Session("u", f"s-{n:02}", expires=at(clock, 10 if n % 3 else 1000)) for n in range(30))
        clock.advance(10)
        query = sessions.query(F.user == "u", limit=4)
        sizes, token = list[int](), None
        while True:
            page = query.page(after=token)
            sizes.append(len(page))
            token = page.token
            if token is None:
                break
        assert sum(sizes) == 10
        assert set(sizes[:-1]) == {4}

    @pytest.mark.needs("transactions")
    def test_a_transaction_does_not_see_it(self, ended: Repository[Session]) -> None:
        with pytest.raises(errors.TransactionFailed) as caught, ended.transaction() as tx:
            tx.create(Session("u", "other"))
            tx.update(KEY, F.data.set("new"))
        assert isinstance(caught.value.reasons[1], errors.NotFound)
        with pytest.raises(errors.TransactionFailed), ended.transaction() as tx:
            tx.check(KEY)
        with ended.transaction() as tx:
            tx.create(Session("u", "s", "new"))
        assert ended.require(KEY).data == "new"

    @pytest.mark.needs("unique")
    def test_the_unique_value_of_a_record_that_has_ended_is_free(self, stores: Stores, clock: Clock) -> None:
        members = stores.open(Member, clock=clock)
        members.create(Member("a", email="x", number=1, expires=int(clock()) + 10))
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("b", email="x"))
        clock.advance(10)
        assert members.create(Member("b", email="x", number=1)).email == "x"
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("c", number=1))
        assert members.create(Member("a", email="y")).email == "y"

    @pytest.mark.needs("unique")
    def test_a_unique_value_is_held_for_as_long_as_its_record_after_its_end_was_moved(
        self, stores: Stores, clock: Clock
    ) -> None:
        members = stores.open(Member, clock=clock)
        members.create(Member("a", email="x", expires=int(clock()) + 10))
        members.update("a", F.expires.set(int(clock()) + 100))
        clock.advance(50)
        with pytest.raises(errors.AlreadyExists):
            members.create(Member("b", email="x"))
        members.update("a", F.expires.set(int(clock()) + 5))
        clock.advance(5)
        members.create(Member("b", email="x"))

    def test_a_naive_end_is_refused(self, sessions: Repository[Session]) -> None:
        with pytest.raises(errors.InvalidArgument, match="time zone"):
            sessions.put(Session("u", "s", expires=datetime(2030, 1, 1)))  # noqa: DTZ001  # the naive one is the point


def at(clock: Clock, seconds: float) -> datetime:
    """Return the instant that many seconds from now."""
    return datetime.fromtimestamp(clock() + seconds, timezone.utc)
