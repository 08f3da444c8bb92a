"""What the tests of this folder share."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from holdall import Key, RetryPolicy, Schema

THINGS: Schema[Any] = Schema(dict, partition="id", fields={"id": Key[str]}, table="things")
ONCE = RetryPolicy(attempts=1)


def in_threads(count: int, job: Callable[[], object]) -> None:
    """Run a job in so many threads at once, and wait for all."""
    threads = [threading.Thread(target=job) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
