"""Caches: a record that is there, beside the cache's own client, cashews and dogpile.cache; many readers; no cache."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

import holdall
from tests.servers import ServerMissing
from tests.servers.tcp_proxy import TcpProxy

from .. import record
from ..caching import contenders, readers
from ..caching.contenders import KEY, ORDER, SETTINGS
from ..measure import interleaved, repeated
from ..peers.ours import url
from ..report import Row, rows_of
from ..servers import started
from ..stub import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..settings import Settings

    Jobs = Mapping[str, Callable[[], Any]]
    Opened = Mapping[str, holdall.Repository[record.Order]]

SECTION = "cache"
BY_REDIS, BY_PYMEMCACHE, BY_DICT, UNCACHED = "redis-py", "pymemcache", "a dict and the time", "no cache"
MANY, READERS = 100, 1000


class Place(NamedTuple):
    """Where the stores are: the stub, and a file of SQLite."""

    endpoint: str
    file: str

    def urls(self) -> dict[str, str]:
        """Return the URLs of the stores; those that are asked behind Valkey most come first."""
        return {"holdall": url(self.endpoint, "orders", "lean"), "holdall on sqlite": f"sqlite:///{self.file}"}


def run(settings: Settings) -> list[Row]:
    """Measure in this process, on Valkey and on memcached; the store behind is the stub, or SQLite where it says so."""
    with running() as endpoint, tempfile.TemporaryDirectory() as folder:
        place = Place(endpoint, f"{folder}/bench.db")
        with holdall.open_repository(place.urls()["holdall on sqlite"], record.Order) as orders:
            orders.put(ORDER)
        rows = [*_in_process(place, settings)]
        for server, measured in (("valkey", _on_valkey), ("memcached", _on_memcached)):
            try:
                with started(server, settings) as address:
                    rows += measured(place, address, settings)
            except ServerMissing as error:
                rows.append(Row(SECTION, "", server, more={"skipped": str(error)}))
    return rows


@contextmanager
def _opened(place: Place, cache: str) -> Iterator[Opened]:
    """Give repositories behind a cache, which all have what they are asked, there alone."""
    with ExitStack() as stack:
        stores = {name: stack.enter_context(holdall.open_repository(store, record.Order, cache=cache))
                  for name, store in place.urls().items()}  # fmt: skip
        for orders in stores.values():
            assert orders.require(KEY) == orders.require(KEY) == ORDER
        before = {name: orders.cache_stats[0].misses for name, orders in stores.items()}
        yield stores
        for name, orders in stores.items():
            stats = orders.cache_stats[0]
            assert (stats.misses, stats.failures, stats.past) == (before[name], 0, 0), (name, stats)


def _get(orders: Any) -> Callable[[], Any]:
    return lambda: orders.get(KEY)


def _measured(task: str, jobs: Jobs, base: str, settings: Settings, calls: int, wanted: Any = ORDER) -> list[Row]:
    for name, job in jobs.items():
        assert job() == wanted, name
    timings = interleaved(
        {name: repeated(job) for name, job in jobs.items()}, rounds=settings.rounds(), calls=settings.calls(calls)
    )
    return rows_of(SECTION, task, timings, base)


def _in_process(place: Place, settings: Settings) -> Iterator[Row]:
    with _opened(place, f"process://?{SETTINGS}") as stores:
        jobs = {BY_DICT: contenders.by_dict(), **{name: _get(orders) for name, orders in stores.items()}}
        yield from _measured("hit in the process", jobs, BY_DICT, settings, 200)


def _on_memcached(place: Place, address: str, settings: Settings) -> Iterator[Row]:
    with _opened(place, f"{address}?{SETTINGS}") as stores:
        get = contenders.by_pymemcache(address)
        jobs = {BY_PYMEMCACHE: get, **{name: _get(orders) for name, orders in stores.items()}}
        yield from _measured("hit on memcached", jobs, BY_PYMEMCACHE, settings, 40)


def _on_valkey(place: Place, address: str, settings: Settings) -> Iterator[Row]:
    cache = f"{address}?{SETTINGS}"
    get, get_many = contenders.by_redis(address, MANY)
    with _opened(place, cache) as stores:
        ours = {name: _get(orders) for name, orders in stores.items()}
        theirs = {"dogpile.cache": contenders.by_dogpile(address)} if find_spec("dogpile") else {}
        jobs = {BY_REDIS: get, **ours, **theirs}
        yield from _measured("hit", jobs, BY_REDIS, settings, 40)
    yield from _many(place, cache, get_many, settings)
    yield from _async_hits(place, address, settings)
    yield from _puts(place, cache, settings)
    yield from _cold_key(place, address, settings)
    yield from _gone(place, address, settings)


def _many(place: Place, cache: str, by_hand: Callable[[], Any], settings: Settings) -> Iterator[Row]:
    keys = [("c-1", record.ID.format(number)) for number in range(MANY)]
    wanted = [record.order(1, number) for number in range(MANY)]
    with holdall.open_repository(place.urls()["holdall"], record.Order, cache=cache) as orders:
        assert list(orders.get_many(keys)) == wanted
        misses = orders.cache_stats[0].misses
        jobs = {BY_REDIS: by_hand, "holdall": lambda: list(orders.get_many(keys))}
        yield from _measured(f"hits of {MANY} at once", jobs, BY_REDIS, settings, 4, wanted)
        assert orders.cache_stats[0].misses == misses


def _async_hits(place: Place, address: str, settings: Settings) -> list[Row]:
    loop = asyncio.new_event_loop()

    def job(read: Callable[[], Any]) -> Callable[[int], Any]:
        async def run(calls: int) -> Any:
            found = None
            for _ in range(calls):
                found = await read()
            return found

        return lambda calls: loop.run_until_complete(run(calls))

    stores = {name: holdall.open_async_repository(store, record.Order, cache=f"{address}?{SETTINGS}")
              for name, store in place.urls().items()}  # fmt: skip
    try:
        theirs = loop.run_until_complete(contenders.by_cashews(address)) if find_spec("cashews") else {}
        reads = {BY_REDIS: contenders.by_redis_async(address), **{n: _get(one) for n, one in stores.items()}, **theirs}
        jobs = {name: job(read) for name, read in reads.items()}
        assert all(each(2) == ORDER for each in jobs.values())
        timings = interleaved(jobs, rounds=settings.rounds(), calls=settings.calls(40))
        return rows_of(SECTION, "hit, asyncio", timings, BY_REDIS)
    finally:
        for orders in stores.values():
            loop.run_until_complete(orders.close())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _puts(place: Place, cache: str, settings: Settings) -> Iterator[Row]:
    caches = {UNCACHED: None, "holdall": cache, "holdall, replaced": f"{cache}&on_write=replace"}
    store = place.urls()["holdall"]
    with ExitStack() as stack:
        jobs = {name: _put(stack.enter_context(holdall.open_repository(store, record.Order, cache=each)))
                for name, each in caches.items()}  # fmt: skip
        yield from _measured("put", jobs, UNCACHED, settings, 40)


def _put(orders: Any) -> Callable[[], Any]:
    return lambda: orders.put(ORDER)


def _cold_key(place: Place, address: str, settings: Settings) -> Iterator[Row]:
    many = settings.size(READERS)
    for kind, counted in (("threads", readers.reads_of_threads), ("tasks", readers.reads_of_tasks)):
        # By the usual settings, and without what an earlier run has left.
        more = counted(place.endpoint, f"{address}?prefix={contenders.RUN}-cold-{kind}", many)
        yield Row(SECTION, f"cold key, {many} {kind}", "holdall", more=more)


def _gone(place: Place, address: str, settings: Settings) -> Iterator[Row]:
    """Compare the slowest reads of stores whose cache is refused by the system, as when its process has ended."""
    for name, store in place.urls().items():
        with TcpProxy(address) as proxy, ExitStack() as stack:
            cached, plain = (stack.enter_context(holdall.open_repository(store, record.Order, cache=cache))
                             for cache in (f"{proxy.address}?{SETTINGS}", None))  # fmt: skip
            assert cached.get(KEY) == cached.get(KEY) == plain.get(KEY)
            proxy.refuse()
            proxy.cut()
            while cached.cache_stats[0].breaker == "closed":
                assert cached.get(KEY) == ORDER
            jobs = {UNCACHED: _get(plain), name: _get(cached)}
            found = readers.slowest(jobs, settings.rounds(9), settings.calls(5000))
            yield Row(SECTION, "get without its cache", name, UNCACHED, more=_told(found[name], found[UNCACHED]))


def _told(mine: list[dict[str, float]], theirs: list[dict[str, float]]) -> dict[str, float]:
    ratios = {f"{which}_ratio": round(median(a[which] / b[which] for a, b in zip(mine, theirs, strict=True)), 3)
              for which in ("p50", "p99")}  # fmt: skip
    return {**ratios, "p99": round(median(one["p99"] for one in mine), 1)}
