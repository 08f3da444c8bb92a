"""MySQL and MariaDB as the service uses them."""

from __future__ import annotations

import base64
import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.constants import CLIENT, FIELD_TYPE

from .errors import ApiError, database_error
from .requests import Hinted
from .results import Column, Done

if TYPE_CHECKING:
    from collections.abc import Mapping

_MIDNIGHT = dt.datetime(1, 1, 1)  # noqa: DTZ001 - only its time of day counts
_NAMES = {
    FIELD_TYPE.TINY: ("TINYINT", -6), FIELD_TYPE.SHORT: ("SMALLINT", 5), FIELD_TYPE.LONG: ("INT", 4),
    FIELD_TYPE.INT24: ("MEDIUMINT", 4), FIELD_TYPE.LONGLONG: ("BIGINT", -5), FIELD_TYPE.FLOAT: ("FLOAT", 7),
    FIELD_TYPE.DOUBLE: ("DOUBLE", 8), FIELD_TYPE.NEWDECIMAL: ("DECIMAL", 3), FIELD_TYPE.DATE: ("DATE", 91),
    FIELD_TYPE.TIME: ("TIME", 92), FIELD_TYPE.DATETIME: ("DATETIME", 93), FIELD_TYPE.TIMESTAMP: ("TIMESTAMP", 93),
    FIELD_TYPE.BLOB: ("BLOB", -4), FIELD_TYPE.VAR_STRING: ("VARCHAR", 12), FIELD_TYPE.STRING: ("CHAR", 1),
}  # fmt: skip
_STATES = {
    1022: "23000", 1048: "23000", 1062: "23000", 1451: "23000", 1452: "23000", 4025: "23000", 1213: "40001",
    1146: "42S02", 1050: "42S01", 1054: "42S22", 1064: "42000", 1142: "42000", 1264: "22003", 1406: "22001",
    1366: "22007",
}  # fmt: skip
"""SQLSTATEs by number, since not every driver tells them."""
_TIMEOUTS = (1969, 3024, 1317)
_NO_DATABASE = (1049, 1044, 1045, 2003)


class Mysql:
    """One database."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._named: dict[str, Any] = {
            "host": parts.hostname, "port": parts.port or 3306, "user": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
        }  # fmt: skip
        self._database = parts.path.lstrip("/")

    mysql = True

    def connect(self, database: str | None, timeout: float) -> Any:
        """Return a connection that commits each statement."""
        try:
            connection = pymysql.connect(
                **self._named, database=database or self._database, autocommit=True, charset="utf8mb4",
                client_flag=CLIENT.FOUND_ROWS, init_command="SET time_zone = '+00:00'",
            )  # fmt: skip
        except pymysql.err.OperationalError as error:
            raise ApiError("DatabaseNotFoundException", str(error.args[1]), 404) from error
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            mariadb = "MariaDB" in cursor.fetchone()[0]
            bound = "max_statement_time = %s" if mariadb else "max_execution_time = %s"
            cursor.execute(f"SET SESSION {bound}", (timeout if mariadb else int(timeout * 1000),))
        return connection

    def run(self, connection: Any, text: str, values: Mapping[str, Any]) -> Done:
        """
        Run a statement.

        Raises:
            ApiError: The database refuses it.
        """
        bound = {name: value.value if isinstance(value, Hinted) else value for name, value in values.items()}
        try:
            with connection.cursor() as cursor:
                # Without values, a driver would leave %% as it is.
                cursor.execute(text, bound or {"": ""})
                return _done(cursor)
        except pymysql.Error as error:
            raise _refused(error) from error

    def begin(self, connection: Any) -> None:
        """Begin a transaction."""
        connection.begin()

    def end(self, connection: Any, *, commit: bool) -> None:
        """
        End a transaction.

        Raises:
            ApiError: The database refuses to commit it.
        """
        try:
            connection.commit() if commit else connection.rollback()
        except pymysql.Error as error:
            raise _refused(error) from error

    def is_aborted(self, connection: Any) -> bool:
        """Return whether a transaction has failed: a failed statement of MySQL leaves it open."""
        return not connection.open


def _refused(error: pymysql.Error) -> ApiError:
    number, message = error.args[0], error.args[1] if len(error.args) > 1 else ""
    if number in _TIMEOUTS:
        return ApiError("StatementTimeoutException", "Request timed out")
    state = _STATES.get(number, "HY000")
    return database_error(f"Database error code: {number}. Message: {message}; SQLState: {state}")


def _done(cursor: Any) -> Done:
    if cursor.description is None:
        return Done(None, None, max(cursor.rowcount, 0), cursor.lastrowid or None)
    fields: list[Any] = cursor._result.fields  # noqa: SLF001 - the description leaves out lengths and character sets
    columns = [Column(one.name, one, *_NAMES.get(one.type_code, ("VARCHAR", 12))) for one in fields]
    rows = [[_field(one, value) for one, value in zip(fields, row, strict=True)] for row in cursor.fetchall()]
    return Done(columns, rows, 0)


def _field(described: Any, value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if described.type_code == FIELD_TYPE.TINY and described.length == 1:
        return {"booleanValue": bool(value)}
    if described.type_code == FIELD_TYPE.BIT and described.length == 1:
        return {"booleanValue": value != b"\0"}
    if isinstance(value, bytes):
        return {"blobValue": base64.b64encode(value).decode()}
    names = {int: "longValue", float: "doubleValue"}
    return {names[type(value)]: value} if type(value) in names else {"stringValue": _text(value)}


def _text(value: Any) -> str:
    if isinstance(value, dt.datetime):
        whole = value.isoformat(sep=" ", timespec="seconds")
        return f"{whole}.{value.microsecond:06d}".rstrip("0") if value.microsecond else whole
    if isinstance(value, dt.timedelta):
        clock = (_MIDNIGHT + value).time()
        whole = clock.strftime("%H:%M:%S")
        return f"{whole}.{clock.microsecond:06d}".rstrip("0") if clock.microsecond else whole
    return format(value, "f") if isinstance(value, Decimal) else str(value)
