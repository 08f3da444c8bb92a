"""What happens when requests fail, answers are lost and streams break off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ..._engine.attempts import RetryPolicy
from ...blob_drivers import UploadGone
from ...errors import AlreadyExists, CorruptBlob, Unavailable
from .base import BlobKit
from .contents import DATA
from .faulty import lost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...blobs.store import BlobStore
    from .base import BlobStores

QUICK = RetryPolicy(attempts=4, first_wait=0.001, max_wait=0.002)


class FailureTests(BlobKit):
    """Failures, on order."""

    @pytest.fixture
    def patient(self, stores: BlobStores) -> BlobStore:
        """Open a store that tries again without long waits, and sends small parts."""
        blobs = stores.open(retry=QUICK)
        stores.with_small_parts(blobs)
        return blobs

    @pytest.mark.parametrize("port", ["put", "info", "list", "delete", "read", "piece", "copy"])
    def test_a_request_that_fails_is_sent_again(self, stores: BlobStores, patient: BlobStore, port: str) -> None:
        patient.put("a", DATA)
        stores.faults(patient).fail(port, times=2)
        patient.put("b", DATA)
        assert patient.get("b") == DATA
        assert patient.exists("a")
        patient.copy("a", "c")
        assert [info.key for info in patient.list()] == ["a", "b", "c"]
        patient.delete("a")
        assert not patient.exists("a")

    @pytest.mark.parametrize("port", ["begin", "part", "complete"])
    def test_a_part_that_fails_is_sent_again(self, stores: BlobStores, patient: BlobStore, port: str) -> None:
        data = DATA * (3 * stores.part(patient) // len(DATA)) + b"end"
        stores.faults(patient).fail(port, times=2)
        patient.put("a", data)
        assert patient.get("a") == data
        assert patient.uploads() == []

    @pytest.mark.parametrize("port", ["begin", "part", "complete"])
    @pytest.mark.parametrize("skip", [0, 2])
    def test_an_upload_that_fails_for_good_leaves_nothing(
        self, stores: BlobStores, patient: BlobStore, port: str, skip: int
    ) -> None:
        patient.put("a", b"before")
        stores.faults(patient).fail(port, times=20, skip=0 if port != "part" else skip)
        with pytest.raises(Unavailable):
            patient.put("a", b"x" * (4 * stores.part(patient)))
        assert patient.get("a") == b"before"
        assert patient.uploads() == []

    def test_an_upload_that_somebody_else_removes_is_unavailable(self, stores: BlobStores, patient: BlobStore) -> None:
        stores.faults(patient).fail("part", UploadGone, skip=1)
        with pytest.raises(Unavailable, match="removed by somebody else"):
            patient.put("a", b"x" * (4 * stores.part(patient)))
        assert not patient.exists("a")

    def test_a_source_that_fails_leaves_nothing(self, stores: BlobStores, patient: BlobStore) -> None:
        def pieces() -> Iterator[bytes]:
            for _ in range(4):
                yield b"x" * stores.part(patient)
            raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            patient.put("a", pieces())
        assert not patient.exists("a")
        assert patient.uploads() == []

    def test_a_source_is_read_once_whatever_fails(self, stores: BlobStores, patient: BlobStore) -> None:
        read: list[int] = []

        def pieces() -> Iterator[bytes]:
            for number in range(4):
                read.append(number)
                yield bytes([number]) * stores.part(patient)

        stores.faults(patient).fail("part", skip=1, times=2)
        patient.put("a", pieces())
        assert read == [0, 1, 2, 3]
        assert patient.get("a") == b"".join(bytes([n]) * stores.part(patient) for n in range(4))

    @pytest.mark.needs("conditional_puts")
    @pytest.mark.parametrize("parts", [0, 2])
    def test_one_s_own_write_never_comes_back_as_somebody_else_s(
        self, stores: BlobStores, patient: BlobStore, parts: int
    ) -> None:
        data = b"mine" * 10 + b"x" * (parts * stores.part(patient))
        stores.faults(patient).lose("complete" if parts else "put")
        patient.put("a", data, if_absent=True)
        assert patient.get("a") == data

    @pytest.mark.needs("conditional_puts")
    def test_a_lost_answer_does_not_hide_somebody_else_s_blob(self, stores: BlobStores, patient: BlobStore) -> None:
        patient.put("a", b"somebody else's")
        stores.faults(patient).lose("put", applied=False)
        with pytest.raises((AlreadyExists, Unavailable)) as failed:
            patient.put("a", b"mine", if_absent=True)
        assert failed.value.maybe_done or isinstance(failed.value, AlreadyExists)
        assert patient.get("a") == b"somebody else's"

    def test_a_lost_answer_to_completing_is_found_out(self, stores: BlobStores, patient: BlobStore) -> None:
        data = b"x" * (2 * stores.part(patient) + 1)
        stores.faults(patient).lose("complete")
        assert patient.put("a", data).size == len(data)
        assert patient.uploads() == []

    @pytest.mark.needs("conditional_deletes")
    def test_a_lost_answer_to_a_conditional_delete_is_found_out(self, stores: BlobStores, patient: BlobStore) -> None:
        etag = patient.put("a", b"x").etag
        stores.faults(patient).lose("delete")
        patient.delete("a", if_match=etag)
        assert not patient.exists("a")

    def test_a_reader_goes_on_where_its_stream_broke_off(self, stores: BlobStores, patient: BlobStore) -> None:
        patient.put("a", DATA * 5)
        faults = stores.faults(patient)
        with patient.open("a") as file:
            assert file.read(1) == DATA[:1]
            faults.fail("piece", lost, times=2)
            file.seek(100)
            assert file.read() == (DATA * 5)[100:]

    def test_a_blob_whose_checksum_is_wrong_is_refused(self, stores: BlobStores, patient: BlobStore) -> None:
        engine = stores.faults(patient)
        wrong = "crc32:00000000"
        original = engine.inside.put

        async def put(key: str, data: object, new: object, _: object, condition: object) -> object:
            return await original(key, data, new, wrong, condition)  # type: ignore[arg-type]  # as they came

        if patient.capabilities.name not in ("memory", "files"):
            pytest.skip("a server that checks it takes no wrong checksum")
        engine.inside.put = put  # type: ignore[method-assign, assignment]  # for this test
        patient.put("a", DATA)
        with pytest.raises(CorruptBlob):
            patient.get("a")
        with pytest.raises(CorruptBlob), patient.open("a") as file:
            file.read()
        assert patient.get("a", start=1) == DATA[1:]

    def test_old_uploads_are_listed_and_removed(self, stores: BlobStores, patient: BlobStore) -> None:
        faults = stores.faults(patient)
        faults.fail("complete", times=20)
        faults.fail("abort_upload", times=20)
        with pytest.raises(Unavailable):
            patient.put("a/b", b"x" * (3 * stores.part(patient)))
        (upload,) = patient.uploads()
        assert upload.key == "a/b"
        assert patient.uploads("x") == []
        assert patient.abort_uploads(older_than=3600) == 0
        assert patient.abort_uploads(older_than=-60) == 1
        assert patient.uploads() == []
        assert not patient.exists("a/b")
