"""
Whether an answer is whole.

botocore gives `{}` for a 200 answer that was cut short or is no JSON, so that a record would seem to be missing, and a
query empty. Every answer is checked here before it is believed, whichever client brought it. Pure.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

from .errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .services import Service


def check_body(headers: Mapping[str, str], body: bytes, parsed: Mapping[str, Any]) -> None:
    """
    Check the answer of a JSON service to a request that was accepted.

    Args:
        headers: The answer's headers, looked up by lower-case names.
        body: The answer's body as it came.
        parsed: What was read from it.

    Raises:
        BadAnswer: It is shorter or longer than said, its checksum is another, or it is no JSON object.
    """
    if "content-encoding" not in headers:
        check_whole(headers, body)
    # Only what gave nothing is read once more: anything else came from a JSON object.
    if all(name == "ResponseMetadata" for name in parsed):
        _check_object(body)


def check_rest(headers: Mapping[str, str], body: bytes | None, method: str) -> None:
    """
    Check the answer of a service of XML to a request that was accepted.

    Args:
        headers: The answer's headers, looked up by lower-case names.
        body: The answer's body as it came; None where it still comes.
        method: The request's method.

    Raises:
        BadAnswer: It is shorter or longer than said, or the headers say nothing of it.
    """
    if method == "HEAD":
        return  # It has no body, and names that it lacks are missed by `check_keys`.
    if body is None:
        if "content-length" not in headers and "chunked" not in headers.get("transfer-encoding", ""):
            raise BadAnswer("the answer's headers were cut short")
    elif body or method != "DELETE":
        check_whole(headers, body)


def check_whole(headers: Mapping[str, str], body: bytes | bytearray) -> None:
    """
    Check a body against what its headers say of it.

    Raises:
        BadAnswer: It is shorter or longer than said, its checksum is another, or the headers say nothing of it.
    """
    length, checksum = headers.get("content-length"), headers.get("x-amz-crc32")
    if length is not None and length != str(len(body)):
        raise BadAnswer(f"the answer has {len(body)} bytes of {length}")
    if checksum is not None and checksum != str(zlib.crc32(body)):
        raise BadAnswer("the answer's checksum is wrong")
    if length is None and checksum is None and "chunked" not in headers.get("transfer-encoding", ""):
        raise BadAnswer("the answer's headers were cut short")


def check_keys(service: Service, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """
    Check that an answer has what this operation always returns.

    Raises:
        BadAnswer: Something is not there, or of another kind.
    """
    for name in service.returned(operation, params):
        if name not in answer:
            raise BadAnswer(f"the answer to {operation} lacks {name}")
    kinds = service.kinds
    for name, value in answer.items():
        kind = kinds.get(name)
        if kind is not None and not isinstance(value, kind):
            raise BadAnswer(f"the answer to {operation} has a {name} of another kind")


def _check_object(body: bytes) -> None:
    try:
        found = json.loads(body)
    except ValueError:
        raise BadAnswer("the answer is no JSON") from None
    if not isinstance(found, dict):
        raise BadAnswer("the answer is no JSON object")
