"""
An explorer of all interleavings of what several clients do with one record through one cache.

The engine's own coroutines run: those of `CachedRecords`, and below it `Reading`, `Region` and `Tier`, over the cache
in the process. Every request to the cache or the store waits at a point before it takes effect, and where others of the
same client could come between, at one more before its answer is heard. A scheduler decides who goes on. States that
were reached before are not explored again: a state is what the cache, the store and the clients know, and for each
coroutine everything that it has seen so far.
"""

from __future__ import annotations

import gc
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from holdall import Key, Partition, Sort, drivers
from holdall._engine.cache.records import CachedRecords
from holdall._engine.cache.settings import Settings
from holdall._engine.cache.tier import Tier
from holdall._frozen import replace
from holdall._model.schema import Model
from holdall.cache_drivers import FENCE, VALUE, CacheFailed
from holdall.io import run_blocking

from .stepped import PausingIo, Point, SmallCrowd, SteppedCache, Store, WatchedDoubts, WatchedFlights, determined, told

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from holdall._engine.cache.flights import Flight

START = 1_000_000.0
"""The first time, in seconds since 1970."""


@dataclass
class Thing:
    """The record."""

    id: Key[str]
    value: str = ""


@dataclass
class Line:
    """The record where there are queries."""

    group: Partition[str]
    id: Sort[str]
    value: str = ""


THING = Model(Thing), drivers.KeyValue(("k",), ("k",), {"id": "k"})
LINE = Model(Line), drivers.KeyValue(("g", "k"), ("g", "k"), {"group": "g", "id": "k"})
QUERY = drivers.Read(LINE[0].key, drivers.KeyPart("g", "g"), cached=500.0)
SETTINGS = Settings(ttl=1000.0, negative_ttl=1000.0, jitter=0.0, early=0.0, wait=0.0015, lease=100.0, fence=100.0,
                    breaker_failures=1000)  # fmt: skip
"""Who waits for another looks twice: once after a pause, and once more."""


class Op(NamedTuple):
    """One read or write of a client, from one event to another; `ended` None: never."""

    client: str
    kind: str
    value: Any
    begun: int
    ended: int | None


class Violation(Exception):
    """Raised where a read gave what it must not; `history` is what everybody saw, `path` how it came."""

    def __init__(self, text: str, history: list[Op], path: list[Any]) -> None:
        super().__init__(f"{text}\n{history}\n{path}")
        self.history = history
        self.path = path


ANSWER = Point("answer")
HEARD_AT_ONCE = ("add", "fence")
"""After whose answers nothing is looked at or changed that others know of before the next request."""


@dataclass
class Task:
    """One coroutine; `patient`: whether its answers may come late."""

    name: str
    client: str
    coro: Any
    patient: bool
    at: Point | None = None
    log: int = 0
    slept: float = 0.0
    drawn: int = 0
    ops: int = 0
    joined: list[Flight] = field(default_factory=list[Any])
    pending: tuple[int, int] | None = None
    """Of the operation under way: the event of its beginning, and the oldest version that it may give."""
    is_over: bool = False


@dataclass
class Scenario:
    """
    What is explored.

    Attributes:
        programs: By task, what it does: "r" reads, "c" reads past the cache, "o" reads the store directly, "q" reads by
            a query whose result is kept, "w" writes.
        clients: By task, the process that it is of; by default each has its own.
        warm: The cache has the value at first.
        fails: By task, the operations of the cache that may fail.
        crashes: Tasks, one of which may end at any point.
        evictions: How often what is kept under a key, unless it is a fence, may be lost.
        jumps: Seconds by which time may go on at any point, in turn.
        promise: What a read may give: "store" (nothing that was replaced before it began), "seen" (nothing older than
            anybody has seen), "client" (nothing older than its own client has seen, or the cache has heard), "judged"
            (what some order of all that was done explains).
        settings: Parts of the URL that are not as in `SETTINGS`.
        most_asking: How many of a client may ask the cache for the key at once; 0 for as many as usual.
        changes: What else is done to each new world, for mutants.
    """

    programs: dict[str, str]
    clients: dict[str, str] = field(default_factory=dict)
    warm: bool = False
    fails: dict[str, tuple[str, ...]] = field(default_factory=dict)
    crashes: tuple[str, ...] = ()
    evictions: int = 0
    jumps: tuple[float, ...] = ()
    promise: str = "store"
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    most_asking: int = 0
    changes: Callable[[World], None] = lambda world: None


