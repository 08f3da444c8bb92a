"""From an answer to what boto3 would return for it, as far as it is read here. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from ..checks import check_rest
from ..errors import BadAnswer, Refused, seconds_to_wait
from .operations import STREAMED, SUMS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..protocol import Answer
    from .operations import Operation

_HEADERS = {
    "etag": "ETag", "content-type": "ContentType", "content-range": "ContentRange", "x-amz-version-id": "VersionId",
    "x-amz-checksum-type": "ChecksumType", "x-amz-storage-class": "StorageClass",
    "x-amz-server-side-encryption": "ServerSideEncryption",
    "x-amz-server-side-encryption-aws-kms-key-id": "SSEKMSKeyId", "accept-ranges": "AcceptRanges",
    **{header: name for name, header in SUMS.items()},
}  # fmt: skip
_META = "x-amz-meta-"
_LISTS = {"Contents", "Version", "DeleteMarker", "Upload", "Part", "CommonPrefixes", "Error", "Deleted"}
_NAMES = {"Version": "Versions", "DeleteMarker": "DeleteMarkers", "Upload": "Uploads", "Part": "Parts",
          "Error": "Errors"}  # fmt: skip
_ENCODED = {"Key", "Prefix", "KeyMarker", "NextKeyMarker", "Delimiter", "StartAfter"}
_NAMESPACE = re.compile(rb' xmlns="[^"]*"')
_MONTHS = {name: number for number, name in enumerate(
    ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}  # fmt: skip


def read_answer(operation: str, spec: Operation, answer: Answer) -> dict[str, Any]:
    """
    Return what an accepted request gives.

    Raises:
        BadAnswer: The answer was cut short or garbled.
        Refused: S3 accepted the request, and then failed all the same.
    """
    streamed = operation in STREAMED
    check_rest(answer.headers, None if streamed else bytes(answer.body), spec.method)
    found = _of_headers(answer.headers)
    found["ResponseMetadata"] = {
        "RequestId": answer.headers.get("x-amz-request-id"), "HostId": answer.headers.get("x-amz-id-2"),
        "HTTPStatusCode": answer.status, "HTTPHeaders": answer.headers,
    }  # fmt: skip
    if streamed or spec.method == "HEAD":
        _add_entity(found, answer.headers)
        if streamed:
            found["Body"] = answer.body
    elif answer.body:
        found.update(_of_document(spec, answer))
    return found


def _of_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    return {_HEADERS[name]: value for name, value in headers.items() if name in _HEADERS}


def _add_entity(found: dict[str, Any], headers: Mapping[str, str]) -> None:
    found["Metadata"] = {name[len(_META) :]: value for name, value in headers.items() if name.startswith(_META)}
    if "content-length" in headers:
        found["ContentLength"] = int(headers["content-length"])
    if "last-modified" in headers:
        found["LastModified"] = http_date(headers["last-modified"])


def http_date(text: str) -> datetime:
    """
    Return an instant such as "Fri, 27 Nov 2026 20:00:20 GMT" (RFC 9110, section 5.6.7).

    Raises:
        BadAnswer: It is in another form.
    """
    try:
        return datetime(int(text[12:16]), _MONTHS[text[8:11]], int(text[5:7]), int(text[17:19]), int(text[20:22]),
                        int(text[23:25]), tzinfo=timezone.utc)  # fmt: skip
    except (ValueError, KeyError):
        raise BadAnswer("the answer has a date in an unknown form") from None


def _of_document(spec: Operation, answer: Answer) -> dict[str, Any]:
    root = _parsed(bytes(answer.body))
    if root.tag == "Error":
        # With 200, since S3 had begun to answer to keep the connection alive.
        raise _refused({child.tag: child.text or "" for child in root}, answer, 500)
    try:
        found = _of_root(root)
    except (ValueError, TypeError):
        raise BadAnswer("the answer has a value of another kind") from None
    return {spec.result: found} if spec.result else found


def _parsed(body: bytes) -> Any:
    # Imported here: reading and writing single blobs needs no XML.
    import xml.etree.ElementTree as ET

    if b"<!" in body.replace(b"<![CDATA[", b""):
        raise BadAnswer("the answer declares a type of document, which S3's never do")
    try:
        # A namespace would stand before each name; there is one only.
        return ET.fromstring(_NAMESPACE.sub(b"", body.lstrip(), count=1))  # noqa: S314 - without a DOCTYPE, as seen above
    except ET.ParseError:
        raise BadAnswer("the answer is no XML") from None


def _of_root(root: Any) -> dict[str, Any]:
    decode = _decoder(root.findtext("EncodingType") == "url")
    found: dict[str, Any] = {}
    for child in root:
        name: str = child.tag
        if name in _LISTS:
            found.setdefault(_NAMES.get(name, name), []).append(_entry(child, decode))
        elif name == "TagSet":
            found[name] = [_entry(tag, decode) for tag in child]
        elif len(child):
            found[name] = _entry(child, decode)
        else:
            found[name] = _value(name, child.text or "", decode)
    return found


def _decoder(encoded: bool) -> Callable[[str], str]:
    return (lambda text: unquote_plus(text) if "%" in text or "+" in text else text) if encoded else str


def _entry(element: Any, decode: Callable[[str], str]) -> dict[str, Any]:
    return {child.tag: _value(child.tag, child.text or "", decode) for child in element}


def _value(name: str, text: str, decode: Callable[[str], str]) -> Any:
    if name in _ENCODED:
        return decode(text)
    read = _KINDS.get(name)
    return text if read is None else read(text)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(f"{text[:-1]}+00:00" if text.endswith("Z") else text)


_KINDS: dict[str, Callable[[str], Any]] = {
    "PartNumber": int, "PartNumberMarker": int, "NextPartNumberMarker": int, "MaxParts": int,
    "Size": int, "LastModified": _instant, "Initiated": _instant, "MaxKeys": int, "KeyCount": int, "MaxUploads": int,
    "IsTruncated": lambda text: text == "true", "IsLatest": lambda text: text == "true",
}  # fmt: skip


def read_refusal(answer: Answer) -> Refused:
    """Return what S3 says to a request that it did not accept. An answer to HEAD has no body, and says its status."""
    # Imported here: it brings a table of all entities of HTML, and most programs are never refused.
    from html import unescape

    text = bytes(answer.body).decode(errors="replace")
    said = {name: unescape(value) for name, value in re.findall(r"<(\w+)>([^<]*)</\1>", text)}
    return _refused(said, answer, answer.status)


def _refused(said: Mapping[str, str], answer: Answer, status: int) -> Refused:
    headers = answer.headers
    return Refused(
        said.get("Code") or str(status), said.get("Message", ""), status,
        headers.get("x-amz-request-id") or said.get("RequestId"), retry_after=seconds_to_wait(headers),
        host_id=headers.get("x-amz-id-2") or said.get("HostId"),
        region=headers.get("x-amz-bucket-region") or said.get("Region"),
    )  # fmt: skip
