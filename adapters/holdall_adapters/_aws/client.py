"""
AWS as the adapters see it: `await call(operation, params)`, in wire form both ways.

Behind it is the lean client, boto3 or aioboto3; which one, `choice` says.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol

from holdall.errors import ConfigError, InvalidArgument
from holdall.io import BlockingIo

from .choice import Foreign, Lean, choose
from .environment import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.io import Io

    from .connection import Connection
    from .identity import Identity
    from .lean import Transport
    from .services import Service


class Calls(Protocol):
    """One connection to a service."""

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """
        Send a request and return the checked answer. Bytes go out as bytes; of "plain" operations they come as base64.

        Raises:
            Refused: The service refused it.
            Unreached: It could not be reached.
            Lost: The answer was lost, cut short or garbled.
        """
        ...

    async def identity(self) -> Identity:
        """
        Return what a request can be signed by outside a call.

        Raises:
            NoCredentials: There are no usable keys.
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

    @property
    def described(self) -> str:
        """Which client this is, and why."""
        ...

    async def close(self) -> None:
        """Give back what was opened for this connection alone."""
        ...


class Opened(Protocol):
    """What a store is opened with, records or blobs."""

    @property
    def asynchronous(self) -> bool:
        """Whether the shell is for asyncio."""
        ...

    @property
    def client(self) -> Any:
        """The caller's own SDK client, or None."""
        ...


def connect(service: Service, connection: Connection, opening: Opened) -> tuple[Calls, Io]:
    """
    Return the client that serves a connection, not yet made, and the way to wait for it.

    Raises:
        ConfigError: The package that it needs is not installed, or the lean client is asked for where it can't serve.
        InvalidArgument: The caller's own client is of another kind.
    """
    if opening.client is not None:
        return _by_boto(service, connection, opening, "a client of the caller's own")
    if connection.client == "boto3":
        return _by_boto(service, connection, opening, "asked for by client=boto3")
    chosen = choose(service, connection, Environment.here())
    if isinstance(chosen, Lean):
        return _by_lean(service, connection, opening, chosen)
    if connection.client == "lean":
        raise ConfigError(f"client=lean does not understand {chosen}; leave it out, or use client=boto3")
    return _by_boto(service, connection, opening, f"{chosen}", chosen)


def _by_lean(service: Service, connection: Connection, opening: Opened, lean: Lean) -> tuple[Calls, Io]:
    from .lean import LeanCalls

    calls: Any = LeanCalls
    if service.protocol == "rest-xml":
        from .rest_xml.client import RestCalls

        calls = RestCalls
    transport, io = transport_of(connection, opening, lean.ca_bundle)
    return calls(io, service, connection, lean, transport), io


def transport_of(connection: Connection, opening: Opened, ca_bundle: str | None = None) -> tuple[Transport, Io]:
    """Return what brings requests to addresses without an SDK, and the way to wait for it."""
    from .lean import Pools

    if opening.asynchronous and _has("aiohttp"):
        # Imported here: only asynchronous programs pay for asyncio.
        from holdall.aio import AsyncIo

        from .aio_http import Sessions

        io: Io = AsyncIo()
        return Sessions(io, connection, ca_bundle), io
    if opening.asynchronous:
        from holdall.aio import ThreadIo

        io = ThreadIo()
    else:
        io = BlockingIo()
    return Pools(connection, ca_bundle), io


def _by_boto(
    service: Service, connection: Connection, opening: Opened, why: str, foreign: Foreign | None = None
) -> tuple[Calls, Io]:
    from .boto import BotoCalls, check_installed

    if opening.client is None:
        check_installed(service, "" if foreign is None else f" here ({foreign})")
    if not opening.asynchronous:
        if _is_asynchronous(opening.client):
            raise InvalidArgument("client= is asynchronous; open by open_async_..., or give a client of boto3")
        io: Io = BlockingIo()
        return BotoCalls(io, service, connection, why, opening.client), io
    from holdall.aio import AsyncIo, ThreadIo

    if _is_asynchronous(opening.client) if opening.client is not None else _has("aioboto3"):
        from .aio_boto import AioBotoCalls

        io = AsyncIo()
        return AioBotoCalls(io, service, connection, why, opening.client), io
    io = ThreadIo()
    return BotoCalls(io, service, connection, why, opening.client), io


def _is_asynchronous(client: object) -> bool:
    return any(cls.__module__.startswith("aiobotocore") for cls in type(client).__mro__)


def _has(package: str) -> bool:
    return find_spec(package) is not None
