"""What every class of blob tests shares: how a store is opened, and what a subclass says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast

import pytest

from ..._frozen import replace
from ...opening import open_async_blobs, open_blobs
from ..stores import OnLoop, bare, ended, raced
from .faulty import FaultyBlobs

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from pathlib import Path

    from ..._engine.attempts import RetryPolicy
    from ...blobs.async_store import AsyncBlobStore
    from ...blobs.store import BlobStore

PART = 64 << 10
"""Bytes of a part, in a store that is opened for tests with many parts, where it takes such small ones."""


class BlobStores:
    """The stores of one test, all on one URL; closed at its end."""

    def __init__(self, kit: BlobKit, url: str, *, asynchronous: bool) -> None:
        self.url = url
        self.asynchronous = asynchronous
        self._kit = kit
        self._loop = asyncio.new_event_loop() if asynchronous else None
        self._opened: list[Any] = []

    def open(self, *, provision: bool = True, retry: RetryPolicy | None = None) -> BlobStore:
        """Open the store, of the kind that the test is run for, in the form of `BlobStore`."""
        raw = self._kit.open_store(self.url, asynchronous=self.asynchronous, retry=retry)
        shown = cast("BlobStore", raw if self._loop is None else OnLoop(raw, self._loop))
        self._opened.append(shown)
        if provision:
            shown.provision()
        return shown

    def faults(self, blobs: BlobStore) -> FaultyBlobs:
        """Put a faulty, counting driver under a store."""
        engine = bare(blobs).engine
        faulty = engine.driver = FaultyBlobs(engine.driver)
        return faulty

    def with_small_parts(self, blobs: BlobStore, part: int = PART) -> None:
        """Have a store send parts of so few bytes, in the tests' own servers, that large blobs are small."""
        engine = bare(blobs).engine
        engine.capabilities = replace(engine.capabilities, part_bytes=max(part, self._kit.least_part))

    def one_by_one(self, blobs: BlobStore) -> None:
        """Have a store send one request at a time."""
        engine = bare(blobs).engine
        engine.capabilities = replace(engine.capabilities, parallel=1)

    def part(self, blobs: BlobStore) -> int:
        """Return how many bytes a part has."""
        size: int = bare(blobs).engine.capabilities.part_bytes
        return size

    def race(
        self, blobs: BlobStore, workers: Sequence[Callable[[AsyncBlobStore], Coroutine[Any, Any, Any]]]
    ) -> list[Any]:
        """Run workers at once, as threads or as tasks, and return what they return."""
        return raced(self._loop, blobs, workers)

    def on_loop(self, job: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the test's event loop, in a test that is run for asyncio alone."""
        assert self._loop is not None
        return self._loop.run_until_complete(job)

    def close(self) -> None:
        """Close everything."""
        for store in self._opened:
            store.close()
        if self._loop is not None:
            ended(self._loop)


class BlobKit:
    """
    What a subclass of `BlobConformance` may override.

    Attributes:
        lacks: What the store can't do, by the names of `holdall.testing.needs.NEEDS`, each with the reason. Its tests
            are skipped. The kit checks that the driver declares the same.
        broken: Tests that the server under test fails by its own fault, each with the reason. They must fail.
        least_part: Bytes of the smallest part that the server takes but for the last.
    """

    lacks: ClassVar[Mapping[str, str] | frozenset[str]] = frozenset()
    broken: ClassVar[Mapping[str, str]] = {}
    least_part: ClassVar[int] = 1

    @pytest.fixture
    def store_url(self) -> str:
        """Return the URL of a store of this test's own."""
        raise NotImplementedError("override the fixture store_url: return the URL of an empty store")

    def open_store(self, url: str, *, asynchronous: bool, **options: Any) -> Any:
        """Open a store; override to pass a client of your own."""
        return (open_async_blobs if asynchronous else open_blobs)(url, **options)

    @pytest.fixture(params=["sync", "async"])
    def stores(self, request: pytest.FixtureRequest, store_url: str) -> Iterator[BlobStores]:
        """Open stores, of both kinds in turn."""
        stores = BlobStores(self, store_url, asynchronous=request.param == "async")
        try:
            yield stores
        finally:
            stores.close()

    @pytest.fixture
    def blobs(self, stores: BlobStores) -> BlobStore:
        """Open an empty store."""
        return stores.open()

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Return an empty folder, apart from the store's."""
        folder = tmp_path / "local"
        folder.mkdir()
        return folder

    def lacking(self, capability: str) -> bool:
        """Return whether the subclass says that the store lacks this."""
        return capability in self.lacks
