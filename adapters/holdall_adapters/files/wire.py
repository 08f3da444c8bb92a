"""
How keys lie in a folder, and back. Pure.

A key is its own path as far as file systems agree on names: `reports/2026/may.pdf` is that file. The rest is written
with `%` and two hexadecimal digits a byte: control characters, what Windows forbids, `%` itself, a dot or space at the
end of a name (so also `.` and `..`), and an empty name (`a//b`) as `%00`, which no key has. A name of more than 200
bytes goes on in folders whose names end in `%-`. So no two keys have one path, and none leaves the folder.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_ODD = re.compile(r'[\x00-\x1f\x7f%\\<>:"|?*]')
_EMPTY = "%00"
MORE = "%-"
"""How the name of a folder ends in which a long name goes on."""
LONGEST = 200
"""Bytes of a name; file systems take 255."""
OWN = "%holdall"
"""The folder of our own, beside the blobs: no key is written so."""


def parts_of(key: str) -> list[str]:
    """Return the names of the folders and of the file of a key."""
    return [piece for name in key.split("/") for piece in _pieces(_written(name))]


def _written(name: str) -> str:
    if not name:
        return _EMPTY
    text = _ODD.sub(lambda found: f"%{ord(found[0]):02X}", name)
    # Windows drops dots and spaces at the end of a name; and "." and ".." are no names.
    return f"{text[:-1]}%{ord(text[-1]):02X}" if text[-1] in ". " else text


def _pieces(name: str) -> list[str]:
    pieces: list[str] = []
    while len(name.encode()) > LONGEST:
        cut = len(name.encode()[:LONGEST].decode(errors="ignore"))
        # An escape stays whole.
        cut = next((cut - back for back in (1, 2) if name[cut - back] == "%"), cut)
        pieces.append(name[:cut] + MORE)
        name = name[cut:]
    return [*pieces, name]


def is_more(name: str) -> bool:
    """Return whether a folder's name is that of a name that goes on."""
    return name.endswith(MORE)


def read(name: str) -> str | None:
    """Return the part of a key that a name stands for; None for a name that we don't give."""
    plain = name.removesuffix(MORE)
    try:
        text = "" if plain == _EMPTY else unquote(plain, errors="strict")
    except UnicodeDecodeError:
        return None
    if is_more(name):
        return text if plain and "\0" not in text else None
    return text if name == _written(text) else None
