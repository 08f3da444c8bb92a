"""Servers on event loops, whose drivers are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from holdall.aio import AsyncIo

from .._sql.aio_loops import PerLoop, awaited_start
from .client import Servers, database_of
from .engines import Opened, server_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

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
    """Return a database whose driver is awaited."""
    io = AsyncIo()
    return Opened(servers, io, awaited_start(io))


def _engine(url: sa.URL, settings: dict[str, Any]) -> sa.Engine:
    return create_async_engine(url, **settings).sync_engine


class OnLoops:
    """
    One database from every loop of the process.

    Attributes:
        flavor: The ways of the database.
    """

    def __init__(self, make: Callable[[], Server]) -> None:
        self._servers = PerLoop(make)
        self.flavor: Flavor = self._servers.first.flavor

    @property
    def native(self) -> Any:
        """The AsyncEngine of the loop that runs."""
        return AsyncEngine(self._servers.here().native)

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode, user: object) -> T:
        """See `Server.run`."""
        return await self._servers.here().run(work, mode, user)

    def leave(self, user: object) -> None:
        """Count one user less on the loop that runs, and leave those of others to their loops."""
        here = self._servers.used_here()
        if here is not None:
            here.leave(user)
