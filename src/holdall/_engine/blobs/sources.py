"""Where the bytes of a new blob come from: bytes, text, a path, a file, an iterable, an asynchronous one."""

from __future__ import annotations

import os
from collections.abc import AsyncIterable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard, cast

from ...errors import InvalidArgument

if TYPE_CHECKING:
    from ...blob_drivers import Bytes
    from ...io import Io

Content = Any
"""What `put` takes: bytes, str, a path, a file opened for reading bytes, or an iterable of bytes."""


class Source(Protocol):
    """Bytes that are read once, from the first to the last."""

    async def read(self, size: int) -> Bytes:
        """Return some of the next bytes, about `size` at most; none at the end."""
        ...

    async def close(self) -> None:
        """Close what was opened here."""
        ...


def source_of(content: Content, local: Io, *, asynchronous: bool) -> Source:
    """
    Return the source of what `put` was given.

    Raises:
        InvalidArgument: It is none of what `put` takes.
    """
    if isinstance(content, str):
        return FromBytes(_encoded(content))
    if _is_bytes(content):
        return FromBytes(content)
    if isinstance(content, os.PathLike):
        return FromPath(Path(cast("os.PathLike[str]", content)), local)
    if hasattr(content, "read"):
        return FromFile(content, local)
    pieces: Any = content
    if isinstance(content, Iterable):
        return FromIterator(iter(pieces), local)
    if isinstance(content, AsyncIterable):
        if asynchronous:
            return FromAsync(pieces.__aiter__())
        raise InvalidArgument("an asynchronous iterator needs a store of open_async_blobs")
    raise InvalidArgument("a blob is put from bytes, str, a path, a file or an iterable of bytes, not from a value of "
                          f"type {type(content).__name__}")


def _is_bytes(content: Any) -> TypeGuard[Bytes]:
    return isinstance(content, (bytes, bytearray, memoryview))


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidArgument("the text has a lone surrogate, which is no text in UTF-8") from None


def _checked(data: Any) -> Bytes:
    if _is_bytes(data):
        return data
    if isinstance(data, str):
        raise InvalidArgument("the file or iterable gives text; a blob takes bytes: open the file with 'rb', or encode")
    raise InvalidArgument(f"the file or iterable gives a value of type {type(data).__name__}; a blob takes bytes")


class FromBytes:
    """Bytes that are there already; given in slices, which take no memory."""

    def __init__(self, data: Bytes) -> None:
        self._data = memoryview(data).cast("B")
        self._at = 0

    async def read(self, size: int) -> Bytes:
        found = self._data[self._at : self._at + size]
        self._at += len(found)
        return found

    async def close(self) -> None:
        self._data.release()


class FromFile:
    """A file of the caller's, from where it stands."""

    def __init__(self, file: Any, local: Io) -> None:
        self._file = file
        self._local = local

    async def read(self, size: int) -> Bytes:
        return _checked(await self._local.call(self._file.read, size))

    async def close(self) -> None:
        return


class FromPath:
    """A file that is opened here."""

    def __init__(self, path: Path, local: Io) -> None:
        self._path = path
        self._local = local
        self._file: Any = None

    async def read(self, size: int) -> Bytes:
        if self._file is None:
            self._file = await self._local.call(self._path.open, "rb")
        data: Bytes = await self._local.call(self._file.read, size)
        return data

    async def close(self) -> None:
        if self._file is not None:
            await self._local.call(self._file.close)


class FromIterator:
    """Pieces of any size; empty ones are passed over."""

    def __init__(self, pieces: Iterator[Any], local: Io) -> None:
        self._pieces = pieces
        self._local = local

    async def read(self, size: int) -> Bytes:  # noqa: ARG002 - pieces are as large as they are
        while True:
            piece = await self._local.call(next, self._pieces, None)
            if piece is None or len(_checked(piece)):
                return b"" if piece is None else piece

    async def close(self) -> None:
        return


class FromAsync:
    """Pieces that are awaited."""

    def __init__(self, pieces: Any) -> None:
        self._pieces = pieces

    async def read(self, size: int) -> Bytes:  # noqa: ARG002 - pieces are as large as they are
        async for piece in self._pieces:
            if len(_checked(piece)):
                return _checked(piece)
        return b""

    async def close(self) -> None:
        return
