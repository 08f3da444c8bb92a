"""What Parameter Store's answers always hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .._aws.errors import BadAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALWAYS: dict[str, tuple[str, ...]] = {
    "GetParameter": ("Parameter",),
    "GetParameters": ("Parameters",),
    "GetParametersByPath": ("Parameters",),
    "GetParameterHistory": ("Parameters",),
    "PutParameter": ("Version",),
}
KINDS: dict[str, type] = {
    "Parameter": dict,
    "Parameters": list,
    "InvalidParameters": list,
    "InvalidLabels": list,
    "Version": int,
    "NextToken": str,
}


def returned(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG001 - as other services need it
    """Return the names that an answer to an operation always has."""
    return _ALWAYS.get(operation, ())
_MEMBERS = (("Name", str), ("Value", str), ("Version", int))


def is_parameter(found: Any) -> bool:
    """Return whether a value out of an answer is a parameter."""
    if not isinstance(found, dict):
        return False
    members = cast("dict[str, Any]", found)
    return all(isinstance(members.get(name), kind) for name, kind in _MEMBERS)


def checked(answer: dict[str, Any]) -> dict[str, Any]:
    """
    Return an answer.

    Raises:
        BadAnswer: One of its parameters is none.
    """
    if all(map(is_parameter, answer.get("Parameters", ()))):
        return answer
    del answer  # which a traceback with variables would show
    raise BadAnswer("a parameter in the answer has no name, value or version")