class World:
    """One execution of a scenario, step by step."""

    def __init__(self, scenario: Scenario, pool: dict[str, CachedRecords] | None = None) -> None:
        self.scenario = scenario
        self._settings = replace(SETTINGS, **scenario.settings)
        self._model: Any
        self._key: drivers.KeyValue
        self._model, self._key = LINE if "q" in "".join(scenario.programs.values()) else THING
        self.clock = START
        self.cache = SteppedCache(self)
        self.store = Store(self)
        self.events = 0
        self.history: list[Op] = []
        self.path: list[Any] = []
        self.is_shared = False
        """Whether the last step had to do with what others see or do; one that had not comes first of all."""
        self.heard = 0
        """The oldest version that anybody may give, since the cache has heard of it."""
        self.seen: dict[str, int] = {}
        """By client, the newest version that it has read or written."""
        self._left = {"evict": scenario.evictions, "crash": len(scenario.crashes[:1]), "jump": len(scenario.jumps)}
        self.task = Task("setup", "", None, patient=False)
        self.tasks: dict[str, Task] = {}
        self.records: dict[str, CachedRecords] = {}
        clients = {name: scenario.clients.get(name, name) for name in scenario.programs}
        for name, client in clients.items():
            shared = list(clients.values()).count(client) > 1
            self.tasks[name] = Task(name, client, self._program(name, client), patient=shared)
            if client not in self.records:
                self.records[client] = self._opened(None if pool is None else pool.get(client))

    def prepare(self) -> None:
        """Do what comes before the first step."""
        if self.scenario.warm:
            self._warm()
        self.scenario.changes(self)

    def drawn(self, count: int) -> bytes:
        """Return random bytes, which are the same in all executions."""
        self.task.drawn += 1
        return hash((self.task.name, self.task.drawn)).to_bytes(8, "big", signed=True)[:count]

    def _opened(self, before: CachedRecords | None) -> CachedRecords:
        settings = self._settings
        one = Tier(self.cache, PausingIo(self), settings, None, lambda: self.clock, lambda: self.task.slept)  # type: ignore[arg-type]
        one.doubts, one.flights = WatchedDoubts(self), WatchedFlights(self)
        if self.scenario.most_asking:
            one.crowd = SmallCrowd(self, self.scenario.most_asking)
        if before is None:
            return CachedRecords(self._model, self.store, one, "stub")  # type: ignore[arg-type]
        # To make a new one takes long, and nothing of what it knows changes.
        before.inner, before.tier, before._region.tier = self.store, one, one  # type: ignore[assignment]
        before._queries = None
        return before

    def _warm(self) -> None:
        records = next(iter(self.records.values()))
        key, item = records.key(self._key), self.item("0")
        kept = records._region.kept(key, item, int(self.clock * 1000), 1_000_000)
        assert kept is not None
        self.cache._kept[key] = kept[0], self.clock + kept[1]
        self.clock += 1

    # What tasks do.

    async def request(self, label: str, job: Coroutine[Any, Any, Any]) -> Any:
        """Do a request: wait for its turn, take effect, wait for its answer to be heard."""
        task = self.task
        try:
            how = await Point(label)
        except GeneratorExit:
            job.close()
            raise
        if how == "lost":
            job.close()
            raise CacheFailed
        result = run_blocking(job)
        if label == "release":
            self._hear()
        self.saw(label, repr(result))
        self.is_shared |= label != "read" or any(
            not task.is_over and "w" in self.scenario.programs[task.name] for task in self.tasks.values()
        )
        if task.patient and label not in HEARD_AT_ONCE:
            await ANSWER
        if how == "unanswered":
            raise CacheFailed
        return result

    def _hear(self) -> None:
        key = self.records[self.task.client].key(self._key)
        kept, _ = self.cache._kept.get(key, (b"", 0.0))
        version = len(self.store.versions) - 1
        if kept[:1] == VALUE:
            # What a writer has kept is what it wrote itself; of another's write the cache may never hear.
            version = self.store.versions.index(self.task.name)
        self.heard = max(self.heard, version)

    def item(self, value: str) -> dict[str, str]:
        """Return the record with a value as it lies in the store."""
        return {**self._key.item, "value": value}

    async def _program(self, name: str, client: str) -> None:
        records = self.records[client]
        for step in self.scenario.programs[name]:
            self._begin()
            if step == "w":
                await records.write(drivers.Write("put", self._key, self.item(name)))
                self._end("write", name)
            elif step == "q":
                page = await records.read(QUERY)
                self._end("read", page.items[0]["value"])
            else:
                source: Any = self.store if step == "o" else records
                got = await source.get([self._key], consistent=step == "c", fields=None)
                self._end("read", got.items[0]["value"])

    def _begin(self) -> None:
        self.is_shared = True
        task, newest = self.task, len(self.store.versions) - 1
        oldest = {
            "store": newest,
            "seen": max(self.seen.values(), default=0),
            "client": max(self.seen.get(task.client, 0), self.heard),
            "judged": 0,
        }[self.scenario.promise]
        self.events += 1
        task.pending = self.events, oldest

    def _end(self, kind: str, value: str) -> None:
        self.is_shared = True
        task = self.task
        assert task.pending is not None
        begun, oldest = task.pending
        task.pending = None
        self.events += 1
        self.history.append(Op(task.client, kind, value, begun, self.events))
        task.ops += 1
        # Nothing of it is left in the coroutine.
        task.log, task.joined = hash((task.ops, task.drawn, task.slept)), []
        version = self.store.versions.index(value)
        self.seen[task.client] = max(self.seen.get(task.client, 0), version)
        judged = self.scenario.promise != "judged" or linearizable(tuple(self.all_ops()))
        if (kind == "read" and version < oldest) or not judged:
            raise Violation(f"{task.name} read version {version}, but {oldest} was to be seen", self.all_ops(),
                            self.path)  # fmt: skip

    def all_ops(self) -> list[Op]:
        """Return the operations, those included that have not ended."""
        left = [Op(task.client, "write", task.name, task.pending[0], None) for task in self.tasks.values()
                if task.pending is not None and "w" in self.scenario.programs[task.name]]  # fmt: skip
        return self.history + left

    # What the scheduler does.

    def choices(self) -> list[tuple[str, str]]:
        """Return what may happen next."""
        found = [(name, how) for name, task in self.tasks.items() if not task.is_over and not self._waits(task)
                 for how in self._ways(task)]  # fmt: skip
        if not found:
            return []
        found.sort(key=lambda choice: self.tasks[choice[0]].at not in (ANSWER, None))
        if self._left["crash"]:
            found += [(name, "crash") for name in self.scenario.crashes if not self.tasks[name].is_over]
        if self._left["evict"]:
            found += [("", f"evict {key}") for key, (value, _) in self.cache.look() if value[:1] != FENCE]
        return [*found, ("", "jump")] if self._left["jump"] else found

    def _waits(self, task: Task) -> bool:
        """Return whether another task that is the same in all but its name is to begin first."""
        return task.at is None and any(other.at is None and self._role(other) == self._role(task)
                                       for other in self._before(task))  # fmt: skip

    def _before(self, task: Task) -> Iterator[Task]:
        return itertools.takewhile(lambda other: other is not task, self.tasks.values())

    def _role(self, task: Task) -> tuple[Any, ...]:
        scenario = self.scenario
        return (scenario.programs[task.name], scenario.fails.get(task.name), task.name in scenario.crashes,
                task.patient and task.client)  # fmt: skip

    def _ways(self, task: Task) -> Sequence[str]:
        if task.at is not None and task.at.label in self.scenario.fails.get(task.name, ()):
            return "ok", "lost", "unanswered"
        return ("ok",)

    def step(self, choice: tuple[str, str]) -> None:
        """Let something happen."""
        self.path.append(choice)
        name, how = choice
        self.is_shared = how != "ok" or bool(self.scenario.jumps)
        if name == "":
            self._left[how.partition(" ")[0]] -= 1
            if how == "jump":
                self._jump(self.scenario.jumps[self._left["jump"]])
            else:
                self.cache.evict(how.partition(" ")[2])
            return
        self.task = task = self.tasks[name]
        if how == "crash":
            self._left["crash"] -= 1
            task.is_over = True
            task.coro.close()
        else:
            self._go_on(task, how)

    def _jump(self, seconds: float) -> None:
        self.clock += seconds
        if seconds > next(iter(self.records.values())).tier.settings.ttl:  # then nothing is left of what was kept
            self.heard = max(self.heard, len(self.store.versions) - 1)

    def _go_on(self, task: Task, how: str) -> None:
        self.saw(how, self.clock)
        if task.joined:
            self.shared(*((flight.done, flight.kept) for flight in task.joined))
        before = task.at and task.at.label
        try:
            if before is None:
                task.at = task.coro.send(None)
            if before is not None or not (task.patient or task.name in self.scenario.fails):
                task.at = task.coro.send(how)
            # Nothing was looked at since, so the request may as well take effect at once.
            plain = before is None or (before == "sleep" and not task.joined)
            if plain and task.patient and task.at is not None and task.at.label == "get" and not self.scenario.fails:
                task.at = task.coro.send("ok")
        except StopIteration:
            task.is_over, task.log = True, 0

    def saw(self, *what: object) -> None:
        """Note what the task that goes on has learned, on which all that it does from now on depends."""
        self.task.log = hash((self.task.log, *what))

    def shared(self, *what: object) -> None:
        """Note that it has looked at, or changed, what others of its client know."""
        self.is_shared = True
        if what:
            self.saw(*what)

    def _knows(self, client: str) -> tuple[Any, ...]:
        one = self.records[client].tier
        doubts = one.doubts
        flying = [told(flight) for flights in one.flights._flying.values() for flight in flights.values()]
        return (tuple(sorted(doubts._since.items())), tuple(doubts._missed.items()), doubts._all, one.breaker._failed,
                one._mends_from, tuple(one.crowd._asking), tuple(flying))  # fmt: skip

    def state(self) -> int:
        """Return what tells this state from others."""
        tasks = [(task.log, task.at and task.at.label, task.pending and task.pending[1], task.is_over,
                  () if task.is_over else tuple(map(told, task.joined))) for task in self.tasks.values()]  # fmt: skip
        clients = [(self.seen.get(client, 0), self._knows(client)) for client in self.records]
        return hash((tuple(tasks), tuple(clients), self.cache.look(), tuple(self.store.versions), self.clock,
                     self.heard, tuple(self._left.values()),
                     tuple(self.history) if self.scenario.promise == "judged" else ()))  # fmt: skip

    def close(self) -> None:
        """End what has not ended."""
        for task in self.tasks.values():
            self.task = task
            task.coro.close()


