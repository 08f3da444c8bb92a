"""
Blobs as S3's parameters and answers have them, and back. Pure.

S3 keeps metadata in headers, which hold ASCII: what is not plain there is written as one encoded word of RFC 2047, the
form in which S3 itself gives such values back (Amazon S3 User Guide, "Working with object metadata").
"""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from holdall._engine.blobs.checksums import Checksum
from holdall.blob_drivers import BlobInfo, Span
from holdall.errors import Unavailable

from .._aws.errors import BadAnswer
from .._aws.rest_xml.answers import http_date

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.blob_drivers import Bytes, Condition, NewBlob

_NAMES = {"crc32": "CRC32", "crc64nvme": "CRC64NVME", "sha256": "SHA256"}
_WHOLE = frozenset({"crc32", "crc64nvme"})
"""Those of which S3 keeps the sum of a whole blob that came in parts ("Checking object integrity in Amazon S3")."""
_WORD = re.compile(r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=", re.IGNORECASE)
_PLAIN = re.compile(r"(?!=\?)[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?|")


def metadata_to(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return metadata as headers can have it."""
    return {name: _word(value) for name, value in metadata.items()}


def _word(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    return f"=?UTF-8?B?{base64.b64encode(value.encode()).decode()}?="


def metadata_from(metadata: Mapping[str, str]) -> dict[str, str]:
    """Return metadata as it was given; what another program has written stays as it is."""
    return {name.lower(): _unworded(value) for name, value in metadata.items()}


def _unworded(value: str) -> str:
    word = _WORD.fullmatch(value)
    try:
        return value if word is None else base64.b64decode(word[1], validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return value


def new_params(new: NewBlob) -> dict[str, Any]:
    """Return the parameters for what is stored beside the bytes."""
    params: dict[str, Any] = {"ContentType": new.content_type, "Metadata": metadata_to(new.metadata)}
    if new.tags:
        params["Tagging"] = urlencode(new.tags)
    return params


def condition_params(condition: Condition) -> dict[str, str]:
    """Return the parameters for a condition on what is written."""
    if condition.absent:
        return {"IfNoneMatch": "*"}
    return {} if condition.match is None else {"IfMatch": condition.match}


def algorithm_params(algorithm: str | None) -> dict[str, str]:
    """Return the parameters of an upload for how it is summed up; without one of ours S3 gets the usual one."""
    params = {"ChecksumAlgorithm": _NAMES[algorithm or "crc32"]}
    if algorithm in _WHOLE:
        params["ChecksumType"] = "FULL_OBJECT"
    return params


def checksum_params(checksum: str | None) -> dict[str, str]:
    """Return the parameter for a checksum such as "crc32:9ae0daaf"."""
    if checksum is None:
        return {}
    algorithm, _, digits = checksum.partition(":")
    return {f"Checksum{_NAMES[algorithm]}": base64.b64encode(bytes.fromhex(digits)).decode()}


def whole_params(checksum: str | None) -> dict[str, str]:
    """Return the parameters for the checksum of a blob that came in parts, where S3 keeps it."""
    if checksum is None or checksum.partition(":")[0] not in _WHOLE:
        return {}
    return {**checksum_params(checksum), "ChecksumType": "FULL_OBJECT"}


def checksum_from(answer: Mapping[str, Any]) -> str | None:
    """Return the checksum of the whole blob that an answer tells; None where it tells none, or one of parts."""
    if answer.get("ChecksumType") == "COMPOSITE":
        return None
    for algorithm, name in _NAMES.items():
        text = answer.get(f"Checksum{name}")
        if text and "-" not in text:
            return f"{algorithm}:{base64.b64decode(text).hex()}"
    return None


def part_checksums(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return the checksums of a part, to be told again when the upload is completed."""
    return {f"Checksum{name}": answer[f"Checksum{name}"] for name in _NAMES.values() if answer.get(f"Checksum{name}")}


def range_of(span: Span) -> str | None:
    """Return the header Range of a part; None for the whole. The part is not empty."""
    if span.last is not None:
        return f"bytes=-{span.last}"
    if span.end is not None:
        return f"bytes={span.start}-{span.end - 1}"
    return f"bytes={span.start}-" if span.start else None


def is_empty(span: Span) -> bool:
    """Return whether a part has no bytes, whatever the blob: no range says that."""
    return span.last == 0 or (span.end is not None and span.end <= span.start)


def size_of(answer: Mapping[str, Any], span: Span | None) -> int:
    """
    Return the size of the whole blob, of which a part was asked for.

    Raises:
        Unavailable: The answer holds another part.
    """
    length, said = int(answer["ContentLength"]), answer.get("ContentRange")
    size = length if not said else int(str(said).rpartition("/")[2])
    start, end = (span or Span()).within(size)
    if length != end - start or (said and not str(said).startswith(f"bytes {start}-")):
        raise Unavailable("S3 gave another part of the blob than was asked for", backend="s3")
    return size


def info_of(key: str, answer: Mapping[str, Any]) -> BlobInfo:
    """Return what the answer to GetObject or HeadObject tells of a blob; the size is that of what it holds."""
    return BlobInfo(
        key, int(answer["ContentLength"]), answer["ETag"], utc(answer["LastModified"]), answer.get("ContentType"),
        metadata_from(answer.get("Metadata", {})), checksum_from(answer), version_of(answer),
    )  # fmt: skip


def version_of(answer: Mapping[str, Any]) -> str | None:
    """Return the version that an answer tells; None where the bucket keeps none."""
    version = answer.get("VersionId")
    return None if version in (None, "", "null") else str(version)


def written_info(key: str, size: int, new: NewBlob, answer: Mapping[str, Any]) -> BlobInfo:
    """Return what is known of a blob that was just written, which S3 takes for changed when it began to come."""
    return BlobInfo(key, size, answer["ETag"], answered_at(answer), new.content_type, dict(new.metadata),
                    checksum_from(answer), version_of(answer))  # fmt: skip


def listed_info(key: str, entry: Mapping[str, Any]) -> BlobInfo:
    """Return what a list tells of a blob."""
    return BlobInfo(key, int(entry["Size"]), entry["ETag"], utc(entry["LastModified"]))


def answered_at(answer: Mapping[str, Any]) -> datetime:
    """Return when the service answered, by its clock, to the second; by ours where it does not say."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date", "")
    try:
        return http_date(text)
    except BadAnswer:
        return datetime.now(timezone.utc)


def sum_of(algorithm: str | None, data: Bytes) -> str | None:
    """Return the checksum of a part."""
    check = Checksum(algorithm)
    check.update(data)
    return check.text()


def utc(instant: datetime) -> datetime:
    """Return an instant in UTC."""
    return instant.astimezone(timezone.utc)
