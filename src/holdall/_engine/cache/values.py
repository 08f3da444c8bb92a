"""Items in a driver's stored form as bytes, and back: JSON, with a mark on what JSON lacks."""

from __future__ import annotations

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ..._model.kinds import is_set

if TYPE_CHECKING:
    from collections.abc import Callable

_MARK = "\0"
_ESCAPED = json.dumps(_MARK) + ":"


class Unwritable(Exception):
    """Raised for an item that would not come back as it is, so it is not cached."""


def dump(item: Any) -> tuple[bytes, bool]:
    """
    Return an item as bytes, and whether something in it is marked.

    Raises:
        Unwritable: It holds what can't be written.
    """
    marks = 0

    def mark(value: Any) -> Any:
        nonlocal marks
        marks += 1
        return {_MARK: _marked(value)}

    try:
        text = json.dumps(item, default=mark, separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Unwritable(f"a value of an item can't be cached: {type(error).__name__}") from error
    if text.count(_ESCAPED) != marks:
        raise Unwritable("a dict in an item has the key that marks values")
    return text.encode(), marks > 0


def load(text: bytes, marked: bool) -> Any:
    """
    Return the item of such bytes.

    Raises:
        ValueError: They are none.
    """
    whole = text.decode()
    item, end = (_read_marked if marked else _read_plain)(whole)
    if end != len(whole):
        raise ValueError("there is more than one item")
    return item


def _marked(value: Any) -> list[Any]:
    if isinstance(value, (bytes, bytearray)):
        return ["bytes", base64.b64encode(value).decode()]
    if is_set(value):
        return ["set", list(value)]
    if isinstance(value, timedelta):
        return ["timedelta", [value.days, value.seconds, value.microseconds]]
    if type(value) in (Decimal, UUID):
        return [type(value).__name__, str(value)]
    if type(value) in (datetime, date, time):
        return [type(value).__name__, value.isoformat()]
    raise TypeError(f"no JSON for a {type(value).__name__}")


_READERS: dict[str, Callable[[Any], Any]] = {
    "bytes": base64.b64decode,
    "set": set,
    "timedelta": lambda parts: timedelta(*parts),
    "Decimal": Decimal,
    "UUID": UUID,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}


def _unmarked(found: dict[str, Any]) -> Any:
    marked = found.get(_MARK)
    if marked is None:
        return found
    kind, value = marked
    return _READERS[kind](value)


# Made once: json.loads makes a decoder at each call that has a hook, and looks for blanks around what has none.
_read_plain = json.JSONDecoder().raw_decode
_read_marked = json.JSONDecoder(object_hook=_unmarked).raw_decode
