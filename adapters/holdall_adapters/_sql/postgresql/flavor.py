"""PostgreSQL: a type for every kind of value, and texts by code point under the collation "C"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import BYTEA, DOUBLE_PRECISION, JSONB, TIMESTAMP, insert
from sqlalchemy.dialects.postgresql import TIME as PG_TIME

from holdall._model import kinds
from holdall.drivers import Shortcut

from ..columns import BLOB, INTEGER, REAL, ColumnType
from ..native import Clock, Day, Exact, Instant, JsonWithoutNul, TextWithoutNul, Truth, Uuid
from ..ways import TestsNoDocuments, column_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall._model.kinds import Kind

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


class Postgresql(TestsNoDocuments):
    """The flavour of PostgreSQL; see `Flavor`."""

    # The protocol counts 65,535 bound values a statement.
    max_operands = 10_000
    row_values = True
    one_statement = True
    returning = True
    fetches_as_bound = True
    names_key = True
    max_name: int | None = 63
    shortcuts: Mapping[type[Kind], Shortcut] = {
        kinds.Str: Shortcut("value.__class__ is str and value.isascii() and '\\0' not in value", "value", None),
        kinds.Int: Shortcut(None, "value", None),
        kinds.Float: Shortcut("value.__class__ is float and 1e-4 <= abs(value) < 1e16", "value", None),
        kinds.Bool: Shortcut("value.__class__ is bool", "value", None),
    }

    as_text: Mapping[ColumnType, ColumnType] = {}
    """Columns whose values a subclass has as text, each with the one that stands for it."""

    def __init__(self, dialect: sa.Dialect) -> None:
        self.dialect = dialect

    def column(self, kind: Kind) -> ColumnType:
        found = column_of(kind, _COLUMNS, DOCUMENT, EXACT)
        return self.as_text.get(found, found)

    def native(self, column: ColumnType) -> ColumnType:
        return next((own for own, text in self.as_text.items() if text is column), column)

    def sql_type(self, column: ColumnType, length: int | None) -> sa.types.TypeEngine[Any]:  # noqa: ARG002 - as long as it is
        return _TYPES[self.native(column)]

    def selected(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        # As text, since drivers turn JSON into values, and its numbers into floats.
        return sa.cast(column, sa.Text()) if isinstance(column.type, JSONB) else column

    def ordered(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        # Said each time, for tables that were made by others.
        return sa.collate(column, "C") if isinstance(column.type, sa.Text) else column

    def upsert(self, table: sa.Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> sa.Executable:
        new = insert(table).values(rows)
        rest = {name: new.excluded[name] for name in rows[0] if name not in key}
        return new.on_conflict_do_update(index_elements=key, set_=rest) if rest else new.on_conflict_do_nothing()

    def contains(self, text: sa.ColumnElement[Any], part: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
        return sa.func.strpos(text, part) > sa.literal_column("0")

    def octets(self, blob: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
        return sa.func.octet_length(blob, type_=sa.Integer())
