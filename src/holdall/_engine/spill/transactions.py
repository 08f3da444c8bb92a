"""Transactions in which some repositories keep large values in blobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ... import drivers
from ...errors import HoldallError, Throttled
from ..attempts import pause
from .claims import remove_blobs
from .driver import WAITS, SpillingDriver

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from ...drivers import Guard, RecordDriver, Write, WriteRefused
    from .claims import Claim
    from .staging import Light, Staged

    Parts = Sequence[tuple[RecordDriver, Write | Guard]]
    Reasons = Sequence[WriteRefused | HoldallError | None]


async def transact(parts: Parts, send: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
    """
    Let `send` do all parts or none, with the large values of some in blobs.

    Raises:
        TransactionRefused: Nothing was written.
        Throttled: Other writers came between each time.
    """
    spilling = _Spilling(parts)
    try:
        await spilling.put()
        await spilling.sent(send)
    except drivers.TransactionRefused as refused:
        await spilling.undo()
        raise drivers.TransactionRefused(await spilling.shown(refused.reasons)) from None
    except HoldallError as error:
        if not error.maybe_done:
            await spilling.undo()
        raise


def bare(driver: RecordDriver) -> RecordDriver:
    """Return the store's own driver."""
    return driver.inner if isinstance(driver, SpillingDriver) else driver


class _Spilling:
    """The parts of one transaction; those that may replace or put blobs by their places."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._drivers = {i: driver for i, (driver, _) in enumerate(parts) if isinstance(driver, SpillingDriver)}
        self._lights: dict[int, Light] = {}

    async def put(self) -> None:
        """Put the blobs."""
        for place, driver in self._drivers.items():
            part = self._parts[place][1]
            if isinstance(part, drivers.Write):
                (light,) = await driver.stager.light([part])
                if isinstance(light, HoldallError):
                    raise light
                self._lights[place] = light

    async def sent(self, send: Callable[[Parts], Coroutine[Any, Any, None]]) -> None:
        """Send the parts, again where another writer has replaced what they were worked out from."""
        for failures in range(1, WAITS.attempts + 1):
            staged = {i: await self._drivers[i].stager.staged(light) for i, light in self._lights.items()}
            try:
                await send([self._bare(place, staged) for place in range(len(self._parts))])
            except drivers.TransactionRefused as refused:
                if not self._own(refused.reasons):
                    if not self._raced(staged, refused.reasons):
                        raise
                    await pause(next(iter(self._drivers.values())).io, WAITS.wait(failures))
                    continue
            await self._remove([(i, claim) for i, one in staged.items() for claim in one.unclaimed])
            return
        raise Throttled("other writers keep changing the records of this transaction", retry="exhausted")

    def _bare(self, place: int, staged: dict[int, Staged]) -> tuple[RecordDriver, Write | Guard]:
        driver, part = self._parts[place]
        return bare(driver), staged[place].write if place in staged else part

    def _own(self, reasons: Reasons) -> bool:
        """Return whether what is there is what this very transaction has written; see `Stager.own`."""
        return any(
            place in self._lights and isinstance(reason, drivers.WriteRefused)
            and self._drivers[place].stager.own(self._lights[place], reason.current)
            for place, reason in enumerate(reasons)
        )  # fmt: skip

    def _raced(self, staged: dict[int, Staged], reasons: Reasons) -> bool:
        return any(
            place in staged and isinstance(reason, drivers.WriteRefused)
            and self._drivers[place].stager.broken(staged[place], reason)
            for place, reason in enumerate(reasons)
        )  # fmt: skip

    async def undo(self) -> None:
        """Remove what was put."""
        await self._remove([(i, claim) for i, light in self._lights.items() for claim in light.fresh])

    async def _remove(self, claims: Sequence[tuple[int, Claim]]) -> None:
        for place, driver in self._drivers.items():
            await remove_blobs(driver.io, [claim for i, claim in claims if i == place])

    async def shown(self, reasons: Reasons) -> Reasons:
        """Return the reasons with the records that are there now, whole."""
        shown = list(reasons)
        for place, reason in enumerate(reasons):
            if place in self._drivers and isinstance(reason, drivers.WriteRefused):
                shown[place] = await self._drivers[place].shown_refusal(reason)
        return shown
