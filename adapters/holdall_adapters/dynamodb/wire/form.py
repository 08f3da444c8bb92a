"""How values of each kind lie in DynamoDB."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall.drivers import Shortcut

from .decoders import decoder
from .encoders import encoder
from .size import item_size
from .texts import dict_length, list_length
from .values import binary

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind


_SHORTCUTS: dict[type[Kind], Shortcut] = {
    kinds.Str: Shortcut("value.__class__ is str and value.isascii()", '{"S": value}', 'stored["S"]'),
    kinds.Bool: Shortcut("value.__class__ is bool", '{"BOOL": value}', 'stored["BOOL"]'),
    kinds.Int: Shortcut(None, '{"N": str(value)}', 'int(stored["N"])'),
    kinds.DecimalNumber: Shortcut("value", '{"N": text}', 'Decimal(stored["N"])'),
    kinds.Float: Shortcut(
        "value.__class__ is float and 1e-4 <= abs(value) < 1e16", '{"N": repr(value)}', 'float(stored["N"])'
    ),
    kinds.Bytes: Shortcut(
        "value.__class__ is bytes",
        '{"B": value}',
        'one if (one := stored["B"]).__class__ is bytes else binary(one)',
        names={"binary": binary},
    ),
    kinds.DateTime: Shortcut(
        "value.__class__ is datetime and value.tzinfo is utc",
        '{"S": value.isoformat("T", "microseconds")[:-6] + "Z"}',
        'instant(text[:-1] + "+00:00") if len(text := stored["S"]) == 27 and text[26] == "Z" else other(stored)',
        names={
            "datetime": dt.datetime,
            "utc": dt.timezone.utc,
            "instant": dt.datetime.fromisoformat,
            "other": decoder(kinds.DateTime()),
        },
    ),
}

_TEXTS = Shortcut(
    "(length_in := list_length(value)) >= 0",
    '{"L": [{"S": one} for one in value]}',
    '[one["S"] for one in stored["L"]]',
    length="length_in",
    names={"list_length": list_length},
)

_NAMED_TEXTS = Shortcut(
    "(length_in := dict_length(value)) >= 0",
    '{"M": {name: {"S": one} for name, one in value.items()}}',
    '{name: one["S"] for name, one in stored["M"].items()}',
    length="length_in",
    names={"dict_length": dict_length},
)


class DynamoForm:
    """Values lie as attribute values: `{"S": ...}`, `{"N": ...}` and so on."""

    checks_numbers = True

    def shortcut(self, kind: Kind) -> Shortcut | None:
        if isinstance(kind, kinds.ListOf) and kind.make is list and isinstance(kind.item, kinds.Str):
            return _TEXTS
        if isinstance(kind, kinds.MapOf) and isinstance(kind.value, kinds.Str):
            return _NAMED_TEXTS
        return _SHORTCUTS.get(type(kind))

    def encoder(self, kind: Kind) -> Callable[[Any], Any]:
        return encoder(kind)

    def decoder(self, kind: Kind) -> Callable[[Any], Any]:
        return decoder(kind)

    def is_null(self, stored: Any) -> bool:
        return "NULL" in stored

    def size(self, item: Any) -> int:
        return item_size(item)
