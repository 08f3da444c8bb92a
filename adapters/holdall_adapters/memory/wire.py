"""The stored form of memory: the portable form itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._model.kinds import is_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall._model.kinds import Kind, Portable
    from holdall.drivers import Shortcut


class MemoryForm:
    """Values lie as they are compared. Lowering and lifting make new lists, dicts and sets, so nothing is shared."""

    checks_numbers = False

    def shortcut(self, _kind: Kind, /) -> Shortcut | None:
        return None

    def encoder(self, kind: Kind) -> Callable[[Any], Portable]:
        if "set" not in kind.types:
            return kind.lower

        def encode(value: Any) -> Portable:
            lowered = kind.lower(value)
            return None if is_set(lowered) and not lowered else lowered

        return encode

    def decoder(self, kind: Kind) -> Callable[[Portable], Any]:
        return kind.lift

    def is_null(self, stored: Any) -> bool:
        return stored is None

    def size(self, item: Any) -> int:
        return len(repr(item))
