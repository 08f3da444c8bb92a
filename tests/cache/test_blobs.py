"""What a cache in front of blobs keeps, and what it leaves alone."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Cache, Conflict, InvalidArgument, NotFound
from holdall._engine.cache.blobs import CachedBlobs
from holdall._frozen import replace
from holdall.testing.blobs.faulty import FaultyBlobs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from holdall import BlobStore


@pytest.fixture
def blobs() -> Iterator[BlobStore]:
    with holdall.open_blobs("memory://", cache="process://?max_bytes=10000&jitter=0") as store:
        yield store


@pytest.fixture
def store(blobs: BlobStore) -> FaultyBlobs:
    """Give the store below the cache, which counts its calls."""
    cached = cached_of(blobs)
    faulty = cached.inner = FaultyBlobs(cached.inner)  # type: ignore[assignment]
    return faulty


def cached_of(blobs: BlobStore) -> CachedBlobs:
    driver: Any = blobs.engine.driver
    assert isinstance(driver, CachedBlobs)
    return driver


def test_a_small_blob_is_read_from_the_store_once(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"small")
    assert [blobs.get("a") for _ in range(3)] == [b"small"] * 3
    assert store.calls.count("read") == 1


def test_what_is_known_of_a_blob_is_asked_once(blobs: BlobStore, store: FaultyBlobs) -> None:
    put = blobs.put("a", b"small", metadata={"by": "me"})
    assert [blobs.info("a") for _ in range(3)] == [put] * 3
    assert blobs.exists("a")
    assert store.calls.count("info") == 1


def test_that_there_is_no_blob_is_kept(blobs: BlobStore, store: FaultyBlobs) -> None:
    assert [blobs.get("none") for _ in range(3)] == [None] * 3
    assert not blobs.exists("none")
    with pytest.raises(NotFound):
        blobs.require("none")
    assert store.calls.count("read") == 1


def test_a_put_is_seen_where_there_was_nothing(blobs: BlobStore) -> None:
    assert (blobs.get("a"), blobs.info("a")) == (None, None)
    put = blobs.put("a", b"new")
    assert (blobs.get("a"), blobs.info("a")) == (b"new", put)


def test_a_large_blob_is_read_from_the_store_each_time_and_nobody_waits(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", bytes(20_000))
    assert [len(blobs.get("a") or b"") for _ in range(3)] == [20_000] * 3
    assert store.calls.count("read") == 3
    (stats,) = blobs.cache_stats
    assert (stats.waits, stats.past) == (0, 0)


def test_a_part_of_a_kept_blob_comes_from_the_cache(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"0123456789")
    blobs.get("a")
    assert [blobs.get("a", start=2, end=4), blobs.get("a", last=3), blobs.get("a", start=99)] == [b"23", b"789", b""]
    assert store.calls.count("read") == 1


def test_a_part_of_another_blob_comes_from_the_store_and_is_not_kept(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"0123456789")
    assert [blobs.get("a", last=2) for _ in range(2)] == [b"89"] * 2
    assert store.calls.count("read") == 2


def test_a_file_that_is_opened_comes_from_the_cache(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"line 1\nline 2\n")
    for _ in range(2):
        with blobs.open("a") as file:
            assert file.readlines() == [b"line 1\n", b"line 2\n"]
    assert store.calls.count("read") == 1


@pytest.mark.parametrize("write", ["put", "open", "copy", "move", "delete", "delete_many", "parts"])
def test_what_is_kept_ends_with_every_write(blobs: BlobStore, write: str) -> None:
    blobs.put("other", b"other")
    blobs.put("a", b"old")
    assert (blobs.get("a"), blobs.exists("a")) == (b"old", True)
    WRITES[write](blobs)
    left = None if write.startswith("delete") else b"other"
    assert (blobs.get("a"), blobs.exists("a")) == (left, left is not None)


def _opened(blobs: BlobStore) -> None:
    with blobs.open("a", "wb") as file:
        file.write(b"other")


def _in_parts(blobs: BlobStore) -> None:
    engine = blobs.engine
    engine.capabilities = replace(engine.capabilities, part_bytes=2)
    blobs.put("a", iter([b"ot", b"he", b"r"]))


WRITES: dict[str, Any] = {
    "put": lambda blobs: blobs.put("a", b"other"),
    "open": _opened,
    "copy": lambda blobs: blobs.copy("other", "a"),
    "move": lambda blobs: blobs.move("other", "a"),
    "delete": lambda blobs: blobs.delete("a"),
    "delete_many": lambda blobs: blobs.delete_many(["a", "a", "none"]),
    "parts": _in_parts,
}


def test_a_refused_put_leaves_no_fence(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"there")
    with pytest.raises(holdall.AlreadyExists):
        blobs.put("a", b"other", if_absent=True)
    assert [blobs.get("a") for _ in range(2)] == [b"there"] * 2
    assert store.calls.count("read") == 1


def test_a_lost_answer_keeps_the_blob_out_of_the_cache(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"old")
    store.lose("put", times=6)
    with pytest.raises(holdall.Unavailable):
        blobs.put("a", b"new")
    assert [blobs.get("a") for _ in range(2)] == [b"new"] * 2
    assert store.calls.count("read") == 2


def test_a_body_that_ends_early_is_not_kept(blobs: BlobStore, store: FaultyBlobs) -> None:
    blobs.put("a", b"whole")
    store.fail("piece", times=1)
    assert [blobs.get("a") for _ in range(2)] == [b"whole"] * 2
    assert store.calls.count("read") == 2


def test_bytes_whose_checksum_is_wrong_are_not_kept(blobs: BlobStore) -> None:
    inner: Any = cached_of(blobs).inner
    blobs.put("a", b"right")
    stored = inner._store.blobs["a"]
    right, stored.data = stored.data, b"wrong"
    with pytest.raises(holdall.CorruptBlob):
        blobs.get("a")
    stored.data = right
    assert blobs.get("a") == b"right"


def test_a_reader_of_an_older_state_is_refused(blobs: BlobStore) -> None:
    blobs.put("a", b"old")
    with blobs.open("a") as file:
        blobs.put("a", b"new")
        blobs.get("a")
        with pytest.raises(Conflict):
            file.read()


def test_a_version_goes_past_the_cache() -> None:
    with holdall.open_blobs("memory://?versions=true", cache="process://") as blobs:
        first = blobs.put("a", b"one")
        blobs.put("a", b"two")
        assert (blobs.get("a"), blobs.get("a", version=first.version)) == (b"two", b"one")


def test_invalidate_has_the_next_read_go_to_the_store() -> None:
    name = secrets.token_hex(8)
    with (
        holdall.open_blobs(f"memory://{name}", cache=["process://", "process://"]) as blobs,
        holdall.open_blobs(f"memory://{name}") as outside,
    ):
        blobs.put("a", b"old")
        blobs.get("a")
        outside.put("a", b"new")
        assert blobs.get("a") == b"old"
        blobs.invalidate("a")
        assert (blobs.get("a"), blobs.info("a")) == (b"new", outside.info("a"))


def test_invalidate_without_a_cache_does_nothing() -> None:
    with holdall.open_blobs("memory://") as blobs:
        blobs.invalidate("a")
        assert blobs.cache_stats == ()


# What is kept of a blob is two things, which may not contradict each other.


@pytest.mark.parametrize("fenced", [0, 1])
def test_what_was_seen_of_a_blob_past_the_cache_is_not_followed_by_what_was_before(fenced: int) -> None:
    name = f"memory://{secrets.token_hex(8)}"
    with holdall.open_blobs(name, cache="process://?jitter=0") as blobs, holdall.open_blobs(name) as outside:
        blobs.put("a", b"old")
        assert (blobs.get("a"), blobs.exists("a")) == (b"old", True)
        new = outside.put("a", b"newer")
        cached = cached_of(blobs)
        fence = b"F0" + b"a" * 16 + b"%013d" % (cached.tier.now() + 9_000)
        cached.tier.driver._put(cached._keys("a")[fenced], fence, time.monotonic() + 9)  # type: ignore[attr-defined]
        read: list[Callable[[], object]] = [lambda: blobs.info("a"), lambda: blobs.get("a")]
        expected: list[Any] = [new, b"newer"]
        for place in (fenced, 1 - fenced):
            assert read[place]() == expected[place]


class Closing:
    """A driver of blobs that counts bodies which are open."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.open = 0

    async def read(self, *asked: Any) -> Any:
        body = await self.inner.read(*asked)
        self.open += 1
        close = body.close

        async def closed() -> None:
            self.open -= 1
            await close()

        body.close = closed
        return body

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


