"""The asyncio shells of blob stores: the twins of those in `store`, method by method."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, overload

from ..aio import ThreadIo
from ..blob_drivers import Condition, PresignAsked
from ..io import iter_async
from .async_files import open_file
from .pages import BlobPage

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterable, Mapping, Sequence
    from os import PathLike
    from types import TracebackType
    from typing import IO

    from typing_extensions import Self

    from .._engine.blobs.listing import Listing
    from .._engine.blobs.store import Blobs
    from ..blob_drivers import BlobCapabilities, BlobInfo, Bytes, Presigned, UploadInfo
    from ..cache import CacheStats
    from ..io import Io
    from .async_files import AsyncBlobReader, AsyncBlobTextReader, AsyncBlobTextWriter, AsyncBlobWriter
    from .transfers import Progress, Synced


def local_io() -> Io:
    """Return how files and iterables of the caller's are waited for: in threads."""
    return ThreadIo()


class AsyncBlobListing:
    """A list that is asked for when it is iterated, or when one of its methods is called."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def __aiter__(self) -> AsyncIterator[BlobInfo]:
        """Yield the blobs in the order of their keys' UTF-8; with a delimiter, those below no common prefix."""
        return iter_async(self._listing.blocks())

    async def page(self, after: str | None = None) -> BlobPage:
        """
        Return one page of at most `limit` (1,000 without it) blobs and common prefixes, behind that of a token.

        Raises:
            InvalidToken: The token is another list's, or was changed.
        """
        return BlobPage(*await self._listing.page(after))

    async def all(self) -> list[BlobInfo]:
        """Return all the blobs."""
        return await self._listing.collected()

    async def first(self) -> BlobInfo | None:
        """Return the first blob, None where there is none."""
        return await self._listing.first()

    async def prefixes(self) -> list[str]:
        """
        Return the common prefixes of keys that have the delimiter behind the list's prefix, each with the delimiter.

        Raises:
            InvalidArgument: The list has no delimiter.
        """
        return await self._listing.prefixes()


