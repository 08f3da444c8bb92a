"""What S3's answers always hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALWAYS: dict[str, tuple[str, ...]] = {
    "GetObject": ("Body", "ContentLength", "ETag", "LastModified"),
    "HeadObject": ("ContentLength", "ETag", "LastModified"),
    "PutObject": ("ETag",),
    "ListObjectsV2": ("IsTruncated", "Name"),
    "ListObjectVersions": ("IsTruncated", "Name"),
    "CopyObject": ("CopyObjectResult",),
    "CreateMultipartUpload": ("UploadId",),
    "UploadPart": ("ETag",),
    "UploadPartCopy": ("CopyPartResult",),
    "CompleteMultipartUpload": ("ETag",),
    "ListMultipartUploads": ("IsTruncated",),
    "ListParts": ("IsTruncated",),
    "GetObjectTagging": ("TagSet",),
}


def returned(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG001 - as other services need it
    """Return the names that an answer to an operation always has."""
    return _ALWAYS.get(operation, ())
