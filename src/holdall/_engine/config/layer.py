"""
One source of parameters as it was read last: when it is read anew, and what is served while it can't be.

Ages are by the wall clock, which goes on while a Lambda function is frozen. Nothing runs in the background: a call that
finds the source due reads it anew, one call at a time, while the others are served what was read last.
"""

from __future__ import annotations

import os
from _thread import allocate_lock
from copy import copy
from typing import TYPE_CHECKING, TypeVar

from ... import deadlines
from ...errors import HoldallError
from ..attempts import RetryPolicy, RetryQuota, retrying
from .trees import fold

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from ...config_drivers import ConfigDriver, Entry
    from ...io import Io

    Load = Callable[[bool], Awaitable[dict[str, Entry]]]
    Run = Callable[[Load], Awaitable[dict[str, Entry]]]

T = TypeVar("T")
NEVER = float("inf")
_MOST_NAMES = 1000
"""Single names that are read anew; programs that make names up would have ever more of them."""
_POLL = 0.005
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
        self._written: dict[str, Entry | None] = {}
        self._failures = 0
        self._tries = 0
        self._refused: tuple[frozenset[str], HoldallError | None] = _NONE
        self._reading, self._state = allocate_lock(), allocate_lock()

    def key(self, name: str) -> str:
        """Return what a name is called among the entries."""
        return fold(name) if self.driver.capabilities.folded else name

    def is_due(self, now: float) -> bool:
        """Return whether it is to be read anew; also where the clock was set back, since ages are not known then."""
        return self.fetched is None or now >= self.due or now < self.fetched

    def is_stale(self, now: float) -> bool:
        """Return whether what was read is older than it should be, since it could not be read anew."""
        most = self.driver.freshness.max_age
        failed = self.failure is not None and self.fetched is not None and most is not None
        return failed and now - (self.fetched or 0.0) > (most or 0.0)

    async def current(self, names: Iterable[str] = ()) -> tuple[Mapping[str, Entry], frozenset[str]]:
        """
        Return the entries, among them those of these names that are there, and the names whose values have changed.

        Raises:
            HoldallError: The source can't be read, and what was read last, if anything, is too old.
        """
        changed: frozenset[str] = frozenset()
        if self.is_due(self._clock()):
            changed = await self._alone(self._renew, wait=not self._may_serve())
        elif self.failure is not None and not self._may_serve():
            raise copy(self.failure)  # until the pause after it is over
        new = frozenset(name for name in names if self._is_single(name) and name not in self._single)
        if new:
            tries = self._tries
            await self._alone(lambda: self._fetch(new, tries), wait=True)
        return self.entries, changed

    async def renewed(self) -> frozenset[str]:
        """
        Read the source anew, and return the names whose values have changed.

        Raises:
            HoldallError: It can't be read. What was read last is served on.
        """
        return await self._alone(lambda: self._read(self._retrying), wait=True)

    def _is_single(self, name: str) -> bool:
        return not self.driver.capabilities.whole or self.driver.is_special(name)

    def _may_serve(self) -> bool:
        if self.fetched is None:
            return False
        return self._clock() < self._limit(self.fetched)

    def _limit(self, fetched: float) -> float:
        """Return until when what was read then serves while it can't be read anew."""
        rules = self.driver.freshness
        return NEVER if rules.max_age is None else fetched + rules.max_age + rules.max_stale

    async def _alone(self, job: Callable[[], Awaitable[frozenset[str]]], *, wait: bool) -> frozenset[str]:
        """Do a job that no other call does meanwhile; where one does, wait for it, or do nothing."""
        tries = self._tries
        while not self._reading.acquire(blocking=False):
            if not wait:
                return frozenset()
            deadlines.check()
            await self.io.sleep(_POLL)
        try:
            if self._tries > tries and self.failure is not None and not self._may_serve():
                raise copy(self.failure)  # of the call that was waited for; to ask once more would double the load
            return await job()
        finally:
            self._reading.release()

    async def _renew(self) -> frozenset[str]:
        if not self.is_due(self._clock()):  # the call that was waited for has read it
            return frozenset()
        if not self._may_serve():
            return await self._read(self._retrying)
        try:
            # No retries: the caller would wait for them, and can be served.
            return await self._read(lambda job: job(False))
        except HoldallError:
            return frozenset()  # It is kept in `failure`.

    async def ask(self, job: Callable[[], Awaitable[T]], *, repeatable: bool = True) -> T:
        """
        Return what the driver gives to a request, sent again as the policy says.

        Raises:
            HoldallError: It failed. One that is not `repeatable` is not sent again where it may have been done.
        """
        return await retrying(self.io, self.retry, self.quota, lambda _: job(), repeatable=repeatable)

    async def _retrying(self, job: Callable[[bool], Awaitable[T]]) -> T:
        return await retrying(self.io, self.retry, self.quota, job)

    async def _read(self, run: Run) -> frozenset[str]:
        self._written = {}
        began = self._clock()
        try:
            found = await run(self._all)
        except HoldallError as error:
            self._failed(error)
            raise
        finally:
            self._tries += 1  # those that are over: one that began before a call came is the one that it waits for
        return self._take(found, began)

    async def _all(self, _: bool) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        if self.driver.capabilities.whole:
            found |= {self.key(name): entry for name, entry in (await self.driver.load()).items()}
        if self._single:
            found.update(await self.driver.fetch(list(self._single)))
        return found

    def _failed(self, error: HoldallError) -> None:
        self.failure = error
        self._failures += 1
        pause = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2 ** min(self._failures, 10))
        if self.fetched is not None:
            # Of what was read in a future that the clock was set back from, the age counts from now.
            now = self._clock()
            self.fetched = min(self.fetched, now)
            self.due = now + _between(pause / 2, pause)
            if now < self._limit(self.fetched):
                self.due = min(self.due, self._limit(self.fetched))

    def _take(self, found: dict[str, Entry], began: float) -> frozenset[str]:
        with self._state:
            for name, entry in self._written.items():  # while it was read
                found.pop(name, None)
                found.update({} if entry is None else {name: entry})
            changed = _changed(self.entries, found) if self.fetched is not None else frozenset[str]()
            self.entries, self.fetched, self.due = found, began, began + self._lifetime()
        self.failure, self._failures = None, 0
        return changed

    def _lifetime(self) -> float:
        most = self.driver.freshness.max_age
        # Shorter by chance, so that functions that began together don't all ask together.
        return NEVER if most is None else _between(most * 0.9, most)

    async def _fetch(self, asked: frozenset[str], tries: int) -> frozenset[str]:
        names = [name for name in asked if name not in self._single]
        refused, cause = self._refused
        if cause is not None and self._tries > tries and asked <= refused:
            raise copy(cause)  # of the call that was waited for
        found: Mapping[str, Entry] = {}
        try:
            if names:
                found = await self.ask(lambda: self.driver.fetch(names))
        except HoldallError as error:
            self._refused = asked, error
            raise
        finally:
            self._tries += 1
        self._refused = _NONE
        with self._state:
            self.entries = {**self.entries, **found}
            self._single |= dict.fromkeys(names)
            while len(self._single) > _MOST_NAMES:
                self._forget(next(iter(self._single)))
        return frozenset()

    def _forget(self, name: str) -> None:
        del self._single[name]
        self.entries = {each: entry for each, entry in self.entries.items() if each != name}

    def wrote(self, name: str, entry: Entry | None) -> None:
        """Have what was written be served at once; None for what was removed."""
        with self._state:
            self._written[self.key(name)] = entry
            entries = {each: found for each, found in self.entries.items() if each != self.key(name)}
            self.entries = entries if entry is None else {**entries, self.key(name): entry}
            if not self.driver.capabilities.whole:
                self._single[name] = None
        self.forget_versions(name)

    def forget_versions(self, name: str) -> None:
        """Have names of a parameter's versions and labels be read anew."""
        with self._state:
            for each in [each for each in self._single if each.startswith(f"{name}:")]:
                self._forget(each)


def _between(least: float, most: float) -> float:
    """Return a number in between, by chance. The module `random` would cost every cold start some milliseconds."""
    return least + (most - least) * int.from_bytes(os.urandom(4), "big") / 2**32


def _changed(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> frozenset[str]:
    return frozenset(
        name for name in old.keys() | new.keys()
        if name not in old or name not in new or old[name].value != new[name].value
    )  # fmt: skip
