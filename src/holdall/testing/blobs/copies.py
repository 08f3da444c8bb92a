"""Copies and moves within a store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ...errors import AlreadyExists, Conflict, InvalidArgument, NotFound, Unsupported
from .base import BlobKit

if TYPE_CHECKING:
    from ...blobs.store import BlobStore


class CopyTests(BlobKit):
    """Copying."""

    def test_a_copy_has_all_that_the_blob_has(self, blobs: BlobStore) -> None:
        tags = None if self.lacking("tags") else {"t": "1"}
        blobs.put("a.pdf", b"x", metadata={"by": "mé"}, content_type="text/csv", tags=tags)
        told = blobs.copy("a.pdf", "b/ü c")
        assert blobs.get("b/ü c") == blobs.get("a.pdf") == b"x"
        found = blobs.info("b/ü c")
        assert found is not None
        assert (found.key, found.etag, found.size) == (told.key, told.etag, 1)
        assert (found.content_type, dict(found.metadata)) == ("text/csv", {"by": "mé"})
        assert found.checksum == "crc32:8cdc1683"
        if tags is not None:
            assert blobs.tags("b/ü c") == tags

    def test_a_copy_replaces_what_is_there(self, blobs: BlobStore) -> None:
        blobs.put("a", b"new", metadata={"n": "1"})
        blobs.put("b", b"old", metadata={"o": "2"})
        blobs.copy("a", "b")
        found = blobs.info("b")
        assert found is not None
        assert (blobs.get("b"), dict(found.metadata)) == (b"new", {"n": "1"})

    def test_a_copy_may_have_other_metadata_and_another_media_type(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x", metadata={"by": "me"}, content_type="text/csv")
        blobs.copy("a", "b", metadata={"to": "you"})
        blobs.copy("a", "c", content_type="text/html")
        b, c, a = (blobs.info(key) for key in "bca")
        assert a is not None and b is not None and c is not None
        assert (dict(b.metadata), b.content_type) == ({"to": "you"}, "text/csv")
        assert (dict(c.metadata), c.content_type) == ({"by": "me"}, "text/html")
        assert (dict(a.metadata), a.content_type) == ({"by": "me"}, "text/csv")

    def test_a_blob_copied_onto_itself_gets_other_metadata(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x", metadata={"by": "me"})
        blobs.copy("a", "a", metadata={"to": "you"})
        found = blobs.info("a")
        assert found is not None
        assert (blobs.get("a"), dict(found.metadata)) == (b"x", {"to": "you"})

    def test_a_missing_source_is_not_found(self, blobs: BlobStore) -> None:
        for verb in (blobs.copy, blobs.move):
            with pytest.raises(NotFound, match="source"):
                verb("a", "b")

    def test_a_move_leaves_nothing_behind(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x", metadata={"by": "me"})
        told = blobs.move("a", "b/c")
        assert not blobs.exists("a")
        found = blobs.info("b/c")
        assert found is not None
        assert (blobs.get("b/c"), found.etag, dict(found.metadata)) == (b"x", told.etag, {"by": "me"})

    def test_a_move_onto_itself_is_refused(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x")
        with pytest.raises(InvalidArgument, match="itself"):
            blobs.move("a", "a")
        assert blobs.get("a") == b"x"

    @pytest.mark.needs("conditional_copies")
    def test_a_copy_if_absent_replaces_nothing(self, blobs: BlobStore) -> None:
        blobs.put("a", b"new")
        blobs.put("b", b"old")
        for verb in (blobs.copy, blobs.move):
            with pytest.raises(AlreadyExists):
                verb("a", "b", if_absent=True)
        assert (blobs.get("a"), blobs.get("b")) == (b"new", b"old")
        blobs.copy("a", "c", if_absent=True)
        assert blobs.get("c") == b"new"

    @pytest.mark.needs("conditional_copies")
    def test_a_copy_if_match_replaces_that_state_only(self, blobs: BlobStore) -> None:
        blobs.put("a", b"new")
        etag = blobs.put("b", b"old").etag
        with pytest.raises(Conflict):
            blobs.copy("a", "b", if_match="other")
        with pytest.raises(Conflict):
            blobs.copy("a", "missing", if_match=etag)
        blobs.copy("a", "b", if_match=etag)
        assert blobs.get("b") == b"new"

    def test_conditions_on_copies_are_refused_where_the_store_declares_it(self, blobs: BlobStore) -> None:
        if not self.lacking("conditional_copies"):
            return
        blobs.put("a", b"x")
        with pytest.raises(Unsupported):
            blobs.copy("a", "b", if_absent=True)
        assert not blobs.exists("b")
