"""Blobs to files: in parts, some at once, with progress, going on where an earlier download ended."""

from __future__ import annotations

import hashlib
import os
import threading
from itertools import pairwise
from typing import TYPE_CHECKING

from ...blob_drivers import Span
from ...errors import Conflict, CorruptBlob, HoldallError, InvalidArgument
from .base import missing
from .checksums import checksum_like, combined, summed
from .reading import read_part

if TYPE_CHECKING:
    from pathlib import Path

    from ...blob_drivers import BlobInfo, Bytes
    from ...blobs.transfers import Progress
    from .checksums import Checksum
    from .store import Blobs


class Coming:
    """
    A file on its way, and a note of the parts of it that are there.

    Both lie beside the target, under names that hold the blob's ETag: so another try goes on with them, and what is
    there of another state is never taken for this one's. A part is noted after it was written.
    """

    def __init__(self, info: BlobInfo, target: Path) -> None:
        mark = hashlib.sha256(f"{info.etag}\0{info.key}".encode()).hexdigest()[:16]
        self.file = target.with_name(f".{target.name}.{mark}.coming")
        self._note = target.with_name(f".{target.name}.{mark}.parts.coming")
        self._target = target
        self._size = info.size

    def begin(self) -> list[tuple[int, int]]:
        """Return the parts that an earlier try has brought, in order, none over another."""
        self._target.parent.mkdir(parents=True, exist_ok=True)
        self.file.touch()
        there, size = self._noted(), self.file.stat().st_size
        sound = all(one[1] <= two[0] for one, two in pairwise(there))
        if sound and size <= self._size and all(0 <= start < end <= size for start, end in there):
            return there
        # Somebody else has written to them.
        self.remove()
        self.file.touch()
        return []

    def _noted(self) -> list[tuple[int, int]]:
        try:
            lines = self._note.read_text().split("\n")
            # Without what is behind the last end of a line: it may be half a note.
            return sorted((int(start), int(end)) for start, end in (line.split(" ") for line in lines[:-1]))
        except (FileNotFoundError, ValueError):
            return []

    def note(self, start: int, size: int) -> None:
        """Note a part that is written."""
        with self._note.open("a") as note:
            note.write(f"{start} {start + size}\n")

    def finish(self, modified: float) -> None:
        """Put the file, which is whole, into its place, with the blob's time."""
        with self.file.open("r+b") as file:
            os.fsync(file.fileno())
        # So that `sync` finds both of one age.
        os.utime(self.file, (modified, modified))
        self.file.replace(self._target)
        for old in self._target.parent.glob(f".{_escaped(self._target.name)}.*.coming"):
            old.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove what is there."""
        self.file.unlink(missing_ok=True)
        self._note.unlink(missing_ok=True)


def _escaped(name: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in name)


class Part:
    """A part of the blob, written to its place as it comes, and summed up where that tells the sum of the whole."""

    def __init__(self, file: Path, start: int, check: Checksum) -> None:
        self._check = check
        self._file = file.open("r+b", buffering=0)
        self._file.seek(start)
        self.start = start
        self.size = 0

    def take(self, piece: Bytes) -> None:
        if self._check.combines:
            self._check.update(piece)
        view = memoryview(piece)
        while view:
            view = view[self._file.write(view) :]
        self.size += len(piece)

    def close(self) -> None:
        self._file.close()

    def text(self) -> str | None:
        """Return its checksum."""
        return self._check.text()


class Download:
    """One blob on its way into a file."""

    def __init__(self, blobs: Blobs, info: BlobInfo, target: Path, progress: Progress | None) -> None:
        self._blobs = blobs
        self._info = info
        self._progress = progress
        self._coming = Coming(info, target)
        self._lock = threading.Lock()
        self._done = 0
        self._sums: list[tuple[int, int, str | None]] = []
        self._failure: HoldallError | None = None

    async def run(self) -> None:
        """
        Bring what is missing, and put the file into its place.

        Raises:
            CorruptBlob: The checksum is wrong; what came is removed.
            Conflict: The blob was replaced while it came; what came is removed.
        """
        call = self._blobs.local.call
        there = await call(self._coming.begin)
        self._done = sum(end - start for start, end in there)
        try:
            await self._bring(there)
            await call(self._verify, there)
        except (Conflict, CorruptBlob):
            await call(self._coming.remove)
            raise
        await call(self._coming.finish, self._info.modified.timestamp())

    async def _bring(self, there: list[tuple[int, int]]) -> None:
        parallel = max(1, self._blobs.capabilities.parallel)
        jobs = [self._part(span) for span in _missing(there, self._info.size, self._blobs.capabilities.part_bytes)]
        await self._blobs.io.gather(jobs, parallel=parallel)
        if self._failure is not None:
            raise self._failure
        if not self._info.size:
            self._tell()

    async def _part(self, span: Span) -> None:
        """Bring a part. What fails is kept, so that the others which are on their way come whole."""
        if self._failure is not None:
            return
        try:
            part = await read_part(self._blobs, self._info, span, lambda: self._begun(span.start))
        except HoldallError as error:
            self._failure = self._failure or error
            return
        await self._blobs.local.call(self._keep, part)

    def _begun(self, start: int) -> Part:
        return Part(self._coming.file, start, checksum_like(self._info.checksum, self._info.size))

    def _keep(self, part: Part) -> None:
        with self._lock:
            self._coming.note(part.start, part.size)
            self._sums.append((part.start, part.size, part.text()))
            self._done += part.size
            self._tell()

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(self._info.key, self._done, self._info.size)

    def _verify(self, there: list[tuple[int, int]]) -> None:
        check = checksum_like(self._info.checksum, self._info.size)
        if check.combines and not there:
            wrong = combined([(size, str(text)) for _, size, text in sorted(self._sums)]) != self._info.checksum
        else:
            # What an earlier try has brought, or what can't be put together of its parts, is read once more.
            wrong = summed(self._coming.file, check).contradicts(self._info.checksum)
        if wrong:
            raise CorruptBlob("the checksum of what came is not that of the blob")


def _missing(there: list[tuple[int, int]], size: int, step: int) -> list[Span]:
    """Return what is between the parts that are there, in parts of some size."""
    gaps = zip([0, *(end for _, end in there)], [*(start for start, _ in there), size], strict=True)
    return [Span(at, min(at + step, end)) for start, end in gaps for at in range(start, end, step)]


async def download(blobs: Blobs, key: str, path: Path, progress: Progress | None) -> BlobInfo:
    """
    Bring a blob into a file.

    Raises:
        NotFound: There is none.
    """
    info = await blobs.found(key)
    if info is None:
        raise missing()
    if await blobs.local.call(path.is_dir):
        raise InvalidArgument("the path is a folder; name the file")
    await Download(blobs, info, path, progress).run()
    return info
