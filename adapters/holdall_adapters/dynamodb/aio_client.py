"""AWS by aioboto3: one client for each loop and connection, entered by the first call and left by the last close."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from holdall.aio import running_loop
from holdall.errors import Unsupported

from .answers import check_body, check_keys
from .client import METHODS, check_own, raise_refused, settings, watch_answers
from .reading import reads_here

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.io import Io

    from .options import Connection


class Entered:
    """A client that is open on one loop, and who uses it."""

    def __init__(self, manager: Any, client: Any) -> None:
        self.manager = manager
        self.client = client
        self.users: set[int] = set()


_entered: dict[tuple[Any, Connection], Entered] = {}


class AioCalls:
    """Calls by an aioboto3 client: the caller's own, or one shared on the running loop."""

    def __init__(self, io: Io, connection: Connection, own: Any = None) -> None:
        self._io = io
        self._connection = connection
        self._own = own
        if own is not None:
            check_own(own)
            watch_answers(own, check_answer)

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        client = self._own or await self._client()
        token = reads_here.set(True)
        try:
            answer: dict[str, Any] = await self._io.call(getattr(client, METHODS[operation]), **params)
        except Exception as error:
            raise_refused(error)
            raise
        finally:
            reads_here.reset(token)
        check_keys(operation, params, answer)
        return answer

    async def _client(self) -> Any:
        key = (running_loop(), self._connection)
        entered = _entered.get(key) or await self._enter(key)
        entered.users.add(id(self))
        return entered.client

    async def _enter(self, key: tuple[Any, Connection]) -> Entered:
        await self._leave_closed_loops()
        manager = _manager(self._connection)
        client: Any = await self._io.call(manager.__aenter__)
        watch_answers(client, check_answer)
        # Another task may have been faster.
        entered = _entered.setdefault(key, Entered(manager, client))
        if entered.manager is not manager:
            await self._io.call(manager.__aexit__, None, None, None)
        return entered

    async def _leave_closed_loops(self) -> None:
        # Else aiohttp logs an error about each when it is collected.
        left = [_entered.pop(old) for old in [old for old in _entered if old[0].is_closed()]]
        for entered in left:
            await self._io.call(entered.manager.__aexit__, None, None, None)

    @property
    def native(self) -> Any:
        if self._own is not None:
            return self._own
        entered = _entered.get((running_loop(), self._connection))
        if entered is None:
            raise Unsupported("the asynchronous client is made by the first call on this event loop; await one first")
        return entered.client

    @property
    def region(self) -> str | None:
        return self._connection.region

    async def close(self) -> None:
        await self._leave_closed_loops()
        key = (running_loop(), self._connection)
        entered = _entered.get(key)
        if entered is None:
            return
        entered.users.discard(id(self))
        if not entered.users:
            del _entered[key]
            await self._io.call(entered.manager.__aexit__, None, None, None)


def _manager(connection: Connection) -> Any:
    # An optional package, and slow to import.
    session_type: Any = import_module("aioboto3").Session
    config: Any = import_module("aiobotocore.config").AioConfig(**settings(connection))
    session = session_type(profile_name=connection.profile, region_name=connection.region)
    return session.client("dynamodb", endpoint_url=connection.endpoint, config=config)


async def check_answer(http_response: Any, parsed: Mapping[str, Any], **_: Any) -> None:
    """
    Check what an aioboto3 client got.

    Raises:
        BadAnswer: It was cut short or garbled.
    """
    if http_response.status_code < 300 and http_response.raw is not None:
        check_body(http_response.headers, await http_response.content, parsed)
