"""Batches of any size from any iterable, in bounded memory: windows, chunks, unprocessed items, exact failures."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .. import drivers
from ..errors import BatchError, BatchFailure, HoldallError, InvalidArgument
from .records import Records
from .resolve import resolve_changes

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence

T = TypeVar("T")
_WINDOW = 100
"""Items a window holds for each request that may run at once, unless one request takes more."""

# After one of these, the next item would fail in the same way.
_FATAL = frozenset({"resource_missing", "access_denied", "closed", "timeout", "unavailable", "throttled",
                    "config_error"})  # fmt: skip


class Job(NamedTuple):
    """One item of a batch: its place in the input, the item, how it is done in a chunk (if it can be), how alone."""

    place: int
    item: Any
    key: drivers.KeyValue | None
    write: drivers.Write | None
    alone: Callable[[], Coroutine[Any, Any, Any]] | None
    error: HoldallError | None = None


def _take(source: Iterator[Any], most: int) -> tuple[list[Any], Exception | None]:
    """Return the next items, and the error of the iterable that ended them: what it gave before it is still done."""
    window: list[Any] = []
    try:
        for item in islice(source, most):
            window.append(item)  # noqa: PERF402 - what was given before an error is kept
    except Exception as error:  # noqa: BLE001 - the caller's own, raised again when the window is done
        return window, error
    return window, None


class Batches(Records[T]):
    """get_many, put_many, delete_many, update_many."""

    async def get_many(self, targets: Iterable[Any], consistent: bool) -> AsyncGenerator[list[T | None], None]:
        """Yield a record or None for each key, in the order of the keys: a list for each window of them."""
        with self.verb("get_many"):
            self.check_consistent(consistent)
            numbered = self._many("get_many", targets)
        while window := list(islice(numbered, self._window())):
            with self.verb("get_many"):
                records = await self._get_window(window, consistent)
            yield records

    async def _get_window(self, window: Sequence[Any], consistent: bool) -> list[T | None]:
        keys = [self.key_of(target) for target in window]
        asked: dict[Any, list[drivers.KeyValue]] = {}
        for key in keys:
            asked.setdefault(key.portable, []).append(key)
        distinct = list(asked.values())
        size = self.capabilities.max_get or _WINDOW
        jobs = [self._get_chunk(distinct[i : i + size], consistent) for i in range(0, len(distinct), size)]
        # A key that is given twice gets two records, so that to change the one leaves the other.
        chunks = await self.io.gather(jobs, parallel=self.capabilities.parallel)
        found = dict(zip(asked, chain.from_iterable(chunks), strict=True))
        return [found[key.portable].pop() for key in keys]

    async def _get_chunk(self, chunk: Sequence[list[drivers.KeyValue]], consistent: bool) -> list[list[T | None]]:
        # Decoded here, so that no more than a chunk lies about in stored form: many objects cost the collector time.
        items = await self.fetch_all([keys[0] for keys in chunk], consistent)
        return [[self._record(item) for _ in keys] for keys, item in zip(chunk, items, strict=True)]

    def _record(self, item: Any) -> T | None:
        live = self.live(item)
        return None if live is None else self.codec.decode(live)

    async def put_many(self, records: Iterable[T]) -> int:
        return await self._run("put_many", records, self._put_job)

    async def delete_many(self, targets: Iterable[Any]) -> int:
        return await self._run("delete_many", targets, self._delete_job)

    async def update_many(self, targets: Iterable[Any], changes: Sequence[Any], when: Any) -> int:
        def job(index: int, target: Any) -> Job:
            return Job(index, target, self.key_of(target), None, lambda: self.update(target, changes, when, None))

        with self.verb("update_many"):  # once, rather than for each item
            resolve_changes(self.model, changes, self.capabilities)
            self.when_test(when)
        return await self._run("update_many", targets, job)

    def _put_job(self, index: int, record: T) -> Job:
        if self.carried_revision(record) is not None or self.guarded:
            return Job(index, record, self.key_of(record), None, lambda: self.put(record))
        write, _ = self.put_write(record, None)
        return Job(index, record, write.key, write, lambda: self.put(record))

    def _delete_job(self, index: int, target: Any) -> Job:
        key = self.key_of(target)
        if self.carried_revision(target) is not None or self.guarded:
            return Job(index, target, key, None, lambda: self.delete(target, None, False))
        write = drivers.Write("delete", key, now=self.now())
        return Job(index, target, key, write, lambda: self.delete(target, None, False))

    async def _run(self, verb: str, items: Iterable[Any], make: Callable[[int, Any], Job]) -> int:
        with self.verb(verb):
            source = self._many(verb, items)
            failures: list[BatchFailure] = []
            done = index = 0
            broken: Exception | None = None
            while broken is None:
                window, broken = _take(source, self._window())
                if not window:
                    break
                jobs = [self._prepare(make, index + i, item) for i, item in enumerate(window)]
                index += len(window)
                failed = await self._window_done(jobs)
                failures += failed
                done += len(window) - len(failed)
                if any(failure.error.code in _FATAL for failure in failed):
                    break
            if failures:
                raise self._batch_error(verb, failures, source, done) from broken
            if broken is not None:
                raise broken
            return done

    def _many(self, verb: str, items: Iterable[Any]) -> Iterator[Any]:
        one = isinstance(items, (str, bytes)) or self.model.is_record(items)
        if one or not isinstance(items, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
            raise InvalidArgument(f"{verb}() takes many items, got one {type(items).__name__}; put it into a list")
        return iter(items)

    def _prepare(self, make: Callable[[int, Any], Job], index: int, item: Any) -> Job:
        try:
            return make(index, item)
        except HoldallError as error:
            return Job(index, item, None, None, None, error)

    def _batch_error(
        self, verb: str, failures: list[BatchFailure], rest: Iterator[Any], done: int
    ) -> BatchError:
        first = failures[0]
        return BatchError(
            f"{verb}: {len(failures)} items were not written and {done} were; the first failure, item {first.index}: "
            f"{first.error.message}. The failed ones are in .failures, the ones never tried in .rest",
            failures=sorted(failures, key=lambda failure: failure.index), rest=rest, done=done,
        )

    async def _window_done(self, jobs: list[Job]) -> list[BatchFailure]:
        """Do one window; of several items with one key the last wins, and the earlier ones count as done."""
        failures = [self._failure(job, job.error) for job in jobs if job.error is not None]
        sound = [job for job in jobs if job.key is not None and job.error is None]
        # What must be done alone takes its turn among the others of its key, so these go alone too.
        slow = {job.key.portable for job in sound if job.key is not None and job.write is None}
        last = {job.key.portable: job for job in sound if job.key is not None and job.key.portable not in slow}
        chunked = list(last.values())
        size = self.capabilities.max_batch or _WINDOW
        chunks = [chunked[i : i + size] for i in range(0, len(chunked), size)]
        alone = [job for job in sound if job.key is not None and job.key.portable in slow]
        tasks: list[Coroutine[Any, Any, list[BatchFailure]]] = [self._chunk(chunk) for chunk in chunks]
        tasks += [self._alone(group) for group in self._by_key(alone)]
        for failed in await self.io.gather(tasks, parallel=self.capabilities.parallel):
            failures += failed
        return failures

    def _by_key(self, jobs: list[Job]) -> list[list[Job]]:
        groups: dict[Any, list[Job]] = {}
        for job in jobs:
            groups.setdefault(None if job.key is None else job.key.portable, []).append(job)
        return list(groups.values())

    async def _alone(self, jobs: list[Job]) -> list[BatchFailure]:
        failures: list[BatchFailure] = []
        for job in jobs:
            try:
                assert job.alone is not None
                await job.alone()
            except HoldallError as error:
                failures.append(self._failure(job, error))
        return failures

    async def _chunk(self, jobs: list[Job]) -> list[BatchFailure]:
        failures: list[BatchFailure] = []
        waiting, stalled, maybe_done = jobs, 0, False
        try:
            while waiting:
                result, lost = await self._write_chunk(waiting)
                maybe_done = maybe_done or lost
                failures += [self._failure(waiting[i], error) for i, error in result.failed.items()]
                left = [waiting[i] for i in result.unprocessed]
                stalled = await self.wait_for_rest(len(left), len(waiting), stalled)
                waiting = left
        except HoldallError as error:
            error.maybe_done = error.maybe_done or maybe_done
            failures += [self._failure(job, error) for job in waiting]
        return failures

    async def _write_chunk(self, jobs: list[Job]) -> tuple[drivers.BatchWritten, bool]:
        """Return what came of a chunk, and whether an answer was lost on the way."""
        writes = [job.write for job in jobs if job.write is not None]

        async def job(maybe_done: bool) -> tuple[drivers.BatchWritten, bool]:
            return await self.driver.write_batch(writes), maybe_done

        return await self.retrying(job)

    def _failure(self, job: Job, error: HoldallError) -> BatchFailure:
        key = None if job.key is None else self.shown_key(job.key)
        return BatchFailure(job.place, key, job.item, error)

    def _window(self) -> int:
        at_once = _WINDOW * max(1, self.capabilities.parallel)
        return max(at_once, self.capabilities.max_batch or 0)
