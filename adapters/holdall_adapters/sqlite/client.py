"""Engines: one for each database file and process, shared, and the transactions run on them."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from contextlib import asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.pool import StaticPool

from holdall import deadlines
from holdall.errors import ConfigError, Throttled, Unavailable
from holdall.io import run_blocking

from .._sql.sqlite import TEST_FUNCTION
from .._sql.sqlite.statements import BEGIN, ROLLBACK, busy_timeout
from .._sql.tester import matches
from .errors import HANDLED, OF_STATEMENTS, original, translate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence

    from sqlalchemy.pool import Pool, PoolProxiedConnection

    from holdall.io import Io

    from .._sql.driver import Start
    from .._sql.session import Mode, Prepared, Row, Session

T = TypeVar("T")
_STEPS = 10_000
"""Steps of SQLite's machine between two looks at the clock: about a millisecond."""


class Store:
    """
    One database.

    Attributes:
        path: Its file, None where it is in memory.
        engine: SQLAlchemy's engine of it.
    """

    def __init__(self, path: str | None, engine: sa.Engine, *, ours: bool) -> None:
        self.path = path
        self.engine = engine
        self._ours = ours
        self._pid = os.getpid()
        self._users = 0
        self._closed = False
        self._inherited: list[Pool] = []
        # A database in memory has one connection, which takes one piece of work at a time.
        self._lock = threading.Lock() if path is None else None

    @property
    def identity(self) -> object:
        """What is equal for two drivers on one database."""
        return self if self.path is None else ("sqlite", self.path)

    def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], *, write: bool, wait: float) -> T:
        """
        Run a piece of work: a write in one transaction, begun at once as a writer, a read without one.

        Raises:
            Throttled: Another writer holds the database for longer than `wait` seconds.
        """
        self._after_fork()
        with self._turn(wait), _translated(HANDLED), self._connection() as connection:
            _prepare(connection, wait)
            with _stopped_in_time(connection) if self._ours else nullcontext():
                return _transaction(connection, work) if write else run_blocking(work(SqlSession(connection)))

    @contextmanager
    def _connection(self) -> Generator[PoolProxiedConnection, None, None]:
        connection = self.engine.raw_connection()
        try:
            yield connection
        finally:
            if self._closed:
                # A cancelled task's thread outlives the close, and the pool that would take the connection back.
                connection.invalidate()
            connection.close()

    @contextmanager
    def _turn(self, wait: float) -> Generator[None, None, None]:
        if self._lock is None:
            yield
            return
        left = deadlines.remaining()
        if not self._lock.acquire(timeout=wait if left is None else min(wait, left)):
            raise Throttled("another thread holds the database in memory")
        try:
            yield
        finally:
            self._lock.release()

    def _after_fork(self) -> None:
        """Leave a parent process's connections alone: SQLite must not use them in a child."""
        if self._pid == os.getpid():
            return
        with _stores_lock:
            if self._pid != os.getpid():
                self._renew()
            self._pid = os.getpid()

    def _renew(self) -> None:
        if self.path is None:
            # There is no file to share: the child's copy of the one connection is its own.
            self._lock = threading.Lock()
        else:
            # Kept, since a connection that nobody holds is closed.
            self._inherited.append(self.engine.pool)
            self.engine.dispose(close=False)

    def use(self) -> None:
        """Count one more driver."""
        self._users += 1

    def release(self) -> None:
        """Count one driver less; the last one closes the engine, unless it is the caller's."""
        with _stores_lock:
            self._users -= 1
            last = self._users == 0
            if last:
                for key, store in list(_stores.items()):
                    if store is self:
                        del _stores[key]
        if last:
            self.close()

    def close(self) -> None:
        """Close the engine, unless it is the caller's."""
        if self._ours:
            self._closed = True
            self.engine.dispose()


class Opened(NamedTuple):
    """A database, how its work is waited for and started, and what gives the engine for programs."""

    database: Waiting
    io: Io
    start: Start
    native: Callable[[], Any]


