"""S3 as the clients need to know it, and the connection to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._aws.client import connect
from .._aws.services import Service
from .answers import returned

if TYPE_CHECKING:
    from holdall.blob_drivers import BlobOpening
    from holdall.io import Io

    from .._aws.client import Calls
    from .._aws.connection import Connection

_OPERATIONS = (
    "GetObject", "HeadObject", "PutObject", "DeleteObject", "DeleteObjects", "ListObjectsV2", "ListObjectVersions",
    "CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload",
    "AbortMultipartUpload", "ListMultipartUploads", "ListParts", "GetObjectTagging", "PutObjectTagging",
    "HeadBucket", "CreateBucket", "PutBucketVersioning",
)  # fmt: skip

SERVICE = Service(
    name="s3",
    title="S3",
    protocol="rest-xml",
    target="",
    operations=dict.fromkeys(_OPERATIONS, "/"),
    plain=frozenset(),
    returned=returned,
    kinds={},
)


def open_calls(connection: Connection, opening: BlobOpening) -> tuple[Calls, Io]:
    """
    Return the client that serves a connection, not yet made, and the way to wait for it.

    Raises:
        ConfigError: The package that it needs is not installed, or the lean client is asked for where it can't serve.
        InvalidArgument: The caller's own client is of another kind.
    """
    return connect(SERVICE, connection, opening)
