"""Calls by aioboto3: one client for each loop and connection."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from holdall.errors import Unsupported

from .aio_loops import LoopShared
from .boto import (
    check_answered,
    check_own,
    check_xml,
    held_credentials,
    identity_of,
    is_streamed,
    is_xml,
    raise_refused,
    sendable,
    session_settings,
    settings,
    watch_answers,
)
from .checks import check_body
from .reading import reads_here
from .services import method_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.io import Io

    from .connection import Connection
    from .identity import Identity
    from .services import Service

_clients = LoopShared()


class AioBotoCalls:
    """Calls by an aioboto3 client: the caller's own, or one shared on the running loop."""

    def __init__(self, io: Io, service: Service, connection: Connection, why: str, own: Any = None) -> None:
        self._io = io
        self._service = service
        self._connection = connection
        self._why = why
        self._own = own
        self._key = (service.name, connection)
        if own is not None:
            check_own(service, own)
            watch_answers(service, own, check_answer)

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        client = self._own or await _clients.get(self._io, self._key, self, self._manager)
        token = reads_here.set(True)
        try:
            method = getattr(client, method_name(operation))
            answer: dict[str, Any] = await self._io.call(method, **sendable(client, operation, params))
        except Exception as error:
            raise_refused(error)
            raise
        finally:
            reads_here.reset(token)
        check_answered(self._service, operation, params, answer)
        if hasattr(answer.get("Body"), "read"):
            answer["Body"] = _Body(answer["Body"])
        return answer

    async def identity(self) -> Identity:
        client = self._own or await _clients.get(self._io, self._key, self, self._manager)
        return identity_of(client, await self._io.call(held_credentials(client).get_frozen_credentials))

    def _manager(self) -> Any:
        return _Watched(self._service, self._connection)

    @property
    def native(self) -> Any:
        client = self._own or _clients.peek(self._key)
        if client is None:
            raise Unsupported("the asynchronous client is made by the first call on this event loop; await one first")
        return client

    @property
    def region(self) -> str | None:
        return self._connection.region

    @property
    def described(self) -> str:
        return f"aioboto3 ({self._why})"

    async def close(self) -> None:
        await _clients.leave(self._io, self._key, self)


class _Watched:
    """The context manager of a client whose answers are checked."""

    def __init__(self, service: Service, connection: Connection) -> None:
        # An optional package, and slow to import.
        session_type: Any = import_module("aioboto3").Session
        config: Any = import_module("aiobotocore.config").AioConfig(**settings(connection))
        session = session_type(**session_settings(connection))
        self._service = service
        self._inner: Any = session.client(service.name, endpoint_url=connection.endpoint, config=config)

    async def __aenter__(self) -> Any:
        client: Any = await self._inner.__aenter__()
        watch_answers(self._service, client, check_answer)
        return client

    async def __aexit__(self, *caught: object) -> None:
        await self._inner.__aexit__(*caught)


class _Body:
    """The body of an answer that still comes, all of whose methods are awaited."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def read(self, size: int) -> bytes:
        data: bytes = await self._stream.read(size)
        return data

    async def close(self) -> None:
        self._stream.close()


async def check_answer(http_response: Any, parsed: Mapping[str, Any], model: Any = None, **_: Any) -> None:
    """
    Check what an aioboto3 client got.

    Raises:
        BadAnswer: It was cut short or garbled.
    """
    if http_response.status_code >= 300 or http_response.raw is None:
        return
    if is_xml(model):
        check_xml(http_response, None if is_streamed(model) else await http_response.content, model)
    else:
        check_body(http_response.headers, await http_response.content, parsed)
