"""PostgreSQL as the service uses it: values bound with types, results read as the database writes them."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.types.json import Jsonb
from psycopg.types.numeric import Int8Dumper
from psycopg.types.string import StrDumperVarchar

from .errors import ApiError, database_error
from .requests import Hinted
from .results import Column, Done

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_INTEGERS, _FLOATS, _BYTES, _BOOL = (20, 21, 23), (700, 701), 17, 16
_TEXTS = {
    18: None,  # "char"
    19: "name", 25: "text", 1042: "bpchar", 1043: "varchar", 114: "json", 3802: "jsonb", 2950: "uuid", 1082: "date",
    1083: "time", 1114: "timestamp", 1184: "timestamptz", 1700: "numeric", 869: "inet", 650: "cidr", 3904: "int4range",
    3906: "numrange", 3908: "tsrange", 3910: "tstzrange", 3912: "daterange", 3926: "int8range",
}  # fmt: skip
_ARRAYS = {
    1000: ("booleanValues", 16), 1005: ("longValues", 21), 1007: ("longValues", 23), 1016: ("longValues", 20),
    1021: ("doubleValues", 700), 1022: ("doubleValues", 701), 1009: ("stringValues", 25), 1015: ("stringValues", 1043),
    2951: ("stringValues", 2950), 1231: ("stringValues", 1700), 1182: ("stringValues", 1082),
    1115: ("stringValues", 1114),
}  # fmt: skip
_JDBC = {16: -7, 20: -5, 21: 5, 23: 4, 700: 7, 701: 8, 17: -2, 1700: 2, 25: 12, 1043: 12, 1082: 91, 1083: 92, 1114: 93,
         1184: 93}  # fmt: skip
_UNSUPPORTED = (18, 829, 1186, 2205, 2206, 26)
_TIMEOUT = "57014"


class Postgresql:
    """One database."""

    def __init__(self, url: str) -> None:
        self._url = url

    mysql = False

    def connect(self, database: str | None, timeout: float) -> Any:
        """Return a connection that commits each statement."""
        settings = f"-c TimeZone=UTC -c statement_timeout={int(timeout * 1000)}"
        named: dict[str, Any] = {} if database is None else {"dbname": database}
        try:
            connection = psycopg.connect(self._url, autocommit=True, options=settings, **named)
        except psycopg.OperationalError as error:
            raise ApiError("DatabaseNotFoundException", _first_line(str(error)), 404) from error
        connection.adapters.register_dumper(str, StrDumperVarchar)
        connection.adapters.register_dumper(int, Int8Dumper)
        return connection

    def run(self, connection: Any, text: str, values: Mapping[str, Any]) -> Done:
        """
        Run a statement.

        Raises:
            ApiError: The database refuses it.
        """
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, {name: _bound(value) for name, value in values.items()})
                return _done(cursor)
        except psycopg.Error as error:
            raise _refused(error) from error

    def begin(self, connection: Any) -> None:
        """Begin a transaction."""
        connection.execute("BEGIN")

    def end(self, connection: Any, *, commit: bool) -> None:
        """
        End a transaction.

        Raises:
            ApiError: The database refuses to commit it.
        """
        try:
            connection.execute("COMMIT" if commit else "ROLLBACK")
        except psycopg.Error as error:
            raise _refused(error) from error

    def is_aborted(self, connection: Any) -> bool:
        """Return whether a transaction has failed, so that nothing but its end is possible."""
        return bool(connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR)


def _bound(value: Any) -> Any:
    if isinstance(value, Hinted):
        return Jsonb(value.value, dumps=lambda text: text) if value.hint == "JSON" else value.value
    return value


def _refused(error: psycopg.Error) -> ApiError:
    if error.sqlstate == _TIMEOUT:
        return ApiError("StatementTimeoutException", "Request timed out")
    found = error.diag
    parts = [f"ERROR: {found.message_primary or _first_line(str(error))}"]
    parts += [f"  Detail: {found.message_detail}"] if found.message_detail else []
    parts += [f"  Hint: {found.message_hint}"] if found.message_hint else []
    parts += [f"  Position: {found.statement_position}"] if found.statement_position else []
    return database_error("\n".join(parts) + f"; SQLState: {error.sqlstate or '08000'}")


def _first_line(text: str) -> str:
    return text.partition("\n")[0]


def _done(cursor: Any) -> Done:
    result = cursor.pgresult
    if cursor.description is None:
        return Done(None, None, max(cursor.rowcount, 0))
    columns = [_column(one) for one in cursor.description]
    rows = [[_field(columns[j].kind, result.get_value(i, j)) for j in range(result.nfields)]
            for i in range(result.ntuples)]  # fmt: skip
    selects = (cursor.statusmessage or "").startswith("SELECT")
    return Done(columns, rows, 0 if selects else cursor.rowcount)


def _column(described: Any) -> Column:
    kind: int = described.type_code
    if kind in _UNSUPPORTED:
        raise ApiError("UnsupportedResultException", f"The result contains the unsupported data type {kind}")
    name = _TEXTS.get(kind) or {16: "bool", 20: "int8", 21: "int2", 23: "int4", 700: "float4", 701: "float8",
                                17: "bytea"}.get(kind, f"_{kind}" if kind in _ARRAYS else "text")  # fmt: skip
    return Column(described.name, kind, name, 2003 if kind in _ARRAYS else _JDBC.get(kind, 1111))


def _field(kind: int, raw: bytes | None) -> dict[str, Any]:
    if raw is None:
        return {"isNull": True}
    text = raw.decode()
    if kind in _ARRAYS:
        name, inner = _ARRAYS[kind]
        return {"arrayValue": {name: _array(text, inner)}}
    return _scalar(kind, text)


def _scalar(kind: int, text: str) -> dict[str, Any]:
    if kind in _INTEGERS:
        return {"longValue": int(text)}
    if kind in _FLOATS:
        return {"doubleValue": float(text)}
    if kind == _BOOL:
        return {"booleanValue": text == "t"}
    if kind == _BYTES:
        return {"blobValue": base64.b64encode(bytes.fromhex(text[2:])).decode()}
    # An instant comes in UTC, which the service doesn't say.
    return {"stringValue": text.removesuffix("+00") if kind == 1184 else text}


_ELEMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}"]+)')


def _array(text: str, kind: int) -> list[Any]:
    if text.count("{") > 1 and '"' not in text:
        raise ApiError("UnsupportedResultException", "The result contains a multidimensional array")
    read: Callable[[str], Any] = lambda one: next(iter(_scalar(kind, one).values()))  # noqa: E731
    found: list[Any] = []
    for quoted, plain in _ELEMENT.findall(text[1:-1]):
        if plain == "NULL":
            found.append(None)
        else:
            found.append(read(plain or re.sub(r"\\(.)", r"\1", quoted)))
    return found

