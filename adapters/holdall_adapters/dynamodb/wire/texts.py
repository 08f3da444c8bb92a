"""Collections of plain strings, which need no look at each."""

from __future__ import annotations

from typing import Any

_SETS = (set, frozenset)


def list_length(value: Any) -> int:
    """Return how many characters a list of plain strings has, with one for each; -1 if it is anything else."""
    return _length(value) if value.__class__ is list else -1


def dict_length(value: Any) -> int:
    """Return how many characters a dict of plain strings by name has, with one for each; -1 if it is anything else."""
    if value.__class__ is not dict or "" in value:
        return -1
    names, texts = _length(value), _length(value.values())
    return -1 if names < 0 or texts < 0 else names + texts


def set_length(value: Any) -> int:
    """Return how many characters a set of plain strings has, with one for each; -1 if it is anything else."""
    return _length(value) if value.__class__ in _SETS else -1


def _length(texts: Any) -> int:
    try:
        joined = "".join(texts)
        if not joined.isascii():
            joined.encode()
    except (TypeError, UnicodeEncodeError):
        return -1
    return len(joined) + len(texts)
