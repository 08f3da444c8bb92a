"""What a kind of value is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from .portable import BadValue, Portable, PortableType, show

if TYPE_CHECKING:
    from collections.abc import Callable


class Kind:
    """One kind of value. Instances are compared by identity."""

    name: ClassVar[str] = "value"
    types: frozenset[PortableType] = frozenset()
    """The portable types that values of this kind take."""

    def lower(self, value: Any) -> Portable:
        """
        Return the portable form.

        Raises:
            BadValue: The value is not of this kind, or can't be kept exactly.
        """
        raise NotImplementedError

    def lift(self, value: Portable) -> Any:
        """
        Return the program's value.

        Raises:
            BadValue: What is stored is not of this kind.
        """
        raise NotImplementedError

    def describe(self) -> str:
        """Return the kind in words, for messages."""
        return self.name


def expect(ok: bool, kind: Kind, value: object) -> None:
    """
    Refuse a value that is not of its kind.

    Raises:
        BadValue: It is not.
    """
    if not ok:
        raise BadValue(f"expected {kind.describe()}, got {show(value)}")


def inside(turn: Callable[[Any], Any], value: Any, step: str | int) -> Any:
    """Lower or lift what lies inside a value, and say where in what goes wrong."""
    try:
        return turn(value)
    except BadValue as bad:
        raise bad.under(step) from None
