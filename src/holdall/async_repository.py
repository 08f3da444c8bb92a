"""The shells for asyncio: the twins of `repository.py`, name by name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, cast, overload

from ._engine.queries import Asked, Execution
from ._engine.transactions import WriteSet
from .errors import Unsupported
from .io import iter_async
from .pages import Page

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence
    from types import TracebackType

    from typing_extensions import Self

    from ._engine.batches import Batches
    from ._engine.explain import Explain
    from .cache import CacheStats
    from .drivers import Capabilities
    from .expressions import Change, Condition

T = TypeVar("T")
R = TypeVar("R")
S = TypeVar("S")
_DAY = timedelta(days=1)


class AsyncQuery(Generic[R]):
    """A query or scan that runs when it is iterated, or when one of its methods is called."""

    def __init__(self, execution: Execution[Any]) -> None:
        self._execution = execution

    def __aiter__(self) -> AsyncIterator[R]:
        """
        Yield the records, page by page from the backend.

        Raises:
            BudgetExceeded: `max_read=` items were examined before the end; `.token` goes on from there.
            Timeout: The deadline has passed.
        """
        return iter_async(self._execution.blocks())

    def cache_query(self, ttl: float = 60.0) -> AsyncQuery[R]:
        """
        Return the same query, whose results the repository's cache keeps for up to `ttl` seconds.

        Every write that holdall makes to the partition that is queried ends what is kept, and where the query goes by a
        secondary index, every write to the table. An index that lags behind its table may be kept as it was.

        Raises:
            InvalidArgument: The repository has no cache, or it is a scan or a consistent query, or `ttl` is not from
                above 0 to a day.
        """
        return AsyncQuery(self._execution.through_cache(ttl))

    def explain(self) -> Explain:
        """Return what the query will do: the index, the filters, the requests, and why not another index."""
        return self._execution.explain()

    async def page(self, after: str | None = None) -> Page[R]:
        """
        Return one page of at most `limit` records, beginning behind the page that gave the token `after`.

        Raises:
            InvalidToken: The token is another query's or another model's, or was changed.
        """
        return Page(*await self._execution.page(after))

    async def all(self) -> list[R]:
        """Return all the records as a list."""
        return await self._execution.collect()

    async def first(self) -> R | None:
        """Return the first record, None where there is none."""
        return cast("R | None", await self._execution.first())

    async def one(self) -> R:
        """
        Return the only record.

        Raises:
            NotFound: There is none.
            Conflict: There are several.
        """
        return cast("R", await self._execution.one())

    async def count(self) -> int:
        """Return how many records answer the query."""
        return await self._execution.count()

    async def exists(self) -> bool:
        """Return whether any record answers the query."""
        return await self._execution.exists()

    async def update(self, *changes: Change) -> int:
        """
        Change the records that answer the query, each by itself, and return how many were changed.

        A record that ceases to answer the query before it is written is passed over.

        Raises:
            BatchError: Some failed; `.failures` has their keys. Running it again goes on, and changes anew what still
                answers the query.
            InvalidArgument: A change is wrong, or would move records within what the query reads.
        """
        return await self._execution.update(changes)

    async def delete(self) -> int:
        """
        Delete the records that answer the query, each by itself, and return how many were deleted.

        A record that ceases to answer the query before it is deleted is passed over.

        Raises:
            BatchError: Some failed; `.failures` has their keys. Running it again goes on.
        """
        return await self._execution.delete()


class AsyncTransaction(Generic[T]):
    """
    An all-or-nothing write set: the verbs collect, a clean end of the `with` block commits.

    `on(repository)` writes to another repository of the same store. What `create`, `put` and `replace` return is
    the record as it will be stored. Each verb refuses at once what can't be in it: a record that is in it already
    (InvalidArgument), and more writes than the backend takes together (TooLarge).
    """

    def __init__(self, engine: Batches[T], write_set: WriteSet) -> None:
        self._engine = engine
        self._set = write_set

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._set.finish(failed=kind is not None)

    async def commit(self) -> None:
        """
        Write everything, or nothing.

        Raises:
            TransactionFailed: Nothing was written; `.reasons` has one entry per item.
        """
        await self._set.commit()

    def on(self, repository: AsyncRepository[S]) -> AsyncTransaction[S]:
        """Return the same transaction, writing to another repository of the same store."""
        return AsyncTransaction(repository.engine, self._set)

    def create(self, record: T) -> T:
        """Store a record that must not be there yet."""
        return self._set.create(self._engine, record)

    def put(self, record: T) -> T:
        """Store a record, new or not; one that carries a revision is fenced by it."""
        return self._set.put(self._engine, record)

    def replace(self, record: T, *, when: Condition | None = None) -> T:
        """Store a record that must be there; one that carries a revision is fenced by it."""
        return self._set.replace(self._engine, record, when)

    def update(self, target: Any, *changes: Change, when: Condition | None = None) -> None:
        """Change a record that must be there, by key or record."""
        self._set.update(self._engine, target, changes, when)

    def delete(self, target: Any, *, when: Condition | None = None, must_exist: bool = False) -> None:
        """Remove a record, by key or record."""
        self._set.delete(self._engine, target, when, must_exist)

    def check(self, target: Any, *, when: Condition | None = None) -> None:
        """Write nothing, but fail the transaction unless the record is there, and `when` holds."""
        self._set.check(self._engine, target, when)


class AsyncRepository(Generic[T]):
    """
    The records of one type in one store. Open it with `open_async_repository`.

    A key is the key's value, a tuple `(partition, sort)`, or a record. A record that carries a revision fences the
    write: it is refused where the stored revision is another one.
    """

    def __init__(self, engine: Batches[T], secret: bytes | None = None) -> None:
        self._engine = engine
        self._secret = secret

    def __repr__(self) -> str:
        return f"<AsyncRepository of {self._engine.model.name} on {self._engine.store}>"

    def __reduce__(self) -> NoReturn:
        raise Unsupported("a repository can't be copied or pickled; open it by its URL where it is needed")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def create(self, record: T) -> T:
        """
        Store a record that must not be there yet, and return it as stored.

        Raises:
            AlreadyExists: The key, or the value of a unique field, is taken. An expired record does not count.
        """
        return await self._engine.create(record)

    async def put(self, record: T) -> T:
        """
        Store a record, new or not, and return it as stored.

        Raises:
            Conflict: The record carries a revision, and the stored record has another one or is gone.
            AlreadyExists: The value of a unique field is taken.
        """
        return await self._engine.put(record)

    async def replace(self, record: T, *, when: Condition | None = None) -> T:
        """
        Store a record that must be there already, and return it as stored.

        Raises:
            NotFound: It is not there.
            Conflict: It carries a revision and the stored one has another.
            ConditionFailed: `when` is false.
        """
        return await self._engine.replace(record, when)

    async def update(
        self, target: Any, *changes: Change, when: Condition | None = None, create: T | None = None
    ) -> T:
        """
        Change some fields on the server, atomically, and return the record as stored.

        Where the record is not there and `create` is given, `create` with the changes applied is stored instead.

        Raises:
            NotFound: It is not there, and `create` is not given.
            Conflict: `target` is a record with a revision, and the stored one has another.
            ConditionFailed: `when` is false.
        """
        return await self._engine.update(target, changes, when, create)

    async def get(self, key: Any, *, consistent: bool = False) -> T | None:
        """Return the record of a key, None where there is none. `consistent` sees every write before it."""
        return await self._engine.get(key, consistent)

    async def require(self, key: Any, *, consistent: bool = False) -> T:
        """
        Return the record of a key.

        Raises:
            NotFound: There is none.
        """
        return await self._engine.require(key, consistent)

    async def exists(self, key: Any, *, consistent: bool = False) -> bool:
        """Return whether there is a record of that key."""
        return await self._engine.exists(key, consistent)

    async def delete(self, target: Any, *, when: Condition | None = None, must_exist: bool = False) -> None:
        """
        Remove a record; one that is not there is fine unless `must_exist`.

        Raises:
            NotFound: It is not there and `must_exist` is given.
            Conflict: `target` is a record with a revision, and the stored one has another.
            ConditionFailed: `when` is false.
        """
        await self._engine.delete(target, when, must_exist)

    def get_many(self, keys: Iterable[Any], *, consistent: bool = False) -> AsyncIterator[T | None]:
        """Yield a record, or None, for each key, in the order of the keys; any number, in bounded memory."""
        return iter_async(self._engine.get_many(keys, consistent))

    async def put_many(self, records: Iterable[T]) -> int:
        """
        Store any number of records and return how many; of several with one key the last wins.

        Raises:
            BatchError: Some were not written; it carries exactly which.
        """
        return await self._engine.put_many(records)

    async def delete_many(self, targets: Iterable[Any]) -> int:
        """
        Remove any number of records, by key or record, and return how many were asked.

        Raises:
            BatchError: Some were not removed; it carries exactly which.
        """
        return await self._engine.delete_many(targets)

    async def update_many(self, targets: Iterable[Any], *changes: Change, when: Condition | None = None) -> int:
        """
        Make the same changes to any number of records, each by itself, and return how many.

        Raises:
            BatchError: Some were not changed; it carries exactly which.
        """
        return await self._engine.update_many(targets, changes, when)

    @overload
    def query(
        self, *conditions: Condition, order: str | None = None, limit: int | None = None, fields: None = None,
        after: str | None = None, consistent: bool = False, max_read: int | None = None,
        sort_in_memory: int | None = None,
    ) -> AsyncQuery[T]: ...  # fmt: skip

    @overload
    def query(
        self, *conditions: Condition, order: str | None = None, limit: int | None = None, fields: Sequence[str],
        after: str | None = None, consistent: bool = False, max_read: int | None = None,
        sort_in_memory: int | None = None,
    ) -> AsyncQuery[dict[str, Any]]: ...  # fmt: skip

    def query(
        self, *conditions: Condition, order: str | None = None, limit: int | None = None,
        fields: Sequence[str] | None = None, after: str | None = None, consistent: bool = False,
        max_read: int | None = None, sort_in_memory: int | None = None,
    ) -> AsyncQuery[Any]:  # fmt: skip
        """
        Return the query for the records that meet all conditions, served by a key or an index.

        Args:
            conditions: Such as `F.customer == "c-1"`; all must hold.
            order: The sort field of the key or index in use, with "-" in front for descending; ascending by default.
            limit: How many records to return at most; all by default.
            fields: Return dicts of these fields only; records by default.
            after: A page token to begin behind.
            consistent: See every write before; not through an index of DynamoDB.
            max_read: How many items the backend may examine; any number by default. A page then ends early and says
                so by `.stopped`, everything else raises BudgetExceeded.
            sort_in_memory: Allows an order that no index gives: at most that many records are read and sorted here.

        Raises:
            QueryRefused: No key or index serves it; the message gives the index to add.
            InvalidArgument: A field is unknown, or an operator or value does not fit its type.
        """
        asked = Asked(conditions, order, limit, fields, after, consistent, max_read, False, 1, sort_in_memory)
        return AsyncQuery(Execution(self._engine.pinned, asked, self._secret))

    @overload
    def scan(
        self, *conditions: Condition, order: str | None = None, limit: int | None = None, fields: None = None,
        after: str | None = None, consistent: bool = False, max_read: int | None = None, segments: int = 1,
        sort_in_memory: int | None = None,
    ) -> AsyncQuery[T]: ...  # fmt: skip

    @overload
    def scan(
        self, *conditions: Condition, order: str | None = None, limit: int | None = None, fields: Sequence[str],
        after: str | None = None, consistent: bool = False, max_read: int | None = None, segments: int = 1,
        sort_in_memory: int | None = None,
    ) -> AsyncQuery[dict[str, Any]]: ...  # fmt: skip

    def scan(
        self, *conditions: Condition, order: str | None = None, limit: int | None = None,
        fields: Sequence[str] | None = None, after: str | None = None, consistent: bool = False,
        max_read: int | None = None, segments: int = 1, sort_in_memory: int | None = None,
    ) -> AsyncQuery[Any]:  # fmt: skip
        """
        Return the query that reads the whole table, in no order, for the records that meet all conditions.

        Args:
            conditions: All must hold; none are needed.
            order: A field to sort by, with "-" in front for descending; needs `sort_in_memory`.
            limit: How many records to return at most; all by default.
            fields: Return dicts of these fields only; records by default.
            after: A page token to begin behind.
            consistent: See every write before.
            max_read: How many items the backend may examine; any number by default. A page then ends early and says
                so by `.stopped`, everything else raises BudgetExceeded.
            segments: In how many parts to read the table at once, where the backend can (DynamoDB).
            sort_in_memory: At most that many records are read and sorted here.

        Raises:
            InvalidArgument: A field is unknown, or an operator or value does not fit its type.
        """
        asked = Asked(conditions, order, limit, fields, after, consistent, max_read, True, segments, sort_in_memory)
        return AsyncQuery(Execution(self._engine.pinned, asked, self._secret))

    async def count(self, *conditions: Condition) -> int:
        """Return how many records of the whole table meet all conditions; it reads the whole table."""
        return await self.scan(*conditions).count()

    def transaction(self, *, token: str | None = None) -> AsyncTransaction[T]:
        """
        Return an all-or-nothing write set.

        Args:
            token: 1 to 36 characters; the same transaction repeated under it within 10 minutes is applied once.
                By default a fresh one, which covers holdall's own repetitions.

        Raises:
            Unsupported: The backend has no transactions.
            InvalidArgument: The token is too long.
        """
        return AsyncTransaction(pinned := self._engine.pinned, WriteSet(pinned, token))

    @property
    def engine(self) -> Batches[T]:
        """The portable logic under this shell; not part of the public interface."""
        return self._engine.pinned

    @property
    def capabilities(self) -> Capabilities:
        """What the backend can do, and its limits."""
        return self._engine.capabilities

    @property
    def native(self) -> Any:
        """The SDK's own client, engine or table."""
        return self._engine.driver.native

    @property
    def cache_stats(self) -> tuple[CacheStats, ...]:
        """What the caches in front have done in this process, the nearest first; none where there is no cache."""
        return self._engine.cache_stats

    async def invalidate(self, target: Any) -> None:
        """
        Have the caches in front forget a record, by key or record, since something else than holdall has written it.

        What is cached of queries that could answer with it is forgotten too. A cache that does not answer learns of it
        when it does. Without a cache it does nothing.
        """
        await self._engine.invalidate(target)

    async def provision(self) -> None:
        """Make the table, its indexes and its expiry where they are not there; for development."""
        await self._engine.provision()

    async def remove_orphans(self, *, older_than: timedelta = _DAY, dry_run: bool = False) -> list[str]:
        """
        Remove the blobs of spilled fields that no record claims, and return their keys.

        Such blobs are left by processes that die in the middle of a write, by requests whose answer was lost, and by
        stores that remove expired records themselves (DynamoDB). It reads the whole table. The blob store must be that
        of this table alone: another table of the same name would lose its blobs.

        Args:
            older_than: Blobs that are younger stay, since their records may be under way; a day by default.
            dry_run: Only return the keys.

        Raises:
            Unsupported: The repository spills no field.
            BatchError: Some blobs were not removed; it carries exactly which.
            InvalidArgument: `older_than` is no positive timedelta.
        """
        return await self._engine.remove_orphans(older_than, dry_run)

    async def close(self) -> None:
        """Give back what was opened; closing twice is fine."""
        await self._engine.close()
