"""Files to blobs, and whole folders in both directions."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from ...blob_drivers import ALWAYS
from ...blobs.transfers import Synced, SyncStep
from ...errors import InvalidArgument, NotFound
from .checks import check_prefix
from .checksums import Checksum, summed
from .downloads import download
from .sources import FromPath

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator

    from ...blob_drivers import BlobInfo, Bytes
    from ...blobs.transfers import Progress
    from ...io import Io
    from .store import Blobs

_OWN = "%holdall"
"""What a store of blobs keeps in its folder beside them."""
_SLACK = 1.0
"""Seconds by which clocks and file systems may differ about one time."""


def path_of(path: Any) -> Path:
    """
    Return a path of the caller's.

    Raises:
        InvalidArgument: It is none.
    """
    if isinstance(path, (str, os.PathLike)):
        return Path(cast("str", path))
    raise InvalidArgument(f"expected a path, got a value of type {type(path).__name__}")


class Counted:
    """A source that tells how much of it was read."""

    def __init__(self, path: Path, key: str, local: Io, progress: Progress | None) -> None:
        self._inside = FromPath(path, local)
        self._key = key
        self._progress = progress
        self._size = path.stat().st_size
        self._done = 0

    async def read(self, size: int) -> Bytes:
        data = await self._inside.read(size)
        self._done += len(data)
        if self._progress is not None and data:
            self._progress(self._key, self._done, self._size)
        return data

    async def close(self) -> None:
        await self._inside.close()


class Local(NamedTuple):
    """A file of a folder: its size, and when it was changed."""

    path: Path
    size: int
    modified: datetime


def files_in(folder: Path) -> dict[str, Local]:
    """Return the files of a folder by the keys they stand for; links and files on their way are left out."""
    return {path.relative_to(folder).as_posix(): _local(path) for path in _walk(folder)}


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink() or path.name == _OWN or (path.name.startswith(".") and path.name.endswith(".coming")):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path


def _local(path: Path) -> Local:
    found = path.stat()
    return Local(path, found.st_size, datetime.fromtimestamp(found.st_mtime, timezone.utc))


class Sync:
    """A folder and the blobs of a prefix, made the same in one direction."""

    def __init__(self, blobs: Blobs, folder: Path, prefix: str, *, by_checksum: bool, resume: bool) -> None:
        self._blobs = blobs
        self._folder = folder
        self._prefix = prefix
        self._by_checksum = by_checksum
        self._resume = resume

    async def up(self, *, delete: bool, dry_run: bool, progress: Progress | None) -> Synced:
        """Put the files that the store has not, or not so."""
        files, blobs = await self._both()
        steps = [SyncStep("put", self._prefix + name, why) for name, one in files.items()
                 if (why := await self._differs(one, blobs.get(name), newer="file")) is not None]  # fmt: skip
        gone = self._gone(blobs, files, "no such file") if delete else []
        if not dry_run:
            for step in steps:
                name = step.key.removeprefix(self._prefix)
                await self._blobs.upload(files[name].path, step.key, None, None, ALWAYS, progress, self._resume)
            await self._blobs.delete_many([step.key for step in gone])
        return Synced(sorted([*steps, *gone], key=lambda step: step.key), len(files) - len(steps))

    async def down(self, *, delete: bool, dry_run: bool, progress: Progress | None) -> Synced:
        """Get the blobs that the folder has not, or not so."""
        files, blobs = await self._both()
        paths = {name: self._path(name) for name in blobs}
        _refuse_nested(blobs)
        steps = [SyncStep("get", info.key, why) for name, info in blobs.items()
                 if (why := await self._differs(files.get(name), info, newer="blob")) is not None]  # fmt: skip
        gone = self._gone(files, blobs, "no such blob") if delete else []
        if not dry_run:
            for step in steps:
                await download(self._blobs, step.key, paths[step.key.removeprefix(self._prefix)], progress)
            for step in gone:
                await self._blobs.local.call(files[step.key.removeprefix(self._prefix)].path.unlink)
        return Synced(sorted([*steps, *gone], key=lambda step: step.key), len(blobs) - len(steps))

    def _gone(self, target: Iterable[str], source: Container[str], why: str) -> list[SyncStep]:
        return [SyncStep("delete", self._prefix + name, why) for name in target if name not in source]

    async def _both(self) -> tuple[dict[str, Local], dict[str, BlobInfo]]:
        files = await self._blobs.local.call(self._files)
        listing = self._blobs.listing(self._prefix, None, None, None)
        return files, {info.key.removeprefix(self._prefix): info for info in await listing.collected()}

    def _files(self) -> dict[str, Local]:
        return files_in(self._folder) if self._folder.is_dir() else {}

    def _path(self, name: str) -> Path:
        """
        Return where a blob goes.

        Raises:
            InvalidArgument: Its key is no path within the folder.
        """
        parts = name.split("/")
        if {"", ".", ".."} & set(parts) or (os.name == "nt" and set('\\:*?"<>|') & set(name)):
            raise InvalidArgument(f"the key {self._prefix + name!r} is no path within a folder; download it by itself")
        return self._folder.joinpath(*parts)

    async def _differs(self, one: Local | None, info: BlobInfo | None, *, newer: str) -> str | None:
        if one is None or info is None:
            return "new"
        if one.size != info.size:
            return "another size"
        if self._by_checksum:
            return await self._differs_inside(one, info)
        ahead = (one.modified - info.modified).total_seconds() * (1 if newer == "file" else -1)
        return "newer" if ahead > _SLACK else None

    async def _differs_inside(self, one: Local, info: BlobInfo) -> str | None:
        whole = await self._blobs.found(info.key)
        if whole is None:
            raise NotFound("a blob was removed while its folder was compared")
        check = Checksum((whole.checksum or "").partition(":")[0] or "crc32")
        await self._blobs.local.call(summed, one.path, check)
        return None if whole.checksum == check.text() else "another checksum"


def _refuse_nested(names: Collection[str]) -> None:
    """
    Refuse keys of which one lies below another, since a folder can't have a file and a folder of one name.

    Raises:
        InvalidArgument: There are such.
    """
    for name in names:
        parts = name.split("/")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in names:
                raise InvalidArgument(f"the key {name!r} lies below another blob's, and a folder can't have a file and "
                                      "a folder of one name")


def folder_of(folder: Any, prefix: Any, direction: Any, *, there: bool) -> tuple[Path, str]:
    """
    Return a folder and a prefix that are to be made the same.

    Raises:
        InvalidArgument: One of them is wrong, or the folder must be there and is not.
    """
    if direction not in ("up", "down"):
        raise InvalidArgument(f"direction= takes 'up' (to the store) or 'down' (to the folder), got {direction!r}")
    path = path_of(folder)
    if (there and not path.is_dir()) or (path.exists() and not path.is_dir()):
        raise InvalidArgument(f"there is no folder {str(path)!r}")
    checked = check_prefix(prefix)
    if checked and not checked.endswith("/"):
        raise InvalidArgument(f"the prefix of a folder ends with '/', or is empty; got {checked!r}")
    return path, checked
