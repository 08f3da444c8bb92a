"""The scripts do what the pure functions say, also with what no driver would have left."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdall.cache_drivers import ANYBODY, FENCE, Added, Drop, Fence, Release, Swap, fenced, released
from holdall.testing.caches import Cache, new_key
from holdall_adapters.redis import wire
from tests.redis.opened import opened

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = 1_800_000_000_000
LATER = 10_000_000


class Case(NamedTuple):
    """A state, and what is done to it."""

    state: bytes | None
    fence: Fence
    value: bytes | None


_tokens = st.sampled_from([bytes([65 + n]) * 16 for n in range(20)]) | st.binary(min_size=16, max_size=16) | st.just(
    ANYBODY)  # fmt: skip
_ends = st.integers(NOW - 3, NOW + 3) | st.sampled_from((NOW + LATER, NOW - LATER))
_one = st.builds(lambda token, end: token + b"%013d" % end, _tokens, _ends)
_held = st.builds(
    lambda mark, each, rest: FENCE + mark + b"".join(each) + rest,
    st.sampled_from((b"0", b"1", b"2")), st.lists(_one, max_size=20),
    st.just(b"") | st.binary(max_size=30) | st.builds(lambda token, time: token + time, _tokens, st.text("0123456789x ",
        max_size=13).map(str.encode)),
)  # fmt: skip
_states = st.none() | st.binary(max_size=40) | _held | _held | _held
# Its end is far, so that no state is over before it is looked at.
_fences = st.builds(Fence, _tokens, st.integers(NOW - 3, NOW + 3), st.just(NOW + LATER))
_cases = st.builds(Case, _states, _fences, st.none() | st.binary(max_size=40))
_pieces = st.integers(0, 45)


@pytest.fixture(params=[False, True], ids=["blocking", "awaited"])
def cache(request: pytest.FixtureRequest, valkey_address: str) -> Iterator[Cache]:
    with opened(valkey_address, asynchronous=request.param) as cache:
        yield cache


def test_a_fence_is_put_up_as_the_pure_function_says(cache: Cache) -> None:
    @settings(max_examples=400, deadline=None, database=None)
    @given(_cases)
    def check(case: Case) -> None:
        key = new_key()
        cache.put(key, case.state)
        cache.fence(key, fence=case.fence)
        assert cache.at(key) == fenced(case.state, case.fence).value

    check()


def test_a_fence_is_taken_down_as_the_pure_function_says(cache: Cache) -> None:
    @settings(max_examples=600, deadline=None, database=None)
    @given(_cases, st.booleans())
    def check(case: Case, mine: bool) -> None:
        # Half of them begin with the fence that is taken down.
        start = FENCE + b"0" + case.fence.token + b"%013d" % (NOW + LATER)
        state = start + (case.state or b"") if mine else case.state
        key = new_key()
        cache.put(key, state)
        cache.release(Release(key, case.value, 3600), fence=case.fence)
        left = released(state, case.fence, case.value, 3_600_000)
        # What is left for some milliseconds only may be over.
        assert cache.at(key) in ((left.value,) if left.milliseconds > 1000 else (left.value, None))

    check()


def test_what_begins_as_expected_is_swapped_and_dropped(cache: Cache) -> None:
    @settings(max_examples=300, deadline=None, database=None)
    @given(_states, _pieces, st.binary(max_size=3), st.binary(max_size=40))
    def check(state: bytes | None, piece: int, more: bytes, value: bytes) -> None:
        expected = (state or b"")[:piece] + more
        fits = state is not None and state.startswith(expected)
        key, other = new_key(), new_key()
        cache.put(key, state)
        cache.put(other, state)
        assert cache.swap(Swap(key, expected, value, 3600)) == [fits]
        cache.drop(Drop(other, expected))
        assert cache.get(key, other) == ([value, None] if fits else [state, state])

    check()


@pytest.mark.parametrize("until", [NOW + 5000, NOW + 1, NOW, NOW - 5])
def test_a_fence_ends_by_itself_when_the_pure_function_says(valkey_address: str, until: int) -> None:
    with opened(valkey_address) as cache:
        key, fence = new_key(), Fence(b"a" * 16, NOW, until)
        cache.fence(key, fence=fence)
        left = cache.driver.native.pttl(key)
        # A time that is over is the shortest that the server takes; then the key may be gone already.
        assert left == -2 or 0 <= left <= max(1, fenced(None, fence).milliseconds)
        assert until <= NOW + 1 or left > 3000


def test_times_are_whole_milliseconds_and_at_least_one() -> None:
    times = {0.0: 1, -1.0: 1, 0.0004: 1, 0.0016: 2, 1.1: 1100, 60: 60_000}
    assert {seconds: wire.milliseconds(seconds) for seconds in times} == times


def test_commands_say_what_the_port_says() -> None:
    fence = Fence(b"t" * 16, 1, 2)
    assert wire.add(Added("k", b"V", 1.5)) == ("SET", "k", b"V", "PX", 1500, "NX")
    assert wire.swap(Swap("k", b"L", b"V", 1)) == ("EVALSHA", wire.SWAP.sha, 1, "k", b"L", b"V", 1000)
    assert wire.drop(Drop("k", b"L")) == ("EVALSHA", wire.DROP.sha, 1, "k", b"L")
    assert wire.fence("k", fence) == ("EVALSHA", wire.FENCE.sha, 1, "k", b"t" * 16, 1, 2)
    assert wire.release(Release("k"), fence) == ("EVALSHA", wire.RELEASE.sha, 1, "k", b"t" * 16, 1, 1)
    assert wire.release(Release("k", b"V", 1), fence)[-2:] == (1000, b"V")
    assert wire.in_full(wire.drop(Drop("k", b"L"))) == ("EVAL", wire.DROP.text, 1, "k", b"L")


def test_a_script_is_called_by_the_name_that_the_server_gives_it() -> None:
    for script in (wire.SWAP, wire.DROP, wire.FENCE, wire.RELEASE):
        assert script.sha == hashlib.sha1(script.text.encode()).hexdigest()
