"""
Calls by boto3, whose clients are shared by every repository of the process that connects alike.

botocore's own retries are off, since the engine knows which calls may be repeated, and until when.
"""

from __future__ import annotations

import os
import threading
from functools import lru_cache, partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, cast

from holdall.credentials import Credentials
from holdall.deadlines import remaining
from holdall.errors import ConfigError, InvalidArgument, Unsupported

from .checks import check_body, check_keys, check_rest
from .endpoints import parse_endpoint, regional
from .errors import NoCredentials, Refused, seconds_to_wait
from .identity import Identity
from .reading import call_reading, watch_bodies
from .services import method_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.io import Io

    from .connection import Connection
    from .services import Service

_CHECK_ID = "holdall-answers"


class BotoCalls:
    """Calls by a boto3 client: the caller's own, or the shared one, made on the first call."""

    def __init__(self, io: Io, service: Service, connection: Connection, why: str, own: Any = None) -> None:
        self._io = io
        self._service = service
        self._why = why
        self._connection = connection
        self._client = own
        self._pid = os.getpid()
        self._owned = own is not None
        if own is not None:
            check_own(service, own)
            watch_answers(service, own, check_answer)

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return await self._io.call(self._send, operation, params)

    def _send(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        client = self.native
        method = getattr(client, method_name(operation))
        try:
            answer = call_reading(method, sendable(client, operation, params))
        except Exception as error:
            raise_refused(error)
            raise
        check_answered(self._service, operation, params, answer)
        return answer

    async def identity(self) -> Identity:
        return await self._io.call(self._identity)

    def _identity(self) -> Identity:
        client = self.native
        held = held_credentials(client)
        return identity_of(client, held.get_frozen_credentials())

    @property
    def native(self) -> Any:
        if self._client is None or (self._pid != os.getpid() and not self._owned):
            self._client = shared_client(self._service, self._connection)
            self._pid = os.getpid()
        return self._client

    @property
    def region(self) -> str | None:
        return self._connection.region or (self._client.meta.region_name if self._client is not None else None)

    @property
    def described(self) -> str:
        return f"boto3 ({self._why})"

    async def close(self) -> None:
        """The client is shared with other repositories, or the caller's; making another costs too much to drop it."""


class _Shared:
    """The clients of a process."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.clients: dict[tuple[str, Connection], Any] = {}
        self.of_parent: list[dict[tuple[str, Connection], Any]] = []

    def forget(self) -> None:
        """Leave the parent's clients to the parent after a fork: their connections are its own."""
        # Kept, so that nothing is closed when they would be collected.
        self.of_parent.append(self.clients)
        self.lock, self.clients = threading.Lock(), {}


_shared = _Shared()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_shared.forget)


def check_installed(service: Service, why: str = "") -> None:
    """
    Do nothing where boto3 is installed.

    Raises:
        ConfigError: It is not; `why` says what it is needed for.
    """
    if find_spec("boto3") is None:
        raise ConfigError(f"{service.name}:// needs the package 'boto3'{why}: pip install 'holdall[{service.name}]'")


def shared_client(service: Service, connection: Connection) -> Any:
    """Return the process's client for a connection."""
    key = (service.name, connection._replace(client="auto"))
    with _shared.lock:
        if key not in _shared.clients:
            _shared.clients[key] = _make(service, connection)
        return _shared.clients[key]


def _make(service: Service, connection: Connection) -> Any:
    # Imported on the first call: it costs more than the rest of a cold start.
    session_type: Any = import_module("boto3.session").Session
    config: Any = import_module("botocore.config").Config(**settings(connection))
    session = session_type(**session_settings(connection))
    client = session.client(service.name, endpoint_url=connection.endpoint, config=config)
    watch_answers(service, client, check_answer)
    return client


def check_own(service: Service, client: Any) -> None:
    """
    Check a client of the caller's own.

    Raises:
        InvalidArgument: It is no client of the service.
    """
    meta: Any = getattr(client, "meta", None)
    if hasattr(meta, "client"):
        raise InvalidArgument("client= is a resource of boto3; give its client: table.meta.client")
    name = getattr(getattr(meta, "service_model", None), "service_name", None)
    if name != service.name:
        got = f"a client of {name}" if name else f"a {type(client).__name__}"
        raise InvalidArgument(f"client= takes an open client of {service.title}, of boto3 or aioboto3; got {got}")


def settings(connection: Connection) -> dict[str, Any]:
    """Return the botocore settings of a client that we make ourselves."""
    return {
        # Its mode is left to the environment: "adaptive" also limits the rate of first tries.
        "retries": {"total_max_attempts": 1},
        "connect_timeout": connection.connect_timeout,
        "read_timeout": connection.read_timeout,
        "max_pool_connections": connection.kept,
        "tcp_keepalive": True,
        # What we send is made from checked values; checking it once more costs a fifth of a call.
        "parameter_validation": False,
        "user_agent_extra": "holdall",
    }


