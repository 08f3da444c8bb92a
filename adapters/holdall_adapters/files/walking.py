"""The keys of a folder, in order, without reading more folders than are asked for."""

from __future__ import annotations

import heapq
import os
from typing import TYPE_CHECKING, NamedTuple

from holdall.blob_drivers import LAST

from . import wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

class _Entry(NamedTuple):
    """A name in a folder: how the keys begin that it stands for (a whole key, of a file), and where it lies."""

    begins: str
    names: tuple[str, ...]
    is_file: bool


def keys_of(root: Path, prefix: str, after: str | None) -> Iterator[str]:
    """Yield the keys that begin with a prefix and come behind another, in order."""
    # Nothing in a folder comes before what all of it begins with: so the first of what is known is always right.
    known = [_Entry("", (), False)]
    while known:
        first = heapq.heappop(known)
        if not first.is_file:
            for entry in _entries(root, first):
                if _may_hold(entry, prefix, after):
                    heapq.heappush(known, entry)
        elif wire.parts_of(first.begins) == list(first.names):
            yield first.begins


def _may_hold(entry: _Entry, prefix: str, after: str | None) -> bool:
    begins = entry.begins
    if entry.is_file:
        return begins.startswith(prefix) and (after is None or begins > after)
    return (begins.startswith(prefix) or prefix.startswith(begins)) and (after is None or begins + LAST > after)


def _entries(root: Path, folder: _Entry) -> Iterator[_Entry]:
    try:
        found = list(os.scandir(root.joinpath(*folder.names)))
    except (FileNotFoundError, NotADirectoryError):
        return  # It was removed since it was seen.
    for one in found:
        text = None if one.name == wire.OWN and not folder.names else wire.read(one.name)
        if text is None or one.is_symlink():
            continue
        more = wire.is_more(one.name)
        if one.is_dir():
            yield _Entry(f"{folder.begins}{text}{'' if more else '/'}", (*folder.names, one.name), False)
        elif not more:
            yield _Entry(folder.begins + text, (*folder.names, one.name), True)
