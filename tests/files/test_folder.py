"""What lies in a folder, and what others do there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import holdall

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def blobs(root: Path) -> Iterator[holdall.BlobStore]:
    with holdall.open_blobs(f"file://{root}?fsync=false") as store:
        yield store


def files(root: Path) -> list[str]:
    """Return the paths of the files in a folder but for our own."""
    found = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
    return sorted(str(path) for path in found if path.parts[0] != "%holdall")


def test_a_blob_is_a_file_that_anybody_can_read(root: Path, blobs: holdall.BlobStore) -> None:
    blobs.put("reports/2026/may.txt", "May")
    assert (root / "reports/2026/may.txt").read_text() == "May"
    assert files(root) == ["reports/2026/may.txt"]
    assert blobs.native == root


def test_a_file_of_another_program_is_a_blob(root: Path, blobs: holdall.BlobStore) -> None:
    (root / "in").mkdir(parents=True)
    (root / "in/table.csv").write_text("a,b\n")
    found = blobs.info("in/table.csv")
    assert found is not None
    assert (found.size, found.content_type, found.checksum) == (4, "text/csv", None)
    assert blobs.get("in/table.csv") == b"a,b\n"
    assert [info.key for info in blobs.list()] == ["in/table.csv"]
    blobs.set_tags("in/table.csv", {"from": "outside"})
    assert blobs.tags("in/table.csv") == {"from": "outside"}


def test_a_blob_that_another_program_changed_is_another_one(root: Path, blobs: holdall.BlobStore) -> None:
    etag = blobs.put("a.txt", "one", metadata={"by": "me"}).etag
    time.sleep(0.01)
    (root / "a.txt").write_text("two")
    found = blobs.info("a.txt")
    assert found is not None
    assert (found.etag != etag, dict(found.metadata), found.checksum) == (True, {}, None)
    assert blobs.get("a.txt") == b"two"
    with pytest.raises(holdall.Conflict):
        blobs.put("a.txt", "three", if_match=etag)


def test_names_that_are_no_key_are_passed_over(root: Path, blobs: holdall.BlobStore) -> None:
    blobs.put("a", b"x")
    for name in ("%zz", "b.", "long%-/rest"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text("x")
    assert [info.key for info in blobs.list()] == ["a"]


def test_folders_that_are_empty_are_removed(root: Path, blobs: holdall.BlobStore) -> None:
    blobs.put("a/b/c", b"x")
    blobs.put("a/d", b"x")
    blobs.delete("a/b/c")
    assert not (root / "a/b").exists()
    blobs.delete("a/d")
    assert not (root / "a").exists()
    assert root.exists()


def test_nothing_of_ours_grows(root: Path, blobs: holdall.BlobStore) -> None:
    for number in range(20):
        blobs.put("a", str(number))
        blobs.copy("a", "b")
    blobs.delete("a")
    blobs.delete("b")
    left = [path for path in (root / "%holdall").rglob("*") if path.is_file() and path.parent.name != "locks"]
    assert left == []


def test_links_are_neither_followed_nor_listed(root: Path, blobs: holdall.BlobStore, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    blobs.put("a", b"x")
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    assert [info.key for info in blobs.list()] == ["a"]
    assert blobs.get("file") is None
    for verb in (lambda: blobs.get("folder/secret"), lambda: blobs.put("folder/new", b"x"),
                 lambda: blobs.delete("folder/secret")):  # fmt: skip
        with pytest.raises(holdall.InvalidArgument, match="symbolic link"):
            verb()
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    blobs.put("file", b"mine")
    assert (outside / "secret").read_text() == "secret"
    assert blobs.get("file") == b"mine"


WRITER = """
import sys, holdall
with holdall.open_blobs(sys.argv[1]) as blobs:
    blobs.put("a", b"0" * 300_000)
    print("ready", flush=True)
    number = 0
    while True:
        number += 1
        blobs.put("a", str(number % 10).encode() * 300_000, metadata={"n": str(number % 10)})
