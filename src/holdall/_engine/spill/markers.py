"""What stands in a record for a value that lies in a blob. Pure."""

from __future__ import annotations

import os
import re
import zlib

from ..._frozen import frozen

PREFIX = "holdall:blob:1:"
"""How a marker begins. A value of the program's that begins so is kept in a blob itself, so nothing is ambiguous."""

_FORM = re.compile(re.escape(PREFIX) + r"(\d{1,15}):([0-9a-f]{8}):([^:]{1,900})")
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]")


@frozen
class Marker:
    """
    The claim on one blob. A blob's key is random and used once, so what a marker leads to never changes.

    Attributes:
        key: The blob's key.
        size: Its bytes.
        crc: Their CRC-32.
    """

    key: str
    size: int
    crc: int

    def __str__(self) -> str:
        return f"{PREFIX}{self.size}:{self.crc:08x}:{self.key}"

    def fits(self, content: bytes) -> bool:
        """Return whether these are the bytes."""
        return len(content) == self.size and zlib.crc32(content) == self.crc


def marker_of(content: bytes, folder: str) -> Marker:
    """Return a fresh marker for the bytes, its blob below a folder."""
    return Marker(f"{folder}/{os.urandom(16).hex()}", len(content), zlib.crc32(content))


def read_marker(value: object) -> Marker | None:
    """Return the marker that a stored text, or the bytes of one, is; None for any other value."""
    if isinstance(value, bytes) and value.startswith(PREFIX.encode()):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str) or not value.startswith(PREFIX):
        return None
    found = _FORM.fullmatch(value)
    return None if found is None else Marker(found[3], int(found[1]), int(found[2], 16))


def folder_of(table: str, field: str) -> str:
    """Return the folder of a field's blobs; what could be odd in a key is written as `_`."""
    return f"{_UNSAFE.sub('_', table)}/{_UNSAFE.sub('_', field)}"