class AsyncBlobStore:
    """Blobs under keys: what `open_async_blobs` returns. A key is a text of 1 to 1,024 bytes as UTF-8."""

    def __init__(self, engine: Blobs) -> None:
        self._engine = engine

    @property
    def capabilities(self) -> BlobCapabilities:
        """What the store can do, and its limits."""
        return self._engine.capabilities

    @property
    def native(self) -> Any:
        """What lies below: the SDK's client, the folder's path; None for what has nothing of its own."""
        return self._engine.driver.native

    @property
    def engine(self) -> Blobs:
        """The engine, for what is built upon stores."""
        return self._engine.pinned

    async def put(
        self,
        key: str,
        content: Bytes | str | PathLike[str] | IO[bytes] | Iterable[Bytes] | AsyncIterable[Bytes],
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        checksum: Literal["crc32", "crc64nvme", "sha256"] | None = "crc32",
        if_absent: bool = False,
        if_match: str | None = None,
    ) -> BlobInfo:
        """
        Store a blob, new or instead of another, and return what is known of it.

        Nobody sees a part of it: until the last byte has come, what was there before stays. Content of any length is
        sent in parts, of which as many lie in memory as the store takes at once.

        Args:
            key: Its key.
            content: Bytes, text (stored as UTF-8), the path of a file, a file opened for reading bytes, or an iterable
                of bytes. A file or an iterable is read once, from where it stands.
            content_type: Its media type; by default what the key's ending says, or application/octet-stream.
            metadata: Names in lower case, and values, that are stored with it.
            tags: Names and values by which it can be found and paid for, where the store has tags.
            checksum: The algorithm by which it is checked whenever it is read whole; None for no check.
            if_absent: Only where there is no blob of this key.
            if_match: Only where the blob there has this ETag.

        Raises:
            AlreadyExists: `if_absent`, and there is one.
            Conflict: `if_match`, and there is another, or none.
            InvalidArgument: The key, the content or what goes with it is wrong.
            TooLarge: The key, metadata or tags are over a limit of the store.
            Unsupported: The store has no conditions or tags.
        """
        return await self._engine.put(
            key, content, content_type, metadata, tags, checksum, Condition(if_absent, if_match))  # fmt: skip

    async def get(
        self, key: str, *, start: int | None = None, end: int | None = None, last: int | None = None,
        version: str | None = None,
    ) -> bytes | None:  # fmt: skip
        """
        Return a blob, or a part of it; None where there is none.

        Args:
            key: Its key.
            start: The first byte, counted from 0; the part is empty where it lies behind the end.
            end: The byte behind the last one; where it lies behind the end, the part ends there.
            last: How many bytes of its end, instead of `start` and `end`; all of it where it has fewer.
            version: A version of it, instead of what is there now.

        Raises:
            InvalidArgument: The key or the part is wrong.
            CorruptBlob: The whole was read, and its checksum is wrong.
        """
        return await self._engine.get(key, start, end, last, version)

    async def require(
        self, key: str, *, start: int | None = None, end: int | None = None, last: int | None = None,
        version: str | None = None,
    ) -> bytes:  # fmt: skip
        """
        Return a blob, or a part of it; see `get`.

        Raises:
            NotFound: There is none.
        """
        return await self._engine.require(key, start, end, last, version)

    @overload
    def open(self, key: str, mode: Literal["rb"] = "rb", *, version: str | None = None) -> AsyncBlobReader: ...
    @overload
    def open(
        self, key: str, mode: Literal["r"], *, encoding: str = "utf-8", version: str | None = None
    ) -> AsyncBlobTextReader: ...
    @overload
    def open(
        self, key: str, mode: Literal["wb"], *, content_type: str | None = None,
        metadata: Mapping[str, str] | None = None, tags: Mapping[str, str] | None = None,
        checksum: Literal["crc32", "crc64nvme", "sha256"] | None = "crc32",
        if_absent: bool = False, if_match: str | None = None,
    ) -> AsyncBlobWriter: ...  # fmt: skip
    @overload
    def open(
        self, key: str, mode: Literal["w"], *, encoding: str = "utf-8", content_type: str | None = None,
        metadata: Mapping[str, str] | None = None, tags: Mapping[str, str] | None = None,
        checksum: Literal["crc32", "crc64nvme", "sha256"] | None = "crc32",
        if_absent: bool = False, if_match: str | None = None,
    ) -> AsyncBlobTextWriter: ...  # fmt: skip
    def open(self, key: str, mode: str = "rb", **options: Any) -> Any:
        """
        Open a blob as a file: "rb" and "r" to read it, with places to go to, "wb" and "w" to write it. Ends of lines
        are as they are stored.

        What is written becomes the blob when the file is closed, and never where the block it was opened for ends by an
        error, or where it is forgotten: then nothing has happened.

        Args:
            key: Its key.
            mode: "rb" or "wb" for bytes, "r" or "w" for text.
            options: `encoding` of text, by default UTF-8; `version` to read; of a new blob also what `put` takes.

        Raises:
            NotFound: It is to be read, and there is none.
            AlreadyExists: (on closing) `if_absent`, and there is one.
            Conflict: (on closing) `if_match`, and there is another; (on reading) it was replaced in the meantime.
            InvalidArgument: The mode or an option is wrong.
        """
        return open_file(self._engine.pinned, key, mode, options)

    async def info(self, key: str, *, version: str | None = None) -> BlobInfo | None:
        """Return what is known of a blob, or of a version, without reading it; None where there is none."""
        return await self._engine.info(key, version)

    async def versions(self, key: str) -> Sequence[BlobInfo]:
        """
        Return the versions of a key, the newest first, also those of a blob that is removed.

        Raises:
            Unsupported: The store keeps none.
        """
        return await self._engine.versions(key)

    async def exists(self, key: str) -> bool:
        """Return whether there is a blob of this key."""
        return await self._engine.exists(key)

    def list(
        self, prefix: str = "", *, delimiter: str | None = None, start_after: str | None = None,
        limit: int | None = None,
    ) -> AsyncBlobListing:  # fmt: skip
        """
        Return the list of the blobs whose keys begin with a prefix, in the order of the keys' UTF-8.

        Args:
            prefix: How the keys begin; by default all.
            delimiter: Keys that have it behind the prefix, such as "/", are left out, and told by `prefixes()`.
            start_after: Only keys behind this one.
            limit: At most so many; for `page()`, so many blobs and common prefixes a page.

        Raises:
            InvalidArgument: One of them is wrong.
        """
        return AsyncBlobListing(self._engine.listing(prefix, delimiter, start_after, limit))

    async def delete(
        self, key: str, *, if_match: str | None = None, must_exist: bool = False, version: str | None = None
    ) -> None:
        """
        Remove a blob, or one version of it for good. A missing one is fine unless asked.

        Raises:
            NotFound: `must_exist`, and there is none.
            Conflict: `if_match`, and the blob has another ETag or is gone.
        """
        return await self._engine.delete(key, if_match, must_exist, version)

    async def delete_many(self, keys: Iterable[str]) -> int:
        """
        Remove blobs, any number of them, and return of how many keys; missing ones are counted too.

        Raises:
            BatchError: Some are still there; `.failures` says which and why.
        """
        return await self._engine.delete_many(keys)

    async def delete_prefix(self, prefix: str) -> int:
        """
        Remove all blobs whose keys begin with a prefix, and return how many.

        Raises:
            InvalidArgument: The prefix is empty.
            BatchError: Some are still there.
        """
        return await self._engine.delete_prefix(prefix)

    async def copy(
        self, source: str, key: str, *, content_type: str | None = None, metadata: Mapping[str, str] | None = None,
        if_absent: bool = False, if_match: str | None = None, version: str | None = None,
    ) -> BlobInfo:  # fmt: skip
        """
        Copy a blob within the store, without its bytes coming here, and return what is known of the copy.

        Args:
            source: The key of the blob.
            key: The key of the copy; what is there is replaced.
            content_type: Another media type.
            metadata: Other metadata, instead of all of the blob's.
            if_absent: Only where there is no blob of `key`.
            if_match: Only where the blob of `key` has this ETag.
            version: The version of the source to copy, such as one to go back to.

        Raises:
            NotFound: There is no blob of the source's key.
            AlreadyExists: `if_absent`, and there is one.
            Conflict: `if_match`, and there is another, or none.
            Unsupported: The store has no conditions on copies.
        """
        return await self._engine.copy(
            source, key, content_type, metadata, Condition(if_absent, if_match), version)

    async def move(self, source: str, key: str, *, if_absent: bool = False, if_match: str | None = None) -> BlobInfo:
        """
        Copy a blob, and remove the source if it is still the one that was copied; see `copy`.

        Raises:
            Conflict: The source was replaced in the meantime; the copy is made, and the new source is left.
        """
        return await self._engine.move(source, key, Condition(if_absent, if_match))

    async def upload(
        self, path: str | PathLike[str], key: str, *, content_type: str | None = None,
        metadata: Mapping[str, str] | None = None, if_absent: bool = False, if_match: str | None = None,
        progress: Progress | None = None, resume: bool = False,
    ) -> BlobInfo:  # fmt: skip
        """
        Store a file, and return what is known of the blob; as `put` of its path, with progress.

        Args:
            path: The file.
            key: The blob's key.
            content_type: As for `put`.
            metadata: As for `put`.
            if_absent: As for `put`.
            if_match: As for `put`.
            progress: Is told how far it is; see `progress_bar`.
            resume: Go on with an unfinished upload of the key: parts that are there already are not sent again. Where
                it fails, what was sent is left for the next one, or for `abort_uploads`. On S3; others begin anew.

        Raises:
            InvalidArgument: There is no such file.
            AlreadyExists: `if_absent`, and there is a blob.
            Conflict: `if_match`, and there is another, or none.
        """
        return await self._engine.upload(
            path, key, content_type, metadata, Condition(if_absent, if_match), progress, resume)  # fmt: skip

    async def download(self, key: str, path: str | PathLike[str], *, progress: Progress | None = None) -> BlobInfo:
        """
        Bring a blob into a file, and return what is known of it.

        The file is there when it is whole and right, and until then what was there before. What came of a download that
        broke off lies beside it (`.name.….coming`), and the next one of the same state of the blob goes on behind it.

        Args:
            key: The blob's key.
            path: The file; folders on the way to it are made.
            progress: Is told how far it is; see `progress_bar`.

        Raises:
            NotFound: There is no blob.
            Conflict: The blob was replaced while it came.
            CorruptBlob: The checksum is wrong.
        """
        return await self._engine.download(key, path, progress)

    async def sync(
        self, folder: str | PathLike[str], prefix: str = "", *, direction: Literal["up", "down"] = "up",
        delete: bool = False, dry_run: bool = False, by_checksum: bool = False, progress: Progress | None = None,
        resume: bool = False,
    ) -> Synced:  # fmt: skip
        """
        Make the blobs of a prefix the files of a folder ("up"), or the other way round ("down"); return what was done.

        What differs in size is copied, and what is newer at its source. Links are left out.

        Args:
            folder: The folder; for "down" it is made.
            prefix: How the keys begin that stand for its files: empty, or with "/" at its end.
            direction: "up" to the store, "down" to the folder.
            delete: Also remove, at the target, what the source has not.
            dry_run: Only tell what would be done.
            by_checksum: Copy what differs in its checksum, whatever its age; each file is read for it.
            progress: Is told how far each one is; see `progress_bar`.
            resume: As for `upload`, of each file that goes up; what comes down always goes on where it ended.

        Raises:
            InvalidArgument: The folder, prefix or direction is wrong, or a key is no path within a folder.
        """
        return await self._engine.sync(folder, prefix, direction, delete, dry_run, by_checksum, progress, resume)

    async def tags(self, key: str) -> dict[str, str]:
        """
        Return a blob's tags.

        Raises:
            NotFound: There is none.
            Unsupported: The store has no tags.
        """
        return await self._engine.tags(key)

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        """
        Replace a blob's tags.

        Raises:
            NotFound: There is none.
            TooLarge: They are too many or too long.
            Unsupported: The store has no tags.
        """
        return await self._engine.set_tags(key, tags)

    async def presign(
        self, key: str, method: Literal["get", "put", "delete", "post"] = "get", *, expires: int = 3600,
        content_type: str | None = None, size: int | None = None, min_size: int = 0, max_size: int | None = None,
        download_as: str | None = None, version: str | None = None,
    ) -> Presigned:  # fmt: skip
        """
        Return a request that anybody can send who has it, such as a browser: a URL, or a form for "post". It is a
        secret. Nothing is sent to make it, so the blob may be missing.

        Args:
            key: The blob's key; no other can be used.
            method: What it allows. A browser sends a form by "post", of which alone the size can be bounded.
            expires: For how many seconds it is good: 1 to 604,800 (7 days).
            content_type: For "put" and "post": the media type that must be sent. Without it, "put" allows any, and
                "post" what the key's ending says.
            size: For "put": how many bytes must be sent, up to 5 GiB. Without it, any number may be.
            min_size: For "post": how many bytes must be sent at least.
            max_size: For "post": how many may be sent, by default 5 GiB.
            download_as: For "get": have browsers keep what they get as a file of this name, and not show it.
            version: For "get" and "delete": the version of a `BlobInfo`; without it, the blob as it is then.

        Raises:
            InvalidArgument: Something is out of bounds, or is of no use to the method.
            Unsupported: The store has no presigned URLs, or no versions and one is asked for.
        """
        return await self._engine.presign(PresignAsked(
            method, key, expires, content_type, size, min_size, max_size, download_as, version))  # fmt: skip

    async def uploads(self, prefix: str = "") -> Sequence[UploadInfo]:
        """Return the uploads that were begun and not ended, such as those of a process that was killed."""
        return await self._engine.uploads(prefix)

    async def abort_uploads(self, prefix: str = "", *, older_than: float = 86_400) -> int:
        """Remove the uploads that were begun more than `older_than` seconds ago, by default a day; return how many."""
        return await self._engine.abort_uploads(prefix, older_than)

    @property
    def cache_stats(self) -> tuple[CacheStats, ...]:
        """What the caches in front have done in this process, the nearest first; none where there is no cache."""
        return self._engine.cache_stats

    async def invalidate(self, key: str) -> None:
        """
        Have the caches in front forget a blob, since something else than holdall has written or removed it.

        A cache that does not answer learns of it when it does. Without a cache it does nothing.
        """
        return await self._engine.invalidate(key)

    async def provision(self) -> None:
        """Make what the store needs and lacks: the bucket, the folder. For development; nothing else makes them."""
        return await self._engine.provision()

    async def close(self) -> None:
        """Give back what was opened. Fine to do twice; every verb is refused afterwards."""
        return await self._engine.close()

    async def __aenter__(self) -> Self:
        """Return the store; it is closed at the end of the block."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the store."""
        await self.close()
