"""
Answers read as JSON, no more.

botocore walks each value of an answer along the service's model, at four fifths of the price of a query, only to turn
base64 into bytes: which our decoders do themselves, where there are any. So our own calls take the body before it is
parsed, by botocore's event for that. Calls by anybody else on the same client, and errors, are left to botocore; so is
everything where botocore is too old to have the event.
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .services import Service

reads_here: ContextVar[bool] = ContextVar("holdall_reads_here", default=False)
"""Whether the call in progress is one of ours."""


def watch_bodies(service: Service, client: Any) -> None:
    """Have the answers to our own calls on a client read here; once, however often it is asked."""
    take = partial(take_body, service.plain)
    client.meta.events.register(f"before-parse.{service.name}", take, unique_id="holdall-bodies")


def call_reading(method: Callable[..., dict[str, Any]], params: Mapping[str, Any]) -> dict[str, Any]:
    """Make a call of ours."""
    token = reads_here.set(True)
    try:
        return method(**params)
    finally:
        reads_here.reset(token)


def take_body(
    plain: frozenset[str], operation_model: Any, response_dict: dict[str, Any],
    customized_response_dict: dict[str, Any], **_: Any,
) -> None:  # fmt: skip
    """Read the body of an accepted request of ours, and leave botocore an empty one."""
    ours = reads_here.get() and operation_model.name in plain
    if not ours or response_dict["status_code"] >= 300:
        return
    try:
        found: Any = json.loads(response_dict["body"])
    except ValueError:
        # botocore makes an empty answer of it, which is refused by the check that follows.
        return
    if isinstance(found, dict):
        customized_response_dict.update(cast("dict[str, Any]", found))
        response_dict["body"] = b"{}"
