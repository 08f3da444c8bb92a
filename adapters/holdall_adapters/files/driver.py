"""The port of blobs over a folder."""

from __future__ import annotations

import functools
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from holdall.blob_drivers import (
    BlobCapabilities,
    BlobInfo,
    Condition,
    Listed,
    Refused,
    Span,
    UploadGone,
    UploadInfo,
    page_of,
)
from holdall.errors import ConfigError, NotFound
from holdall.io import BlockingIo

from .disk import Disk, Note, State, remove_quietly
from .errors import translated
from .options import Options
from .walking import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import IO, TypeVar

    from holdall.blob_drivers import BlobDriver, BlobOpening, Body, Bytes, ListAsked, NewBlob, Upload
    from holdall.errors import HoldallError
    from holdall.io import Io
    from holdall.urls import Url

    T = TypeVar("T")

_CAPABILITIES = BlobCapabilities("files", nested_keys=False)
_CHUNK = 1 << 20
_KEY = ".key"


def open_blobs(url: Url, opening: BlobOpening) -> tuple[BlobDriver, Io]:
    """
    Open the blobs of a folder. Nothing is read or written yet.

    Raises:
        ConfigError: The URL is wrong, or a client is given.
    """
    if opening.client is not None:
        raise ConfigError("a folder has no client; drop client=")
    io = _io(opening.asynchronous)
    return Files(Disk(Options.from_url(url)), io), io


def _io(asynchronous: bool) -> Io:
    if not asynchronous:
        return BlockingIo()
    # Imported here: a program without asyncio doesn't pay for it.
    from holdall.aio import ThreadIo

    return ThreadIo()


