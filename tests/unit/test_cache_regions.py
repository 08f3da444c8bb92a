"""What a cache keeps of one kind of thing: names, lives, and what the state of a key means."""

from __future__ import annotations

import random
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdall import Secret
from holdall._engine.base import canonical
from holdall._engine.cache.crypt import Crypt
from holdall._engine.cache.region import Hit, Region, Shape, Verdict, name_of, quoted
from holdall._engine.cache.settings import Settings
from holdall._engine.cache.tier import Tier
from holdall._engine.cache.values import dump, load
from holdall._frozen import replace
from holdall.cache_drivers import FENCE, LEASE, VALUE, CacheCapabilities
from holdall.io import BlockingIo
from tests.cache.bench import Clock, FaultyCache

SHAPE: Shape[Any] = Shape("text", dump, load)
NOW = 1_800_000_000_000


def region(shape: Shape[Any] = SHAPE, place: str = "r/users", crypt: Crypt | None = None, **said: Any) -> Region[Any]:
    cache = FaultyCache(Clock())
    cache.capabilities_now = CacheCapabilities("limited", 60, 400)
    tier = Tier(cache, BlockingIo(), replace(Settings(jitter=0.0, early=0.0), **said), crypt)
    return Region(tier, place, shape)


def kept(own: Region[Any], value: Any, created: int = NOW, took: int = 0) -> tuple[bytes, float]:
    found = own.kept("k", value, created, took)
    assert found is not None
    return found


portable = (
    st.text(st.characters(exclude_categories=()), max_size=5) | st.integers(-99, 99) | st.binary(max_size=3)
    | st.decimals(-9, 9, places=1).map(canonical) | st.booleans()
)  # fmt: skip


@given(one=st.lists(portable, min_size=1, max_size=2), other=st.lists(portable, min_size=1, max_size=2))
@settings(max_examples=500, deadline=None)
def test_different_keys_have_different_names(one: list[Any], other: list[Any]) -> None:
    same = [type(part) for part in one] == [type(part) for part in other] and one == other
    assert (name_of(one) == name_of(other)) == same


@given(parts=st.lists(portable, min_size=1, max_size=3))
@settings(deadline=None)
def test_a_name_has_no_blanks_and_only_plain_characters(parts: list[Any]) -> None:
    name = name_of(parts)
    assert name.isascii()
    assert name.isprintable()
    assert " " not in name


@pytest.mark.parametrize(("one", "other"), [
    (("a/b",), ("a", "b")), (("a", ""), ("a",)), (("", "a"), ("a",)), (("1",), (1,)), (("int=1",), (1,)),
    ((b"a",), ("a",)), (("%",), ("%25",)), (("*",), ("%2A",)), ((True,), (1,)), (("a b",), ("a+b",)),
])  # fmt: skip
def test_keys_that_look_alike_have_different_names(one: Any, other: Any) -> None:
    assert name_of(one) != name_of(other)


@pytest.mark.parametrize(("one", "other"), [("1.10", "1.1"), ("0.50", "0.5"), ("1E-2", "0.01"), ("-2.500", "-2.5")])
def test_equal_numbers_have_one_name(one: str, other: str) -> None:
    assert name_of((Decimal(one),)) == name_of((Decimal(other),))


def test_a_time_is_in_a_name() -> None:
    when = datetime(2024, 1, 2, tzinfo=timezone.utc)
    assert name_of((when,)) != name_of((when.replace(day=3),))


def test_what_is_plain_is_not_quoted() -> None:
    assert quoted("a-Z_0.~@") == "a-Z_0.~@"
    assert quoted("a:b/c d") == "a%3Ab%2Fc%20d"


def test_a_key_begins_with_the_prefix_and_the_place() -> None:
    assert region(prefix="app").key("name") == "app:r%2Fusers:name"
    assert region(place="r/other", prefix="app").key("name") != region(prefix="app").key("name")


def test_a_key_that_is_too_long_is_hashed_and_within_the_limit() -> None:
    own = region(prefix="app")
    keys = {own.key("n" * length) for length in range(100)} | {own.key("n" * 50 + end) for end in "ab"}
    assert len(keys) == 102
    assert max(map(len, keys)) <= 60 + 12  # a hash and a prefix, where the limit is lower than any cache's
    assert own.key("n" * 99).startswith("app:h:")


