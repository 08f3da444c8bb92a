"""Tables as PostgreSQL lists them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..catalog import Found, FoundIndex
from ..columns import BLOB, INTEGER, REAL
from . import statements
from .flavor import CLOCK, DAY, DOCUMENT, EXACT, INSTANT, TEXT, TRUTH, UUID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..columns import ColumnType
    from ..flavor import Flavor
    from ..session import Prepared, Session
    from ..tables import MappedTable

_FIT: Mapping[ColumnType, tuple[str, ...]] = {
    TEXT: ("text", "varchar"),
    INSTANT: ("timestamptz", "timestamp"),
    DAY: ("date",),
    CLOCK: ("time",),
    UUID: ("uuid",),
    INTEGER: ("int8", "int4", "int2"),
    REAL: ("float8",),
    TRUTH: ("bool",),
    BLOB: ("bytea",),
    EXACT: ("numeric",),
    DOCUMENT: ("jsonb",),
}
_MICROSECONDS = 6


class PostgresqlCatalog:
    """See `holdall_adapters._sql.catalog.Catalog`."""

    makes = False

    def __init__(self, flavor: Flavor) -> None:
        self._flavor = flavor

    @cached_property
    def _columns(self) -> Prepared:
        return statements.columns(self._flavor)

    @cached_property
    def _indexes(self) -> Prepared:
        return statements.indexes(self._flavor)

    @cached_property
    def _exists(self) -> Prepared:
        return statements.exists(self._flavor)

    def folded(self, name: str) -> str:
        return name

    async def table(self, session: Session, table: MappedTable) -> Found | None:
        rows = await session.rows(self._columns, [table.name])
        if not rows:
            return None
        columns = {str(row[0]): row for row in rows}
        problems = (_problem(table, name, columns[name]) for name in table.columns if name in columns)
        primary, indexes = await self._keys(session, table.name)
        return Found(frozenset(columns), primary, indexes, next((one for one in problems if one), None))

    async def exists(self, session: Session, name: str) -> bool:
        return bool(await session.rows(self._exists, [name]))

    async def _keys(self, session: Session, table: str) -> tuple[tuple[str, ...], tuple[FoundIndex, ...]]:
        rows = await session.rows(self._indexes, [table])
        groups = [[row for row in rows if row[0] == number] for number in dict.fromkeys(row[0] for row in rows)]
        primary = next((_names(group) for group in groups if group[0][2]), ())
        return primary, tuple(FoundIndex(_names(group), bool(group[0][1] and group[0][3])) for group in groups)


def _names(rows: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(row[4]) for row in rows)


def _problem(table: MappedTable, name: str, row: Any) -> str | None:
    """Return words about a column that can't hold its field exactly, or compares otherwise."""
    column, found, modifier, deterministic = table.flavor.native(table.columns[name]), str(row[1]), row[2], row[3]
    where, declared = f"the column {name!r} of the table {table.name!r}", table.table.c[name].type
    wanted = declared.compile(dialect=table.flavor.dialect)
    if found not in _FIT[column]:
        return f"{where} is of the type {found}, which can't hold every value of the field; make it {wanted}"
    if column is EXACT and modifier != -1:
        return f"{where} rounds numbers to a fixed number of digits; make it numeric without any"
    if column in (INSTANT, CLOCK) and modifier not in (-1, _MICROSECONDS):
        return f"{where} drops microseconds; make it {wanted}"
    if deterministic is False:
        return f"{where} has a collation that takes different texts for equal; make it {wanted}"
    return None