def session_settings(connection: Connection) -> dict[str, Any]:
    """Return what a session of boto3 or aioboto3 is made with."""
    given = connection.credentials
    keys: dict[str, Any] = {} if given is None else {
        "aws_access_key_id": given.access_key_id,
        "aws_secret_access_key": given.secret_access_key,
        "aws_session_token": given.session_token,
    }  # fmt: skip
    return {"profile_name": connection.profile, "region_name": connection.region, **keys}


def watch_answers(service: Service, client: Any, check: Any) -> None:
    """Have a client's answers checked, and those to our own calls read; once, however often it is asked."""
    client.meta.events.register(f"after-call.{service.name}", check, unique_id=_CHECK_ID)
    bound = partial(bound_by_deadline, client.meta.config.read_timeout)
    client.meta.events.register(f"before-send.{service.name}", bound, unique_id="holdall-deadline")
    watch_bodies(service, client)


def bound_by_deadline(read_timeout: float, request: Any, **_: Any) -> None:
    """Wait for an answer no longer than the deadline leaves, where botocore is new enough to take a timeout a call."""
    left = remaining()
    context: dict[str, Any] | None = getattr(request, "context", None)
    if left is not None and context is not None:
        context["read_timeout"] = max(0.01, min(left, read_timeout))


def check_answer(http_response: Any, parsed: Mapping[str, Any], model: Any = None, **_: Any) -> None:
    """
    Check what a boto3 client got.

    Raises:
        BadAnswer: It was cut short or garbled.
    """
    # A stubbed client has no raw answer.
    if http_response.status_code >= 300 or http_response.raw is None:
        return
    if is_xml(model):
        check_xml(http_response, None if is_streamed(model) else http_response.content, model)
    else:
        check_body(http_response.headers, http_response.content, parsed)


def is_xml(model: Any) -> bool:
    """Return whether the answers of an operation are XML, or bytes as they are."""
    return model is not None and model.service_model.metadata.get("protocol") == "rest-xml"


def is_streamed(model: Any) -> bool:
    """Return whether the answer of an operation comes while it is read, so that its body is not there yet."""
    return bool(model.has_streaming_output)


def check_xml(http_response: Any, content: bytes | None, model: Any) -> None:
    """
    Check an answer of XML, or of bytes that still come (None); close its connection where it is none.

    Raises:
        BadAnswer: It was cut short or garbled.
    """
    try:
        check_rest(http_response.headers, content, model.http["method"])
    except BaseException:
        http_response.raw.close()
        raise


def check_answered(service: Service, operation: str, params: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """
    Check what an answer has; see `check_keys`. A body that nobody will read then is given up.

    Raises:
        BadAnswer: Something is not there, or of another kind.
    """
    try:
        check_keys(service, operation, params, answer)
    except BaseException:
        close = getattr(answer.get("Body"), "close", None)
        if close is not None:
            close()
        raise


def held_credentials(client: Any) -> Any:
    """
    Return what a client has its keys from.

    Raises:
        NoCredentials: It has none.
    """
    # botocore has no public way to ask.
    held: Any = client._get_credentials()  # noqa: SLF001 - see above
    if held is None:
        raise NoCredentials("the client has no keys")
    return held


def identity_of(client: Any, frozen: Any) -> Identity:
    """Return what requests of a client's are signed by; its address on AWS is that of the region."""
    region = str(client.meta.region_name)
    configured = parse_endpoint(client.meta.endpoint_url)
    usual = regional(client.meta.service_model.service_name, region)
    is_aws = configured is not None and configured.host.endswith((".amazonaws.com", ".amazonaws.com.cn"))
    endpoint = usual if is_aws or configured is None else configured
    if endpoint is None:
        raise ConfigError(f"the region {region!r} is of no partition that is known here; say endpoint= in the URL")
    credentials = Credentials(frozen.access_key, frozen.secret_key, frozen.token)
    return Identity(credentials, region, endpoint, not is_aws)


def sendable(client: Any, operation: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
    """
    Return the parameters of a call, with a body that botocore takes.

    Raises:
        Unsupported: botocore is too old to know one of them, and would leave it out without a word.
    """
    unknown = params.keys() - _members(client.meta.service_model, operation)
    if unknown:
        raise Unsupported(f"the botocore that is installed does not know {', '.join(sorted(unknown))} of {operation}; "
                          "update boto3")
    body: Any = params.get("Body")
    return {**params, "Body": body.tobytes()} if isinstance(body, memoryview) else params


@lru_cache(200)
def _members(service_model: Any, operation: str) -> frozenset[str]:
    shape = service_model.operation_model(operation).input_shape
    return frozenset(() if shape is None else shape.members)


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
        meta.get("RequestId"), retry_after=seconds_to_wait(meta.get("HTTPHeaders", {})),
        item=response.get("Item"), reasons=response.get("CancellationReasons") or (), host_id=meta.get("HostId"),
        region=said.get("Region") or meta.get("HTTPHeaders", {}).get("x-amz-bucket-region"),
    ) from error  # fmt: skip
