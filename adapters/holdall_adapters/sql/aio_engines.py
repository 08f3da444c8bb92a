"""Engines on event loops: one for each loop, since a connection belongs to the loop that it was made on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import greenlet_spawn

from holdall.aio import AsyncIo, running_loop
from holdall.io import run_blocking

from .client import Servers, database_of
from .engines import Opened, server_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    import sqlalchemy as sa

    from .._sql.flavor import Flavor
    from .._sql.session import Mode, Session
    from .client import Server, T
    from .dialects import Kind
    from .options import Options


def opened_on_loops(options: Options, kind: Kind) -> Opened:
    """Return the database of a URL, whose driver is awaited."""

    def make(url: sa.URL) -> Callable[[], OnLoops]:
        return lambda: OnLoops(lambda: server_of(options, kind, url, _engine))

    replica = None if options.replica is None else make(options.replica)
    return awaited(database_of(("awaited", options.shared), make(options.url), replica))


def awaited(servers: Servers) -> Opened:
    """
    Return a database whose driver is awaited.

    A whole piece of work runs in a greenlet: what blocks in it lets the loop go on.
    """
    io = AsyncIo()

    def start(make: Callable[[], Coroutine[Any, Any, Any]]) -> Awaitable[Any]:
        return io.call(greenlet_spawn, lambda: run_blocking(make()))

    return Opened(servers, io, start)


def _engine(url: sa.URL, settings: dict[str, Any]) -> sa.Engine:
    return create_async_engine(url, **settings).sync_engine


class OnLoops:
    """
    One database from every loop of the process.

    Attributes:
        flavor: The ways of the database.
    """

    def __init__(self, make: Callable[[], Server]) -> None:
        self._make = make
        self._free: list[Server] = [make()]
        self._by_loop: dict[Any, Server] = {}
        self.flavor: Flavor = self._free[0].flavor

    @property
    def native(self) -> Any:
        """The AsyncEngine of the loop that runs."""
        return AsyncEngine(self._here().native)

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode, user: object) -> T:
        """See `Server.run`."""
        return await self._here().run(work, mode, user)

    def leave(self, user: object) -> None:
        """Count one user less on the loop that runs, and leave those of others to their loops."""
        self._leave_closed_loops()
        here = self._by_loop.get(running_loop())
        if here is not None:
            here.leave(user)

    def _here(self) -> Server:
        loop = running_loop()
        server = self._by_loop.get(loop)
        if server is None:
            self._leave_closed_loops()
            server = self._by_loop[loop] = self._free.pop() if self._free else self._make()
        return server

    def _leave_closed_loops(self) -> None:
        # Nobody can close their connections any more, but what is forgotten is collected, and its socket with it.
        for loop in [loop for loop in self._by_loop if loop.is_closed()]:
            self._by_loop.pop(loop).engine.dispose(close=False)
