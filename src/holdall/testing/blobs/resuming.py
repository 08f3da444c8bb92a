"""Uploads that break off, and are gone on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..._engine.attempts import RetryPolicy
from ...errors import AlreadyExists, Unavailable
from .base import BlobKit

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ...blobs.store import BlobStore
    from .base import BlobStores

PARTS = 4


class ResumingTests(BlobKit):
    """What was sent is not sent again, and nothing but the file of now gets into the blob."""

    @pytest.fixture
    def small(self, stores: BlobStores) -> BlobStore:
        """Open a store of small parts that sends one after another, and doesn't try again."""
        blobs = stores.open(retry=RetryPolicy(attempts=1))
        stores.with_small_parts(blobs)
        stores.one_by_one(blobs)
        return blobs

    @pytest.fixture
    def broken_off(self, stores: BlobStores, small: BlobStore, folder: Path) -> Callable[..., bytes]:
        """Return what breaks off the upload of a file of four parts, two of which are sent, and returns its bytes."""

        def upload(**options: str | dict[str, str]) -> bytes:
            data = b"".join(bytes([65 + number]) * stores.part(small) for number in range(PARTS))
            (folder / "in").write_bytes(data)
            faults = stores.faults(small)
            faults.fail("part", skip=2)
            with pytest.raises(Unavailable):
                small.upload(folder / "in", "a", resume=True, **options)  # type: ignore[arg-type]  # options of its own
            return data

        return upload

    @pytest.mark.needs("resumable_uploads")
    def test_an_upload_goes_on_where_it_ended(
        self, stores: BlobStores, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = broken_off()
        assert [upload.key for upload in small.uploads()] == ["a"]
        assert not small.exists("a")
        faults = stores.faults(small)
        told: list[int] = []
        info = small.upload(folder / "in", "a", resume=True, progress=lambda _, done, __: told.append(done))
        assert faults.calls.count("part") == 2
        assert small.get("a") == data
        assert (info.size, told[-1]) == (len(data), len(data))
        assert list(small.uploads()) == []

    @pytest.mark.needs("resumable_uploads")
    def test_parts_that_have_changed_are_sent_anew(
        self, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = bytearray(broken_off())
        data[10] = data[-10] = 0
        (folder / "in").write_bytes(data)
        small.upload(folder / "in", "a", resume=True)
        assert small.get("a") == bytes(data)

    @pytest.mark.needs("resumable_uploads")
    def test_parts_behind_the_new_end_are_left_out(
        self, stores: BlobStores, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = broken_off()[: stores.part(small) + 1]
        (folder / "in").write_bytes(data)
        assert small.upload(folder / "in", "a", resume=True).size == len(data)
        assert small.get("a") == data

    @pytest.mark.needs("resumable_uploads")
    def test_what_lies_beside_the_bytes_is_as_it_is_asked_for_last(
        self, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = broken_off(content_type="text/plain", metadata={"by": "first"})
        given = small.upload(folder / "in", "a", resume=True, content_type="text/html", metadata={"by": "last"})
        found = small.info("a")
        assert found is not None
        assert (found.content_type, dict(found.metadata)) == ("text/html", {"by": "last"})
        assert (given.content_type, given.etag) == ("text/html", found.etag)
        assert small.get("a") == data

    @pytest.mark.needs("resumable_uploads")
    def test_without_resume_an_unfinished_upload_is_left_alone(
        self, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = broken_off()
        small.upload(folder / "in", "a")
        assert small.get("a") == data
        assert len(small.uploads()) == 1
        assert small.abort_uploads(older_than=-60) == 1

    @pytest.mark.needs("resumable_uploads")
    def test_another_key_s_upload_is_not_gone_on_with(
        self, stores: BlobStores, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = broken_off()
        faults = stores.faults(small)
        small.upload(folder / "in", "a/b", resume=True)
        assert faults.calls.count("part") == PARTS
        assert small.get("a/b") == data
        assert [upload.key for upload in small.uploads()] == ["a"]

    @pytest.mark.needs("resumable_uploads", "conditional_puts")
    def test_an_upload_that_is_refused_is_removed(
        self, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        broken_off()
        small.put("a", b"another writer's")
        with pytest.raises(AlreadyExists):
            small.upload(folder / "in", "a", resume=True, if_absent=True)
        assert small.get("a") == b"another writer's"
        assert list(small.uploads()) == []

    @pytest.mark.needs("resumable_uploads")
    def test_a_folder_goes_on_where_it_ended(
        self, stores: BlobStores, small: BlobStore, folder: Path, broken_off: Callable[..., bytes]
    ) -> None:
        data = broken_off()
        (folder / "in").rename(folder / "a")
        faults = stores.faults(small)
        assert [step.key for step in small.sync(folder, resume=True).steps] == ["a"]
        assert faults.calls.count("part") == 2
        assert small.get("a") == data
