"""Files to blobs and back, and whole folders."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Literal

import pytest

from ..._engine.attempts import RetryPolicy
from ...errors import AlreadyExists, Conflict, InvalidArgument, NotFound, Unavailable
from .base import BlobKit
from .contents import DATA
from .lists import keys_of

if TYPE_CHECKING:
    from pathlib import Path

    from ...blobs.store import BlobStore
    from .base import BlobStores


def tree(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder with what is in them."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def grow(folder: Path, files: dict[str, bytes]) -> None:
    """Write files into a folder."""
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)


class TransferTests(BlobKit):
    """Uploading, downloading, synchronizing."""

    def test_a_file_goes_up_and_comes_down(self, stores: BlobStores, blobs: BlobStore, folder: Path) -> None:
        stores.with_small_parts(blobs)
        data = DATA * (3 * stores.part(blobs) // len(DATA)) + b"end"
        (folder / "in").write_bytes(data)
        told = blobs.upload(folder / "in", "a.bin", metadata={"by": "me"})
        assert (told.size, dict(told.metadata)) == (len(data), {"by": "me"})
        found = blobs.download("a.bin", str(folder / "new/out"))
        assert found.etag == told.etag
        assert (folder / "new/out").read_bytes() == data
        assert list((folder / "new").iterdir()) == [folder / "new/out"]

    def test_an_empty_file_goes_up_and_comes_down(self, blobs: BlobStore, folder: Path) -> None:
        (folder / "in").write_bytes(b"")
        blobs.upload(folder / "in", "a")
        blobs.download("a", folder / "out")
        assert (folder / "out").read_bytes() == b""

    def test_progress_is_told_to_the_end(self, stores: BlobStores, blobs: BlobStore, folder: Path) -> None:
        stores.with_small_parts(blobs)
        size = 3 * stores.part(blobs) + 5
        (folder / "in").write_bytes(b"x" * size)
        told: list[tuple[str, int, int | None]] = []

        def tell(key: str, done: int, size: int | None, /) -> None:
            told.append((key, done, size))

        blobs.upload(folder / "in", "a", progress=tell)
        assert told[-1] == ("a", size, size)
        assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
        told.clear()
        blobs.download("a", folder / "out", progress=tell)
        assert told[-1] == ("a", size, size)
        assert len(told) == 4

    def test_a_download_replaces_the_file_when_it_is_whole(
        self, stores: BlobStores, folder: Path
    ) -> None:
        blobs = stores.open(retry=RetryPolicy(attempts=2, first_wait=0.001, max_wait=0.002))
        stores.with_small_parts(blobs)
        blobs.put("a", b"x" * (4 * stores.part(blobs)))
        (folder / "out").write_bytes(b"before")
        faults = stores.faults(blobs)
        faults.fail("read", skip=2, times=9)
        with pytest.raises(Unavailable):
            blobs.download("a", folder / "out")
        assert (folder / "out").read_bytes() == b"before"

    def test_a_download_goes_on_where_it_ended(self, stores: BlobStores, folder: Path) -> None:
        blobs = stores.open(retry=RetryPolicy(attempts=1))
        stores.with_small_parts(blobs)
        part = stores.part(blobs)
        data = b"".join(bytes([65 + number]) * part for number in range(5))
        blobs.put("a", data)
        faults = stores.faults(blobs)
        faults.fail("read", skip=3)
        with pytest.raises(Unavailable):
            blobs.download("a", folder / "out")
        assert any(path.stat().st_size for path in folder.glob(".out.*"))
        told: list[tuple[str, int, int | None]] = []

        def tell(key: str, done: int, size: int | None, /) -> None:
            told.append((key, done, size))

        blobs.download("a", folder / "out", progress=tell)
        assert (folder / "out").read_bytes() == data
        assert len(told) < 5
        assert told[-1][1:] == (len(data), len(data))
        assert list(folder.glob(".out.*")) == []

    def test_what_came_of_another_state_is_not_gone_on_with(self, stores: BlobStores, folder: Path) -> None:
        blobs = stores.open(retry=RetryPolicy(attempts=1))
        stores.with_small_parts(blobs)
        part = stores.part(blobs)
        blobs.put("a", b"old" * part)
        stores.faults(blobs).fail("read", skip=2)
        with pytest.raises(Unavailable):
            blobs.download("a", folder / "out")
        blobs.put("a", b"new" * part)
        blobs.download("a", folder / "out")
        assert (folder / "out").read_bytes() == b"new" * part
        assert list(folder.iterdir()) == [folder / "out"]

    def test_a_blob_that_changes_while_it_comes_is_a_conflict(
        self, stores: BlobStores, blobs: BlobStore, folder: Path
    ) -> None:
        stores.with_small_parts(blobs)
        blobs.put("a", b"old" * stores.part(blobs))
        other = stores.open()
        if self.lacking("shared"):
            return

        faults = stores.faults(blobs)
        original = faults.inside.info

        async def info(key: str, version: str | None) -> Any:
            found = await original(key, version)
            await faults.inside.delete(key, None, None)
            return found

        faults.inside.info = info  # type: ignore[method-assign]  # for this test
        with pytest.raises(Conflict):
            blobs.download("a", folder / "out")
        assert list(folder.iterdir()) == []
        assert not other.exists("a")

    def test_what_is_not_there_can_t_be_copied(self, blobs: BlobStore, folder: Path) -> None:
        with pytest.raises(NotFound):
            blobs.download("a", folder / "out")
        with pytest.raises(InvalidArgument, match="no file"):
            blobs.upload(folder / "missing", "a")
        with pytest.raises(InvalidArgument, match="folders"):
            blobs.upload(folder, "a")
        wrong: Any = 7
        with pytest.raises(InvalidArgument, match="path"):
            blobs.upload(wrong, "a")
        assert list(folder.iterdir()) == []

    @pytest.mark.needs("conditional_puts")
    def test_an_upload_keeps_its_condition(self, blobs: BlobStore, folder: Path) -> None:
        (folder / "in").write_bytes(b"x")
        blobs.upload(folder / "in", "a", if_absent=True)
        with pytest.raises(AlreadyExists):
            blobs.upload(folder / "in", "a", if_absent=True)

    def test_a_folder_goes_up_and_comes_down(self, blobs: BlobStore, folder: Path) -> None:
        files = {"a.txt": b"one", "b/c.txt": b"two", "b/d/é.txt": b"three", "empty": b""}
        grow(folder / "in", files)
        done = blobs.sync(folder / "in", "site/")
        assert [(step.action, step.key) for step in done.steps] == [("put", f"site/{name}") for name in sorted(files)]
        assert keys_of(blobs.list("site/")) == [f"site/{name}" for name in sorted(files)]
        back = blobs.sync(folder / "out", "site/", direction="down")
        assert [step.action for step in back.steps] == ["get"] * 4
        assert tree(folder / "out") == files

    @pytest.mark.parametrize("by_checksum", [False, True])
    def test_what_is_the_same_is_left(self, blobs: BlobStore, folder: Path, by_checksum: bool) -> None:
        grow(folder / "in", {"a": b"one", "b": b"two"})
        blobs.sync(folder / "in")
        directions: tuple[Literal["up", "down"], ...] = ("up", "down", "up")
        for direction in directions:
            again = blobs.sync(folder / "in", direction=direction, by_checksum=by_checksum)
            assert (again.steps, again.same) == ([], 2)

    def test_what_changed_is_copied(self, blobs: BlobStore, folder: Path) -> None:
        grow(folder / "in", {"size": b"one", "age": b"one", "inside": b"one"})
        blobs.sync(folder / "in")
        grow(folder / "in", {"size": b"longer", "age": b"two", "inside": b"six"})
        os.utime(folder / "in/age", (4e9, 4e9))
        os.utime(folder / "in/inside", (1e9, 1e9))
        done = blobs.sync(folder / "in")
        assert [(step.key, step.why) for step in done.steps] == [("age", "newer"), ("size", "another size")]
        done = blobs.sync(folder / "in", by_checksum=True)
        assert [(step.key, step.why) for step in done.steps] == [("inside", "another checksum")]
        assert blobs.get("inside") == b"six"

    def test_what_is_gone_is_removed_where_that_is_asked(self, blobs: BlobStore, folder: Path) -> None:
        grow(folder / "in", {"a": b"one", "b": b"two"})
        blobs.sync(folder / "in", "p/")
        blobs.put("other", b"x")
        (folder / "in/a").unlink()
        assert blobs.sync(folder / "in", "p/").steps == []
        done = blobs.sync(folder / "in", "p/", delete=True)
        assert [(step.action, step.key) for step in done.steps] == [("delete", "p/a")]
        assert keys_of(blobs.list()) == ["other", "p/b"]
        grow(folder / "in", {"extra": b"x"})
        blobs.sync(folder / "in", "p/", direction="down", delete=True)
        assert tree(folder / "in") == {"b": b"two"}

    def test_a_dry_run_does_nothing(self, blobs: BlobStore, folder: Path) -> None:
        grow(folder / "in", {"a": b"one"})
        blobs.put("b", b"two")
        up = blobs.sync(folder / "in", delete=True, dry_run=True)
        assert [(step.action, step.key) for step in up.steps] == [("put", "a"), ("delete", "b")]
        down = blobs.sync(folder / "in", direction="down", delete=True, dry_run=True)
        assert [(step.action, step.key) for step in down.steps] == [("delete", "a"), ("get", "b")]
        assert keys_of(blobs.list()) == ["b"]
        assert tree(folder / "in") == {"a": b"one"}

    @pytest.mark.needs("odd_keys")
    @pytest.mark.parametrize("key", ["../x", "a//b", "a/./b", "/lead", "trail/"])
    def test_a_key_that_is_no_path_is_refused_before_anything_comes(
        self, blobs: BlobStore, folder: Path, key: str
    ) -> None:
        blobs.put(key, b"x")
        blobs.put("fine", b"x")
        with pytest.raises(InvalidArgument, match="no path within a folder"):
            blobs.sync(folder / "out", direction="down")
        assert not (folder / "out").exists()

    @pytest.mark.needs("nested_keys")
    def test_keys_below_each_other_are_refused_before_anything_comes(self, blobs: BlobStore, folder: Path) -> None:
        blobs.put("p/fd", b"x")
        blobs.put("p/fd/x", b"x")
        with pytest.raises(InvalidArgument, match="below another"):
            blobs.sync(folder / "out", "p/", direction="down")
        assert not (folder / "out").exists()

    @pytest.mark.parametrize(("arguments", "says"), [
        ({"direction": "sideways"}, "direction="), ({"prefix": "no-slash"}, "ends with '/'"), ({"folder": 7}, "path"),
    ], ids=str)  # fmt: skip
    def test_a_wrong_sync_is_refused(self, blobs: BlobStore, folder: Path, arguments: Any, says: str) -> None:
        arguments = dict(arguments)
        with pytest.raises(InvalidArgument, match=says):
            blobs.sync(arguments.pop("folder", folder), **arguments)
        with pytest.raises(InvalidArgument, match="no folder"):
            blobs.sync(folder / "missing")
