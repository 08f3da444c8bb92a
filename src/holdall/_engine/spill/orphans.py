"""Finding and removing the blobs that no record claims."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from ... import drivers
from ...errors import InvalidArgument, Unsupported
from .claims import claims_of
from .driver import SpillingDriver

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from ...drivers import Item
    from ..base import Base
    from .fields import SpilledField


async def remove_orphans(records: Base[Any], older_than: Any, dry_run: bool) -> list[str]:
    """
    Remove the blobs that were put before a time and that no record claims, and return their keys.

    They are listed first and looked for in the records then: what is claimed later than that is younger.

    Raises:
        InvalidArgument: `older_than` is no positive timedelta.
        Unsupported: The repository spills no field.
    """
    with records.verb("remove_orphans"):
        if not isinstance(older_than, timedelta) or older_than <= timedelta(0):
            raise InvalidArgument(f"older_than= takes a positive timedelta, got {older_than!r}")
        driver = records.driver
        while not isinstance(driver, SpillingDriver) and isinstance(driver, drivers.Wrapping):
            driver = driver.inner
        if not isinstance(driver, SpillingDriver):
            raise Unsupported(f"this {records.title} spills no field")
        before = datetime.fromtimestamp(records.clock(), timezone.utc) - older_than
        found = {field: await _put_before(field, before) for field in driver.stager.fields}
        if any(found.values()):
            async for items in _scanned(records, driver):
                _strike(found, items)
        return [key for field, keys in found.items() for key in await _removed(field, keys, dry_run)]


async def _put_before(field: SpilledField, time: datetime) -> set[str]:
    listing = field.blobs.listing(f"{field.folder}/", None, None, None)
    return {info.key async for block in listing.blocks() for info in block if info.modified < time}


async def _scanned(records: Base[Any], driver: SpillingDriver) -> AsyncGenerator[Sequence[Item], None]:
    """Yield all items as they lie in the store, those that have expired too."""
    after: Mapping[str, Any] | None = None
    while True:
        read = drivers.Read(records.model.key, fields=driver.stager.asked, after=after,
                            consistent=records.capabilities.consistent_reads)  # fmt: skip

        async def job(_: bool, read: drivers.Read = read) -> drivers.PageOfItems:
            return await driver.inner.read(read)

        page = await records.retrying(job)
        yield page.items
        after = page.after
        if after is None:
            return


def _strike(found: Mapping[SpilledField, set[str]], items: Sequence[Item]) -> None:
    for item in items:
        for claim in claims_of(item, found):
            found[claim.field].discard(claim.marker.key)


async def _removed(field: SpilledField, keys: set[str], dry_run: bool) -> list[str]:
    gone = sorted(keys)
    if not dry_run:
        await field.blobs.delete_many(gone)
    return gone
