"""
What every driver of a cache must do, whatever it is over.

    class TestMine(CacheConformance):
        @pytest.fixture
        def cache(self):
            return Cache(driver)
"""

from __future__ import annotations

import itertools
import secrets
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .._frozen import frozen
from ..cache_drivers import (
    ANYBODY,
    FENCE,
    LEASE,
    MOST_FENCES,
    TOKEN_BYTES,
    VALUE,
    Added,
    CacheDriver,
    Drop,
    Fence,
    Release,
    Swap,
    fenced,
    released,
)
from ..io import run_blocking

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

T = TypeVar("T")

NOW = 1_800_000_000_000
MINUTE = 60_000
_numbers = itertools.count()
_run = secrets.token_hex(4)


def new_key() -> str:
    """Return a key that no test has used."""
    return f"battery:{_run}:{next(_numbers)}"


def new_keys(count: int) -> list[str]:
    """Return so many of them."""
    return [new_key() for _ in range(count)]


def fence_of(name: str = "a", now: int = NOW, until: int = NOW + 10 * MINUTE) -> Fence:
    """Return the fence of a writer."""
    return Fence(name.encode().ljust(TOKEN_BYTES, b"-"), now, until)


def tokens_of(held: bytes) -> list[bytes]:
    """Return the tokens of the fences that are held."""
    return [held[i : i + TOKEN_BYTES] for i in range(2, len(held), TOKEN_BYTES + 13)]


class Cache:
    """A driver, whose operations are called without a word about waiting."""

    def __init__(self, driver: CacheDriver, run: Callable[[Coroutine[Any, Any, Any]], Any] = run_blocking) -> None:
        self.driver = driver
        self._run = run

    def get(self, *keys: str) -> list[bytes | None]:
        return list(self._run(self.driver.get(keys, primary=True)))

    def at(self, key: str) -> bytes | None:
        return self.get(key)[0]

    def add(self, *added: Added) -> list[bool]:
        return list(self._run(self.driver.add(added)))

    def put(self, key: str, value: bytes | None, seconds: float = 600) -> None:
        self.delete(key)
        if value is not None:
            assert self.add(Added(key, value, seconds)) == [True]

    def swap(self, *swaps: Swap) -> list[bool]:
        return list(self._run(self.driver.swap(swaps)))

    def drop(self, *drops: Drop) -> None:
        self._run(self.driver.drop(drops))

    def delete(self, *keys: str) -> None:
        self._run(self.driver.delete(keys))

    def fence(self, *keys: str, fence: Fence) -> None:
        self._run(self.driver.fence(keys, fence))

    def release(self, *releases: Release, fence: Fence) -> None:
        self._run(self.driver.release(releases, fence))


@frozen
class Step:
    """One change of one key, and what it leaves by the pure functions."""

    name: str
    do: Callable[[Cache, str], object]
    leaves: Callable[[bytes | None], bytes | None]
    answers: Callable[[bytes | None], object] = lambda _: None


_tokens = st.sampled_from("abcdefghijklmnopqrstuvwxyz")
_minutes = st.integers(0, 20)


def _fence_between(name: str, start: int, length: int) -> Fence:
    return fence_of(name, NOW + start * MINUTE, NOW + (start + length) * MINUTE)


def _held(mark: bytes, fences: list[Fence]) -> bytes:
    return FENCE + mark + b"".join(fence.token + b"%d" % fence.until for fence in fences)


_fences = st.builds(_fence_between, _tokens, _minutes, st.integers(1, 20))
_fences_held = st.builds(_held, st.sampled_from((b"0", b"1")), st.lists(_fences, min_size=1, max_size=MOST_FENCES))
_texts = st.binary(max_size=40) | st.sampled_from((b"END\r\n", b"\r\n", b"VALUE k 0 1\r\nx\r\nEND\r\n", b"\0", b" "))
_values = _texts.map(lambda text: VALUE + text)
_states = st.none() | _values | _texts.map(lambda text: LEASE + text) | _fences_held | _texts


def _swap(expected: bytes, value: bytes) -> Step:
    def fits(current: bytes | None) -> bool:
        return current is not None and current.startswith(expected)

    return Step(
        f"swap {expected!r} {value!r}",
        lambda cache, key: cache.swap(Swap(key, expected, value, 600))[0],
        lambda current: value if fits(current) else current,
        fits,
    )


