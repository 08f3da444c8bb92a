"""Engines of aiosqlite: one for each repository and event loop. Its connections are threads that are awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from holdall.aio import AsyncIo
from holdall.errors import ConfigError

from .client import Opened, Store, Waiting, checked_engine, file_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    import sqlalchemy as sa

    from holdall.drivers import Opening

    from .._sql.aio_loops import PerLoop
    from .._sql.session import Mode, Session
    from .options import Options

T = TypeVar("T")


def opened(options: Options, opening: Opening) -> Opened:
    """
    Return the database of a URL, whose driver is awaited.

    Raises:
        ConfigError: A package is not installed, the database is in memory, or `client=` is no engine of it.
    """
    try:
        from sqlalchemy.ext.asyncio import AsyncEngine

        from .._sql.aio_loops import PerLoop, awaited_start

        io = AsyncIo()
        database = OnLoops(PerLoop(_maker(options, opening.client)), options.timeout)
    except ModuleNotFoundError as error:
        package = "'holdall[aiosql]'" if error.name == "greenlet" else error.name
        raise ConfigError(f"sqlite+aiosqlite:// needs the package {error.name!r}: pip install {package}") from error
    return Opened(database, io, awaited_start(io), lambda: AsyncEngine(database.here().engine))


def _maker(options: Options, client: Any) -> Callable[[], Store]:
    engine = None if client is None else checked_engine(client.sync_engine, options.path)
    path = options.path if engine is None else engine.url.database
    if path in (None, "", ":memory:"):
        raise ConfigError("a database in memory has one connection, for which nobody can wait on a loop: name a file, "
                          "or open sqlite://, which works in threads")
    if engine is None:
        return lambda: Store(path, file_engine(path, _create), ours=True)
    return lambda: Store(path, engine, ours=False)


def _create(url: sa.URL, settings: dict[str, Any]) -> sa.Engine:
    from sqlalchemy.ext.asyncio import create_async_engine

    return create_async_engine(url.set(drivername="sqlite+aiosqlite"), **settings).sync_engine


class OnLoops(Waiting):
    """One database from every loop of the process; see `Waiting`."""

    def __init__(self, stores: PerLoop[Store], wait: float) -> None:
        super().__init__(stores.first, wait)
        self._stores = stores

    def here(self) -> Store:
        """Return the store of the loop that runs."""
        return self._stores.here()

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        return self.run_on(self.here(), work, mode)

    async def release(self) -> None:
        store = self._stores.used_here()
        if store is not None:
            store.close()
