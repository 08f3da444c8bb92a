"""What a backend without consistent reads is not asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import F, Key, registry
from holdall.drivers import Capabilities
from holdall_adapters.memory import open_records
from holdall_adapters.memory.driver import MemoryDriver


@dataclass
class Note:
    id: Key[str]


class Eventual(MemoryDriver):
    """A store that gives no consistent reads."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities("memory", consistent_reads=False)


def open_eventual(url: Any, opening: Any) -> Any:
    driver, io = open_records(url, opening)
    driver.__class__ = Eventual
    return driver, io


READS: dict[str, Callable[[holdall.Repository[Note]], object]] = {
    "get": lambda notes: notes.get("a", consistent=True),
    "require": lambda notes: notes.require("a", consistent=True),
    "exists": lambda notes: notes.exists("a", consistent=True),
    "get_many": lambda notes: list(notes.get_many(["a"], consistent=True)),
    "query": lambda notes: notes.query(F.id == "a", consistent=True),
    "scan": lambda notes: notes.scan(consistent=True),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_consistent_read_is_refused_where_there_is_none(
    read: Callable[[holdall.Repository[Note]], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(registry._RECORDS._registered, "eventual", open_eventual)
    notes = holdall.open_repository("eventual://", Note)
    with pytest.raises(holdall.Unsupported, match="consistent"):
        read(notes)
