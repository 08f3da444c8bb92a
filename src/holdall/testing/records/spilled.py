"""Fields whose large values lie in a blob store."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from ... import errors
from ..._engine.spill.markers import PREFIX
from ...expressions import F
from ...spill import Spill
from ..stores import bare
from .base import RecordKit
from .models import START, Letter, Pamphlet

if TYPE_CHECKING:
    from ...async_repository import AsyncRepository
    from ...blobs.store import BlobStore
    from ...repository import Repository
    from ..stores import Stores
    from .base import Clock

OVER = 100
LONG = "ä" * OVER
KEY = ("b", "l-1")


def letter(number: int = 1, /, **values: Any) -> Letter:
    """Return a letter of the box "b"."""
    given: dict[str, Any] = {"box": "b", "id": f"l-{number}", **values}
    return Letter(**given)


def keys(blobs: BlobStore) -> list[str]:
    """Return the keys of all blobs."""
    return [info.key for info in blobs.list()]


class SpilledTests(RecordKit):
    """Records that claim blobs, and blobs that nothing claims."""

    @pytest.fixture
    def blobs(self, stores: Stores) -> BlobStore:
        """Open an empty blob store."""
        return stores.blobs()

    @pytest.fixture
    def letters(self, stores: Stores, blobs: BlobStore) -> Repository[Letter]:
        """Open an empty repository of letters, which spills two fields."""
        return stores.open(Letter, spill=[Spill(name, blobs=bare(blobs), over=OVER) for name in ("body", "scan")])

    def test_large_values_lie_in_blobs_and_are_read_as_they_were(
        self, letters: Repository[Letter], blobs: BlobStore
    ) -> None:
        stored = letters.create(letter(body=LONG, scan=b"\x00" * 101))
        assert len(keys(blobs)) == 2
        assert letters.get(KEY) == stored == letter(body=LONG, scan=b"\x00" * 101, revision=stored.revision)

    def test_small_values_stay_in_the_record(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        stored = letters.put(letter(body="x" * OVER, scan=b"x" * OVER))
        assert keys(blobs) == []
        assert letters.require(KEY) == stored

    def test_an_empty_value_is_replaced_by_a_large_one(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        letters.put(letter(body="", scan=b""))
        assert letters.put(letter(body=LONG, scan=b"x" * 101)) == letters.require(KEY)
        assert len(keys(blobs)) == 2

    def test_a_value_like_a_marker_is_read_as_it_was(self, letters: Repository[Letter]) -> None:
        like = f"{PREFIX}4:00000000:letters/body/0"
        letters.put(letter(body=like, scan=like.encode()))
        found = letters.require(KEY)
        assert (found.body, found.scan) == (like, like.encode())

    def test_every_read_brings_whole_values(self, letters: Repository[Letter]) -> None:
        letters.put_many([letter(n, body=f"{n}{LONG}", pages=7) for n in range(5)])
        wanted = [f"{n}{LONG}" for n in range(5)]
        some = [("b", "l-0"), ("b", "none"), ("b", "l-4")]
        assert [found and found.body for found in letters.get_many(some)] == [wanted[0], None, wanted[4]]
        assert [found.body for found in letters.query(F.box == "b")] == wanted
        assert sorted(found.body or "" for found in letters.query(F.pages == 7)) == wanted
        assert sorted(row["body"] for row in letters.scan(fields=["body"])) == wanted
        page = letters.query(F.box == "b", limit=2).page()
        assert [found.body for found in page] == wanted[:2]
        rest = letters.query(F.box == "b", limit=9).page(page.token)
        assert [found.body for found in rest] == wanted[2:]

    def test_what_is_overwritten_is_removed(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        held = letters.put(letter(body=LONG, scan=b"x" * 101))
        before = keys(blobs)
        held.body = f"{LONG}!"
        letters.replace(held)
        assert len(keys(blobs)) == 2
        assert not {*before} & {*keys(blobs)}
        letters.put(letter(body="short"))
        assert keys(blobs) == []

    def test_what_is_deleted_is_removed(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        letters.put_many(letter(n, body=LONG) for n in range(4))
        letters.delete(KEY)
        assert len(keys(blobs)) == 3
        letters.delete_many([("b", "l-0"), ("b", "l-2"), ("b", "none")])
        assert len(keys(blobs)) == 1
        letters.query(F.box == "b").delete()
        assert keys(blobs) == []

    def test_an_update_keeps_what_it_does_not_touch(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        letters.put(letter(body=LONG))
        before = keys(blobs)
        assert letters.update(KEY, F.pages.set(2)).body == LONG
        assert keys(blobs) == before
        assert letters.update(KEY, F.body.set(f"{LONG}!")).body == f"{LONG}!"
        assert len(keys(blobs)) == 1
        assert keys(blobs) != before
        assert letters.update(KEY, F.body.remove()).body is None
        assert keys(blobs) == []

    def test_set_if_absent_leaves_no_blob_where_there_is_a_value(
        self, letters: Repository[Letter], blobs: BlobStore
    ) -> None:
        letters.put(letter())
        assert letters.update(KEY, F.body.set_if_absent(LONG)).body == LONG
        assert letters.update(KEY, F.body.set_if_absent(f"{LONG}!")).body == LONG
        assert len(keys(blobs)) == 1

    def test_an_update_that_creates_spills(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        letters.update(KEY, F.body.set(LONG), create=letter(scan=b"x" * 101))
        assert letters.require(KEY).body == LONG
        assert len(keys(blobs)) == 2

    def test_batches_remove_what_they_overwrite(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        for mark in "ab":
            letters.put_many(letter(n, body=f"{mark}{LONG}") for n in range(120))
        assert len(keys(blobs)) == 120
        assert letters.query(F.box == "b", F.body.is_set()).count() == 120
        letters.delete_many(("b", f"l-{n}") for n in range(120))
        assert keys(blobs) == []

    @pytest.mark.needs("current")
    def test_a_refused_write_leaves_the_blobs_as_they_were(
        self, letters: Repository[Letter], blobs: BlobStore
    ) -> None:
        stale = letters.put(letter(body=LONG))
        current = letters.update(KEY, F.pages.set(2))
        before = keys(blobs)
        stale.body = f"{LONG}!"
        with pytest.raises(errors.Conflict) as conflict:
            letters.put(stale)
        assert conflict.value.current == current
        with pytest.raises(errors.AlreadyExists):
            letters.create(letter(body=LONG))
        with pytest.raises(errors.ConditionFailed):
            letters.update(KEY, F.body.set(LONG), when=F.pages == 9)
        with pytest.raises(errors.Conflict):
            letters.delete(stale)
        assert keys(blobs) == before

    @pytest.mark.needs("transactions")
    def test_a_transaction_puts_and_removes_blobs(self, letters: Repository[Letter], blobs: BlobStore) -> None:
        letters.put_many(letter(n, body=f"{n}{LONG}") for n in range(3))
        with letters.transaction() as transaction:
            transaction.put(letter(0, body=f"new{LONG}"))
            transaction.update(("b", "l-1"), F.body.set("short"), F.scan.set(b"x" * 101))
            transaction.delete(("b", "l-2"))
            transaction.create(letter(3, scan=b"y" * 101))
        assert [(found.body, len(found.scan or b"")) for found in letters.query(F.box == "b")] == [
            (f"new{LONG}", 0), ("short", 101), (None, 101),
        ]  # fmt: skip
        assert len(keys(blobs)) == 3

    @pytest.mark.needs("transactions", "current")
    def test_a_refused_transaction_leaves_the_blobs_as_they_were(
        self, letters: Repository[Letter], blobs: BlobStore
    ) -> None:
        held = letters.put(letter(body=LONG))
        before = keys(blobs)
        transaction = letters.transaction()
        transaction.put(letter(2, body=LONG))
        transaction.create(letter(body=LONG))
        with pytest.raises(errors.TransactionFailed):
            transaction.commit()
        assert keys(blobs) == before
        assert letters.query(F.box == "b").all() == [held]

    @pytest.mark.needs("transactions", "shared")
    def test_a_transaction_over_two_repositories_spills_where_it_should(
        self, stores: Stores, letters: Repository[Letter], blobs: BlobStore
    ) -> None:
        plain = stores.open(Pamphlet)
        with plain.transaction() as transaction:
            transaction.create(Pamphlet("p", "t", body=LONG))
            transaction.on(letters).create(letter(body=LONG))
        assert len(keys(blobs)) == 1
        assert plain.require("p").body == letters.require(KEY).body == LONG

    @pytest.mark.needs("unique")
    def test_unique_fields_and_spilled_ones_keep_their_promises(self, stores: Stores, blobs: BlobStore) -> None:
        prints = stores.open(Pamphlet, spill=[Spill("body", blobs=bare(blobs), over=OVER)])
        prints.put(Pamphlet("p", "t", LONG))
        with pytest.raises(errors.AlreadyExists):
            prints.put(Pamphlet("q", "t", LONG))
        assert len(keys(blobs)) == 1
        prints.put(Pamphlet("p", "other", f"{LONG}!"))
        assert prints.update("p", F.title.set("third"), F.body.set(LONG)).body == LONG
        assert len(keys(blobs)) == 1
        prints.put(Pamphlet("q", "t", LONG))
        prints.delete("p")
        assert prints.scan().all() == [Pamphlet("q", "t", LONG)]
        assert len(keys(blobs)) == 1

    def test_what_has_expired_is_removed_when_it_is_overwritten(
        self, stores: Stores, blobs: BlobStore, clock: Clock
    ) -> None:
        spill = [Spill("body", blobs=bare(blobs), over=OVER)]
        letters = stores.open(Letter, spill=spill, clock=clock)
        clock.now = START.timestamp()
        letters.create(letter(body=LONG, sealed=START + timedelta(seconds=10)))
        clock.advance(11)
        letters.create(letter(body=f"{LONG}!"))
        assert letters.require(KEY).body == f"{LONG}!"
        assert len(keys(blobs)) == 1

    def test_orphans_are_found_by_reading_the_table(
        self, stores: Stores, blobs: BlobStore, clock: Clock
    ) -> None:
        spill = [Spill(name, blobs=bare(blobs), over=OVER) for name in ("body", "scan")]
        letters = stores.open(Letter, spill=spill, clock=clock)
        letters.put_many(letter(n, body=LONG, scan=b"x" * 101) for n in range(3))
        claimed = keys(blobs)
        orphan = blobs.put(f"{claimed[0]}0", "left by a process that died").key
        blobs.put("else/where", "not of this table")
        assert letters.remove_orphans() == []
        clock.advance(2 * 86400)
        assert letters.remove_orphans(dry_run=True) == [orphan]
        assert letters.remove_orphans(older_than=timedelta(hours=1)) == [orphan]
        assert keys(blobs) == sorted([*claimed, "else/where"])

    @pytest.mark.needs("current")
    def test_a_race_of_writers_and_readers_leaves_one_blob(
        self, stores: Stores, letters: Repository[Letter], blobs: BlobStore
    ) -> None:
        letters.put(letter(body=f"0{LONG}"))

        async def write(target: AsyncRepository[Letter]) -> None:
            for n in range(3):
                with suppress(errors.Throttled):  # The others keep coming between.
                    await target.put(letter(body=f"{n}{LONG}"))

        async def read(target: AsyncRepository[Letter]) -> None:
            for _ in range(6):
                with suppress(errors.Throttled):
                    assert LONG in ((await target.require(KEY)).body or "")

        stores.race(letters, [write] * 4 + [read] * 2)
        assert len(keys(blobs)) == 1
        assert LONG in (letters.require(KEY).body or "")

    def test_what_is_in_a_spilled_field_is_not_tested(self, letters: Repository[Letter]) -> None:
        letters.put_many([letter(body=LONG), letter(2)])
        assert letters.scan(F.body.is_set()).count() == letters.scan(F.body.is_null()).count() == 1
        for condition in (F.body == "x", F.body.startswith("x"), F.scan.size() > 2):
            with pytest.raises(errors.InvalidArgument, match="spilled"):
                letters.scan(condition)
        with pytest.raises(errors.InvalidArgument, match="spilled"):
            letters.update(KEY, F.pages.set(1), when=F.body != "x")
        with pytest.raises(errors.InvalidArgument, match="ordered"):
            letters.scan(order="body", sort_in_memory=9)
