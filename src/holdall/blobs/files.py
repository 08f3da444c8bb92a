"""Blobs as files, blocking: readers and writers that everything takes which takes a file."""

from __future__ import annotations

import codecs
import io
import os
from typing import TYPE_CHECKING, Any

from ..blob_drivers import Condition
from ..errors import InvalidArgument
from ..io import run_blocking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from .._engine.blobs.reading import Reader
    from .._engine.blobs.store import Blobs
    from .._engine.blobs.writing import Writer
    from ..blob_drivers import BlobInfo

_BUFFER = 128 << 10
MODES = ("rb", "r", "wb", "w")


def open_file(engine: Blobs, key: str, mode: str, options: Mapping[str, Any]) -> Any:
    """
    Return a blob as a file; see `BlobStore.open`.

    Raises:
        InvalidArgument: The mode or an option is wrong.
    """
    encoding, rest = split_options(mode, options)
    if mode[0] == "w":
        writer = BlobWriter(engine, engine.writer(key, *new_blob(rest), condition_of(rest), text=mode == "w"))
        return writer if mode == "wb" else BlobTextWriter(writer, encoding)
    reader = BlobReader(run_blocking(engine.reader(key, rest.get("version"))))
    return reader if mode == "rb" else io.TextIOWrapper(reader, encoding=encoding, newline="\n")


def split_options(mode: str, options: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """
    Return the encoding, and the options of a new blob.

    Raises:
        InvalidArgument: There is no such mode, or one of the options is not for it.
    """
    if mode not in MODES:
        raise InvalidArgument(f"open() has the modes {', '.join(map(repr, MODES))}, got {mode!r}")
    known = {"encoding"} if mode in ("r", "w") else set[str]()
    if mode[0] == "r":
        known |= {"version"}
    else:
        known |= {"content_type", "metadata", "tags", "checksum", "if_absent", "if_match"}
    wrong = sorted(set(options) - known)
    if wrong:
        raise InvalidArgument(f"open() in the mode {mode!r} takes no {wrong[0]}=")
    return _encoding(options), {name: value for name, value in options.items() if name != "encoding"}


def _encoding(options: Mapping[str, Any]) -> str:
    given: Any = options.get("encoding", "utf-8")
    try:
        return codecs.lookup(given).name
    except (LookupError, TypeError):
        raise InvalidArgument(f"encoding= takes the name of an encoding, got {given!r}") from None


def new_blob(options: Mapping[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Return content type, metadata, tags and checksum of what `put` would be given."""
    return (options.get("content_type"), options.get("metadata"), options.get("tags"), options.get("checksum", "crc32"))


def condition_of(options: Mapping[str, Any]) -> Condition:
    """Return the condition of what `put` would be given."""
    return Condition(options.get("if_absent", False), options.get("if_match"))


class _Raw(io.RawIOBase):
    """The engine's reader as a raw file, which a buffered one needs."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        data = run_blocking(self.reader.read(len(buffer)))
        buffer[: len(data)] = data
        return len(data)

    def readall(self) -> bytes:
        # Python's own reads 8 KB at a time.
        return run_blocking(self.reader.read())

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return run_blocking(self.reader.seek(offset, whence))

    def tell(self) -> int:
        return self.reader.position

    def close(self) -> None:
        if not self.closed:
            run_blocking(self.reader.close())
        super().close()


class BlobReader(io.BufferedReader):
    """A blob opened for reading: a file of bytes in which one can go to any place. `.info` is what is known of it."""

    def __init__(self, reader: Reader) -> None:
        super().__init__(_Raw(reader), _BUFFER)
        self._info = reader.info

    @property
    def info(self) -> BlobInfo:
        """What is known of the blob."""
        return self._info


class BlobWriter(io.BufferedIOBase):
    """
    A blob opened for writing. `close()`, and the end of a block without an error, makes it; then `.info` tells of it.

    `abort()`, a block that ends by an error, and being forgotten leave everything as it was.
    """

    def __init__(self, engine: Blobs, writer: Writer) -> None:
        self._engine = engine
        self._writer = writer
        self._info: BlobInfo | None = None

    @property
    def info(self) -> BlobInfo | None:
        """What is known of the blob that was made; None before that."""
        return self._info

    def writable(self) -> bool:
        """Return True."""
        return True

    def tell(self) -> int:
        """Return how many bytes were written."""
        return self._writer.size

    def write(self, data: Any, /) -> int:
        """
        Write bytes, and return how many.

        Raises:
            InvalidArgument: The writer is closed, or it is no bytes.
        """
        if self.closed:
            raise InvalidArgument("the writer is closed")
        if isinstance(data, str):
            raise InvalidArgument("a writer of bytes takes no text: open it with 'w', or encode the text")
        view = memoryview(data).cast("B")
        try:
            run_blocking(self._writer.write(view))
        except BaseException:
            self.abort()
            raise
        return len(view)

    def close(self) -> None:
        """
        Make the blob of what was written. Nothing happens the second time.

        Raises:
            AlreadyExists: It was opened with `if_absent`, and there is one.
            Conflict: It was opened with `if_match`, and there is another.
        """
        if self.closed:
            return
        try:
            with self._engine.verb("open", self._writer.key):
                self._info = run_blocking(self._engine.committed(self._writer))
        except BaseException:
            self.abort()
            raise
        super().close()

    def abort(self) -> None:
        """Forget what was written. Fine to do twice, and after `close()`, when it does nothing."""
        if not self.closed:
            super().close()
            run_blocking(self._writer.abort())

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make the blob, or forget it where the block ended by an error."""
        if kind is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        # What Python's files do, to close, would make a blob of a half.
        self.abort()


class BlobTextWriter(io.TextIOWrapper):
    """A blob opened for writing text; see `BlobWriter`."""

    def __init__(self, writer: BlobWriter, encoding: str) -> None:
        # The declared type wants a name, which Python itself does without.
        raw: Any = writer
        super().__init__(raw, encoding=encoding, newline="")
        self._writer = writer

    @property
    def info(self) -> BlobInfo | None:
        """What is known of the blob that was made; None before that."""
        return self._writer.info

    def abort(self) -> None:
        """Forget what was written. Fine to do twice, and after `close()`, when it does nothing."""
        self._writer.abort()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Make the blob, or forget it where the block ended by an error."""
        if kind is not None:
            self.abort()
        else:
            self.close()

    def __del__(self) -> None:
        self.abort()
