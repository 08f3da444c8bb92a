"""Tables as SQLite lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..catalog import Found, FoundIndex
from .statements import COLUMNS, DDL, INDEXES, collations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..session import Session
    from ..tables import MappedTable


class SqliteCatalog:
    """See `holdall_adapters._sql.catalog.Catalog`."""

    makes = True

    def folded(self, name: str) -> str:
        # Only ASCII letters of two cases are one.
        return name.encode().lower().decode()

    async def table(self, session: Session, table: MappedTable) -> Found | None:
        rows = await session.rows(COLUMNS, [table.name])
        if not rows:
            return None
        columns = {self.folded(name): key for name, key in rows}
        there = [name for name in table.columns if self.folded(name) in columns]
        primary = tuple(name for name, key in columns.items() if key)
        problem = await self._blind(session, table, there)
        return Found(frozenset(columns), primary, await self._indexes(session, table.name), problem)

    async def exists(self, session: Session, name: str) -> bool:
        return bool(await session.rows(COLUMNS, [name]))

    async def _indexes(self, session: Session, table: str) -> tuple[FoundIndex, ...]:
        rows = await session.rows(INDEXES, [table])
        names = dict.fromkeys(row[0] for row in rows)
        return tuple(self._index([row for row in rows if row[0] == name]) for name in names)

    def _index(self, rows: Sequence[Any]) -> FoundIndex:
        unique = all(row[1] and not row[2] and row[4] == "BINARY" for row in rows)
        return FoundIndex(tuple(self.folded(str(row[3])) for row in rows), unique)

    async def _blind(self, session: Session, table: MappedTable, names: Sequence[str]) -> str | None:
        """Return words about texts that the database would compare by anything but code point."""
        ((ddl,),) = await session.rows(DDL, [table.name])
        texts = [name for name in names if isinstance(table.table.c[name].type, sa.Text)]
        if not texts or "collate" not in str(ddl).lower():
            return None
        (row,) = await session.rows(collations([table.table.c[name] for name in texts]), ())
        for name, blind in zip(texts, row, strict=True):
            if blind:
                return (f"the column {name!r} of the table {table.name!r} compares texts by a COLLATE of its own; "
                        "every store compares them by code point, so declare it COLLATE BINARY")
        return None
