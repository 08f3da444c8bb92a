"""
The port of blob stores: what an adapter implements. The engine does everything else.

A driver serves one store. It sees keys that are checked, conditions, and bytes; it awaits nothing but its `Io`, and
raises errors of `holdall.errors`, `Refused` and `UploadGone` only.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol

from ._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from .credentials import Credentials
    from .errors import HoldallError

Bytes = bytes | bytearray | memoryview


@frozen
class BlobCapabilities:
    """
    What a blob store can do, and its limits. None means no limit.

    Attributes:
        name: The adapter's name, as in `HoldallError.backend`.
        conditional_puts: `if_absent` and `if_match` on put, and when a large one is completed.
        conditional_deletes: `if_match` on delete.
        conditional_copies: `if_absent` and `if_match` on copy.
        nested_keys: A key may lie below another blob's: `a/b` beside `a`.
        tags: Blobs have tags.
        versions: What is replaced or removed is kept as a version, which can be read and removed by itself.
        resumable_uploads: What was sent of an unfinished upload is there for the next one of the same blob.
        presigned: It makes URLs and forms by which anybody can do one thing with one blob, for a while.
        parallel: How many requests at once are worth it.
        part_bytes: Size of the parts in which a large blob is sent.
        max_parts: Parts of one blob.
        max_delete: Keys in one request to delete.
        max_key_bytes: Size of a key as UTF-8.
        max_metadata_bytes: Size of all names and values of metadata as UTF-8.
        max_tags: Tags of one blob.
    """

    name: str
    conditional_puts: bool = True
    conditional_deletes: bool = True
    conditional_copies: bool = True
    nested_keys: bool = True
    tags: bool = True
    versions: bool = False
    resumable_uploads: bool = False
    presigned: bool = False
    parallel: int = 1
    part_bytes: int = 8 << 20
    max_parts: int = 10_000
    max_delete: int = 1000
    max_key_bytes: int = 1024
    max_metadata_bytes: int = 2048
    max_tags: int = 10


@frozen
class BlobInfo:
    """
    What is known of a blob without reading it.

    Attributes:
        key: Its key.
        size: Its size in bytes.
        etag: Changes with each write; for `if_match=`. Opaque.
        modified: When it was written, in UTC.
        content_type: Its media type; None in lists, which don't say.
        metadata: Names and values that were given with it; empty in lists.
        checksum: Such as "crc32:9ae0daaf" (hexadecimal); None where the store has none, and in lists.
        version: Which version it is, for `version=`; None where the store has none, and in lists.
    """

    key: str
    size: int
    etag: str
    modified: datetime
    content_type: str | None = None
    metadata: Mapping[str, str] = MappingProxyType({})
    checksum: str | None = None
    version: str | None = None


@frozen
class NewBlob:
    """What is stored with the bytes of a blob."""

    content_type: str
    metadata: Mapping[str, str]
    algorithm: str | None
    """By which the engine makes the checksum."""
    tags: Mapping[str, str]


class Condition(NamedTuple):
    """What must be true of the key for a write to happen: nothing is there, or a blob of that ETag."""

    absent: bool = False
    match: str | None = None


ALWAYS = Condition()


class Span(NamedTuple):
    """A part of a blob: from `start` up to `end` (None: to its end), or its `last` bytes."""

    start: int = 0
    end: int | None = None
    last: int | None = None

    def within(self, size: int) -> tuple[int, int]:
        """Return the first byte, and the one behind the last, in a blob of that size."""
        if self.last is not None:
            return max(0, size - self.last), size
        return min(self.start, size), size if self.end is None else min(self.end, size)


class Refused(Exception):
    """Raised by a driver when a condition was false. `current` is what is there, None for nothing (or not known)."""

    def __init__(self, current: BlobInfo | None = None) -> None:
        super().__init__("the condition was false")
        self.current = current


class UploadGone(Exception):
    """Raised by a driver for an upload that was completed, or aborted, before."""


class Body(Protocol):
    """The bytes of a blob, or of a part of it, as they come."""

    @property
    def info(self) -> BlobInfo:
        """What is known of the whole blob."""
        ...

    async def read(self) -> Bytes:
        """Return the next bytes, as many as are at hand, which nobody else changes; none at the end."""
        ...

    async def close(self) -> None:
        """Give up what is left."""
        ...


class Upload(Protocol):
    """A large blob on its way, of which nobody sees anything before it is completed."""

    async def put(self, number: int, data: Bytes, checksum: str | None) -> None:
        """
        Send a part; numbers begin at 1, and a number that is sent again replaces the part.

        Its checksum is given where it is known already.
        """
        ...

    async def complete(self, checksum: str | None, condition: Condition) -> BlobInfo:
        """
        Make the blob of its parts.

        Raises:
            Refused: The condition is false; the upload is still there.
            UploadGone: It was completed or aborted before.
        """
        ...

    async def abort(self) -> None:
        """Remove all of it. Fine if it is gone."""
        ...


class UploadInfo(NamedTuple):
    """An upload that was begun and not ended."""

    key: str
    id: str
    begun: datetime


@frozen
class ListAsked:
    """
    What a list is asked for: at most `limit` keys and common prefixes, behind `after`, in the order of their UTF-8.

    With a delimiter, keys that have it behind the prefix are given as one common prefix, up to and with the first.
    """

    prefix: str
    delimiter: str | None
    after: str | None
    limit: int


class Listed(NamedTuple):
    """A page of a list: blobs and common prefixes, each in order, and where it goes on (None at its end)."""

    blobs: list[BlobInfo]
    prefixes: list[str]
    after: str | None


@frozen
class PresignAsked:
    """
    What a presigned URL is asked for.

    Attributes:
        method: What it allows: "get", "put", "delete", or "post" for a form.
        key: The blob's key.
        expires: Seconds for which it is good.
        content_type: The media type that what is stored must be sent with; None where any will do.
        size: Bytes that what is put must have; None where any number will do.
        min_size: Bytes that what is posted must have at least.
        max_size: Bytes that what is posted may have; given for "post", and for nothing else.
        download_as: The name of the file that a browser makes of what it gets; None where it may show it.
        version: Which version is read or removed; None for the blob as it is then.
    """

    method: Literal["get", "put", "delete", "post"]
    key: str
    expires: int = 3600
    content_type: str | None = None
    size: int | None = None
    min_size: int = 0
    max_size: int | None = None
    download_as: str | None = None
    version: str | None = None


@frozen
class Presigned:
    """
    A request that anybody can send who has it, without credentials: a secret, so its `repr` shows no signature.

    Attributes:
        url: Where it is sent.
        method: "GET", "PUT", "DELETE" or "POST".
        headers: What must be sent with it as it is; empty for a POST.
        fields: The fields of the form of a POST, in order; the file comes behind them, in the field `file`. Else empty.
        expires_at: Until when it is good, in UTC. One that was signed by a temporary key ends with the key, if sooner.
    """

    url: str
    method: str
    headers: Mapping[str, str]
    fields: Mapping[str, str]
    expires_at: datetime

    def __repr__(self) -> str:
        """Return what it is for, without what makes it good."""
        url, query, _ = self.url.partition("?")
        names = dict.fromkeys(self.fields, "...")
        return (f"Presigned({url + query + '...' * bool(query)!r}, {self.method!r}, headers={self.headers!r}, "
                f"fields={names!r}, expires_at={self.expires_at.isoformat()})")


@frozen
class BlobOpening:
    """
    What a blob store is opened with.

    Attributes:
        asynchronous: The shell is for asyncio.
        client: The caller's own SDK client, or None.
        credentials: The caller's own AWS key, or None.
    """

    asynchronous: bool
    client: Any
    credentials: Credentials | None


class BlobDriver(Protocol):
    """One blob store."""

    @property
    def capabilities(self) -> BlobCapabilities:
        """What the store can do."""
        ...

    @property
    def native(self) -> Any:
        """What the SDK calls its client, or None."""
        ...

    async def read(self, key: str, span: Span | None, match: str | None, version: str | None) -> Body:
        """
        Open a blob, a version of it (None: as it is now), or a part. A part that lies behind its end is empty.

        Raises:
            NotFound: There is none.
            Refused: Its ETag is not `match`.
        """
        ...

    async def put(self, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition) -> BlobInfo:
        """
        Store a blob whole.

        Raises:
            Refused: The condition is false.
        """
        ...

    async def begin(self, key: str, new: NewBlob) -> Upload:
        """Begin an upload."""
        ...

    async def info(self, key: str, version: str | None) -> BlobInfo | None:
        """Return what is known of a blob, or of a version; None where there is none."""
        ...

    async def list(self, asked: ListAsked) -> Listed:
        """Return a page of a list."""
        ...

    async def versions(self, key: str) -> Sequence[BlobInfo]:
        """Return the versions of a key, the newest first; what was removed meanwhile has left no mark among them."""
        ...

    async def delete(self, key: str, match: str | None, version: str | None) -> None:
        """
        Remove a blob, or one version for good. A missing one is fine, unless `match` is given.

        Raises:
            Refused: Its ETag is not `match`.
        """
        ...

    async def delete_many(self, keys: Sequence[str]) -> Mapping[int, HoldallError]:
        """Remove blobs, missing ones included; return the errors by place for those that are still there."""
        ...

    async def copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        """
        Copy a blob, of the version that `source` tells, within the store, with what is stored beside its bytes, or with
        `new` instead.

        Raises:
            NotFound: The source is gone.
            Refused: The condition is false, or the source has changed since `source` was asked for (then `current` has
                the source's key).
        """
        ...

    async def tags(self, key: str) -> Mapping[str, str]:
        """
        Return a blob's tags.

        Raises:
            NotFound: There is no blob.
        """
        ...

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        """
        Replace a blob's tags.

        Raises:
            NotFound: There is no blob.
        """
        ...

    async def uploads(self, prefix: str) -> Sequence[UploadInfo]:
        """Return the uploads that were begun and not ended."""
        ...

    async def abort(self, upload: UploadInfo) -> None:
        """Remove an upload. Fine if it is gone."""
        ...

    async def provision(self) -> None:
        """Make what the store needs and lacks: a bucket, a folder."""
        ...

    async def close(self) -> None:
        """Give back what was opened."""
        ...


class PresigningDriver(Protocol):
    """What a driver has too that declares `presigned`."""

    async def presign(self, asked: PresignAsked) -> Presigned:
        """Return a request that anybody can send. For a form, the media type and the largest size are always given."""
        ...


class ResumedUpload(Upload, Protocol):
    """An upload that was begun before."""

    @property
    def there(self) -> Mapping[int, tuple[int, str | None]]:
        """By number, the sizes and checksums of the parts that were sent."""
        ...

    def keep(self, number: int) -> None:
        """Make the blob of that part as it is there. A part that is neither kept nor sent is left out."""
        ...


class ResumingDriver(Protocol):
    """What a driver has too that declares `resumable_uploads`."""

    async def resume(self, key: str, new: NewBlob) -> ResumedUpload | None:
        """Return the youngest unfinished upload of a key whose parts have checksums as `new` says; None for none."""
        ...


LAST = "\U0010ffff"
"""Behind any other character, so that what begins with a text comes before that text with this at its end."""


def after_all(blobs: Sequence[BlobInfo], prefixes: Sequence[str]) -> str:
    """Return behind which place a list goes on that has told these blobs and common prefixes."""
    return max([blob.key for blob in blobs[-1:]] + [prefix + LAST for prefix in prefixes[-1:]])


def page_of(keys: Callable[[str | None], Iterator[str]], asked: ListAsked) -> tuple[list[str], list[str], str | None]:
    """
    Return a page's keys and common prefixes, and where it goes on, for stores that list by themselves.

    Args:
        keys: Gives the keys behind one (None: all) that begin with the prefix, in order.
        asked: What is asked for.
    """
    found: list[str] = []
    prefixes: list[str] = []
    after, source = asked.after, keys(asked.after)
    while (key := next(source, None)) is not None:
        if len(found) + len(prefixes) == asked.limit:
            return found, prefixes, after
        cut = -1 if asked.delimiter is None else key.find(asked.delimiter, len(asked.prefix))
        if cut < 0 or asked.delimiter is None:
            found.append(key)
            after = key
        else:
            prefixes.append(key[: cut + len(asked.delimiter)])
            # All that lies below it is told.
            after = prefixes[-1] + LAST
            source = keys(after)
    return found, prefixes, None
