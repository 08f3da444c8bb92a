"""The port over a SQLAlchemy engine of SQLite."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from holdall.drivers import BatchWritten, Capabilities, Got, PageOfItems, Read, Write, Written
from holdall.errors import ConfigError, InvalidArgument
from holdall.io import BlockingIo

from .._sql import reads
from .._sql.form import SqlForm
from .._sql.sqlite import Sqlite
from .._sql.tables import MappedTable
from .._sql.tokens import TABLE as TOKENS
from .._sql.tokens import Tokens
from .._sql.writes import write_all, write_each, write_many, write_one
from .client import open_store, store_of
from .options import Options
from .place import Place
from .schema import check_names

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    import sqlalchemy as sa

    from holdall._model.schema import Field
    from holdall.drivers import KeyValue, Opening, RecordDriver
    from holdall.io import Io
    from holdall.urls import Url

    from .client import SqlSession

T = TypeVar("T")
_CAPABILITIES = Capabilities("sqlite", max_get=100, max_batch=1000, int_bits=64)


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
    flavor = Sqlite()
    mapped = MappedTable(opening.model, table, flavor)
    check_names(mapped)
    store = open_store(options.path) if opening.client is None else store_of(opening.client, options.path)
    io = _thread_io() if opening.asynchronous else BlockingIo()
    place = Place(store, mapped, options)
    return SqlDriver(place, SqlForm(flavor), Tokens(flavor), io), io


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

    def __init__(self, place: Place, form: SqlForm, tokens: Tokens, io: Io) -> None:
        self.place = place
        self._form = form
        self._tokens = tokens
        self._io = io

    @property
    def capabilities(self) -> Capabilities:
        return _CAPABILITIES

    @property
    def form(self) -> SqlForm:
        return self._form

    @property
    def store(self) -> object:
        return self.place.store.identity

    @property
    def table(self) -> str:
        return self.place.table.table.name

    @property
    def native(self) -> Any:
        return Native(self.place.store.engine, self.place.table.table)

    async def get(
        self,
        keys: Sequence[KeyValue],
        *,
        consistent: bool,  # noqa: ARG002 - every read is
        fields: tuple[Field, ...] | None,
    ) -> Got:
        return await self._work(lambda session: reads.get(session, self.place.table, keys, fields), write=False)

    async def write(self, write: Write) -> Written:
        return await self._work(lambda session: write_one(session, self.place.table, write))

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        if not self.place.table.model.uniques:
            try:
                await self._work(lambda session: write_many(session, self.place.table, writes))
            except InvalidArgument:
                pass  # One of them is refused, and nothing was written: find out which.
            else:
                return BatchWritten()
        return await self._work(lambda session: write_each(session, self.place.table, writes))

    async def transact(self, parts: Sequence[tuple[RecordDriver, Any]], token: str | None) -> None:
        places = [cast("SqlDriver", driver).place for driver, _ in parts]
        pairs = [(place.table, write) for place, (_, write) in zip(places, parts, strict=True)]
        now = int(time.time())

        async def job(session: SqlSession) -> None:
            if token is not None and await self._tokens.seen(session, token, now):
                return
            await write_all(session, pairs)
            if token is not None:
                await self._tokens.keep(session, token, now)

        await self._work(job, places=places)

    async def read(self, read: Read) -> PageOfItems:
        return await self._work(lambda session: reads.read(session, self.place.table, read), write=False)

    async def provision(self) -> None:
        await self._io.call(self.place.provide, create=True, tokens=True)

    async def close(self) -> None:
        await self._io.call(self.place.store.release)

    async def _work(
        self,
        job: Callable[[SqlSession], Coroutine[Any, Any, T]],
        *,
        write: bool = True,
        places: Sequence[Place] = (),
    ) -> T:
        """Run a whole piece of work in one call, so that nothing waits for an event loop inside a transaction."""
        return await self._io.call(self.place.work, job, write, places)
