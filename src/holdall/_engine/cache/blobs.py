"""
A driver of blobs that keeps in a cache what is known of blobs, and the bytes of small ones, over the store's driver.

Of a large one it keeps that it is large, so that nobody waits for its bytes to be kept.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, cast

from ..._frozen import frozen
from ...blob_drivers import BlobInfo, Refused, Span
from ...errors import NotFound, Unavailable
from ..blobs.checksums import checksum_like
from .front import Front
from .reading import kept_of, read_kept
from .region import Region, Shape, quoted
from .values import Unwritable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...blob_drivers import (
        BlobCapabilities,
        BlobDriver,
        Body,
        Bytes,
        Condition,
        ListAsked,
        Listed,
        NewBlob,
        PresignAsked,
        Presigned,
        PresigningDriver,
        ResumedUpload,
        ResumingDriver,
        Upload,
        UploadInfo,
    )
    from ...errors import HoldallError
    from .tier import Tier

_HEAD = 1024
"""Bytes left for what is kept beside a blob's own."""


@frozen
class Whole:
    """A blob; `data` is None where it is large."""

    info: BlobInfo
    data: bytes | None


class _Wrong(Whole):
    """A blob whose bytes are not what its checksum says: who reads it will say so, and it is not kept."""


class CachedBlobs(Front):
    """
    One blob store with a cache in front.

    Args:
        inner: The driver of the store, or of another cache in front of it.
        tier: The cache.
        store: What tells the store from others.
        place: The store's name and, behind it, the path below which its blobs lie.
    """

    inner: BlobDriver

    def __init__(self, inner: BlobDriver, tier: Tier, store: str, place: tuple[str, str]) -> None:
        self.inner = inner
        self.tier = tier
        self.capabilities: BlobCapabilities = inner.capabilities
        name, self._path = place
        most = min(tier.settings.max_bytes, tier.driver.capabilities.max_value_bytes or tier.settings.max_bytes)
        self._largest = most - _HEAD
        self._infos: Region[BlobInfo] = Region(tier, f"i/{name}", Shape(f"info of {store}", _dump_info, _load_info))
        self._wholes: Region[Whole] = Region(tier, f"b/{name}", Shape(f"blob of {store}", _dump, _load))

    def _keys(self, key: str) -> list[str]:
        name = quoted(f"{self._path}/{key}" if self._path else key)
        return [self._infos.key(name), self._wholes.key(name)]

    async def info(self, key: str, version: str | None) -> BlobInfo | None:
        if version is not None:
            return await self.inner.info(key, version)

        async def from_store(_: Sequence[int]) -> Sequence[BlobInfo | None]:
            return [await self.inner.info(key, None)]

        own, whole = self._keys(key)
        found, kept = await read_kept(self._infos, own, from_store)
        self._note(whole, kept=kept)
        return cast("BlobInfo | None", found)

    def _note(self, other: str, *, kept: bool) -> None:
        """After a read past the cache, take the other thing that is kept of the blob for doubtful, too."""
        if not kept:
            self.tier.doubts.note([other], self.tier.now())

    async def read(self, key: str, span: Span | None, match: str | None, version: str | None) -> Body:
        if version is not None:
            return await self.inner.read(key, span, match, version)
        if span is not None and span != Span():
            return await self._read_part(key, span, match)
        opened: list[Body] = []
        try:
            whole = await self._whole_of(key, opened)
        except BaseException:
            for body in opened:
                await body.close()
            raise
        if whole is None:
            raise NotFound("there is no blob of this key")
        return await self._body(whole, key, match, opened)

    async def _whole_of(self, key: str, opened: list[Body]) -> Whole | None:
        """Return a blob; the body of a large one that was opened goes into the list."""

        async def from_store(_: Sequence[int]) -> Sequence[Whole | None]:
            try:
                body = await self.inner.read(key, None, None, None)
            except NotFound:
                return [None]
            if body.info.size > self._largest:
                opened.append(body)
                return [Whole(body.info, None)]
            return [await _whole(body)]

        info, own = self._keys(key)
        whole, kept = await read_kept(self._wholes, own, from_store)
        self._note(info, kept=kept)
        return cast("Whole | None", whole)

    async def _body(self, whole: Whole, key: str, match: str | None, opened: Sequence[Body]) -> Body:
        fits = match is None or whole.info.etag == match
        if whole.data is not None and fits:
            return _Bytes(whole.info, whole.data)
        if opened and fits:
            return opened[0]
        for body in opened:
            await body.close()
        # What is large, or has perhaps changed: the store knows.
        return await self.inner.read(key, None, match, None)

    async def _read_part(self, key: str, span: Span, match: str | None) -> Body:
        """Return a part of what is kept, else of what the store has, which is not kept."""
        keys = self._keys(key)
        (whole,) = await kept_of(self._wholes, keys[1:])
        if isinstance(whole, Whole) and whole.data is not None and match in (None, whole.info.etag):
            start, end = span.within(whole.info.size)
            return _Bytes(whole.info, whole.data[start:end])
        body = await self.inner.read(key, span, match, None)
        self.tier.went_past(keys)
        return body

    async def put(self, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition) -> BlobInfo:
        return await self.tier.guarded(
            self._keys(key), lambda: self.inner.put(key, data, new, checksum, condition), (Refused,)
        )

    async def begin(self, key: str, new: NewBlob) -> Upload:
        return _Upload(await self.inner.begin(key, new), self.tier, self._keys(key))

    async def resume(self, key: str, new: NewBlob) -> ResumedUpload | None:
        """Return the youngest unfinished upload; asked only where the store resumes."""
        found = await cast("ResumingDriver", self.inner).resume(key, new)
        return None if found is None else _Resumed(found, self.tier, self._keys(key))

    async def list(self, asked: ListAsked) -> Listed:
        return await self.inner.list(asked)

    async def versions(self, key: str) -> Sequence[BlobInfo]:
        return await self.inner.versions(key)

    async def delete(self, key: str, match: str | None, version: str | None) -> None:
        # The newest version may be the one that is removed.
        await self.tier.guarded(self._keys(key), lambda: self.inner.delete(key, match, version), (Refused,))

    async def delete_many(self, keys: Sequence[str]) -> Mapping[int, HoldallError]:
        touched = [own for key in keys for own in self._keys(key)]

        def lost(failed: Mapping[int, HoldallError]) -> list[str]:
            return [own for place, error in failed.items() if error.maybe_done for own in self._keys(keys[place])]

        return await self.tier.guarded(touched, lambda: self.inner.delete_many(keys), (), lost=lost)

    async def copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        return await self.tier.guarded(
            self._keys(key), lambda: self.inner.copy(source, key, new, condition), (Refused, NotFound)
        )

    async def tags(self, key: str) -> Mapping[str, str]:
        return await self.inner.tags(key)

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        await self.inner.set_tags(key, tags)

    async def uploads(self, prefix: str) -> Sequence[UploadInfo]:
        return await self.inner.uploads(prefix)

    async def abort(self, upload: UploadInfo) -> None:
        await self.inner.abort(upload)

    async def presign(self, asked: PresignAsked) -> Presigned:
        """Return a request that anybody can send; asked only where the store signs."""
        return await cast("PresigningDriver", self.inner).presign(asked)

    async def invalidate(self, key: str) -> None:
        """Forget what is kept of a blob, in this cache and in those behind it."""
        if isinstance(self.inner, CachedBlobs):
            await self.inner.invalidate(key)
        await self.tier.invalidate(self._keys(key))

    async def provision(self) -> None:
        await self.inner.provision()


