"""Reading blobs of S3, and what is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from holdall._frozen import replace
from holdall.blob_drivers import Refused
from holdall.errors import NotFound

from .._aws.errors import Refused as Refusal
from . import wire
from .bucket import is_false

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.blob_drivers import BlobInfo, Body, Bytes, Span

    from .bucket import Bucket

_CHUNK = 1 << 20
_NO_VERSION = frozenset({"NoSuchVersion", "InvalidArgument", "MethodNotAllowed", "405"})
_UNSAID = 400
"""With which S3 refuses HEAD for a key that has expired, another region, a version that it does not know."""


async def read(bucket: Bucket, key: str, span: Span | None, match: str | None, version: str | None) -> Body:
    """
    Open a blob, or a part of it.

    Raises:
        NotFound: There is none.
        Refused: Its ETag is not `match`.
    """
    if span is not None and wire.is_empty(span):
        return await _nothing(bucket, key, match, version)
    params = _params(bucket, key, version)
    if match is not None:
        params["IfMatch"] = match
    asked = None if span is None else wire.range_of(span)
    if asked is not None:
        params["Range"] = asked
    try:
        answer = await bucket.attempt("GetObject", params)
    except Refusal as refused:
        if refused.code == "InvalidRange" or refused.status == 416:
            return await _nothing(bucket, key, match, version)
        raise await _error(bucket, refused, "GetObject", version) from refused.native
    return await _opened(bucket, key, answer, span)


async def _opened(bucket: Bucket, key: str, answer: dict[str, Any], span: Span | None) -> Body:
    body = S3Body(bucket, wire.info_of(key, answer), answer["Body"], int(answer["ContentLength"]))
    try:
        if (size := wire.size_of(answer, span)) != body.info.size:
            body.info = replace(body.info, size=size)
    except BaseException:
        await body.close()
        raise
    return body


def _params(bucket: Bucket, key: str, version: str | None) -> dict[str, Any]:
    params = {**bucket.key(key), "ChecksumMode": "ENABLED"}
    if version is not None:
        params["VersionId"] = version
    return params


async def _nothing(bucket: Bucket, key: str, match: str | None, version: str | None) -> Body:
    """Return a part without bytes, which no range can ask for."""
    found = await info(bucket, key, version)
    if found is None:
        raise NotFound("there is no blob of this key")
    if match is not None and found.etag != match:
        raise Refused(found)
    return S3Body(bucket, found, None, 0)


async def _error(bucket: Bucket, refused: Refusal, operation: str, version: str | None) -> Exception:
    if is_false(refused):
        return Refused()
    # A version that was never given, and the mark of a removal: S3 calls both a wrong request.
    if version is not None and refused.code in _NO_VERSION:
        return NotFound("there is no such version")
    return await bucket.meaning(refused, operation)


async def info(bucket: Bucket, key: str, version: str | None) -> BlobInfo | None:
    """Return what is known of a blob, or of a version; None where there is none."""
    try:
        answer = await bucket.attempt("HeadObject", _params(bucket, key, version))
    except Refusal as refused:
        if refused.status == _UNSAID:
            return await _info_by_reading(bucket, key, version)
        error = await _error(bucket, refused, "HeadObject", version)
        if isinstance(error, NotFound):
            return None
        raise error from refused.native
    return wire.info_of(key, answer)


async def _info_by_reading(bucket: Bucket, key: str, version: str | None) -> BlobInfo | None:
    """Return what the beginning of a blob tells, or raise what S3 says: an answer to HEAD has no room for it."""
    try:
        body = await read(bucket, key, None, None, version)
    except NotFound:
        return None
    await body.close()
    return body.info


async def tags_of(bucket: Bucket, origin: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a blob, or of a version, as its parameters name it."""
    answer = await bucket.call("GetObjectTagging", origin)
    return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}


class S3Body:
    """The bytes of a blob, or of a part of it."""

    def __init__(self, bucket: Bucket, info: BlobInfo, stream: Any, left: int) -> None:
        self.info = info
        self._bucket = bucket
        self._stream = stream
        self._left = left

    async def read(self) -> Bytes:
        if self._left <= 0 or self._stream is None:
            return b""
        piece = cast("Bytes", await self._bucket.wait("GetObject", self._stream.read, min(self._left, _CHUNK)))
        self._left -= len(piece)
        return piece

    async def close(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            await self._bucket.wait("GetObject", stream.close)
