"""How values of each kind lie in DynamoDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .decoders import decoder
from .encoders import encoder
from .size import item_size

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind


class DynamoForm:
    """Values lie as attribute values: `{"S": ...}`, `{"N": ...}` and so on."""

    def encoder(self, kind: Kind) -> Callable[[Any], Any]:
        return encoder(kind)

    def decoder(self, kind: Kind) -> Callable[[Any], Any]:
        return decoder(kind)

    def is_null(self, stored: Any) -> bool:
        return "NULL" in stored

    def size(self, item: Any) -> int:
        return item_size(item)
