"""The verbs of a blob store, written once for every store and both shells."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from ..._frozen import replace
from ...blob_drivers import ALWAYS, BlobInfo, Condition, NewBlob, Refused
from ...errors import BatchError, BatchFailure, Conflict, HoldallError, InvalidArgument, NotFound, Unavailable
from .base import Base, missing, refusal
from .checks import check_media_type, check_metadata, check_prefix, check_tags, span_of
from .checksums import check_algorithm
from .downloads import download
from .listing import Listing
from .reading import Reader, read_all
from .sources import source_of
from .transfers import Counted, Sync, folder_of, path_of
from .writing import Writer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ...blob_drivers import PresignAsked, Presigned, PresigningDriver, UploadInfo
    from ...blobs.transfers import Progress, Synced
    from .sources import Content, Source


class Blobs(Base):
    """One open blob store."""

    async def put(
        self, key: str, content: Content, content_type: str | None, metadata: Mapping[str, str] | None,
        tags: Mapping[str, str] | None, checksum: str | None, condition: Condition,
    ) -> BlobInfo:  # fmt: skip
        with self.verb("put", key):
            writer = self._writer(key, content_type, metadata, tags, checksum, condition, text=isinstance(content, str))
            source = source_of(content, self.local, asynchronous=self.asynchronous)
            return await self._stored(writer, source)

    async def _stored(self, writer: Writer, source: Source) -> BlobInfo:
        try:
            while data := await source.read(writer.room):
                await writer.write(data)
            return await self.committed(writer)
        except BaseException:
            await writer.abort()
            raise
        finally:
            await source.close()

    async def upload(
        self, path: Any, key: str, content_type: str | None, metadata: Mapping[str, str] | None, condition: Condition,
        progress: Progress | None, resume: bool,
    ) -> BlobInfo:  # fmt: skip
        with self.verb("upload", key):
            file = path_of(path)
            if not await self.local.call(file.is_file):
                raise InvalidArgument(f"there is no file {str(file)!r}; sync() takes folders")
            writer = self._writer(key, content_type, metadata, None, "crc32", condition, text=False, resumes=resume)
            return await self._stored(writer, Counted(file, key, self.local, progress))

    async def download(self, key: str, path: Any, progress: Progress | None) -> BlobInfo:
        with self.verb("download", key):
            return await download(self, self.key(key), path_of(path), progress)

    async def sync(
        self, folder: Any, prefix: str, direction: str, delete: bool, dry_run: bool, by_checksum: bool,
        progress: Progress | None, resume: bool,
    ) -> Synced:  # fmt: skip
        with self.verb("sync", prefix):
            path, checked = folder_of(folder, prefix, direction, there=direction == "up")
            work = Sync(self, path, checked, by_checksum=by_checksum, resume=resume)
            run = work.up if direction == "up" else work.down
            return await run(delete=delete, dry_run=dry_run, progress=progress)

    def writer(
        self, key: str, content_type: str | None, metadata: Mapping[str, str] | None, tags: Mapping[str, str] | None,
        checksum: str | None, condition: Condition, *, text: bool,
    ) -> Writer:  # fmt: skip
        """Return what writes a blob piece by piece; nothing is sent yet."""
        with self.verb("open", key):
            return self._writer(key, content_type, metadata, tags, checksum, condition, text=text)

    def _writer(
        self, key: str, content_type: str | None, metadata: Mapping[str, str] | None, tags: Mapping[str, str] | None,
        checksum: str | None, condition: Condition, *, text: bool, resumes: bool = False,
    ) -> Writer:  # fmt: skip
        key = self.key(key)
        self._check_condition(condition, "conditional_puts")
        if tags:
            self.needs("tags", "tags")
        media_type = check_media_type(content_type, key, text=text)
        new = NewBlob(media_type, check_metadata(metadata, self.capabilities), check_algorithm(checksum),
                      check_tags(tags, self.capabilities))  # fmt: skip
        return Writer(self, key, new, condition, resumes=resumes)

    async def committed(self, writer: Writer) -> BlobInfo:
        """
        Return the blob of what was written.

        Raises:
            AlreadyExists: Something is there, and nothing should be.
            Conflict: What is there is not what it should be.
        """
        try:
            return await writer.commit()
        except Refused as refused:
            writer.resumes = False  # To go on would end the same way.
            raise refusal(refused, writer.condition) from None

    def _check_condition(self, condition: Condition, capability: str) -> None:
        absent, match = condition
        if not isinstance(absent, bool):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
            raise InvalidArgument(f"if_absent= takes True or False, got {absent!r}")
        if match is not None and (not isinstance(match, str) or not match):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"if_match= takes the etag of a BlobInfo, got {match!r}")
        if match is not None and not (match.isascii() and match.isprintable()):
            raise InvalidArgument(f"if_match= takes the etag of a BlobInfo, which is printable ASCII; got {match!r}")
        if absent and match is not None:
            raise InvalidArgument("if_absent= and if_match= can't both be true of one key")
        if condition != ALWAYS:
            self.needs(capability, "conditions on this; drop if_absent= and if_match=")

    async def get(
        self, key: str, start: int | None, end: int | None, last: int | None, version: str | None
    ) -> bytes | None:
        with self.verb("get", key):
            found = await read_all(self, self.key(key), span_of(start, end, last), self._version(version))
            return None if found is None else found[1]

    async def require(
        self, key: str, start: int | None, end: int | None, last: int | None, version: str | None
    ) -> bytes:
        with self.verb("require", key):
            found = await read_all(self, self.key(key), span_of(start, end, last), self._version(version))
            if found is None:
                raise missing()
            return found[1]

    def _version(self, version: Any) -> str | None:
        if version is None:
            return None
        if not isinstance(version, str) or not version:
            raise InvalidArgument(f"version= takes the version of a BlobInfo, got {version!r}")
        self.needs("versions", "versions")
        return version

    async def info(self, key: str, version: str | None) -> BlobInfo | None:
        with self.verb("info", key):
            return await self.found(self.key(key), self._version(version))

    async def versions(self, key: str) -> list[BlobInfo]:
        with self.verb("versions", key):
            self.needs("versions", "versions")
            checked = self.key(key)
            return list(await self.retrying(lambda _: self.driver.versions(checked)))

    async def found(self, key: str, version: str | None = None) -> BlobInfo | None:
        """Return what is known of a blob under a checked key."""
        info = await self.retrying(lambda _: self.driver.info(key, version))
        if info is None or info.content_type is not None:
            return info
        # Another program has put it there, and said nothing.
        return replace(info, content_type=check_media_type(None, key, text=False))

    async def exists(self, key: str) -> bool:
        with self.verb("exists", key):
            return await self.found(self.key(key)) is not None

    async def reader(self, key: str, version: str | None) -> Reader:
        """
        Return a reader at the beginning of a blob.

        Raises:
            NotFound: There is none.
        """
        with self.verb("open", key):
            version = self._version(version)
            info = await self.found(self.key(key), version)
            if info is None:
                raise missing()
            return Reader(self, info, version)

    def listing(
        self, prefix: str, delimiter: str | None, start_after: str | None, limit: int | None
    ) -> Listing:
        with self.verb("list"):
            return Listing(self, prefix, delimiter, start_after, limit)

    async def delete(self, key: str, match: str | None, must_exist: bool, version: str | None) -> None:
        with self.verb("delete", key):
            key, version = self.key(key), self._version(version)
            self._check_condition(Condition(match=match), "conditional_deletes")
            if version is not None:
                await self._delete_version(key, version, match, must_exist)
            elif must_exist and match is None:
                await self._delete_existing(key)
            else:
                await self._delete(key, match)

    async def _delete_version(self, key: str, version: str, match: str | None, must_exist: bool) -> None:
        if match is not None:
            raise InvalidArgument("if_match= is of what is there now; a version never changes")
        if must_exist and await self.found(key, version) is None:
            raise missing()
        await self.retrying(lambda _: self.driver.delete(key, None, version))

    async def _delete_existing(self, key: str) -> None:
        while True:
            found = await self.found(key)
            if found is None:
                raise missing()
            try:
                await self._delete(key, found.etag if self.capabilities.conditional_deletes else None)
            except Conflict:
                continue  # It was replaced, or somebody else has removed it.
            return

    async def _delete(self, key: str, match: str | None) -> None:
        async def job(maybe_done: bool) -> Unavailable | None:
            try:
                await self.driver.delete(key, match, None)
            except Refused as refused:
                # What an earlier try of ours may have removed is gone, as it should be.
                if maybe_done and await self.driver.info(key, None) is None:
                    return None
                raise refusal(refused, Condition(match=match)) from None
            return None

        await self.retrying(job)

    async def delete_many(self, keys: Iterable[str]) -> int:
        with self.verb("delete_many"):
            if isinstance(keys, (str, bytes)):
                raise InvalidArgument("delete_many() takes many keys, got one text; put it into a list")
            source, done = iter(keys), 0
            failures: list[BatchFailure] = []
            while chunk := list(islice(source, self.capabilities.max_delete)):
                failed = await self._delete_chunk(chunk, done + len(failures))
                failures += failed
                done += len(chunk) - len(failed)
            if failures:
                raise BatchError(f"delete_many: {len(failures)} blobs were not removed and {done} were; the first "
                                 f"failure: {failures[0].error.message}. All are in .failures",
                                 failures=failures, rest=iter(()), done=done)  # fmt: skip
            return done

    async def _delete_chunk(self, keys: list[str], first: int) -> list[BatchFailure]:
        failures: list[BatchFailure] = []
        sound: dict[str, int] = {}
        for place, key in enumerate(keys, first):
            try:
                sound.setdefault(self.key(key), place)
            except HoldallError as error:
                failures.append(BatchFailure(place, key, key, error))
        asked = list(sound)
        try:
            failed: Mapping[int, HoldallError] = {}
            if asked:
                failed = await self.retrying(lambda _: self.driver.delete_many(asked))
        except HoldallError as error:
            failed = dict.fromkeys(range(len(asked)), error)
        return failures + [BatchFailure(sound[asked[i]], asked[i], asked[i], error) for i, error in failed.items()]

    async def delete_prefix(self, prefix: str) -> int:
        with self.verb("delete_prefix", prefix):
            if not check_prefix(prefix, "the prefix"):
                raise InvalidArgument("delete_prefix('') would remove every blob; for that, list them and use "
                                      "delete_many")
            done = 0
            async for block in Listing(self, prefix, None, None, None).blocks():
                done += await self.delete_many([info.key for info in block])
            return done

    async def copy(
        self, source: str, key: str, content_type: str | None, metadata: Mapping[str, str] | None, condition: Condition,
        version: str | None,
    ) -> BlobInfo:  # fmt: skip
        with self.verb("copy", key):
            self._check_copy(source, key, condition)
            found = await self._source(source, self._version(version))
            return await self._copy(found, key, content_type, metadata, condition)

    def _check_copy(self, source: str, key: str, condition: Condition) -> None:
        self.key(source, "the source")
        self.key(key)
        self._check_condition(condition, "conditional_copies")

    async def _source(self, source: str, version: str | None = None) -> BlobInfo:
        found = await self.found(source, version)
        if found is None:
            raise NotFound("there is no blob of the source's key")
        return found

    async def _copy(
        self, source: BlobInfo, key: str, content_type: str | None, metadata: Mapping[str, str] | None,
        condition: Condition,
    ) -> BlobInfo:  # fmt: skip
        new = None
        if content_type is not None or metadata is not None:
            new = NewBlob(
                check_media_type(content_type or source.content_type, key, text=False),
                check_metadata(source.metadata if metadata is None else metadata, self.capabilities), None, {},
            )  # fmt: skip
        async def job(maybe_done: bool) -> BlobInfo:
            try:
                return await self.driver.copy(source, key, new, condition)
            except Refused as refused:
                made = await self.driver.info(key, None) if maybe_done and source.checksum is not None else None
                if made is not None and (made.size, made.checksum) == (source.size, source.checksum):
                    return made  # by an earlier try of ours, whose answer was lost
                raise refusal(refused, condition) from None

        return await self.retrying(job)

    async def move(self, source: str, key: str, condition: Condition) -> BlobInfo:
        with self.verb("move", key):
            self._check_copy(source, key, condition)
            if source == key:
                raise InvalidArgument("a blob can't be moved onto itself")
            found = await self._source(source)
            moved = await self._copy(found, key, None, None, condition)
            await self._delete(found.key, found.etag if self.capabilities.conditional_deletes else None)
            return moved

    async def tags(self, key: str) -> dict[str, str]:
        with self.verb("tags", key):
            self.needs("tags", "tags")
            checked = self.key(key)
            return dict(await self.retrying(lambda _: self.driver.tags(checked)))

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        with self.verb("set_tags", key):
            self.needs("tags", "tags")
            checked, new = self.key(key), check_tags(tags, self.capabilities)
            await self.retrying(lambda _: self.driver.set_tags(checked, new))

    async def presign(self, asked: PresignAsked) -> Presigned:
        with self.verb("presign", asked.key):
            self.needs("presigned", "presigned URLs; let your program serve what get() gives and put() what it is sent")
            self.key(asked.key)
            self._version(asked.version)
            # Imported here: only this verb looks at such requests.
            from .presigning import checked

            request, driver = checked(asked), cast("PresigningDriver", self.driver)
            return await self.retrying(lambda _: driver.presign(request))

    async def uploads(self, prefix: str) -> list[UploadInfo]:
        with self.verb("uploads", prefix):
            checked = check_prefix(prefix)
            return list(await self.retrying(lambda _: self.driver.uploads(checked)))

    async def abort_uploads(self, prefix: str, older_than: float) -> int:
        with self.verb("abort_uploads", prefix):
            # Imported here: only this verb asks what time it is.
            from datetime import datetime, timedelta, timezone

            end = datetime.now(timezone.utc) - timedelta(seconds=older_than)
            old = [one for one in await self.uploads(prefix) if one.begun <= end]
            for upload in old:
                await self._abort(upload)
            return len(old)

    async def _abort(self, upload: UploadInfo) -> None:
        await self.retrying(lambda _: self.driver.abort(upload))

    async def invalidate(self, key: str) -> None:
        with self.verb("invalidate", key):
            checked = self.key(key)
            if self.tiers:
                await cast("Any", self.driver).invalidate(checked)

    async def provision(self) -> None:
        with self.verb("provision"):
            await self.retrying(lambda _: self.driver.provision())

    async def close(self) -> None:
        if not self.closed:
            self.closed = True
            await self.driver.close()
