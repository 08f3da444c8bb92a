"""Blobs that go to S3 in parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.blob_drivers import UploadGone, UploadInfo

from .._aws.errors import Refused as Refusal
from . import wire
from .writes import error_of_write

if TYPE_CHECKING:
    from holdall.blob_drivers import BlobInfo, Bytes, Condition, NewBlob

    from .bucket import Bucket


class S3Upload:
    """One multipart upload."""

    def __init__(self, bucket: Bucket, key: str, new: NewBlob, upload: str) -> None:
        self._bucket = bucket
        self._key = key
        self._new = new
        self._params = {**bucket.key(key), "UploadId": upload}
        self._parts: dict[int, dict[str, Any]] = {}
        self._sizes: dict[int, int] = {}

    async def put(self, number: int, data: Bytes, checksum: str | None) -> None:
        summed = wire.checksum_params(checksum or wire.sum_of(self._new.algorithm, data))
        answer = await self._send("UploadPart", {**self._params, "PartNumber": number, "Body": data, **summed})
        self._made(number, len(data), answer)

    async def copy(self, number: int, source: dict[str, Any], start: int, end: int) -> None:
        """Have S3 take a part from another blob."""
        span = f"bytes={start}-{end - 1}"
        answer = await self._send(
            "UploadPartCopy", {**self._params, "PartNumber": number, "CopySourceRange": span, **source}
        )
        self._made(number, end - start, answer["CopyPartResult"])

    def _made(self, number: int, size: int, answer: dict[str, Any]) -> None:
        self._parts[number] = {"PartNumber": number, "ETag": answer["ETag"], **wire.part_checksums(answer)}
        self._sizes[number] = size

    async def _send(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return await self._bucket.attempt(operation, params)
        except Refusal as refused:
            if refused.code == "NoSuchUpload":
                raise UploadGone from refused.native
            if operation == "UploadPartCopy":
                raise
            raise await self._bucket.meaning(refused, operation) from refused.native

    async def complete(self, checksum: str | None, condition: Condition) -> BlobInfo:
        parts = [self._parts[number] for number in sorted(self._parts)]
        params = {**self._params, "MultipartUpload": {"Parts": parts}, **wire.whole_params(checksum),
                  **wire.condition_params(condition)}  # fmt: skip
        try:
            answer = await self._bucket.attempt("CompleteMultipartUpload", params)
        except Refusal as refused:
            if refused.code == "NoSuchUpload":
                raise UploadGone from refused.native
            raise await error_of_write(
                self._bucket, self._key, refused, "CompleteMultipartUpload", condition
            ) from refused.native
        return wire.written_info(self._key, sum(self._sizes.values()), self._new, answer)

    async def abort(self) -> None:
        await abort(self._bucket, self._key, self._params["UploadId"])


async def begin(bucket: Bucket, key: str, new: NewBlob) -> S3Upload:
    """Begin an upload."""
    params = {**bucket.key(key), **bucket.stored, **wire.new_params(new), **wire.algorithm_params(new.algorithm)}
    answer = await bucket.call("CreateMultipartUpload", params)
    return S3Upload(bucket, key, new, answer["UploadId"])


async def abort(bucket: Bucket, key: str, upload: str) -> None:
    """Remove an upload. Fine if it is gone."""
    try:
        await bucket.attempt("AbortMultipartUpload", {**bucket.key(key), "UploadId": upload})
    except Refusal as refused:
        if refused.status != 404:
            raise await bucket.meaning(refused, "AbortMultipartUpload") from refused.native


async def unfinished(bucket: Bucket, prefix: str) -> list[UploadInfo]:
    """Return the uploads that were begun and not ended."""
    found: list[UploadInfo] = []
    params: dict[str, Any] = {"Bucket": bucket.name, "Prefix": bucket.prefix + prefix}
    while True:
        answer = await bucket.call("ListMultipartUploads", params)
        found += [UploadInfo(bucket.shown(one["Key"]), one["UploadId"], one["Initiated"])
                  for one in answer.get("Uploads", ())]  # fmt: skip
        if not answer["IsTruncated"]:
            return found
        params |= {"KeyMarker": answer["NextKeyMarker"], "UploadIdMarker": answer["NextUploadIdMarker"]}
