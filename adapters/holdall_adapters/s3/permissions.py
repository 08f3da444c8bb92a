"""
Which rights each verb needs. Pure.

What an operation needs is after the Service Authorization Reference ("Actions, resources, and condition keys for Amazon
S3") and "Required permissions for Amazon S3 API operations" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "GetObject": ("GetObject",),
    "HeadObject": ("GetObject",),
    "PutObject": ("PutObject",),
    "DeleteObject": ("DeleteObject",),
    "DeleteObjects": ("DeleteObject",),
    "ListObjectsV2": ("ListBucket",),
    "ListObjectVersions": ("ListBucketVersions",),
    "CopyObject": ("GetObject", "GetObjectTagging", "PutObject", "PutObjectTagging"),
    "CreateMultipartUpload": ("PutObject",),
    "UploadPart": ("PutObject",),
    "UploadPartCopy": ("GetObject", "PutObject"),
    "CompleteMultipartUpload": ("PutObject",),
    "AbortMultipartUpload": ("AbortMultipartUpload",),
    "ListMultipartUploads": ("ListBucketMultipartUploads",),
    "ListParts": ("ListMultipartUploadParts",),
    "GetObjectTagging": ("GetObjectTagging",),
    "PutObjectTagging": ("PutObjectTagging",),
    "HeadBucket": ("ListBucket",),
    "CreateBucket": ("CreateBucket",),
    "PutBucketVersioning": ("PutBucketVersioning",),
}
"""The IAM actions of each operation in use, without "s3:"."""

PLACES = ("on the bucket", "on what is in it")
"""Where the rights are given."""
OF_BUCKET = frozenset({"HeadBucket", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads", "CreateBucket",
                       "PutBucketVersioning"})  # fmt: skip
"""Those that are allowed on the bucket, not on what is in it."""

VERBS: Mapping[str, tuple[str, ...]] = {
    "`get`, `require`": ("GetObject",),
    "`open` for reading, `download`": ("HeadObject", "GetObject"),
    "`info`, `exists`": ("HeadObject",),
    "`put`, `upload`, `open` for writing": ("PutObject", "CreateMultipartUpload", "UploadPart",
                                            "CompleteMultipartUpload", "AbortMultipartUpload"),
    "`upload`, `sync` with `resume=True`": (
        "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload", "AbortMultipartUpload",
        "ListMultipartUploads", "ListParts", "HeadObject", "CopyObject",
    ),
    "`list`": ("ListObjectsV2",),
    "`delete`": ("DeleteObject",),
    "`delete_many`": ("DeleteObjects", "DeleteObject"),
    "`delete_prefix`": ("ListObjectsV2", "DeleteObjects"),
    "`copy`": ("HeadObject", "CopyObject"),
    "`move`": ("HeadObject", "CopyObject", "DeleteObject"),
    "`tags`": ("GetObjectTagging",),
    "`set_tags`": ("PutObjectTagging",),
    "`versions`": ("ListObjectVersions",),
    "`uploads`": ("ListMultipartUploads",),
    "`abort_uploads`": ("ListMultipartUploads", "AbortMultipartUpload"),
    "`provision`": ("HeadBucket", "CreateBucket", "PutBucketVersioning"),
}  # fmt: skip
"""The operations that each verb may send."""


def rights_of(verb: str) -> tuple[list[str], list[str]]:
    """Return the IAM actions that a verb needs: those on the bucket, and those on what is in it."""
    groups: tuple[set[str], set[str]] = set(), set()
    for operation in VERBS[verb]:
        groups[operation not in OF_BUCKET].update(f"s3:{action}" for action in ACTIONS[operation])
    return sorted(groups[0]), sorted(groups[1])
