"""From errors of SQLAlchemy and of the databases' drivers to ours: a total table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from holdall.errors import ConfigError, InvalidArgument, Throttled

from .._sql import meanings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._sql.meanings import Made, Make

# By the class, as PEP 249 names them.
BY_CLASS: Mapping[str, Make] = {
    "InterfaceError": meanings.gone,
    "OperationalError": meanings.unavailable,
    "InternalError": meanings.unavailable,
    "IntegrityError": meanings.constraint,
    "DataError": meanings.argument,
    "ProgrammingError": meanings.config,
    "NotSupportedError": meanings.config,
    "DatabaseError": meanings.unavailable,
    "Error": meanings.unavailable,
    "Warning": meanings.config,
    "OverflowError": meanings.too_large,
    "UnicodeEncodeError": lambda _: InvalidArgument("a text has a lone surrogate, which has no form in UTF-8"),
    "TypeError": meanings.argument,
    "ValueError": meanings.argument,
    "TimeoutError": meanings.late,
    "ConnectionError": meanings.gone,
    "OSError": meanings.gone,
}
# What libpq says of a connection that it could not make; psycopg gives no SQLSTATE with it.
OF_CONNECTING: tuple[tuple[str, Make], ...] = (
    ("authentication failed", meanings.denied),
    ("no pg_hba.conf entry", meanings.denied),
    ("no password supplied", meanings.denied),
    ("too many clients", meanings.busy),
    ("remaining connection slots", meanings.busy),
    ("certificate", lambda _: ConfigError(
        "the server's certificate is not trusted: give the file of its authority by ca=, or see tls=")),
    ("FATAL:  database", meanings.no_database),
    ("FATAL:  role", meanings.denied),
)  # fmt: skip
_OF_SQLALCHEMY: Mapping[type[Exception], Make] = {
    exc.TimeoutError: lambda _: Throttled("every connection of the pool is in use"),
    exc.DisconnectionError: meanings.gone,
    exc.ResourceClosedError: meanings.gone,
    exc.PendingRollbackError: meanings.gone,
    exc.NoSuchModuleError: meanings.config,
    exc.StatementError: meanings.argument,
    exc.DBAPIError: meanings.unavailable,
    exc.SQLAlchemyError: meanings.config,
}


def original(error: BaseException) -> BaseException:
    """Return the driver's own error: SQLAlchemy's shows the values bound, which must not be seen."""
    inner: Any = getattr(error, "orig", None)
    return inner if isinstance(inner, BaseException) else error


def state_of(error: BaseException) -> str | None:
    """Return the SQLSTATE of PostgreSQL's error, None for none."""
    found: Any = getattr(error, "sqlstate", None) or getattr(error, "pgcode", None)
    return found if isinstance(found, str) else None


def number_of(error: BaseException) -> int | None:
    """Return the number of MySQL's error, None for none."""
    found: Any = error.args[0] if error.args else None
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def translate(error: BaseException) -> Made:
    """Return our error for one of SQLAlchemy or of a database's driver."""
    native = original(error)
    if isinstance(native, exc.SQLAlchemyError):
        return next(_OF_SQLALCHEMY[cls] for cls in type(native).__mro__ if cls in _OF_SQLALCHEMY)(type(native).__name__)
    found = meanings.meant(state_of(native), number_of(native))
    if found is not None:
        return found
    for part, make in OF_CONNECTING if state_of(native) is None else ():
        if part in str(native):
            return make(type(native).__name__)
    names = [cls.__name__ for cls in type(native).__mro__ if cls.__name__ in BY_CLASS]
    return BY_CLASS[names[0] if names else "Error"](type(native).__name__)
