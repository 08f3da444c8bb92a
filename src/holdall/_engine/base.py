"""What every part of the records engine shares: the model, its codec, the driver, the clock and the retries."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeGuard, TypeVar, cast

from .. import drivers
from .._model import kinds
from ..errors import (
    AlreadyExists,
    ConditionFailed,
    Conflict,
    HoldallError,
    InvalidArgument,
    NotFound,
    Throttled,
    Unavailable,
    Unsupported,
)
from .attempts import RetryPolicy, RetryQuota, pause, retrying
from .codec import Codec, check_keys
from .compiled import compile_key
from .verb import Verb

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from typing_extensions import Self

    from .._model.schema import Model
    from ..cache import CacheStats
    from ..drivers import Item, KeyValue, RecordDriver, Write, WriteRefused, Written
    from ..io import Io
    from .cache.tier import Tier

T = TypeVar("T")
R = TypeVar("R")


class Base(Generic[T]):
    """One open repository, as the engine sees it."""

    def __init__(
        self,
        model: Model[T],
        driver: RecordDriver,
        io: Io,
        *,
        clock: Callable[[], float] = time.time,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.model = model
        self.driver = driver
        self.io = io
        self.clock = clock
        self.retry = retry or RetryPolicy()
        self.quota = RetryQuota()
        self.capabilities = driver.capabilities
        self.codec: Codec[T] = Codec(model, driver.form, self.capabilities)
        limits = (self.capabilities.max_partition_bytes, self.capabilities.max_sort_bytes)
        self._quick_key = compile_key(model, driver.form, limits)
        self.closed = False

    @property
    def client(self) -> str | None:
        """Which client the driver uses, and why; None where it has no choice."""
        return self.driver.client if isinstance(self.driver, drivers.Connected) else None

    @property
    def tiers(self) -> Sequence[Tier]:
        """The caches in front of the store, the nearest first."""
        tiers: Sequence[Tier] = getattr(self.driver, "tiers", ())
        return tiers

    @property
    def cache_stats(self) -> tuple[CacheStats, ...]:
        """What the caches have done, the nearest first."""
        return tuple(tier.stats for tier in self.tiers)

    @property
    def guarded(self) -> bool:
        """Whether unique fields are kept by guard items, so that every write is a transaction."""
        return bool(self.model.uniques) and self.capabilities.unique == "guards"

    def now(self) -> int:
        """Return whole seconds since 1970 by the repository's clock."""
        return int(self.clock())

    def new_revision(self) -> str | None:
        """Return a fresh random revision, None where the model has no revision."""
        return os.urandom(8).hex() if self.model.revision is not None else None

    @property
    def pinned(self) -> Self:
        """This very engine, where `indirect.Indirect` stands for one that may be replaced."""
        return self

    @property
    def store(self) -> str:
        """What the store is, for `repr`."""
        return str(self.capabilities.name)

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"{self.model.name} repository"

    def verb(self, operation: str, target: object = None) -> Verb:
        """
        Return the block in which a verb runs; it says in every error which verb, key and backend it was.

        Raises:
            ClosedError: (on entering) the repository is closed.
        """
        return Verb(self, operation, target)

    def words_of(self, target: object) -> object:
        """Return the key of a target as the program writes it; None where it has none."""
        if target is None:
            return None
        try:
            return self.shown_key(self.key_of(target))
        except HoldallError:
            return None

    async def retrying(self, job: Callable[[bool], Awaitable[R]], *, repeatable: bool = True) -> R:
        """Return the job's result, trying again as the repository's policy says; see `attempts.retrying`."""
        return await retrying(self.io, self.retry, self.quota, job, repeatable=repeatable)

    async def wait_for_rest(self, left: int, asked: int, stalled: int) -> int:
        """
        Wait before what a batch left is asked again, longer each time there was no progress; return how often in a row.

        Raises:
            Throttled: The attempts are used up.
            Timeout: The deadline would pass.
        """
        if not left:
            return 0
        stalled = stalled + 1 if left == asked else 0
        if stalled >= self.retry.attempts:
            raise Throttled("the backend leaves the items of a batch unprocessed", retry="exhausted")
        await pause(self.io, self.retry.wait(max(1, stalled)))
        return stalled

    def check_consistent(self, consistent: bool) -> None:
        """
        Check that the backend has the consistent reads that are asked for.

        Raises:
            Unsupported: It has none.
        """
        if consistent and not self.capabilities.consistent_reads:
            raise Unsupported(f"{self.capabilities.name} has no consistent reads; drop consistent=True")

    def key_of(self, value: Any) -> KeyValue:
        """
        Return the key that a key value, a tuple or a record means.

        Raises:
            InvalidArgument: It is none of them, or a part has a wrong type.
        """
        if self.model.is_record(value):
            return self._key(self.model.key_values(value))
        fields = self.model.key.keys
        parts: tuple[Any, ...] = value if is_tuple(value) else (value,)
        if len(parts) != len(fields):
            if len(fields) == 1:
                raise InvalidArgument(f"the key of {self.model.name} is the value of {fields[0].name} alone")
            names = ", ".join(field.name for field in fields)
            raise InvalidArgument(f"the key of {self.model.name} is the tuple ({names}), got {len(parts)} values")
        return self._key(parts)

    def _key(self, values: tuple[Any, ...]) -> KeyValue:
        quick = None if self._quick_key is None else self._quick_key(values)
        return self._checked_key(values) if quick is None else quick

    def _checked_key(self, values: tuple[Any, ...]) -> KeyValue:
        fields = self.model.key.keys
        item: dict[str, Any] = {}
        portable: list[Any] = []
        for field, value in zip(fields, values, strict=True):
            lowered, item[field.stored] = self.codec.key_value(field, value)
            portable.append(canonical(lowered))
        check_keys(fields, portable, self.capabilities)
        return drivers.KeyValue(values, tuple(portable), item)

    def shown_key(self, key: KeyValue) -> object:
        """Return a key as the program writes it."""
        return one_or_tuple(key.values)

    def live(self, item: Item | None) -> Item | None:
        """Return the item if it is there and has not expired."""
        if item is None or self.model.expires is None:
            return item
        return None if self.expired(item) else item

    def expired(self, item: Item) -> bool:
        """Return whether an item's end has come."""
        field = self.model.expires
        end = self.codec.value(item, field)
        return end is not None and field is not None and field.kind.lower(end) <= self.now()

    def absent(self) -> drivers.Test:
        """Return the test for "not there, or expired"."""
        missing = drivers.Exists(present=False)
        return missing if self.model.expires is None else drivers.AnyOf((missing, self._expiry("<=")))

    def present(self) -> drivers.Test:
        """Return the test for "there, and not expired"."""
        there = drivers.Exists(present=True)
        return there if self.model.expires is None else drivers.All((there, self.unexpired()))

    def unexpired(self) -> drivers.Test:
        """Return the test for "has no end, or its end is to come"."""
        field = self.model.expires
        if field is None:
            return drivers.All(())
        unset = drivers.Leaf((field.stored,), "is_null", field.kind, field.kind)
        return drivers.AnyOf((unset, self._expiry(">")))

    def _expiry(self, op: Any) -> drivers.Leaf:
        field = self.model.expires
        assert field is not None
        now = self.now()
        return drivers.Leaf((field.stored,), op, field.kind, kinds.Int(), (now,), (now,))

    def revision_is(self, revision: str) -> drivers.Test:
        """Return the test for "still of that revision"."""
        field = self.model.revision
        assert field is not None
        return drivers.Leaf((field.stored,), "=", field.kind, kinds.Str(), (revision,), (revision,))

    def carried_revision(self, record: Any) -> str | None:
        """Return the revision that a record carries; None for a key, or where it has none."""
        if self.model.revision is None or not self.model.is_record(record):
            return None
        return cast("str | None", self.model.value_of(record, self.model.revision))

    async def send(self, write: Write, *, revision: str | None, repeatable: bool) -> Written:
        """
        Do a write, surviving lost answers.

        A refusal after a try that may have been applied is compared with what that try would have written, so that
        one's own write never comes back as a conflict.

        Raises:
            WriteRefused: The condition was false.
            Unavailable: With `maybe_done` where it can't be told whether the write was applied.
        """

        async def job(maybe_done: bool) -> Written | Unavailable:
            try:
                return await self.driver.write(write)
            except drivers.WriteRefused as refused:
                if not maybe_done:
                    raise
                return self._judge(write, revision, refused)

        done = await self.retrying(job, repeatable=repeatable)
        if isinstance(done, Unavailable):
            raise done  # Here, since another try would not tell more, but could do it once more.
        return done

    def _judge(self, write: Write, revision: str | None, refused: WriteRefused) -> Written | Unavailable:
        current = refused.current
        if write.verb == "delete" and current is None:
            return drivers.Written()
        if current is not None and write.verb != "delete":
            if revision is not None and self.codec.value(current, self.model.revision) == revision:
                return drivers.Written(current)
            if write.item is not None and self.codec.portable(current) == self.codec.portable(write.item):
                return drivers.Written(current)
        return Unavailable("an answer was lost, and it can't be told whether the write was applied", maybe_done=True,
                           retry="maybe")

    def raise_refused(
        self, refused: WriteRefused, *, fenced: str | None, when: bool, absent_is: type[HoldallError] = NotFound
    ) -> NoReturn:
        """Raise the error that a refused write means, seen from what is stored now."""
        if refused.field is not None:
            field = self.model.field(refused.field)
            raise AlreadyExists(f"another {self.model.name} has the same {field.name}", field=field.name)
        current = None if refused.current is None else self.live(refused.current)
        if current is None:
            if absent_is is Conflict:
                raise Conflict(f"the {self.model.name} that was read is gone", current=None)
            raise NotFound(f"there is no such {self.model.name}")
        record = self.codec.decode(current)
        stale = fenced is not None and self.codec.value(current, self.model.revision) != fenced
        if stale or not when:
            raise Conflict(f"the {self.model.name} has changed since it was read", current=record)
        raise ConditionFailed(f"the {self.model.name} is there, but when= is false", current=record)


def is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Return whether a key is given as a tuple."""
    return isinstance(value, tuple)


def one_or_tuple(values: tuple[Any, ...]) -> object:
    """Return the values of a key as the program writes them: a key of one field is no tuple."""
    return values if len(values) != 1 else values[0]


def canonical(value: kinds.Portable) -> kinds.Portable:
    """Return a number in one form whatever its type, so that equal keys are equal; other values as they are."""
    if value.__class__ in (str, int, bytes):
        return value
    return int(value) if kinds.is_number(value) and value == int(value) else value


def both(*tests: drivers.Test | None) -> drivers.Test | None:
    """Return the conjunction of the tests that are given; None for none."""
    given = [test for test in tests if test is not None and test != drivers.All(())]
    return given[0] if len(given) == 1 else drivers.All(tuple(given)) if given else None