def _drop(expected: bytes) -> Step:
    return Step(
        f"drop {expected!r}",
        lambda cache, key: cache.drop(Drop(key, expected)),
        lambda current: None if current is not None and current.startswith(expected) else current,
    )


def _add(value: bytes) -> Step:
    return Step(
        f"add {value!r}",
        lambda cache, key: cache.add(Added(key, value, 600))[0],
        lambda current: value if current is None else current,
        lambda current: current is None,
    )


def _fence(fence: Fence) -> Step:
    return Step(
        f"fence {fence}",
        lambda cache, key: cache.fence(key, fence=fence),
        lambda current: fenced(current, fence).value,
    )


def _release(fence: Fence, value: bytes | None) -> Step:
    return Step(
        f"release {fence} {value!r}",
        lambda cache, key: cache.release(Release(key, value, 600), fence=fence),
        lambda current: released(current, fence, value, 600_000).value,
    )


_prefixes = st.sampled_from((VALUE, LEASE, FENCE, FENCE + b"0", b"", VALUE + b"\r\n")) | _texts
_steps = st.one_of(
    st.builds(_fence, _fences), st.builds(_fence, _fences),
    st.builds(_release, _fences, st.none() | _values),
    st.builds(_swap, _prefixes, _texts), st.builds(_drop, _prefixes), st.builds(_add, _texts),
)  # fmt: skip


def settle(cache: Cache, key: str, current: bytes | None, steps: Sequence[Step]) -> None:
    """Do steps from a state on, and compare each answer and each state with the pure functions."""
    cache.put(key, current)
    for step in steps:
        answer = step.do(cache, key)
        assert answer == step.answers(current), step.name
        current = step.leaves(current)
        assert cache.at(key) == current, step.name


def together(count: int, work: Callable[[int], T]) -> list[T]:
    """Do a work in threads that begin at the same time; return the results."""
    barrier = threading.Barrier(count)

    def one(number: int) -> T:
        barrier.wait(10)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def _adds(cache: Cache, key: str, number: int) -> bool:
    return cache.add(Added(key, b"V%d" % number, 60)) == [True]


def _swaps(cache: Cache, key: str, number: int) -> bool:
    return cache.swap(Swap(key, b"L", b"V%d" % number, 60)) == [True]


def _fences_off(cache: Cache, key: str, fences: Sequence[Fence], number: int) -> None:
    cache.fence(key, fence=fences[number])


def _releases(cache: Cache, key: str, fences: Sequence[Fence], number: int) -> None:
    cache.release(Release(key, b"V", 60), fence=fences[number])


