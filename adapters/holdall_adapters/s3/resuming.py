"""Uploads that are gone on with. S3 itself keeps what was sent, so nothing is remembered here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._aws.errors import Refused as Refusal
from . import wire
from .uploads import S3Upload, unfinished

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.blob_drivers import NewBlob

    from .bucket import Bucket


class ResumedS3Upload(S3Upload):
    """A multipart upload with parts of before, each of which counts once it is kept."""

    def __init__(self, bucket: Bucket, key: str, new: NewBlob, upload: str, parts: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(bucket, key, new, upload)
        self._before = {int(part["PartNumber"]): dict(part) for part in parts}
        # Here, since each of up to 10,000 parts is looked for in it.
        self._there = {number: (int(part["Size"]), wire.checksum_from(part)) for number, part in self._before.items()}

    @property
    def there(self) -> Mapping[int, tuple[int, str | None]]:
        return self._there

    def keep(self, number: int) -> None:
        self._made(number, self._there[number][0], self._before[number])


async def resume(bucket: Bucket, key: str, new: NewBlob) -> ResumedS3Upload | None:
    """Return the youngest unfinished upload of a key that was begun as ours are; None for none."""
    found = [one for one in await unfinished(bucket, key) if one.key == key]
    for one in sorted(found, key=lambda one: one.begun, reverse=True):
        parts = await _parts(bucket, key, one.id, wire.algorithm_params(new.algorithm))
        if parts is not None:
            return ResumedS3Upload(bucket, key, new, one.id, parts)
    return None


async def _parts(bucket: Bucket, key: str, upload: str, summed: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return the parts of an upload; None where it is gone, or S3 does not sum it up as `summed` says."""
    parts: list[Mapping[str, Any]] = []
    params: dict[str, Any] = {**bucket.key(key), "UploadId": upload}
    while True:
        try:
            answer = await bucket.attempt("ListParts", params)
        except Refusal as refused:
            if refused.code == "NoSuchUpload":
                return None
            raise await bucket.meaning(refused, "ListParts") from refused.native
        if any(answer.get(name) != value for name, value in summed.items()):
            return None
        parts += answer.get("Parts", ())
        if not answer["IsTruncated"]:
            return parts
        params["PartNumberMarker"] = answer["NextPartNumberMarker"]
