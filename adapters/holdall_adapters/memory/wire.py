"""The stored form of memory: the portable form itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._model.kinds import SetOf

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind, Portable


class MemoryForm:
    """Values lie as they are compared. Lowering and lifting make new lists, dicts and sets, so nothing is shared."""

    def encoder(self, kind: Kind) -> Callable[[Any], Portable]:
        if not isinstance(kind, SetOf):
            return kind.lower
        return lambda value: kind.lower(value) or None

    def decoder(self, kind: Kind) -> Callable[[Portable], Any]:
        return kind.lift

    def is_null(self, stored: Any) -> bool:
        return stored is None

    def size(self, item: Any) -> int:
        return len(repr(item))