def test_with_encryption_no_name_is_to_be_seen() -> None:
    own = region(crypt=Crypt(Secret("secret")))
    assert "alice" not in own.key("alice")
    assert "users" not in own.key("alice")
    assert own.key("alice") == region(crypt=Crypt(Secret("secret"))).key("alice")
    assert own.key("alice") != region(crypt=Crypt(Secret("other"))).key("alice")
    assert own.key("alice") != region(place="r/other", crypt=Crypt(Secret("secret"))).key("alice")


@pytest.mark.parametrize(("raw", "verdict"), [
    (None, Verdict.MISS), (LEASE + b"token", Verdict.LEASED), (VALUE + b"damaged", Verdict.FOREIGN),
    (b"12345", Verdict.FOREIGN), (b"", Verdict.FENCED), (FENCE, Verdict.FOREIGN), (FENCE + b"0", Verdict.FOREIGN),
    (b"Fence of another program", Verdict.FOREIGN), (FENCE + b"0" + b"a" * 29, Verdict.FOREIGN),
])  # fmt: skip
def test_the_state_of_a_key_is_told_by_its_first_byte(raw: bytes | None, verdict: str) -> None:
    assert region().judge("k", raw, NOW) == verdict


@pytest.mark.parametrize(("ends", "verdict"), [
    ([1], Verdict.FENCED), ([-4_999], Verdict.FENCED), ([-5_000], Verdict.FOREIGN), ([-9_000, 1], Verdict.FENCED),
])  # fmt: skip
def test_a_fence_stands_until_a_little_after_its_end_by_this_clock(ends: list[int], verdict: str) -> None:
    raw = FENCE + b"1" + b"".join(b"a" * 16 + b"%013d" % (NOW + end) for end in ends)
    assert region().judge("k", raw, NOW) == verdict
    assert region().judge("k", raw + b"x", NOW) == Verdict.FOREIGN


def test_a_value_that_is_kept_is_a_hit_until_its_end() -> None:
    own = region(ttl=10.0)
    raw, seconds = kept(own, {"a": b"b"})
    assert seconds == 10.0
    hit = own.judge("k", raw, NOW + 9_999)
    assert isinstance(hit, Hit)
    assert (hit.value, hit.early) == ({"a": b"b"}, False)
    assert own.judge("k", raw, NOW + 10_000) == Verdict.STALE


def test_a_value_that_is_in_doubt_is_stale() -> None:
    own = region()
    raw, _ = kept(own, 1)
    own.tier.doubts.note(["k"], NOW)
    assert own.judge("k", raw, NOW) == Verdict.STALE


def test_that_there_is_nothing_is_kept_for_a_shorter_time() -> None:
    own = region(ttl=10.0, negative_ttl=2.0)
    raw, seconds = kept(own, None)
    assert seconds == 2.0
    hit = own.judge("k", raw, NOW + 1_999)
    assert isinstance(hit, Hit)
    assert hit.value is None
    assert own.judge("k", raw, NOW + 2_000) == Verdict.STALE


def test_that_there_is_nothing_is_not_kept_where_it_is_not_to_be() -> None:
    assert region(negative_ttl=0.0).kept("k", None, NOW, 0) is None


def test_what_is_not_kept_is_marked_as_such_for_the_life_of_a_value() -> None:
    own = region(ttl=10.0, negative_ttl=0.0)
    raw, seconds = own.unkept("k", NOW)
    assert seconds == 10.0
    assert [own.judge("k", raw, NOW + later) for later in (9_999, 10_000)] == [Verdict.UNKEPT, Verdict.STALE]


def test_a_region_may_have_a_life_of_its_own() -> None:
    own = region(Shape("text", dump, load, ttl=7.0, negative_ttl=3.0), ttl=10.0)
    assert kept(own, 1)[1] == 7.0
    assert kept(own, None)[1] == 3.0


