"""Putting blobs into S3 whole, and what a refusal of any write means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall.blob_drivers import Refused

from .._aws.errors import Refused as Refusal
from . import wire
from .bucket import is_false
from .reads import info

if TYPE_CHECKING:
    from holdall.blob_drivers import BlobInfo, Bytes, Condition, NewBlob

    from .bucket import Bucket


async def put(
    bucket: Bucket, key: str, data: Bytes, new: NewBlob, checksum: str | None, condition: Condition
) -> BlobInfo:
    """
    Store a blob by one request.

    Raises:
        Refused: The condition is false.
    """
    params = {**bucket.key(key), **bucket.stored, **wire.new_params(new), "Body": data,
              **wire.checksum_params(checksum), **wire.condition_params(condition)}  # fmt: skip
    try:
        answer = await bucket.attempt("PutObject", params)
    except Refusal as refused:
        raise await error_of_write(bucket, key, refused, "PutObject", condition) from refused.native
    return wire.written_info(key, len(data), new, answer)


async def error_of_write(
    bucket: Bucket, key: str, refused: Refusal, operation: str, condition: Condition
) -> Exception:
    """Return what the refusal of a write means."""
    # S3 says that there is nothing to match as it says that a key is not there.
    if is_false(refused) or (condition.match is not None and refused.status == 404 and refused.code == "NoSuchKey"):
        return Refused(await info(bucket, key, None))
    return await bucket.meaning(refused, operation)
