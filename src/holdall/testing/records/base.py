"""What every class of record tests shares: how a store is opened, and what a subclass says of its backend."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import pytest

from ...opening import open_async_repository, open_repository
from ..stores import Stores
from .models import Order

K = TypeVar("K")

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...drivers import Capabilities
    from ...repository import Repository


def each_needs(*capabilities: str) -> Callable[[type[K]], type[K]]:
    """Mark every test of a class with `needs`: a mark of the class itself would go to all that inherit it."""

    def mark(cls: type[K]) -> type[K]:
        for name, value in vars(cls).items():
            if name.startswith("test_"):
                pytest.mark.needs(*capabilities)(value)
        return cls

    return mark


class Clock:
    """A clock that stands still until it is moved; it begins at the real time, in whole seconds."""

    def __init__(self) -> None:
        self.now = float(int(time.time()))

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        """Move it on."""
        self.now += seconds


class RecordKit:
    """
    What a subclass of `RecordConformance` may override.

    Attributes:
        lacks: What the backend can't do, by the names of `holdall.testing.needs.NEEDS`, each with the reason (or just
            the names). Its tests are skipped. The kit checks that the driver declares the same.
        broken: Tests that the server under test fails by its own fault, each with the reason. They must fail. A name
            is the function's, or one with parameters but for the shell's: `test_x[a]` for `test_x[sync-a]`.
    """

    lacks: ClassVar[Mapping[str, str] | frozenset[str]] = frozenset()
    broken: ClassVar[Mapping[str, str]] = {}

    @pytest.fixture
    def store_url(self) -> Callable[[str], str]:
        """Return a function that gives the URL of a table of that name, in a store of this test's own."""
        raise NotImplementedError("override the fixture store_url: return a function from a table's name to its URL")

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        """Open a repository; override to pass a client of your own."""
        return (open_async_repository if asynchronous else open_repository)(url, model, **options)

    def drop_table(self, table: str) -> None:
        """Drop a table at the end of a test; override where it would outlive the store."""

    @pytest.fixture(params=["sync", "async"])
    def stores(self, request: pytest.FixtureRequest, store_url: Callable[[str], str]) -> Iterator[Stores]:
        """Open stores, of both kinds in turn."""
        stores = Stores(self, store_url, asynchronous=request.param == "async")
        try:
            yield stores
        finally:
            stores.close()

    @pytest.fixture
    def orders(self, stores: Stores) -> Repository[Order]:
        """Open an empty repository of orders."""
        return stores.open(Order)

    @pytest.fixture
    def limits(self, orders: Repository[Order]) -> Capabilities:
        """Return what the driver declares."""
        return orders.capabilities

    @pytest.fixture
    def clock(self) -> Clock:
        """Return a clock to open repositories with."""
        return Clock()

    def lacking(self, capability: str) -> bool:
        """Return whether the subclass says that the backend lacks this."""
        return capability in self.lacks
