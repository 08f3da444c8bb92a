"""The states of a key by themselves: what fences of writers do to each other, in all small sequences."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

import pytest

from holdall.cache_drivers import ANYBODY, FENCE, MOST_FENCES, TOKEN_BYTES, Fence, fenced, released

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NOW = 1_800_000_000_000
LONG, SHORT = 1_000, 15
"""How long fences last: until all is done, and until the next step but one."""
NOBODY = b"0" * TOKEN_BYTES
"""The token of who says that what is kept may be old, and writes nothing."""


def token_of(writer: int) -> bytes:
    return b"%0*d" % (TOKEN_BYTES, writer + 1)


def ends_in(state: bytes | None) -> dict[bytes, int]:
    """Return the ends of the fences of a state by their tokens."""
    if state is None or state[:1] != FENCE:
        return {}
    size = TOKEN_BYTES + 13
    each = [state[at : at + size] for at in range(2, len(state), size)]
    return {one[:TOKEN_BYTES]: int(one[TOKEN_BYTES:]) for one in each}


class Step(NamedTuple):
    """What a writer does: "fence" or "release"; "nobody": somebody tells that what is kept may be old."""

    verb: str
    writer: int


class Key:
    """A key, and who is writing it as a bystander knows."""

    def __init__(self, lives: Sequence[int]) -> None:
        self.state: bytes | None = None
        self.now = NOW
        self.lives = lives
        self.ends: dict[int, int] = {}
        self.disturbed: dict[int, bool] = {}
        """By writer, whether another has come to the key since its fence was put up."""

    def do(self, step: Step) -> None:
        self.now += 10
        if step.verb == "fence":
            self._fence(step.writer)
        elif step.verb == "release":
            self._release(step.writer)
        else:
            self._keep(released(self.state, Fence(NOBODY, self.now, self.now), None, 0).value)
            self.disturbed = dict.fromkeys(self.disturbed, True)
        self.check()

    def _fence(self, writer: int) -> None:
        fence = Fence(token_of(writer), self.now, self.now + self.lives[writer])
        self.disturbed = dict.fromkeys(self.disturbed, True)
        self.disturbed[writer] = any(end > self.now for end in self.ends.values())
        self.ends[writer] = fence.until
        kept = fenced(self.state, fence)
        assert kept.milliseconds == max(ends_in(kept.value).values()) - self.now
        self._keep(kept.value)

    def _release(self, writer: int) -> None:
        fence = Fence(token_of(writer), self.now, self.now)
        kept = released(self.state, fence, b"V%d" % writer, LONG)
        if kept.value is not None and kept.value[:1] != FENCE:
            assert kept == (b"V%d" % writer, LONG)
            assert not self.disturbed[writer]
        self.ends.pop(writer)
        self._keep(kept.value)

    def _keep(self, value: bytes | None) -> None:
        self.state = value

    def check(self) -> None:
        """Nobody's fence is lost before its end."""
        held = ends_in(self.state)
        for writer, end in self.ends.items():
            if end > self.now:
                assert held.get(token_of(writer), held.get(ANYBODY, 0)) >= end, (writer, self.state)


def orders(writers: int) -> Iterator[list[Step]]:
    """Return all orders in which writers put up their fences and take them down."""
    verbs = [Step(verb, writer) for writer in range(writers) for verb in ("fence", "release")]
    for order in itertools.permutations(verbs):
        if all(order.index(Step("fence", n)) < order.index(Step("release", n)) for n in range(writers)):
            yield list(order)


def test_no_fence_is_lost_and_a_value_stays_only_where_its_writer_was_alone() -> None:
    checked = 0
    for order, lives in itertools.product(orders(3), itertools.product((LONG, SHORT), repeat=3)):
        for at in range(len(order) + 1):
            key = Key(lives)
            for step in [*order[:at], Step("nobody", -1), *order[at:]]:
                key.do(step)
            checked += 1
    assert checked == 90 * 8 * 7


def test_a_writer_who_is_alone_keeps_what_it_wrote() -> None:
    for order in orders(3):
        key = Key([LONG] * 3)
        key.do(order[0])
        for before, step in itertools.pairwise(order):
            key.do(step)
            if step.verb == "release" and not key.ends and before == Step("fence", step.writer):
                assert key.state == b"V%d" % step.writer, order


def test_when_all_writers_have_finished_no_fence_is_left() -> None:
    for order in orders(3):
        key = Key([LONG] * 3)
        for step in order:
            key.do(step)
        assert ends_in(key.state) == {}


@pytest.mark.parametrize("beyond", [1, 2, 4])
def test_of_more_writers_than_are_told_apart_no_fence_is_lost(beyond: int) -> None:
    count = MOST_FENCES + beyond
    for first in range(count):
        key = Key([LONG + 10 * writer for writer in range(count)])
        for writer in range(count):
            key.do(Step("fence", writer))
        for writer in [*range(first, count), *range(first)]:
            key.do(Step("release", writer))
        assert set(ends_in(key.state)) == {ANYBODY}


def test_of_more_writers_than_are_told_apart_none_keeps_what_it_wrote() -> None:
    key = Key([LONG] * (MOST_FENCES + 1))
    for writer in range(MOST_FENCES + 1):
        key.do(Step("fence", writer))
    for writer in range(MOST_FENCES + 1):
        key.do(Step("release", writer))
        assert key.state is not None
        assert key.state[:2] == FENCE + b"1"


def test_a_fence_that_becomes_a_shared_one_lasts_as_long_as_it_was_to() -> None:
    key = Key([10 * LONG] * MOST_FENCES + [LONG])
    for writer in range(MOST_FENCES + 1):
        key.do(Step("fence", writer))


def test_fences_that_have_ended_make_room() -> None:
    key = Key([SHORT] * MOST_FENCES + [LONG])
    for writer in range(MOST_FENCES + 1):
        key.do(Step("fence", writer))
    assert len(ends_in(key.state)) < MOST_FENCES
