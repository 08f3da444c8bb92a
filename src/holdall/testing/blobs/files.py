"""Blobs opened as files."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from ...errors import AlreadyExists, Conflict, InvalidArgument, NotFound
from .base import BlobKit

if TYPE_CHECKING:
    from ...blobs.store import BlobStore
    from .base import BlobStores

DATA = bytes(range(256)) * 100


class FileTests(BlobKit):
    """Readers and writers."""

    def test_a_reader_reads_on_from_where_it_stands(self, blobs: BlobStore) -> None:
        blobs.put("a", DATA)
        with blobs.open("a") as file:
            assert file.read(10) == DATA[:10]
            assert file.tell() == 10
            assert file.read(5) == DATA[10:15]
            assert file.read() == DATA[15:]
            assert file.read() == b""
            assert file.info.size == len(DATA)

    def test_a_reader_goes_to_any_place(self, blobs: BlobStore) -> None:
        blobs.put("a", DATA)
        with blobs.open("a") as file:
            assert file.seek(1000) == 1000
            assert file.read(3) == DATA[1000:1003]
            assert file.seek(-3, os.SEEK_CUR) == 1000
            assert file.seek(-5, os.SEEK_END) == len(DATA) - 5
            assert file.read() == DATA[-5:]
            assert file.seek(len(DATA) + 10) == len(DATA) + 10
            assert file.read(1) == b""
            file.seek(0)
            assert file.read() == DATA

    def test_a_reader_of_an_empty_blob_is_at_its_end(self, blobs: BlobStore) -> None:
        blobs.put("a", b"")
        with blobs.open("a") as file:
            assert file.read() == b""

    def test_lines_are_read_in_turn(self, blobs: BlobStore) -> None:
        blobs.put("a", b"one\ntwo\n\nlast")
        with blobs.open("a") as file:
            assert list(file) == [b"one\n", b"two\n", b"\n", b"last"]

    def test_text_is_read_by_lines(self, blobs: BlobStore) -> None:
        blobs.put("a", "één\ntwee\n" * 20_000 + "drie")
        with blobs.open("a", "r") as file:
            lines = list(file)
        assert lines[:2] == ["één\n", "twee\n"]
        assert (len(lines), lines[-1]) == (40_001, "drie")

    def test_ends_of_lines_are_as_they_are_stored(self, blobs: BlobStore) -> None:
        with blobs.open("a", "w") as file:
            file.write("one\r\ntwo\rtwo\nthree")
        assert blobs.get("a") == b"one\r\ntwo\rtwo\nthree"
        with blobs.open("a", "r") as text:
            assert list(text) == ["one\r\n", "two\rtwo\n", "three"]

    def test_text_has_the_encoding_that_is_given(self, blobs: BlobStore) -> None:
        with blobs.open("a", "w", encoding="utf-16-le") as file:
            file.write("é")
        assert blobs.get("a") == "é".encode("utf-16-le")
        with blobs.open("a", "r", encoding="utf-16-le") as text:
            assert text.read() == "é"

    def test_a_missing_blob_can_t_be_opened_for_reading(self, blobs: BlobStore) -> None:
        with pytest.raises(NotFound), blobs.open("a"):
            pass

    def test_a_reader_sees_one_state_of_the_blob_or_none(self, blobs: BlobStore) -> None:
        blobs.put("a", DATA)
        with blobs.open("a") as file:
            blobs.put("a", b"other")
            with pytest.raises(Conflict):
                file.read()

    def test_what_is_written_is_the_blob_at_the_end_of_the_block(self, blobs: BlobStore) -> None:
        blobs.put("a", b"before")
        with blobs.open("a", "wb", content_type="text/csv", metadata={"by": "me"}) as file:
            file.write(b"one")
            assert blobs.get("a") == b"before"
            file.write(memoryview(b"two"))
            assert file.tell() == 6
        assert blobs.get("a") == b"onetwo"
        assert file.info is not None
        found = blobs.info("a")
        assert found is not None
        assert (found.content_type, dict(found.metadata), found.etag) == ("text/csv", {"by": "me"}, file.info.etag)

    def test_a_writer_that_writes_nothing_makes_an_empty_blob(self, blobs: BlobStore) -> None:
        with blobs.open("a", "wb"):
            pass
        assert blobs.get("a") == b""

    def test_text_is_written(self, blobs: BlobStore) -> None:
        with blobs.open("a.txt", "w") as file:
            file.write("één\n")
            file.write("twee\n")
        assert blobs.get("a.txt") == "één\ntwee\n".encode()

    @pytest.mark.parametrize("mode", ["wb", "w"])
    @pytest.mark.parametrize("parts", [0, 3])
    def test_a_block_that_ends_by_an_error_changes_nothing(
        self, stores: BlobStores, blobs: BlobStore, mode: Any, parts: int
    ) -> None:
        stores.with_small_parts(blobs)
        piece: Any = ("x" if mode == "w" else b"x") * (stores.part(blobs) if parts else 10)
        blobs.put("a", b"before")
        with pytest.raises(ZeroDivisionError), blobs.open("a", mode) as file:
            for _ in range(max(1, parts)):
                file.write(piece)
            raise ZeroDivisionError
        assert blobs.get("a") == b"before"
        assert blobs.uploads() == []

    def test_an_aborted_writer_changes_nothing(self, blobs: BlobStore) -> None:
        with blobs.open("a", "wb") as file:
            file.write(b"x")
            file.abort()
        assert blobs.get("a") is None

    def test_a_closed_writer_takes_no_more(self, blobs: BlobStore) -> None:
        with blobs.open("a", "wb") as file:
            file.write(b"x")
            file.close()
            file.close()
            with pytest.raises(InvalidArgument, match="closed"):
                file.write(b"y")
        assert blobs.get("a") == b"x"

    def test_text_in_a_writer_of_bytes_is_refused(self, blobs: BlobStore) -> None:
        wrong: Any = "text"
        with pytest.raises(InvalidArgument, match="'w'"), blobs.open("a", "wb") as file:
            file.write(wrong)
        assert blobs.get("a") is None

    @pytest.mark.needs("conditional_puts")
    @pytest.mark.parametrize("parts", [0, 3])
    def test_a_writer_keeps_its_condition_to_the_end(self, stores: BlobStores, blobs: BlobStore, parts: int) -> None:
        stores.with_small_parts(blobs)
        with pytest.raises(AlreadyExists), blobs.open("a", "wb", if_absent=True) as file:
            for _ in range(parts):
                file.write(b"x" * stores.part(blobs))
            blobs.put("a", b"somebody else's")
        assert blobs.get("a") == b"somebody else's"
        assert blobs.uploads() == []

    @pytest.mark.needs("conditional_puts")
    @pytest.mark.parametrize("parts", [0, 3])
    def test_a_writer_replaces_the_state_that_was_read_only(
        self, stores: BlobStores, blobs: BlobStore, parts: int
    ) -> None:
        stores.with_small_parts(blobs)
        etag = blobs.put("a", b"one").etag
        with blobs.open("a", "wb", if_match=etag) as file:
            file.write(b"two" * max(1, parts * stores.part(blobs) // 3))
        with pytest.raises(Conflict), blobs.open("a", "wb", if_match=etag) as late:
            late.write(b"three" * max(1, parts * stores.part(blobs) // 5))
        assert (blobs.get("a", end=6) or b"").startswith(b"two")
        assert blobs.uploads() == []

    @pytest.mark.parametrize("mode", ["a", "x", "rb+", "", "rw"])
    def test_a_mode_that_there_is_not_is_refused(self, blobs: BlobStore, mode: Any) -> None:
        with pytest.raises(InvalidArgument, match="modes"):
            blobs.open("a", mode)

    @pytest.mark.parametrize(("mode", "options"), [
        ("rb", {"encoding": "utf-8"}), ("r", {"metadata": {}}), ("rb", {"if_absent": True}),
        ("wb", {"encoding": "utf-8"}),
    ])  # fmt: skip
    def test_an_option_of_another_mode_is_refused(self, blobs: BlobStore, mode: Any, options: Any) -> None:
        with pytest.raises(InvalidArgument, match=next(iter(options))):
            blobs.open("a", mode, **options)
