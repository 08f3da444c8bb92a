"""The port of blobs over a dict: one lock a store."""

from __future__ import annotations

import bisect
import secrets
import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.blob_drivers import (
    BlobCapabilities,
    BlobInfo,
    Condition,
    Listed,
    NewBlob,
    Refused,
    Span,
    UploadGone,
    UploadInfo,
    page_of,
)
from holdall.errors import NotFound
from holdall.io import BlockingIo

from .options import BlobOptions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from holdall.blob_drivers import BlobDriver, BlobOpening, Body, Bytes, ListAsked, Upload
    from holdall.errors import HoldallError
    from holdall.io import Io
    from holdall.urls import Url


class Stored:
    """One blob."""

    def __init__(self, info: BlobInfo, data: bytes, tags: Mapping[str, str]) -> None:
        self.info = info
        self.data = data
        self.tags = tags


class Pending:
    """One upload."""

    def __init__(self, info: UploadInfo, new: NewBlob) -> None:
        self.info = info
        self.new = new
        self.parts: dict[int, bytes] = {}


class Store:
    """The blobs and uploads of one store, and its lock."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.blobs: dict[str, Stored] = {}
        self.kept: dict[str, list[Stored]] = {}
        """The versions of each key, the newest last."""
        self.uploads: dict[str, Pending] = {}

    def store(
        self, key: str, data: bytes, new: NewBlob, checksum: str | None, condition: Condition, *, versions: bool
    ) -> BlobInfo:
        """
        Store a blob.

        Raises:
            Refused: The condition is false.
        """
        with self.lock:
            self.check(key, condition)
            mark = secrets.token_hex(8)
            info = BlobInfo(key, len(data), mark, datetime.now(timezone.utc), new.content_type, dict(new.metadata),
                            checksum, mark if versions else None)  # fmt: skip
            self.blobs[key] = stored = Stored(info, data, dict(new.tags))
            if versions:
                self.kept.setdefault(key, []).append(stored)
            return info

    def check(self, key: str, condition: Condition) -> None:
        """
        Do nothing where a condition is true.

        Raises:
            Refused: It is false.
        """
        stored = self.blobs.get(key)
        current = None if stored is None else stored.info
        if condition.absent and current is not None:
            raise Refused(current)
        if condition.match is not None and (current is None or current.etag != condition.match):
            raise Refused(current)

    def look(self, key: str, version: str | None) -> Stored | None:
        """Return a blob, or a version of it; None where there is none."""
        if version is None:
            return self.blobs.get(key)
        return next((one for one in self.kept.get(key, ()) if one.info.version == version), None)

    def drop(self, key: str, version: str | None) -> None:
        """Remove a blob, or one version of it; then the one before is what is there, unless the blob was removed."""
        if version is None:
            self.blobs.pop(key, None)
            return
        kept = [one for one in self.kept.get(key, ()) if one.info.version != version]
        self.kept[key] = kept
        now = self.blobs.get(key)
        if now is not None and now.info.version == version:
            self.blobs.pop(key)
            if kept:
                self.blobs[key] = kept[-1]

    def found(self, key: str, version: str | None = None) -> Stored:
        """
        Return a blob, or a version of it.

        Raises:
            NotFound: There is none.
        """
        stored = self.look(key, version)
        if stored is None:
            raise NotFound("there is no blob of this key")
        return stored


_stores: dict[str, Store] = {}
_stores_lock = threading.Lock()


def open_blobs(url: Url, opening: BlobOpening) -> tuple[BlobDriver, Io]:  # noqa: ARG001 - there is no client to take
    """Open a store of blobs in memory. Nothing in it blocks, so it serves asyncio as it is."""
    options = BlobOptions.from_url(url)
    with _stores_lock:
        store = _stores.setdefault(options.name, Store()) if options.name else Store()
    return MemoryBlobs(store, versions=options.versions), BlockingIo()


class MemoryBlobs:
    """One store."""

    def __init__(self, store: Store, *, versions: bool) -> None:
        self._store = store
        self._versions = versions

    @property
    def capabilities(self) -> BlobCapabilities:
        return BlobCapabilities("memory", versions=self._versions)

    @property
    def native(self) -> Any:
        return self._store.blobs

    async def read(self, key: str, span: Span | None, match: str | None, version: str | None) -> Body:
        with self._store.lock:
            stored = self._store.found(key, version)
        if match is not None and stored.info.etag != match:
            raise Refused(stored.info)
        start, end = (span or Span()).within(len(stored.data))
        return MemoryBody(stored.info, stored.data[start:end])

    async def put(self, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition) -> BlobInfo:
        return self._store.store(key, bytes(data), new, checksum, condition, versions=self._versions)

    async def begin(self, key: str, new: NewBlob) -> Upload:
        info = UploadInfo(key, secrets.token_hex(8), datetime.now(timezone.utc))
        with self._store.lock:
            self._store.uploads[info.id] = Pending(info, new)
        return MemoryUpload(self._store, info, versions=self._versions)

    async def versions(self, key: str) -> Sequence[BlobInfo]:
        with self._store.lock:
            return [one.info for one in reversed(self._store.kept.get(key, []))]

    async def info(self, key: str, version: str | None) -> BlobInfo | None:
        with self._store.lock:
            stored = self._store.look(key, version)
        return None if stored is None else stored.info

    async def list(self, asked: ListAsked) -> Listed:
        with self._store.lock:
            keys = sorted(key for key in self._store.blobs if key.startswith(asked.prefix))

            def behind(after: str | None) -> Iterator[str]:
                return iter(keys if after is None else keys[bisect.bisect_right(keys, after) :])

            found, prefixes, after = page_of(behind, asked)
            infos = [_as_listed(self._store.blobs[key].info) for key in found]
        return Listed(infos, prefixes, after)

    async def delete(self, key: str, match: str | None, version: str | None) -> None:
        with self._store.lock:
            self._store.check(key, Condition(match=match))
            self._store.drop(key, version)

    async def delete_many(self, keys: Sequence[str]) -> Mapping[int, HoldallError]:
        with self._store.lock:
            for key in keys:
                self._store.blobs.pop(key, None)
        return {}

    async def copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        with self._store.lock:
            stored = self._store.found(source.key, source.version)
            if stored.info.etag != source.etag:
                raise Refused(stored.info)
            beside = new or NewBlob(stored.info.content_type or "", stored.info.metadata, None, {})
            kept = replace(beside, tags=stored.tags)
            return self._store.store(
                key, stored.data, kept, stored.info.checksum, condition, versions=self._versions
            )

    async def tags(self, key: str) -> Mapping[str, str]:
        with self._store.lock:
            return dict(self._store.found(key).tags)

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        with self._store.lock:
            self._store.found(key).tags = dict(tags)

    async def uploads(self, prefix: str) -> Sequence[UploadInfo]:
        with self._store.lock:
            return [one.info for one in self._store.uploads.values() if one.info.key.startswith(prefix)]

    async def abort(self, upload: UploadInfo) -> None:
        await MemoryUpload(self._store, upload, versions=self._versions).abort()

    async def provision(self) -> None:
        return

    async def close(self) -> None:
        return


def _as_listed(info: BlobInfo) -> BlobInfo:
    return BlobInfo(info.key, info.size, info.etag, info.modified)


class MemoryBody:
    """The bytes of a blob."""

    def __init__(self, info: BlobInfo, data: bytes) -> None:
        self.info = info
        self._data = data

    async def read(self) -> bytes:
        data, self._data = self._data, b""
        return data

    async def close(self) -> None:
        self._data = b""


class MemoryUpload:
    """The parts of a blob on its way."""

    def __init__(self, store: Store, info: UploadInfo, *, versions: bool) -> None:
        self._store = store
        self._info = info
        self._versions = versions

    async def put(self, number: int, data: Bytes, checksum: str | None) -> None:  # noqa: ARG002 - nothing is on its way
        with self._store.lock:
            self._pending().parts[number] = bytes(data)

    async def complete(self, checksum: str | None, condition: Condition) -> BlobInfo:
        with self._store.lock:
            pending = self._pending()
            data = b"".join(pending.parts[number] for number in sorted(pending.parts))
            info = self._store.store(
                self._info.key, data, pending.new, checksum, condition, versions=self._versions
            )
            del self._store.uploads[self._info.id]
            return info

    def _pending(self) -> Pending:
        pending = self._store.uploads.get(self._info.id)
        if pending is None:
            raise UploadGone
        return pending

    async def abort(self) -> None:
        with self._store.lock:
            self._store.uploads.pop(self._info.id, None)
