"""Calls without an SDK: signed here, sent over kept connections, and checked."""

from __future__ import annotations

import atexit
import os
import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

from holdall._version import __version__
from holdall.interception import intercepted, interceptors

from .credentials import ContainerKeys, EnvironmentKeys, Given
from .http import Pool, Request, Timeouts
from .protocol import CONTENT_TYPES, dumps, read_refusal, read_reply, target_of
from .retry import is_expired, skew
from .signing import Signer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdall.credentials import Credentials
    from holdall.io import Io

    from .choice import Lean
    from .connection import Connection
    from .credentials import Keys
    from .endpoints import Endpoint
    from .errors import Refused
    from .protocol import Answer
    from .services import Service

_FIXED = {"User-Agent": f"holdall/{__version__}", "Accept-Encoding": "identity"}


class Transport(Protocol):
    """Brings requests to addresses."""

    def dial(self, endpoint: Endpoint) -> Callable[[Request], Any]:
        """Return what exchanges requests for answers at an address; `Io.call` calls it."""
        ...

    async def close(self) -> None:
        """Give back what was opened for one repository alone."""
        ...


class Pools:
    """Blocking transport: the connections are the process's, shared by every repository that connects alike."""

    def __init__(self, connection: Connection, ca_bundle: str | None) -> None:
        timeouts = Timeouts(connection.connect_timeout, connection.read_timeout)
        self._options = (ca_bundle, timeouts, connection.kept)

    def dial(self, endpoint: Endpoint) -> Callable[[Request], Answer]:
        key = (endpoint, self._options)
        pool = _pools.get(key)
        if pool is None:
            pool = _pools.setdefault(key, Pool(endpoint, *self._options))
        return pool.exchange

    async def close(self) -> None:
        """The connections serve the other repositories of the process, and the next ones."""


_pools: dict[Any, Pool] = {}


def close_pools() -> None:
    """Close all connections that are not in use."""
    for pool in list(_pools.values()):
        pool.close()


# Else each would be complained of when it is collected.
atexit.register(close_pools)


class _State(NamedTuple):
    """What all calls of one kind share."""

    signer: Signer
    keys: Keys
    clock: Clock


class Clock:
    """The time as the service has it."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def now(self) -> float:
        """Return the seconds since 1970."""
        return time.time() + self.ahead


_states: dict[Any, _State] = {}


def _state_of(service: Service, connection: Connection, lean: Lean) -> _State:
    key = (service.name, lean, connection.credentials)
    found = _states.get(key)
    if found is None:
        signer = Signer(service.name, lean.region, lean.endpoint.authority, CONTENT_TYPES[service.protocol])
        found = _states.setdefault(key, _State(signer, _keys_of(connection, lean.source), Clock()))
    return found


def _keys_of(connection: Connection, source: str) -> Keys:
    if connection.credentials is not None:
        return Given(connection.credentials)
    if source == "container":
        # Shared by all services, regions and addresses.
        return _container
    return EnvironmentKeys()


_container = ContainerKeys()


class LeanCalls:
    """Calls of one service at one address."""

    def __init__(self, io: Io, service: Service, connection: Connection, lean: Lean, transport: Transport) -> None:
        self._io = io
        self._service = service
        self._connection = connection
        self._lean = lean
        self._transport = transport
        self._signer, self._keys, self._clock = _state_of(service, connection, lean)
        self._exchange = transport.dial(lean.endpoint)
        self._targets = {name: target_of(service, name) for name in service.operations}

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if interceptors:
            return await intercepted(self._service.name, operation, params, self._send)
        return await self._send(operation, params)

    async def _send(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        body = dumps(params)
        mended: set[str] = set()
        while True:
            credentials = await self._keys.current(self._io, self._transport.dial)
            answer: Answer = await self._io.call(self._exchange, self._request(operation, body, credentials))
            if 200 <= answer.status < 300:
                return read_reply(self._service, operation, params, answer)
            refused = read_refusal(answer)
            cause = await self._mend(refused, answer, credentials)
            if cause is None or cause in mended:
                raise refused
            mended.add(cause)

    def _request(self, operation: str, body: bytes, credentials: Credentials) -> Request:
        path = self._lean.endpoint.path + self._service.operations[operation]
        now = self._clock.now()
        headers = self._signer.headers(credentials, path, self._targets[operation], body, now)
        headers.update(_FIXED)
        trace = os.environ.get("_X_AMZN_TRACE_ID")
        if trace and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            # By it AWS tells functions that call themselves without end.
            headers["X-Amzn-Trace-Id"] = quote(trace, safe="-=;:+&[]{}\"',")
        return Request("POST", path, headers, body)

    async def _mend(self, refused: Refused, answer: Answer, credentials: Credentials) -> str | None:
        """Return the cause that was mended, so that the request may be sent once more; None for none."""
        ahead = skew(refused, answer.headers, self._clock.now())
        if ahead is not None:
            self._clock.ahead += ahead
            return "clock"
        if is_expired(refused) and await self._keys.renewed(self._io, self._transport.dial, credentials):
            return "keys"
        return None

    @property
    def native(self) -> Any:
        """boto3's client, for what holdall has no verb for."""
        from .boto import check_installed, shared_client

        check_installed(self._service, " for its own client")
        return shared_client(self._service, self._connection)

    @property
    def region(self) -> str | None:
        return self._lean.region

    @property
    def described(self) -> str:
        return f"lean ({self._lean})"

    async def close(self) -> None:
        await self._transport.close()
