"""
AWS as the rest of the adapter sees it: `await call(operation, params)`, in wire form both ways.

Behind it is boto3 here, shared by every repository of the process that connects alike, and aioboto3 in `aio_client`.
botocore's own retries are off, since the engine knows which calls may be repeated, and until when.
"""

from __future__ import annotations

import os
import threading
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol, cast

from holdall.deadlines import remaining
from holdall.errors import InvalidArgument

from .answers import check_body, check_keys
from .errors import Refused
from .reading import call_reading, watch_bodies

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.io import Io

    from .options import Connection

METHODS = {
    "GetItem": "get_item",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "Query": "query",
    "Scan": "scan",
    "BatchGetItem": "batch_get_item",
    "BatchWriteItem": "batch_write_item",
    "TransactWriteItems": "transact_write_items",
    "CreateTable": "create_table",
    "UpdateTable": "update_table",
    "DescribeTable": "describe_table",
    "DescribeTimeToLive": "describe_time_to_live",
    "UpdateTimeToLive": "update_time_to_live",
}
_CHECK_ID = "holdall-answers"


class Calls(Protocol):
    """One connection to DynamoDB."""

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """
        Send a request and return the checked answer.

        Raises:
            Refused: The service refused it.
            BadAnswer: The answer was cut short or garbled.
        """
        ...

    @property
    def native(self) -> Any:
        """The SDK's client."""
        ...

    @property
    def region(self) -> str | None:
        """The region in use, where it is known yet."""
        ...

    async def close(self) -> None:
        """Give back what was opened for this connection alone."""
        ...


class BotoCalls:
    """Calls by a boto3 client: the caller's own, or the shared one, made on the first call."""

    def __init__(self, io: Io, connection: Connection, own: Any = None) -> None:
        self._io = io
        self._connection = connection
        self._client = own
        self._pid = os.getpid()
        self._owned = own is not None
        if own is not None:
            check_own(own)
            watch_answers(own, check_answer)

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return await self._io.call(self._send, operation, params)

    def _send(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        method = getattr(self.native, METHODS[operation])
        try:
            answer = call_reading(method, params)
        except Exception as error:
            raise_refused(error)
            raise
        check_keys(operation, params, answer)
        return answer

    @property
    def native(self) -> Any:
        if self._client is None or (self._pid != os.getpid() and not self._owned):
            self._client = shared_client(self._connection)
            self._pid = os.getpid()
        return self._client

    @property
    def region(self) -> str | None:
        return self._connection.region or (self._client.meta.region_name if self._client is not None else None)

    async def close(self) -> None:
        """The client is shared with other repositories, or the caller's; making another costs too much to drop it."""


class _Shared:
    """The clients of a process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clients: dict[Connection, Any] = {}
        self.of_parent: list[dict[Connection, Any]] = []

    def forget(self) -> None:
        """Leave the parent's clients to the parent after a fork: their connections are its own."""
        # Kept, so that nothing is closed when they would be collected.
        self.of_parent.append(self.clients)
        self.lock, self.clients = threading.Lock(), {}


_shared = _Shared()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.forget)


def shared_client(connection: Connection) -> Any:
    """Return the process's client for a connection."""
    with _shared.lock:
        if connection not in _shared.clients:
            _shared.clients[connection] = _make(connection)
        return _shared.clients[connection]


def _make(connection: Connection) -> Any:
    # Imported on the first call: it costs more than the rest of a cold start.
    session_type: Any = import_module("boto3.session").Session
    config: Any = import_module("botocore.config").Config(**settings(connection))
    session = session_type(profile_name=connection.profile, region_name=connection.region)
    client = session.client("dynamodb", endpoint_url=connection.endpoint, config=config)
    watch_answers(client, check_answer)
    return client


def check_own(client: Any) -> None:
    """
    Check a client of the caller's own.

    Raises:
        InvalidArgument: It is no client of DynamoDB.
    """
    meta: Any = getattr(client, "meta", None)
    if hasattr(meta, "client"):
        raise InvalidArgument("client= is a resource of boto3; give its client: table.meta.client")
    service = getattr(getattr(meta, "service_model", None), "service_name", None)
    if service != "dynamodb":
        got = f"a client of {service}" if service else f"a {type(client).__name__}"
        raise InvalidArgument(f"client= takes an open client of DynamoDB, of boto3 or aioboto3; got {got}")


def settings(connection: Connection) -> dict[str, Any]:
    """Return the botocore settings of a client that we make ourselves."""
    return {
        "retries": {"total_max_attempts": 1, "mode": "standard"},
        "connect_timeout": connection.connect_timeout,
        "read_timeout": connection.read_timeout,
        "max_pool_connections": max(10, connection.parallel),
        "tcp_keepalive": True,
        # What we send is made from checked values; checking it once more costs a fifth of a call.
        "parameter_validation": False,
        "user_agent_extra": "holdall",
    }


def watch_answers(client: Any, check: Any) -> None:
    """Have a client's answers checked, and those to our own calls read; once, however often it is asked."""
    client.meta.events.register("after-call.dynamodb", check, unique_id=_CHECK_ID)
    bound = partial(bound_by_deadline, client.meta.config.read_timeout)
    client.meta.events.register("before-send.dynamodb", bound, unique_id="holdall-deadline")
    watch_bodies(client)


def bound_by_deadline(read_timeout: float, request: Any, **_: Any) -> None:
    """Wait for an answer no longer than the deadline leaves, where botocore is new enough to take a timeout a call."""
    left = remaining()
    context: dict[str, Any] | None = getattr(request, "context", None)
    if left is not None and context is not None:
        context["read_timeout"] = max(0.01, min(left, read_timeout))


def check_answer(http_response: Any, parsed: Mapping[str, Any], **_: Any) -> None:
    """
    Check what a boto3 client got.

    Raises:
        BadAnswer: It was cut short or garbled.
    """
    # A stubbed client has no raw answer.
    if http_response.status_code < 300 and http_response.raw is not None:
        check_body(http_response.headers, http_response.content, parsed)


def raise_refused(error: Exception) -> None:
    """
    Do nothing for any exception but botocore's ClientError.

    Raises:
        Refused: What it says.
    """
    response = cast("dict[str, Any]", getattr(error, "response", None) or {})
    if "Error" not in response:
        return
    said: dict[str, Any] = response["Error"]
    meta: dict[str, Any] = response.get("ResponseMetadata", {})
    raise Refused(
        str(said.get("Code", "")), str(said.get("Message", "")), int(meta.get("HTTPStatusCode", 0)),
        meta.get("RequestId"), item=response.get("Item"), reasons=response.get("CancellationReasons") or (),
    ) from error  # fmt: skip
