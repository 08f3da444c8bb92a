"""
AWS's JSON protocols: AWS JSON 1.0 and 1.1, and REST-JSON as far as everything is in the body. Pure.

After the descriptions of the protocols in Smithy (https://smithy.io/2.0/aws/protocols/). Answers stay as JSON has them:
bytes are base64 text, and instants are numbers.
"""

from __future__ import annotations

import base64
import json
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from .checks import check_keys, check_whole
from .errors import BadAnswer, Refused, seconds_to_wait

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .services import Service

CONTENT_TYPES = {
    "json-1.0": "application/x-amz-json-1.0",
    "json-1.1": "application/x-amz-json-1.1",
    "rest-json": "application/json",
}


class Answer(NamedTuple):
    """An HTTP answer, its headers under lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: Any
    """Its bytes; of one that is read as it comes, what reads it."""


def _as_text(value: Any) -> str:
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    raise TypeError(f"a {type(value).__name__} can't be sent as JSON")


def _coders() -> tuple[Callable[[Any], bytes], Callable[[bytes | bytearray], Any]]:
    try:
        orjson: Any = import_module("orjson")
    except ImportError:
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text).encode
        return lambda value: encode(value).encode(), lambda body: json.loads(str(body, "utf-8"))
    return lambda value: orjson.dumps(value, _as_text), orjson.loads


dumps, loads = _coders()


def target_of(service: Service, operation: str) -> str:
    """Return the value of the header X-Amz-Target; empty where the path says it."""
    return "" if service.protocol == "rest-json" else f"{service.target}.{operation}"


def read_reply(service: Service, operation: str, params: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
    """
    Return what the service says to a request that it accepted.

    Raises:
        BadAnswer: It was cut short or garbled.
    """
    check_whole(answer.headers, answer.body)
    try:
        found: Any = loads(answer.body)
    except ValueError:
        raise BadAnswer("the answer is no JSON") from None
    if found.__class__ is not dict:
        raise BadAnswer("the answer is no JSON object")
    check_keys(service, operation, params, found)
    return cast("dict[str, Any]", found)


def read_refusal(answer: Answer) -> Refused:
    """Return what the service says to a request that it did not accept."""
    said = read_object(answer)
    # In any of three places (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html, "Operation error
    # serialization").
    code = answer.headers.get("x-amzn-errortype") or said.get("__type") or said.get("code") or str(answer.status)
    message = said.get("message", said.get("Message"))
    item, reasons = said.get("Item"), said.get("CancellationReasons")
    return Refused(
        str(code).partition(":")[0].rpartition("#")[2],
        message if isinstance(message, str) else "",
        answer.status,
        answer.headers.get("x-amzn-requestid") or answer.headers.get("x-amz-request-id"),
        retry_after=seconds_to_wait(answer.headers),
        item=cast("dict[str, Any]", item) if isinstance(item, dict) else None,
        reasons=cast("list[dict[str, Any]]", reasons) if isinstance(reasons, list) else (),
    )


def read_object(answer: Answer) -> dict[str, Any]:
    """Return the JSON object that an answer of any status is; an empty one for what was cut short or is none."""
    try:
        check_whole(answer.headers, answer.body)
        found: Any = loads(answer.body)
    except (BadAnswer, ValueError):
        # Of a refusal that was cut short the status is left, which is what the code is made of then.
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
