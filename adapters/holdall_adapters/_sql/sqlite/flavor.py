"""SQLite's ways: no exact decimals, no JSON comparison of its own, but functions of ours inside the database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.dialects.sqlite.pysqlite import dialect

from holdall._model import kinds

from ..columns import BLOB, BOOLEAN, DOCUMENT, INTEGER, NUMBER, REAL, TEXT, ColumnType
from ..form import SHORTCUTS
from ..ways import column_of, on_conflict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall._model.kinds import Kind
    from holdall.drivers import Shortcut

    from ..flavor import Arrays

TEST_FUNCTION = "holdall_test"
"""The function of our connections that applies a condition to a stored value."""

_COLUMNS: tuple[tuple[type[Kind] | tuple[type[Kind], ...], ColumnType], ...] = (
    ((kinds.Str, kinds.DateTime, kinds.Date, kinds.Time, kinds.Uuid), TEXT),
    ((kinds.Int, kinds.Duration, kinds.Expiry), INTEGER),
    (kinds.Float, REAL),
    (kinds.Bool, BOOLEAN),
    (kinds.Bytes, BLOB),
    ((kinds.DecimalNumber, kinds.AnyNumber), NUMBER),
)
# TEXT, INTEGER and REAL are SQLite's storage classes, so a column's affinity changes nothing that is bound.
_TYPES: dict[ColumnType, sa.types.TypeEngine[Any]] = {
    TEXT: sa.Text(),
    BLOB: sa.LargeBinary(),
    BOOLEAN: sa.Integer(),
    INTEGER: sa.Integer(),
    REAL: sa.REAL(),
    NUMBER: sa.Text(),
    DOCUMENT: sa.Text(),
}


class Sqlite:
    """The flavour of SQLite; see `Flavor`."""

    # SQLite takes 32,766 bound values a statement, a whole condition included.
    max_operands = 500
    documents = True
    row_values = True
    # A transaction costs nothing where the database is in the process.
    one_statement = False
    returning = False
    fetches_as_bound = True
    arrays: Arrays | None = None
    names_key = True
    max_name: int | None = None
    shortcuts: Mapping[type[Kind], Shortcut] = SHORTCUTS

    def __init__(self) -> None:
        self.dialect = dialect(paramstyle="qmark")

    def column(self, kind: Kind) -> ColumnType:
        return column_of(kind, _COLUMNS, DOCUMENT, NUMBER)

    def sql_type(self, column: ColumnType, length: int | None) -> sa.types.TypeEngine[Any]:  # noqa: ARG002 - as long as it is
        return _TYPES[column]

    def native(self, column: ColumnType) -> ColumnType:
        return column

    def selected(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return column

    def ordered(self, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        return column

    def upsert(self, table: sa.Table, rows: Sequence[dict[str, Any]], key: Sequence[str]) -> sa.Executable:
        return on_conflict(insert(table).values(rows), rows[0], key)

    def contains(self, text: sa.ColumnElement[Any], part: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
        return sa.func.instr(text, part) > sa.literal_column("0")

    def octets(self, blob: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
        return sa.func.length(blob, type_=sa.Integer())

    def document_test(self, column: sa.ColumnElement[Any], test: sa.BindParameter[Any]) -> sa.ColumnElement[bool]:
        # A bare function is a condition in SQLite; the type tells SQLAlchemy so.
        return sa.Function(TEST_FUNCTION, test, column, type_=sa.Boolean())

