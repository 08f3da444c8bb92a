"""Removing blobs from S3."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from holdall.blob_drivers import Condition, Refused
from holdall.errors import HoldallError, Unavailable

from .._aws.errors import Refused as Refusal
from .errors import Asked, error_of
from .reads import info
from .writes import error_of_write

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .bucket import Bucket

_NOT_XML = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML 1.0 can't hold (section 2.2), and so no list of keys."""


async def delete(bucket: Bucket, key: str, match: str | None, version: str | None) -> None:
    """
    Remove a blob, or a version of it.

    Raises:
        Refused: Its ETag is not `match`.
    """
    if match is not None:
        # S3 finds nothing wrong with a key that is not there ("DeleteObject", Amazon S3 API Reference).
        current = await info(bucket, key, None)
        if current is None or current.etag != match:
            raise Refused(current)
    try:
        await _send(bucket, key, match, version)
    except Refusal as refused:
        raise await error_of_write(bucket, key, refused, "DeleteObject", Condition(match=match)) from refused.native


async def _send(bucket: Bucket, key: str, match: str | None, version: str | None) -> None:
    params: dict[str, Any] = bucket.key(key)
    if match is not None:
        params["IfMatch"] = match
    if version is not None:
        params["VersionId"] = version
    await bucket.attempt("DeleteObject", params)


async def delete_many(bucket: Bucket, keys: Sequence[str], parallel: int) -> Mapping[int, HoldallError]:
    """Remove blobs by one request, as far as it can name them; return the errors by place."""
    odd = {place: key for place, key in enumerate(keys) if _NOT_XML.search(key)}
    failed = await bucket.io.gather([_alone(bucket, key) for key in odd.values()], parallel=parallel)
    errors = {place: error for place, error in zip(odd, failed, strict=True) if error is not None}
    named = {bucket.prefix + key: place for place, key in enumerate(keys) if place not in odd}
    return {**errors, **(await _together(bucket, named) if named else {})}


async def _alone(bucket: Bucket, key: str) -> HoldallError | None:
    try:
        await delete(bucket, key, None, None)
    except HoldallError as error:
        return error
    return None


async def _together(bucket: Bucket, places: Mapping[str, int]) -> dict[int, HoldallError]:
    asked = {"Bucket": bucket.name, "Delete": {"Objects": [{"Key": key} for key in places], "Quiet": True}}
    answer = await bucket.call("DeleteObjects", asked)
    about = Asked("DeleteObjects", bucket.name, bucket.prefix)
    request = answer.get("ResponseMetadata", {}).get("RequestId")
    try:
        return {places[one["Key"]]: error_of(Refusal(one.get("Code", ""), one.get("Message", ""), 200, request), about)
                for one in answer.get("Errors", ())}  # fmt: skip
    except KeyError:
        raise Unavailable("S3 says of a key that was not asked for that it was not removed", backend="s3",
                          maybe_done=True, request_id=request) from None  # fmt: skip
