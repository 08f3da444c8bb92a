"""The port over a SQL database, however statements reach it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from holdall._engine.attempts import pause
from holdall.drivers import BatchWritten, Got, PageOfItems, Read, Write, Written
from holdall.errors import InvalidArgument
from holdall.io import BlockingIo, run_blocking

from . import reads
from .form import SqlForm
from .quick import quick
from .session import Contended, Taken
from .tokens import Tokens
from .writes import write_all, write_each, write_many, write_one

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Sequence

    from holdall._model.schema import Field
    from holdall.drivers import Capabilities, KeyValue, RecordDriver
    from holdall.io import Io

    from .place import Place
    from .session import Mode, Session

    Start = Callable[[Callable[[], Coroutine[Any, Any, Any]]], Awaitable[Any]]

T = TypeVar("T")
_TRIES = 12
_FIRST_WAIT, _MAX_WAIT = 0.002, 0.25
"""Seconds."""
_RACES = 3
"""How often a value that is taken may be another's that came in between."""


def blocking_io(asynchronous: bool) -> Io:
    """Return how to wait for what blocks: here, or on asyncio in a thread."""
    if not asynchronous:
        return BlockingIo()
    # Imported here: a program without asyncio doesn't pay for it.
    from holdall.aio import ThreadIo

    return ThreadIo()


def blocking_start(io: Io) -> Start:
    """Return how work begins that blocks: whole, in one call, so that nothing waits for a loop in a transaction."""
    return lambda make: io.call(lambda: run_blocking(make()))


@dataclass(frozen=True)
class Native:
    """What SQLAlchemy itself needs: `engine`, and `table`."""

    engine: Any
    table: Any


class SqlDriver:
    """One table of one database."""

    def __init__(
        self, place: Place, io: Io, start: Start, capabilities: Capabilities, native: Callable[[], Any]
    ) -> None:
        self.place = place
        self.capabilities = capabilities
        self.form = SqlForm(place.table.flavor)
        self._tokens = Tokens(place.table.flavor)
        self._io = io
        self._start = start
        self._native = native

    @property
    def store(self) -> object:
        return self.place.database.identity

    @property
    def table(self) -> str:
        return self.place.table.name

    @property
    def native(self) -> Any:
        return Native(self._native(), self.place.table.table)

    async def get(
        self,
        keys: Sequence[KeyValue],
        *,
        consistent: bool,
        fields: tuple[Field, ...] | None,
    ) -> Got:
        table = self.place.table
        return await self._work(lambda session: reads.get(session, table, keys, fields), _reading(consistent))

    async def write(self, write: Write) -> Written:
        table = self.place.table
        job = quick(table, write)
        done = None if job is None else await self._tried(job)
        return done if done is not None else await self._work(lambda one: write_one(one, table, write), "locked")

    async def _tried(self, job: Callable[[Session], Coroutine[Any, Any, Written | None]]) -> Written | None:
        try:
            return await self._work(job, "statement")
        except Taken:
            return None

    async def write_batch(self, writes: Sequence[Write]) -> BatchWritten:
        table = self.place.table
        try:
            await self._work(lambda session: write_many(session, table, writes), "batch")
        except InvalidArgument:
            pass  # One of them is refused: find out which. What was written is written again.
        else:
            return BatchWritten()
        return await self._work(lambda session: write_each(session, table, writes), "locked")

    async def transact(self, parts: Sequence[tuple[RecordDriver, Any]], token: str | None) -> None:
        places = [cast("SqlDriver", driver).place for driver, _ in parts]
        pairs = [(place.table, write) for place, (_, write) in zip(places, parts, strict=True)]
        now = int(time.time())

        async def job(session: Session) -> None:
            if token is not None and await self._tokens.seen(session, token, now):
                return
            await write_all(session, pairs)
            if token is not None:
                await self._tokens.keep(session, token, now)

        await self._work(job, "serializable", places)

    async def read(self, read: Read) -> PageOfItems:
        table = self.place.table
        return await self._work(lambda session: reads.read(session, table, read), _reading(read.consistent))

    async def provision(self) -> None:
        await self._start(lambda: self.place.provide(create=True, tokens=True))

    async def close(self) -> None:
        await self._start(self.place.database.release)

    async def _work(
        self, job: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode, places: Sequence[Place] = ()
    ) -> T:
        """
        Run a piece of work, again where another transaction was in its way.

        After a deadlock or a serialization failure the database has rolled it back, and a key or unique value that
        came since it was looked for is found the next time. At most 12 times in all, with waits of random length.
        """
        for tries in range(1, _TRIES + 1):
            try:
                return cast("T", await self._start(lambda: self.place.work(job, mode, places)))
            except (Contended, Taken) as error:
                if mode == "statement" or tries == _TRIES or (isinstance(error, Taken) and tries > _RACES):
                    raise
                await self._pause(tries)
        raise AssertionError("unreachable: the loop returns or raises")

    async def _pause(self, tries: int) -> None:
        # Imported here: only a failure needs it.
        import random

        longest = min(_MAX_WAIT, _FIRST_WAIT * 2**tries)
        await pause(self._io, random.uniform(0, longest))  # noqa: S311 - no secret


def _reading(consistent: bool) -> Mode:
    return "read" if consistent else "eventual"
