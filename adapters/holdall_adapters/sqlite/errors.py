"""From errors of SQLAlchemy and sqlite3 to ours: a total table."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from holdall.errors import (
    AccessDenied,
    ConfigError,
    CorruptRecord,
    HoldallError,
    InvalidArgument,
    Throttled,
    Timeout,
    TooLarge,
    Unavailable,
)

from .._sql.session import Missing

if TYPE_CHECKING:
    from collections.abc import Callable

Made = HoldallError | Missing

# SQLite tells its errors apart by code, but Python shows the code only since 3.11; the texts have been the same for
# far longer. They hold names, never values.
_BY_TEXT: tuple[tuple[str, Callable[[str], Made]], ...] = (
    ("no such table", Missing),
    ("no such column", Missing),
    ("has no column named", Missing),
    ("is locked", lambda text: Throttled(f"another writer holds the database: {text}")),
    ("locking protocol", lambda text: Throttled(f"another process holds the database: {text}")),
    ("interrupted", lambda _: Timeout("the deadline passed while the database was at work", retry="exhausted")),
    ("unable to open database", lambda _: ConfigError(
        "the database file can't be opened: check that its directory exists and that the process may write there")),
    ("readonly database", lambda _: AccessDenied(
        "the database can't be written: allow the process to write the file and its directory")),
    ("permission denied", lambda text: AccessDenied(f"the system refuses access to the database: {text}")),
    ("authorization denied", lambda text: AccessDenied(f"the connection's authorizer refuses: {text}")),
    ("not authorized", lambda text: AccessDenied(f"the connection's authorizer refuses: {text}")),
    ("file is not a database", lambda _: ConfigError("the file is no SQLite database, or it is encrypted")),
    ("malformed", lambda text: ConfigError(f"the database file is damaged ({text}); restore it from a backup")),
    ("disk is full", lambda text: Unavailable(f"nothing was written: {text}")),
    ("disk I/O error", lambda text: Unavailable(f"the file system failed: {text}")),
    ("out of memory", lambda text: Unavailable(f"SQLite failed: {text}")),
    ("too big", lambda text: TooLarge(f"a value is over SQLite's limit: {text}")),
    ("too many SQL variables", lambda _: TooLarge("the condition has too many operands for SQLite")),
    ("xpression tree is too large", lambda _: TooLarge("the condition has too many parts for SQLite")),
    ("user-defined function raised", lambda _: CorruptRecord("a stored document can't be read")),
    ("Could not decode to UTF-8", lambda _: CorruptRecord("a stored text is not UTF-8")),
    ("ON CONFLICT clause does not match", lambda _: ConfigError(
        "the table has no primary key or unique index on the model's key fields")),
    ("already", lambda text: ConfigError(f"the table can't be made: {text}")),
    ("reserved for internal use", lambda text: ConfigError(f"the table can't be made: {text}")),
    ("too many columns", lambda text: ConfigError(f"the table can't be made: {text}")),
    ("constraint failed", lambda text: InvalidArgument(
        f"a constraint of the table, which the model doesn't know, refuses the record: {text}")),
)  # fmt: skip


def _unavailable(text: str) -> HoldallError:
    return Unavailable(f"the database failed: {text}")


def _config(text: str) -> HoldallError:
    return ConfigError(f"the database refuses the statement: {text}")


def _argument(text: str) -> HoldallError:
    return InvalidArgument(f"the database refuses a value: {text}")


_BY_CLASS: dict[type[BaseException], Callable[[str], HoldallError]] = {
    sqlite3.InterfaceError: _argument,
    sqlite3.DataError: _argument,
    sqlite3.OperationalError: _unavailable,
    sqlite3.IntegrityError: _argument,
    sqlite3.InternalError: _unavailable,
    sqlite3.ProgrammingError: _config,
    sqlite3.NotSupportedError: _config,
    sqlite3.DatabaseError: _unavailable,
    sqlite3.Error: _unavailable,
    sqlite3.Warning: _config,
    # Raised by sqlite3 for what it can't hand over to SQLite.
    OverflowError: lambda _: TooLarge("a value is over SQLite's limit"),
    UnicodeEncodeError: lambda _: InvalidArgument("a text has a lone surrogate, which has no form in UTF-8"),
    exc.TimeoutError: lambda _: Throttled("every connection of the pool is in use"),
    exc.DisconnectionError: _unavailable,
    exc.ArgumentError: _config,
    exc.CompileError: _config,
    exc.IdentifierError: _config,
    exc.CircularDependencyError: _config,
    exc.ResourceClosedError: _unavailable,
    exc.PendingRollbackError: _unavailable,
    exc.InvalidRequestError: _config,
    exc.StatementError: _argument,
    exc.DBAPIError: _unavailable,
    exc.SQLAlchemyError: _unavailable,
}

HANDLED = (exc.SQLAlchemyError, sqlite3.Error, sqlite3.Warning)
"""What `translate` is for, wherever it comes from."""
OF_STATEMENTS = (*HANDLED, OverflowError, UnicodeEncodeError)
"""The same of what a statement raises."""


def original(error: BaseException) -> BaseException:
    """Return the database's own error: SQLAlchemy's shows the values bound, which must not be seen."""
    inner: Any = getattr(error, "orig", None)
    return inner if isinstance(inner, BaseException) else error


def translate(error: BaseException) -> Made:
    """Return our error for one of SQLAlchemy or sqlite3."""
    native = original(error)
    text = str(native) if isinstance(native, (sqlite3.Error, sqlite3.Warning)) else type(native).__name__
    for fragment, make in _BY_TEXT:
        if fragment in text:
            return make(text)
    return next(_BY_CLASS[cls] for cls in type(native).__mro__ if cls in _BY_CLASS)(text)
