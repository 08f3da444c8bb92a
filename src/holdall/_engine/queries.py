"""Running a query or a scan: limits, budgets, pages and tokens."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from .. import drivers
from .._frozen import frozen, replace
from ..errors import BudgetExceeded, Conflict, InvalidArgument, InvalidToken, NotFound, QueryRefused, Timeout
from .explain import Explain, explain
from .paging import Reader
from .planner import Plan, Wanted, plan_query, plan_scan
from .resolve import resolve_test
from .sorting import check_sortable, sort_here

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from .._model.schema import Field
    from ..drivers import Item, Test
    from .paging import Position, Step
    from .records import Records
    from .tokens import Tokens

T = TypeVar("T")
_LONGEST_CACHED = 86_400


@frozen
class Asked:
    """What `query` or `scan` was called with."""

    conditions: tuple[Any, ...]
    order: str | None = None
    limit: int | None = None
    fields: Sequence[Any] | None = None
    after: str | None = None
    consistent: bool = False
    max_read: int | None = None
    scan: bool = False
    segments: int = 1
    sort_in_memory: int | None = None
    cached: float | None = None


class PageResult(NamedTuple):
    """What a page holds: `stopped` is None, "budget" or "deadline"."""

    items: list[Any]
    token: str | None
    stopped: Literal["budget", "deadline"] | None


class Execution(Generic[T]):
    """One checked and planned query."""

    def __init__(self, base: Records[T], asked: Asked, secret: bytes | None = None) -> None:
        self.base = base
        self.asked = asked
        self._secret = secret
        with base.verb(self._verb):
            _check_numbers(asked)
            base.check_consistent(asked.consistent)
            self.fields = None if asked.fields is None else _fields(base, asked.fields)
            self.terms = _terms(base, asked.conditions)
            self.order, self.descending = _order(base, asked.order)
            self.sorts_here = False
            self._planned = base.now()
            self.plan: Plan = self._plan()
            self.reader: Reader[T] = self.new_reader()

    def new_reader(self) -> Reader[T]:
        """Return what reads as planned, from the beginning."""
        asked = self.asked
        return Reader(self.base, self.plan, self._read_fields(), consistent=asked.consistent, segments=asked.segments,
                      cached=asked.cached)  # fmt: skip

    def through_cache(self, ttl: Any) -> Execution[T]:
        """
        Return the same query, whose results a cache keeps for so many seconds.

        Raises:
            InvalidArgument: It can't be cached, or the time is none.
        """
        with self.base.verb(self._verb):
            if isinstance(ttl, bool) or not isinstance(ttl, (int, float)) or not 0 < ttl <= _LONGEST_CACHED:
                raise InvalidArgument(f"cache_query(ttl=) takes seconds, up to a day; got {ttl!r}")
            if self.asked.scan:
                raise InvalidArgument("a scan is not cached: any write would end what is kept of it; query a partition")
            if self.asked.consistent:
                raise InvalidArgument("consistent=True asks for what no cache has; drop it, or cache_query()")
            if not self.base.tiers:
                raise InvalidArgument("cache_query() needs a cache: open the repository with cache=")
            return Execution(self.base, replace(self.asked, cached=float(ttl)), self._secret)

    def of_keys(self) -> Execution[T]:
        """Return the same query giving dicts of the key fields; it goes by the same index and has the same tokens."""
        keys = copy(self)
        keys.tokens = self.tokens
        keys.fields = self.base.model.key.keys
        keys.reader = keys.new_reader()
        return keys

    def _renew(self) -> None:
        """Plan again where time has passed, so that what has expired since is not found."""
        now = None if self.base.model.expires is None else self.base.now()
        if now is not None and now != self._planned:
            self._planned, self.plan = now, self._plan()
            self.reader = self.new_reader()

    def _plan(self) -> Plan:
        hidden = None if self.base.model.expires is None else self.base.unexpired()
        wanted = Wanted(self.terms, self.order, self.descending, self._read_fields(), self.asked.consistent, hidden)
        if self.asked.scan:
            self.sorts_here = self.order is not None
            check_sortable(self.order, self.asked.sort_in_memory)
            return plan_scan(self.base.model, wanted, self.base.capabilities)
        try:
            return plan_query(self.base.model, wanted, self.base.capabilities)
        except QueryRefused:
            if self.order is None or self.asked.sort_in_memory is None:
                raise
        check_sortable(self.order, self.asked.sort_in_memory)
        self.sorts_here = True
        return plan_query(self.base.model, replace(wanted, order=None, descending=False), self.base.capabilities)

    def _read_fields(self) -> tuple[Field, ...] | None:
        extra = () if self.order is None or self.fields is None or self.order in self.fields else (self.order,)
        return None if self.fields is None else (*self.fields, *extra)

    @cached_property
    def tokens(self) -> Tokens:
        """The tokens of this query."""
        # Imported here: only pages need it, and its hashes and JSON are slow to load.
        from .tokens import Tokens, describe_test

        terms = ";".join(describe_test(term) for term in self.terms)
        return Tokens(self._scope(terms), self._secret)

    def _scope(self, terms: str) -> str:
        asked, model = self.asked, self.base.model
        fields = None if self.fields is None else [field.name for field in self.fields]
        keys = [(field.name, field.stored, sorted(field.kind.types)) for field in model.key.keys]
        verb = f"scan/{self.reader.segments}" if asked.scan else "query"
        return repr((2, verb, model.name, keys, self.plan.index.name, terms, asked.order, self.sorts_here, fields))

    def explain(self) -> Explain:
        """Return what the query will do."""
        asked = self.asked
        return explain(
            self.base.model, self.plan, self.base.capabilities, limit=None if self.sorts_here else asked.limit,
            max_read=asked.max_read, consistent=asked.consistent, segments=self.reader.segments,
            sorted_here=self.order if self.sorts_here else None, client=self.base.client,
            fields=self.fields,
        )  # fmt: skip

    async def page(self, after: str | None) -> PageResult:
        """Return up to `limit` records, and the token of what follows."""
        with self.base.verb(self._verb):
            token = after or self.asked.after
            if self.sorts_here:
                return await self._sorted_page(token)
            return await self._native_page(self._start(token))

    async def _native_page(self, position: Position | None) -> PageResult:
        items: list[Item] = []
        examined = 0
        while position is not None and not self._enough(len(items)):
            if self._spent(examined):
                return self._result(items, position, "budget")
            try:
                # One more than the page holds tells whether there is more.
                step = await self._step(position, len(items), examined, ahead=1)
            except Timeout:
                if not items and examined == 0:
                    raise
                return self._result(items, position, "deadline")
            room = len(step.items) if self.asked.limit is None else self.asked.limit - len(items)
            items += step.items[:room]
            position = step.next if len(step.items) <= room else step.behind(room - 1)
            examined += step.examined
        return self._result(items, position, None)

    def _result(
        self, items: Sequence[Item], position: Position | None, stopped: Literal["budget", "deadline"] | None
    ) -> PageResult:
        return PageResult(self._decoded(items), None if position is None else self.tokens.write(position), stopped)

    async def _sorted_page(self, token: str | None) -> PageResult:
        found = await self._sorted(token)
        limit = self.asked.limit
        items = found if limit is None else found[:limit]
        more = len(items) < len(found)
        position = sort_here(self.base, self.order, self.descending).position(items[-1]) if more else None
        return self._result(items, position, None)

    async def _sorted(self, token: str | None) -> list[Item]:
        """Read every item that fits, and return those behind the token, sorted."""
        most = self.asked.sort_in_memory or 0
        items: list[Item] = []
        examined = 0
        position = self.reader.start()
        while position is not None:
            self._check_budget(examined, None)
            step = await self._step(position, None, examined)
            items += step.items
            examined += step.examined
            position = step.next
            if len(items) > most:
                raise BudgetExceeded(f"more than sort_in_memory={most} records answer the query, so they can't be "
                                     "sorted here; raise it, narrow the query, or add an index in that order")
        sorter = sort_here(self.base, self.order, self.descending)
        return sorter.sorted(items, None if token is None else self.tokens.read(token))

    async def blocks(self) -> AsyncGenerator[list[Any], None]:
        """Yield the records, a list for each page that is read."""
        if self.sorts_here:
            with self.base.verb(self._verb):
                found = self._decoded((await self._sorted(self.asked.after))[: self.asked.limit])
            yield found
            return
        with self.base.verb(self._verb):
            position = self._start(self.asked.after)
        given = examined = 0
        while position is not None and not self._enough(given):
            with self.base.verb(self._verb):
                self._check_budget(examined, position)
                step = await self._step(position, given, examined)
                room = None if self.asked.limit is None else self.asked.limit - given
                records = self._decoded(step.items[:room])
            yield records
            given += len(records)
            examined += step.examined
            position = step.next

    async def count(self) -> int:
        """Return how many records answer the query."""
        with self.base.verb("count"):
            if self.sorts_here and self.asked.after is not None:
                return len((await self._sorted(self.asked.after))[: self.asked.limit])
            total = examined = 0
            position = self._start(self.asked.after) if not self.sorts_here else self.reader.start()
            while position is not None and not self._enough(total):
                self._check_budget(examined, position)
                self._renew()
                given = None if self.asked.limit is None else total
                found, read, position = await self.reader.count(position, self._allowance(given, examined))
                total += found
                examined += read
            return total if self.asked.limit is None else min(total, self.asked.limit)

    async def collect(self) -> list[Any]:
        """Return all the records."""
        return [record async for block in self.blocks() for record in block]

    async def first(self) -> Any:
        """Return the first record or None."""
        found = await self._limited(1).collect()
        return found[0] if found else None

    async def one(self) -> Any:
        """Return the only record."""
        found = await self._limited(2).collect()
        name = self.base.model.name
        with self.base.verb(self._verb):
            if not found:
                raise NotFound(f"no {name} answers the query")
            if len(found) > 1:
                raise Conflict(f"more than one {name} answers the query")
            return found[0]

    async def exists(self) -> bool:
        """Return whether there is any record."""
        return bool(await self._limited(1).collect())

    async def update(self, changes: Sequence[Any]) -> int:
        """Make changes to the records, and return how many were changed; see `found`."""
        # Imported here: few programs write by query.
        from .found import update_found

        return await update_found(self, changes)

    async def delete(self) -> int:
        """Delete the records, and return how many were deleted; see `found`."""
        from .found import delete_found

        return await delete_found(self)

    def _limited(self, limit: int) -> Execution[T]:
        asked = self.asked.limit
        least = limit if asked is None else min(asked, limit)
        return Execution(self.base, replace(self.asked, limit=least), self._secret)

    def _check_budget(self, examined: int, position: Position | None) -> None:
        if self._spent(examined):
            raise BudgetExceeded(f"max_read={self.asked.max_read} items are read and the {self._verb} is not finished",
                                 token=None if position is None else self.tokens.write(position))

    @property
    def _verb(self) -> str:
        return "scan" if self.asked.scan else "query"

    def _start(self, token: str | None) -> Position | None:
        if token is None:
            return self.reader.start()
        position = self.tokens.read(token)
        if not self.reader.accepts(position):
            raise InvalidToken("the page token names no place of this query")
        return position

    def _enough(self, given: int) -> bool:
        return self.asked.limit is not None and given >= self.asked.limit

    def _spent(self, examined: int) -> bool:
        return self.asked.max_read is not None and examined >= self.asked.max_read

    def _allowance(self, given: int | None, examined: int, ahead: int = 0) -> int | None:
        """Return how many items the next round may examine."""
        wanted = None
        if self.asked.limit is not None and given is not None:
            missing = self.asked.limit - given
            # With a filter nobody knows how many must be read for one that passes: begin small and double.
            wanted = max(missing * 2, 32, examined) if self.plan.filtered else missing + ahead
        budget = None if self.asked.max_read is None else self.asked.max_read - examined
        bounds = [bound for bound in (wanted, budget) if bound is not None]
        return min(bounds) if bounds else None

    async def _step(self, position: Position, given: int | None, examined: int, *, ahead: int = 0) -> Step:
        self._renew()
        return await self.reader.step(position, self._allowance(given, examined, ahead))

    def _decoded(self, items: Sequence[Item]) -> list[Any]:
        codec = self.base.codec
        if self.fields is None:
            return [codec.decode(item) for item in items]
        return [codec.decode_fields(item, self.fields) for item in items]


def _check_numbers(asked: Asked) -> None:
    given: list[tuple[str, Any]] = [
        ("limit", asked.limit), ("max_read", asked.max_read), ("segments", asked.segments),
        ("sort_in_memory", asked.sort_in_memory),
    ]  # fmt: skip
    for name, value in given:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise InvalidArgument(f"{name}= is a whole number from 1, got {value!r}")


def _fields(base: Records[Any], asked: Sequence[Any]) -> tuple[Field, ...]:
    if isinstance(asked, str) or not asked:
        raise InvalidArgument("fields= is a list of field names, such as fields=['id', 'total']")
    return tuple(base.model.field(_field_name(field)) for field in asked)


def _field_name(field: Any) -> str:
    return field if isinstance(field, str) else ".".join(map(str, getattr(field, "_path", (field,))))


def _terms(base: Records[Any], conditions: Sequence[Any]) -> tuple[Test, ...]:
    terms: list[Test] = []
    for condition in conditions:
        test = resolve_test(base.model, condition, base.capabilities)
        terms.extend(test.parts if isinstance(test, drivers.All) else (test,))
    return tuple(terms)


def _order(base: Records[Any], order: Any) -> tuple[Field | None, bool]:
    if order is None:
        return None, False
    if not isinstance(order, str) or not order.lstrip("-"):
        raise InvalidArgument("order= is a field's name, with '-' in front for descending, such as order='-placed'")
    field = base.model.field(order.removeprefix("-"))
    if field.stored in base.model.spilled:
        raise InvalidArgument(f"{base.model.name}.{field.name} is spilled, so records can't be ordered by it")
    return field, order.startswith("-")
