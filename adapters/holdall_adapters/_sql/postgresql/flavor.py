"""PostgreSQL: a type for every kind of value, and texts by code point under the collation "C"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, DOUBLE_PRECISION, JSONB, TIMESTAMP, insert
from sqlalchemy.dialects.postgresql import TIME as PG_TIME

from holdall._model import kinds
from holdall.drivers import Shortcut

from ..columns import BLOB, INTEGER, REAL, ColumnType
from ..form import BYTES_SHORTCUT, FLOAT_SHORTCUT, INSTANT_SHORTCUT, INT_SHORTCUT, TEXT_SHORTCUT, shortcut
from ..native import Clock, Day, Exact, Instant, JsonWithoutNul, TextWithoutNul, Truth, Uuid, plain_number
from ..ways import ServerFlavor, column_of, on_conflict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from holdall._model.kinds import Kind

    from ..flavor import Arrays

_PLACE = re.compile(r"(?<!%)%(\(\w+\))?s::")
KEY_BYTES = 1300
"""Bytes of a part of a key: two of them are a row of an index, which takes 2,704
(https://www.postgresql.org/docs/current/btree.html)."""
TEXT, TRUTH, EXACT, DOCUMENT = TextWithoutNul(), Truth(), Exact(), JsonWithoutNul()
INSTANT, DAY, CLOCK, UUID = Instant(naive=False), Day(), Clock(), Uuid()
_COLUMNS: tuple[tuple[type[Kind] | tuple[type[Kind], ...], ColumnType], ...] = (
    (kinds.Str, TEXT),
    (kinds.DateTime, INSTANT),
    (kinds.Date, DAY),
    (kinds.Time, CLOCK),
    (kinds.Uuid, UUID),
    ((kinds.Int, kinds.Duration, kinds.Expiry), INTEGER),
    (kinds.Float, REAL),
    (kinds.Bool, TRUTH),
    (kinds.Bytes, BLOB),
    ((kinds.DecimalNumber, kinds.AnyNumber), EXACT),
)
_TYPES: dict[ColumnType, sa.types.TypeEngine[Any]] = {
    TEXT: sa.Text(collation="C"),
    INSTANT: TIMESTAMP(timezone=True),
    DAY: sa.Date(),
    CLOCK: PG_TIME(),
    UUID: sa.Uuid(),
    INTEGER: sa.BigInteger(),
    REAL: DOUBLE_PRECISION(),
    TRUTH: sa.Boolean(),
    BLOB: BYTEA(),
    EXACT: sa.Numeric(),
    DOCUMENT: JSONB(),
}


class Unnested:
    """Arrays as rows: one statement for any number of rows, with a place a column; see `Arrays`."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self._psycopg = dialect.driver == "psycopg"

    def upsert(
        self, columns: Sequence[sa.Column[Any]], place: Callable[[sa.types.TypeEngine[Any]], Any], key: Sequence[str]
    ) -> sa.Executable:
        arrays = [place(ARRAY(_without_collation(column.type))) for column in columns]
        names = [column.name for column in columns]
        new = sa.func.unnest(*arrays).table_valued(*names).render_derived()
        return on_conflict(insert(columns[0].table).from_select(names, sa.select(*new.c)), names, key)

    def finished(self, text: str) -> str:
        # psycopg writes an array as text element by element in Python, but as binary in C.
        return _PLACE.sub(r"%\1b::", text) if self._psycopg else text


def _without_collation(column: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return sa.Text() if isinstance(column, sa.Text) else column


class Postgresql(ServerFlavor):
    """The flavour of PostgreSQL; see `Flavor`."""

    row_values = True
    returning = True
    names_key = True
    max_name: int | None = 63
    shortcuts: Mapping[type[Kind], Shortcut] = {
        kinds.Str: TEXT_SHORTCUT._replace(when=f"{TEXT_SHORTCUT.when} and '\\0' not in value"),
        kinds.Int: INT_SHORTCUT,
        kinds.Float: FLOAT_SHORTCUT,
        kinds.Bytes: BYTES_SHORTCUT,
        kinds.DateTime: INSTANT_SHORTCUT,
        kinds.DecimalNumber: Shortcut(None, "plain(value)", None, names={"plain": plain_number}),
        kinds.Bool: shortcut("value.__class__ is bool", "value", "stored.__class__ is bool"),
    }

    def __init__(self, dialect: sa.Dialect) -> None:
        super().__init__(dialect)
        self.arrays: Arrays | None = Unnested(dialect)

    def column(self, kind: Kind) -> ColumnType:
        found = column_of(kind, _COLUMNS, DOCUMENT, EXACT)
        return self.as_text.get(found, found)

    def sql_type(self, column: ColumnType, length: int | None) -> sa.types.TypeEngine[Any]:  # noqa: ARG002 - as long as it is
        return _TYPES[self.native(column)]

    def selected(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        # As text, since drivers turn JSON into values, and its numbers into floats.
        return sa.cast(column, sa.Text()) if isinstance(column.type, JSONB) else column

    def ordered(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        # Said each time, for tables that were made by others.
        return sa.collate(column, "C") if isinstance(column.type, sa.Text) else column

    def upsert(self, table: sa.Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> sa.Executable:
        return on_conflict(insert(table).values(rows), list(rows[0]), key)

    def contains(self, text: sa.ColumnElement[Any], part: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
        return sa.func.strpos(text, part) > sa.literal_column("0")
