"""Tables as MySQL and MariaDB list them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..catalog import Found, FoundIndex
from ..columns import BLOB, BOOLEAN, DOCUMENT, INTEGER, REAL, TEXT
from . import statements
from .flavor import CLOCK, DAY, DECIMALS, EXACT, INSTANT, UUID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..columns import ColumnType
    from ..flavor import Flavor
    from ..session import Prepared, Session
    from ..tables import MappedTable

_TEXTS = ("varchar", "tinytext", "text", "mediumtext", "longtext")
_FIT: Mapping[ColumnType, tuple[str, ...]] = {
    TEXT: _TEXTS,
    INSTANT: ("datetime", "timestamp"),
    DAY: ("date",),
    CLOCK: ("time",),
    UUID: ("char", "varchar"),
    INTEGER: ("bigint", "int", "mediumint", "smallint", "tinyint"),
    REAL: ("double",),
    BOOLEAN: ("tinyint", "boolean"),
    BLOB: ("varbinary", "tinyblob", "blob", "mediumblob", "longblob"),
    EXACT: ("decimal",),
    DOCUMENT: ("json", "longtext"),
}
_BY_CODE_POINT = ("utf8mb4_nopad_bin", "utf8mb4_0900_bin")
_MICROSECONDS = 6


class MysqlCatalog:
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

    def folded(self, name: str) -> str:
        return name.lower()

    async def table(self, session: Session, table: MappedTable) -> Found | None:
        rows = await session.rows(self._columns, [table.name])
        if not rows:
            return None
        columns = {self.folded(row[0]): row for row in rows}
        there = [(name, columns[self.folded(name)]) for name in table.columns if self.folded(name) in columns]
        problems = (_problem(table, name, row) for name, row in there)
        indexes = await self._groups(session, table.name)
        primary = indexes.get("PRIMARY")
        return Found(frozenset(columns), () if primary is None else primary.columns, tuple(indexes.values()),
                     next((one for one in problems if one), None))

    async def exists(self, session: Session, name: str) -> bool:
        return bool(await session.rows(self._columns, [name]))

    async def _groups(self, session: Session, table: str) -> dict[str, FoundIndex]:
        rows = await session.rows(self._indexes, [table])
        groups: dict[str, list[Any]] = {}
        for row in rows:
            groups.setdefault(row[0], []).append(row)
        return {name: self._index(group) for name, group in groups.items()}

    def _index(self, rows: Sequence[Any]) -> FoundIndex:
        unique = all(not row[1] and row[3] is None for row in rows)
        return FoundIndex(tuple(self.folded(str(row[2])) for row in rows), unique)


def _problem(table: MappedTable, name: str, row: Any) -> str | None:
    """Return words about a column that can't hold its field exactly, or compares otherwise."""
    _, found, whole, collation, scale, parts = row
    column, declared = table.flavor.native(table.columns[name]), table.table.c[name].type
    where, wanted = f"the column {name!r} of the table {table.name!r}", declared.compile(dialect=table.flavor.dialect)
    if found not in _FIT[column]:
        return f"{where} is of the type {whole}, which can't hold every value of the field; make it {wanted}"
    if column is EXACT and (scale or 0) < DECIMALS:
        return f"{where} ({whole}) rounds numbers to {scale} decimals; make it {wanted}"
    if column in (INSTANT, CLOCK) and parts != _MICROSECONDS:
        return f"{where} ({whole}) drops microseconds; make it {wanted}"
    if column is TEXT and collation not in _BY_CODE_POINT:
        return (f"{where} compares texts by {collation}; every store compares them by code point, so make it {wanted}")
    return None
