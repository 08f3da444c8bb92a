"""Blobs as files on asyncio: what `AsyncBlobStore.open` gives, to be entered by `async with`."""

from __future__ import annotations

import codecs
import os
from typing import TYPE_CHECKING, Any

from ..errors import InvalidArgument
from .files import condition_of, new_blob, split_options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from types import TracebackType

    from typing_extensions import Self

    from .._engine.blobs.reading import Reader
    from .._engine.blobs.store import Blobs
    from .._engine.blobs.writing import Writer
    from ..blob_drivers import BlobInfo, Bytes

_BLOCK = 128 << 10


def open_file(engine: Blobs, key: str, mode: str, options: Mapping[str, Any]) -> Any:
    """
    Return a blob as a file; see `AsyncBlobStore.open`.

    Raises:
        InvalidArgument: The mode or an option is wrong.
    """
    encoding, rest = split_options(mode, options)
    if mode[0] == "w":
        writer = AsyncBlobWriter(engine, engine.writer(key, *new_blob(rest), condition_of(rest), text=mode == "w"))
        return writer if mode == "wb" else AsyncBlobTextWriter(writer, encoding)
    reader = AsyncBlobReader(engine, engine.key(key), rest.get("version"))
    return reader if mode == "rb" else AsyncBlobTextReader(reader, encoding)


class AsyncBlobReader:
    """A blob opened for reading: one can go to any place. It is looked up when the block is entered."""

    def __init__(self, engine: Blobs, key: str, version: str | None) -> None:
        self._engine = engine
        self._key = key
        self._version = version
        self._reader: Reader | None = None

    async def __aenter__(self) -> Self:
        """
        Look the blob up.

        Raises:
            NotFound: There is none.
        """
        self._reader = await self._engine.reader(self._key, self._version)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.close()

    @property
    def info(self) -> BlobInfo:
        """What is known of the blob."""
        return self._opened.info

    @property
    def _opened(self) -> Reader:
        if self._reader is None:
            raise InvalidArgument("a blob is opened by `async with store.open(...) as file`")
        return self._reader

    async def read(self, size: int | None = -1) -> bytes:
        """
        Return the next bytes: `size` of them, fewer at the end; all that are left where it is negative or None.

        Raises:
            Conflict: The blob was replaced or removed while it was read.
            CorruptBlob: It was read from its first byte to its last, and its checksum is wrong.
        """
        return await self._opened.read(size)

    async def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to a place, which may lie behind the end, and return it."""
        return await self._opened.seek(offset, whence)

    def tell(self) -> int:
        """Return the place."""
        return self._opened.position

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Yield the lines, each with its end."""
        rest = b""
        while block := await self.read(_BLOCK):
            *lines, rest = (rest + block).split(b"\n")
            for line in lines:
                yield line + b"\n"
        if rest:
            yield rest

    async def close(self) -> None:
        """Give up what is left. Fine to do twice."""
        if self._reader is not None:
            await self._reader.close()


class AsyncBlobTextReader:
    """A blob opened for reading text, from its beginning on. Ends of lines are as they are stored."""

    def __init__(self, reader: AsyncBlobReader, encoding: str) -> None:
        self.buffer = reader
        self._decoder = codecs.getincrementaldecoder(encoding)()

    async def __aenter__(self) -> Self:
        """
        Look the blob up.

        Raises:
            NotFound: There is none.
        """
        await self.buffer.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        await self.buffer.close()

    async def read(self) -> str:
        """Return all the text that is left."""
        return self._decoder.decode(await self.buffer.read(), final=True)

    async def __aiter__(self) -> AsyncIterator[str]:
        """Yield the lines, each with its end."""
        rest = ""
        while block := await self.buffer.read(_BLOCK):
            *lines, rest = (rest + self._decoder.decode(block)).split("\n")
            for line in lines:
                yield line + "\n"
        rest += self._decoder.decode(b"", final=True)
        if rest:
            yield rest


class AsyncBlobWriter:
    """
    A blob opened for writing. `close()`, and the end of a block without an error, makes it; then `.info` tells of it.

    `abort()` and a block that ends by an error leave everything as it was.
    """

    def __init__(self, engine: Blobs, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer
        self._closed = False
        self.info: BlobInfo | None = None

    async def __aenter__(self) -> Self:
        """Return the writer; nothing is sent yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make the blob, or forget it where the block ended by an error."""
        await (self.close() if kind is None else self.abort())

    async def write(self, data: Bytes) -> int:
        """
        Write bytes, and return how many.

        Raises:
            InvalidArgument: The writer is closed, or it is no bytes.
        """
        if self._closed:
            raise InvalidArgument("the writer is closed")
        if isinstance(data, str):
            raise InvalidArgument("a writer of bytes takes no text: open it with 'w', or encode the text")
        view = memoryview(data).cast("B")
        try:
            await self._writer.write(view)
        except BaseException:
            await self.abort()
            raise
        return len(view)

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._writer.size

    async def close(self) -> None:
        """
        Make the blob of what was written. Nothing happens the second time.

        Raises:
            AlreadyExists: It was opened with `if_absent`, and there is one.
            Conflict: It was opened with `if_match`, and there is another.
        """
        if self._closed:
            return
        try:
            with self._engine.verb("open", self._writer.key):
                self.info = await self._engine.committed(self._writer)
        except BaseException:
            await self.abort()
            raise
        self._closed = True

    async def abort(self) -> None:
        """Forget what was written. Fine to do twice, and after `close()`, when it does nothing."""
        if not self._closed:
            self._closed = True
            await self._writer.abort()


class AsyncBlobTextWriter:
    """A blob opened for writing text; see `AsyncBlobWriter`."""

    def __init__(self, writer: AsyncBlobWriter, encoding: str) -> None:
        self._writer = writer
        self._encoding = encoding

    async def __aenter__(self) -> Self:
        """Return the writer; nothing is sent yet."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make the blob, or forget it where the block ended by an error."""
        await self._writer.__aexit__(kind, error, trace)

    @property
    def info(self) -> BlobInfo | None:
        """What is known of the blob that was made; None before that."""
        return self._writer.info

    async def abort(self) -> None:
        """Forget what was written. Fine to do twice, and after `close()`, when it does nothing."""
        await self._writer.abort()

    async def write(self, text: str) -> int:
        """Write text, and return how many characters."""
        await self._writer.write(text.encode(self._encoding))
        return len(text)
