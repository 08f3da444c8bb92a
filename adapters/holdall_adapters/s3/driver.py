"""The port of blobs over S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.blob_drivers import BlobCapabilities, Listed, after_all

from . import reads, wire, writes
from .bucket import Bucket
from .client import open_calls
from .copies import copy
from .options import Options
from .removals import delete, delete_many
from .uploads import abort, begin, unfinished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.blob_drivers import (
        BlobDriver,
        BlobInfo,
        BlobOpening,
        Body,
        Bytes,
        Condition,
        ListAsked,
        NewBlob,
        PresignAsked,
        Presigned,
        ResumedUpload,
        Span,
        Upload,
        UploadInfo,
    )
    from holdall.errors import HoldallError
    from holdall.io import Io
    from holdall.urls import Url

    from .._aws.client import Calls

_MAX_KEY = 1024


def open_blobs(url: Url, opening: BlobOpening) -> tuple[BlobDriver, Io]:
    """
    Open the blobs of a bucket. Nothing is sent, and no client is made, before the first call.

    Raises:
        ConfigError: The URL is wrong, or the package that the connection needs is not installed.
    """
    options = Options.from_url(url, opening.credentials)
    calls, io = open_calls(options.connection, opening)
    return S3(calls, io, options), io


def _capabilities(options: Options) -> BlobCapabilities:
    found = BlobCapabilities(
        "s3",
        versions=options.versions,
        resumable_uploads=True,
        presigned=True,
        parallel=options.connection.parallel,
        max_key_bytes=_MAX_KEY - len(options.prefix.encode()),
    )
    return replace(found, **dict.fromkeys(options.lacks, False))


class S3:
    """One bucket, or what lies below a prefix of its keys."""

    def __init__(self, calls: Calls, io: Io, options: Options) -> None:
        self._bucket = Bucket(calls, io, options)
        self._options = options
        self._capabilities = _capabilities(options)

    @property
    def capabilities(self) -> BlobCapabilities:
        return self._capabilities

    @property
    def native(self) -> Any:
        return self._bucket.native()

    async def read(self, key: str, span: Span | None, match: str | None, version: str | None) -> Body:
        return await reads.read(self._bucket, key, span, match, version)

    async def info(self, key: str, version: str | None) -> BlobInfo | None:
        return await reads.info(self._bucket, key, version)

    async def put(self, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition) -> BlobInfo:
        return await writes.put(self._bucket, key, data, new, checksum, condition)

    async def begin(self, key: str, new: NewBlob) -> Upload:
        return await begin(self._bucket, key, new)

    async def list(self, asked: ListAsked) -> Listed:
        prefix = self._bucket.prefix
        params: dict[str, Any] = {"Bucket": self._bucket.name, "Prefix": prefix + asked.prefix, "MaxKeys": asked.limit}
        if asked.delimiter is not None:
            params["Delimiter"] = asked.delimiter
        if asked.after is not None:
            params["StartAfter"] = prefix + asked.after
        answer = await self._bucket.call("ListObjectsV2", params)
        blobs = [wire.listed_info(self._bucket.shown(entry["Key"]), entry) for entry in answer.get("Contents", ())]
        prefixes = [self._bucket.shown(entry["Prefix"]) for entry in answer.get("CommonPrefixes", ())]
        return Listed(blobs, prefixes, after_all(blobs, prefixes) if answer["IsTruncated"] else None)

    async def versions(self, key: str) -> Sequence[BlobInfo]:
        found: list[BlobInfo] = []
        params: dict[str, Any] = {"Bucket": self._bucket.name, "Prefix": self._bucket.prefix + key}
        while True:
            answer = await self._bucket.call("ListObjectVersions", params)
            entries = [entry for entry in answer.get("Versions", ()) if self._bucket.shown(entry["Key"]) == key]
            found += [replace(wire.listed_info(key, entry), version=entry["VersionId"]) for entry in entries]
            if not answer["IsTruncated"] or self._bucket.shown(answer["NextKeyMarker"]) > key:
                return found
            params |= {"KeyMarker": answer["NextKeyMarker"], "VersionIdMarker": answer["NextVersionIdMarker"]}

    async def delete(self, key: str, match: str | None, version: str | None) -> None:
        await delete(self._bucket, key, match, version)

    async def delete_many(self, keys: Sequence[str]) -> Mapping[int, HoldallError]:
        return await delete_many(self._bucket, keys, self._capabilities.parallel)

    async def copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        return await copy(self._bucket, self._capabilities, source, key, new, condition)

    async def tags(self, key: str) -> Mapping[str, str]:
        return await reads.tags_of(self._bucket, self._bucket.key(key))

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        entries = [{"Key": name, "Value": value} for name, value in tags.items()]
        await self._bucket.call("PutObjectTagging", {**self._bucket.key(key), "Tagging": {"TagSet": entries}})

    async def presign(self, asked: PresignAsked) -> Presigned:
        # Imported here: only this verb signs without sending.
        from .presigning import presign

        return await presign(self._bucket, asked)

    async def resume(self, key: str, new: NewBlob) -> ResumedUpload | None:
        # Imported here: few programs resume.
        from .resuming import resume

        return await resume(self._bucket, key, new)

    async def uploads(self, prefix: str) -> Sequence[UploadInfo]:
        return await unfinished(self._bucket, prefix)

    async def abort(self, upload: UploadInfo) -> None:
        await abort(self._bucket, upload.key, upload.id)

    async def provision(self) -> None:
        # Imported here: a deployed program never provides its bucket.
        from .schema import provide

        await provide(self._bucket, versions=self._options.versions)

    async def close(self) -> None:
        await self._bucket.calls.close()
