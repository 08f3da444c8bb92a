"""Own statements of MySQL and MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..clauses import Places
from ..session import Prepared
from ..statements import compiled

if TYPE_CHECKING:
    from ..flavor import Flavor
    from ..session import Mode

BEGIN: dict[Mode, tuple[str, ...]] = {
    "batch": ("START TRANSACTION",),
    "locked": ("START TRANSACTION",),
    "serializable": ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "START TRANSACTION"),
}
_SCHEMA = "information_schema"


def setup(_: Flavor) -> list[Prepared]:
    """Return what makes a new connection fit for our statements."""
    return [
        # A row that is locked is read as it is now; and no gaps are locked, in which others would have to wait.
        Prepared("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", ()),
        Prepared("SET SESSION time_zone = '+00:00', sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES')", ()),
    ]


def limit(flavor: Flavor) -> Prepared:
    """Return the statement that bounds every statement from now on: by seconds, or MySQL's milliseconds; and locks."""
    if getattr(flavor.dialect, "is_mariadb", False):
        text = sa.text("SET SESSION max_statement_time = :holdall_0, innodb_lock_wait_timeout = :holdall_1")
    else:
        text = sa.text("SET SESSION max_execution_time = :holdall_0, innodb_lock_wait_timeout = :holdall_1")
    return compiled(text, flavor)


def columns(flavor: Flavor) -> Prepared:
    """Return the statement that lists a table's columns: name, type, type in full, collation, decimals, precision."""
    names = ("column_name", "data_type", "column_type", "collation_name", "numeric_scale", "datetime_precision")
    return compiled(_of_table("columns", names, "ordinal_position"), flavor)


def indexes(flavor: Flavor) -> Prepared:
    """Return the statement that lists a table's indexes: name, not unique, column, length of a prefix; in order."""
    names = ("index_name", "non_unique", "column_name", "sub_part")
    return compiled(_of_table("statistics", names, "index_name", "seq_in_index"), flavor)


def _of_table(view: str, names: tuple[str, ...], *order: str) -> sa.Select[Any]:
    needed = dict.fromkeys((*names, *order, "table_name", "table_schema"))
    found = sa.table(view, *map(sa.column, needed), schema=_SCHEMA)
    own = (found.c.table_schema == sa.func.database(), found.c.table_name == Places().next(sa.String()))
    return sa.select(*[found.c[name] for name in names]).where(*own).order_by(*[found.c[name] for name in order])
