"""holdall on SQLite beside what it stands on: SQLAlchemy's Core and ORM, used by hand, on files of the same schema."""

from __future__ import annotations

import tempfile
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.sqlite import insert

from holdall import open_repository

from .. import record
from ..measure import interleaved
from ..report import Row, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..settings import Settings

BASE = "SQLAlchemy Core"
KEY = {"customer": "c-1", "id": record.ID.format(0)}


class _Number(sa.types.TypeDecorator[Decimal]):
    """SQLite has no exact decimals, so they are text, as SQLAlchemy's own warning advises."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return str(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return Decimal(value)


class _Instant(sa.types.TypeDecorator[datetime]):
    """SQLite's own type of SQLAlchemy drops the time zone."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> Any:
        return record.instant(value)

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return record.parse_instant(value)


_TABLE = sa.Table(
    "order", sa.MetaData(),
    sa.Column("customer", sa.Text, primary_key=True), sa.Column("id", sa.Text, primary_key=True),
    sa.Column("quantity", sa.Integer), sa.Column("total", _Number), sa.Column("weight", sa.Float),
    sa.Column("paid", sa.Boolean), sa.Column("placed", _Instant), sa.Column("tags", sa.JSON),
    sa.Column("address", sa.JSON), sa.Column("digest", sa.LargeBinary),
)  # fmt: skip
_NAMES = [field.name for field in fields(record.Order)]


class _Mapped:
    """What the ORM maps; its constructor takes the columns by name."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


orm.registry().map_imperatively(_Mapped, _TABLE)


def _engine(path: Path) -> sa.Engine:
    engine = sa.create_engine(f"sqlite:///{path}")

    @sa.event.listens_for(engine, "connect")
    def _(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")

    _TABLE.metadata.create_all(engine)
    return engine


class _Core:
    def __init__(self, folder: Path) -> None:
        self._engine = _engine(folder / "core.db")

    def get(self) -> Any:
        asked = sa.select(_TABLE).where(_TABLE.c.customer == KEY["customer"], _TABLE.c.id == KEY["id"])
        with self._engine.connect() as connection:
            row = connection.execute(asked).one_or_none()
        return None if row is None else record.Order(*row)

    def put(self, order: record.Order) -> None:
        new = insert(_TABLE).values(vars(order))
        changed = {name: new.excluded[name] for name in _NAMES if name not in KEY}
        with self._engine.begin() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=list(KEY), set_=changed))

    def query(self) -> Any:
        asked = sa.select(_TABLE).where(_TABLE.c.customer == "c-100").order_by(_TABLE.c.id)
        with self._engine.connect() as connection:
            return [record.Order(*row) for row in connection.execute(asked)]

    def close(self) -> None:
        self._engine.dispose()


class _Orm:
    def __init__(self, folder: Path) -> None:
        self._engine = _engine(folder / "orm.db")

    def get(self) -> Any:
        with orm.Session(self._engine) as session:
            return session.get(_Mapped, tuple(KEY.values()))

    def put(self, order: record.Order) -> None:
        with orm.Session(self._engine) as session, session.begin():
            session.merge(_Mapped(**vars(order)))

    def query(self) -> Any:
        asked = sa.select(_Mapped).where(_TABLE.c.customer == "c-100").order_by(_TABLE.c.id)
        with orm.Session(self._engine) as session:
            return session.scalars(asked).all()

    def close(self) -> None:
        self._engine.dispose()


class _Holdall:
    def __init__(self, folder: Path) -> None:
        self._orders = open_repository(f"sqlite:///{folder / 'holdall.db'}", record.Order)

    def get(self) -> Any:
        return self._orders.get(tuple(KEY.values()))

    def put(self, order: record.Order) -> None:
        self._orders.put(order)

    def query(self) -> Any:
        return list(self._orders.query(record.partition(100)))

    def close(self) -> None:
        self._orders.close()


def run(settings: Settings) -> list[Row]:
    """Measure get, put, and query of 100."""
    with tempfile.TemporaryDirectory() as folder:
        contenders: dict[str, Any] = {
            BASE: _Core(Path(folder)), "SQLAlchemy ORM": _Orm(Path(folder)), "holdall": _Holdall(Path(folder))
        }  # fmt: skip
        for contender in contenders.values():
            _fill_and_check(contender)
        order = record.order(1, 0)
        rows = [
            *_rows("get", settings.calls(50), contenders, lambda one: one.get, settings),
            *_rows("put", settings.calls(50), contenders, lambda one: lambda: one.put(order), settings),
            *_rows("query 100", settings.calls(10), contenders, lambda one: one.query, settings),
        ]
        for contender in contenders.values():
            contender.close()
    return rows


def _fill_and_check(contender: Any) -> None:
    for size in (1, 100):
        for number in range(size):
            contender.put(record.order(size, number))
    assert _read(contender.get()) == record.values(1, 0)
    assert [_read(found) for found in contender.query()] == [record.values(100, number) for number in range(100)]


def _read(found: Any) -> dict[str, Any]:
    return {name: getattr(found, name) for name in _NAMES}


def _rows(
    task: str, calls: int, contenders: dict[str, Any], verb: Callable[[Any], Callable[[], Any]], settings: Settings
) -> list[Row]:
    jobs = {name: _repeat(verb(one)) for name, one in contenders.items()}
    return rows_of("sqlite", task, interleaved(jobs, rounds=settings.rounds(), calls=calls), BASE)


def _repeat(function: Callable[[], Any]) -> Callable[[int], None]:
    def job(calls: int) -> None:
        for _ in range(calls):
            function()

    return job
