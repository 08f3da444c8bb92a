"""
Changes that depend on what is there.

Memcached has no command that looks at a value before it changes it. So what is there is read with the number of its
change, and replaced if that is still the number; where it is not, the key is read again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .wire import ENDED, checked, portions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .client import Commands

    Decide = Callable[[bytes | None], "Change | None"]


class Change(NamedTuple):
    """What takes the place of something, and its expiry."""

    value: bytes
    expire: int


# There is no command to delete what has a certain number, but what has ended is gone.
GONE = Change(b"", ENDED)

_TRIES = 10


def settle(commands: Commands, decides: Mapping[str, Decide], changed: set[str]) -> dict[str, Decide]:
    """
    Change things, and return what is left, since others changed the same keys each time.

    Args:
        commands: They are sent by it.
        decides: By key, what takes the place of what is there; None: that stays.
        changed: The keys that were changed are added to it.
    """
    return {
        key: decides[key]
        for keys in portions(list(decides))
        for key in _settle(commands, {key: decides[key] for key in keys}, changed)
    }


def _settle(commands: Commands, left: dict[str, Decide], changed: set[str]) -> dict[str, Decide]:
    for _ in range(_TRIES):
        found = commands.gets_many(list(left))
        left = {
            key: decide for key, decide in left.items()
            if not _settled(commands, key, found.get(key), decide, changed)
        }  # fmt: skip
        if not left:
            break
    return left


def _settled(
    commands: Commands, key: str, found: tuple[bytes, bytes] | None, decide: Decide, changed: set[str]
) -> bool:
    current, number = (None, b"") if found is None else (checked(found[0]), found[1])
    wanted = decide(current)
    if wanted is None:
        return True
    if current is None:
        done = commands.add(key, wanted.value, expire=wanted.expire, noreply=False)
    else:
        done = bool(commands.cas(key, wanted.value, number, expire=wanted.expire))
    if done:
        changed.add(key)
    return done
