"""Bad input is refused before anything is sent, in words that help."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from ...errors import BatchError, ClosedError, InvalidArgument, ResourceMissing, TooLarge
from .base import BlobKit

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...blobs.store import BlobStore
    from .base import BlobStores


class RefusalTests(BlobKit):
    """Refusals."""

    @pytest.mark.parametrize(("content", "says"), [
        (None, "NoneType"), (7, "int"), (["text"], "gives text"), ([7], "int"), (io.StringIO("x"), "'rb'"),
        ("\ud800", "surrogate"), ({"a": 1}, "gives text"),
    ], ids=lambda value: type(value).__name__)  # fmt: skip
    def test_what_is_no_content_is_refused(self, blobs: BlobStore, content: Any, says: str) -> None:
        with pytest.raises(InvalidArgument, match=says):
            blobs.put("a", content)
        assert not blobs.exists("a")

    @pytest.mark.parametrize(("options", "error", "says"), [
        ({"content_type": "pdf"}, InvalidArgument, "application/pdf"),
        ({"content_type": "text/html\r\nX: y"}, InvalidArgument, "media type"),
        ({"content_type": 7}, InvalidArgument, "media type"),
        ({"metadata": {"Upper": "x"}}, InvalidArgument, "lower-case"),
        ({"metadata": {"a b": "x"}}, InvalidArgument, "names"),
        ({"metadata": {"": "x"}}, InvalidArgument, "names"),
        ({"metadata": {"a": 7}}, InvalidArgument, "int"),
        ({"metadata": {"a": "x\ny"}}, InvalidArgument, "control"),
        ({"metadata": {"a": "\ud800"}}, InvalidArgument, "surrogate"),
        ({"metadata": {"a": "x" * 2048}}, TooLarge, "2049 bytes"),
        ({"metadata": {"a": "é" * 1024}}, TooLarge, "2049 bytes"),
        ({"tags": {str(i): "x" for i in range(11)}}, TooLarge, "10 tags"),
        ({"tags": {"": "x"}}, InvalidArgument, "empty"),
        ({"tags": {"a": 1}}, InvalidArgument, "str"),
        ({"tags": {"a": "x" * 257}}, TooLarge, "256"),
        ({"checksum": "md5"}, InvalidArgument, "'crc32'"),
    ], ids=str)  # fmt: skip
    def test_what_can_t_be_stored_beside_it_is_refused(
        self, blobs: BlobStore, options: Any, error: type[Exception], says: str
    ) -> None:
        if "tags" in options and self.lacking("tags"):
            return
        with pytest.raises(error, match=says):
            blobs.put("a", b"x", **options)
        assert not blobs.exists("a")

    @pytest.mark.parametrize(("part", "says"), [
        ({"start": -1}, "start="), ({"end": -1}, "end="), ({"last": -1}, "last="), ({"start": 1.5}, "start="),
        ({"start": True}, "start="), ({"start": 5, "end": 3}, "behind"), ({"last": 1, "start": 0}, "without start="),
    ], ids=str)  # fmt: skip
    def test_what_is_no_part_is_refused(self, blobs: BlobStore, part: Any, says: str) -> None:
        with pytest.raises(InvalidArgument, match=says):
            blobs.get("a", **part)

    def test_a_reader_goes_to_no_place_before_the_beginning(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x")
        with blobs.open("a") as file, pytest.raises((InvalidArgument, ValueError)):
            file.seek(-1)

    def test_every_verb_of_a_closed_store_is_refused(self, blobs: BlobStore) -> None:
        blobs.close()
        blobs.close()
        uses: list[Callable[[], Any]] = [
            lambda: blobs.put("a", b"x"), lambda: blobs.get("a"), lambda: blobs.require("a"), lambda: blobs.info("a"),
            lambda: blobs.exists("a"), lambda: blobs.list().all(), lambda: blobs.delete("a"),
            lambda: blobs.delete_many(["a"]), lambda: blobs.delete_prefix("a"), lambda: blobs.copy("a", "b"),
            lambda: blobs.move("a", "b"), lambda: blobs.tags("a"), lambda: blobs.set_tags("a", {}), blobs.uploads,
            blobs.abort_uploads, blobs.provision, lambda: blobs.open("a").__enter__(), lambda: blobs.presign("a"),
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(ClosedError):
                use()

    @pytest.mark.needs("missing_stores")
    def test_a_store_that_is_not_there_is_missing(self, stores: BlobStores) -> None:
        blobs = stores.open(provision=False)
        uses: list[Callable[[], Any]] = [
            lambda: blobs.put("a", b"x"), lambda: blobs.get("a"), lambda: blobs.info("a"), lambda: blobs.list().all(),
            lambda: blobs.delete("a"), lambda: blobs.copy("a", "b"), blobs.uploads,
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(ResourceMissing):
                use()
        with pytest.raises(BatchError) as failed:
            blobs.delete_many(["a"])
        assert isinstance(failed.value.failures[0].error, ResourceMissing)
        blobs.provision()
        blobs.provision()
        blobs.put("a", b"x")
        assert blobs.get("a") == b"x"
