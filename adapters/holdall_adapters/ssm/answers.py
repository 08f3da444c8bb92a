"""What Parameter Store's answers always hold. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
