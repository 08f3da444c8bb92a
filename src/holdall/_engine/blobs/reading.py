"""Reading: whole blobs and parts of them, checked; and readers that stand somewhere in a blob."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from ...blob_drivers import Refused, Span
from ...errors import Conflict, CorruptBlob, InvalidArgument, NotFound, Unavailable
from .checksums import checksum_like

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from ...blob_drivers import BlobInfo, Body, Bytes
    from .base import Base

_CHANGED = "the blob was replaced or removed while it was read"
_READINGS = 2
"""How often a blob is read whose checksum is wrong, since the way here may have changed it."""


async def read_all(
    base: Base, key: str, span: Span | None, version: str | None
) -> tuple[BlobInfo, bytes] | None:
    """
    Return a blob, or a part of it, with what is known of it; None where there is none.

    Raises:
        CorruptBlob: Its checksum is wrong.
    """
    for _ in range(_READINGS):
        try:
            info, data = await base.retrying(lambda _: _read(base, key, span, version))
        except NotFound:
            return None
        if span is not None or _is_right(info, data):
            return info, data
    raise CorruptBlob("the checksum of what was read is not that of the blob")


class Sink(Protocol):
    """Takes a part of a blob as it comes."""

    def take(self, piece: Bytes) -> None:
        """Take the next bytes."""
        ...

    def close(self) -> None:
        """Be told that there are no more, or that the rest is lost."""
        ...


S = TypeVar("S", bound=Sink)


async def read_part(base: Base, info: BlobInfo, span: Span, sink_of: Callable[[], S]) -> S:
    """
    Return the sink that took a part of one state of a blob; each try has one of its own.

    Raises:
        Conflict: It was replaced or removed.
    """

    async def job(_: bool) -> S:
        sink = await base.local.call(sink_of)
        try:
            await _taken(base, (info.key, span, info.etag, None), lambda piece: base.local.call(sink.take, piece))
        finally:
            await base.local.call(sink.close)
        return sink

    try:
        return await base.retrying(job)
    except (Refused, NotFound):
        raise Conflict(_CHANGED) from None


async def _taken(
    base: Base, asked: tuple[str, Span | None, str | None, str | None],
    take: Callable[[Bytes], Coroutine[Any, Any, None]],
) -> BlobInfo:  # fmt: skip
    body, taken = await base.driver.read(*asked), 0
    try:
        while piece := await body.read():
            await take(piece)
            taken += len(piece)
    finally:
        await body.close()
    start, end = (asked[1] or Span()).within(body.info.size)
    if taken != end - start:
        raise Unavailable("the answer ended before the blob did")
    return body.info


async def _read(base: Base, key: str, span: Span | None, version: str | None) -> tuple[BlobInfo, bytes]:
    pieces: list[Bytes] = []

    async def take(piece: Bytes) -> None:
        pieces.append(piece)

    info = await _taken(base, (key, span, None, version), take)
    return info, pieces[0] if len(pieces) == 1 and isinstance(pieces[0], bytes) else b"".join(pieces)


def _is_right(info: BlobInfo, data: bytes) -> bool:
    check = checksum_like(info.checksum, info.size)
    check.update(data)
    return not check.contradicts(info.checksum)


class Reader:
    """
    Stands somewhere in a blob and reads on from there, by one request as long as nobody jumps.

    Attributes:
        info: What is known of the blob; what is read is of this state of it, or refused.
    """

    def __init__(self, base: Base, info: BlobInfo, version: str | None) -> None:
        self._base = base
        self._version = version
        self.info = info
        self.position = 0
        self.closed = False
        self._body: Body | None = None
        self._ahead = memoryview(b"")
        self._check = checksum_like(info.checksum, info.size)

    def _check_open(self) -> None:
        if self.closed:
            raise InvalidArgument("the reader is closed")

    async def read(self, size: int | None = -1) -> bytes:
        """
        Return the next bytes: `size` of them, fewer at the end; all that are left where it is negative or None.

        Raises:
            Conflict: The blob was replaced or removed while it was read.
            CorruptBlob: It was read from its first byte to its last, and its checksum is wrong.
        """
        self._check_open()
        left = self.info.size - self.position
        wanted = left if size is None or size < 0 else min(size, left)
        pieces: list[bytes] = []
        with self._base.verb("read", self.info.key):
            while wanted > 0:
                piece = await self._some(wanted)
                pieces.append(piece)
                wanted -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def _some(self, most: int) -> bytes:
        if not len(self._ahead):
            self._ahead = memoryview(await self._base.retrying(self._next))
        piece = bytes(self._ahead[:most])
        self._ahead = self._ahead[len(piece) :]
        self.position += len(piece)
        self._verify(piece)
        return piece

    async def _next(self, _: bool) -> Bytes:
        """Return what comes next, from a new request at the same place where the last one broke off."""
        if self._body is None:
            self._body = await self._opened()
        try:
            piece = await self._body.read()
        except BaseException:
            await self._leave()
            raise
        if not piece:
            await self._leave()
            raise Unavailable("the answer ended before the blob did")
        return piece

    async def _opened(self) -> Body:
        try:
            return await self._base.driver.read(self.info.key, Span(self.position), self.info.etag, self._version)
        except (Refused, NotFound):
            raise Conflict(_CHANGED) from None

    def _verify(self, piece: bytes) -> None:
        self._check.update(piece)
        if self.position == self.info.size and self._check.contradicts(self.info.checksum):
            raise CorruptBlob("the checksum of what was read is not that of the blob")

    async def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """
        Go to a place, which may lie behind the end, and return it.

        Raises:
            InvalidArgument: It would be before the beginning, or `whence` is none of `os.SEEK_*`.
        """
        self._check_open()
        bases = {os.SEEK_SET: 0, os.SEEK_CUR: self.position, os.SEEK_END: self.info.size}
        if whence not in bases or bases[whence] + offset < 0:
            raise InvalidArgument("a reader goes to a place from 0 on, counted from the beginning, from where it "
                                  "stands or from the end")
        await self._go(bases[whence] + offset)
        return self.position

    async def _go(self, place: int) -> None:
        ahead = place - self.position
        if 0 <= ahead <= len(self._ahead):
            self._ahead = self._ahead[ahead:]
        else:
            await self._leave()
        if ahead:
            # Only who reads every byte in order can tell whether the whole is right.
            self._check = checksum_like(self.info.checksum if place == 0 else None, self.info.size)
        self.position = place

    async def _leave(self) -> None:
        body, self._body, self._ahead = self._body, None, memoryview(b"")
        if body is not None:
            await body.close()

    async def close(self) -> None:
        """Give up what is left. Fine to do twice."""
        self.closed = True
        await self._leave()
