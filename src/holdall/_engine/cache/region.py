"""What a cache keeps of one kind of thing, such as the records of a table: names to keys, values to entries."""

from __future__ import annotations

import hashlib
import math
import random
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote

from ..._frozen import frozen
from ...cache_drivers import FENCE, LEASE, VALUE, is_fence
from .entries import ABSENT, MARKED, UNKEPT, Entry, EntryForm
from .values import Unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .tier import Tier

V = TypeVar("V")
_MOST_EARLY = 37
"""What the logarithm of a chance is at most, without its sign: the least chance is 2 to the -53."""
_PLAIN = re.compile(r"[A-Za-z0-9._~@-]+").fullmatch


@frozen
class Shape(Generic[V]):
    """
    How the values of a region are written.

    Attributes:
        text: Whatever tells this shape from others, the store included: what was kept of another is not read.
        dump: Returns a value as bytes, and whether they are marked, for `load`; raises `Unwritable`.
        load: Returns the value of such bytes; raises ValueError, KeyError or TypeError for others.
        ttl: How long values serve, in seconds; None for as long as the tier says.
        negative_ttl: How long "there is none" serves; None for as long as the tier says.
        steady: Values do not age before their end: their ends need no jitter, and no early reading.
    """

    text: str
    dump: Callable[[V], tuple[bytes, bool]]
    load: Callable[[bytes, bool], V]
    ttl: float | None = None
    negative_ttl: float | None = None
    steady: bool = False


class Verdict:
    """What a key's state means for a reader: one of these, or `Hit`."""

    MISS, FENCED, LEASED, FOREIGN, STALE, UNKEPT = "miss", "fenced", "leased", "foreign", "stale", "unkept"


class Hit:
    """A value that is kept; `early`: this reader should read it anew all the same."""

    __slots__ = ("early", "value")

    def __init__(self, value: Any, early: bool) -> None:
        self.value = value
        self.early = early


class Region(Generic[V]):
    """
    One kind of thing in one tier.

    Args:
        tier: The cache.
        place: Where the things are in the store, such as a table's name: the same in all programs that write them.
        shape: How they are written.
    """

    def __init__(self, tier: Tier, place: str, shape: Shape[V]) -> None:
        self.tier = tier
        settings = tier.settings
        self._base = f"{settings.prefix}:{quoted(place)}:"
        self._longest = tier.driver.capabilities.max_key_bytes
        self._shape = shape
        self.shape = hashlib.sha256(shape.text.encode()).digest()[:8]
        self._form = EntryForm(self.shape, settings.compress_over, tier.crypt)
        self._ttl = settings.ttl if shape.ttl is None else shape.ttl
        self._negative_ttl = settings.negative_ttl if shape.negative_ttl is None else shape.negative_ttl
        self._load = shape.load
        self._early = 0.0 if shape.steady else settings.early
        self._earliest = self._early * _MOST_EARLY / 1000
        self._jitter = 0.0 if shape.steady else settings.jitter

    def key(self, name: str) -> str:
        """Return the key of a name, which is quoted: within the limit, and with encryption nobody's to read."""
        key = self._base + name
        crypt = self.tier.crypt
        if crypt is not None:
            return f"{self.tier.settings.prefix}:x:{crypt.name(key)}"
        if len(key) <= self._longest:
            return key
        return f"{self.tier.settings.prefix}:h:{hashlib.sha256(key.encode()).hexdigest()}"

    def judge(self, key: str, raw: bytes | None, now: int) -> Hit | str:
        """Return what the state of a key means."""
        if raw is None:
            return Verdict.MISS
        state = raw[:1]
        if state == VALUE:
            return self._judged(key, raw, now)
        if state == b"" or (state == FENCE and is_fence(raw, now)):
            # An empty value is another program's, but what begins with nothing may be a fence.
            return Verdict.FENCED
        return Verdict.LEASED if state == LEASE else Verdict.FOREIGN

    def _judged(self, key: str, raw: bytes, now: int) -> Hit | str:
        entry = self._form.read(key, raw)
        if entry is None:
            return Verdict.FOREIGN
        flags, created, took, ttl, body = entry
        tier, ends = self.tier, created + ttl
        if flags & UNKEPT and ends > now:
            return Verdict.UNKEPT
        if ends <= now or tier.doubts.covers(key, created):
            return Verdict.STALE
        try:
            value = None if flags & ABSENT else self._load(body, flags & MARKED > 0)
        except (ValueError, KeyError, TypeError):
            return Verdict.FOREIGN
        tier.counters.bytes_read += len(raw)
        # Far from the end no chance is small enough.
        near = ends - now <= took * self._earliest
        return Hit(value, near and self._is_early(entry, now))

    def _is_early(self, entry: Entry, now: int) -> bool:
        """Decide by XFetch: the likelier the nearer the end, and the longer it takes to read the value."""
        chance = 1.0 - random.random()  # noqa: S311 - no secret; not 0, which has no logarithm
        return now - entry.took / 1000 * self._early * math.log(chance) >= entry.ends

    def kept(self, key: str, value: V | None, created: int, took: int) -> tuple[bytes, float] | None:
        """
        Return what is kept of a value that was read from `created` on, and for how many seconds; None for nothing.

        Args:
            key: The key.
            value: The value; None where the store has nothing.
            created: Milliseconds since 1970.
            took: Microseconds.
        """
        seconds = self._negative_ttl if value is None else self._ttl
        seconds *= 1 - self._jitter * random.random()  # noqa: S311 - no secret
        if seconds <= 0:
            return None
        try:
            body, marked = (b"", False) if value is None else self._shape.dump(value)
        except Unwritable:
            self.tier.counters.skipped += 1
            return None
        flags = (ABSENT if value is None else 0) | (MARKED if marked else 0)
        milliseconds = max(1, int(seconds * 1000))
        raw = self._form.write(key, Entry(flags, created, min(took, 0xFFFFFFFF), milliseconds, body))
        if len(raw) > min(self.tier.settings.max_bytes, self.tier.driver.capabilities.max_value_bytes or len(raw)):
            self.tier.counters.skipped += 1
            return None
        return raw, seconds

    def unkept(self, key: str, created: int) -> tuple[bytes, float]:
        """Return what is kept instead of a value that is not to be kept: that it isn't, so that nobody waits for it."""
        return self._form.write(key, Entry(UNKEPT, created, 0, int(self._ttl * 1000), b"")), self._ttl


def quoted(text: str) -> str:
    """Return a text as part of a name: what is not plain as %XX, so that no two are one, and no blank is in it."""
    return text if _PLAIN(text) else quote(text, safe="@", errors="surrogatepass")


def name_of(parts: Sequence[Any]) -> str:
    """Return the name of a key in portable form: equal keys have one name, and others another."""
    return "/".join([quoted(part) if part.__class__ is str else f"{type(part).__name__}={_told(part)}"
                     for part in parts])


def _told(part: Any) -> str:
    if isinstance(part, Decimal):
        # Whole numbers are ints in portable form. Others are equal whatever zeros they end with.
        return format(part, "f").rstrip("0")
    return part.hex() if isinstance(part, bytes) else quoted(str(part))
