"""SQLite's own statements, which SQLAlchemy has no words for."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..clauses import Places
from ..statements import compiled
from .flavor import Sqlite

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..session import Prepared

# A deferred transaction that reads first can be refused its lock later, when it is too late to wait.
BEGIN = "BEGIN IMMEDIATE"
ROLLBACK = "ROLLBACK"

_FLAVOR = Sqlite()
_STEPS = (2000, 1000, 500, 200, 100, 50, 20, 10, 5)
"""Milliseconds to which a wait is cut by a deadline, so that there are few statements."""


def busy_timeout(seconds: float, left: float | None = None) -> str:
    """Return the statement that makes SQLite wait for a lock: that long, or less where a deadline leaves less."""
    if left is None or left >= seconds:
        return _busy_timeout(int(seconds * 1000))
    return _busy_timeout(next((step for step in _STEPS if step <= left * 1000), 0))


@lru_cache(maxsize=64)
def _busy_timeout(milliseconds: int) -> str:
    # A PRAGMA takes no bound values.
    pragma = sa.text("PRAGMA busy_timeout = :wait").bindparams(sa.bindparam("wait", milliseconds, sa.Integer()))
    return str(pragma.compile(dialect=_FLAVOR.dialect, compile_kwargs={"literal_binds": True}))


def _columns() -> Prepared:
    info = sa.func.pragma_table_info(Places().next()).table_valued("name", "pk")
    return once(sa.select(info.c.name, info.c.pk))


def _indexes() -> Prepared:
    found = sa.func.pragma_index_list(Places().next()).table_valued("name", "unique", "partial").alias("found")
    part = sa.func.pragma_index_xinfo(found.c.name).table_valued("seqno", "name", "coll", "key").alias("part")
    query = sa.select(found.c.name, found.c.unique, found.c.partial, part.c.name, part.c.coll)
    # Beside its key, an index lists what leads back to the table.
    query = query.select_from(found, part).where(part.c.key == sa.literal_column("1"))
    return once(query.order_by(found.c.name, part.c.seqno))


def collations(columns: Sequence[sa.Column[Any]]) -> Prepared:
    """Return the statement that says of text columns whether they take "a " for "A" or for "a"."""
    nothing = sa.select(*columns).where(sa.false())
    # A column of a UNION compares as that of its first part, also where that part has no rows.
    probe = sa.union_all(nothing, sa.select(*[sa.literal_column("'a '", sa.Text()) for _ in columns])).subquery()
    others = [sa.literal_column("'A '", sa.Text()), sa.literal_column("'a'", sa.Text())]
    return once(sa.select(*[sa.or_(*[column == other for other in others]) for column in probe.c]))


def _ddl() -> Prepared:
    master = sa.table("sqlite_master", sa.column("name"), sa.column("type"), sa.column("sql"))
    place = Places().next()
    return once(sa.select(master.c.sql).where(sa.func.lower(master.c.name) == sa.func.lower(place)).limit(1))


def once(statement: sa.Executable) -> Prepared:
    """Return a statement that is not worth keeping, compiled."""
    return compiled(statement, _FLAVOR)


COLUMNS = _columns()
"""Names of a table's columns, each with its place in the primary key; none where there is no table."""
INDEXES = _indexes()
"""For each column of each index of a table: index, unique, partial, column, collation."""
DDL = _ddl()
"""The text that a table was made with."""
