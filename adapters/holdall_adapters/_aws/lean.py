"""Calls without an SDK: signed here, sent over kept connections, and checked."""

from __future__ import annotations

import atexit
import os
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

from holdall._version import __version__
from holdall.interception import intercepted, interceptors

from .credentials import ContainerKeys, EnvironmentKeys, Given
from .http import Pool, Request, Timeouts
from .identity import Identity
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
        found = _states.setdefault(key, _State(_keys_of(connection, lean.source), Clock()))
    return found


def _keys_of(connection: Connection, source: str) -> Keys:
    if connection.credentials is not None:
        return Given(connection.credentials)
    if source == "container":
        # Shared by all services, regions and addresses.
        return _container
    return EnvironmentKeys()


_container = ContainerKeys()


class LeanBase(ABC):
    """Calls without an SDK, whatever the protocol: keys, what is mended once, and who may look on."""

    def __init__(self, io: Io, service: Service, connection: Connection, lean: Lean, transport: Transport) -> None:
        self._io = io
        self._service = service
        self._connection = connection
        self._lean = lean
        self._transport = transport
        self._keys, self._clock = _state_of(service, connection, lean)

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if interceptors:
            return await intercepted(self._service.name, operation, params, self._send)
        return await self._send(operation, params)

    async def _send(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        request = self._prepare(operation, params)
        mended: set[str] = set()
        while True:
            credentials = await self._keys.current(self._io, self._transport.dial)
            answer = await self._exchanged(operation, request, credentials)
            if 200 <= answer.status < 300:
                return self._read(operation, params, answer)
            refused = self._refusal(answer)
            cause = await self._mend(refused, request, answer, credentials)
            if cause is None or cause in mended:
                raise refused
            mended.add(cause)

    @abstractmethod
    def _prepare(self, operation: str, params: Mapping[str, Any]) -> Any:
        """Return what is the same for each try."""

    @abstractmethod
    async def _exchanged(self, operation: str, request: Any, credentials: Credentials) -> Answer:
        """Sign and send a request, and return its answer."""

    @abstractmethod
    def _read(self, operation: str, params: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
        """Return what an accepted request gives."""

    @abstractmethod
    def _refusal(self, answer: Answer) -> Refused:
        """Return what the service says to a request that it did not accept."""

    def _add_common(self, headers: dict[str, str]) -> None:
        """Add the headers that every request has, and that are not signed."""
        headers.update(_FIXED)
        trace = os.environ.get("_X_AMZN_TRACE_ID")
        if trace and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
            # By it AWS tells functions that call themselves without end.
            headers["X-Amzn-Trace-Id"] = quote(trace, safe="-=;:+&[]{}\"',")

    async def _mend(
        self, refused: Refused, request: Any, answer: Answer, credentials: Credentials  # noqa: ARG002 - for others
    ) -> str | None:
        """Return the cause that was mended, so that the request may be sent once more; None for none."""
        ahead = skew(refused, answer.headers, self._clock.now())
        if ahead is not None:
            self._clock.ahead += ahead
            return "clock"
        if is_expired(refused) and await self._keys.renewed(self._io, self._transport.dial, credentials):
            return "keys"
        return None

    async def identity(self) -> Identity:
        credentials = await self._keys.current(self._io, self._transport.dial)
        return Identity(credentials, self._lean.region, self._lean.endpoint, self._lean.set_by is not None)

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


_signers: dict[Any, Signer] = {}


class LeanCalls(LeanBase):
    """Calls of one service of JSON at one address."""

    def __init__(self, io: Io, service: Service, connection: Connection, lean: Lean, transport: Transport) -> None:
        super().__init__(io, service, connection, lean, transport)
        self._signer = _signer_of(service, connection, lean)
        self._exchange = transport.dial(lean.endpoint)
        self._targets = {name: target_of(service, name) for name in service.operations}

    def _prepare(self, operation: str, params: Mapping[str, Any]) -> bytes:  # noqa: ARG002 - others need the operation
        return dumps(params)

    async def _exchanged(self, operation: str, request: bytes, credentials: Credentials) -> Answer:
        path = self._lean.endpoint.path + self._service.operations[operation]
        now = self._clock.now()
        headers = self._signer.headers(credentials, path, self._targets[operation], request, now)
        self._add_common(headers)
        return await self._io.call(self._exchange, Request("POST", path, headers, request))

    def _read(self, operation: str, params: Mapping[str, Any], answer: Answer) -> dict[str, Any]:
        return read_reply(self._service, operation, params, answer)

    def _refusal(self, answer: Answer) -> Refused:
        return read_refusal(answer)


def _signer_of(service: Service, connection: Connection, lean: Lean) -> Signer:
    key = (service.name, lean, connection.credentials)
    found = _signers.get(key)
    if found is None:
        made = Signer(service.name, lean.region, lean.endpoint.authority, CONTENT_TYPES[service.protocol])
        found = _signers.setdefault(key, made)
    return found