class Files:
    """One folder."""

    def __init__(self, disk: Disk, io: Io) -> None:
        self._disk = disk
        self._io = io

    @property
    def capabilities(self) -> BlobCapabilities:
        return _CAPABILITIES

    @property
    def native(self) -> Path:
        return self._disk.root

    async def _do(self, fn: Callable[[], T]) -> T:
        return await self._io.call(translated, fn)

    async def read(  # a folder has no versions
        self, key: str, span: Span | None, match: str | None, version: str | None  # noqa: ARG002 - see above
    ) -> Body:
        return await self._do(lambda: self._open(key, span, match))

    def _open(self, key: str, span: Span | None, match: str | None) -> Body:
        file, state, note = self._disk.open(key)
        try:
            info = _info(key, state, note)
            if match is not None and info.etag != match:
                raise Refused(info)
            start, end = (span or Span()).within(state.size)
            file.seek(start)
        except BaseException:
            file.close()
            raise
        return FileBody(info, file, end - start, self._io)

    async def put(self, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition) -> BlobInfo:
        return await self._do(lambda: self._put(key, data, _note(new, checksum), condition))

    def _put(self, key: str, data: Bytes, note: Note, condition: Condition) -> BlobInfo:
        self._disk.make_ready()
        coming = self._disk.new_file()
        try:
            coming.write_bytes(data)
            return self._place(key, coming, note, condition)
        finally:
            remove_quietly(coming)

    def _place(self, key: str, coming: Path, note: Note, condition: Condition) -> BlobInfo:
        with self._disk.held(key):
            self._check(key, condition)
            return _info(key, self._disk.place(key, coming, note), note)

    def _check(self, key: str, condition: Condition) -> None:
        if condition == Condition():
            return
        state = self._disk.state(key)
        right = state is None if condition.absent else state is not None and state.etag == condition.match
        if not right:
            raise Refused(None if state is None else _info(key, state, Note()))

    async def begin(self, key: str, new: NewBlob) -> Upload:
        return await self._do(lambda: self._begin(key, new))

    def _begin(self, key: str, new: NewBlob) -> Upload:
        self._disk.make_ready()
        coming = self._disk.new_file()
        coming.with_name(coming.name + _KEY).write_text(key, encoding="utf-8")
        coming.touch()
        return FileUpload(self, key, new, coming)

    async def info(self, key: str, version: str | None) -> BlobInfo | None:  # noqa: ARG002 - a folder has none
        return await self._do(lambda: self._look(key))

    def _look(self, key: str) -> BlobInfo | None:
        self._disk.check_there()
        found = self._disk.look(key)
        return None if found is None else _info(key, *found)

    async def list(self, asked: ListAsked) -> Listed:
        return await self._do(lambda: self._list(asked))

    def _list(self, asked: ListAsked) -> Listed:
        self._disk.check_there()
        keys, prefixes, after = page_of(functools.partial(keys_of, self._disk.root, asked.prefix), asked)
        states = [(key, self._disk.state(key)) for key in keys]
        infos = [_info(key, state, Note()) for key, state in states if state is not None]
        return Listed(infos, prefixes, after)

    async def versions(self, key: str) -> Sequence[BlobInfo]:
        found = await self.info(key, None)
        return [] if found is None else [found]

    async def delete(self, key: str, match: str | None, version: str | None) -> None:  # noqa: ARG002 - a folder has none
        await self._do(lambda: self._delete(key, match))

    def _delete(self, key: str, match: str | None) -> None:
        self._disk.check_there()
        if match is None and not self._disk.root.is_dir():
            return
        self._disk.make_ready()
        with self._disk.held(key):
            self._check(key, Condition(match=match))
            self._disk.remove(key)

    async def delete_many(self, keys: Sequence[str]) -> Mapping[int, HoldallError]:
        await self._do(lambda: self._delete_each(keys))
        return {}

    def _delete_each(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._delete(key, None)

    async def copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        return await self._do(lambda: self._copy(source, key, new, condition))

    def _copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        self._disk.make_ready()
        file, state, note = self._disk.open(source.key)
        with file:
            if state.etag != source.etag:
                raise Refused(_info(source.key, state, note))
            coming = self._disk.copied(file)
        if new is not None:
            note = note._replace(content_type=new.content_type, metadata=new.metadata)
        try:
            return self._place(key, coming, note, condition)
        finally:
            remove_quietly(coming)

    async def tags(self, key: str) -> Mapping[str, str]:
        return await self._do(lambda: self._found(key)[1].tags)

    def _found(self, key: str) -> tuple[State, Note]:
        self._disk.check_there()
        found = self._disk.look(key)
        if found is None:
            raise NotFound("there is no blob of this key")
        return found

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        await self._do(lambda: self._set_tags(key, tags))

    def _set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        self._disk.make_ready()
        with self._disk.held(key):
            state, note = self._found(key)
            self._disk.keep(key, state, note._replace(tags=tags))

    async def uploads(self, prefix: str) -> Sequence[UploadInfo]:
        return await self._do(lambda: self._uploads(prefix))

    def _uploads(self, prefix: str) -> Sequence[UploadInfo]:
        self._disk.check_there()
        if not self._disk.coming.is_dir():
            return []
        found = [_upload(path) for path in sorted(self._disk.coming.iterdir()) if path.suffix != _KEY]
        return [one for one in found if one.key.startswith(prefix)]

    async def abort(self, upload: UploadInfo) -> None:
        await self._do(lambda: self.forget(self._disk.coming / upload.id))

    def forget(self, coming: Path) -> None:
        """Remove a file to come, and what says of which key it is."""
        remove_quietly(coming)
        remove_quietly(coming.with_name(coming.name + _KEY))

    async def finish(self, upload: FileUpload, checksum: str | None, condition: Condition) -> BlobInfo:
        """
        Put an upload into its place.

        Raises:
            Refused: The condition is false.
            UploadGone: It was completed or aborted before.
        """
        return await self._do(lambda: self._finish(upload, _note(upload.new, checksum), condition))

    def _finish(self, upload: FileUpload, note: Note, condition: Condition) -> BlobInfo:
        if not upload.coming.exists():
            raise UploadGone
        info = self._place(upload.key, upload.coming, note, condition)
        self.forget(upload.coming)
        return info

    async def write(self, upload: FileUpload, start: int, data: Bytes) -> None:
        """Write a part at its place."""
        await self._do(lambda: _written(upload.coming, start, data))

    async def provision(self) -> None:
        await self._do(self._disk.provide)

    async def close(self) -> None:
        return


def _written(coming: Path, start: int, data: Bytes) -> None:
    try:
        with coming.open("r+b") as file:
            file.seek(start)
            file.write(data)
    except FileNotFoundError:
        raise UploadGone from None


def _info(key: str, state: State, note: Note) -> BlobInfo:
    modified = datetime.fromtimestamp(state.changed / 1e9, timezone.utc)
    return BlobInfo(key, state.size, state.etag, modified, note.content_type, dict(note.metadata), note.checksum)


def _note(new: NewBlob, checksum: str | None) -> Note:
    return Note(new.content_type, new.metadata, checksum, new.tags)


def _upload(coming: Path) -> UploadInfo:
    try:
        key = coming.with_name(coming.name + _KEY).read_text(encoding="utf-8")
    except FileNotFoundError:
        key = ""  # a small blob, whose process was killed
    nanoseconds = int(coming.name.partition("-")[0], 16)
    return UploadInfo(key, coming.name, datetime.fromtimestamp(nanoseconds / 1e9, timezone.utc))


class FileBody:
    """The bytes of a blob, or of a part of it."""

    def __init__(self, info: BlobInfo, file: IO[bytes], left: int, io: Io) -> None:
        self.info = info
        self._file = file
        self._left = left
        self._io = io

    async def read(self) -> bytes:
        if self._left <= 0:
            return b""
        piece = await self._io.call(self._file.read, min(self._left, _CHUNK))
        self._left -= len(piece)
        return piece

    async def close(self) -> None:
        self._file.close()


class FileUpload:
    """A file to come. Its parts come in order, but for one that is sent again."""

    def __init__(self, files: Files, key: str, new: NewBlob, coming: Path) -> None:
        self._files = files
        self.key = key
        self.new = new
        self.coming = coming
        self._starts = [0]

    async def put(self, number: int, data: Bytes, checksum: str | None) -> None:  # noqa: ARG002 - nothing is on its way
        start = self._starts[number - 1]
        await self._files.write(self, start, data)
        self._starts[number:] = [start + len(data)]

    async def complete(self, checksum: str | None, condition: Condition) -> BlobInfo:
        return await self._files.finish(self, checksum, condition)

    async def abort(self) -> None:
        await self._files.abort(UploadInfo(self.key, self.coming.name, datetime.now(timezone.utc)))
