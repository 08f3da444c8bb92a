"""Versions of blobs, where the store keeps them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...errors import InvalidArgument, NotFound, Unsupported
from .base import BlobKit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...blobs.store import BlobStore


class VersionTests(BlobKit):
    """Versions."""

    @pytest.mark.needs("versions")
    def test_what_was_replaced_can_be_read(self, blobs: BlobStore) -> None:
        first = blobs.put("a", b"one", metadata={"n": "1"})
        second = blobs.put("a", b"two")
        assert first.version is not None and second.version not in (None, first.version)
        assert blobs.get("a") == b"two"
        assert blobs.get("a", version=first.version) == b"one"
        assert blobs.require("a", last=1, version=first.version) == b"e"
        found = blobs.info("a", version=first.version)
        assert found is not None
        assert (found.etag, found.version, dict(found.metadata)) == (first.etag, first.version, {"n": "1"})
        with blobs.open("a", version=first.version) as file:
            assert file.read() == b"one"
        with blobs.open("a", "r", version=first.version) as text:
            assert text.read() == "one"

    @pytest.mark.needs("versions")
    def test_versions_are_listed_the_newest_first(self, blobs: BlobStore) -> None:
        told = [blobs.put("a", str(number)).version for number in range(3)]
        blobs.put("ab", b"other")
        assert [info.version for info in blobs.versions("a")] == told[::-1]
        assert [info.key for info in blobs.list()] == ["a", "ab"]
        assert list(blobs.versions("missing")) == []

    @pytest.mark.needs("versions")
    def test_what_was_removed_can_be_read_and_brought_back(self, blobs: BlobStore) -> None:
        version = blobs.put("a", b"one").version
        blobs.delete("a")
        assert (blobs.get("a"), blobs.exists("a"), blobs.list().all()) == (None, False, [])
        assert blobs.get("a", version=version) == b"one"
        blobs.copy("a", "a", version=version)
        assert blobs.get("a") == b"one"
        assert len(blobs.versions("a")) == 2

    @pytest.mark.needs("versions")
    def test_a_version_that_is_removed_is_gone_for_good(self, blobs: BlobStore) -> None:
        first, second = (blobs.put("a", data).version for data in (b"one", b"two"))
        blobs.delete("a", version=first)
        assert blobs.get("a") == b"two"
        assert blobs.get("a", version=first) is None
        blobs.put("a", b"three")
        blobs.delete("a", version=blobs.versions("a")[0].version)
        assert blobs.get("a") == b"two"
        blobs.delete("a", version=second)
        assert (blobs.get("a"), list(blobs.versions("a"))) == (None, [])
        blobs.delete("a", version=second)
        with pytest.raises(NotFound):
            blobs.delete("a", version=second, must_exist=True)

    @pytest.mark.needs("versions")
    def test_a_version_of_a_large_blob_is_one(self, blobs: BlobStore) -> None:
        version = blobs.put("a", iter([b"x" * 100] * 3)).version
        assert blobs.get("a", version=version) == b"x" * 300

    @pytest.mark.needs("versions")
    @pytest.mark.parametrize("wrong", ["", 7], ids=repr)
    def test_what_is_no_version_is_refused(self, blobs: BlobStore, wrong: Any) -> None:
        with pytest.raises(InvalidArgument, match="version="):
            blobs.get("a", version=wrong)
        with pytest.raises(InvalidArgument, match="never changes"):
            blobs.delete("a", version="x", if_match="y")

    def test_versions_are_refused_where_the_store_declares_it(self, blobs: BlobStore) -> None:
        if not self.lacking("versions"):
            return
        uses: list[Callable[[], Any]] = [
            lambda: blobs.versions("a"), lambda: blobs.get("a", version="x"), lambda: blobs.delete("a", version="x"),
            lambda: blobs.info("a", version="x"), lambda: blobs.copy("a", "b", version="x"),
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(Unsupported, match="versions"):
                use()
        assert blobs.put("a", b"x").version is None
