"""
Clients of one store behind one cache that write down what they do, and the judge of what they wrote down.

    python -m tests.cache.histories '{"name": "c1", "kind": "threads", "store": "sqlite:///...", ...}'

is one client, which works until its standard input ends, and writes each note as a line of JSON to the file `notes`. A
client is what the guarantee of a cache speaks of: one process with one open repository, whose workers are threads, or
tasks of one event loop. All records lie in one partition. Each client has records that only its first worker writes,
numbered on by each write; some that all clients write have a counter.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import threading
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import holdall
from holdall import F, Partition, Sort
from holdall._engine.cache.records import CachedRecords
from holdall.errors import AlreadyExists, ConditionFailed
from holdall.io import run_blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

GROUP = "g"
SHARED = ("all-1", "all-2")
OWN = ("1", "2")
READS = ("get", "query")


@dataclass
class Item:
    """`n` counts the writes of it."""

    group: Partition[str]
    name: Sort[str]
    n: int = 0
    text: str = ""


class Note(NamedTuple):
    """
    What a client did.

    Attributes:
        client: Which one.
        kind: "get" or "query": it read; "write", "delete": it wrote, for certain once there is an end; "fault".
        start: When it began, by the system's monotonic clock.
        end: When it had ended; 0 where it is not known to have.
        seen: The numbers of the records; None for those that were not there.
        failures: Requests to the cache that had failed by then.
        text: What went wrong.
    """

    client: str
    kind: str
    start: float
    end: float
    seen: Mapping[str, int | None]
    failures: int = 0
    text: str = ""


@dataclass
class Job:
    """
    What a client is told.

    Attributes:
        name: Its name.
        kind: "threads" or "tasks".
        store: The URL of the store.
        caches: The URLs of the caches, the nearest first.
        names: All clients.
        notes: The file of its notes.
        first: What its numbers begin with; one that takes the place of another has greater ones.
        seed: Of its choices.
        workers: How many do things at once.
        slow: Seconds that the store takes at most, before and after each request.
    """

    name: str
    kind: str
    store: str
    caches: Sequence[str]
    names: Sequence[str]
    notes: str = ""
    first: int = 0
    seed: int = 0
    workers: int = 3
    slow: float = 0.004

    def keys(self) -> list[str]:
        return [f"{name}-{number}" for name in self.names for number in OWN] + list(SHARED)


class Blocking:
    """A repository whose verbs can be awaited."""

    def __init__(self, repository: Any) -> None:
        self.repository = repository

    async def call(self, verb: str, *args: Any, **options: Any) -> Any:
        return getattr(self.repository, verb)(*args, **options)

    async def get_many(self, keys: Sequence[Any], *, consistent: bool) -> list[Any]:
        return list(self.repository.get_many(keys, consistent=consistent))

    async def query(self) -> list[Any]:
        return list(self.repository.query(F.group == GROUP).cache_query(60).all())

    async def put_both(self, items: Sequence[Item]) -> None:
        with self.repository.transaction() as tx:
            for item in items:
                tx.put(item)

    async def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Awaited(Blocking):
    """An asynchronous repository."""

    async def call(self, verb: str, *args: Any, **options: Any) -> Any:
        return await getattr(self.repository, verb)(*args, **options)

    async def get_many(self, keys: Sequence[Any], *, consistent: bool) -> list[Any]:
        return [one async for one in self.repository.get_many(keys, consistent=consistent)]

    async def query(self) -> list[Any]:
        return list(await self.repository.query(F.group == GROUP).cache_query(60).all())

    async def put_both(self, items: Sequence[Item]) -> None:
        async with self.repository.transaction() as tx:
            for item in items:
                tx.put(item)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Client:
    """Does what a `Job` says until it is stopped."""

    def __init__(self, job: Job, note: Callable[[Note], None]) -> None:
        self.job = job
        self.stopped = False
        self._note = note
        self._numbers = {f"{job.name}-{number}": job.first for number in OWN}
        opened = holdall.open_repository if job.kind == "threads" else holdall.open_async_repository
        self.repository: Any = opened(job.store, Item, cache=list(job.caches))
        self._verbs = Blocking(self.repository) if job.kind == "threads" else Awaited(self.repository)
        _slow_down(self.repository.engine, random.Random(job.seed), job.slow)

    async def begin(self) -> None:
        """See that there are the shared records."""
        for key in SHARED:
            with suppress(AlreadyExists):
                await self._verbs.call("create", Item(GROUP, key))

    async def work(self, number: int) -> None:
        """Be one worker."""
        chance = random.Random(f"{self.job.seed} {self.job.name} {number}")
        reads = [(self._get, 45), (self._get_many, 15), (self._query, 12)]
        changes = [(self._count, 6), (self._count_on, 5)]
        own = [(self._put, 12), (self._put_many, 4), (self._transact, 4), (self._delete, 4)]
        steps, weights = zip(*reads, *changes, *(own if number == 0 else ()), strict=True)
        while not self.stopped:
            (step,) = chance.choices(steps, weights)
            start = time.monotonic()
            try:
                await step(chance)
            except Exception as error:  # noqa: BLE001 - none is to come
                self._add("fault", start, {}, text=f"{step.__name__}: {type(error).__name__}: {error}")
            await self._verbs.sleep(chance.random() * 0.003)

    def _add(
        self, kind: str, start: float, seen: Mapping[str, int | None], *, ended: bool = True, text: str = ""
    ) -> None:
        end = time.monotonic() if ended else 0.0
        failures = sum(stats.failures for stats in self.repository.cache_stats)
        self._note(Note(f"{self.job.name}/{self.job.first}", kind, start, end, seen, failures, text))

    def _read(self, kind: str, start: float, keys: Iterable[str], found: Iterable[Item | None]) -> None:
        seen: dict[str, int | None] = {}
        for key, item in zip(keys, found, strict=True):
            seen[key] = None if item is None else item.n
            if item is not None and (item.name != key or item.text != _text(item)):
                self._add("fault", start, {}, text=f"{key} came as {item}")
        self._add(kind, start, seen)

    async def _get(self, chance: random.Random) -> None:
        key = chance.choice(self.job.keys())
        start = time.monotonic()
        found = await self._verbs.call("get", (GROUP, key), consistent=chance.random() < 0.1)
        self._read("get", start, [key], [found])

    async def _get_many(self, chance: random.Random) -> None:
        keys = chance.sample(self.job.keys(), 4)
        start = time.monotonic()
        found = await self._verbs.get_many([(GROUP, key) for key in keys], consistent=chance.random() < 0.1)
        self._read("get", start, keys, found)

    async def _query(self, chance: random.Random) -> None:
        start = time.monotonic()
        found = {item.name: item for item in await self._verbs.query()}
        keys = self.job.keys()
        self._read("query", start, keys, [found.get(key) for key in keys])

    def _own(self, count: int, chance: random.Random) -> dict[str, int | None]:
        """Return the next numbers of some of this client's own records."""
        keys = chance.sample(list(self._numbers), count)
        for key in keys:
            self._numbers[key] += 1
        return {key: self._numbers[key] for key in keys}

    async def _put(self, chance: random.Random) -> None:
        await self._written("write", self._own(1, chance), lambda items: self._verbs.call("put", items[0]))

    async def _put_many(self, chance: random.Random) -> None:
        await self._written("write", self._own(2, chance), lambda items: self._verbs.call("put_many", items))

    async def _transact(self, chance: random.Random) -> None:
        await self._written("write", self._own(2, chance), self._verbs.put_both)

    async def _delete(self, chance: random.Random) -> None:
        def delete(items: Sequence[Item]) -> Any:
            return self._verbs.call("delete", (GROUP, items[0].name))

        await self._written("delete", self._own(1, chance), delete)

    async def _written(self, kind: str, seen: Mapping[str, Any], write: Callable[[list[Item]], Any]) -> None:
        items = [Item(GROUP, key, number) for key, number in seen.items()]
        for item in items:
            item.text = _text(item)
        start = time.monotonic()
        self._add(kind, start, seen, ended=False)
        await write(items)
        self._add(kind, start, seen)

    async def _count(self, chance: random.Random) -> None:
        key = chance.choice(SHARED)
        start = time.monotonic()
        item = await self._verbs.call("update", (GROUP, key), F.n.add(1))
        self._add("write", start, {key: item.n})

    async def _count_on(self, chance: random.Random) -> None:
        """Count on from what the cache has, if it is so."""
        key = chance.choice(SHARED)
        start = time.monotonic()
        found = await self._verbs.call("require", (GROUP, key))
        self._read("get", start, [key], [found])
        start = time.monotonic()
        try:
            item = await self._verbs.call("update", (GROUP, key), F.n.set(found.n + 1), when=F.n == found.n)
        except ConditionFailed:
            return
        self._add("write", start, {key: item.n})


