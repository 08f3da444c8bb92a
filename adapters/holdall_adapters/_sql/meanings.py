"""What the errors of PostgreSQL and MySQL mean, by SQLSTATE and by number; however they reach us. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

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

from .session import Contended, Missing, Taken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Make = Callable[[str], "Made"]

Made = HoldallError | Missing


def taken(text: str) -> Made:
    """Return the error of a value of a unique index that another row has."""
    return Taken(f"a constraint of the table, which the model doesn't know, refuses the record ({text})")


def constraint(text: str) -> Made:
    """Return the error of a constraint that refuses a row."""
    return InvalidArgument(f"a constraint of the table, which the model doesn't know, refuses the record ({text})")


def contended(text: str) -> Made:
    """Return the error of a transaction that was rolled back for another."""
    return Contended(f"another transaction was in the way ({text})")


def locked(text: str) -> Made:
    """Return the error of a lock that took too long."""
    return Throttled(f"another transaction holds a lock for too long ({text})")


def busy(text: str) -> Made:
    """Return the error of a database without a connection left."""
    return Throttled(f"the database takes no more connections ({text})")


def late(text: str) -> Made:
    """Return the error of a statement that was stopped."""
    return Timeout(f"the database stopped the statement, which took too long ({text})", retry="exhausted")


def unavailable(text: str) -> Made:
    """Return the error of a database that failed."""
    return Unavailable(f"the database failed ({text})")


def gone(text: str) -> Made:
    """Return the error of a connection that broke."""
    return Unavailable(f"the connection to the database broke ({text})")


def denied(text: str) -> Made:
    """Return the error of access that is refused."""
    return AccessDenied(f"the database refuses access ({text}): check the user, the password and its rights")


def too_large(text: str) -> Made:
    """Return the error of a value over a limit."""
    return TooLarge(f"a value is over the limit of its column or of the database ({text})")


def argument(text: str) -> Made:
    """Return the error of a value that is refused."""
    return InvalidArgument(f"the database refuses a value ({text})")


def config(text: str) -> Made:
    """Return the error of a statement that is refused."""
    return ConfigError(f"the database refuses the statement ({text})")


def no_database(text: str) -> Made:
    """Return the error of a database that is not there."""
    return ConfigError(f"there is no such database ({text}); check the URL's path")


def missing(text: str) -> Made:
    """Return the error of a table or column that is not there."""
    return Missing(text)


# By SQLSTATE, whole or its class: https://www.postgresql.org/docs/current/errcodes-appendix.html
BY_STATE: Mapping[str, Make] = {
    "42P01": missing, "42703": missing, "3F000": missing,
    "42P07": contended, "42701": contended, "42710": contended,  # another process made it just now
    "23505": taken, "23": constraint,
    "40001": contended, "40P01": contended, "40": contended,
    "55P03": locked, "55": unavailable,
    "57014": late, "57": unavailable,
    "53300": busy, "53": unavailable,
    "08": gone,
    "28": denied, "42501": denied,
    "3D000": no_database,
    "22003": too_large, "22001": too_large, "54": too_large, "22": argument,
    "25006": unavailable, "25": unavailable,
    "0A": config, "42": config, "58": unavailable, "XX": unavailable,
}  # fmt: skip
# By number: https://dev.mysql.com/doc/mysql-errors/8.4/en/ and https://mariadb.com/kb/en/mariadb-error-codes/
BY_NUMBER: Mapping[int, Make] = {
    **dict.fromkeys((1146, 1054), missing),
    **dict.fromkeys((1050, 1060, 1061), contended),  # another process made it just now
    **dict.fromkeys((1062, 1048), taken),  # 1048: see `Mysql.upsert`
    **dict.fromkeys((1364, 1451, 1452, 1557, 3819, 4025), constraint),
    **dict.fromkeys((1213, 1020, 1412, 1637), contended),
    **dict.fromkeys((1205, 3572), locked),
    **dict.fromkeys((1969, 3024, 1317), late),
    **dict.fromkeys((1040, 1203, 1226), busy),
    **dict.fromkeys((2002, 2003, 2005, 2006, 2013, 2055, 1053, 1152, 1158, 1159, 1160, 1161, 1927, 4031), gone),
    **dict.fromkeys((1044, 1045, 1142, 1143, 1227, 1370, 1698), denied),
    1049: no_database,
    **dict.fromkeys((1118, 1153, 1264, 1301, 1406, 1436, 1690), too_large),
    **dict.fromkeys((1292, 1366, 1367, 1411, 1525), argument),
    **dict.fromkeys((1290, 1792, 1836, 1030, 1180), unavailable),
    1071: config,
}


def meant(state: str | None, number: int | None) -> Made | None:
    """Return the error that a database's code means, None for a code that is not known."""
    # First by the number: what MySQL gives for a SQLSTATE says less.
    if number is not None and number in BY_NUMBER:
        return BY_NUMBER[number](f"error {number}")
    if state is not None and (state in BY_STATE or state[:2] in BY_STATE):
        return (BY_STATE.get(state) or BY_STATE[state[:2]])(f"SQLSTATE {state}")
    return None
