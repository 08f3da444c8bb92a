"""What S3 refuses, rule by rule. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import xml.etree.ElementTree as ET
import zlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote

from .requests import HttpRequest, RequestRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_RANGE = re.compile(r"bytes=(\d+-\d*|-\d+)")
_ETAG = re.compile(r'"[^"]*"')
_SUMS = {"crc32": 4, "crc64nvme": 8, "sha256": 32}
_CLASSES = {"STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
            "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE", "OUTPOSTS", "SNOW", "FSX_OPENZFS"}  # fmt: skip
_ENCRYPTIONS = {"AES256", "aws:kms", "aws:kms:dsse"}
_MIB = 1 << 20


def check(request: HttpRequest) -> None:
    """
    Check a request against all rules.

    Raises:
        RequestRefused: S3 would refuse it; the message says by which rule.
    """
    for rule in RULES:
        for problem in rule(request):
            raise RequestRefused(f"{rule.__name__.strip('_')}: {problem} ({request.method} {request.target[:200]})")


def _keys(request: HttpRequest) -> Iterator[str]:
    # "Creating object key names", Amazon S3 User Guide: UTF-8, at most 1,024 bytes.
    try:
        key = request.key
    except UnicodeDecodeError:
        yield "the key is no UTF-8"
        return
    if len(key.encode()) > 1024:
        yield "the key has more than 1,024 bytes"
    if not re.fullmatch(r"[A-Za-z0-9\-_.~/%]*", request.target.partition("?")[0]):
        yield "the path has characters that are not encoded"


def _signatures(request: HttpRequest) -> Iterator[str]:
    # "Authenticating Requests: Using the Authorization Header": host and all x-amz- headers are signed.
    said = re.search(r"SignedHeaders=([^,]+)", request.header("authorization") or "")
    if said is None or request.header("x-amz-date") is None:
        yield "there is no signature"
        return
    needed = {name.lower() for name in request.headers if name.lower().startswith("x-amz-")} | {"host"}
    if left := needed - set(said[1].split(";")) - {"x-amzn-trace-id"}:
        yield f"{', '.join(sorted(left))} is not signed"
    hashed = request.header("x-amz-content-sha256")
    if hashed != "UNSIGNED-PAYLOAD" and hashed != hashlib.sha256(request.body).hexdigest():
        yield "x-amz-content-sha256 is not that of the body"


def _metadata(request: HttpRequest) -> Iterator[str]:
    # "Working with object metadata": 2 KB of names and values in US-ASCII.
    found = {name[11:]: value for name, value in request.headers.items() if name.lower().startswith("x-amz-meta-")}
    if not all(text.isascii() and text.isprintable() for pair in found.items() for text in pair):
        yield "metadata is no printable ASCII"
    if sum(len(text) for pair in found.items() for text in pair) > 2048:
        yield "metadata has more than 2,048 bytes"


def _tags(request: HttpRequest) -> Iterator[str]:
    # "Categorizing your storage using tags": 10 tags, keys of 128 and values of 256 characters.
    text = request.header("x-amz-tagging")
    tags = [] if text is None else parse_qsl(text, keep_blank_values=True, strict_parsing=True)
    if "tagging" in request.query and request.method == "PUT":
        tags = [(tag.findtext("{*}Key") or "", tag.findtext("{*}Value") or "")
                for tag in ET.fromstring(request.body).iter() if tag.tag.endswith("}Tag")]
    if len(tags) > 10 or any(not 1 <= len(name) <= 128 or len(value) > 256 for name, value in tags):
        yield "there are too many tags, or too long ones"


def _conditions(request: HttpRequest) -> Iterator[str]:
    # "Conditional writes" and "Conditional deletes": If-None-Match takes * only; neither serves a part.
    absent, match = request.header("if-none-match"), request.header("if-match")
    completes = request.method == "POST" and "uploadId" in request.query
    writes = (request.method == "PUT" and not request.query) or completes
    if absent is not None and (absent != "*" or not writes):
        yield "If-None-Match takes * only, on a put, a copy or the completion of an upload"
    if match is not None and not (writes or request.method in ("GET", "HEAD", "DELETE")):
        yield "If-Match is of no use here"
    if match is not None and not _ETAG.fullmatch(match):
        yield "If-Match takes an ETag, in quotes"
    if absent is not None and match is not None:
        yield "both conditions can't be true"


def _ranges(request: HttpRequest) -> Iterator[str]:
    for name in ("range", "x-amz-copy-source-range"):
        text = request.header(name)
        if text is None:
            continue
        found = _RANGE.fullmatch(text)
        start, _, end = (found[1] if found else "").partition("-")
        # A range that ends before it begins is no range, and would give the whole (RFC 9110, section 14.1.1).
        if found is None or text == "bytes=-0" or (start and end and int(end) < int(start)):
            yield f"{name} is no range"


def _sources(request: HttpRequest) -> Iterator[str]:
    # "CopyObject", x-amz-copy-source: bucket/key, encoded.
    text = request.header("x-amz-copy-source")
    if text is None:
        return
    bucket, slash, key = text.partition("?")[0].lstrip("/").partition("/")
    if not bucket or not slash or not unquote(key) or not text.isascii() or " " in text:
        yield "x-amz-copy-source names no blob"


def _parts(request: HttpRequest) -> Iterator[str]:
    # "Amazon S3 multipart upload limits".
    number = request.query.get("partNumber")
    if number is None:
        return
    if not 1 <= int(number) <= 10_000 or "uploadId" not in request.query:
        yield "a part has a number from 1 to 10,000, and an upload"
    if len(request.body) > 5 << 30:
        yield "a part has more than 5 GiB"


def _completions(request: HttpRequest) -> Iterator[str]:
    if request.method != "POST" or "uploadId" not in request.query:
        return
    root = ET.fromstring(request.body)
    numbers = [int(part.findtext("{*}PartNumber") or 0) for part in root]
    if not numbers or numbers != sorted(set(numbers)) or not all(part.findtext("{*}ETag") for part in root):
        yield "the parts are not in order, each with its ETag"


def _checksums(request: HttpRequest) -> Iterator[str]:
    # "Checking object integrity in Amazon S3": base64 of the sum's bytes, big-endian.
    whole_is_here = request.method == "PUT" and request.header("x-amz-copy-source") is None
    for name, size in _SUMS.items():
        text = request.header(f"x-amz-checksum-{name}")
        if text is None:
            continue
        try:
            found = base64.b64decode(text, validate=True)
        except binascii.Error:
            found = b""
        if len(found) != size:
            yield f"x-amz-checksum-{name} is none"
        elif whole_is_here and name in _MAKERS and found != _MAKERS[name](request.body):
            yield f"x-amz-checksum-{name} is not that of the body"


_MAKERS: dict[str, Callable[[bytes], bytes]] = {
    "crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "sha256": lambda body: hashlib.sha256(body).digest(),
}


def _removals(request: HttpRequest) -> Iterator[str]:
    # "DeleteObjects": up to 1,000 keys, and a checksum of the body.
    if request.method != "POST" or "delete" not in request.query:
        return
    keys = [one.findtext("{*}Key") for one in ET.fromstring(request.body) if one.tag.endswith("}Object")]
    if not 1 <= len(keys) <= 1000 or not all(keys):
        yield "1 to 1,000 keys are removed by one request"
    if request.header("content-md5") is None and request.header("x-amz-checksum-crc32") is None:
        yield "the body has no checksum"


def _lists(request: HttpRequest) -> Iterator[str]:
    if "list-type" in request.query and not 0 <= int(request.query.get("max-keys", "1000")) <= 1000:
        yield "a page has 1,000 keys at most"


def _storage(request: HttpRequest) -> Iterator[str]:
    if request.header("x-amz-storage-class") not in (None, *_CLASSES):
        yield "there is no such storage class"
    if request.header("x-amz-server-side-encryption") not in (None, *_ENCRYPTIONS):
        yield "there is no such encryption"


def _sizes(request: HttpRequest) -> Iterator[str]:
    # "PutObject": 5 GiB by one request; "REST error responses", RequestHeaderSectionTooLarge: 8 KB of headers.
    if sum(len(name) + len(value) for name, value in request.headers.items()) > 8192:
        yield "the headers have more than 8 KB"
    if len(request.body) > 5120 * _MIB:
        yield "the body has more than 5 GiB"


RULES: tuple[Callable[[HttpRequest], Iterator[str]], ...] = (
    _keys, _signatures, _metadata, _tags, _conditions, _ranges, _sources, _parts, _completions, _checksums, _removals,
    _lists, _storage, _sizes,
)  # fmt: skip
