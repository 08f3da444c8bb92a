"""
What a repeated transaction is known by: the caller's token and what it writes.

The clock is left out, though it is in the conditions of records that expire, so that a repetition a second later is
still the same one. Another transaction under the same token is another one.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from .._model.kinds import is_list, is_map, is_set
from .base import canonical
from .tokens import describe_test

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .. import drivers
    from .transactions import Part


def request_token(token: str, parts: Sequence[Part]) -> str:
    """Return what the backend is to know a transaction by: the same for the same token and parts, in every process."""
    return _digest("\n".join([token, *map(_part, parts)]))[:32]


def repeated_revision(token: str, number: int) -> str:
    """Return the revision that the write of that number has at each repetition."""
    return _digest(f"{token}/{number}")[:16]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _part(part: Part) -> str:
    records, write = part.records, part.write
    item = None if write.item is None else records.codec.portable(write.item)
    changes = [(change.path, change.op, _stable(change.portable)) for change in write.changes]
    when = None if part.when is None else describe_test(part.when)
    kind = (write.verb, part.creates, part.must_exist, part.carried)
    return repr((records.driver.table, _stable(list(write.key.portable)), kind, _stable(item), changes, when))


def _stable(value: Any) -> drivers.Item:
    """Return a portable value in a form whose `repr` is the same in every process."""
    if is_set(value):
        return ("set", sorted(repr(_stable(member)) for member in value))
    if is_map(value):
        return sorted((name, _stable(inner)) for name, inner in value.items())
    return [_stable(inner) for inner in value] if is_list(value) else str(canonical(value)) if _plain(value) else value


def _plain(value: Any) -> bool:
    return not isinstance(value, (str, bytes, bool)) and value is not None