@dataclass
class Explored:
    """What was explored: states, executions of the engine, and the schedules that these stand for."""

    states: int = 0
    executions: int = 0
    schedules: int = 0


class Explorer:
    """Explores a scenario depth-first, by executing each prefix of choices again."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._counts: dict[int, int] = {}
        self._now: World
        self._pool: dict[str, CachedRecords] | None = None
        self.found = Explored()

    def run(self) -> Explored:
        """
        Explore all.

        Raises:
            Violation: A read gave what it must not.
        """
        with determined(self._drawn):
            gc.freeze()  # What is there already is not looked through again for each few worlds.
            try:
                self.found.schedules = self._visit(self._world([]))
            finally:
                self._now.close()
                gc.unfreeze()
        self.found.states = len(self._counts)
        return self.found

    def _world(self, path: list[Any]) -> World:
        self.found.executions += 1
        world = self._now = World(self._scenario, self._pool)
        self._pool = world.records
        world.prepare()
        for choice in path:
            world.step(choice)
        return world

    def _drawn(self, count: int) -> bytes:
        return self._now.drawn(count)

    def _visit(self, world: World) -> int:
        state = world.state()
        if state in self._counts:
            world.close()
            return self._counts[state]
        path, choices = list(world.path), world.choices()
        if not choices:
            if self._scenario.promise != "client":
                assert linearizable(tuple(world.all_ops()))
            world.close()
        total = 0 if choices else 1
        for number, choice in enumerate(choices):
            now = world if number == 0 else self._world(path)
            now.step(choice)
            if not now.is_shared:
                total = self._visit(now)
                break
            total += self._visit(now)
        self._counts[state] = total
        return total


def linearizable(ops: tuple[Op, ...], value: str = "0") -> bool:
    """Return whether one order of the operations explains all reads, by trying all; a write that never ended may be."""
    if all(op.ended is None for op in ops):
        return True
    first_end = min(op.ended for op in ops if op.ended is not None)
    for number, op in enumerate(ops):
        if op.begun < first_end and (op.kind == "write" or op.value == value):
            rest = ops[:number] + ops[number + 1 :]
            if linearizable(rest, op.value):
                return True
    return False
