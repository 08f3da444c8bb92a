"""One write decided in portable form, for drivers that read, decide and write under a lock or in a transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..drivers import Write, WriteRefused
from .apply import apply_changes
from .evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._model.kinds import Portable


def decide(
    write: Write, current: Mapping[str, Portable] | None, put: Mapping[str, Portable] | None
) -> Mapping[str, Portable] | None:
    """
    Return what is to be stored after a write: the item, `current` itself where nothing changes, None for nothing.

    `put` is the write's own item in portable form. The caller makes `WriteRefused.current` from its stored form.

    Raises:
        WriteRefused: The write's condition is false of `current`.
    """
    if write.condition is not None and not evaluate(write.condition, current):
        raise WriteRefused
    if write.verb == "put":
        return put
    if write.verb == "update":
        return apply_changes(write.changes, dict(current or {}))
    return None if write.verb == "delete" else current
