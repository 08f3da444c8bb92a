"""One record out of a cache: by the cache's client and code of this class, by cashews, by dogpile.cache, by holdall."""

from __future__ import annotations

import base64
import json
import time
import uuid
from datetime import datetime
from decimal import Decimal
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .. import record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Job = Callable[[], Any]

ORDER = record.order(1, 0)
KEY = (ORDER.customer, ORDER.id)
SECONDS = 600
RUN = f"bench{uuid.uuid4().hex[:8]}"
SETTINGS = f"prefix={RUN}&ttl={SECONDS}&timeout=5"
"""What is kept serves for the whole run, and no hiccup of the machine opens the breaker."""


def name(number: int) -> str:
    """Return what a program calls a record in the cache."""
    return f"{RUN}-hand:{number}"


def dumped(order: record.Order) -> bytes:
    """Return a record as bytes, as programs write it themselves."""
    changed = {
        "total": str(order.total), "placed": order.placed.isoformat(),
        "digest": base64.b64encode(order.digest).decode(),
    }  # fmt: skip
    return json.dumps(vars(order) | changed).encode()


def loaded(data: Any) -> record.Order:
    """Return the record of such bytes."""
    found = json.loads(data)
    found["total"] = Decimal(found["total"])
    found["placed"] = datetime.fromisoformat(found["placed"])
    found["digest"] = base64.b64decode(found["digest"])
    return record.Order(**found)


def by_redis(address: str, many: int) -> tuple[Job, Job]:
    """Return what gets one record by redis-py, and what gets many at once."""
    client: Any = import_module("redis").Redis.from_url(address)
    names = [name(number) for number in range(many)]
    for number, each in enumerate(names):
        client.set(each, dumped(record.order(1, number)), ex=SECONDS)
    return (lambda: loaded(client.get(names[0]))), (lambda: [loaded(data) for data in client.mget(names)])


def by_redis_async(address: str) -> Callable[[], Awaitable[Any]]:
    """Return what gets one record by redis-py on asyncio; another has put it there."""
    client: Any = import_module("redis.asyncio").Redis.from_url(address)
    key = name(0)

    async def get() -> Any:
        return loaded(await client.get(key))

    return get


def by_pymemcache(address: str) -> Job:
    """Return what gets one record by pymemcache, with a pool, as programs with threads have it."""
    parts = urlsplit(address)
    client: Any = import_module("pymemcache").PooledClient((parts.hostname, parts.port), no_delay=True)
    key = name(0)
    client.set(key, dumped(ORDER), expire=SECONDS)
    return lambda: loaded(client.get(key))


def by_dict() -> Job:
    """Return what looks a record up that is not too old, as programs write it themselves."""
    kept = {name(0): (dumped(ORDER), time.time())}

    def get(key: str) -> record.Order:
        data, read = kept[key]
        assert time.time() - read < SECONDS
        return loaded(data)

    return lambda: get(name(0))


def by_dogpile(address: str) -> Job:
    """Return what reads through dogpile.cache, which keeps the record as it is, pickled."""
    parts, key = urlsplit(address), f"{RUN}-dogpile"
    region: Any = import_module("dogpile.cache").make_region()
    region.configure("dogpile.cache.redis", expiration_time=SECONDS,
                     arguments={"host": parts.hostname, "port": parts.port})  # fmt: skip
    region.set(key, ORDER)

    def never() -> Any:
        raise AssertionError("it was there")

    return lambda: region.get_or_create(key, never)


async def by_cashews(address: str) -> dict[str, Callable[[], Awaitable[Any]]]:
    """Return what reads through cashews, by its decorator and by its `get`; both keep the record pickled."""
    cache: Any = import_module("cashews").Cache()
    cache.setup(address)
    reads: list[str] = []

    @cache(ttl=SECONDS, key=RUN + "-cashews:{customer}:{number}")
    async def read(customer: str, number: str) -> Any:
        reads.append(number)
        return ORDER

    await read(*KEY)
    key = f"{RUN}-cashews-get"
    await cache.set(key, ORDER, expire=SECONDS)

    async def through() -> Any:
        found = await read(*KEY)
        assert len(reads) == 1
        return found

    return {"cashews": through, "cashews get": lambda: cache.get(key)}
