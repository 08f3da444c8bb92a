"""The benchmark's record as a table of each database, as a program with SQLAlchemy would declare it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timezone
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql, sqlite

from .. import record

if TYPE_CHECKING:
    from collections.abc import Callable

    Types = dict[str, Any]

NAMES = [field.name for field in fields(record.Order)]
KEY = NAMES[:2]


class _Number(sa.types.TypeDecorator[Decimal]):
    """SQLite has no exact decimals, so they are text, as SQLAlchemy's own warning advises."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return str(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return Decimal(value)


class _InstantText(sa.types.TypeDecorator[datetime]):
    """SQLite's own type of SQLAlchemy drops the time zone."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return record.instant(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return record.parse_instant(value)


class _Utc(sa.types.TypeDecorator[datetime]):
    """MySQL has no time zones, so instants are kept in UTC."""

    impl = mysql.DATETIME
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return value.astimezone(timezone.utc).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return value.replace(tzinfo=timezone.utc)


class Database(NamedTuple):
    """What a database calls the types of the record's columns, and how it stores a row whether new or not."""

    types: Types
    upsert: Callable[[sa.Table], sa.Executable]
    settings: dict[str, Any]
    """How an engine is made whose statements are transactions by themselves, as holdall's are."""


def _types(key: Any, number: Any, instant: Any, json: Any) -> Types:
    return {
        "customer": key, "id": key, "quantity": sa.BigInteger, "total": number, "weight": sa.Double, "paid": sa.Boolean,
        "placed": instant, "tags": json, "address": json, "digest": sa.LargeBinary,
    }  # fmt: skip


def _new(insert: Any) -> Any:
    return lambda table: insert(table).values({name: sa.bindparam(name) for name in NAMES})


def _on_conflict(insert: Any) -> Callable[[sa.Table], sa.Executable]:
    def upsert(table: sa.Table) -> sa.Executable:
        new = _new(insert)(table)
        changed = {name: new.excluded[name] for name in NAMES if name not in KEY}
        done: sa.Executable = new.on_conflict_do_update(index_elements=KEY, set_=changed)
        return done

    return upsert


def _on_duplicate_key(table: sa.Table) -> sa.Executable:
    new = _new(mysql.insert)(table)
    done: sa.Executable = new.on_duplicate_key_update(
        {name: new.inserted[name] for name in NAMES if name not in KEY}
    )
    return done


_ALONE = {"isolation_level": "AUTOCOMMIT"}
DATABASES = {
    "sqlite": Database(_types(sa.Text, _Number, _InstantText, sa.JSON), _on_conflict(sqlite.insert), {}),
    "postgresql": Database(
        _types(sa.Text, sa.Numeric, sa.DateTime(timezone=True), postgresql.JSONB),
        _on_conflict(postgresql.insert), _ALONE,
    ),
    "mysql": Database(
        _types(sa.String(200, collation="utf8mb4_bin"), sa.Numeric(30, 10), _Utc(fsp=6), sa.JSON),
        _on_duplicate_key, _ALONE,
    ),
}  # fmt: skip


def table(kind: str, name: str) -> sa.Table:
    """Return the table of that name in one kind of database."""
    types = DATABASES[kind].types
    return sa.Table(name, sa.MetaData(), *[sa.Column(one, types[one], primary_key=one in KEY) for one in NAMES])
