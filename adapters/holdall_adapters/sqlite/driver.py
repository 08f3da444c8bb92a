"""The port over a SQLAlchemy engine of SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall.drivers import Capabilities
from holdall.errors import ConfigError
from holdall.io import BlockingIo

from .._sql.driver import SqlDriver, blocking_start
from .._sql.place import Place
from .._sql.schema import check_names
from .._sql.sqlite import Sqlite, SqliteCatalog
from .._sql.tables import MappedTable
from .._sql.tokens import TABLE as TOKENS
from .client import Waiting, open_store, store_of
from .options import Options

if TYPE_CHECKING:
    from holdall.drivers import Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

_CAPABILITIES = Capabilities("sqlite", max_get=100, max_batch=1000, int_bits=64)


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """
    Open a table of a database. Nothing is read or written yet.

    Raises:
        ConfigError: The URL or the engine is wrong.
    """
    options = Options.from_url(url)
    table = options.table or opening.model.table
    if table == TOKENS:
        raise ConfigError(f"open {url}: the table {TOKENS!r} is holdall's own; choose another ?table=")
    mapped, catalog = MappedTable(opening.model, table, Sqlite()), SqliteCatalog()
    check_names(mapped, catalog)
    store = open_store(options.path) if opening.client is None else store_of(opening.client, options.path)
    io = _thread_io() if opening.asynchronous else BlockingIo()
    place = Place(Waiting(store, options.timeout), mapped, catalog, create=options.create)
    return SqlDriver(place, io, blocking_start(io), _CAPABILITIES, lambda: store.engine), io


def _thread_io() -> Io:
    # Imported here: a program without asyncio doesn't pay for it.
    from holdall.aio import ThreadIo

    return ThreadIo()
