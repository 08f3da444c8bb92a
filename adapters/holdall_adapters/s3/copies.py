"""Copies within a bucket, which S3 makes by itself: by one request, or in parts where the blob is large."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.blob_drivers import BlobInfo, NewBlob, Refused
from holdall.errors import HoldallError, NotFound

from .._aws.errors import Refused as Refusal
from . import wire
from .bucket import is_false
from .reads import info, tags_of
from .uploads import begin
from .writes import error_of_write

if TYPE_CHECKING:

    from holdall.blob_drivers import BlobCapabilities, Condition

    from .bucket import Bucket

WHOLE = 5 << 30
"""Bytes that S3 copies by one request ("CopyObject", Amazon S3 API Reference)."""
PART = 512 << 20


async def copy(
    bucket: Bucket, capabilities: BlobCapabilities, source: BlobInfo, key: str, new: NewBlob | None,
    condition: Condition,
) -> BlobInfo:
    """
    Copy a blob.

    Raises:
        NotFound: The source is gone.
        Refused: The condition is false, or the source has changed.
    """
    origin: dict[str, Any] = {"Bucket": bucket.name, "Key": bucket.prefix + source.key}
    if source.version is not None:
        origin["VersionId"] = source.version
    asked = {"CopySource": origin, "CopySourceIfMatch": source.etag}
    kept = new or NewBlob(source.content_type or "", source.metadata, None, {})
    try:
        if source.size > WHOLE:
            return await _in_parts(bucket, capabilities, source, key, kept, asked, condition)
        return await _whole(bucket, source, key, kept, asked, condition, as_it_is=new is None)
    except Refusal as refused:
        raise await _error(bucket, source, key, refused, condition) from refused.native


async def _whole(
    bucket: Bucket, source: BlobInfo, key: str, kept: NewBlob, asked: dict[str, Any], condition: Condition,
    *, as_it_is: bool,
) -> BlobInfo:  # fmt: skip
    params = {**bucket.key(key), **bucket.stored, **asked, **wire.condition_params(condition)}
    # S3 refuses to copy a blob onto itself as it is.
    if not as_it_is or source.key == key:
        params |= {**wire.new_params(kept), "MetadataDirective": "REPLACE"}
    answer = await bucket.attempt("CopyObject", params)
    result: dict[str, Any] = {**answer["CopyObjectResult"], "VersionId": answer.get("VersionId")}
    return BlobInfo(
        key, source.size, result["ETag"], wire.utc(result["LastModified"]), kept.content_type or None,
        dict(kept.metadata),
        wire.checksum_from(result) or source.checksum, wire.version_of(result),
    )  # fmt: skip


async def _in_parts(
    bucket: Bucket, capabilities: BlobCapabilities, source: BlobInfo, key: str, kept: NewBlob, asked: dict[str, Any],
    condition: Condition,
) -> BlobInfo:  # fmt: skip
    tags = await tags_of(bucket, asked["CopySource"]) if capabilities.tags else {}
    algorithm = None if source.checksum is None else source.checksum.partition(":")[0]
    new = replace(kept, tags=tags, algorithm=algorithm)
    upload = await begin(bucket, key, new)
    spans = [(at, min(at + PART, source.size)) for at in range(0, source.size, PART)]
    jobs = [upload.copy(number, asked, *span) for number, span in enumerate(spans, 1)]
    try:
        await bucket.io.gather(jobs, parallel=capabilities.parallel)
        return await upload.complete(source.checksum, condition)
    except BaseException:
        # What can't be removed now is listed by `uploads()`; what went wrong before it counts.
        with contextlib.suppress(HoldallError):
            await upload.abort()
        raise


async def _error(bucket: Bucket, source: BlobInfo, key: str, refused: Refusal, condition: Condition) -> Exception:
    """Return what a refusal means, which does not say of which of the two blobs it is."""
    if is_false(refused) or refused.code in ("NoSuchKey", "NoSuchVersion"):
        now = await info(bucket, source.key, source.version)
        if now is None:
            return NotFound("there is no blob of the source's key")
        if is_false(refused) and now.etag != source.etag:
            return Refused(now)
    return await error_of_write(bucket, key, refused, "CopyObject", condition)
