"""The port over the Data API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.drivers import Capabilities
from holdall.errors import ConfigError

from .._aws.client import connect
from .._sql.driver import SqlDriver
from .._sql.mysql import MysqlCatalog
from .._sql.place import Place
from .._sql.postgresql import PostgresqlCatalog
from .._sql.schema import check_names
from .._sql.tables import PARTITION_LENGTH, SORT_LENGTH, MappedTable
from .._sql.tokens import TABLE as TOKENS
from .client import SERVICE, Cluster
from .clusters import Clusters
from .flavors import ApiMysql, ApiPostgresql
from .options import Options

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from holdall.drivers import Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

_COMMON = Capabilities("aurora", max_get=100, max_batch=1000, int_bits=64)
_CAPABILITIES = {
    "postgresql": replace(_COMMON, max_partition_bytes=1300, max_sort_bytes=1300),
    "mysql": replace(_COMMON, max_partition_bytes=PARTITION_LENGTH, max_sort_bytes=SORT_LENGTH),
}


class AuroraDriver(SqlDriver):
    """One table of one database of a cluster."""

    @property
    def client(self) -> str:
        """Which client is in use, and why."""
        database: Any = self.place.database
        described: str = database.client
        return described


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """
    Open a table of a cluster. Nothing is sent yet.

    Raises:
        ConfigError: The URL is wrong.
    """
    options = Options.from_url(url, opening.credentials)
    table = options.table or opening.model.table
    if table == TOKENS:
        raise ConfigError(f"open {url}: the table {TOKENS!r} is holdall's own; choose another ?table=")
    calls, io = connect(SERVICE, options.connection, opening)
    mysql = options.dialect == "mysql"
    flavor = ApiMysql() if mysql else ApiPostgresql()
    mapped, catalog = MappedTable(opening.model, table, flavor), (MysqlCatalog if mysql else PostgresqlCatalog)(flavor)
    check_names(mapped, catalog)
    cluster = Cluster(calls, io, Clusters(options, _runner(opening)), options.database, flavor)
    place = Place(cluster, mapped, catalog)
    return AuroraDriver(place, io, _start, _CAPABILITIES[options.dialect], lambda: cluster.native), io


async def _start(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    # Each statement waits by itself, so the work needs nothing that waits for it.
    return await make()


def _runner(opening: Opening) -> Callable[[Callable[[], Any]], Awaitable[Any]]:
    """Return how blocking work is run that is done once."""
    if opening.asynchronous:
        # Imported here: a program without asyncio doesn't pay for it.
        from holdall.aio import ThreadIo

        return ThreadIo().call
    from holdall.io import BlockingIo

    return BlockingIo().call
