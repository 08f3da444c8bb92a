"""The port over a SQLAlchemy engine of SQLite."""

from __future__ import annotations

from typing import TYPE_CHECKING

from holdall.drivers import Capabilities

from .._sql.driver import SqlDriver, blocking_io, blocking_start
from .._sql.place import Place
from .._sql.schema import mapped
from .._sql.sqlite import Sqlite, SqliteCatalog
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
    catalog = SqliteCatalog()
    table = mapped(url, opening.model, options.table, Sqlite(), catalog)
    store = open_store(options.path) if opening.client is None else store_of(opening.client, options.path)
    io = blocking_io(opening.asynchronous)
    place = Place(Waiting(store, options.timeout), table, catalog, create=options.create)
    return SqlDriver(place, io, blocking_start(io), _CAPABILITIES, lambda: store.engine), io