class _Bytes:
    """A body that is there."""

    def __init__(self, info: BlobInfo, data: bytes) -> None:
        self.info = info
        self._data = data

    async def read(self) -> bytes:
        data, self._data = self._data, b""
        return data

    async def close(self) -> None:
        self._data = b""


class _Upload:
    """An upload whose end is a write."""

    def __init__(self, inner: Upload, tier: Tier, keys: Sequence[str]) -> None:
        self._inner = inner
        self._tier = tier
        self._keys = keys

    async def put(self, number: int, data: Bytes, checksum: str | None) -> None:
        await self._inner.put(number, data, checksum)

    async def complete(self, checksum: str | None, condition: Condition) -> BlobInfo:
        return await self._tier.guarded(self._keys, lambda: self._inner.complete(checksum, condition), (Refused,))

    async def abort(self) -> None:
        await self._inner.abort()


class _Resumed(_Upload):
    """The same of one that was begun before."""

    def __init__(self, inner: ResumedUpload, tier: Tier, keys: Sequence[str]) -> None:
        super().__init__(inner, tier, keys)
        self._resumed = inner

    @property
    def there(self) -> Mapping[int, tuple[int, str | None]]:
        return self._resumed.there

    def keep(self, number: int) -> None:
        self._resumed.keep(number)


async def _whole(body: Body) -> Whole:
    pieces: list[Bytes] = []
    try:
        while piece := await body.read():
            pieces.append(piece)
    finally:
        await body.close()
    info, data = body.info, b"".join(pieces)
    if len(data) != info.size:
        raise Unavailable("the answer ended before the blob did")
    check = checksum_like(info.checksum, info.size)
    check.update(data)
    return (_Wrong if check.contradicts(info.checksum) else Whole)(info, data)


def _dump_info(info: BlobInfo) -> tuple[bytes, bool]:
    told = [info.key, info.size, info.etag, info.modified.isoformat(), info.content_type, dict(info.metadata),
            info.checksum, info.version]  # fmt: skip
    return json.dumps(told, separators=(",", ":")).encode(), False


def _load_info(text: bytes, _: bool) -> BlobInfo:
    key, size, etag, modified, content_type, metadata, checksum, version = json.loads(text)
    return BlobInfo(key, size, etag, datetime.fromisoformat(modified), content_type, metadata, checksum, version)


def _dump(whole: Whole) -> tuple[bytes, bool]:
    """Return a line about a blob, and behind it its bytes; the mark says that it is large and they are not there."""
    if isinstance(whole, _Wrong):
        raise Unwritable("the blob's checksum is wrong")
    head, _ = _dump_info(whole.info)
    return head + b"\n" + (whole.data or b""), whole.data is None


def _load(body: bytes, large: bool) -> Whole:
    head, _, data = body.partition(b"\n")
    return Whole(_load_info(head, False), None if large else data)
