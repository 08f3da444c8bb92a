"""Types of columns that SQLAlchemy has no words for: texts by code point, which MySQL and MariaDB name differently."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.mysql import LONGTEXT
from sqlalchemy.ext.compiler import compiles


class BinaryText(sa.types.UserDefinedType[str]):
    """Text compared by code point and without padding; of `length` characters, or of any length."""

    cache_ok = True

    def __init__(self, length: int | None = None) -> None:
        self.length = length


@compiles(BinaryText)
def _binary_text(element: BinaryText, compiler: Any, **_: Any) -> str:
    mariadb = getattr(compiler.dialect, "is_mariadb", False)
    # utf8mb4_bin, which both have, takes "a" and "a " for equal.
    collation = "utf8mb4_nopad_bin" if mariadb else "utf8mb4_0900_bin"
    text: Any = sa.types.VARCHAR(element.length) if element.length else LONGTEXT()
    return " ".join((compiler.process(text), "CHARACTER SET", "utf8mb4", "COLLATE", collation))


class AsciiText(sa.types.UserDefinedType[str]):
    """Text of ASCII characters of a fixed length."""

    cache_ok = True

    def __init__(self, length: int) -> None:
        self.length = length


@compiles(AsciiText)
def _ascii_text(element: AsciiText, compiler: Any, **_: Any) -> str:
    return " ".join((compiler.process(sa.types.CHAR(element.length)), "CHARACTER SET", "ascii", "COLLATE", "ascii_bin"))
