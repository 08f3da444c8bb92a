"""The port over a SQLAlchemy engine of SQLite."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

import sqlalchemy as sa

from holdall.drivers import BatchWritten, Capabilities, Got, PageOfItems, Read, Write, Written
from holdall.errors import ConfigError, InvalidArgument, ResourceMissing
from holdall.io import BlockingIo

from .._sql import reads
from .._sql.form import SqlForm
from .._sql.session import Missing
from .._sql.sqlite import Sqlite
from .._sql.tables import MappedTable
from .._sql.tokens import TABLE as TOKENS
from .._sql.tokens import Tokens
from .._sql.writes import write_all, write_each, write_many, write_one
from . import schema
from .client import open_store, store_of
from .options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from holdall._model.schema import Field, Model
    from holdall.drivers import KeyValue, Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

    from .client import SqlSession, Store

T = TypeVar("T")
_CAPABILITIES = Capabilities("sqlite", sparse_indexes=True, max_get=100, max_batch=1000, int_bits=64)


def open_records(url: Url, opening: Opening) -> tuple[RecordDriver, Io]:
    """
    Open a table of a database. Nothing is read or written yet.

    Raises:
        ConfigError: The URL or the engine is wrong.
    """
    options = Options.from_url(url)
    table = options.table or opening.model.table
    if table == TOKENS:
        raise ConfigError(f"open {url}: the table {TOKENS!r} is holdall's own; choose another ?table=")
    store = open_store(options.path) if opening.client is None else store_of(opening.client, options.path)
    io = _thread_io() if opening.asynchronous else BlockingIo()
    return SqlDriver(store, table, opening.model, options, io), io


def _thread_io() -> Io:
    # Imported here: a program without asyncio doesn't pay for it.
    from holdall.aio import ThreadIo

    return ThreadIo()


@dataclass(frozen=True)
class Native:
    """What SQLAlchemy itself needs: `engine`, and `table`."""

    engine: sa.Engine
    table: sa.Table


class SqlDriver:
    """One table of one database."""

    def __init__(self, store: Store, table: str, model: Model[Any], options: Options, io: Io) -> None:
        self._store = store
        self._options = options
        self._io = io
        flavor = Sqlite()
        self._table = MappedTable(model, table, flavor)
        self._tokens = Tokens(flavor)
        self._form = SqlForm(flavor)
        self._ready = False

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    @property
    def form(self) -> SqlForm:
        return self._form

    @property
    def store(self) -> object:
        return self._store.identity

    @property
    def native(self) -> Any:
        return Native(self._store.engine, self._table.table)

    async def get(self, keys: Sequence[KeyValue], *, consistent: bool, fields: tuple[Field, ...] | None) -> Got:
        return await self._work(lambda session: reads.get(session, self._table, keys, fields), write=False)

    async def write(self, write: Write) -> Written:
        return await self._work(lambda session: write_one(session, self._table, write))

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        if not self._table.model.uniques:
            try:
                await self._work(lambda session: write_many(session, self._table, writes))
            except InvalidArgument:
                pass  # One of them is refused, and nothing was written: find out which.
            else:
                return BatchWritten()
        return await self._work(lambda session: write_each(session, self._table, writes))

    async def transact(self, parts: Sequence[tuple[RecordDriver, Any]], token: str | None) -> None:
        drivers = [cast("SqlDriver", driver) for driver, _ in parts]
        pairs = [(driver._table, write) for driver, (_, write) in zip(drivers, parts, strict=True)]
        now = int(time.time())

        async def job(session: SqlSession) -> None:
            if token is not None and await self._tokens.seen(session, token, now):
                return
            await write_all(session, pairs)
            if token is not None:
                await self._tokens.keep(session, token, now)

        await self._work(job, others=drivers)

    async def read(self, read: Read) -> PageOfItems:
        return await self._work(lambda session: reads.read(session, self._table, read), write=False)

    async def provision(self) -> None:
        await self._io.call(self._provide, create=True)

    async def close(self) -> None:
        await self._io.call(self._store.release)

    async def _work(
        self,
        job: Callable[[SqlSession], Coroutine[Any, Any, T]],
        *,
        write: bool = True,
        others: Sequence[SqlDriver] = (),
    ) -> T:
        """Run a whole piece of work in one call, so that nothing waits for an event loop inside a transaction."""
        return await self._io.call(self._unit, job, write, (self, *others))

    def _unit(
        self, job: Callable[[SqlSession], Coroutine[Any, Any, T]], write: bool, drivers: Sequence[SqlDriver]
    ) -> T:
        for driver in drivers:
            driver._make_ready()
        try:
            return self._store.run(job, write=write, wait=self._options.timeout)
        except Missing:
            # Somebody dropped it since.
            for driver in drivers:
                driver._ready = False
                driver._make_ready()
        try:
            return self._store.run(job, write=write, wait=self._options.timeout)
        except Missing as missing:
            raise ResourceMissing(f"the database lacks what the table {self._table.name!r} needs: {missing}") from None

    def _make_ready(self) -> None:
        if not self._ready:
            self._provide(create=self._options.create)
            self._ready = True

    def _provide(self, create: bool) -> None:
        """Look for what the model needs, and make what is missing if that is allowed."""
        path, wait = self._store.path, self._options.timeout
        if not create and path is not None and not os.path.exists(path):
            raise ResourceMissing(f"there is no database file {path!r}, so no table {self._table.name!r}; "
                                  "call provision(), or drop create=false from the URL")
        missing = self._store.run(lambda session: schema.lacking(session, self._table), write=False, wait=wait)
        if not create:
            schema.check(self._table, missing)
        elif missing.anything:
            self._store.run(self._make_missing, write=True, wait=wait)

    async def _make_missing(self, session: SqlSession) -> None:
        # Looked for again: another process may have made it in between.
        await schema.make(session, self._table, await schema.lacking(session, self._table))
