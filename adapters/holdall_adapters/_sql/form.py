"""The stored form of the SQL adapters: what is bound to and fetched from a column, for each kind of value."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall._model.kinds import BadValue
from holdall.drivers import Shortcut

from .columns import BLOB, BOOLEAN, INTEGER, NUMBER, REAL, TEXT, ColumnType, Document
from .numbers import decode_number
from .plain import document_decoder, document_encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind

    from .flavor import Flavor


def _unusual(stored: Any) -> Any:
    raise TypeError(stored.__class__)


def shortcut(when: str | None, encode: str, decode: str) -> Shortcut:
    """Return a shortcut; `decode` is a test of `stored`, under which it is the program's value."""
    return Shortcut(when, encode, f"stored if {decode} else unusual(stored)", names={"unusual": _unusual})


TEXT_SHORTCUT = shortcut("value.__class__ is str and value.isascii()", "value", "stored.__class__ is str")
INT_SHORTCUT = shortcut(None, "value", "stored.__class__ is int")
# Of an infinity or NaN the difference is NaN.
FLOAT_SHORTCUT = shortcut("value.__class__ is float and 1e-4 <= abs(value) < 1e16", "value",
                          "stored.__class__ is float and stored - stored == 0")  # fmt: skip
BYTES_SHORTCUT = shortcut("value.__class__ is bytes", "value", "stored.__class__ is bytes")
INSTANT_SHORTCUT = Shortcut("value.__class__ is datetime and value.tzinfo is utc", "value", None,
                            names={"datetime": dt.datetime, "utc": dt.timezone.utc})  # fmt: skip
SHORTCUTS: dict[type[Kind], Shortcut] = {
    kinds.Str: TEXT_SHORTCUT,
    kinds.Int: INT_SHORTCUT,
    kinds.Float: FLOAT_SHORTCUT,
    kinds.Bytes: BYTES_SHORTCUT,
    kinds.Bool: Shortcut("value.__class__ is bool", "int(value)",
                         "stored == 1 if stored in (0, 1) else unusual(stored)", names={"unusual": _unusual}),
}  # fmt: skip
"""Of databases whose booleans are numbers."""


class SqlForm:
    """Values as one flavour of SQL stores them. An item is a dict from column names to them, without the nulls."""

    checks_numbers = False

    def __init__(self, flavor: Flavor) -> None:
        self._flavor = flavor

    def shortcut(self, kind: Kind) -> Shortcut | None:
        return self._flavor.shortcuts.get(type(kind))

    def encoder(self, kind: Kind) -> Callable[[Any], Any]:
        """Return a function from a program's value to what is bound; see `holdall.drivers.Form`."""
        column = self._flavor.column(kind)
        if isinstance(kind, kinds.Str):
            return lambda value: value if value.__class__ is str and value.isascii() else kind.lower(value)
        if isinstance(kind, kinds.Int) and column is INTEGER:
            return lambda value: value if value.__class__ is int else kind.lower(value)
        if column is TEXT:
            return kind.lower
        return document_encoder(kind, column) if isinstance(column, Document) else _encoder(kind, column)

    def decoder(self, kind: Kind) -> Callable[[Any], Any]:
        """Return a function from what is fetched to the program's value; see `holdall.drivers.Form`."""
        column = self._flavor.column(kind)
        common = _COMMON.get((type(kind), column)) or column.lifter(kind)
        if common is not None:
            return common
        if isinstance(kind, (kinds.Str, kinds.Int)) and column in (TEXT, INTEGER):
            usual = str if isinstance(kind, kinds.Str) else int
            return lambda stored: stored if stored.__class__ is usual else kind.lift(stored)
        if isinstance(column, Document):
            return document_decoder(kind, column)
        # What lies as it is compared, is checked by `lift` itself.
        return kind.lift if column in (TEXT, INTEGER, BLOB) else _decoder(kind, column)

    def is_null(self, stored: Any) -> bool:
        """Return whether a stored value means null: SQL's own, or a JSON null that another program wrote."""
        return stored is None or stored == "null"

    def size(self, item: Any) -> int:
        """Return an item's size: the bytes of texts and blobs, eight for a number."""
        return sum(_size(value) for value in item.values())


def _encoder(kind: Kind, column: ColumnType) -> Callable[[Any], Any]:
    lower, store = kind.lower, column.store
    return lambda value: store(lower(value))


def _decoder(kind: Kind, column: ColumnType) -> Callable[[Any], Any]:
    load, lift = column.load, kind.lift
    return lambda stored: lift(load(stored))


def _decode_float(stored: Any) -> float:
    return stored if stored.__class__ is float and -math.inf < stored < math.inf else float(REAL.load(stored))


def _decode_bool(stored: Any) -> bool:
    if stored == 1:
        return True
    if stored == 0:
        return False
    raise BadValue("expected 0 or 1 in the column, but something else is stored")


_COMMON: dict[tuple[type[Kind], ColumnType], Callable[[Any], Any]] = {
    (kinds.Bool, BOOLEAN): _decode_bool,
    (kinds.Float, REAL): _decode_float,
    (kinds.DecimalNumber, NUMBER): decode_number,
}


def _size(value: Any) -> int:
    return len(value.encode()) if isinstance(value, str) else len(value) if isinstance(value, bytes) else 8
