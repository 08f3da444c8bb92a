"""Many readers of a key that is not there yet, and reads while the cache is gone: what is counted, not how fast."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

import holdall

from .. import record
from ..peers.ours import url
from ..stub import last_request

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TURN = 100
"""Reads that one store has in a row: few enough that what slows the machine down slows both."""


def reads_of_threads(endpoint: str, cache: str, many: int) -> dict[str, Any]:
    """Return how many requests the store gets of so many threads that all read one cold key at once."""
    with holdall.open_repository(url(endpoint, "orders", "lean"), record.Order, cache=cache) as orders:
        key = ("c-1000", record.ID.format(900))
        gate, found = threading.Barrier(many), []

        def read() -> None:
            gate.wait()
            found.append(orders.require(key))

        threads = [threading.Thread(target=read) for _ in range(many)]
        last_request(endpoint)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return _counted(endpoint, found, many, orders.cache_stats[0])


def reads_of_tasks(endpoint: str, cache: str, many: int) -> dict[str, Any]:
    """Return the same of tasks."""

    async def run() -> dict[str, Any]:
        async with holdall.open_async_repository(url(endpoint, "orders", "lean"), record.Order, cache=cache) as orders:
            key = ("c-1000", record.ID.format(901))
            last_request(endpoint)
            found = await asyncio.gather(*[orders.require(key) for _ in range(many)])
            return _counted(endpoint, found, many, orders.cache_stats[0])

    return asyncio.run(run())


def _counted(endpoint: str, found: list[Any], many: int, stats: holdall.CacheStats) -> dict[str, Any]:
    _, _, requests = last_request(endpoint)
    assert len(found) == many and all(one == found[0] for one in found)
    return {"reads": requests, "failures": stats.failures, "past": stats.past}


def slowest(jobs: Mapping[str, Callable[[], Any]], rounds: int, calls: int) -> dict[str, list[dict[str, float]]]:
    """Return for each round what a read takes, in µs: half of them, and 99 % of them, at most."""
    found: dict[str, list[dict[str, float]]] = {name: [] for name in jobs}
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            taken: dict[str, list[float]] = {name: [] for name in jobs}
            for turn in range(max(1, calls // _TURN)):
                for name in list(jobs)[:: 1 if turn % 2 else -1]:
                    taken[name] += _turn(jobs[name])
            for name, each in taken.items():
                found[name].append({"p50": median(each) * 1e6, "p99": quantiles(each, n=100)[98] * 1e6})
    finally:
        gc.unfreeze()
    return found


def _turn(job: Callable[[], Any]) -> list[float]:
    taken: list[float] = []
    for _ in range(_TURN):
        began = time.perf_counter()
        job()
        taken.append(time.perf_counter() - began)
    return taken
