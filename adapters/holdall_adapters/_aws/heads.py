"""The head of an HTTP answer, read strictly (RFC 9112). Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import BadAnswer

_STATUS = re.compile(r"HTTP/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):([^\r\n\0]*)\r\n")
_HEADERS = re.compile(f"(?:{_HEADER.pattern})*")


class Head(NamedTuple):
    """
    What an answer says of itself.

    Attributes:
        status: Its status code.
        headers: Under lower-case names.
        length: The bytes of its body; None where it comes in chunks.
        keep: Whether the connection stays open after it.
    """

    status: int
    headers: dict[str, str]
    length: int | None
    keep: bool


def read_head(text: bytes, *, bodiless: bool = False, longest: int = 9) -> Head:
    """
    Read a head, given without the empty line at its end.

    Args:
        text: The head.
        bodiless: The answer has no body, whatever it says of its length: it is one to HEAD.
        longest: The digits of the longest length that is taken for one.

    Raises:
        BadAnswer: It is none, or does not say how long the body is.
    """
    first, _, lines = f"{text.decode('latin-1')}\r\n".partition("\r\n")
    status = _STATUS.fullmatch(first)
    if status is None:
        raise BadAnswer("the answer is no HTTP answer")
    headers = _headers(lines)
    code = int(status[2])
    connection = headers.get("connection", "").lower()
    keep = "close" not in connection and (status[1] == "1" or "keep-alive" in connection)
    return Head(code, headers, 0 if bodiless else _length(code, headers, longest), keep)


def _headers(lines: str) -> dict[str, str]:
    if _HEADERS.fullmatch(lines) is None:
        raise BadAnswer("the answer has a header without a name")
    headers: dict[str, str] = {}
    for name, value in _HEADER.findall(lines):
        low, trimmed = name.lower(), value.strip(" \t")
        headers[low] = f"{headers[low]}, {trimmed}" if low in headers else trimmed
    return headers


def _length(status: int, headers: dict[str, str], longest: int) -> int | None:
    coding = headers.get("transfer-encoding")
    if coding is not None:
        # Both together is how requests are smuggled (RFC 9112, section 6.3).
        if coding.lower() != "chunked" or "content-length" in headers:
            raise BadAnswer("the answer's body comes in an unknown form")
        return None
    if status < 200 or status in (204, 304):
        return 0
    text = headers.get("content-length", "")
    if not (text.isascii() and text.isdecimal()) or len(text) > longest:
        raise BadAnswer("the answer does not say how long it is")
    return int(text)
