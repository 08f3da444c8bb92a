"""The port over the Data API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._frozen import replace
from holdall.drivers import Capabilities

from .._aws.client import connect
from .._sql.driver import SqlDriver, blocking_io
from .._sql.mysql import MysqlCatalog
from .._sql.place import Place
from .._sql.postgresql import PostgresqlCatalog
from .._sql.postgresql.flavor import KEY_BYTES
from .._sql.schema import mapped
from .._sql.tables import PARTITION_LENGTH, SORT_LENGTH
from .client import SERVICE, Cluster
from .clusters import Clusters
from .flavors import ApiMysql, ApiPostgresql
from .options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from holdall.drivers import Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

_COMMON = Capabilities("aurora", max_get=100, max_batch=1000, int_bits=64)
_CAPABILITIES = {
    "postgresql": replace(_COMMON, max_partition_bytes=KEY_BYTES, max_sort_bytes=KEY_BYTES),
    "mysql": replace(_COMMON, max_partition_bytes=PARTITION_LENGTH, max_sort_bytes=SORT_LENGTH,
                     returns_updated=ApiMysql.returning),
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
    calls, io = connect(SERVICE, options.connection, opening)
    mysql = options.dialect == "mysql"
    flavor = ApiMysql() if mysql else ApiPostgresql()
    catalog = (MysqlCatalog if mysql else PostgresqlCatalog)(flavor)
    table = mapped(url, opening.model, options.table, flavor, catalog)
    clusters = Clusters(options, blocking_io(opening.asynchronous).call)
    cluster = Cluster(calls, io, clusters, options.database, flavor)
    place = Place(cluster, table, catalog)
    return AuroraDriver(place, io, _start, _CAPABILITIES[options.dialect], lambda: cluster.native), io


async def _start(make: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    # Each statement waits by itself, so the work needs nothing that waits for it.
    return await make()
