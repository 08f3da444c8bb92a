"""Reading parts of a request whose shape is not known yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from .errors import refuse


def as_mapping(value: object, what: str) -> Mapping[str, Any]:
    """
    Return the value, a mapping with text keys.

    Raises:
        RequestRefused: It is something else.
    """
    if not isinstance(value, Mapping):
        refuse(f"{what} must be a mapping, not {type(value).__name__}")
    found = cast("Mapping[object, Any]", value)
    for key in found:
        as_text(key, f"every key of {what}")
    return cast("Mapping[str, Any]", found)


def as_sequence(value: object, what: str) -> Sequence[Any]:
    """
    Return the value, a list or tuple.

    Raises:
        RequestRefused: It is something else.
    """
    if not isinstance(value, (list, tuple)):
        refuse(f"{what} must be a list, not {type(value).__name__}")
    return cast("Sequence[Any]", value)


def as_text(value: object, what: str) -> str:
    """
    Return the value, a string.

    Raises:
        RequestRefused: It is something else.
    """
    if not isinstance(value, str):
        refuse(f"{what} must be a string, not {type(value).__name__}")
    return value


def as_integer(value: object, what: str) -> int:
    """
    Return the value, an integer that is no boolean.

    Raises:
        RequestRefused: It is something else.
    """
    if not isinstance(value, int) or isinstance(value, bool):
        refuse(f"{what} must be an integer, not {type(value).__name__}")
    return value


def check_integer(params: Mapping[str, Any], name: str, low: int, high: int | None = None) -> None:
    """
    Check an optional integer parameter.

    Raises:
        RequestRefused: It is there and no integer, or out of its range.
    """
    if name not in params:
        return
    found = as_integer(params[name], name)
    detail = f"1 validation error detected: Value '{found}' at '{camel(name)}' failed to satisfy constraint: "
    if found < low:
        refuse(f"{detail}Member must have value greater than or equal to {low}")
    if high is not None and found > high:
        refuse(f"{detail}Member must have value less than or equal to {high}")


def check_length(found: int, what: str, low: int, high: int | None = None) -> None:
    """
    Check how many members something has.

    Raises:
        RequestRefused: Too few, or too many.
    """
    detail = f"1 validation error detected: Value at '{camel(what)}' failed to satisfy constraint: "
    if found < low:
        refuse(f"{detail}Member must have length greater than or equal to {low}")
    if high is not None and found > high:
        refuse(f"{detail}Member must have length less than or equal to {high}")


def camel(name: str) -> str:
    """Return a parameter's name as the service writes it in its messages."""
    return name[:1].lower() + name[1:]