def _text(item: Item) -> str:
    # Of some it is so long that it is compressed.
    return "" if item.name in SHARED else f"{item.name} {item.n} " * (200 if item.n % 5 == 0 else 1)


def _slow_down(engine: Any, chance: random.Random, most: float) -> None:
    """Have the store take a while to begin, and a while to answer, so that others come between."""
    driver = engine.driver
    while isinstance(driver, CachedRecords):
        driver = driver.inner

    def slowed(method: Any) -> Any:
        async def later(*args: Any, **options: Any) -> Any:
            await engine.io.sleep(chance.random() * most)
            try:
                return await method(*args, **options)
            finally:
                await engine.io.sleep(chance.random() * most)

        return later

    for name in ("get", "read", "write", "write_batch", "transact"):
        setattr(driver, name, slowed(getattr(driver, name)))


def run_threads(client: Client, wait: Callable[[], object]) -> None:
    """Let a client's threads work until a wait is over."""
    run_blocking(client.begin())
    threads = [threading.Thread(target=lambda n=number: run_blocking(client.work(n)))
               for number in range(client.job.workers)]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        wait()
    finally:
        client.stopped = True
        for thread in threads:
            thread.join()
        client.repository.close()


async def run_tasks(client: Client, wait: Callable[[], object]) -> None:
    """Let a client's tasks work until a wait is over."""
    await client.begin()
    tasks = [asyncio.create_task(client.work(number)) for number in range(client.job.workers)]
    try:
        await asyncio.to_thread(wait)
    finally:
        client.stopped = True
        await asyncio.gather(*tasks)
        await client.repository.close()