@pytest.mark.parametrize("size", [5, 20_000])
def test_a_body_is_closed_where_the_cache_is_interrupted_at_keeping_it(blobs: BlobStore, size: int) -> None:
    cached = cached_of(blobs)
    closing = cached.inner = Closing(cached.inner)  # type: ignore[assignment]
    blobs.put("a", bytes(size))

    async def interrupt(_: Any) -> Any:
        raise KeyboardInterrupt

    driver: Any = cached.tier.driver
    driver.swap = interrupt
    with pytest.raises(KeyboardInterrupt):
        blobs.get("a")
    assert closing.open == 0


def test_one_cache_serves_several_stores_and_is_closed_with_the_last() -> None:
    cache = Cache("process://")
    one, other = holdall.open_blobs("memory://", cache=cache), holdall.open_blobs("memory://", cache=cache)
    one.put("a", b"one")
    other.put("a", b"other")
    assert [(one.get("a"), other.get("a")) for _ in range(2)] == [(b"one", b"other")] * 2
    one.close()
    assert other.get("a") == b"other"
    other.close()


@pytest.mark.parametrize("cache", [[], 5, b"process://", [None]])
def test_what_is_no_cache_is_refused(cache: Any) -> None:
    with pytest.raises(InvalidArgument, match="cache= takes"):
        holdall.open_blobs("memory://", cache=cache)
