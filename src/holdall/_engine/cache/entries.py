"""
What a cache keeps of a value: a head, then its bytes.

The head says which shape the value has, so that a program never reads the values of another version of its classes, and
how old it may get. A check over head, bytes and key finds damage, and answers that belong to another question.
"""

from __future__ import annotations

import os
import struct
import zlib
from typing import TYPE_CHECKING, NamedTuple

from ...cache_drivers import VALUE

if TYPE_CHECKING:
    from .crypt import Crypt

_HEAD = struct.Struct(">c8sBB8sQIII")
_UNCHECKED = struct.Struct(">c8sBB8sQII")
_CHECK = struct.Struct(">I")
_FORMAT = 1
_COMPRESSED, _ENCRYPTED, ABSENT, MARKED, UNKEPT = 1, 2, 4, 8, 16
ID_BYTES = 9
"""An entry's first bytes, which no other entry has: its state and a random number."""
_MOST_INFLATED = 64 << 20


class Entry(NamedTuple):
    """
    A value as it was kept.

    Attributes:
        flags: `ABSENT`: the store has nothing; `MARKED`: for `values.load`; `UNKEPT`: the value is not kept.
        created: When its reading began, in milliseconds since 1970.
        took: How long that took, in microseconds.
        ttl: How long it serves from then on, in milliseconds.
        body: The value's bytes.
    """

    flags: int
    created: int
    took: int
    ttl: int
    body: bytes

    @property
    def ends(self) -> int:
        """When it ends, in milliseconds since 1970."""
        return self.created + self.ttl


class EntryForm:
    """
    How the values of one shape are kept.

    Args:
        shape: What tells the shape, in eight bytes.
        compress_over: Bodies of more bytes are compressed.
        crypt: By which they are encrypted; None for not at all.
    """

    def __init__(self, shape: bytes, compress_over: int, crypt: Crypt | None = None) -> None:
        self._shape = shape
        self._compress_over = compress_over
        self._crypt = crypt

    def write(self, key: str, entry: Entry) -> bytes:
        """Return what is kept of an entry under a key."""
        flags, body = entry.flags, entry.body
        if len(body) > self._compress_over:
            smaller = zlib.compress(body, 1)
            flags, body = (flags | _COMPRESSED, smaller) if len(smaller) < len(body) else (flags, body)
        if self._crypt is not None:
            flags |= _ENCRYPTED
        head = _UNCHECKED.pack(VALUE, os.urandom(8), _FORMAT, flags, self._shape, entry.created, entry.took, entry.ttl)
        if self._crypt is not None:
            body = self._crypt.close(body, head + key.encode())
        return head + _CHECK.pack(_check(key, head, body)) + body

    def read(self, key: str, raw: bytes) -> Entry | None:
        """Return the entry that is kept under a key; None where it is damaged, foreign, or of another shape."""
        if len(raw) < _HEAD.size:
            return None
        _, _, form, flags, shape, created, took, ttl, check = _HEAD.unpack_from(raw)
        body = raw[_HEAD.size :]
        if shape != self._shape or form != _FORMAT or check != _check(key, raw[: _UNCHECKED.size], body):
            return None
        if flags & (_COMPRESSED | _ENCRYPTED) or self._crypt is not None:
            opened = self._opened(key, raw, body, flags)
            return None if opened is None else Entry(flags, created, took, ttl, opened)
        return Entry(flags, created, took, ttl, body)

    def _opened(self, key: str, raw: bytes, body: bytes, flags: int) -> bytes | None:
        if bool(flags & _ENCRYPTED) != (self._crypt is not None):
            return None
        if self._crypt is not None:
            opened = self._crypt.open(body, raw[: _UNCHECKED.size] + key.encode())
            if opened is None:
                return None
            body = opened
        return _inflated(body) if flags & _COMPRESSED else body


def _inflated(body: bytes) -> bytes | None:
    machine = zlib.decompressobj()
    try:
        whole = machine.decompress(body, _MOST_INFLATED)
    except zlib.error:
        return None
    return whole if machine.eof else None


def _check(key: str, head: bytes, body: bytes) -> int:
    return zlib.crc32(body, zlib.crc32(head, zlib.crc32(key.encode())))
