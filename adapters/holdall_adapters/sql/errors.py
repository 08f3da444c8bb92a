"""From errors of SQLAlchemy and of the databases' drivers to ours: a total table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exc

from holdall.errors import (
    AccessDenied,
    ConfigError,
    HoldallError,
    InvalidArgument,
    Throttled,
    Timeout,
    TooLarge,
    Unavailable,
)

from .._sql.session import Contended, Missing, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Make = Callable[[str], "Made"]

Made = HoldallError | Missing


def _taken(text: str) -> Made:
    return Taken(f"a constraint of the table, which the model doesn't know, refuses the record ({text})")


def _constraint(text: str) -> Made:
    return InvalidArgument(f"a constraint of the table, which the model doesn't know, refuses the record ({text})")


def _contended(text: str) -> Made:
    return Contended(f"another transaction was in the way ({text})")


def _locked(text: str) -> Made:
    return Throttled(f"another transaction holds a lock for too long ({text})")


def _busy(text: str) -> Made:
    return Throttled(f"the database takes no more connections ({text})")


def _late(text: str) -> Made:
    return Timeout(f"the database stopped the statement, which took too long ({text})", retry="exhausted")


def _unavailable(text: str) -> Made:
    return Unavailable(f"the database failed ({text})")


def _gone(text: str) -> Made:
    return Unavailable(f"the connection to the database broke ({text})")


def _denied(text: str) -> Made:
    return AccessDenied(f"the database refuses access ({text}): check the user, the password and its rights")


def _too_large(text: str) -> Made:
    return TooLarge(f"a value is over the limit of its column or of the database ({text})")


def _argument(text: str) -> Made:
    return InvalidArgument(f"the database refuses a value ({text})")


def _config(text: str) -> Made:
    return ConfigError(f"the database refuses the statement ({text})")


def _no_database(text: str) -> Made:
    return ConfigError(f"there is no such database ({text}); check the URL's path")


def _missing(text: str) -> Made:
    return Missing(text)


# By SQLSTATE, whole or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html
BY_STATE: Mapping[str, Make] = {
    "42P01": _missing, "42703": _missing, "3F000": _missing,
    "42P07": _contended, "42701": _contended, "42710": _contended,  # another process made it just now
    "23505": _taken, "23": _constraint,
    "40001": _contended, "40P01": _contended, "40": _contended,
    "55P03": _locked, "55": _unavailable,
    "57014": _late, "57": _unavailable,
    "53300": _busy, "53": _unavailable,
    "08": _gone,
    "28": _denied, "42501": _denied,
    "3D000": _no_database,
    "22003": _too_large, "22001": _too_large, "54": _too_large, "22": _argument,
    "25006": _unavailable, "25": _unavailable,
    "0A": _config, "42": _config, "58": _unavailable, "XX": _unavailable,
}  # fmt: skip
# By number: https://dev.mysql.com/doc/mysql-errors/8.4/en/ and https://mariadb.com/kb/en/mariadb-error-codes/
BY_NUMBER: Mapping[int, Make] = {
    **dict.fromkeys((1146, 1054), _missing),
    **dict.fromkeys((1050, 1060, 1061), _contended),  # another process made it just now
    **dict.fromkeys((1062, 1048), _taken),  # 1048: see `Mysql.upsert`
    **dict.fromkeys((1364, 1451, 1452, 1557, 3819, 4025), _constraint),
    **dict.fromkeys((1213, 1020, 1412, 1637), _contended),
    **dict.fromkeys((1205, 3572), _locked),
    **dict.fromkeys((1969, 3024, 1317), _late),
    **dict.fromkeys((1040, 1203, 1226), _busy),
    **dict.fromkeys((2002, 2003, 2005, 2006, 2013, 2055, 1053, 1152, 1158, 1159, 1160, 1161, 1927, 4031), _gone),
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1370, 1698), _denied),
    1049: _no_database,
    **dict.fromkeys((1118, 1153, 1264, 1301, 1406, 1436, 1690, 1301), _too_large),
    **dict.fromkeys((1292, 1366, 1367, 1411, 1525), _argument),
    **dict.fromkeys((1290, 1792, 1836, 1030, 1180), _unavailable),
    1071: _config,
}
# By the class, as PEP 249 names them.
BY_CLASS: Mapping[str, Make] = {
    "InterfaceError": _gone,
    "OperationalError": _unavailable,
    "InternalError": _unavailable,
    "IntegrityError": _constraint,
    "DataError": _argument,
    "ProgrammingError": _config,
    "NotSupportedError": _config,
    "DatabaseError": _unavailable,
    "Error": _unavailable,
    "Warning": _config,
    "OverflowError": _too_large,
    "UnicodeEncodeError": lambda _: InvalidArgument("a text has a lone surrogate, which has no form in UTF-8"),
    "TypeError": _argument,
    "ValueError": _argument,
    "TimeoutError": _late,
    "ConnectionError": _gone,
    "OSError": _gone,
}
_OF_SQLALCHEMY: Mapping[type[Exception], Make] = {
    exc.TimeoutError: lambda _: Throttled("every connection of the pool is in use"),
    exc.DisconnectionError: _gone,
    exc.ResourceClosedError: _gone,
    exc.PendingRollbackError: _gone,
    exc.NoSuchModuleError: _config,
    exc.StatementError: _argument,
    exc.DBAPIError: _unavailable,
    exc.SQLAlchemyError: _config,
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
    state, number = state_of(native), number_of(native)
    # First by the number: what MySQL gives for a SQLSTATE says less.
    if number is not None and number in BY_NUMBER:
        return BY_NUMBER[number](f"error {number}")
    if state is not None and (state in BY_STATE or state[:2] in BY_STATE):
        return (BY_STATE.get(state) or BY_STATE[state[:2]])(f"SQLSTATE {state}")
    names = [cls.__name__ for cls in type(native).__mro__ if cls.__name__ in BY_CLASS]
    return BY_CLASS[names[0] if names else "Error"](type(native).__name__)
