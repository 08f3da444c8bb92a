"""
Checksums of blobs, as "algorithm:hexadecimal".

CRC-64/NVME is what many programs store on S3, and no module of the standard library has it. A table in Python takes a
second for each 15 MB, so only blobs up to `SLOW_BYTES` are checked by it (catalogue of parametrised CRC algorithms:
CRC-64/NVME).
"""

from __future__ import annotations

import zlib
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from ...errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

SLOW_BYTES = 4 << 20
ALGORITHMS = ("crc32", "crc64nvme", "sha256")


class Sum(Protocol):
    """A checksum in the making."""

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        """Take the next bytes."""
        ...

    def hexdigest(self) -> str:
        """Return what it is so far."""
        ...


class _Crc:
    def __init__(self, step: Callable[[Any, int], int], digits: int) -> None:
        self._step = step
        self._digits = digits
        self._value = 0

    def update(self, data: bytes | bytearray | memoryview, /) -> None:
        self._value = self._step(data, self._value)

    def hexdigest(self) -> str:
        return f"{self._value:0{self._digits}x}"


def _sha256() -> Sum:
    # Imported here: few programs ask for it.
    import hashlib

    return hashlib.sha256()


@cache
def _crc64() -> Callable[[Any, int], int]:
    return _crc64_in_python(_table())


_CRC32 = 0xEDB88320
"""The polynomial of zlib's, its bits reversed."""
_POLYNOMIAL = 0x9A6C9329AC4BC9B5
_ONES = (1 << 64) - 1


def _table() -> list[int]:
    table: list[int] = []
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


def _crc64_in_python(table: list[int]) -> Callable[[Any, int], int]:
    def step(data: Any, before: int) -> int:
        value = before ^ _ONES
        for byte in bytes(data):
            value = table[(value ^ byte) & 0xFF] ^ value >> 8
        return value ^ _ONES

    return step


_MAKERS: dict[str, Callable[[], Sum]] = {
    "crc32": lambda: _Crc(zlib.crc32, 8),
    "crc64nvme": lambda: _Crc(_crc64(), 16),
    "sha256": _sha256,
}


def check_algorithm(name: Any) -> str | None:
    """
    Return the name of an algorithm, None for none.

    Raises:
        InvalidArgument: There is no such.
    """
    if name is not None and name not in _MAKERS:
        raise InvalidArgument(f"checksum= takes {', '.join(map(repr, ALGORITHMS))} or None, got {name!r}")
    return None if name is None else str(name)


class Checksum:
    """A checksum in the making, by the name of its algorithm; None makes none."""

    def __init__(self, algorithm: str | None) -> None:
        self._algorithm = algorithm
        self._sum = None if algorithm is None else _MAKERS[algorithm]()

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes."""
        if self._sum is not None:
            self._sum.update(data)

    @property
    def combines(self) -> bool:
        """Whether the checksum of a whole is known from those of its parts; see `combined`."""
        return self._algorithm == "crc32"

    def text(self) -> str | None:
        """Return the checksum of what came."""
        return None if self._sum is None else f"{self._algorithm}:{self._sum.hexdigest()}"

    def contradicts(self, text: str | None) -> bool:
        """Return whether what came has another checksum than that; never where none was made."""
        return self.text() not in (None, text)


def summed(path: Path, check: Checksum) -> Checksum:
    """Return a checksum, after it has taken a file."""
    with path.open("rb") as file:
        while data := file.read(1 << 20):
            check.update(data)
    return check


def combined(parts: Sequence[tuple[int, str]]) -> str:
    """
    Return the CRC-32 of a whole from the sizes and CRC-32s of its parts, in order.

    A CRC is linear: that of two parts is the one of the first, carried over as many zero bytes as the second has, by
    exclusive or with the one of the second (M. Adler's `crc32_combine` in zlib works by the same law).
    """
    value = 0
    for size, text in parts:
        value = _applied(_over_zeros(size), value) ^ int(text.partition(":")[2], 16)
    return f"crc32:{value:08x}"


@lru_cache(16)
def _over_zeros(size: int) -> tuple[int, ...]:
    """Return what becomes of each bit of a CRC-32 over so many zero bytes."""
    # One zero bit moves each bit down, and the lowest one into the polynomial.
    step = (_CRC32, *(1 << bit for bit in range(31)))
    for _ in range(3):
        step = _times(step, step)
    found = tuple(1 << bit for bit in range(32))
    while size:
        if size & 1:
            found = _times(step, found)
        step = _times(step, step)
        size >>= 1
    return found


def _times(outer: tuple[int, ...], inner: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(_applied(outer, row) for row in inner)


def _applied(rows: tuple[int, ...], value: int) -> int:
    found = 0
    for row in rows:
        if value & 1:
            found ^= row
        value >>= 1
    return found


def checksum_like(text: str | None, size: int) -> Checksum:
    """Return a checksum to be compared with another's; of none where that is not known, or would take too long."""
    algorithm = None if text is None else text.partition(":")[0]
    slow = algorithm == "crc64nvme" and size > SLOW_BYTES
    return Checksum(algorithm if algorithm in _MAKERS and not slow else None)
