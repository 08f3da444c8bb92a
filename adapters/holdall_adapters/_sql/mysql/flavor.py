"""
MySQL and MariaDB.

What only one of them has is chosen by the dialect, which learns from the server which one it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import DATETIME, DECIMAL, DOUBLE, JSON, LONGBLOB, TINYINT, insert
from sqlalchemy.dialects.mysql import TIME as MYSQL_TIME

from holdall._model import kinds
from holdall.drivers import Shortcut

from ..columns import BLOB, BOOLEAN, DOCUMENT, INTEGER, REAL, TEXT, ColumnType
from ..form import INSTANT_SHORTCUT, SHORTCUTS
from ..native import Clock, Day, Exact, Instant, Uuid, plain_number
from ..ways import ServerFlavor, column_of
from .types import AsciiText, BinaryText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall._model.kinds import Kind

WHOLE_DIGITS, DECIMALS = 38, 27
"""As many as a DECIMAL has at most: https://dev.mysql.com/doc/refman/8.4/en/precision-math-decimal-characteristics.html"""


class UuidText(Uuid):
    """A UUID as text."""

    name = "uuid text"

    def store(self, value: Any) -> Any:
        return str(super().store(value))


EXACT = Exact(WHOLE_DIGITS, DECIMALS)
INSTANT, DAY, CLOCK, UUID = Instant(naive=True), Day(), Clock(), UuidText()
_COLUMNS: tuple[tuple[type[Kind] | tuple[type[Kind], ...], ColumnType], ...] = (
    (kinds.Str, TEXT),
    (kinds.DateTime, INSTANT),
    (kinds.Date, DAY),
    (kinds.Time, CLOCK),
    (kinds.Uuid, UUID),
    ((kinds.Int, kinds.Duration, kinds.Expiry), INTEGER),
    (kinds.Float, REAL),
    (kinds.Bool, BOOLEAN),
    (kinds.Bytes, BLOB),
    ((kinds.DecimalNumber, kinds.AnyNumber), EXACT),
)
_TYPES: dict[ColumnType, sa.types.TypeEngine[Any]] = {
    TEXT: BinaryText(),
    INSTANT: DATETIME(fsp=6),
    DAY: sa.Date(),
    CLOCK: MYSQL_TIME(fsp=6),
    UUID: AsciiText(36),
    INTEGER: sa.BigInteger(),
    REAL: DOUBLE(),
    BOOLEAN: TINYINT(1),
    BLOB: LONGBLOB(),
    EXACT: DECIMAL(WHOLE_DIGITS + DECIMALS, DECIMALS),
    DOCUMENT: JSON(),
}


class Mysql(ServerFlavor):
    """The flavour of MySQL and MariaDB; see `Flavor`."""

    # Their optimizers take no range from a comparison of rows.
    row_values = False
    returning = False
    # An index ends with the columns of the primary key by itself.
    names_key = False
    max_name: int | None = 64
    shortcuts: Mapping[type[Kind], Shortcut] = {
        **SHORTCUTS,
        kinds.DateTime: INSTANT_SHORTCUT._replace(encode="value.replace(tzinfo=None)"),
        # So short a text has no more digits on either side of the point than the column.
        kinds.DecimalNumber: Shortcut(f"len(text) <= {DECIMALS}", "plain(value)", None, names={"plain": plain_number}),
    }  # fmt: skip

    def column(self, kind: Kind) -> ColumnType:
        found = column_of(kind, _COLUMNS, DOCUMENT, EXACT)
        return self.as_text.get(found, found)

    def sql_type(self, column: ColumnType, length: int | None) -> sa.types.TypeEngine[Any]:
        if length is not None and column is TEXT:
            return BinaryText(length)
        if length is not None and column is BLOB:
            return sa.types.VARBINARY(length)
        return _TYPES[self.native(column)]

    def selected(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return column

    def ordered(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return column

    def upsert(self, table: sa.Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> sa.Executable:
        new = insert(table).values(rows)
        same = sa.and_(*[table.c[name] == new.inserted[name] for name in key])
        # The statement takes a row for the same that shares any unique value; a NULL in the key makes it fail.
        checked = {key[0]: sa.case((same, table.c[key[0]]), else_=sa.null())}
        rest = {name: new.inserted[name] for name in rows[0] if name not in key}
        return new.on_duplicate_key_update({**checked, **rest})

    def contains(self, text: sa.ColumnElement[Any], part: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
        return sa.func.instr(text, part) > sa.literal_column("0")
