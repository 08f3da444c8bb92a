"""From names of variables to names of parameters, and back. Pure."""

from __future__ import annotations


def name_of(variable: str, prefix: str) -> str | None:
    """Return the parameter that a variable is; None where it is none of those with the prefix."""
    rest = variable[len(prefix):] if variable.startswith(prefix) else ""
    return rest.lower().replace("__", "/") if rest else None


def variable_of(name: str, prefix: str) -> str:
    """Return the variable that a parameter is."""
    return prefix + name.upper().replace("-", "_").replace(".", "_").replace("/", "__")
