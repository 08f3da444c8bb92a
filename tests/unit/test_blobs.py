"""Blob stores, as far as the kit can't tell: opening, sources, sizes of parts, media types."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import deadlines
from holdall._engine.blobs.checksums import Checksum, checksum_like
from holdall._engine.blobs.endings import media_type_of
from holdall._engine.blobs.writing import Writer
from holdall._frozen import replace
from holdall.blob_drivers import ALWAYS, BlobCapabilities, NewBlob
from holdall.registry import _BLOBS, register_blobs

if TYPE_CHECKING:
    from pathlib import Path

NEW = NewBlob("text/plain", {}, "crc32", {})


def test_memory_is_shared_by_name() -> None:
    with holdall.open_blobs("memory://shared-blobs") as one, holdall.open_blobs("memory://shared-blobs") as two:
        one.put("a", b"x")
        assert two.get("a") == b"x"
    with holdall.open_blobs("memory://") as private:
        assert private.get("a") is None


@pytest.mark.parametrize(("url", "says"), [
    ("memory://x/y", "without a path"), ("memory://x?table=t", "unknown parameter"),
    ("s4://bucket", "no adapter serves"),
    ("filee:///x", "did you mean 'file'"), ("nothing", "://"),
])  # fmt: skip
def test_a_wrong_url_is_refused(url: str, says: str) -> None:
    with pytest.raises(holdall.ConfigError, match=says):
        holdall.open_blobs(url)


def test_what_a_program_requires_is_looked_at_when_it_opens(tmp_path: Path) -> None:
    holdall.open_blobs("memory://", require={"nested_keys", "tags"}).close()
    with pytest.raises(holdall.Unsupported, match="nested_keys"):
        holdall.open_blobs(f"file://{tmp_path}/x", require={"nested_keys"})
    with pytest.raises(holdall.InvalidArgument, match="did you mean 'conditional_puts'"):
        holdall.open_blobs("memory://", require={"conditional_put"})


def test_an_opener_of_one_s_own_serves_a_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_BLOBS, "_registered", {})
    made = _BLOBS.opener("memory")
    register_blobs("mine", made)
    with holdall.open_blobs("mine://x") as blobs:
        assert blobs.capabilities.name == "memory"


@pytest.mark.parametrize(("key", "expected"), [
    ("a.pdf", "application/pdf"), ("dir.pdf/a", None), ("A.JPG", "image/jpeg"), ("a.tar.gz", "application/gzip"),
    (".json", None), ("json", None), ("a.", None), ("x.parquet", "application/vnd.apache.parquet"),
])  # fmt: skip
def test_a_media_type_is_told_by_the_ending(key: str, expected: str | None) -> None:
    assert media_type_of(key) == expected


@pytest.mark.parametrize(("algorithm", "expected"), [
    ("crc32", "crc32:cbf43926"), ("crc64nvme", "crc64nvme:ae8b14860a799888"),
    ("sha256", "sha256:15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
])  # fmt: skip
def test_checksums_are_those_of_the_catalogues(algorithm: str, expected: str) -> None:
    made = Checksum(algorithm)
    made.update(b"1234")
    made.update(memoryview(b"56789"))
    assert made.text() == expected


def test_a_checksum_that_is_not_known_or_slow_is_not_made() -> None:
    assert checksum_like("crc64nvme:00", 1 << 30).text() is None
    assert checksum_like("md5:00", 1).text() is None
    assert checksum_like("crc64nvme:00", 1).text() is not None


def test_parts_grow_so_that_ten_thousand_hold_terabytes() -> None:
    engine = holdall.open_blobs("memory://").engine
    writer = Writer(engine, "a", NEW, ALWAYS)
    sizes = []
    for number in (0, 999, 1000, 9999):
        writer._parts = number
        sizes.append(writer.room >> 20)
    assert sizes == [8, 8, 16, 4096]


def test_too_many_parts_are_refused_and_nothing_is_left() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.engine.capabilities = replace(blobs.engine.capabilities, part_bytes=10, max_parts=3)
        with pytest.raises(holdall.TooLarge, match="3 parts"):
            blobs.put("a", b"x" * 41)
        assert blobs.uploads() == []
        assert blobs.put("a", b"x" * 30).size == 30


def test_memory_of_a_stream_is_bounded() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.engine.capabilities = replace(blobs.engine.capabilities, part_bytes=1000, parallel=2)
        most = 0
        writer = Writer(blobs.engine, "a", NEW, ALWAYS)

        async def write() -> None:
            nonlocal most
            for _ in range(100):
                await writer.write(b"x" * 250)
                most = max(most, len(writer._part) + sum(map(len, writer._full)))

        from holdall.io import run_blocking

        run_blocking(write())
        assert most <= 3 * 1000


def test_a_cancelled_put_leaves_no_upload() -> None:
    async def program() -> list[Any]:
        async with holdall.open_async_blobs("memory://") as blobs:
            blobs.engine.capabilities = replace(blobs.engine.capabilities, part_bytes=10)

            async def pieces() -> Any:
                yield b"x" * 100
                sent.set()
                await asyncio.sleep(60)

            sent = asyncio.Event()
            task = asyncio.ensure_future(blobs.put("a", pieces()))
            await sent.wait()
            assert len(await blobs.uploads()) == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return [await blobs.get("a"), list(await blobs.uploads())]

    assert asyncio.run(program()) == [None, []]


def test_what_is_left_is_removed_after_the_deadline_too() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.engine.capabilities = replace(blobs.engine.capabilities, part_bytes=10)

        def pieces() -> Any:
            for _ in range(50):
                yield b"x" * 10
                import time

                time.sleep(0.002)

        with pytest.raises(holdall.Timeout), holdall.deadline(0.02):
            blobs.put("a", pieces())
        assert blobs.uploads() == []


def test_an_extended_deadline_ends_with_its_block() -> None:
    with holdall.deadline(0.0):
        with deadlines.extended(5):
            assert 4 < (deadlines.remaining() or 0) <= 5
        assert deadlines.remaining() == 0
    with deadlines.extended(5):
        assert deadlines.remaining() is None


def test_a_forgotten_writer_makes_no_blob() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.open("a", "wb").write(b"x")
        blobs.open("b", "w").write("x")
        import gc

        gc.collect()
        assert blobs.list().all() == []


def test_a_reader_serves_whatever_takes_a_file() -> None:
    import csv
    import zipfile

    with holdall.open_blobs("memory://") as blobs:
        with blobs.open("a.zip", "wb") as target, zipfile.ZipFile(target, "w") as archive:
            archive.writestr("in.txt", "inside")
        with blobs.open("a.zip") as source, zipfile.ZipFile(source) as archive:
            assert archive.read("in.txt") == b"inside"
        with blobs.open("a.csv", "w") as text:
            csv.writer(text).writerows([["a", "b"], [1, 2]])
        with blobs.open("a.csv", "r") as text:
            assert list(csv.reader(text)) == [["a", "b"], ["1", "2"]]


def test_an_open_asynchronous_file_needs_its_block() -> None:
    async def program() -> None:
        async with holdall.open_async_blobs("memory://") as blobs:
            await blobs.put("a", b"x")
            with pytest.raises(holdall.InvalidArgument, match="async with"):
                await blobs.open("a").read()

    asyncio.run(program())


def test_a_seek_takes_the_three_places_of_files_only() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.put("a", b"0123456789")
        with blobs.open("a") as file:
            assert file.seek(-2, os.SEEK_END) == 8
            with pytest.raises((ValueError, OSError)):
                file.seek(0, 9)


def test_capabilities_have_names_for_require() -> None:
    assert {name for name, value in vars(BlobCapabilities("x")).items() if isinstance(value, bool)} == {
        "conditional_puts", "conditional_deletes", "conditional_copies", "nested_keys", "tags", "versions",
        "presigned", "resumable_uploads",
    }  # fmt: skip


def test_a_bar_shows_how_far_a_transfer_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in").write_bytes(b"x" * 3000)
    with holdall.open_blobs("memory://") as blobs:
        with holdall.progress_bar() as progress:
            blobs.upload(tmp_path / "in", "a.bin", progress=progress)
        with holdall.progress_bar("all") as progress:
            blobs.download("a.bin", tmp_path / "out", progress=progress)
    shown = capsys.readouterr().err
    assert "a.bin" in shown
    assert "all: 100%" in shown
    assert "2.93k/2.93k" in shown


def test_a_bar_without_its_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(holdall.ConfigError, match="pip install tqdm"), holdall.progress_bar():
        pass


@pytest.mark.parametrize("mode", ["r", "w"])
def test_an_encoding_that_there_is_not_is_refused(mode: Any) -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.put("a", b"x")
        for wrong in ("utf-9", 7):
            with pytest.raises(holdall.InvalidArgument, match="encoding="):
                blobs.open("a", mode, encoding=wrong)
        assert blobs.get("a") == b"x"


def test_a_refusal_on_closing_names_the_key() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.put("a", b"x")
        with pytest.raises(holdall.AlreadyExists) as failed, blobs.open("a", "wb", if_absent=True):
            pass
        assert (failed.value.key, failed.value.operation) == ("a", "open")


def test_of_many_who_remove_what_must_be_there_one_does() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with holdall.open_blobs("memory://") as blobs, ThreadPoolExecutor(8) as pool:

        def remove(_: int) -> bool:
            try:
                blobs.delete("a", must_exist=True)
            except holdall.NotFound:
                return False
            return True

        for _ in range(20):
            blobs.put("a", b"x")
            assert sum(pool.map(remove, range(8))) == 1
