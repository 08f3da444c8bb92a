"""How batches begin and wait, on the memory store."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import F, Key
from holdall.io import BlockingIo
from holdall.testing.faults import inject


@dataclass
class Note:
    id: Key[int]
    text: str = ""


class Recorder(BlockingIo):
    def __init__(self) -> None:
        self.pauses = 0

    async def sleep(self, seconds: float) -> None:
        self.pauses += 1


def test_a_wrong_change_is_refused_before_any_record_is_changed() -> None:
    notes = holdall.open_repository("memory://", Note)
    with pytest.raises(holdall.InvalidArgument, match="txt"):
        notes.update_many(iter([1, 2]), F.txt.set("x"))


@pytest.mark.parametrize("verb", ["put_many", "get_many"])
def test_what_a_batch_leaves_is_asked_again_after_a_pause_though_some_was_done(verb: str) -> None:
    notes = holdall.open_repository("memory://", Note)
    notes.put_many(Note(n) for n in range(10))
    driver = inject(notes)
    notes.engine.io = recorder = Recorder()
    driver.leave("get" if verb == "get_many" else "write_batch", lambda places: range(places // 2), times=2)
    if verb == "get_many":
        assert None not in list(notes.get_many(range(10)))
    else:
        assert notes.put_many(Note(n) for n in range(10)) == 10
    assert recorder.pauses == 2
