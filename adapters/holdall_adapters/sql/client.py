"""Engines: one for each address, process and event loop, shared, and the work that is run on them."""

from __future__ import annotations

import os
import threading
import time
from contextlib import asynccontextmanager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy import event, exc

from holdall import deadlines
from holdall.errors import HoldallError, Unavailable

from .._sql.session import BACK, DONE, SAVE
from .errors import original, translate

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Sequence

    from sqlalchemy.pool import PoolProxiedConnection

    from .._sql.flavor import Flavor
    from .._sql.session import Mode, Prepared, Row, Session
    from .dialects import Kind

T = TypeVar("T")
_IDLE = 5.0
"""Seconds after which a connection may have died unseen, so that it is asked before it is used."""
_LIMITS = (60, 30, 20, 10, 5, 3, 2, 1, 0.5, 0.2, 0.1, 0.05)
"""Seconds to which a statement's time is cut by a deadline, so that there are few of them to tell the database."""
_ROWS = 128
"""Rows that one statement inserts at most."""
COMMIT, ROLLBACK = "COMMIT", "ROLLBACK"


class Server:
    """
    One database, over an engine's pool.

    Attributes:
        engine: SQLAlchemy's engine; of an AsyncEngine the one inside.
        flavor: The ways of its database.
    """

    def __init__(self, engine: sa.Engine, kind: Kind, flavor: Flavor, timeout: float, *, ours: bool) -> None:
        self.engine = engine
        self.flavor = flavor
        self._kind = kind
        self._timeout = timeout
        self._ours = ours
        self._pid = os.getpid()
        self._users: set[int] = set()
        self._limit: Prepared | None = None
        driver: Any = engine.dialect.loaded_dbapi
        self._handled: tuple[type[Exception], ...] = (
            exc.SQLAlchemyError, driver.Error, OSError, OverflowError, UnicodeEncodeError
        )  # fmt: skip

    @cached_property
    def native(self) -> Any:
        """The engine for programs: over the same connections, and with transactions, which ours has not."""
        if not self._ours:
            return self.engine
        native = self.engine.execution_options(isolation_level=self._kind.isolation)
        event.listen(native, "engine_connect", _forget)
        return native

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode, user: object) -> T:
        """Run a piece of work for a user; see `holdall_adapters._sql.session.Database.run`."""
        self._users.add(id(user))
        self._after_fork()
        with self._translated():
            try:
                return await self._once(work, mode)
            except _Stale:
                # Nothing of it was done. The pool has dropped the connection, so this is another.
                return await self._once(work, mode)

    async def _once(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        connection = self.engine.raw_connection()
        try:
            with self._judged(connection, mode):
                session = DbSession(connection, self._handled)
                self._prepare(connection, session)
                if mode in ("eventual", "read", "statement"):
                    return await work(session)
                return await self._transaction(session, work, mode)
        finally:
            self._give_back(connection)

    async def _transaction(
        self, session: DbSession, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode
    ) -> T:
        try:
            for statement in self._kind.begin[mode]:
                session.do(statement)
        except self._handled as error:
            made = translate(error)
            raise (_Stale if isinstance(made, Unavailable) else made) from original(error)
        try:
            result = await work(session)
        except BaseException:
            session.roll_back()
            raise
        self._commit(session)
        return result

    def _commit(self, session: DbSession) -> None:
        try:
            session.do(COMMIT)
        except self._handled as error:
            made = translate(error)
            if isinstance(made, Unavailable):
                made.maybe_done = True
            session.roll_back()
            raise made from original(error)

    @contextmanager
    def _judged(self, connection: PoolProxiedConnection, mode: Mode) -> Generator[None, None, None]:
        """Throw a broken connection away, and say of what broke whether it may have been done."""
        try:
            yield
        except Exception as error:
            if not self._thrown_away(connection, error):
                raise
            if mode in ("eventual", "read"):
                raise _Stale from error.__cause__ or error
            if mode == "statement" and isinstance(error, Unavailable):
                error.maybe_done = True
            raise
        except BaseException:
            # Interrupted or cancelled in the middle of something: nobody knows what the server is about to say.
            connection.invalidate()
            raise

    def _thrown_away(self, connection: PoolProxiedConnection, error: Exception) -> bool:
        """Throw a connection away that an error says is broken; return whether it was."""
        native: Any = connection.dbapi_connection
        cause: Any = original(error.__cause__ or error)
        dialect = self.engine.dialect
        driver: Any = dialect.loaded_dbapi
        if native is None or not isinstance(cause, driver.Error) or not dialect.is_disconnect(cause, native, None):
            return False
        connection.invalidate(cause)
        return True

    @contextmanager
    def _translated(self) -> Generator[None, None, None]:
        try:
            yield
        except HoldallError:
            raise  # Timeout is an OSError, too.
        except _Stale as stale:
            cause = stale.__cause__ or stale
            raise translate(cause) from original(cause)
        except self._handled as error:
            raise translate(error) from original(error)

    def _prepare(self, connection: PoolProxiedConnection, session: DbSession) -> None:
        info = connection.info
        if not self._ours or "holdall" not in info:
            native: Any = connection.dbapi_connection
            self.engine.dialect.set_isolation_level(native, "AUTOCOMMIT")
        if "holdall" not in info:
            for statement in self._kind.setup(self.flavor):
                session.do(statement.text, statement.bind(()))
            info["holdall"] = None
        seconds = _cut(self._timeout, deadlines.remaining())
        if info["holdall"] != seconds:
            limit = self._limit = self._limit or self._kind.limit(self.flavor)
            session.do(limit.text, limit.bind(self._kind.limits(self.flavor, seconds)))
            info["holdall"] = seconds

    def _give_back(self, connection: PoolProxiedConnection) -> None:
        if connection.dbapi_connection is not None:
            connection.info["used"] = time.time()
            if not self._ours:
                native: Any = connection.dbapi_connection
                self.engine.dialect.reset_isolation_level(native)
        connection.close()

    def leave(self, user: object) -> None:
        """Count one user less; the last one closes the engine, unless it is the caller's."""
        self._users.discard(id(user))
        if self._ours and not self._users:
            self.engine.dispose()

    def _after_fork(self) -> None:
        """Leave a parent process's connections alone: two processes on one connection mix up its answers."""
        if self._pid != os.getpid():
            self._pid = os.getpid()
            self.engine.dispose(close=False)


def _forget(connection: sa.Connection) -> None:
    """Have a connection that somebody else has used prepared again."""
    connection.connection.info.pop("holdall", None)


class _Stale(Exception):
    """Raised for a connection that was dead before anything was done."""


def _cut(timeout: float, left: float | None) -> float:
    if left is None or left >= timeout:
        return timeout
    return next((limit for limit in _LIMITS if limit <= left), _LIMITS[-1])


class DbSession:
    """
    A connection as a `Session`: nothing in it ever waits for anything but the database.

    It is the driver's own connection, from SQLAlchemy's pool: the statements are compiled already and the values are as
    the driver takes them, so that a result of SQLAlchemy's, which costs more than a read by key, has nothing to add.
    """

    def __init__(self, connection: PoolProxiedConnection, handled: tuple[type[Exception], ...]) -> None:
        self._connection = connection
        self._handled = handled

    def do(self, statement: str, values: Any = ()) -> Any:
        """Run a statement, and return the cursor."""
        cursor = self._connection.cursor()
        try:
            if values:
                cursor.execute(statement, values)
            else:
                cursor.execute(statement)
        except BaseException:
            cursor.close()
            raise
        return cursor

    def roll_back(self) -> None:
        """End the transaction without a trace; a connection that can't even do that is thrown away."""
        if self._connection.dbapi_connection is None:
            return
        try:
            self.do(ROLLBACK)
        except self._handled as error:  # what went wrong before it counts
            self._connection.invalidate(error)

    async def rows(self, statement: Prepared, values: Sequence[Any]) -> Sequence[Row]:
        try:
            cursor = self.do(statement.text, statement.bind(values))
            found: Sequence[Row] = cursor.fetchall()
        except self._handled as error:
            raise translate(error) from original(error)
        cursor.close()
        return found

    async def run(self, statement: Prepared, values: Sequence[Any]) -> int:
        try:
            cursor = self.do(statement.text, statement.bind(values))
        except self._handled as error:
            raise translate(error) from original(error)
        met: int = cursor.rowcount
        cursor.close()
        return met

    async def run_many(self, statement: Callable[[int], Prepared], values: Sequence[Sequence[Any]]) -> None:
        done = 0
        while done < len(values):
            # A power of two of rows, so that there are few statements.
            count = min(_ROWS, 1 << ((len(values) - done).bit_length() - 1))
            flat = [value for row in values[done : done + count] for value in row]
            await self.run(statement(count), flat)
            done += count

    @asynccontextmanager
    async def part(self) -> AsyncGenerator[None, None]:
        self.do(SAVE.text)
        try:
            yield
        except Exception:
            self.do(BACK.text)
            raise
        self.do(DONE.text)


class Runs(Protocol):
    """A server, or one for each event loop."""

    @property
    def native(self) -> Any: ...

    @property
    def flavor(self) -> Flavor: ...

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode, user: object) -> T: ...

    def leave(self, user: object) -> None:
        """Close what nobody but this user needed."""
        ...


