"""
One source of parameters as it was read last: when it is read anew, and what is served while it can't be.

Ages are by the wall clock, which goes on while a Lambda function is frozen. Nothing runs in the background: a call that
finds the source due reads it anew, one call at a time, while the others are served what was read last.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from contextlib import suppress
from copy import copy
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from ... import deadlines
from ...errors import HoldallError, Throttled, Timeout, Unavailable
from ..attempts import RetryPolicy, RetryQuota, retrying
from .trees import fold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from ...config_drivers import ConfigDriver, Entry
    from ...io import Io

    Found = tuple[dict[str, Entry], HoldallError | None]
    Run = Callable[[Callable[[], Awaitable[Found]]], Awaitable[Found]]

T = TypeVar("T")
NEVER = float("inf")
_MOST_NAMES = 1000
"""Single names that are read anew; programs that make names up would have ever more of them."""
_POLL = 0.005
_LAG = 30.0
"""Seconds after a write in which a source may still show what was there before."""
_NONE: tuple[frozenset[str], None] = frozenset(), None
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0
"""Seconds after a failure in which what was read last is served without another try, if it can be."""


class Layer:
    """
    One source, as last read.

    Attributes:
        driver: The source.
        entries: What was read, by `key`.
        fetched: When, in seconds since 1970; None for not yet.
        due: From when on it is to be read anew.
        failure: What the last attempt to read it ended with; None where it went well.
    """

    def __init__(self, driver: ConfigDriver, io: Io, clock: Callable[[], float], retry: RetryPolicy | None) -> None:
        self.driver = driver
        self.io = io
        self.entries: Mapping[str, Entry] = {}
        self.fetched: float | None = None
        self.due = -NEVER
        self.failure: HoldallError | None = None
        self.retry = retry or RetryPolicy()
        self.quota = RetryQuota()
        self._clock = clock
        self._single: dict[str, None] = {}
        self._written: dict[str, tuple[Entry | None, float]] = {}
        """What was written of late, and when."""
        self._changes: set[str] = set()
        self._failures = 0
        self._tries = self._begun = self._good = 0
        """How many reads are over, how many were begun, and which of those was the last to succeed."""
        self._process = os.getpid()
        self._refused: tuple[frozenset[str], HoldallError | None] = _NONE
        self._reading, self._state = allocate_lock(), allocate_lock()

    def key(self, name: str) -> str:
        """Return what a name is called among the entries."""
        return fold(name) if self.driver.capabilities.folded else name

    def is_due(self, now: float) -> bool:
        """Return whether it is to be read anew; also where the clock was set back, since ages are not known then."""
        return self.fetched is None or now >= self.due or now < self.fetched

    def is_stale(self, now: float) -> bool:
        """Return whether what was read is older than it should be."""
        most = self.driver.freshness.max_age
        if most is None or self.fetched is None:
            return False
        # What is read by each call is a little older as soon as the call is over.
        return now - self.fetched > most and (most > 0 or self._failures > 0)

    async def current(self, names: Iterable[str] = ()) -> Mapping[str, Entry]:
        """
        Return the entries, among them those of these names that are there.

        Raises:
            HoldallError: The source can't be read, and what was read last, if anything, is too old.
        """
        if self.is_due(self._clock()):
            await self._alone(self._renew, wait=not self._may_wait_for_none())
        elif self._failures and not self._may_serve():
            raise copy(self.failure or Unavailable("the source can't be read"))  # until the pause after it is over
        new = [name for name in names if not self.gives(name) and name not in self._single]
        if new:
            tries = self._tries
            await self._alone(lambda _: self._fetch(new, tries), wait=True)
        return self.entries

    async def renewed(self) -> None:
        """
        Read the source anew, unless a call that began meanwhile has.

        Raises:
            HoldallError: It can't be read. What was read last is served on.
        """
        tries = self._tries

        async def job(begun: int) -> None:
            if self._tries > tries and self._failures and self.failure is not None:
                raise copy(self.failure)  # of the call that was waited for
            if self._good <= begun:
                # Past the caches, if there are any: who asks for it knows of something new.
                await self._read(self.ask, getattr(self.driver, "past", self.driver))

        await self._alone(job, wait=True)

    def take_changes(self) -> frozenset[str]:
        """Return the names whose values have changed, each change once."""
        with self._state:
            taken, self._changes = frozenset(self._changes), set()
        return taken

    def _may_wait_for_none(self) -> bool:
        """Return whether a call is served what there is while another reads: if it is young, or can't be renewed."""
        if not self._may_serve() or self.fetched is None:
            return False
        age = self._clock() - self.fetched
        return self._failures > 0 or 0 <= age < 2 * (self.driver.freshness.max_age or 0.0)

    def gives(self, name: str) -> bool:
        """Return whether a name among the entries is one that the whole source has below its base."""
        return self.driver.capabilities.whole and not self.driver.is_special(name)

    def _may_serve(self) -> bool:
        if self.fetched is None:
            return False
        return self._clock() < self._limit(self.fetched)

    def _limit(self, fetched: float) -> float:
        """Return until when what was read then serves while it can't be read anew."""
        rules = self.driver.freshness
        return NEVER if rules.max_age is None else fetched + rules.max_age + rules.max_stale

    async def _alone(self, job: Callable[[int], Awaitable[None]], *, wait: bool) -> None:
        """Do a job that no other call does meanwhile; where one does, wait for it, or do nothing."""
        self._check_process()
        tries, begun = self._tries, self._begun
        while not self._reading.acquire(blocking=False):
            if not wait:
                return
            deadlines.check()
            await self.io.sleep(_POLL)
        try:
            if self._tries > tries and self._failures and self.failure is not None and not self._may_serve():
                raise copy(self.failure)  # of the call that was waited for; to ask once more would double the load
            await job(begun)
        finally:
            self._reading.release()

    def _check_process(self) -> None:
        """Begin with locks of one's own after a fork, whose parent may have held its own."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._reading, self._state = allocate_lock(), allocate_lock()

    async def _renew(self, begun: int) -> None:
        if not self.is_due(self._clock()) or self._good > begun:  # another call has read it
            return
        if not self._may_serve():
            await self._read(self.ask)
            return
        with suppress(HoldallError):  # It is kept in `failure`.
            # No retries: the caller would wait for them, and can be served.
            await self._read(lambda job: job())

    async def ask(self, job: Callable[[], Awaitable[T]], *, repeatable: bool = True) -> T:
        """
        Return what the driver gives to a request, sent again as the policy says.

        Raises:
            HoldallError: It failed. One that is not `repeatable` is not sent again where it may have been done.
        """
        return await retrying(self.io, self.retry, self.quota, lambda _: job(), repeatable=repeatable)

    async def _read(self, run: Run, driver: ConfigDriver | None = None) -> None:
        self._begun += 1
        ordinal, began = self._begun, self._clock()
        try:
            found, lacking = await run(partial(self._all, driver or self.driver))
        except Timeout:
            raise  # That one caller had no more time says nothing of the source.
        except HoldallError as error:
            self._failed(error)
            raise
        finally:
            self._tries += 1  # those that are over: one that began before a call came is the one that it waits for
        self._take(found, began)
        self._good, self.failure, self._failures = ordinal, lacking, 0

    async def _all(self, driver: ConfigDriver) -> tuple[dict[str, Entry], HoldallError | None]:
        """Return everything, and what a part that could not be read ended with."""
        found: dict[str, Entry] = {}
        if self.driver.capabilities.whole:
            found |= {self.key(name): entry for name, entry in (await driver.load()).items()}
        if not self._single:
            return found, None
        try:
            return {**found, **await driver.fetch(list(self._single))}, None
        except (Throttled, Unavailable, Timeout):
            raise
        except HoldallError as error:
            # One name that may not be read, or is gone, must not stop the others.
            return await self._each(driver, found, error), error

    async def _each(self, driver: ConfigDriver, found: dict[str, Entry], error: HoldallError) -> dict[str, Entry]:
        """Return what can be read name by name; of the others, what was read last."""
        read = 0
        for name in list(self._single):
            try:
                found.update(await driver.fetch([name]))
                read += 1
            except (Throttled, Unavailable, Timeout):
                raise
            except HoldallError:  # the one that is told is the first
                found.update({name: self.entries[name]} if name in self.entries else {})
        if not read and not self.driver.capabilities.whole:
            raise error
        return found

    def _failed(self, error: HoldallError) -> None:
        self.failure = error
        self._failures += 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
        if self.fetched is None:
            return
        # Of what was read in a future that the clock was set back from, the age counts from now.
        now = self._clock()
        self.fetched = min(self.fetched, now)
        self.due = now + _between(pause / 2, pause)
        if now < self._limit(self.fetched):
            self.due = min(self.due, self._limit(self.fetched))
        if self._failures == 1:
            # Imported here: only a failure needs it.
            import logging

            logging.getLogger("holdall").warning(
                "%s can't be read anew (%s); what was read last is served", self.driver.source, error.code
            )

    def _take(self, found: dict[str, Entry], began: float) -> None:
        with self._state:
            self._keep_written(found, began)
            if self.fetched is not None:
                self._changes |= _changed(self.entries, found)
            self.entries, self.fetched, self.due = found, began, began + self._lifetime()

    def _keep_written(self, found: dict[str, Entry], began: float) -> None:
        """Put back what was written while `found` was read, or what the source does not show yet."""
        now = self._clock()
        self._written = {name: wrote for name, wrote in self._written.items() if now - wrote[1] <= _LAG}
        for name, (entry, when) in self._written.items():
            there = found.get(name)
            meanwhile = when >= began and (there is None or not _version(there))
            # A source that tests versions with the write shows each write at once.
            lags = there is not None and not self.driver.capabilities.atomic_versions
            if entry is not None and (meanwhile or (lags and _version(there) < _version(entry))):
                found[name] = entry
            elif entry is None and when >= began:
                found.pop(name, None)

    def _lifetime(self) -> float:
        most = self.driver.freshness.max_age
        # Shorter by chance, so that functions that began together don't all ask together.
        return NEVER if most is None else _between(most * 0.9, most)

    async def _fetch(self, asked: list[str], tries: int) -> None:
        names = [name for name in asked if name not in self._single]
        refused, cause = self._refused
        if cause is not None and self._tries > tries and refused.issuperset(asked):
            raise copy(cause)  # of the call that was waited for
        began = self._clock()
        found: dict[str, Entry] = {}
        try:
            if names:
                found = dict(await self.ask(lambda: self.driver.fetch(names)))
        except Timeout:
            raise
        except HoldallError as error:
            self._refused = frozenset(asked), error
            raise
        finally:
            self._tries += 1
        self._refused = _NONE
        with self._state:
            entries = {**self.entries, **found}
            self._keep_written(entries, began)
            self.entries = entries
            self._single |= dict.fromkeys(names)
            while len(self._single) > _MOST_NAMES:
                self._forget(next(iter(self._single)))

    def _forget(self, name: str) -> None:
        del self._single[name]
        self.entries = {each: entry for each, entry in self.entries.items() if each != name}

    def wrote(self, name: str, entry: Entry | None) -> None:
        """Have what was written be served at once; None for what was removed."""
        self._check_process()
        key = self.key(name)
        with self._state:
            last = self._written.get(key, (None, 0.0))[0]
            if entry is not None and last is not None and _version(last) > _version(entry):
                return  # the answer to an earlier write, which came later
            self._written[key] = entry, self._clock()
            entries = {each: found for each, found in self.entries.items() if each != key}
            self.entries = entries if entry is None else {**entries, key: entry}
            if not self.driver.capabilities.whole:
                self._single[name] = None
        self.forget_versions(name)

    def doubt(self) -> None:
        """Have everything be read anew, after a write of which nobody knows whether it was done."""
        self.due = -NEVER

    def forget_versions(self, name: str) -> None:
        """Have names of a parameter's versions and labels be read anew."""
        with self._state:
            for each in [each for each in self._single if each.startswith(f"{name}:")]:
                self._forget(each)


def _version(entry: Entry | None) -> int:
    return 0 if entry is None else entry.about.version or 0


def _between(least: float, most: float) -> float:
    """Return a number in between, by chance. The module `random` would cost every cold start some milliseconds."""
    return least + (most - least) * int.from_bytes(os.urandom(4), "big") / 2**32


def _changed(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> frozenset[str]:
    return frozenset(
        name for name in old.keys() | new.keys()
        if name not in old or name not in new or old[name].value != new[name].value
    )  # fmt: skip
