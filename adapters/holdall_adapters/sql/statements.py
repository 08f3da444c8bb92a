"""SQLite's own statements, which SQLAlchemy has no words for."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateColumn, ExecutableDDLElement

from .._sql.sqlite import Sqlite

# A deferred transaction that reads first can be refused its lock later, when it is too late to wait.
BEGIN = "BEGIN IMMEDIATE"
ROLLBACK = "ROLLBACK"

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
    return str(pragma.compile(dialect=Sqlite().dialect, compile_kwargs={"literal_binds": True}))


class AddColumn(ExecutableDDLElement):
    """`ALTER TABLE ... ADD COLUMN`."""

    inherit_cache = False

    def __init__(self, column: sa.Column[Any]) -> None:
        self.column = column


@compiles(AddColumn)
def _add_column(element: AddColumn, compiler: Any, **_: Any) -> str:
    table = compiler.preparer.format_table(element.column.table)
    return " ".join(("ALTER TABLE", table, "ADD COLUMN", compiler.process(CreateColumn(element.column))))
