"""PostgreSQL and MySQL through the Data API: the same statements, and values of some types as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.dialects.mysql import pymysql
from sqlalchemy.dialects.postgresql import psycopg

from .._sql import mysql, postgresql
from .._sql.mysql import flavor as of_mysql
from .._sql.mysql.flavor import DECIMALS, WHOLE_DIGITS
from .._sql.postgresql import flavor as of_postgresql
from .fields import TextClock, TextDay, TextExact, TextInstant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._sql.columns import ColumnType
    from .._sql.flavor import Arrays

# The dialects of drivers that say the type of each value in the statement, which the Data API needs; no driver is used.
_NAMED: dict[str, Any] = {"paramstyle": "named"}
_ALIAS_SINCE = (8, 0, 20)


class ApiPostgresql(postgresql.Postgresql):
    """PostgreSQL; see `Flavor`."""

    fetches_as_bound = False
    as_text: Mapping[ColumnType, ColumnType] = {
        of_postgresql.INSTANT: TextInstant(naive=False), of_postgresql.DAY: TextDay(), of_postgresql.CLOCK: TextClock(),
        of_postgresql.EXACT: TextExact(),
    }  # fmt: skip

    def __init__(self) -> None:
        make: Any = psycopg.dialect
        super().__init__(make(**_NAMED))
        # The Data API binds none; a batch of it has its own way.
        self.arrays: Arrays | None = None


class ApiMysql(mysql.Mysql):
    """MySQL; see `Flavor`."""

    fetches_as_bound = False
    as_text: Mapping[ColumnType, ColumnType] = {
        of_mysql.INSTANT: TextInstant(naive=True), of_mysql.DAY: TextDay(), of_mysql.CLOCK: TextClock(),
        of_mysql.EXACT: TextExact(WHOLE_DIGITS, DECIMALS),
    }  # fmt: skip

    def __init__(self) -> None:
        super().__init__(pymysql.dialect(**_NAMED))

    def learn(self, version: str) -> None:
        """Learn from a server's version which words it knows."""
        dialect: Any = self.dialect
        numbers = version.partition("-")[0].split(".")
        dialect.is_mariadb = "MariaDB" in version
        dialect.server_version_info = tuple(int(number) for number in numbers if number.isdecimal())
        # MySQL names the new row since then, and warns of the old way.
        named = not dialect.is_mariadb and dialect.server_version_info >= _ALIAS_SINCE
        dialect._requires_alias_for_on_duplicate_key = named  # noqa: SLF001 - what SQLAlchemy learns by connecting
