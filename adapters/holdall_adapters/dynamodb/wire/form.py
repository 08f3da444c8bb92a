"""How values of each kind lie in DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._model import kinds
from holdall.drivers import Shortcut

from .decoders import decoder
from .encoders import encoder
from .size import item_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind


_SHORTCUTS: dict[type[kinds.Kind], Shortcut] = {
    kinds.Str: Shortcut("value.__class__ is str and value.isascii()", '{"S": value}', 'stored["S"]'),
    kinds.Bool: Shortcut("value.__class__ is bool", '{"BOOL": value}', 'stored["BOOL"]'),
    kinds.Int: Shortcut(None, '{"N": str(value)}', 'int(stored["N"])'),
    kinds.DecimalNumber: Shortcut("value", '{"N": text}', 'Decimal(stored["N"])'),
    kinds.Float: Shortcut(
        "value.__class__ is float and 1e-4 <= abs(value) < 1e16", '{"N": repr(value)}', 'float(stored["N"])'
    ),
}


class DynamoForm:
    """Values lie as attribute values: `{"S": ...}`, `{"N": ...}` and so on."""

    shortcuts = _SHORTCUTS
    checks_numbers = True

    def encoder(self, kind: Kind) -> Callable[[Any], Any]:
        return encoder(kind)

    def decoder(self, kind: Kind) -> Callable[[Any], Any]:
        return decoder(kind)

    def is_null(self, stored: Any) -> bool:
        return "NULL" in stored

    def size(self, item: Any) -> int:
        return item_size(item)
