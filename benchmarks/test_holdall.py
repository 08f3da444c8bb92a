"""
holdall against itself over time, by pytest-benchmark.

    pytest benchmarks --benchmark-autosave          keeps this run
    pytest benchmarks --benchmark-compare           compares with the last one kept

Nothing here is judged, and no peer is needed; the ratios to peers come from `python -m benchmarks`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks import record
from benchmarks.peers.base import CREDENTIALS, REGION
from benchmarks.stub import running
from holdall import F, open_repository


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def orders(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", CREDENTIALS[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CREDENTIALS[1])
    with running() as endpoint:
        url = {
            "memory": "memory://",
            "sqlite": f"sqlite:///{tmp_path / 'orders.db'}",
            "dynamodb": f"dynamodb://orders?region={REGION}&endpoint={endpoint}",
        }[request.param]
        with open_repository(url, record.Order) as opened:
            opened.put_many(record.order(size, number) for size in (1, 100) for number in range(size))
            yield opened


def test_get(orders: Any, benchmark: Any) -> None:
    assert benchmark(orders.get, ("c-1", record.ID.format(0))) == record.order(1, 0)


def test_put(orders: Any, benchmark: Any) -> None:
    assert benchmark(orders.put, record.order(1, 0)) == record.order(1, 0)


def test_update(orders: Any, benchmark: Any) -> None:
    assert benchmark(lambda: orders.update(("c-1", record.ID.format(0)), F.paid.set(True))).paid is True


def test_query_of_100(orders: Any, benchmark: Any) -> None:
    assert len(benchmark(lambda: list(orders.query(record.partition(100))))) == 100


def test_encode(orders: Any, benchmark: Any) -> None:
    assert benchmark(orders.engine.codec.encode, record.order(1, 0))


def test_decode(orders: Any, benchmark: Any) -> None:
    codec = orders.engine.codec
    assert benchmark(codec.decode, codec.encode(record.order(1, 0))) == record.order(1, 0)
