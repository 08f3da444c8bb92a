"""holdall on a SQL database, and what it stands on, used by hand: SQLAlchemy's Core and ORM."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import orm

from holdall import open_repository

from .. import record
from .tables import DATABASES, KEY, NAMES, table

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = {"customer": "c-1", "id": record.ID.format(0)}


def _engine(kind: str, url: str) -> sa.Engine:
    engine = sa.create_engine(url, **DATABASES[kind].settings)
    if kind == "sqlite":
        sa.event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA journal_mode=WAL"))
    return engine


class Core:
    """Statements made once, on connections of the pool; the rows become records."""

    def __init__(self, kind: str, url: str, name: str) -> None:
        self._engine = _engine(kind, url)
        self._table = table(kind, name)
        self._table.create(self._engine)
        column = self._table.c
        self._get = sa.select(self._table).where(*[column[part] == sa.bindparam(part) for part in KEY])
        self._put = DATABASES[kind].upsert(self._table)
        self._query = (
            sa.select(self._table).where(column.customer == sa.bindparam("customer")).order_by(column.id)
        )

    def get(self) -> Any:
        with self._engine.connect() as connection:
            row = connection.execute(self._get, FIRST).one_or_none()
        return None if row is None else record.Order(*row)

    def put(self, order: record.Order) -> None:
        with self._engine.begin() as connection:
            connection.execute(self._put, vars(order))

    def query(self, size: int) -> Any:
        with self._engine.connect() as connection:
            return [record.Order(*row) for row in connection.execute(self._query, {"customer": f"c-{size}"})]

    def close(self) -> None:
        self._table.drop(self._engine)
        self._engine.dispose()


class Orm:
    """A session for each piece of work."""

    def __init__(self, kind: str, url: str, name: str) -> None:
        self._engine = _engine(kind, url)
        self._table = table(kind, name)
        self._table.create(self._engine)
        self._mapped = type("Mapped", (_Mapped,), {})
        orm.registry().map_imperatively(self._mapped, self._table)

    def get(self) -> Any:
        with orm.Session(self._engine) as session:
            return session.get(self._mapped, tuple(FIRST.values()))

    def put(self, order: record.Order) -> None:
        with orm.Session(self._engine) as session, session.begin():
            session.merge(self._mapped(**vars(order)))

    def query(self, size: int) -> Any:
        column = self._table.c
        asked = sa.select(self._mapped).where(column.customer == f"c-{size}").order_by(column.id)
        with orm.Session(self._engine) as session:
            return session.scalars(asked).all()

    def close(self) -> None:
        self._table.drop(self._engine)
        self._engine.dispose()


class _Mapped:
    """What the ORM maps; its constructor takes the columns by name."""

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class Holdall:
    """A repository."""

    def __init__(self, kind: str, url: str, name: str) -> None:
        self._orders = open_repository(f"{url}?table={name}", record.Order)
        self._orders.provision()

    def get(self) -> Any:
        return self._orders.get(tuple(FIRST.values()))

    def put(self, order: record.Order) -> None:
        self._orders.put(order)

    def put_many(self, orders: Sequence[record.Order]) -> None:
        self._orders.put_many(orders)

    def put_each(self, orders: Sequence[record.Order]) -> None:
        for order in orders:
            self._orders.put(order)

    def query(self, size: int) -> Any:
        return list(self._orders.query(record.partition(size)))

    def close(self) -> None:
        native = self._orders.native
        native.table.drop(native.engine)
        self._orders.close()


def read(found: Any) -> dict[str, Any]:
    """Return the values of a record, whoever gave it."""
    return {name: getattr(found, name) for name in NAMES}


def fill_and_check(contender: Any, sizes: Sequence[int]) -> None:
    """Store partitions of those sizes, and refuse a contender that does not give back what it was given."""
    for size in (1, *sizes):
        for number in range(size):
            contender.put(record.order(size, number))
    assert read(contender.get()) == record.values(1, 0)
    for size in sizes:
        assert [read(found) for found in contender.query(size)] == [record.values(size, i) for i in range(size)]
