"""Making a bucket, for development."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._aws.errors import Refused as Refusal

if TYPE_CHECKING:
    from .bucket import Bucket

_FIRST = "us-east-1"
"""The region that CreateBucket must not be told ("CreateBucket", Amazon S3 API Reference)."""


async def provide(bucket: Bucket, *, versions: bool) -> None:
    """Make the bucket where it is not there, and turn versions on where they are wanted."""
    try:
        await bucket.attempt("HeadBucket", {"Bucket": bucket.name})
    except Refusal as refused:
        if refused.status != 404:
            raise await bucket.meaning(refused, "HeadBucket") from refused.native
        await _create(bucket)
    if versions:
        status = {"Status": "Enabled"}
        await bucket.call("PutBucketVersioning", {"Bucket": bucket.name, "VersioningConfiguration": status})


async def _create(bucket: Bucket) -> None:
    params: dict[str, Any] = {"Bucket": bucket.name}
    region = bucket.calls.region
    if region not in (None, _FIRST):
        params["CreateBucketConfiguration"] = {"LocationConstraint": region}
    try:
        await bucket.attempt("CreateBucket", params)
    except Refusal as refused:
        # Another process was faster.
        if refused.code != "BucketAlreadyOwnedByYou":
            raise await bucket.meaning(refused, "CreateBucket") from refused.native