class Waiting:
    """A store as a `Database`, for one repository: with the seconds that it waits for other writers."""

    def __init__(self, store: Store, wait: float) -> None:
        self.store = store
        self._wait = wait

    @property
    def identity(self) -> object:
        return self.store.identity

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        return self.run_on(self.store, work, mode)

    def run_on(self, store: Store, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        """Run a piece of work on a store."""
        return store.run(work, write=mode not in ("eventual", "read"), wait=self._wait)

    def missing(self) -> str | None:
        path = self.store.path
        return None if path is None or Path(path).exists() else f"no database file {path!r}"

    async def release(self) -> None:
        self.store.release()


_stores: dict[object, Store] = {}
_stores_lock = threading.Lock()


def _new_lock() -> None:
    global _stores_lock  # noqa: PLW0603 - another thread of the parent may have held the old one
    _stores_lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_lock)


def open_store(path: str | None) -> Store:
    """Return the store of a file, which is shared, or a new one in memory."""
    with _stores_lock:
        store = _stores.get(path) if path is not None else None
        if store is None:
            store = Store(path, memory_engine() if path is None else file_engine(path), ours=True)
            if path is not None:
                _stores[path] = store
        store.use()
        return store


def store_of(engine: Any, path: str | None) -> Store:
    """
    Return the store of the caller's own engine.

    Raises:
        ConfigError: It is no engine of SQLite, or of another file than the URL's.
    """
    checked = checked_engine(engine, path)
    database = _file_of(checked.url)
    if database is None and "mode" not in checked.url.query and not isinstance(checked.pool, StaticPool):
        raise ConfigError("an engine of a database in memory gives each thread a database of its own, unless it is "
                          "made with poolclass=StaticPool and connect_args={'check_same_thread': False}")
    with _stores_lock:
        key = ("engine", id(engine))
        store = _stores.get(key) or Store(database, engine, ours=False)
        _stores[key] = store
        store.use()
        return store


def checked_engine(engine: Any, path: str | None) -> sa.Engine:
    """
    Return the caller's own engine.

    Raises:
        ConfigError: It is no engine of SQLite, or of another file than the URL's.
    """
    if not isinstance(engine, sa.Engine) or engine.dialect.name != "sqlite":
        raise ConfigError("client= of a sqlite URL is a SQLAlchemy Engine of SQLite (sqlalchemy.create_engine(...)); "
                          f"got {type(engine).__name__}")
    if path is not None and path != _file_of(engine.url):
        raise ConfigError("the URL names another file than client='s engine; write sqlite:// with client=")
    return engine


def _file_of(url: sa.URL) -> str | None:
    """Return the file of an engine's URL; None where it is in memory."""
    name = url.database or ""
    if name in ("", ":memory:") or url.query.get("mode") == "memory":
        return None
    # With uri=true, SQLite reads the name as a URI.
    return os.path.realpath(unquote(urlsplit(name).path) if name.startswith("file:") else name)


def _create(url: sa.URL, settings: dict[str, Any]) -> sa.Engine:
    return sa.create_engine(url, **settings)


