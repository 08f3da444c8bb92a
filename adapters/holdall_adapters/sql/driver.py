"""The port over a SQLAlchemy engine of a database server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._sql.driver import SqlDriver
from .._sql.place import Place
from .._sql.schema import mapped
from .dialects import KINDS
from .engines import opened
from .options import Options

if TYPE_CHECKING:
    from holdall.drivers import Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """
    Open a table of a database. Nothing is read or written yet.

    Raises:
        ConfigError: The URL or the engine is wrong, or the driver's package is not installed.
    """
    options = Options.from_url(url)
    kind = KINDS[options.url.get_backend_name()]
    database, io, start = opened(options, kind, opening)
    flavor = database.writer.flavor
    catalog = kind.catalog(flavor)
    place = Place(database, mapped(url, opening.model, options.table, flavor, catalog), catalog)
    return SqlDriver(place, io, start, kind.capabilities, lambda: database.writer.native), io
