"""A server that never answers is given up at the deadline, not at the read timeout."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import holdall
from holdall import Key
from holdall.aio import AsyncIo

SECONDS = 0.3


@dataclass
class Note:
    id: Key[str]


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A port that takes connections and says nothing."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"dynamodb://notes?region=us-east-1&endpoint=http://127.0.0.1:{server.getsockname()[1]}"


def test_a_read_without_an_answer_ends_at_the_deadline(silent: str) -> None:
    notes = holdall.open_repository(silent, Note)
    began = time.monotonic()
    with pytest.raises(holdall.Timeout), holdall.deadline(SECONDS):
        notes.get("a")
    assert time.monotonic() - began < 1.9  # the read timeout is 2 s


def test_a_write_without_an_answer_may_be_done_when_the_deadline_ends_it(silent: str) -> None:
    notes = holdall.open_repository(silent, Note)
    with pytest.raises(holdall.Timeout) as caught, holdall.deadline(SECONDS):
        notes.put(Note("a"))
    assert caught.value.maybe_done


def test_an_asynchronous_call_without_an_answer_ends_at_the_deadline() -> None:
    async def call() -> None:
        with holdall.deadline(0.05):
            await AsyncIo().call(asyncio.sleep, 30)

    with pytest.raises(holdall.Timeout) as caught:
        asyncio.run(call())
    assert caught.value.maybe_done
