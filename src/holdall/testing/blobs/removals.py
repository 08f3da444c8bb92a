"""Removing blobs, one, many, and by prefix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...errors import BatchError, InvalidArgument, NotFound
from .base import BlobKit
from .lists import fill, keys_of

if TYPE_CHECKING:
    from ...blobs.store import BlobStore


class RemovalTests(BlobKit):
    """Deleting."""

    def test_a_removed_blob_is_gone(self, blobs: BlobStore) -> None:
        fill(blobs, ["a/b", "a/c"])
        blobs.delete("a/b")
        assert blobs.get("a/b") is None
        assert keys_of(blobs.list()) == ["a/c"]

    def test_to_remove_what_is_not_there_is_fine_unless_asked(self, blobs: BlobStore) -> None:
        blobs.delete("a")
        blobs.delete("a/b/c")
        with pytest.raises(NotFound):
            blobs.delete("a", must_exist=True)
        blobs.put("a", b"x")
        blobs.delete("a", must_exist=True)
        assert not blobs.exists("a")

    def test_a_removed_blob_can_be_put_again(self, blobs: BlobStore) -> None:
        for number in range(3):
            blobs.put("a/b/c", str(number))
            assert blobs.get("a/b/c") == str(number).encode()
            blobs.delete("a/b/c")
        assert blobs.list().all() == []

    def test_many_are_removed_missing_ones_included(self, blobs: BlobStore) -> None:
        fill(blobs, ["a", "b", "c"])
        assert blobs.delete_many(iter(["a", "missing", "c", "a"])) == 4
        assert keys_of(blobs.list()) == ["b"]
        assert blobs.delete_many([]) == 0

    def test_wrong_keys_among_many_are_told_and_the_others_are_removed(self, blobs: BlobStore) -> None:
        fill(blobs, ["a", "b"])
        wrong: Any = ["a", "", "b", None]
        with pytest.raises(BatchError) as failed:
            blobs.delete_many(wrong)
        assert [(one.index, one.item) for one in failed.value.failures] == [(1, ""), (3, None)]
        assert failed.value.done == 2
        assert blobs.list().all() == []

    def test_one_text_instead_of_many_is_refused(self, blobs: BlobStore) -> None:
        with pytest.raises(InvalidArgument, match="put it into a list"):
            blobs.delete_many("a")

    def test_all_with_a_prefix_are_removed(self, blobs: BlobStore) -> None:
        fill(blobs, ["a/1", "a/2/3", "ab", "b"])
        assert blobs.delete_prefix("a/") == 2
        assert keys_of(blobs.list()) == ["ab", "b"]
        assert blobs.delete_prefix("nothing") == 0

    def test_an_empty_prefix_is_refused(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x")
        with pytest.raises(InvalidArgument, match="every blob"):
            blobs.delete_prefix("")
        assert blobs.exists("a")
