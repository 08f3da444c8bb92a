"""Conditions: nothing is overwritten that was not meant, however many write at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ..._frozen import field_names
from ...blob_drivers import BlobCapabilities
from ...errors import AlreadyExists, Conflict, HoldallError, InvalidArgument, Unsupported
from .base import BlobKit

if TYPE_CHECKING:
    from ...blobs.async_store import AsyncBlobStore
    from ...blobs.store import BlobStore
    from .base import BlobStores

_WRITERS = 16


class ConditionTests(BlobKit):
    """`if_absent` and `if_match`."""

    def test_the_driver_declares_what_the_class_says_it_lacks(self, blobs: BlobStore) -> None:
        flags = {name for name in field_names(BlobCapabilities) if isinstance(getattr(blobs.capabilities, name), bool)}
        assert {name for name in flags if not getattr(blobs.capabilities, name)} == flags & set(self.lacks)

    @pytest.mark.needs("conditional_puts")
    def test_put_if_absent_refuses_the_second_write(self, blobs: BlobStore) -> None:
        blobs.put("a", b"one", if_absent=True)
        with pytest.raises(AlreadyExists) as failed:
            blobs.put("a", b"two", if_absent=True)
        assert (failed.value.key, failed.value.operation) == ("a", "put")
        assert blobs.get("a") == b"one"
        blobs.delete("a")
        blobs.put("a", b"three", if_absent=True)
        assert blobs.get("a") == b"three"

    @pytest.mark.needs("conditional_puts")
    def test_put_if_match_replaces_that_state_only(self, blobs: BlobStore) -> None:
        first = blobs.put("a", b"one").etag
        second = blobs.put("a", b"two", if_match=first).etag
        with pytest.raises(Conflict):
            blobs.put("a", b"three", if_match=first)
        with pytest.raises(Conflict):
            blobs.put("missing", b"three", if_match=second)
        assert blobs.get("a") == b"two"
        assert not blobs.exists("missing")

    @pytest.mark.needs("conditional_puts")
    def test_the_etag_of_a_list_serves_as_well(self, blobs: BlobStore) -> None:
        blobs.put("a", b"one")
        (listed,) = blobs.list()
        blobs.put("a", b"two", if_match=listed.etag)
        assert blobs.get("a") == b"two"

    @pytest.mark.needs("conditional_puts")
    def test_a_large_blob_is_refused_when_it_is_completed(self, stores: BlobStores, blobs: BlobStore) -> None:
        stores.with_small_parts(blobs)
        large = b"x" * (2 * stores.part(blobs) + 1)
        etag = blobs.put("a", large, if_absent=True).etag
        with pytest.raises(AlreadyExists):
            blobs.put("a", large, if_absent=True)
        blobs.put("a", large + b"2", if_match=etag)
        with pytest.raises(Conflict):
            blobs.put("a", large + b"3", if_match=etag)
        assert blobs.get("a", last=1) == b"2"
        assert blobs.uploads() == []

    @pytest.mark.needs("conditional_deletes")
    def test_delete_if_match_removes_that_state_only(self, blobs: BlobStore) -> None:
        first = blobs.put("a", b"one").etag
        second = blobs.put("a", b"two").etag
        with pytest.raises(Conflict):
            blobs.delete("a", if_match=first)
        assert blobs.get("a") == b"two"
        blobs.delete("a", if_match=second)
        assert not blobs.exists("a")
        with pytest.raises(Conflict):
            blobs.delete("a", if_match=second)

    @pytest.mark.needs("conditional_puts")
    @pytest.mark.parametrize("parts", [0, 2])
    def test_of_16_writers_if_absent_one_wins(self, stores: BlobStores, blobs: BlobStore, parts: int) -> None:
        stores.with_small_parts(blobs)
        rest = b"x" * (parts * stores.part(blobs))

        def writer(number: int) -> Any:
            async def put(store: AsyncBlobStore) -> int | None:
                try:
                    await store.put("a", b"%02d" % number + rest, if_absent=True)
                except AlreadyExists:
                    return None
                return number

            return put

        winners = [number for number in stores.race(blobs, [writer(i) for i in range(_WRITERS)]) if number is not None]
        assert len(winners) == 1
        assert blobs.get("a", end=2) == b"%02d" % winners[0]
        assert blobs.uploads() == []

    @pytest.mark.needs("conditional_puts")
    def test_a_counter_loses_no_step(self, stores: BlobStores, blobs: BlobStore) -> None:
        blobs.put("n", b"0")

        async def add(store: AsyncBlobStore) -> None:
            while True:
                info = await store.info("n")
                assert info is not None
                value = int(await store.require("n"))
                try:
                    await store.put("n", str(value + 1), if_match=info.etag)
                except Conflict:
                    continue
                return

        stores.race(blobs, [add] * 8)
        assert blobs.get("n") == b"8"

    @pytest.mark.parametrize(("options", "says"), [
        ({"if_absent": True, "if_match": "x"}, "both"), ({"if_absent": "yes"}, "if_absent="),
        ({"if_match": ""}, "if_match="), ({"if_match": 7}, "if_match="), ({"if_match": "e\r\nX: 1"}, "printable"),
    ], ids=str)  # fmt: skip
    def test_a_wrong_condition_is_refused(self, blobs: BlobStore, options: Any, says: str) -> None:
        with pytest.raises(InvalidArgument, match=says):
            blobs.put("a", b"x", **options)

    def test_conditions_are_refused_where_the_store_declares_it(self, blobs: BlobStore) -> None:
        if self.lacking("conditional_puts"):
            with pytest.raises(Unsupported):
                blobs.put("a", b"x", if_absent=True)
        if self.lacking("conditional_deletes"):
            with pytest.raises(Unsupported):
                blobs.delete("a", if_match="x")

    def test_readers_see_whole_blobs_only(self, stores: BlobStores, blobs: BlobStore) -> None:
        stores.with_small_parts(blobs)
        size = 2 * stores.part(blobs) + 5
        blobs.put("a", b"0" * size)

        async def write(store: AsyncBlobStore) -> None:
            for number in range(1, 6):
                await store.put("a", str(number).encode() * size)

        async def read(store: AsyncBlobStore) -> set[bytes]:
            seen: set[bytes] = set()
            for _ in range(15):
                seen.add(await store.require("a"))
            return seen

        _, *found = stores.race(blobs, [write, read, read])
        assert {(len(data), len(set(data))) for seen in found for data in seen} == {(size, 1)}

    def test_every_error_is_one_of_ours(self, blobs: BlobStore) -> None:
        with pytest.raises(HoldallError) as failed:
            blobs.require("missing")
        assert failed.value.backend == blobs.capabilities.name
