"""The port over a SQLAlchemy engine of SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall.drivers import Capabilities
from holdall.errors import ConfigError

from .._sql.driver import SqlDriver, blocking_io, blocking_start
from .._sql.place import Place
from .._sql.schema import mapped
from .._sql.sqlite import Sqlite, SqliteCatalog
from .client import Opened, Waiting, open_store, store_of
from .options import Options

if TYPE_CHECKING:
    from holdall.drivers import Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

_CAPABILITIES = Capabilities("sqlite", max_get=100, max_batch=1000, int_bits=64, returns_updated=Sqlite.returning)


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """
    Open a table of a database. Nothing is read or written yet.

    Raises:
        ConfigError: The URL or the engine is wrong.
    """
    options = Options.from_url(url)
    catalog = SqliteCatalog()
    table = mapped(url, opening.model, options.table, Sqlite(), catalog)
    found = _awaited(options, opening) if _is_awaited(options, opening) else _blocking(options, opening)
    place = Place(found.database, table, catalog, create=options.create)
    return SqlDriver(place, found.io, found.start, _CAPABILITIES, found.native), found.io


def _is_awaited(options: Options, opening: Opening) -> bool:
    awaited = options.awaited if opening.client is None else hasattr(opening.client, "sync_engine")
    if awaited and not opening.asynchronous:
        raise ConfigError("aiosqlite is for asyncio: open it with open_async_repository, or drop +aiosqlite")
    return awaited


def _awaited(options: Options, opening: Opening) -> Opened:
    # Imported here: a program without asyncio doesn't pay for it.
    from .aio_client import opened

    return opened(options, opening)


def _blocking(options: Options, opening: Opening) -> Opened:
    store = open_store(options.path) if opening.client is None else store_of(opening.client, options.path)
    io = blocking_io(opening.asynchronous)
    return Opened(Waiting(store, options.timeout), io, blocking_start(io), lambda: store.engine)
