"""PostgreSQL's own statements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from ..clauses import Places
from ..statements import compiled

if TYPE_CHECKING:
    from ..flavor import Flavor
    from ..session import Mode, Prepared

BEGIN: dict[Mode, tuple[str, ...]] = {
    "batch": ("BEGIN ISOLATION LEVEL READ COMMITTED",),
    # A row that is locked is read as it is now, not as it was when the transaction began.
    "locked": ("BEGIN ISOLATION LEVEL READ COMMITTED",),
    "serializable": ("BEGIN ISOLATION LEVEL SERIALIZABLE",),
}


def setup(flavor: Flavor) -> list[Prepared]:
    """Return what makes a new connection fit for our statements."""
    zone = sa.func.set_config("TimeZone", "UTC", sa.false())
    return [compiled(sa.select(zone), flavor)]


def limit(flavor: Flavor) -> Prepared:
    """Return the statement that bounds every statement from now on, by a text of milliseconds, given twice."""
    places = Places()
    names = ("statement_timeout", "lock_timeout")
    set_all = [sa.func.set_config(name, places.next(sa.Text()), sa.false()) for name in names]
    return compiled(sa.select(*set_all), flavor)


def columns(flavor: Flavor) -> Prepared:
    """Return the statement that lists a table's columns: name, type, its modifier, whether equal texts are the same."""
    attribute, kind = _attribute(), sa.table("pg_type", *map(sa.column, ("oid", "typname", "typtype")), schema=_SCHEMA)
    collation = sa.table("pg_collation", *map(sa.column, ("oid", "collisdeterministic")), schema=_SCHEMA)
    found = sa.select(attribute.c.attname, kind.c.typname, attribute.c.atttypmod, collation.c.collisdeterministic)
    found = found.select_from(
        attribute.join(kind, kind.c.oid == attribute.c.atttypid)
        .outerjoin(collation, collation.c.oid == attribute.c.attcollation)
    )
    there = (attribute.c.attrelid == _relation(), attribute.c.attnum > sa.literal_column("0"),
             sa.not_(attribute.c.attisdropped))  # fmt: skip
    return compiled(found.where(*there).order_by(attribute.c.attnum), flavor)


def indexes(flavor: Flavor) -> Prepared:
    """Return the statement that lists a table's indexes: number, unique, primary, whole, column; in order."""
    index = sa.table("pg_index", *map(sa.column, (
        "indexrelid", "indrelid", "indkey", "indisunique", "indisprimary", "indisvalid", "indpred", "indexprs",
        "indnkeyatts")), schema=_SCHEMA)  # fmt: skip
    attribute = _attribute()
    part = sa.func.unnest(index.c.indkey).table_valued(
        "attnum", with_ordinality="place", name="part", joins_implicitly=True
    ).render_derived("part")  # fmt: skip
    whole = sa.and_(index.c.indpred.is_(None), index.c.indexprs.is_(None), index.c.indisvalid)
    number = sa.cast(index.c.indexrelid, sa.BigInteger())
    found = sa.select(number, index.c.indisunique, index.c.indisprimary, whole, attribute.c.attname)
    found = found.select_from(index, part, attribute)
    found = found.where(attribute.c.attrelid == index.c.indrelid, attribute.c.attnum == part.c.attnum)
    own = (index.c.indrelid == _relation(), part.c.place <= index.c.indnkeyatts)
    return compiled(found.where(*own).order_by(index.c.indexrelid, part.c.place), flavor)


def exists(flavor: Flavor) -> Prepared:
    """Return the statement that has a row where there is a table."""
    one: Any = sa.literal_column("1", sa.Integer())
    return compiled(sa.select(one).where(_relation().is_not(None)), flavor)


_SCHEMA = "pg_catalog"


def _attribute() -> Any:
    names = ("attrelid", "attname", "atttypid", "atttypmod", "attnum", "attisdropped", "attcollation")
    return sa.table("pg_attribute", *map(sa.column, names), schema=_SCHEMA)


def _relation() -> Any:
    # The name is quoted by the database itself, and found by its search path.
    quoted = sa.func.quote_ident(Places().next(sa.Text()))
    return sa.func.to_regclass(quoted, type_=postgresql.OID())
