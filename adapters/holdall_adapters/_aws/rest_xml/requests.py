"""From an operation and its parameters to a request, all but its signature. Pure."""

from __future__ import annotations

import base64
import re
import zlib
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import quote

from holdall.errors import InvalidArgument

from .operations import OPERATIONS, STORES_METADATA

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAFE = "-_.~"
_MEMBERS = {"Objects": "Object", "Parts": "Part", "TagSet": "Tag"}
"""By the name of a list, that of its elements; tags alone have an element around them."""
_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_ODD = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;", "\n": "&#xA;"})
"""Ends of lines as numbers, since XML would make others of them."""
_REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Prepared(NamedTuple):
    """
    A request to a bucket.

    Attributes:
        bucket: The bucket's name.
        key: The blob's key, encoded as it stands in a path; empty for a request about the bucket itself.
        query: As it is sent and signed, names in order.
        headers: Those of the operation.
        body: What is sent; bytes of the caller's as they are.
        is_document: The body is XML made here.
    """

    method: str
    bucket: str
    key: str
    query: str
    headers: dict[str, str]
    body: Any
    is_document: bool


def prepared(operation: str, params: Mapping[str, Any]) -> Prepared:
    """
    Return the request for an operation.

    Raises:
        TypeError: A parameter is none of the operation's.
        InvalidArgument: A text can't be sent as XML, or in a header.
    """
    spec = OPERATIONS[operation]
    query, headers = list(spec.fixed), dict[str, str]()
    body: Any = b""
    for name, value in params.items():
        if name in spec.headers:
            headers[spec.headers[name]] = _copy_source(value) if name == "CopySource" else str(value)
        elif name in spec.query:
            query.append((spec.query[name], str(value)))
        elif name == spec.body:
            body = value if not spec.root else document(spec.root, value)
        elif name == "Metadata" and operation in STORES_METADATA:
            headers.update((f"x-amz-meta-{key}", text) for key, text in value.items())
        elif name not in ("Bucket", "Key"):
            raise TypeError(f"{operation} has no parameter {name}")
    _check(headers)
    if spec.summed and not any(name.startswith("x-amz-checksum-") for name in headers):
        headers["x-amz-checksum-crc32"] = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    key = quote(str(params.get("Key", "")), safe=f"/{_SAFE}")
    return Prepared(spec.method, params["Bucket"], key, _query(query), headers, body, bool(spec.root) and bool(body))


def _check(headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        # A line end would begin a header of its own.
        if not all(text.isascii() and text.isprintable() for text in (name, value)):
            raise InvalidArgument(f"the header {name!r} can't be sent: it has characters that are no printable ASCII")


def _query(pairs: list[tuple[str, str]]) -> str:
    return "&".join(f"{name}={quote(value, safe=_SAFE)}" for name, value in sorted(pairs))


def _copy_source(value: Mapping[str, str]) -> str:
    source = f"{value['Bucket']}/{quote(value['Key'], safe=f'/{_SAFE}')}"
    return f"{source}?versionId={quote(value['VersionId'], safe=f'/{_SAFE}')}" if "VersionId" in value else source


def document(root: str, value: Mapping[str, Any]) -> bytes:
    """Return a value as a document of XML."""
    inner = "".join(_element(name, item) for name, item in value.items())
    return f'<{root} xmlns="{_NAMESPACE}">{inner}</{root}>'.encode()


def _element(name: str, value: Any) -> str:
    several: Any = value
    if isinstance(value, list):
        inside = "".join(_element(_MEMBERS[name], item) for item in several)
        return f"<{name}>{inside}</{name}>" if name == "TagSet" else inside
    if isinstance(value, dict):
        members = cast("dict[str, Any]", value)
        return f"<{name}>{''.join(_element(inner, item) for inner, item in members.items())}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else _escaped(str(value))
    return f"<{name}>{text}</{name}>"


def _escaped(text: str) -> str:
    if _REFUSED.search(text):
        raise InvalidArgument("a key or tag has a character that XML can't hold")
    return text.translate(_ODD)
