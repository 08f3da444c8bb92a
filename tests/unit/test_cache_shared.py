"""One `Cache` in front of blocking stores and those of asyncio: what one side knows, the other knows."""

from __future__ import annotations

import asyncio
import os
import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import AsyncRepository, Cache, ConfigError, InvalidArgument, Repository, Unsupported
from holdall.cache_drivers import CacheFailed
from tests.cache.bench import Note

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "process://?jitter=0&early=0"


class Sides:
    """A blocking repository and one of asyncio, of one store, behind one cache."""

    def __init__(self) -> None:
        name = f"memory://shared-{time.perf_counter_ns()}"
        self.cache = Cache(URL)
        self.blocking: Repository[Note] = holdall.open_repository(name, Note, cache=self.cache)
        self.awaited: AsyncRepository[Note] = holdall.open_async_repository(name, Note, cache=self.cache)

    @property
    def tiers(self) -> list[Any]:
        return [self.blocking.engine.tiers[0], self.awaited.engine.tiers[0]]


@pytest.fixture
def sides() -> Sides:
    return Sides()


def test_each_side_sees_what_the_other_writes_at_once(sides: Sides) -> None:
    async def use() -> None:
        for turn in range(3):
            sides.blocking.put(Note("a", f"blocking {turn}"))
            assert (await sides.awaited.require("a")).text == f"blocking {turn}"
            await sides.awaited.put(Note("a", f"awaited {turn}"))
            assert sides.blocking.require("a").text == f"awaited {turn}"

    asyncio.run(use())
    assert sides.blocking.cache_stats == sides.awaited.cache_stats


def test_each_side_is_served_what_the_other_has_read(sides: Sides) -> None:
    sides.blocking.put(Note("a", "one"))
    sides.blocking.get("a")
    assert asyncio.run(sides.awaited.require("a")).text == "one"
    assert (sides.awaited.cache_stats[0].hits, sides.awaited.cache_stats[0].misses) == (1, 1)


def test_each_side_doubts_what_the_cache_has_missed_of_the_other(sides: Sides) -> None:
    sides.blocking.put(Note("a", "one"))
    sides.blocking.get("a")
    driver, failed = sides.tiers[0].driver, [0]
    fence, release = driver.fence, driver.release

    async def fail(*_: Any) -> None:
        failed[0] += 1
        raise CacheFailed

    driver.fence = driver.release = fail
    sides.blocking.put(Note("a", "two"))
    assert sides.awaited.cache_stats[0].missed == 1
    assert asyncio.run(sides.awaited.require("a")).text == "two"
    driver.fence, driver.release = fence, release


def test_a_cache_that_one_side_has_found_to_be_down_is_left_alone_by_the_other(sides: Sides) -> None:
    for _ in range(3):
        sides.tiers[0].failed(CacheFailed())
    assert [stores.cache_stats[0].breaker for stores in (sides.blocking, sides.awaited)] == ["open", "open"]
    assert not sides.tiers[1].usable()


def test_what_is_kept_stays_until_the_last_store_of_both_sides_is_closed(sides: Sides) -> None:
    sides.blocking.put(Note("a", "one"))
    sides.blocking.get("a")
    asyncio.run(sides.awaited.close())
    sides.blocking.get("a")
    assert sides.blocking.cache_stats[0].hits == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_both_sides_share_what_they_know_after_a_fork_too(sides: Sides) -> None:
    child = os.fork()
    if not child:
        for tier in sides.tiers:
            tier.check_process()
        one, other = sides.tiers
        os._exit(7 if one.doubts is other.doubts and one.breaker is other.breaker else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


# Openings that fail.


def users(cache: Cache) -> int:
    return sum(tier.users for tier in cache.opened.values())


@pytest.mark.parametrize("url", ["nowhere://", "process://?ttl=0"])
def test_a_list_of_caches_of_which_one_is_refused_counts_no_user_of_the_others(url: str) -> None:
    cache = Cache(URL)
    with pytest.raises(ConfigError):
        holdall.open_repository("memory://", Note, cache=[cache, url])
    assert users(cache) == 0


@pytest.mark.parametrize("opening", [
    lambda cache: holdall.open_repository("memory://?tabel=x", Note, cache=cache),
    lambda cache: holdall.open_repository("memory://", Note, cache=cache, require=["teleportation"]),
    lambda cache: holdall.open_blobs("memory://", cache=cache, require=["teleportation"]),
])  # fmt: skip
def test_a_store_that_can_not_be_opened_counts_as_no_user(opening: Callable[[Cache], object]) -> None:
    cache = Cache(URL)
    with pytest.raises((ConfigError, InvalidArgument, Unsupported)):
        opening(cache)
    assert users(cache) == 0


@pytest.mark.parametrize("opening", [
    lambda cache: holdall.open_config("memory://", cache=cache, require=["teleportation"]),
    lambda cache: holdall.open_config(["memory://", "nowhere://"], cache=cache),
])  # fmt: skip
def test_configuration_that_can_not_be_opened_counts_as_no_user(opening: Callable[[Cache], object]) -> None:
    cache = Cache(URL)
    with pytest.raises((ConfigError, InvalidArgument)):
        opening(cache)
    assert users(cache) == 0
