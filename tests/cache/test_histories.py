"""
What clients in several processes see of one store behind one cache, whatever is done to the cache.

`HOLDALL_HISTORY_SECONDS=600` has each history last so long, other choices each time.
"""

from __future__ import annotations

import os
import random
import secrets
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

import holdall
from holdall._engine.cache.doubts import Doubts
from holdall._engine.cache.tier import Hold, Tier
from holdall.cache_drivers import Added, Fence
from holdall_adapters.redis.driver import RedisDriver
from tests.cache.histories import Client, Item, Job, Judge, Note, Verdict, command, noted, run_client
from tests.servers.catalogue import ROOT
from tests.servers.private import PrivateServer
from tests.servers.tcp_proxy import Fault, TcpProxy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from typing_extensions import Self

    from holdall.cache_drivers import Swap

SECONDS = os.environ.get("HOLDALL_HISTORY_SECONDS")
_CALM, _SETTLE = 0.8, 0.8
_OPTIONS = "timeout=0.2&connect_timeout=0.2&breaker_pause=0.05&fence=1&lease=1&wait=0.3"


class Clients:
    """The processes of a history."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = {job.name: job for job in jobs}
        self._running: dict[str, subprocess.Popen[str]] = {}

    def __enter__(self) -> Self:
        for name in self._jobs:
            self._start(name)
        for process in self._running.values():
            assert process.stdout is not None
            assert process.stdout.readline() == "works\n"
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._running.values():
            process.communicate(timeout=60)
            assert process.returncode == 0

    def _start(self, name: str) -> None:
        self._running[name] = subprocess.Popen(
            command(self._jobs[name]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip

    def replace(self, name: str) -> None:
        """Have one die whatever it does, and another take its place."""
        process = self._running[name]
        process.kill()
        process.communicate()
        self._jobs[name].first += 1_000_000
        self._start(name)


class Nemesis:
    """Does harm to a cache, to the ways to it, and to its clients."""

    def __init__(self, server: PrivateServer, proxies: Sequence[TcpProxy], clients: Clients, seed: int) -> None:
        self._server = server
        self._proxies = proxies
        self._clients = clients
        self._chance = random.Random(seed)
        self.done: list[str] = []

    def harm(self) -> None:
        """Do something at random, and undo it."""
        blow: Callable[[], None] = self._chance.choice([
            self._pause, self._restart, self._flush, self._flush, self._cut, self._refuse, self._delay, self._drop,
            self._break, self._flip, self._die,
        ])  # fmt: skip
        self.done.append(blow.__name__)
        blow()
        time.sleep(self._chance.random() * 0.2)

    def _a_while(self) -> None:
        time.sleep(0.05 + self._chance.random() * 0.3)

    def _pause(self) -> None:
        self._server.pause()
        self._a_while()
        self._server.resume()

    def _restart(self) -> None:
        self._server.kill()
        self._a_while()
        self._server.start()

    def _flush(self) -> None:
        self._server.flush()

    def _cut(self) -> None:
        self._chance.choice(self._proxies).cut()

    def _refuse(self) -> None:
        proxy = self._chance.choice(self._proxies)
        proxy.refuse()
        proxy.cut()
        self._a_while()
        proxy.heal()

    def _delay(self) -> None:
        self._harm_bytes(Fault(delay=self._chance.choice([0.01, 0.1, 0.3])))

    def _drop(self) -> None:
        self._harm_bytes(Fault(drop=True))

    def _break(self) -> None:
        self._harm_bytes(Fault(cut_after=self._chance.randrange(400)))

    def _flip(self) -> None:
        self._harm_bytes(Fault(flip=self._chance.randrange(2000)))

    def _harm_bytes(self, fault: Fault) -> None:
        proxy, way = self._chance.choice(self._proxies), self._chance.choice(["requests", "answers"])
        setattr(proxy, way, fault)
        self._a_while()
        # What was lost is asked for on new connections, as after a fault of the network.
        proxy.heal()
        proxy.cut()

    def _die(self) -> None:
        self._clients.replace(self._chance.choice(NAMES))


NAMES = ("threads", "tasks", "near")


class History(NamedTuple):
    verdict: Verdict
    harm: list[str]


def run(kind: str, options: str, folder: Path, seed: int) -> History:
    """Run clients on a new store: in peace, then under harm, then in peace again."""
    with ExitStack() as stack:
        server = stack.enter_context(PrivateServer(kind))
        proxies = [stack.enter_context(TcpProxy(server.address)) for _ in NAMES]
        jobs = _jobs(folder, [f"{proxy.address}?{_OPTIONS}&{options}" for proxy in proxies], seed)
        holdall.open_repository(jobs[0].store, Item).close()
        with Clients(jobs) as clients:
            nemesis = Nemesis(server, proxies, clients, seed)
            before = _calm()
            for _ in range(6):
                nemesis.harm()
            time.sleep(_SETTLE)
            server.flush()
            calm = [before, _calm()]
        notes = [note for job in jobs for note in noted(job.notes)]
        near = {note.client for note in notes if note.client.startswith("near/")}
        return History(Judge(notes, calm, near).judge(), nemesis.done)


def _jobs(folder: Path, caches: Sequence[str], seed: int) -> list[Job]:
    store = f"sqlite:///{folder}/history.db?table=items"
    jobs = [Job(name, "tasks" if name == "tasks" else "threads", store, [cache], NAMES, f"{folder}/{name}.notes",
                seed=seed) for name, cache in zip(NAMES, caches, strict=True)]  # fmt: skip
    jobs[-1].caches = ["process://?ttl=60", *jobs[-1].caches]
    return jobs


def _calm() -> tuple[float, float]:
    start = time.monotonic()
    time.sleep(_CALM)
    return start, time.monotonic()


_USES = ("ttl=60", "ttl=60&on_write=replace", "ttl=1&early=100&jitter=0.5")


@pytest.mark.server
@pytest.mark.parametrize(("kind", "use"), [("valkey", 0), ("memcached", 1)])
def test_nobody_sees_an_older_value_whatever_is_done_to_the_cache(kind: str, use: int, tmp_path: Path) -> None:
    until = time.monotonic() + float(SECONDS or 0)
    seed = 1 if SECONDS is None else random.randrange(1 << 30)
    while True:
        folder = tmp_path / str(seed)
        folder.mkdir()
        history = run(kind, _USES[use], folder, seed)
        print(seed, _USES[use], *history.harm, history.verdict.reads, history.verdict.calm)
        assert history.verdict.faults == []
        assert history.verdict.reads > 1000
        seed, use = seed + 1, (use + 1) % len(_USES)
        if time.monotonic() > until:
            return


class Here:
    """Clients of a store in memory, in threads of this process."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self.notes: list[Note] = []
        self.begun = time.monotonic()
        self._stop = threading.Event()
        clients = [Client(job, self.notes.append) for job in jobs]
        self._threads = [threading.Thread(target=run_client, args=(client, self._stop.wait)) for client in clients]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def faults(self) -> list[str]:
        """Return what is wrong so far, where nothing was done to the cache."""
        return Judge(list(self.notes), [(self.begun, time.monotonic())]).judge().faults


