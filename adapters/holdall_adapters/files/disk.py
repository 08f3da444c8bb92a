"""
What is done to files, so that nobody ever sees a half.

A blob is written to a file of our own folder, then renamed to its place. What lies beside its bytes (media type,
metadata, checksum, tags) is in a note, whose name holds the key and the *state* of the file, its time of change and
size: so the note of a new blob is there before the blob is, and a file that another program changed has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import stat
import time
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from holdall.errors import InvalidArgument, NotFound, ResourceMissing

from . import wire
from .locks import locked

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from typing import IO

    from .options import Options

_TRIES = 100
"""How often a folder is made again that others remove because it was empty."""
_LOCKS = 64
_ONE_NAME = "a folder can't have a file and a folder of one name"
_TICK = 100
"""Nanoseconds in which every file system in use tells times apart."""


class State(NamedTuple):
    """A file as it is: its time of change in nanoseconds, and its size."""

    changed: int
    size: int

    @property
    def etag(self) -> str:
        """What is equal while the file is the same."""
        return f"{self.changed:x}-{self.size:x}"


class Note(NamedTuple):
    """What lies beside the bytes of a blob."""

    content_type: str | None = None
    metadata: Mapping[str, str] = {}
    checksum: str | None = None
    tags: Mapping[str, str] = {}


class Disk:
    """
    One folder.

    Attributes:
        root: The folder.
    """

    def __init__(self, options: Options) -> None:
        self.root = Path(options.root)
        self._create = options.create
        self._fsync = options.fsync
        own = self.root / wire.OWN
        self.coming = own / "coming"
        self._notes = own / "notes"
        self._locks = own / "locks"

    def path(self, key: str) -> Path:
        """
        Return where a blob lies.

        Raises:
            InvalidArgument: A link leads out of the folder on the way there.
        """
        path = self.root.joinpath(*wire.parts_of(key))
        for folder in path.relative_to(self.root).parents:
            if folder.name and (self.root / folder).is_symlink():
                raise InvalidArgument("the key leads through a symbolic link, which might leave the store's folder")
        return path

    def check_there(self) -> None:
        """
        Do nothing where the folder is there, or may be made.

        Raises:
            ResourceMissing: It is not there.
        """
        if not self._create and not self.root.is_dir():
            raise ResourceMissing(
                f"there is no folder {str(self.root)!r}; call provision(), or drop create=false from the URL"
            )

    def provide(self) -> None:
        """Make the folder, and those of our own in it."""
        for folder in (self.coming, self._notes, self._locks):
            folder.mkdir(parents=True, exist_ok=True)

    def make_ready(self) -> None:
        """
        Make what is needed to put something.

        Raises:
            ResourceMissing: The folder is not there, and must not be made.
        """
        self.check_there()
        if not self._locks.is_dir():
            self.provide()

    @contextmanager
    def held(self, key: str) -> Generator[None, None, None]:
        """Keep other writers of a key, in this process and others, from it."""
        digest = hashlib.sha256(key.encode()).digest()
        with locked(self._locks / f"{digest[0] % _LOCKS:02}"):
            yield

    def open(self, key: str) -> tuple[IO[bytes], State, Note]:
        """
        Open a blob, with what lies beside it.

        Raises:
            NotFound: There is none.
        """
        self.check_there()
        path = self.path(key)
        while True:
            file = _opened(path)
            state = _state(os.fstat(file.fileno()))
            note = self.note(key, state)
            # Where there is no note although the file is still the same, another program has put it there.
            if note is not None or self.state(key) == state:
                return file, state, note or Note()
            file.close()

    def state(self, key: str) -> State | None:
        """Return the state of a blob; None where there is none."""
        try:
            found = self.path(key).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return _state(found) if stat.S_ISREG(found.st_mode) else None

    def look(self, key: str) -> tuple[State, Note] | None:
        """Return the state of a blob and what lies beside it; None where there is none."""
        while True:
            state = self.state(key)
            if state is None:
                return None
            note = self.note(key, state)
            if note is not None or self.state(key) == state:
                return state, note or Note()

    def note(self, key: str, state: State) -> Note | None:
        """Return what lies beside the bytes of a blob in that state; None where nothing is known."""
        try:
            read: list[Any] = json.loads(self._note_path(key, state).read_bytes())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return None
        return Note(*read)

    def _note_path(self, key: str, state: State) -> Path:
        name = hashlib.sha256(f"{state.etag}\0{key}".encode()).hexdigest()[:40]
        return self._notes / name[:2] / name[2:]

    def keep(self, key: str, state: State, note: Note) -> None:
        """Write what lies beside the bytes of a blob in that state."""
        path = self._note_path(key, state)
        path.parent.mkdir(exist_ok=True)
        coming = self.new_file()
        with coming.open("wb") as file:
            file.write(json.dumps(list(note), ensure_ascii=False, default=dict).encode())
            self._settle(file)
        coming.replace(path)

    def new_file(self) -> Path:
        """Return a path of a file to come, whose name says since when."""
        return self.coming / f"{time.time_ns():x}-{secrets.token_hex(4)}"

    def _settle(self, file: IO[bytes]) -> None:
        file.flush()
        if self._fsync:
            os.fsync(file.fileno())

    def place(self, key: str, coming: Path, note: Note) -> State:
        """Put a file, which is written whole, into the place of a key that is held."""
        before = self.state(key)
        state = self._stamped(coming, before)
        self.keep(key, state, note)
        try:
            self._rename(coming, self.path(key))
        except BaseException:
            self._forget(key, state)
            raise
        if before is not None:
            self._forget(key, before)
        return state

    def _stamped(self, coming: Path, before: State | None) -> State:
        """Give a file a time of change that the one before it has not, and return its state."""
        with coming.open("r+b") as file:
            changed = time.time_ns() // _TICK * _TICK
            if before is not None and changed == before.changed:
                changed += _TICK
            os.utime(coming, ns=(changed, changed))
            self._settle(file)
            # As the file system has rounded it.
            return _state(os.fstat(file.fileno()))

    def _rename(self, coming: Path, path: Path) -> None:
        for _ in range(_TRIES):
            new = list(takewhile(lambda folder: not folder.exists(), (path.parent, *path.parent.parents)))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                coming.replace(path)
            except FileNotFoundError:
                continue  # Somebody removed the folder, since it was empty.
            except (NotADirectoryError, FileExistsError, IsADirectoryError, PermissionError) as error:
                raise _in_the_way(path, error) from None
            for folder in {path.parent, *(one.parent for one in new)}:
                self._settle_folder(folder)
            return
        raise ResourceMissing(f"the folder {str(path.parent)!r} is removed again and again")

    def _settle_folder(self, folder: Path) -> None:
        if not self._fsync or os.name == "nt":
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def remove(self, key: str) -> None:
        """Remove the blob of a key that is held, and the folders that are empty then."""
        state = self.state(key)
        if state is None:
            return
        path = self.path(key)
        path.unlink(missing_ok=True)
        self._settle_folder(path.parent)
        self._forget(key, state)
        for folder in path.relative_to(self.root).parents:
            if not folder.name:
                return
            try:
                (self.root / folder).rmdir()
            except OSError:
                return  # It is not empty.

    def _forget(self, key: str, state: State) -> None:
        self._note_path(key, state).unlink(missing_ok=True)

    def copied(self, file: IO[bytes]) -> Path:
        """Return a file to come with the bytes of another."""
        coming = self.new_file()
        with coming.open("wb") as target:
            shutil.copyfileobj(file, target)
        return coming


def _opened(path: Path) -> IO[bytes]:
    try:
        file = os.fdopen(os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)), "rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise NotFound("there is no blob of this key") from None
    except OSError as error:
        if path.is_symlink():
            raise NotFound("there is no blob of this key, but a symbolic link, which is not followed") from None
        if path.is_dir():  # as Windows says it
            raise NotFound("there is no blob of this key") from None
        raise error from None
    return file


def _state(found: os.stat_result) -> State:
    return State(found.st_mtime_ns, found.st_size)


def _in_the_way(path: Path, error: OSError) -> Exception:
    if path.is_dir():
        return InvalidArgument(f"there are blobs below this key, and {_ONE_NAME}")
    if any(folder.is_file() for folder in path.parents):
        return InvalidArgument(f"the key lies below the key of a blob, and {_ONE_NAME}")
    return error


def remove_quietly(path: Path) -> None:
    """Remove a file to come, if it is still there."""
    path.unlink(missing_ok=True)
