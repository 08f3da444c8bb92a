"""The port of blobs over S3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from holdall._frozen import replace
from holdall.blob_drivers import BlobCapabilities, Condition, Listed, Refused, Span, UploadInfo, after_all
from holdall.errors import NotFound

from .._aws.errors import Refused as Refusal
from . import wire
from .bucket import Bucket, is_false
from .client import open_calls
from .copies import copy
from .options import Options
from .removals import delete, delete_many
from .uploads import S3Upload, abort

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.blob_drivers import (
        BlobDriver,
        BlobInfo,
        BlobOpening,
        Body,
        Bytes,
        ListAsked,
        NewBlob,
        PresignAsked,
        Presigned,
        Upload,
    )
    from holdall.errors import HoldallError
    from holdall.io import Io
    from holdall.urls import Url

    from .._aws.client import Calls

_CHUNK = 1 << 20
_MAX_KEY = 1024
_NO_VERSION = frozenset({"NoSuchVersion", "InvalidArgument", "MethodNotAllowed", "405"})
_UNSAID = 400
"""With which S3 refuses HEAD for a key that has expired, another region, a version that it does not know."""


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
        if span is not None and wire.is_empty(span):
            return await self._nothing(key, match, version)
        params = self._params(key, version)
        if match is not None:
            params["IfMatch"] = match
        asked = None if span is None else wire.range_of(span)
        if asked is not None:
            params["Range"] = asked
        try:
            answer = await self._bucket.attempt("GetObject", params)
        except Refusal as refused:
            if refused.code == "InvalidRange" or refused.status == 416:
                return await self._nothing(key, match, version)
            raise await self._read_error(refused, "GetObject", version) from refused.native
        body = S3Body(self._bucket, wire.info_of(key, answer), answer["Body"], int(answer["ContentLength"]))
        try:
            if (size := wire.size_of(answer, span)) != body.info.size:
                body.info = replace(body.info, size=size)
        except BaseException:
            await body.close()
            raise
        return body

    def _params(self, key: str, version: str | None) -> dict[str, Any]:
        params = {**self._bucket.key(key), "ChecksumMode": "ENABLED"}
        if version is not None:
            params["VersionId"] = version
        return params

    async def _nothing(self, key: str, match: str | None, version: str | None) -> Body:
        """Return a part without bytes, which no range can ask for."""
        info = await self.info(key, version)
        if info is None:
            raise NotFound("there is no blob of this key")
        if match is not None and info.etag != match:
            raise Refused(info)
        return S3Body(self._bucket, info, None, 0)

    async def _read_error(self, refused: Refusal, operation: str, version: str | None) -> Exception:
        if is_false(refused):
            return Refused()
        # A version that was never given, and the mark of a removal: S3 calls both a wrong request.
        if version is not None and refused.code in _NO_VERSION:
            return NotFound("there is no such version")
        return await self._bucket.meaning(refused, operation)

    async def info(self, key: str, version: str | None) -> BlobInfo | None:
        try:
            answer = await self._bucket.attempt("HeadObject", self._params(key, version))
        except Refusal as refused:
            if refused.status == _UNSAID:
                return await self._info_by_reading(key, version)
            error = await self._read_error(refused, "HeadObject", version)
            if isinstance(error, NotFound):
                return None
            raise error from refused.native
        return wire.info_of(key, answer)

    async def _info_by_reading(self, key: str, version: str | None) -> BlobInfo | None:
        """Return what the beginning of a blob tells, or raise what S3 says: an answer to HEAD has no room for it."""
        try:
            body = await self.read(key, None, None, version)
        except NotFound:
            return None
        await body.close()
        return body.info

    async def put(self, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition) -> BlobInfo:
        params = {**self._bucket.key(key), **self._bucket.stored, **wire.new_params(new), "Body": data,
                  **wire.checksum_params(checksum), **wire.condition_params(condition)}  # fmt: skip
        try:
            answer = await self._bucket.attempt("PutObject", params)
        except Refusal as refused:
            raise await self.write_error(key, refused, "PutObject", condition) from refused.native
        return wire.written_info(key, len(data), new, answer)

    async def write_error(self, key: str, refused: Refusal, operation: str, condition: Condition) -> Exception:
        """Return what the refusal of a write means."""
        # S3 says that there is nothing to match as it says that a key is not there.
        if is_false(refused) or (condition.match is not None and refused.status == 404 and refused.code == "NoSuchKey"):
            return Refused(await self.info(key, None))
        return await self._bucket.meaning(refused, operation)

    async def begin(self, key: str, new: NewBlob) -> Upload:
        params = {**self._bucket.key(key), **self._bucket.stored, **wire.new_params(new),
                  **wire.algorithm_params(new.algorithm)}  # fmt: skip
        answer = await self._bucket.call("CreateMultipartUpload", params)
        return S3Upload(self, self._bucket, key, new, answer["UploadId"])

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
        if match is not None:
            # S3 finds nothing wrong with a key that is not there ("DeleteObject", Amazon S3 API Reference).
            current = await self.info(key, None)
            if current is None or current.etag != match:
                raise Refused(current)
        try:
            await delete(self._bucket, key, match, version)
        except Refusal as refused:
            raise await self.write_error(key, refused, "DeleteObject", Condition(match=match)) from refused.native

    async def delete_many(self, keys: Sequence[str]) -> Mapping[int, HoldallError]:
        return await delete_many(self._bucket, keys, self._capabilities.parallel)

    async def copy(self, source: BlobInfo, key: str, new: NewBlob | None, condition: Condition) -> BlobInfo:
        return await copy(self, self._bucket, source, key, new, condition)

    async def tags(self, key: str) -> Mapping[str, str]:
        answer = await self._bucket.call("GetObjectTagging", self._bucket.key(key))
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    async def set_tags(self, key: str, tags: Mapping[str, str]) -> None:
        entries = [{"Key": name, "Value": value} for name, value in tags.items()]
        await self._bucket.call("PutObjectTagging", {**self._bucket.key(key), "Tagging": {"TagSet": entries}})

    async def presign(self, asked: PresignAsked) -> Presigned:
        # Imported here: only this verb signs without sending.
        from .presigning import presign

        return await presign(self._bucket, asked)

    async def uploads(self, prefix: str) -> Sequence[UploadInfo]:
        found: list[UploadInfo] = []
        params: dict[str, Any] = {"Bucket": self._bucket.name, "Prefix": self._bucket.prefix + prefix}
        while True:
            answer = await self._bucket.call("ListMultipartUploads", params)
            found += [UploadInfo(self._bucket.shown(one["Key"]), one["UploadId"], one["Initiated"])
                      for one in answer.get("Uploads", ())]  # fmt: skip
            if not answer["IsTruncated"]:
                return found
            params |= {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}

    async def abort(self, upload: UploadInfo) -> None:
        await abort(self._bucket, upload.key, upload.id)

    async def provision(self) -> None:
        # Imported here: a deployed program never provides its bucket.
        from .schema import provide

        await provide(self._bucket, versions=self._options.versions)

    async def close(self) -> None:
        await self._bucket.calls.close()


class S3Body:
    """The bytes of a blob, or of a part of it."""

    def __init__(self, bucket: Bucket, info: BlobInfo, stream: Any, left: int) -> None:
        self.info = info
        self._bucket = bucket
        self._stream = stream
        self._left = left

    async def read(self) -> bytes:
        if self._left <= 0 or self._stream is None:
            return b""
        piece = cast("bytes", await self._bucket.wait("GetObject", self._stream.read, min(self._left, _CHUNK)))
        self._left -= len(piece)
        return piece

    async def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await self._bucket.wait("GetObject", stream.close)