async def _no_fence(tier: Tier, keys: Sequence[str]) -> Hold:
    return Hold(keys, Fence(b"0" * 16, 1, 1), up=True)


async def _unchecked_swap(driver: RedisDriver, swaps: Sequence[Swap]) -> Sequence[bool]:
    for swap in swaps:
        await driver.delete([swap.key])
        await driver.add([Added(swap.key, swap.value, swap.seconds)])
    return [True] * len(swaps)


_MUTANTS: dict[str, tuple[type, str, Any]] = {
    "a writer puts up no fence": (Tier, "fence", _no_fence),
    "a reader fills without its lease": (RedisDriver, "swap", _unchecked_swap),
    "failures are forgotten": (Doubts, "covers", lambda self, key, created: False),
}
_BROKEN = "failures are forgotten"


@pytest.mark.parametrize("mutant", [None, *_MUTANTS])
def test_a_history_shows_what_is_wrong_with_a_cache(
    mutant: str | None, private_valkey: Callable[[], PrivateServer], tcp_proxy: Callable[[str], TcpProxy],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    if mutant is not None:
        monkeypatch.setattr(*_MUTANTS[mutant])
    is_harmed = mutant in (None, _BROKEN)
    server = private_valkey()
    proxies = [tcp_proxy(server.address) for _ in NAMES[:2]]
    store = f"memory://{secrets.token_hex(8)}?table=items"
    # In peace entries end soon, so that what is being written is read, and a busy machine is no fault of the cache.
    options = f"{_OPTIONS}&ttl=60" if is_harmed else "timeout=5&connect_timeout=5&ttl=0.1"
    jobs = [Job(name, name, store, [f"{proxy.address}?{options}"], NAMES[:2], slow=0.01)
            for name, proxy in zip(NAMES, proxies, strict=False)]  # fmt: skip
    until = time.monotonic() + (1.5 if mutant is None else 40)
    with Here(jobs) as here:
        found: list[str] = []
        while not found and time.monotonic() < until:
            time.sleep(0.3)
            if is_harmed:
                _interrupt(proxies)
            found = here.faults()
    assert bool(found) == (mutant is not None), found


def _interrupt(proxies: Sequence[TcpProxy]) -> None:
    for proxy in proxies:
        proxy.refuse()
        proxy.cut()
    time.sleep(0.2)
    for proxy in proxies:
        proxy.heal()
        # What one has read past the cache meanwhile is newer than what the cache has until the other one tells it.
        time.sleep(0.5)