def run_client(client: Client, wait: Callable[[], object]) -> None:
    """Let a client work until a wait is over."""
    if client.job.kind == "threads":
        run_threads(client, wait)
    else:
        asyncio.run(run_tasks(client, wait))


def noted(path: str) -> Iterator[Note]:
    """Return the notes of a file, but for a last one that its client did not live to end."""
    with open(path, encoding="utf-8") as file:  # noqa: PTH123
        for line in file:
            if line.endswith("\n"):
                yield Note(*json.loads(line))


def main(job: Job) -> None:
    file = os.open(job.notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def note(one: Note) -> None:
        os.write(file, json.dumps(one).encode() + b"\n")

    def wait() -> None:
        print("works", flush=True)
        sys.stdin.read()

    run_client(Client(job, note), wait)


@dataclass
class Verdict:
    """
    What the judge has found.

    Attributes:
        faults: What is wrong.
        reads: How many reads of a key were judged by what their client knew.
        calm: How many of them also by what everybody knew.
    """

    faults: list[str] = field(default_factory=list)
    reads: int = 0
    calm: int = 0


class Judge:
    """
    Judges a history.

    Args:
        notes: All notes of all clients.
        calm: From when to when nothing was done to the cache, which was empty at the beginning.
        near: Clients that have a cache of their own before the common one: others' writes don't reach it.
    """

    def __init__(
        self, notes: Iterable[Note], calm: Sequence[tuple[float, float]] = (), near: Iterable[str] = ()
    ) -> None:
        self.notes = sorted(notes, key=lambda note: note.end)
        self.calm = [self._certain(*window) for window in calm]
        self.verdict = Verdict([f"{note.client}: {note.text}" for note in self.notes if note.kind == "fault"])
        self._near = frozenset(near)
        self._begun: dict[tuple[str, int | None], float] = {}
        self._deleted: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._known: dict[tuple[str, ...], _Floor] = defaultdict(_Floor)
        for note in self.notes:
            if note.kind not in READS:
                self._prepare(note)

    def judge(self) -> Verdict:
        """Return what is wrong."""
        for note in self.notes:
            if note.end and note.kind != "fault":
                for key, seen in note.seen.items():
                    self._judge(note, key, seen)
        return self.verdict

    def _certain(self, start: float, end: float) -> tuple[float, float]:
        """Return the part of a calm time that begins with no request under way, and ends with a failed one."""
        known: dict[str, int] = defaultdict(int)
        for note in self.notes:
            if 0 < note.end <= start:
                known[note.client] = max(known[note.client], note.failures)
        failed = [
            note.start for note in self.notes if (note.end or note.start) > start and note.failures > known[note.client]
        ]
        return max([start, *(note.end for note in self.notes if note.start < start)]), min([end, *failed])

    def _prepare(self, note: Note) -> None:
        for key, number in note.seen.items():
            self._begun.setdefault((key, number), note.start)
            if note.kind == "delete" and number is not None:
                self._deleted[key].append((note.start, number))

    def _judge(self, note: Note, key: str, seen: int | None) -> None:
        numbers = self._numbers(note, key, seen)
        known, everybody = self._known[note.client, "write", key], self._known["", "", key]
        floor = known.before(note.start)
        if note.kind in READS:
            known = self._known[note.client, note.kind, key]
            floor = max(floor, known.before(note.start))
            self._check(note, key, seen, numbers[-1] >= floor, f"where it knew {floor}")
            self.verdict.reads += 1
            if self._is_calm(note):
                all_knew = everybody.before(note.start)
                self._check(note, key, seen, numbers[-1] >= all_knew, f"where in calm somebody knew {all_knew}")
                self.verdict.calm += 1
        least = next((number for number in numbers if number >= floor), 0)
        known.add(note.end, least)
        everybody.add(note.end, least)

    def _numbers(self, note: Note, key: str, seen: int | None) -> Sequence[int]:
        """Return the number of what was seen; where nothing was there, those of the removals that it may be."""
        if seen is None:
            return sorted({0, *(removed for start, removed in self._deleted[key] if start < note.end)})
        # Those of shared records are known by the answer only.
        written = not seen or key in SHARED or self._begun.get((key, seen), note.end) < note.end
        self._check(note, key, seen, written, "which nobody had written")
        return [seen]

    def _check(self, note: Note, key: str, seen: int | None, right: bool, wrong: str) -> None:
        if not right:
            told = f"{note.client}: {note.kind} of {key} from {note.start:.4f} to {note.end:.4f} gave {seen}"
            self.verdict.faults.append(f"{told}, {wrong}")

    def _is_calm(self, note: Note) -> bool:
        if note.client in self._near:
            return False
        return any(start <= note.start and note.end <= end for start, end in self.calm)


class _Floor:
    """The greatest number that was known at each time; times are added in order."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._numbers: list[int] = []

    def add(self, end: float, number: int) -> None:
        if not self._numbers or number > self._numbers[-1]:
            self._times.append(end)
            self._numbers.append(number)

    def before(self, start: float) -> int:
        """Return it; notes are few between, so it is looked for from the end."""
        for time_, number in zip(reversed(self._times), reversed(self._numbers), strict=True):
            if time_ < start:
                return number
        return 0


def command(job: Job) -> list[str]:
    """Return the command that runs a client."""
    return [sys.executable, "-m", "tests.cache.histories", json.dumps(asdict(job))]


if __name__ == "__main__":
    main(Job(**json.loads(sys.argv[1])))
