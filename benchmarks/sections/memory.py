"""Memory while streaming: the peak must not grow with the number of records."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING, Any

from holdall import open_repository

from .. import record
from ..measure import peak_bytes
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
        stores = {"sqlite": sqlite, "dynamodb": f"dynamodb://orders?region={REGION}&endpoint={endpoint}&client=lean"}
        return [row for name, url in stores.items() for row in _rows(name, url, small)]


def _fill(url: str, sizes: list[int]) -> None:
    with open_repository(url, record.Order) as orders:
        orders.provision()
        for size in sizes:
            orders.put_many(record.order(size, number) for number in range(size))


def _rows(name: str, url: str, small: int) -> list[Row]:
    rows: list[Row] = []
    # Tracing takes memory itself, so the process is measured in a run of its own.
    found = [(_child(url, size, "traced"), _child(url, size, "process")) for size in (small, TIMES * small)]
    for verb in _VERBS:
        (short, short_process), (long, long_process) = found
        more = {
            "peak_MB": [round(one[verb] / 2**20, 2) for one in (short, long)],
            "process_MB": [round(one[verb] / 2**20, 1) for one in (short_process, long_process)],
            "peak_ratio": round(long[verb] / short[verb], 3),
        }
        rows.append(Row("memory of a stream", f"{verb} {small}, {TIMES * small}", name, more=more))
    return rows


def _child(url: str, size: int, how: str) -> dict[str, float]:
    keys = {"AWS_ACCESS_KEY_ID": CREDENTIALS[0], "AWS_SECRET_ACCESS_KEY": CREDENTIALS[1]}
    ran = subprocess.run(
        [sys.executable, "-m", __name__, url, str(size), how], cwd=ROOT, env={**os.environ, **keys},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def _query(orders: Any, size: int) -> None:
    assert sum(1 for _ in orders.query(record.partition(size))) == size


def _put_many(orders: Any, size: int) -> None:
    assert orders.put_many(record.order(size, number) for number in range(size)) == size


_VERBS = {"query": _query, "put_many": _put_many}


def _peaks(url: str, size: int, how: str) -> dict[str, float]:
    peaks: dict[str, float] = {}
    with open_repository(url, record.Order) as orders:
        # What is made once, such as the client, is no part of the stream.
        _query(orders, 0)
        if how == "traced":
            tracemalloc.start()
        for name, verb in _VERBS.items():
            if how == "traced":
                tracemalloc.reset_peak()
            verb(orders, size)
            peaks[name] = tracemalloc.get_traced_memory()[1] if how == "traced" else peak_bytes()
    return peaks


if __name__ == "__main__":
    print(json.dumps(_peaks(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
