"""The named places of a statement, told apart from what only looks like one. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from .errors import ApiError, bad_request

_COMMON = r"""
    (?P<skip> ' (?: [^'{escape}] | '' {escaped} )* ' | " (?: [^"] | "" )* " | ` [^`]* ` | -- [^\n]* | {more} ::)
  | : (?P<name> [A-Za-z_][A-Za-z0-9_]* )
  | (?P<end> ; )
"""
_POSTGRESQL = re.compile(
    _COMMON.format(escape="", escaped="", more=r"\$(?P<tag>[A-Za-z_]*)\$ .*? \$(?P=tag)\$ | /\* .*? \*/ |"),
    re.VERBOSE | re.DOTALL,
)
_MYSQL = re.compile(
    _COMMON.format(escape=r"\\", escaped=r"| \\ .", more=r"\# [^\n]* | /\* .*? \*/ |"), re.VERBOSE | re.DOTALL
)


class Placed(NamedTuple):
    """A statement with places as Python's drivers write them, and the names of the places."""

    text: str
    names: frozenset[str]


def placed(sql: str, *, mysql: bool) -> Placed:
    """
    Find the places of a statement.

    Raises:
        ApiError: There are several statements.
    """
    pieces: list[str] = []
    names: set[str] = set()
    done = 0
    for found in (_MYSQL if mysql else _POSTGRESQL).finditer(sql):
        pieces.append(sql[done : found.start()].replace("%", "%%"))
        done = found.end()
        name = found["name"]
        if found["end"] and sql[done:].strip():
            raise ApiError("ValidationException", "Multistatements aren't supported.")
        if name is None:
            pieces.append(found[0].replace("%", "%%"))
        else:
            names.add(name)
            pieces.append(f"%({name})s")
    pieces.append(sql[done:].replace("%", "%%"))
    return Placed("".join(pieces), frozenset(names))


def check_given(placed: Placed, given: set[str]) -> None:
    """
    Check that every place has a value.

    Raises:
        ApiError: One has none.
    """
    for name in sorted(placed.names - given):
        raise bad_request(f"Cannot find parameter: {name}")
