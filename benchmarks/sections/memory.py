"""Memory while streaming: the peak must not grow with the number of records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdall import open_repository

from .. import record
from ..peers.base import CREDENTIALS, REGION
from ..report import Row
from ..stub import ROOT, running

if TYPE_CHECKING:
    from ..settings import Settings

TIMES = 10
"""How many times as many the longer stream has."""


def run(settings: Settings) -> list[Row]:
    """Measure on both stores that are no memory themselves."""
    small = settings.size(10_000)
    with running() as endpoint, tempfile.TemporaryDirectory() as folder:
        sqlite = f"sqlite:///{Path(folder, 'orders.db')}"
        _fill(sqlite, [small, TIMES * small])
        stores = {"sqlite": sqlite, "dynamodb": f"dynamodb://orders?region={REGION}&endpoint={endpoint}"}
        return [row for name, url in stores.items() for row in _rows(name, url, small)]


def _fill(url: str, sizes: list[int]) -> None:
    with open_repository(url, record.Order) as orders:
        orders.provision()
        for size in sizes:
            orders.put_many(record.order(size, number) for number in range(size))


def _rows(name: str, url: str, small: int) -> list[Row]:
    rows: list[Row] = []
    for verb in ("query", "put_many"):
        short, long = (_peaks(url, verb, size) for size in (small, TIMES * small))
        more = {
            "peak_MB": [round(peaks["traced"] / 2**20, 2) for peaks in (short, long)],
            "process_MB": [round(peaks["rss"] / 2**20, 1) for peaks in (short, long)],
            "peak_ratio": round(long["traced"] / short["traced"], 3),
        }
        rows.append(Row("memory of a stream", f"{verb} {small}, {TIMES * small}", name, more=more))
    return rows


def _peaks(url: str, verb: str, size: int) -> dict[str, float]:
    # Tracing takes memory itself, so the process is measured in a run of its own.
    return {how: _child(url, verb, size, how) for how in ("traced", "rss")}


def _child(url: str, verb: str, size: int, how: str) -> float:
    keys = {"AWS_ACCESS_KEY_ID": CREDENTIALS[0], "AWS_SECRET_ACCESS_KEY": CREDENTIALS[1]}
    ran = subprocess.run(
        [sys.executable, "-m", __name__, url, verb, str(size), how], cwd=ROOT, env={**os.environ, **keys},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return float(json.loads(ran.stdout))


def _stream(url: str, verb: str, size: int, how: str) -> float:
    import resource
    import tracemalloc

    with open_repository(url, record.Order) as orders:
        _use(orders, "query", 0)
        if how == "traced":
            tracemalloc.start()
        _use(orders, verb, size)
    if how == "traced":
        return tracemalloc.get_traced_memory()[1]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _use(orders: Any, verb: str, size: int) -> None:
    if verb == "query":
        assert sum(1 for _ in orders.query(record.partition(size))) == size
    else:
        assert orders.put_many(record.order(size, number) for number in range(size)) == size


if __name__ == "__main__":
    print(json.dumps(_stream(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])))
