"""Running a query or a scan: native pages, what is filtered here, limits, budgets and tokens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, TypeVar

from .. import drivers
from .._model.kinds import AnyNumber, DecimalNumber, Float, Int, Number
from ..errors import BudgetExceeded, Conflict, InvalidArgument, NotFound, Timeout
from .attempts import retrying
from .records import Records
from .evaluate import evaluate
from .explain import Explain, explain
from .planner import Plan, Wanted, leaves_of, plan_query, plan_scan
from .resolve import resolve_test
from .tokens import Position, Tokens, describe_test

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping, Sequence

    from .._model.schema import Field
    from ..drivers import Item, Test

T = TypeVar("T")
_START: Position = (0, None)


@dataclass(frozen=True)
class Asked:
    """What `query` or `scan` was called with."""

    conditions: tuple[Any, ...]
    order: str | None = None
    limit: int | None = None
    fields: tuple[Any, ...] | None = None
    after: str | None = None
    consistent: bool = False
    max_read: int | None = None
    scan: bool = False
    segments: int = 1


class Row(NamedTuple):
    """An item that answers the query, and where the query goes on behind it."""

    item: Item
    position: Position


class Step(NamedTuple):
    """One native page: its rows, where the next begins (None: finished), and how many items were examined."""

    rows: Sequence[Row]
    next: Position | None
    examined: int


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
        _check_numbers(asked)
        self.fields = None if asked.fields is None else _fields(base, asked.fields)
        self.terms = _terms(base, asked.conditions)
        order, self.descending = _order(base, asked.order)
        hidden = None if base.model.expires is None else base.unexpired()
        self.wanted = Wanted(self.terms, order, self.descending, self.fields, asked.consistent, hidden)
        make = plan_scan if asked.scan else plan_query
        self.plan: Plan = make(base.model, self.wanted, base.capabilities)
        self.tokens = Tokens(self._scope(), secret)

    def _scope(self) -> str:
        terms = ";".join(describe_test(term) for term in self.terms)
        fields = None if self.fields is None else [field.name for field in self.fields]
        model = [(field.name, field.stored, sorted(field.kind.types)) for field in self.base.model.key.keys]
        verb = "scan" if self.asked.scan else "query"
        return repr((1, verb, self.base.model.name, model, self.plan.index.name, terms, self.asked.order, fields))

    def explain(self) -> Explain:
        """Return what the query will do."""
        asked = self.asked
        return explain(self.base.model, self.plan, self.base.capabilities, limit=asked.limit, max_read=asked.max_read,
                       consistent=asked.consistent)

    async def page(self, after: str | None) -> PageResult:
        """Return up to `limit` records, and the token of what follows."""
        with self.base.verb(self._verb):
            position = self._start(after or self.asked.after)
            rows: list[Row] = []
            examined = 0
            while position is not None and not self._enough(len(rows)):
                if self._spent(examined):
                    return PageResult(self._decoded(rows), self.tokens.write(position), "budget")
                try:
                    step = await self._step(position, len(rows), examined)
                except Timeout:
                    if not rows and examined == 0:
                        raise
                    return PageResult(self._decoded(rows), self.tokens.write(position), "deadline")
                rows += step.rows
                examined += step.examined
                position = step.next
            return self._cut(rows, position)

    def _cut(self, rows: list[Row], position: Position | None) -> PageResult:
        limit = self.asked.limit
        if limit is not None and len(rows) > limit:
            position = rows[limit - 1].position
            rows = rows[:limit]
        return PageResult(self._decoded(rows), None if position is None else self.tokens.write(position), None)

    async def stream(self) -> AsyncGenerator[Any, None]:
        """Yield the records one by one."""
        with self.base.verb(self._verb):
            position = self._start(self.asked.after)
        given = examined = 0
        while position is not None and not self._enough(given):
            with self.base.verb(self._verb):
                if self._spent(examined):
                    raise BudgetExceeded(f"max_read={self.asked.max_read} items are read and the query is not finished",
                                         token=self.tokens.write(position))
                step = await self._step(position, given, examined)
                room = None if self.asked.limit is None else self.asked.limit - given
                records = self._decoded(step.rows[:room])
            for record in records:
                yield record
            given += len(records)
            examined += step.examined
            position = step.next

    async def count(self) -> int:
        """Return how many records answer the query."""
        with self.base.verb("count"):
            if self.asked.limit is not None or self.plan.here_filter is not None or self.plan.gets:
                return await self._count_rows()
            total, examined = 0, 0
            position: Position | None = self._start(self.asked.after)
            while position is not None:
                self._check_budget(examined, position)
                page, position = await self._native(position, self._allowance(None, examined), count_only=True)
                total += page.count
                examined += page.examined
            return total

    async def _count_rows(self) -> int:
        total, examined = 0, 0
        position: Position | None = self._start(self.asked.after)
        while position is not None and not self._enough(total):
            self._check_budget(examined, position)
            step = await self._step(position, total, examined)
            total += len(step.rows)
            examined += step.examined
            position = step.next
        return total if self.asked.limit is None else min(total, self.asked.limit)

    async def collect(self) -> list[Any]:
        """Return all the records."""
        return [record async for record in self.stream()]

    async def first(self) -> Any:
        """Return the first record or None."""
        found = await self._limited(1).collect()
        return found[0] if found else None

    async def one(self) -> Any:
        """Return the only record."""
        found = await self._limited(2).collect()
        name = self.base.model.name
        if not found:
            raise NotFound(f"no {name} answers the query", operation=self._verb)
        if len(found) > 1:
            raise Conflict(f"more than one {name} answers the query", operation=self._verb)
        return found[0]

    async def exists(self) -> bool:
        """Return whether there is any record."""
        return bool(await self._limited(1).collect())

    def _limited(self, limit: int) -> Execution[T]:
        asked = self.asked.limit
        return Execution(self.base, replace(self.asked, limit=limit if asked is None else min(asked, limit)))

    def _check_budget(self, examined: int, position: Position) -> None:
        if self._spent(examined):
            raise BudgetExceeded(f"max_read={self.asked.max_read} items are read and the count is not finished",
                                 token=self.tokens.write(position))

    @property
    def _verb(self) -> str:
        return "scan" if self.asked.scan else "query"

    def _start(self, token: str | None) -> Position | None:
        if token is not None:
            return self.tokens.read(token)
        return _START if self.plan.branches or self.plan.scan else None

    def _enough(self, given: int) -> bool:
        return self.asked.limit is not None and given >= self.asked.limit

    def _spent(self, examined: int) -> bool:
        return self.asked.max_read is not None and examined >= self.asked.max_read

    def _allowance(self, given: int | None, examined: int) -> int | None:
        """Return how many items the next native page may examine."""
        filtered = self.plan.backend_filter is not None or self.plan.here_filter is not None
        wanted = None
        if self.asked.limit is not None and given is not None:
            missing = self.asked.limit - given
            # With a filter nobody knows how many must be read for one that passes: begin small and double.
            wanted = max(missing * 2, 32, examined) if filtered else missing
        budget = None if self.asked.max_read is None else self.asked.max_read - examined
        bounds = [bound for bound in (wanted, budget) if bound is not None]
        return min(bounds) if bounds else None

    async def _step(self, position: Position, given: int, examined: int) -> Step:
        if self.plan.gets:
            return await self._get_step(position, self._allowance(given, examined))
        page, following = await self._native(position, self._allowance(given, examined))
        rows = [Row(item, self._behind(position[0], item)) for item in page.items if self._passes(item)]
        return Step(rows, following, page.examined)

    async def _native(
        self, position: Position, limit: int | None, *, count_only: bool = False
    ) -> tuple[drivers.PageOfItems, Position | None]:
        branch, after = position
        read = self._read(branch, after, limit, count_only)

        async def job(_: bool) -> drivers.PageOfItems:
            return await self.base.driver.read(read)

        page = await retrying(self.base.io, self.base.retry, job)
        if page.after is not None:
            return page, (branch, page.after)
        return page, (branch + 1, None) if branch + 1 < len(self.plan.branches) else None

    def _read(
        self, branch: int, after: Mapping[str, Any] | None, limit: int | None, count_only: bool
    ) -> drivers.Read:
        plan = self.plan
        here = None if plan.scan else plan.branches[branch]
        return drivers.Read(
            plan.index,
            None if here is None else here.partition,
            None if here is None else here.sort,
            plan.backend_filter,
            plan.descending,
            self._read_fields(),
            after,
            limit,
            self.asked.consistent,
            count_only,
        )

    def _read_fields(self) -> tuple[Field, ...] | None:
        if self.fields is None:
            return None
        model = self.base.model
        tested = {leaf.path[0] for leaf in leaves_of(self.plan.here_filter or drivers.All(()))}
        needed = {*self.fields, *model.key.keys, *self.plan.index.keys}
        return tuple(field for field in model.fields if field in needed or field.stored in tested)

    async def _get_step(self, position: Position, limit: int | None) -> Step:
        first = position[0]
        size = min(self.base.capabilities.max_get or 100, limit or 100)
        branches = self.plan.branches[first : first + size]
        keys = [self._branch_key(branch) for branch in branches]
        items = await self.base.fetch_all(keys, self.asked.consistent, self._read_fields())
        last = first + len(branches)
        following = (last, None) if last < len(self.plan.branches) else None
        rows = [
            Row(item, (first + i + 1, None))
            for i, item in enumerate(items)
            if item is not None and self._passes(item)
        ]
        return Step(rows, following, len(branches))

    def _branch_key(self, branch: Any) -> drivers.KeyValue:
        values = (branch.partition.value,) if branch.sort is None else (branch.partition.value, branch.sort.values[0])
        fields = self.base.model.key.keys
        return self.base.key_of(tuple(_as_field(field, value) for field, value in zip(fields, values, strict=True)))

    def _passes(self, item: Item) -> bool:
        here = self.plan.here_filter
        return here is None or evaluate(here, self.base.codec.portable(item))

    def _behind(self, branch: int, item: Item) -> Position:
        fields = {field.stored: field for field in (*self.plan.index.keys, *self.base.model.key.keys)}
        after = {stored: field.kind.lower(self.base.codec.value(item, field)) for stored, field in fields.items()}
        return branch, after

    def _decoded(self, rows: Sequence[Row]) -> list[Any]:
        codec = self.base.codec
        if self.fields is None:
            return [codec.decode(row.item) for row in rows]
        return [codec.decode_fields(row.item, self.fields) for row in rows]


def _as_field(field: Field, value: Any) -> Any:
    """Take an operand, which may be of any numeric type, to the type of the key field."""
    if isinstance(field.kind, (Int, Float, DecimalNumber, AnyNumber)):
        return field.kind.lift(Number().lower(value))
    return value


def _check_numbers(asked: Asked) -> None:
    given: list[tuple[str, Any]] = [
        ("limit", asked.limit), ("max_read", asked.max_read), ("segments", asked.segments)
    ]  # fmt: skip
    for name, value in given:
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise InvalidArgument(f"{name}= is a whole number from 1, got {value!r}")


def _fields(base: Records[Any], asked: Sequence[Any]) -> tuple[Field, ...]:
    if isinstance(asked, str) or not asked:
        raise InvalidArgument("fields= is a list of field names, such as fields=['id', 'total']")
    names = [field if isinstance(field, str) else ".".join(map(str, getattr(field, "_path", (field,)))) for field in asked]
    return tuple(base.model.field(name) for name in names)


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
    return base.model.field(order.removeprefix("-")), order.startswith("-")