def test_a_life_is_shorter_by_a_part_at_random() -> None:
    own = region(ttl=100.0, jitter=0.2)
    lives = [kept(own, 1)[1] for _ in range(300)]
    assert min(lives) >= 80.0
    assert max(lives) <= 100.0
    assert max(lives) - min(lives) > 10.0
    assert len({kept(region(ttl=100.0), 1)[1] for _ in range(20)}) == 1


def test_what_is_steady_has_no_jitter_and_is_never_early() -> None:
    own = region(Shape("text", dump, load, steady=True), jitter=0.5, early=100.0)
    raw, seconds = kept(own, 1, took=10_000_000)
    assert seconds == Settings().ttl
    hit = own.judge("k", raw, NOW + int(seconds * 1000) - 1)
    assert isinstance(hit, Hit)
    assert not hit.early


@pytest.mark.parametrize(("before", "drawn", "early"), [
    # One second to read it, so with an even chance it is early in the last 0.69 seconds.
    (600, 0.5, True), (700, 0.5, False), (1, 0.0, False), (59_999, 0.0, False), (4_600, 0.99, True),
    (4_700, 0.99, False),
])  # fmt: skip
def test_who_is_early_is_decided_by_chance_and_the_time_it_takes(
    before: int, drawn: float, early: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = region(early=1.0)
    raw, _ = kept(own, 1, took=1_000_000)
    monkeypatch.setattr(random, "random", lambda: drawn)
    hit = own.judge("k", raw, NOW + 60_000 - before)
    assert isinstance(hit, Hit)
    assert hit.early == early


def test_nobody_is_early_where_that_is_not_wanted() -> None:
    own = region(early=0.0)
    raw, _ = kept(own, 1, took=4_000_000_000)
    hits = [own.judge("k", raw, NOW + 59_999) for _ in range(50)]
    assert not any(isinstance(hit, Hit) and hit.early for hit in hits)


def test_some_are_early_near_the_end_and_nobody_long_before() -> None:
    own = region(early=1.0)
    raw, _ = kept(own, 1, took=100_000)
    random.seed(1)
    near = [own.judge("k", raw, NOW + 59_950) for _ in range(200)]
    far = [own.judge("k", raw, NOW + 30_000) for _ in range(200)]
    assert 50 < sum(hit.early for hit in near if isinstance(hit, Hit)) < 190
    assert not any(isinstance(hit, Hit) and hit.early for hit in far)


def test_what_can_not_be_written_or_is_too_large_is_not_kept() -> None:
    own = region(max_bytes=200, compress_over=10_000)
    assert own.kept("k", float("nan"), NOW, 0) is None
    assert own.kept("k", "x" * 200, NOW, 0) is None
    assert own.tier.counters.skipped == 2
    assert own.kept("k", "x" * 100, NOW, 0) is not None


def test_what_the_cache_takes_is_a_limit_too() -> None:
    own = region(compress_over=10_000)
    assert own.kept("k", "x" * 300, NOW, 0) is not None
    assert own.kept("k", "x" * 400, NOW, 0) is None


def test_what_is_large_may_be_kept_where_it_is_small_when_compressed() -> None:
    own = region(max_bytes=200, compress_over=100)
    raw, _ = kept(own, "x" * 5_000)
    hit = own.judge("k", raw, NOW)
    assert isinstance(hit, Hit)
    assert hit.value == "x" * 5_000


def test_a_value_of_another_shape_is_foreign() -> None:
    raw, _ = kept(region(), 1)
    assert region(Shape("another", dump, load)).judge("k", raw, NOW) == Verdict.FOREIGN


@pytest.mark.parametrize("error", [ValueError, KeyError, TypeError])
def test_a_value_that_can_not_be_read_is_foreign(error: type[Exception]) -> None:
    def refuse(body: bytes, marked: bool) -> Any:
        raise error

    raw, _ = kept(region(), 1)
    assert region(Shape("text", dump, refuse)).judge("k", raw, NOW) == Verdict.FOREIGN


def test_bytes_that_are_read_are_counted() -> None:
    own = region()
    raw, _ = kept(own, "text")
    own.judge("k", raw, NOW)
    assert own.tier.counters.bytes_read == len(raw)
