"""Many calls by 16 threads to a server that fails one in twenty: right answers, and nothing that grows."""

from __future__ import annotations

import gc
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import holdall

from .. import record
from ..peers.ours import url
from ..report import Row
from ..stub import running

if TYPE_CHECKING:
    from ..settings import Settings

THREADS = 16
CALLS = 200_000


def run(settings: Settings) -> list[Row]:
    """Make the calls, in ten parts; memory and open files are looked at after the second part and at the end."""
    with running(failing=True) as endpoint:
        policy = holdall.RetryPolicy(attempts=10, first_wait=0.001, throttled_wait=0.001)
        with holdall.open_repository(url(endpoint, "orders", "lean"), record.Order, retry=policy) as orders:
            return [_measured(orders, settings.size(CALLS))]


def _measured(orders: holdall.Repository[record.Order], calls: int) -> Row:
    began, cpu = time.perf_counter(), time.process_time()
    seen: list[tuple[float, int]] = []
    for _ in range(10):
        _part(orders, calls // 10)
        seen.append(_held())
    cpu, wall = time.process_time() - cpu, time.perf_counter() - began
    (early_mb, early_files), (last_mb, last_files) = seen[1], seen[-1]
    more = {"calls": calls, "right": calls, "MB": [early_mb, last_mb], "open files": [early_files, last_files]}
    cpu, wall = round(cpu / calls * 1e6, 2), round(wall / calls * 1e6, 2)
    return Row("soak", "get", "holdall sync", cpu=cpu, wall=wall, more=more)


def _part(orders: holdall.Repository[record.Order], calls: int) -> None:
    wrong: list[Any] = []

    def ask(first: int) -> None:
        for number in range(first, calls, THREADS):
            try:
                found = orders.require(("c-1000", record.ID.format(number % 1000)))
                if found.quantity != record.values(1000, number % 1000)["quantity"]:
                    wrong.append(found)
            except Exception as error:  # noqa: BLE001 - told by the thread that waits
                wrong.append(error)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise AssertionError(f"{len(wrong)} calls went wrong, the first with {wrong[0]!r}") from None


def _held() -> tuple[float, int]:
    """Return the memory in use now, in MB, and the number of open files; both 0 where the system does not tell."""
    gc.collect()
    status, files = Path("/proc/self/status"), Path("/proc/self/fd")
    if not status.exists():
        return 0.0, 0
    resident = int(status.read_text().partition("VmRSS:")[2].split()[0]) / 1024
    return round(resident, 1), len(list(files.iterdir()))