def memory_engine() -> sa.Engine:
    """Return an engine of a database in memory, with one connection."""
    settings = {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    return _watched(_create(sa.URL.create("sqlite", database=":memory:"), settings))


def file_engine(path: str, create: Callable[[sa.URL, dict[str, Any]], sa.Engine] = _create) -> sa.Engine:
    """Return an engine of a file."""
    # Connections are cheap, and as many as there are threads at work.
    # They wait for locks when they are used, not when they are opened.
    settings = {"pool_size": 8, "max_overflow": -1, "connect_args": {"timeout": 0}}
    return _watched(create(sa.URL.create("sqlite", database=path), settings))


def _watched(engine: sa.Engine) -> sa.Engine:
    event.listen(engine, "connect", _on_connect)
    event.listen(engine, "begin", _on_begin)
    return engine


def _on_begin(connection: sa.Connection) -> None:
    """Begin a transaction of somebody who takes the engine from `native`; ours don't come this way."""
    connection.exec_driver_sql("BEGIN")


def _on_connect(connection: Any, _: object) -> None:
    """Keep Python's sqlite3 from beginning transactions, and let readers go on while there is a writer."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()
    except sqlite3.OperationalError:
        # Another connection is at work in the old mode. It is as correct; the next connection asks again.
        pass
    except sqlite3.DatabaseError:
        # It is no database; SQLAlchemy leaves the connection open.
        connection.close()
        raise


def _prepare(connection: PoolProxiedConnection, wait: float) -> None:
    """Make a connection fit for our statements; the caller's own engine too, so it is not done on connect."""
    info = connection.info
    if "holdall" not in info:
        native: Any = connection.dbapi_connection
        native.create_function(TEST_FUNCTION, 2, matches, deterministic=True)
        info["holdall"] = None
    statement = busy_timeout(wait, deadlines.remaining())
    if info["holdall"] != statement:
        _execute(connection, statement)
        info["holdall"] = statement


@contextmanager
def _stopped_in_time(connection: PoolProxiedConnection) -> Generator[None, None, None]:
    """Interrupt SQLite at its work when the deadline passes."""
    left = deadlines.remaining()
    if left is None:
        yield
        return
    end = time.monotonic() + left
    # Asked in the connection's own thread, where it has one; so it asks the clock, not the context.
    _watch(connection, lambda: int(time.monotonic() >= end))
    try:
        yield
    finally:
        _watch(connection, None)


def _watch(connection: PoolProxiedConnection, handler: Callable[[], int] | None) -> None:
    native: Any = connection.dbapi_connection
    if hasattr(native, "run_async"):
        set_handler: Callable[[Any], Any] = lambda driven: driven.set_progress_handler(handler, _STEPS)  # noqa: E731
        native.run_async(set_handler)
    else:
        native.set_progress_handler(handler, _STEPS)


def _transaction(
    connection: PoolProxiedConnection, work: Callable[[Session], Coroutine[Any, Any, T]]
) -> T:
    _begin(connection)
    try:
        result = run_blocking(work(SqlSession(connection)))
    except BaseException:
        connection.rollback()
        raise
    _commit(connection)
    return result


def _execute(connection: PoolProxiedConnection, statement: str) -> None:
    cursor = connection.cursor()
    cursor.execute(statement)
    cursor.close()


def _begin(connection: PoolProxiedConnection) -> None:
    driven: Any = connection.driver_connection
    if driven.in_transaction:
        # A connection of the caller's that begins by itself began as a reader, which can't always become a writer.
        _execute(connection, ROLLBACK)
    _execute(connection, BEGIN)


def _commit(connection: PoolProxiedConnection) -> None:
    try:
        connection.commit()
    except HANDLED as error:
        made = translate(error)
        if isinstance(made, Unavailable):
            made.maybe_done = True
        raise made from original(error)


@contextmanager
def _translated(handled: tuple[type[Exception], ...]) -> Generator[None, None, None]:
    try:
        yield
    except handled as error:
        raise translate(error) from original(error)


class SqlSession:
    """
    A connection as a `Session`: nothing in it ever waits for anything but the database.

    It is the database's own connection, from SQLAlchemy's pool: the statements are compiled already and the values
    are as stored, so that a result of SQLAlchemy's, which costs more than a read by key, has nothing to add.
    """

    def __init__(self, connection: PoolProxiedConnection) -> None:
        self._connection = connection

    async def rows(self, statement: Prepared, values: Sequence[Any]) -> Sequence[Row]:
        with _translated(OF_STATEMENTS):
            cursor = self._connection.cursor()
            cursor.execute(statement.text, statement.bind(values))
            return cursor.fetchall()

    async def run(self, statement: Prepared, values: Sequence[Any]) -> int:
        with _translated(OF_STATEMENTS):
            cursor = self._connection.cursor()
            cursor.execute(statement.text, statement.bind(values))
            return cursor.rowcount

    async def run_many(self, statement: Callable[[int], Prepared], values: Sequence[Sequence[Any]]) -> None:
        # One by one costs SQLite less than to read a statement of many rows.
        one = statement(1)
        with _translated(OF_STATEMENTS):
            self._connection.cursor().executemany(one.text, [one.bind(row) for row in values])

    @asynccontextmanager
    async def part(self) -> AsyncGenerator[None, None]:
        # A statement that fails changes nothing, and the only one of a part that may fail is its last.
        yield