class Shared:
    """A database: its writer, and the replica that it may be read from; shared by repositories."""

    def __init__(self, key: object, writer: Runs, replica: Runs | None) -> None:
        self.key = key
        self.writer = writer
        self.replica = replica
        self.users: set[int] = set()


class Servers:
    """A shared database as a `Database`, for one repository, which is a user from its first call on."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    @property
    def identity(self) -> object:
        return self._shared.key

    @property
    def writer(self) -> Runs:
        """What writes go to."""
        return self._shared.writer

    async def run(self, work: Callable[[Session], Coroutine[Any, Any, T]], mode: Mode) -> T:
        shared = self._shared
        shared.users.add(id(self))
        server = shared.replica if mode == "eventual" and shared.replica is not None else shared.writer
        return await server.run(work, mode, self)

    def missing(self) -> str | None:
        return None

    async def release(self) -> None:
        shared = self._shared
        with _lock:
            shared.users.discard(id(self))
            if not shared.users:
                _databases.pop(shared.key, None)
        for server in (shared.writer, shared.replica):
            if server is not None:
                server.leave(self)


_databases: dict[object, Shared] = {}
_lock = threading.Lock()


def _new_lock() -> None:
    global _lock  # noqa: PLW0603 - another thread of the parent may have held the old one
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_lock)


def database_of(key: object, make: Callable[[], Runs], replica: Callable[[], Runs] | None) -> Servers:
    """Return the database of a key for one more repository, made where there is none yet."""
    with _lock:
        shared = _databases.get(key)
        if shared is None:
            shared = _databases[key] = Shared(key, make(), None if replica is None else replica())
        return Servers(shared)


def listen(engine: sa.Engine) -> None:
    """Have connections asked, before they are used, whether they are alive: those that were idle for a while."""

    def checked(native: Any, record: Any, _: Any) -> None:
        used = record.info.get("used")
        if used is not None and time.time() - used > _IDLE and not _alive(engine, native):
            raise exc.DisconnectionError

    event.listen(engine, "checkout", checked)


def _alive(engine: sa.Engine, native: Any) -> bool:
    try:
        return bool(engine.dialect.do_ping(native))
    except engine.dialect.loaded_dbapi.Error:
        return False