"""


@pytest.mark.parametrize("moment", range(6))
def test_a_process_that_is_killed_leaves_whole_blobs(root: Path, blobs: holdall.BlobStore, moment: int) -> None:
    command = [sys.executable, "-c", WRITER, f"file://{root}?fsync=false"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end = time.monotonic() + 0.05 + moment * 0.013
        seen: set[tuple[int, int]] = set()
        while time.monotonic() < end:
            data = blobs.require("a")
            seen.add((len(data), len(set(data))))
        process.kill()
    data = blobs.require("a")
    assert seen | {(len(data), len(set(data)))} == {(300_000, 1)}
    info = blobs.info("a")
    assert info is not None
    assert info.metadata.get("n", "0") == chr(data[0])
    # Nobody holds a lock that a killed process held.
    blobs.put("a", b"after")
    # The file that was coming, and what was to lie beside it.
    assert blobs.abort_uploads(older_than=-60) <= 2
    assert blobs.uploads() == []
    assert list((root / "%holdall/coming").iterdir()) == []


COUNTER = """
import sys, holdall
with holdall.open_blobs(sys.argv[1]) as blobs:
    for _ in range(40):
        while True:
            info = blobs.info("n")
            value = int(blobs.require("n"))
            try:
                blobs.put("n", str(value + 1), if_match=info.etag)
                break
            except holdall.Conflict:
                pass
"""


def test_processes_that_count_together_lose_no_step(root: Path, blobs: holdall.BlobStore) -> None:
    blobs.put("n", "0")
    running = [subprocess.Popen([sys.executable, "-c", COUNTER, f"file://{root}?fsync=false"]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert blobs.get("n") == b"120"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may do everything")
def test_a_folder_that_may_not_be_written_is_denied(root: Path, blobs: holdall.BlobStore) -> None:
    blobs.put("a/b", b"x")
    (root / "a").chmod(0o500)
    with pytest.raises(holdall.AccessDenied):
        blobs.put("a/c", b"x")
    (root / "a").chmod(0o700)


@pytest.mark.parametrize(("url", "says"), [
    ("file://dir/sub", "file:///dir/sub"), ("file:///", "names no folder"), ("file://", "names no folder"),
    ("file:///tmp?creat=true", "did you mean 'create'"), ("file:///tmp?fsync=maybe", "'fsync' is wrong"),
])  # fmt: skip
def test_a_wrong_url_is_refused_when_it_is_opened(url: str, says: str) -> None:
    with pytest.raises(holdall.ConfigError, match=says):
        holdall.open_blobs(url)


def test_a_client_is_refused(root: Path) -> None:
    with pytest.raises(holdall.ConfigError, match="no client"):
        holdall.open_blobs(f"file://{root}", client=object())


def test_a_folder_beside_the_working_directory_stays_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with holdall.open_blobs("file://./data/blobs") as blobs:
        monkeypatch.chdir("/")
        blobs.put("a", b"x")
    assert (tmp_path / "data/blobs/a").read_bytes() == b"x"


def test_what_is_on_the_disk_before_put_returns(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    real = os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().name if sys.platform == "linux" else "")
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    with holdall.open_blobs(f"file://{root}") as blobs:
        blobs.put("a/b", b"x")
    # The bytes, what lies beside them, and the folders in which the names are.
    assert len(synced) == 4
    assert sys.platform != "linux" or set(synced[-2:]) == {"a", "blobs"}


def test_to_ask_or_remove_makes_no_folder(root: Path, blobs: holdall.BlobStore) -> None:
    blobs.delete("a")
    assert (blobs.get("a"), blobs.list().all(), list(blobs.uploads())) == (None, [], [])
    assert not root.exists()


def test_a_folder_of_blobs_is_synchronized_without_what_is_ours(
    root: Path, blobs: holdall.BlobStore, tmp_path: Path
) -> None:
    blobs.put("a/b", b"x")
    with holdall.open_blobs("memory://") as copy:
        assert [step.key for step in copy.sync(root).steps] == ["a/b"]
        copy.delete("a/b")
        copy.sync(root, direction="down", delete=True)
    assert blobs.list().all() == []
    assert (root / "%holdall").is_dir()
