"""
CPU and wall time of several ways to do one thing, interleaved.

Every round calls each contender for the same number of times, in an order that turns, so that a machine that slows
down slows all of them; ratios are taken within a round.
"""

from __future__ import annotations

import gc
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence



@dataclass(frozen=True)
class Timing:
    """Seconds a call, round by round. CPU is of the whole process, threads included."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]

    def ratio(self, base: Timing, clock: str = "cpu") -> float:
        """Return the median of the rounds' ratios to another contender."""
        mine: Sequence[float] = getattr(self, clock)
        theirs: Sequence[float] = getattr(base, clock)
        return median(a / b for a, b in zip(mine, theirs, strict=True))


def interleaved(jobs: Mapping[str, Callable[[int], Any]], *, rounds: int, calls: int) -> dict[str, Timing]:
    """Measure every job in every round."""
    names = list(jobs)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in names}
    for job in jobs.values():
        job(min(calls, 20))
    # What is alive now would only make the collector slower, for whoever allocates most.
    gc.collect()
    gc.freeze()
    try:
        for number in range(rounds):
            start = number % len(names)
            for name in names[start:] + names[:start]:
                found[name].append(_once(jobs[name], calls))
    finally:
        gc.unfreeze()
    return {name: Timing(*zip(*times, strict=True)) for name, times in found.items()}


def repeated(function: Callable[[], Any]) -> Callable[[int], None]:
    """Return a job that calls a function."""

    def job(calls: int) -> None:
        for _ in range(calls):
            function()

    return job


def peak_bytes() -> int:
    """Return the most memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():
        # Unlike getrusage, it does not begin with what the parent process had.
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) * 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _once(job: Callable[[int], Any], calls: int) -> tuple[float, float]:
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    job(calls)
    return (time.process_time() - cpu) / calls, (time.perf_counter() - wall) / calls
