"""Where each parameter of an operation goes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMS = {f"Checksum{name}": f"x-amz-checksum-{name.lower()}" for name in ("CRC32", "CRC64NVME", "SHA256")}
_CONDITIONS = {"IfMatch": "If-Match", "IfNoneMatch": "If-None-Match"}
_STORED = {
    "ContentType": "Content-Type",
    "Tagging": "x-amz-tagging",
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
    "StorageClass": "x-amz-storage-class",
}
_SOURCE = {"CopySource": "x-amz-copy-source", "CopySourceIfMatch": "x-amz-copy-source-if-match"}
_VERSION = {"VersionId": "versionId"}
_UPLOAD = {"UploadId": "uploadId"}
_READ = {"Range": "Range", "IfMatch": "If-Match", "ChecksumMode": "x-amz-checksum-mode"}


@frozen
class Operation:
    """
    One operation.

    Attributes:
        method: Its HTTP method.
        fixed: What its query always has.
        query: By parameter, the names in the query.
        headers: By parameter, the headers. `Metadata` has some of its own where the operation stores it.
        root: The root of the XML that the parameter `body` is sent as; empty where the body is bytes.
        body: The parameter that is the body; empty for none.
        summed: The body has a checksum, also where the caller gives none.
        slow: S3 may take long before the answer is done.
        result: The name under which an answer of XML is given; empty for the answer itself.
    """

    method: str
    fixed: tuple[tuple[str, str], ...] = ()
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    root: str = ""
    body: str = ""
    summed: bool = False
    slow: bool = False
    result: str = ""


_ENCODED = ("encoding-type", "url")
OPERATIONS: Mapping[str, Operation] = {
    "GetObject": Operation("GET", (), _VERSION, _READ),
    "HeadObject": Operation("HEAD", (), _VERSION, _READ),
    "PutObject": Operation("PUT", (), {}, {**_STORED, **SUMS, **_CONDITIONS}, body="Body", summed=True),
    "DeleteObject": Operation("DELETE", (), _VERSION, {"IfMatch": "If-Match"}),
    "DeleteObjects": Operation("POST", (("delete", ""),), root="Delete", body="Delete", summed=True),
    "ListObjectsV2": Operation(
        "GET", (_ENCODED, ("list-type", "2")),
        {"Prefix": "prefix", "Delimiter": "delimiter", "StartAfter": "start-after", "MaxKeys": "max-keys",
         "ContinuationToken": "continuation-token"},
    ),
    "ListObjectVersions": Operation(
        "GET", (_ENCODED, ("versions", "")),
        {"Prefix": "prefix", "KeyMarker": "key-marker", "VersionIdMarker": "version-id-marker", "MaxKeys": "max-keys"},
    ),
    "CopyObject": Operation(
        "PUT", (), {}, {**_SOURCE, **_STORED, **_CONDITIONS, "MetadataDirective": "x-amz-metadata-directive",
                        "TaggingDirective": "x-amz-tagging-directive", "ChecksumAlgorithm": "x-amz-checksum-algorithm"},
        slow=True, result="CopyObjectResult",
    ),
    "CreateMultipartUpload": Operation(
        "POST", (("uploads", ""),), {},
        {**_STORED, "ChecksumAlgorithm": "x-amz-checksum-algorithm", "ChecksumType": "x-amz-checksum-type"},
    ),
    "UploadPart": Operation("PUT", (), {"PartNumber": "partNumber", **_UPLOAD}, SUMS, body="Body", summed=True),
    "UploadPartCopy": Operation(
        "PUT", (), {"PartNumber": "partNumber", **_UPLOAD}, {**_SOURCE, "CopySourceRange": "x-amz-copy-source-range"},
        slow=True, result="CopyPartResult",
    ),
    "CompleteMultipartUpload": Operation(
        "POST", (), _UPLOAD, {**SUMS, **_CONDITIONS, "ChecksumType": "x-amz-checksum-type"},
        root="CompleteMultipartUpload", body="MultipartUpload", slow=True,
    ),
    "AbortMultipartUpload": Operation("DELETE", (), _UPLOAD),
    "ListMultipartUploads": Operation(
        "GET", (_ENCODED, ("uploads", "")),
        {"Prefix": "prefix", "KeyMarker": "key-marker", "UploadIdMarker": "upload-id-marker"},
    ),
    "ListParts": Operation("GET", (), {**_UPLOAD, "PartNumberMarker": "part-number-marker", "MaxParts": "max-parts"}),
    "GetObjectTagging": Operation("GET", (("tagging", ""),), _VERSION),
    "PutObjectTagging": Operation("PUT", (("tagging", ""),), _VERSION, root="Tagging", body="Tagging", summed=True),
    "HeadBucket": Operation("HEAD"),
    "CreateBucket": Operation("PUT", root="CreateBucketConfiguration", body="CreateBucketConfiguration"),
    "PutBucketVersioning": Operation("PUT", (("versioning", ""),), root="VersioningConfiguration",
                                     body="VersioningConfiguration", summed=True),
}  # fmt: skip

STORES_METADATA = frozenset({"PutObject", "CopyObject", "CreateMultipartUpload"})
STREAMED = frozenset({"GetObject"})