class CacheConformance:
    """All tests of a driver of caches. Subclass it, and override the fixture `cache`."""

    @pytest.fixture
    def cache(self) -> Cache:
        """Return the driver to test, with how its coroutines are run."""
        raise NotImplementedError("override the fixture cache: return Cache(driver)")

    def test_nothing_is_kept_under_a_key_that_nobody_has_used(self, cache: Cache) -> None:
        assert cache.get(new_key(), new_key()) == [None, None]

    def test_no_keys_are_nothing_to_do(self, cache: Cache) -> None:
        assert (cache.get(), cache.add(), cache.swap()) == ([], [], [])
        cache.drop()
        cache.delete()
        cache.fence(fence=fence_of())
        cache.release(fence=fence_of())

    def test_what_is_kept_comes_back_in_the_order_of_the_keys(self, cache: Cache) -> None:
        a, b, c = new_key(), new_key(), new_key()
        assert cache.add(Added(a, b"V1", 60), Added(c, b"V3", 60)) == [True, True]
        assert cache.get(c, b, a) == [b"V3", None, b"V1"]

    def test_a_thing_is_added_only_where_nothing_is(self, cache: Cache) -> None:
        a, b = new_key(), new_key()
        cache.put(a, b"V1")
        assert cache.add(Added(a, b"V2", 60), Added(b, b"V3", 60)) == [False, True]
        assert cache.get(a, b) == [b"V1", b"V3"]

    def test_things_are_swapped_only_where_they_begin_as_expected(self, cache: Cache) -> None:
        a, b, c = new_key(), new_key(), new_key()
        cache.put(a, b"Ltoken1")
        cache.put(b, b"Ltoken2")
        swaps = [Swap(key, b"Ltoken1", b"V", 60) for key in (a, b, c)]
        assert cache.swap(*swaps) == [True, False, False]
        assert cache.get(a, b, c) == [b"V", b"Ltoken2", None]

    def test_things_are_dropped_only_where_they_begin_as_expected(self, cache: Cache) -> None:
        a, b, c = new_key(), new_key(), new_key()
        cache.put(a, b"Ltoken1")
        cache.put(b, b"Ltoken2")
        cache.drop(*(Drop(key, b"Ltoken1") for key in (a, b, c)))
        assert cache.get(a, b, c) == [None, b"Ltoken2", None]

    def test_whatever_is_there_is_deleted(self, cache: Cache) -> None:
        a, b, c = new_key(), new_key(), new_key()
        cache.put(a, b"V1")
        cache.put(b, b"Ltoken2")
        cache.delete(a, b, c)
        assert cache.get(a, b, c) == [None, None, None]

    def test_there_is_room_where_something_was_dropped_or_released(self, cache: Cache) -> None:
        a, b, c = new_key(), new_key(), new_key()
        cache.put(a, b"Ltoken")
        cache.drop(Drop(a, b"L"))
        cache.fence(b, fence=fence_of())
        cache.release(Release(b), fence=fence_of())
        cache.put(c, b"V")
        cache.delete(c)
        assert cache.add(*(Added(key, b"V", 60) for key in (a, b, c))) == [True, True, True]
        assert cache.get(a, b, c) == [b"V", b"V", b"V"]

    def test_fences_of_several_keys_take_the_place_of_what_is_there(self, cache: Cache) -> None:
        held = [None, b"V1", b"Ltoken", fenced(None, fence_of("b")).value]
        keys = [new_key() for _ in held]
        for key, value in zip(keys, held, strict=True):
            cache.put(key, value)
        cache.fence(*keys, fence=fence_of())
        assert cache.get(*keys) == [fenced(value, fence_of()).value for value in held]

    def test_what_a_writer_wrote_stays_where_its_fence_was_alone(self, cache: Cache) -> None:
        a, b, c, d = new_key(), new_key(), new_key(), new_key()
        cache.put(b, b"V0")
        cache.fence(a, b, c, d, fence=fence_of("a"))
        cache.fence(c, fence=fence_of("b"))
        cache.delete(d)
        cache.release(*(Release(key, b"V1", 60) for key in (a, b, c, d)), fence=fence_of("a"))
        assert cache.get(a, b, c, d) == [b"V1", b"V1", released(fenced(fenced(None, fence_of("a")).value,
                                         fence_of("b")).value, fence_of("a"), b"V1", 1).value, None]  # fmt: skip

    def test_bytes_come_back_as_they_were(self, cache: Cache) -> None:
        texts = [b"", b"\r\n", b"V\r\nEND\r\n", b"\0", bytes(range(256)) * 20]
        keys = [new_key() for _ in texts]
        assert all(cache.add(*(Added(key, text, 60) for key, text in zip(keys, texts, strict=True))))
        assert cache.get(*keys) == texts

    def test_a_value_may_be_as_large_and_a_key_as_long_as_is_said(self, cache: Cache) -> None:
        capabilities = cache.driver.capabilities
        size = capabilities.max_value_bytes or 2**20
        key = new_key().ljust(capabilities.max_key_bytes, "k")
        value = secrets.token_bytes(size)
        cache.put(key, b"L")
        assert cache.swap(Swap(key, b"L", value, 3600)) == [True]
        assert cache.at(key) == value

    def test_a_key_may_have_characters_of_any_language(self, cache: Cache) -> None:
        key = new_key() + "-Größe-日本-:/#%"
        cache.put(key, b"V")
        assert cache.at(key) == b"V"

    def test_many_keys_are_changed_at_once(self, cache: Cache) -> None:
        keys = [new_key().ljust(200, "k") for _ in range(300)]
        assert all(cache.add(*(Added(key, key.encode(), 600) for key in keys)))
        assert cache.get(*keys) == [key.encode() for key in keys]
        assert all(cache.swap(*(Swap(key, key.encode(), b"V", 600) for key in keys)))
        cache.fence(*keys, fence=fence_of())
        assert cache.get(*keys) == [fenced(None, fence_of()).value] * 300
        cache.release(*(Release(key, b"V1", 600) for key in keys), fence=fence_of())
        assert cache.get(*keys) == [b"V1"] * 300
        cache.drop(*(Drop(key, b"V") for key in keys[::2]))
        cache.delete(*keys[1::2])
        assert cache.get(*keys) == [None] * 300

    def test_a_thing_ends_by_itself_but_not_before_its_time(self, cache: Cache) -> None:
        added, swapped, fenced_off, freed = new_keys(4)
        now, long = NOW, 600
        cache.put(swapped, b"L", long)
        cache.fence(freed, fence=fence_of())
        start = time.monotonic()
        cache.add(Added(added, b"V", 1.0))
        cache.swap(Swap(swapped, b"L", b"V", 1.0))
        cache.fence(fenced_off, fence=fence_of(now=now, until=now + 1000))
        cache.release(Release(freed, b"V", 1.0), fence=fence_of())
        keys = (added, swapped, fenced_off, freed)
        there = cache.get(*keys)
        while time.monotonic() < start + 0.9:
            there = cache.get(*keys)
            time.sleep(0.02)
        assert None not in there
        time.sleep(max(0.0, start + 3.2 - time.monotonic()))
        assert cache.get(*keys) == [None] * 4

    def test_a_thing_may_be_kept_for_any_time(self, cache: Cache) -> None:
        times = [0.001, 1, 86_400 * 30 - 1, 86_400 * 30 + 1, 86_400 * 400, 86_400 * 365 * 200]
        keys = [new_key() for _ in times]
        assert all(cache.add(*(Added(key, b"V", seconds) for key, seconds in zip(keys, times, strict=True))))
        assert cache.get(*keys)[1:] == [b"V"] * 5

    def test_states_and_answers_are_what_the_pure_functions_say(self, cache: Cache) -> None:
        # Inside the test, so that Hypothesis keeps the classes that share it apart.
        @settings(max_examples=100, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
        @given(state=_states, steps=st.lists(_steps, min_size=1, max_size=8))
        def check(state: bytes | None, steps: list[Step]) -> None:
            settle(cache, new_key(), state, steps)

        check()

    def test_more_writers_than_are_told_apart_leave_a_fence_that_ends_by_time(self, cache: Cache) -> None:
        key = new_key()
        fences = [fence_of(str(number)) for number in range(MOST_FENCES + 4)]
        for fence in fences:
            cache.fence(key, fence=fence)
        for fence in fences:
            cache.release(Release(key, b"V", 60), fence=fence)
        assert cache.at(key) == FENCE + b"1" + ANYBODY + b"%d" % fences[0].until

    def test_of_several_who_add_at_once_one_does(self, cache: Cache) -> None:
        for key in new_keys(10):
            won = together(16, partial(_adds, cache, key))
            assert won.count(True) == 1
            assert cache.at(key) == b"V%d" % won.index(True)

    def test_of_several_who_swap_at_once_one_does(self, cache: Cache) -> None:
        for key in new_keys(10):
            cache.put(key, b"L")
            won = together(16, partial(_swaps, cache, key))
            assert won.count(True) == 1
            assert cache.at(key) == b"V%d" % won.index(True)

    def test_of_fences_that_are_put_up_at_once_none_is_lost(self, cache: Cache) -> None:
        fences = [fence_of(str(number)) for number in range(MOST_FENCES)]
        for key in new_keys(10):
            together(len(fences), partial(_fences_off, cache, key, fences))
            held = cache.at(key)
            assert held is not None
            assert held[:2] == FENCE + b"1"
            assert sorted(tokens_of(held)) == sorted(fence.token for fence in fences)

    def test_of_fences_that_are_released_at_once_none_stays(self, cache: Cache) -> None:
        fences = [fence_of(str(number)) for number in range(MOST_FENCES)]
        for key in new_keys(10):
            for fence in fences:
                cache.fence(key, fence=fence)
            together(len(fences), partial(_releases, cache, key, fences))
            assert cache.at(key) is None

    def test_writers_at_once_never_free_a_key_that_another_still_writes(self, cache: Cache) -> None:
        key = new_key()

        def write(number: int) -> None:
            for turn in range(20):
                fence = fence_of(f"{number}.{turn}")
                cache.fence(key, fence=fence)
                held = cache.at(key)
                assert held is not None
                assert fence.token in tokens_of(held)
                cache.release(Release(key, b"V" + fence.token, 60), fence=fence)

        together(8, write)
        held = cache.at(key)
        # The last to finish may have been alone from its beginning on; then what it wrote stays.
        assert held is None or held[:1] == VALUE
