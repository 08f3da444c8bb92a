"""The databases that are served, and what each needs to be told when an engine is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdall.drivers import Capabilities

from .._sql import mysql, postgresql
from .._sql.mysql import statements as mysql_statements
from .._sql.postgresql import statements as postgresql_statements
from .._sql.postgresql.flavor import KEY_BYTES
from .._sql.tables import PARTITION_LENGTH, SORT_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import sqlalchemy as sa

    from .._sql.catalog import Catalog
    from .._sql.flavor import Flavor
    from .._sql.session import Mode, Prepared


@dataclass(frozen=True)
class Kind:
    """
    One kind of database.

    Attributes:
        flavor: Makes its flavour for a dialect.
        catalog: Makes what looks tables up.
        capabilities: What it can do.
        begin: The statements that begin a transaction.
        setup: Gives the statements for a new connection.
        limit: Gives the statement that bounds the others.
        limits: Turns seconds into what is bound to it.
        isolation: The level that the database's own transactions have.
    """

    flavor: Callable[[sa.Dialect], Flavor]
    catalog: Callable[[Flavor], Catalog]
    capabilities: Capabilities
    begin: Mapping[Mode, tuple[str, ...]]
    setup: Callable[[Flavor], list[Prepared]]
    limit: Callable[[Flavor], Prepared]
    limits: Callable[[Flavor, float], tuple[Any, ...]]
    isolation: str


def _milliseconds(_: Flavor, seconds: float) -> tuple[Any, ...]:
    text = str(max(1, int(seconds * 1000)))
    return text, text


def _of_mysql(flavor: Flavor, seconds: float) -> tuple[Any, ...]:
    whole = max(1, int(seconds))
    return seconds if getattr(flavor.dialect, "is_mariadb", False) else int(seconds * 1000), whole


_POSTGRESQL = Kind(
    postgresql.Postgresql, postgresql.PostgresqlCatalog,
    Capabilities("postgresql", max_get=100, max_batch=1000, max_partition_bytes=KEY_BYTES, max_sort_bytes=KEY_BYTES,
                 int_bits=64),
    postgresql_statements.BEGIN, postgresql_statements.setup, postgresql_statements.limit, _milliseconds,
    "READ COMMITTED",
)  # fmt: skip
_MYSQL = Kind(
    mysql.Mysql, mysql.MysqlCatalog,
    Capabilities("mysql", max_get=100, max_batch=1000, max_partition_bytes=PARTITION_LENGTH, max_sort_bytes=SORT_LENGTH,
                 int_bits=64, returns_updated=mysql.Mysql.returning),
    mysql_statements.BEGIN, mysql_statements.setup, mysql_statements.limit, _of_mysql,
    "REPEATABLE READ",
)  # fmt: skip
KINDS: Mapping[str, Kind] = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}
"""By the name of SQLAlchemy's dialect."""
