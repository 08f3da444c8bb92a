"""The blobs of spilled fields: put before the record that claims them, read after it, removed when none does."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ... import deadlines
from ...blob_drivers import ALWAYS
from ...errors import HoldallError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...drivers import Item
    from ...io import Io
    from .fields import Large, SpilledField
    from .markers import Marker

_ORDER = 5.0
"""Seconds that removing blobs may take where the deadline leaves less."""


class Claim(NamedTuple):
    """A marker, and the field that it stands in."""

    field: SpilledField
    marker: Marker


class Filled(NamedTuple):
    """
    Items with their values in place.

    Attributes:
        items: The items; those whose blobs are not there as they lie in the store.
        lost: The places of the latter, each with a claim on a blob that is not there.
    """

    items: list[Item | None]
    lost: dict[int, Claim]


def claims_of(item: Item | None, fields: Iterable[SpilledField]) -> list[Claim]:
    """Return what an item claims, as it lies in the store."""
    found = [(field, field.marker(item)) for field in fields]
    return [Claim(field, marker) for field, marker in found if marker is not None]


async def put_blobs(io: Io, larges: Sequence[Large]) -> list[HoldallError | None]:
    """Put the blobs of several writes; return for each None, or why one could not be put, and then none is left."""
    jobs = [(place, Claim(field, marker), content) for place, large in enumerate(larges)
            for field, (content, marker) in large.contents.items()]  # fmt: skip
    parallel = _parallel(claim for _, claim, _ in jobs)
    done = await io.gather([_put(claim, content) for _, claim, content in jobs], parallel=parallel)
    errors: list[HoldallError | None] = [None] * len(larges)
    for (place, _, _), error in zip(jobs, done, strict=True):
        errors[place] = errors[place] or error
    await remove_blobs(io, [claim for place, claim, _ in jobs if errors[place] is not None])
    return errors


async def _put(claim: Claim, content: bytes) -> HoldallError | None:
    kind = "text/plain; charset=utf-8" if claim.field.text else "application/octet-stream"
    try:
        await claim.field.blobs.put(claim.marker.key, content, kind, None, None, "crc32", ALWAYS)
    except HoldallError as error:
        error.maybe_done = False  # Whatever became of the blob, the record is not written.
        return _final(error)
    return None


def _final(error: HoldallError) -> HoldallError:
    """Return a blob store's error as one that is not tried again: the blob store has tried often enough."""
    if error.retry != "never":
        error.retry = "exhausted"
    return error


async def remove_blobs(io: Io, claims: Sequence[Claim]) -> None:
    """
    Remove blobs that no record claims.

    One that can't be removed is left, with a line in the log: the write itself is done, or has an error of its own.
    """
    if not claims:
        return
    with deadlines.extended(_ORDER):
        await io.gather([_remove(claim) for claim in claims], parallel=_parallel(claims))


async def _remove(claim: Claim) -> None:
    try:
        await claim.field.blobs.delete(claim.marker.key, None, False, None)
    except HoldallError as error:
        # Imported here: only a failure needs it.
        import logging

        logging.getLogger("holdall").warning(
            "a blob that no record claims could not be removed: %r in %s (%s)",
            claim.marker.key, claim.field.blobs.capabilities.name, error.code,
        )  # fmt: skip


async def fill(io: Io, items: Sequence[Item | None], fields: Sequence[SpilledField]) -> Filled:
    """Return items with the values that their blobs hold."""
    wanted = [(place, claim) for place, item in enumerate(items) for claim in claims_of(item, fields)]
    if not wanted:
        return Filled(list(items), {})
    claims = [claim for _, claim in wanted]
    contents = await io.gather([_content(claim) for claim in claims], parallel=_parallel(claims))
    filled, lost = list(items), dict[int, Claim]()
    for (place, claim), content in zip(wanted, contents, strict=True):
        if content is None:
            lost.setdefault(place, claim)
        else:
            filled[place] = {**(filled[place] or {}), claim.field.stored: claim.field.whole(content)}
    return Filled([items[i] if i in lost else item for i, item in enumerate(filled)], lost)


async def _content(claim: Claim) -> bytes | None:
    """Return what a blob holds, None where it is not there, or is not what was put."""
    try:
        content = await claim.field.blobs.get(claim.marker.key, None, None, None, None)
    except HoldallError as error:
        raise _final(error) from error.__cause__
    return content if content is not None and claim.marker.fits(content) else None


def _parallel(claims: Iterable[Claim]) -> int:
    return max((claim.field.blobs.capabilities.parallel for claim in claims), default=1)
