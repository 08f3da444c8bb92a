"""
What readers see, in all interleavings of small programs, failures and losses; see `model`.

The numbers of schedules are in the tests, so that it is seen when less is explored than was.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from holdall._engine.cache import tier as tiers
from holdall.cache_drivers import Fence, released
from holdall_adapters.memory import cache as process_cache

from .model import Explored, Explorer, Op, Scenario, Violation, World, linearizable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from holdall.cache_drivers import Kept, Swap

TOGETHER = {"q": "a", "r": "a", "s": "a", "c": "a", "w": "a", "v": "a"}
"""All of one client."""
ALL = ("fence", "release")
AT_ONCE = {"wait": 0.0}
"""Who finds that others read does not wait for them."""
TOLD_AT_ONCE = {"breaker_pause": 0.0}
"""What the cache has missed is told to it by the next call, also where that has just failed."""


def explore(least: int, **scenario: Any) -> Explored:
    """Explore a scenario, of which there are at least so many schedules."""
    found = Explorer(Scenario(**scenario)).run()
    assert found.schedules >= least, found
    return found


def violation(**scenario: Any) -> Violation:
    """Return what is found to be wrong."""
    with pytest.raises(Violation) as raised:
        Explorer(Scenario(**scenario)).run()
    return raised.value


# Without failures: every read is as a consistent read of the store, at some moment between its beginning and its end.


def test_two_readers_and_two_writers_of_four_clients() -> None:
    explore(380_000, programs={"r": "r", "s": "r", "w": "w", "v": "w"}, settings=AT_ONCE)


def test_two_readers_of_one_client_and_a_writer_of_another() -> None:
    explore(1_100_000, programs={"r": "r", "s": "r", "w": "w"}, clients={"r": "a", "s": "a"})


def test_readers_and_writers_of_one_client() -> None:
    explore(1_700_000, programs={"r": "r", "v": "w", "w": "w"}, clients=TOGETHER)
    explore(20_000, programs={"r": "r", "s": "r", "w": "w"}, clients=TOGETHER, settings=AT_ONCE, warm=True)


def test_a_client_that_reads_again_and_again_while_two_others_write() -> None:
    explore(6_000, programs={"r": "rr", "w": "w", "v": "w"}, settings=AT_ONCE)


def test_readers_of_one_client_who_ask_in_turn() -> None:
    explore(800_000, programs={"r": "r", "s": "r", "w": "w"}, clients={"r": "a", "s": "a"}, most_asking=1)


def test_readers_past_the_cache_and_through_it() -> None:
    explore(10_000, programs={"r": "r", "c": "c", "w": "w"}, clients={"r": "a", "c": "a"}, warm=True)


def test_a_value_that_is_read_before_its_end_while_it_is_written() -> None:
    explore(500, programs={"r": "r", "s": "r", "w": "w"}, warm=True, settings={"early": 1e6, **AT_ONCE})


def test_writers_who_keep_what_they_write() -> None:
    replace = {"on_write": "replace", **AT_ONCE}
    explore(6_000, programs={"r": "rr", "w": "w", "v": "w"}, settings=replace)
    explore(300_000, programs={"r": "r", "s": "r", "w": "w"}, clients={"r": "a", "s": "a"}, settings=replace)


def test_queries_whose_results_are_kept() -> None:
    explore(300_000, programs={"q": "q", "p": "q", "w": "w"}, settings=AT_ONCE)
    explore(3_000, programs={"q": "q", "v": "w", "w": "w"}, settings=AT_ONCE)
    explore(100_000, programs={"q": "qrq", "w": "w"}, clients=TOGETHER, settings=AT_ONCE)


# With losses: the same.


def test_what_is_kept_or_leased_may_be_lost_at_any_point() -> None:
    explore(130_000, programs={"r": "r", "s": "r", "w": "w"}, evictions=1)
    explore(70_000, programs={"r": "rr", "w": "w"}, clients=TOGETHER, evictions=2)


def test_results_of_queries_and_generations_may_be_lost_at_any_point() -> None:
    explore(1_500, programs={"q": "qq", "w": "w"}, settings=AT_ONCE, evictions=1)


def test_a_lease_may_end_at_any_point() -> None:
    explore(50_000, programs={"r": "r", "s": "r", "w": "w"}, jumps=(11.0,), settings={"lease": 10.0, **AT_ONCE})


def test_a_reader_that_fills_the_cache_may_end_at_any_point() -> None:
    explore(120_000, programs={"r": "r", "s": "r", "w": "w"}, crashes=("r",))


def test_a_reader_for_whom_others_of_its_client_wait_may_end_at_any_point() -> None:
    explore(7_000, programs={"r": "r", "s": "r"}, clients=TOGETHER, crashes=("r",))


def test_a_writer_may_end_at_any_point() -> None:
    explore(38_000, programs={"r": "rr", "v": "w", "w": "w"}, crashes=("w",))
    explore(7_000, programs={"r": "rr", "w": "w"}, crashes=("w",), clients=TOGETHER)


# Where the cache fails for a writer: its own client sees nothing older than it has seen, and others nothing older than
# the cache has heard of.


@pytest.mark.parametrize("warm", [False, True])
def test_a_client_for_whose_writes_the_cache_fails_sees_nothing_old(warm: bool) -> None:
    explore(4_000, programs={"r": "rr", "w": "w"}, fails={"w": ALL}, clients=TOGETHER, promise="client", warm=warm)


def test_later_reads_of_the_writer_itself_see_nothing_old() -> None:
    explore(500, programs={"w": "wrr"}, fails={"w": (*ALL, "get", "swap")}, promise="client", warm=True)
    explore(1_200, programs={"w": "wrr"}, fails={"w": (*ALL, "get", "swap")}, promise="client", warm=True,
            settings=TOLD_AT_ONCE)  # fmt: skip


def test_others_see_nothing_old_once_the_cache_has_heard_of_a_write() -> None:
    explore(30_000, programs={"s": "rr", "w": "wr"}, fails={"w": ALL}, promise="client", warm=True)
    explore(500_000, programs={"s": "rr", "w": "wr"}, fails={"w": ALL}, promise="client", warm=True,
            settings=TOLD_AT_ONCE)  # fmt: skip


def test_what_was_read_before_a_missed_write_is_in_doubt_however_late_it_is_kept() -> None:
    explore(40_000, programs={"s": "r", "w": "wr"}, fails={"w": ("release",)}, promise="client", jumps=(1.0,),
            settings=AT_ONCE)  # fmt: skip


def test_queries_see_nothing_old_where_the_cache_has_missed_a_write() -> None:
    explore(20, programs={"w": "wqq"}, fails={"w": ALL}, promise="client")
    explore(150, programs={"w": "wqq"}, fails={"w": ALL}, promise="client", settings=TOLD_AT_ONCE)
    explore(300_000, programs={"q": "qq", "w": "w"}, fails={"w": ALL}, clients=TOGETHER, promise="client",
            settings=AT_ONCE)  # fmt: skip


def test_what_others_keep_of_a_missed_write_ends_with_its_life() -> None:
    # After ten seconds nothing is left of what lived nine.
    explore(1_000, programs={"s": "r", "w": "w"}, fails={"w": ALL}, warm=True, promise="client", jumps=(10.0,),
            settings={"ttl": 9.0})  # fmt: skip


# What the explorer finds where a part of the protocol is missing.


def _keep_always(world: World) -> None:
    async def put(swaps: Sequence[Swap]) -> list[bool]:
        for key, _, value, seconds in swaps:
            world.cache._put(key, value, world.clock + seconds)
        return [True] * len(swaps)

    world.cache.swap = lambda swaps: world.request("swap", put(swaps))  # type: ignore[method-assign]


def _no_fences(world: World) -> None:
    async def unfenced(keys: Sequence[str]) -> tiers.Hold:
        return tiers.Hold(keys, Fence(b"0" * 16, 0, 0), up=False)

    for records in world.records.values():
        records.tier.fence = unfenced  # type: ignore[method-assign]


def _no_doubts(world: World) -> None:
    for records in world.records.values():
        records.tier.doubts.covers = lambda key, created: False  # type: ignore[method-assign]
        records.tier.doubts.missed = lambda keys, now, token: None  # type: ignore[method-assign]


def _no_forgetting(world: World) -> None:
    for records in world.records.values():
        records.tier.flights.forget = lambda key: None  # type: ignore[method-assign]


def _no_generations(world: World) -> None:
    for records in world.records.values():
        records.touched = lambda write, own=records: [own.key(write.key)]  # type: ignore[method-assign,misc]


def test_without_generations_a_query_gives_an_old_result() -> None:
    violation(programs={"q": "qq", "w": "w"}, changes=_no_generations, promise="seen")


def test_without_a_look_at_the_lease_an_old_value_is_kept() -> None:
    found = violation(programs={"r": "r", "s": "r", "w": "w"}, changes=_keep_always, promise="seen")
    assert not linearizable(tuple(found.history))


def test_without_a_fence_an_old_value_is_seen_after_a_newer_one() -> None:
    found = violation(programs={"o": "o", "s": "r", "w": "w"}, changes=_no_fences, promise="seen", warm=True)
    assert not linearizable(tuple(found.history))
    assert [op.value for op in found.history if op.kind == "read"] == ["w", "0"]


def test_without_doubts_a_client_sees_what_it_has_overwritten() -> None:
    found = violation(programs={"w": "wr"}, fails={"w": ALL}, promise="client", warm=True, changes=_no_doubts)
    assert not linearizable(tuple(found.history))


def test_who_joins_a_read_after_its_value_was_kept_may_have_missed_a_write() -> None:
    found = violation(programs={"r": "r", "s": "r", "w": "w"}, clients={"r": "a", "s": "a"}, promise="seen",
                      changes=_no_forgetting)  # fmt: skip
    assert not linearizable(tuple(found.history))


def test_writers_who_were_not_alone_must_keep_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    right = released

    def always(current: bytes | None, fence: Fence, value: bytes | None, milliseconds: int) -> Kept:
        kept = right(current, fence, value, milliseconds)
        return kept if kept.value or value is None else kept._replace(value=value, milliseconds=milliseconds)

    monkeypatch.setattr(process_cache, "released", always)
    violation(programs={"r": "or", "w": "w", "v": "w"}, promise="judged", settings={"on_write": "replace"})


# The judge.


@pytest.mark.parametrize(("ops", "fits"), [
    ([("write", "w", 1, 2), ("read", "w", 3, 4)], True),
    ([("write", "w", 1, 2), ("read", "0", 3, 4)], False),
    ([("write", "w", 1, 4), ("read", "0", 2, 3)], True),
    ([("write", "w", 1, 6), ("read", "w", 2, 3), ("read", "0", 4, 5)], False),
    ([("write", "w", 1, None), ("read", "w", 2, 3), ("read", "w", 4, 5)], True),
    ([("write", "w", 1, None), ("read", "w", 2, 3), ("read", "0", 4, 5)], False),
    ([("write", "w", 1, 2), ("write", "v", 1, 2), ("read", "w", 3, 4), ("read", "v", 5, 6)], False),
])  # fmt: skip
def test_a_history_is_judged(ops: list[Any], fits: bool) -> None:
    assert linearizable(tuple(Op("a", *op) for op in ops)) == fits


def test_the_same_choices_lead_to_the_same_states() -> None:
    scenario = {"programs": {"r": "r", "w": "w"}, "clients": TOGETHER}
    assert explore(1, **scenario) == explore(1, **scenario)
    assert os.urandom(8) != os.urandom(8)
