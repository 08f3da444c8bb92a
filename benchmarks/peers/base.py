"""What each client is asked to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable

REGION = "us-east-1"
CREDENTIALS = ("test", "test")
READ, PUT, UPDATED = 0, 1, 2
"""Numbers of the records of partition "c-1" that are read, put and updated."""
THREADS = 8
MANY = 10_000
"""The partition that batches read and write."""


class Peer:
    """
    One client, on one table.

    Each verb is one call as a program would write it. What a program would have at hand already (a record to put, a
    key to get) is made in `__init__` or `prepare_many`, in the client's own form, and costs nothing in the measure.
    An asynchronous client's `job` runs the verb on a loop of its own.
    """

    prefix: ClassVar[str] = ""
    """In front of the table's name, for a client with a stored form of its own."""

    def __init__(self, endpoint: str, table: str) -> None:
        self.table = self.prefix + table
        self.keys: list[Any] = []
        self.records: list[Any] = []

    def get(self) -> Any:
        raise NotImplementedError

    def put(self) -> Any:
        raise NotImplementedError

    def put_if_present(self) -> Any:
        """Put under a condition, one that holds."""
        raise NotImplementedError

    def update(self) -> Any:
        """Set `paid`, add 1 to `quantity` of a record that is there, and return the record as it is then."""
        raise NotImplementedError

    def query(self, size: int) -> Any:
        """Return all records of a partition, as a list."""
        raise NotImplementedError

    def stream(self, size: int) -> int:
        """Read all records of a partition, one after the other, keeping none; return how many."""
        raise NotImplementedError

    def get_many(self) -> Any:
        """Return the records prepared."""
        raise NotImplementedError

    def get_many_in_threads(self) -> Any:
        """Return the records prepared, by 8 threads."""
        raise NotImplementedError

    def put_many(self) -> Any:
        """Write the records prepared."""
        raise NotImplementedError

    def key(self, size: int, number: int) -> Any:
        """Return a key in the client's form."""
        raise NotImplementedError

    def record(self, size: int, number: int) -> Any:
        """Return a record in the client's form."""
        raise NotImplementedError

    def prepare_many(self, count: int) -> None:
        """Make the keys and the records of `get_many` and `put_many`."""
        self.keys = [self.key(MANY, number) for number in range(count)]
        self.records = [self.record(MANY, number) for number in range(count)]

    def values(self, found: Any) -> Any:
        """Return what the client gave for one record, as a mapping: for checking, outside the measure."""
        return found

    def job(self, verb: Callable[..., Any], *args: Any) -> Callable[[int], Any]:
        """Return a function that calls a verb n times and returns what the last call gave."""

        def run(calls: int) -> Any:
            found = None
            for _ in range(calls):
                found = verb(*args)
            return found

        return run

    def close(self) -> None:
        """Give back what was opened."""


class AsyncPeer(Peer):
    """The same, where every verb is a coroutine function."""

    def __init__(self, endpoint: str, table: str) -> None:
        import asyncio

        super().__init__(endpoint, table)
        self.loop = asyncio.new_event_loop()

    def job(self, verb: Callable[..., Any], *args: Any) -> Callable[[int], Any]:
        async def run(calls: int) -> Any:
            found = None
            for _ in range(calls):
                found = await verb(*args)
            return found

        return lambda calls: self.loop.run_until_complete(run(calls))

    async def aclose(self) -> None:
        """Give back what was opened."""

    def close(self) -> None:
        self.loop.run_until_complete(self.aclose())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()
