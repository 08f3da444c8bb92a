"""What is put comes back, whole and in parts, with what was stored beside it."""

from __future__ import annotations

import io
import zlib
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest

from ...errors import InvalidArgument, NotFound
from .base import BlobKit

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from ...blobs.store import BlobStore
    from .base import BlobStores

DATA = bytes(range(256)) * 4
RANGES: list[tuple[dict[str, Any], slice]] = [
    ({}, slice(None)),
    ({"start": 0}, slice(None)),
    ({"start": 10}, slice(10, None)),
    ({"end": 10}, slice(0, 10)),
    ({"start": 3, "end": 7}, slice(3, 7)),
    ({"start": 7, "end": 7}, slice(0, 0)),
    ({"start": 1020, "end": 2000}, slice(1020, None)),
    ({"start": 1024}, slice(0, 0)),
    ({"start": 5000}, slice(0, 0)),
    ({"start": 5000, "end": 6000}, slice(0, 0)),
    ({"last": 5}, slice(-5, None)),
    ({"last": 5000}, slice(None)),
    ({"last": 0}, slice(0, 0)),
]


class ContentTests(BlobKit):
    """Putting and getting."""

    def test_bytes_come_back(self, blobs: BlobStore) -> None:
        blobs.put("a", DATA)
        assert blobs.get("a") == DATA

    @pytest.mark.parametrize("kind", [bytes, bytearray, memoryview], ids=lambda kind: kind.__name__)
    def test_every_kind_of_bytes_is_put(self, blobs: BlobStore, kind: Any) -> None:
        blobs.put("a", kind(DATA))
        assert blobs.get("a") == DATA

    def test_text_is_put_as_utf_8(self, blobs: BlobStore) -> None:
        info = blobs.put("a", "Zürich 🚀")
        assert blobs.get("a") == "Zürich 🚀".encode()
        assert info.content_type == "text/plain; charset=utf-8"

    def test_a_file_is_put_from_where_it_stands(self, blobs: BlobStore) -> None:
        file = io.BytesIO(DATA)
        file.seek(1000)
        blobs.put("a", file)
        assert blobs.get("a") == DATA[1000:]

    def test_a_path_is_put(self, blobs: BlobStore, tmp_path: Path) -> None:
        (tmp_path / "data").write_bytes(DATA)
        blobs.put("a", tmp_path / "data")
        assert blobs.get("a") == DATA

    def test_an_iterable_is_put_whatever_the_size_of_its_pieces(self, blobs: BlobStore) -> None:
        pieces: list[bytes | bytearray] = [b"one", b"", b"two" * 1000, bytearray(b"three")]
        blobs.put("a", iter(pieces))
        assert blobs.get("a") == b"one" + b"two" * 1000 + b"three"

    def test_an_asynchronous_iterator_is_put_on_asyncio_only(self, stores: BlobStores, blobs: BlobStore) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for piece in (b"one", b"", b"two"):
                yield piece

        content: Any = pieces()
        if not stores.asynchronous:
            with pytest.raises(InvalidArgument, match="open_async_blobs"):
                blobs.put("a", content)
            return
        blobs.put("a", content)
        assert blobs.get("a") == b"onetwo"

    @pytest.mark.parametrize("content", [b"", "", iter([])], ids=["bytes", "text", "iterator"])
    def test_nothing_is_put_as_an_empty_blob(self, blobs: BlobStore, content: Any) -> None:
        blobs.put("a", b"something")
        info = blobs.put("a", content)
        assert (blobs.get("a"), info.size) == (b"", 0)

    def test_a_large_blob_is_put_in_parts(self, stores: BlobStores, blobs: BlobStore) -> None:
        stores.with_small_parts(blobs)
        part = stores.part(blobs)
        for size in (part - 1, part, part + 1, 3 * part, 3 * part + 7):
            data = (DATA * (size // len(DATA) + 1))[:size]
            assert blobs.put("a", data).size == size
            assert blobs.get("a") == data

    def test_a_large_blob_is_put_from_a_file_and_an_iterable(self, stores: BlobStores, blobs: BlobStore) -> None:
        stores.with_small_parts(blobs)
        data = DATA * (3 * stores.part(blobs) // len(DATA)) + b"end"
        blobs.put("file", io.BytesIO(data))
        blobs.put("pieces", (data[i : i + 1000] for i in range(0, len(data), 1000)))
        assert blobs.get("file") == blobs.get("pieces") == data

    def test_what_was_there_is_replaced_whole(self, blobs: BlobStore) -> None:
        blobs.put("a", b"long" * 100, content_type="text/csv", metadata={"by": "me"})
        info = blobs.put("a", b"short")
        assert blobs.get("a") == b"short"
        found = blobs.info("a")
        assert found is not None
        assert (found.content_type, dict(found.metadata), found.etag) == ("application/octet-stream", {}, info.etag)

    @pytest.mark.parametrize(("part", "expected"), RANGES, ids=str)
    def test_a_part_is_what_a_slice_would_be(
        self, blobs: BlobStore, part: dict[str, Any], expected: slice
    ) -> None:
        blobs.put("a", DATA)
        assert blobs.get("a", **part) == DATA[expected]

    @pytest.mark.parametrize("part", [part for part, _ in RANGES], ids=str)
    def test_every_part_of_an_empty_blob_is_empty(self, blobs: BlobStore, part: dict[str, Any]) -> None:
        blobs.put("a", b"")
        assert blobs.get("a", **part) == b""

    def test_a_missing_blob_is_none(self, blobs: BlobStore) -> None:
        assert blobs.get("a") is None
        assert blobs.get("a", start=3) is None
        assert blobs.info("a") is None
        assert not blobs.exists("a")

    def test_a_blob_that_must_be_there_is_not_found(self, blobs: BlobStore) -> None:
        with pytest.raises(NotFound) as failed:
            blobs.require("a/b")
        assert (failed.value.key, failed.value.operation) == ("a/b", "require")
        blobs.put("a/b", b"x")
        assert blobs.require("a/b") == b"x"

    def test_info_tells_what_put_told(self, blobs: BlobStore) -> None:
        before = datetime.now(timezone.utc) - timedelta(seconds=3)
        told = blobs.put("a/b.pdf", DATA, metadata={"by": "me"})
        found = blobs.info("a/b.pdf")
        assert found is not None
        assert (found.key, found.size, found.content_type) == ("a/b.pdf", len(DATA), "application/pdf")
        assert (told.etag, told.checksum, dict(told.metadata)) == (found.etag, found.checksum, dict(found.metadata))
        assert before < found.modified < datetime.now(timezone.utc) + timedelta(seconds=3)
        assert blobs.exists("a/b.pdf")

    def test_each_write_has_an_etag_of_its_own(self, blobs: BlobStore) -> None:
        assert blobs.put("a", b"one").etag != blobs.put("a", b"two").etag

    def test_a_media_type_is_kept(self, blobs: BlobStore) -> None:
        blobs.put("a.pdf", b"x", content_type='text/html; charset="utf-8"')
        found = blobs.info("a.pdf")
        assert found is not None
        assert found.content_type == 'text/html; charset="utf-8"'

    @pytest.mark.parametrize("value", ["plain", "Zürich", "🚀 up", "a  b", " led", "trailed ", "", 'a,b=c; "d"',
                                       "=?utf-8?b?eA==?="])  # fmt: skip
    def test_metadata_is_kept(self, blobs: BlobStore, value: str) -> None:
        blobs.put("a", b"x", metadata={"some-name": value, "other_name.2": "2"})
        found = blobs.info("a")
        assert found is not None
        assert dict(found.metadata) == {"some-name": value, "other_name.2": "2"}

    @pytest.mark.parametrize("algorithm", ["crc32", "crc64nvme", "sha256"])
    def test_a_checksum_is_kept(self, blobs: BlobStore, algorithm: Any) -> None:
        blobs.put("a", DATA, checksum=algorithm)
        found = blobs.info("a")
        assert found is not None
        assert found.checksum is not None
        assert found.checksum.startswith(f"{algorithm}:")
        assert blobs.get("a") == DATA

    def test_the_checksum_is_that_of_the_bytes(self, stores: BlobStores, blobs: BlobStore) -> None:
        stores.with_small_parts(blobs)
        data = DATA * (2 * stores.part(blobs) // len(DATA)) + b"end"
        assert blobs.put("a", data).checksum == f"crc32:{zlib.crc32(data):08x}"

    def test_a_blob_may_be_without_checksum(self, blobs: BlobStore) -> None:
        blobs.put("a", DATA, checksum=None)
        assert blobs.get("a") == DATA

    @pytest.mark.needs("tags")
    def test_tags_are_kept_and_replaced(self, blobs: BlobStore) -> None:
        blobs.put("a", b"x", tags={"team": "a b", "größe": "größer"})
        assert blobs.tags("a") == {"team": "a b", "größe": "größer"}
        blobs.set_tags("a", {"new": "1"})
        assert blobs.tags("a") == {"new": "1"}
        blobs.set_tags("a", {})
        assert blobs.tags("a") == {}
        assert blobs.get("a") == b"x"

    @pytest.mark.needs("tags")
    def test_tags_of_a_missing_blob_are_not_found(self, blobs: BlobStore) -> None:
        with pytest.raises(NotFound):
            blobs.tags("a")
        with pytest.raises(NotFound):
            blobs.set_tags("a", {"x": "y"})
