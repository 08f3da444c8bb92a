"""A blob store as a filesystem of fsspec: its own tests, unchanged, and what programs do with it."""

from __future__ import annotations

import pickle
import secrets
import sys
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.tests import abstract

import holdall

if TYPE_CHECKING:
    from pathlib import Path


class Fixtures(abstract.AbstractFixtures):
    """What fsspec's tests ask for."""

    @pytest.fixture
    def fs_path(self) -> str:
        return "some/path"

    @pytest.fixture
    def supports_empty_directories(self) -> bool:
        return False

    @pytest.fixture
    def local_fs(self) -> LocalFileSystem:
        return LocalFileSystem(auto_mkdir=True)


class OnMemory(Fixtures):
    @pytest.fixture
    def fs(self) -> Any:
        return holdall.fs(f"memory://{secrets.token_hex(4)}")


class OnFiles(Fixtures):
    @pytest.fixture
    def fs(self, tmp_path: Path) -> Any:
        return holdall.fs(f"file://{tmp_path}/store?fsync=false")


class TestCopyOnMemory(abstract.AbstractCopyTests, OnMemory):
    pass


class TestGetOnMemory(abstract.AbstractGetTests, OnMemory):
    pass


class TestPutOnMemory(abstract.AbstractPutTests, OnMemory):
    pass


class TestPipeOnMemory(abstract.AbstractPipeTests, OnMemory):
    pass


class TestOpenOnMemory(abstract.AbstractOpenTests, OnMemory):
    pass


class TestCopyOnFiles(abstract.AbstractCopyTests, OnFiles):
    pass


class TestGetOnFiles(abstract.AbstractGetTests, OnFiles):
    pass


class TestPutOnFiles(abstract.AbstractPutTests, OnFiles):
    pass


class TestPipeOnFiles(abstract.AbstractPipeTests, OnFiles):
    pass


class TestOpenOnFiles(abstract.AbstractOpenTests, OnFiles):
    pass


@pytest.fixture
def fs() -> Any:
    return holdall.fs(holdall.open_blobs("memory://"))


def test_a_file_is_written_and_read(fs: Any) -> None:
    with fs.open("a/b.txt", "w") as file:
        file.write("één\ntwee\n")
    with fs.open("a/b.txt") as file:
        assert file.readline() == "één\n".encode()
    assert fs.cat("a/b.txt") == "één\ntwee\n".encode()
    assert fs.size("a/b.txt") == 11
    assert (fs.isfile("a/b.txt"), fs.isdir("a"), fs.exists("c")) == (True, True, False)
    assert fs.created("a/b.txt") == fs.modified("a/b.txt")


@pytest.mark.parametrize(("start", "end"), [
    (None, None), (2, 5), (-3, None), (None, -2), (-4, -1), (5, 2), (0, 0), (-100, 3), (8, 100),
])  # fmt: skip
def test_a_part_is_a_slice(fs: Any, start: int | None, end: int | None) -> None:
    fs.pipe("a", b"0123456789")
    assert fs.cat_file("a", start, end) == b"0123456789"[start:end]


def test_what_is_not_there_is_a_file_not_found(fs: Any) -> None:
    for verb in (lambda: fs.cat("a"), lambda: fs.open("a"), lambda: fs.info("a"), lambda: fs.ls("a"),
                 lambda: fs.rm("a"), lambda: fs.cp_file("a", "b")):  # fmt: skip
        with pytest.raises(FileNotFoundError):
            verb()


def test_a_blob_that_names_a_folder_is_not_in_it(fs: Any) -> None:
    fs.store.put("dir/", b"")
    fs.store.put("dir/a", b"x")
    assert fs.ls("dir", detail=False) == ["dir/a"]
    assert fs.glob("**") == ["dir", "dir/a"]


def test_a_transaction_writes_all_or_nothing(fs: Any) -> None:
    with fs.transaction, fs.open("a", "wb") as file:
        file.write(b"x")
        assert not fs.store.exists("a")
    assert fs.cat("a") == b"x"
    with pytest.raises(ZeroDivisionError), fs.transaction:
        with fs.open("b", "wb") as file:
            file.write(b"x")
        raise ZeroDivisionError
    assert not fs.exists("b")


def test_a_file_that_is_appended_to_is_refused(fs: Any) -> None:
    with pytest.raises(holdall.InvalidArgument, match="'ab'"):
        fs.open("a", "ab")


def test_it_is_registered_by_name(tmp_path: Path) -> None:
    store = f"file://{tmp_path}/store"
    with fsspec.open("holdall://a/b.txt", "w", store=store) as file:
        file.write("x")
    assert (tmp_path / "store/a/b.txt").read_text() == "x"
    with pytest.raises(holdall.ConfigError, match="storage_options"):
        fsspec.filesystem("holdall")
    with fsspec.open("holdall+memory://by-name/a/b.txt", "w") as file:
        file.write("y")
    with holdall.open_blobs("memory://by-name") as blobs:
        assert blobs.get("a/b.txt") == b"y"


def test_one_that_is_given_by_url_goes_to_other_processes(tmp_path: Path) -> None:
    fs = holdall.fs(f"file://{tmp_path}/store")
    fs.pipe("a", b"x")
    assert pickle.loads(pickle.dumps(fs)).cat("a") == b"x"


def test_without_fsspec_the_rest_of_holdall_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec.spec", None)
    monkeypatch.delitem(sys.modules, "holdall.blobs.fsspec", raising=False)
    with pytest.raises(ModuleNotFoundError, match=r"holdall\[fsspec\]"):
        holdall.fs  # noqa: B018 - asked for its effect
