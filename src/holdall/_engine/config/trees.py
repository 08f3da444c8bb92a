"""Names as paths, and the tree that parameters make. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ..._model.kinds.portable import is_map

if TYPE_CHECKING:
    from collections.abc import Mapping

_FOLDED = str.maketrans("-.", "__")


@lru_cache(2000)
def fold(name: str) -> str:
    """Return a name as those sources have it that know neither capitals nor "-" and "."."""
    return name.lower().translate(_FOLDED)


def tree_of(values: Mapping[str, Any], *, branches_first: bool) -> dict[str, Any]:
    """Return values by their paths as dicts in dicts; either what is at a name counts, or what is below it."""
    tree: dict[str, Any] = {}
    for name in sorted(values):
        *branches, leaf = name.split("/")
        place: Any = tree
        for branch in branches:
            if branches_first and not is_map(place.get(branch)):
                place[branch] = {}
            place = place.setdefault(branch, {}) if is_map(place) else None
        if is_map(place):
            place[leaf] = values[name]
    return tree


def merged(first: dict[str, Any], second: Mapping[str, Any], *, folded: bool) -> dict[str, Any]:
    """Return both trees in one, where what the first says counts; `folded` takes names for one that fold alike."""
    both = dict(first)
    known = {fold(name): name for name in first} if folded else {}
    for name, value in second.items():
        same = name if name in first else known.get(fold(name)) if folded else None
        if same is None:
            both[name] = value
        elif is_map(first[same]) and is_map(value):
            both[same] = merged(first[same], value, folded=folded)
    return both
