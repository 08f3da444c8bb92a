"""What a backend can't hold, found before anything is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .._model.kinds import BadValue, Portable, is_map, portable_type, significant_digits

if TYPE_CHECKING:
    from ..drivers import Capabilities


def check_portable(value: Portable, limits: Capabilities, depth: int = 1) -> None:
    """
    Check the numbers and the depth of a value.

    Raises:
        BadValue: A number or the nesting is over the backend's limits.
    """
    kind = value.__class__
    if kind is str or kind is bytes or kind is bool or value is None:
        return
    if kind is int or kind is Decimal:
        check_number(value, limits)
    elif portable_type(value) in ("map", "list", "set"):
        if limits.max_depth is not None and depth > limits.max_depth:
            raise BadValue(f"lists and dicts are nested deeper than the backend's {limits.max_depth} levels")
        for inner in value.values() if is_map(value) else value:
            check_portable(inner, limits, depth + 1)


_SAFE_INT = 10**18


def check_number(value: int | Decimal, limits: Capabilities) -> None:
    """
    Check a number's digits and magnitude.

    Raises:
        BadValue: It has too many significant digits, or is too large or too small.
    """
    if limits.max_digits is None or (value.__class__ is int and -_SAFE_INT < value < _SAFE_INT):
        return
    # The magnitude first: Python refuses to write out the digits of an int that has thousands.
    if value and not limits.min_exponent <= Decimal(value).adjusted() <= limits.max_exponent:
        raise BadValue(f"the number's magnitude is outside 1E{limits.min_exponent} to 1E+{limits.max_exponent}")
    digits = significant_digits(value)
    if digits > limits.max_digits:
        raise BadValue(f"the number has {digits} significant digits; the backend keeps {limits.max_digits} exactly")


def check_int_width(value: int, bits: int | None) -> None:
    """
    Check that a whole number fits the backend's integers.

    Raises:
        BadValue: It does not.
    """
    if bits is not None and not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise BadValue(f"the number does not fit the backend's {bits}-bit integers; declare the field as Decimal")
