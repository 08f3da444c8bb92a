"""Reading the ranges of a plan: native pages, full keys, parallel segments, and what is filtered here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from .. import drivers
from .._frozen import frozen
from .._model.kinds import AnyNumber, DecimalNumber, Float, Int, Number, portable_type
from .evaluate import evaluate
from .planner import leaves_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .._model.schema import Field
    from ..drivers import Item
    from .planner import Branch, Plan
    from .records import Records

T = TypeVar("T")
_GETS = 100
"""Keys read at once where the backend sets no limit."""


class Place(NamedTuple):
    """Where one range goes on: its number, and the key fields to begin behind (None: from its beginning)."""

    branch: int
    after: Mapping[str, Any] | None


Position = tuple[Place, ...]
"""Where a query goes on: one place, or one for each unfinished segment of a parallel scan."""


@frozen
class Step:
    """What one round of requests gave: the items that fit, where to go on (None: finished), items examined."""

    items: Sequence[Item]
    next: Position | None
    examined: int
    behind: Callable[[int], Position | None]
    """Where the query goes on behind the item of that number."""


class Reader(Generic[T]):
    """Reads what a plan says, step by step."""

    def __init__(
        self, base: Records[T], plan: Plan, fields: tuple[Field, ...] | None, *, consistent: bool, segments: int,
        cached: float | None = None,
    ) -> None:  # fmt: skip
        self._base = base
        self._plan = plan
        self._consistent = consistent
        self._cached = cached
        self._segments = segments if plan.scan and base.capabilities.segments else 1
        self._fields = None if fields is None else self._needed(fields)
        self._position_fields = {f.stored: f for f in (*plan.index.keys, *base.model.key.keys)}

    @property
    def segments(self) -> int:
        """In how many parts the table is read at once."""
        return self._segments

    def accepts(self, position: Position) -> bool:
        """Return whether a position can be one of this plan's: a token without a secret may be anybody's."""
        plan, fields = self._plan, self._position_fields
        most = self._segments if plan.scan else len(plan.branches)
        return 0 < len(position) <= (most if plan.scan else 1) and all(
            0 <= branch < most and (after is None or all(
                portable_type(after.get(stored)) in field.kind.types for stored, field in fields.items()))
            for branch, after in position
        )  # fmt: skip

    def start(self) -> Position | None:
        """Return the beginning; None where there is nothing to read."""
        if self._plan.scan:
            return tuple(Place(segment, None) for segment in range(self._segments))
        return (Place(0, None),) if self._plan.branches else None

    async def step(self, position: Position, limit: int | None) -> Step:
        """Read on from a position, examining at most `limit` items where given."""
        if self._plan.gets:
            return await self._gets(position[0].branch, limit)
        pages = await self._pages(position, limit, count_only=False)
        chosen = [[item for item in page.items if self._passes(item)] for page in pages]
        examined = sum(page.examined for page in pages)

        def behind(number: int) -> Position | None:
            return self._behind(position, pages, chosen, number)

        return Step([item for items in chosen for item in items], self._next(position, pages), examined, behind)

    async def count(self, position: Position, limit: int | None) -> tuple[int, int, Position | None]:
        """Return how many items there are on from a position, how many were examined, and where to go on."""
        if self._plan.gets or self._plan.here_filter is not None:
            step = await self.step(position, limit)
            return len(step.items), step.examined, step.next
        pages = await self._pages(position, limit, count_only=True)
        return sum(p.count for p in pages), sum(p.examined for p in pages), self._next(position, pages)

    async def _pages(self, position: Position, limit: int | None, *, count_only: bool) -> list[drivers.PageOfItems]:
        share = None if limit is None else -(-limit // len(position))
        jobs = [self._page(self._read(place, share, count_only)) for place in position]
        if len(jobs) == 1:
            return [await jobs[0]]
        return await self._base.io.gather(jobs, parallel=self._base.capabilities.parallel)

    async def _page(self, read: drivers.Read) -> drivers.PageOfItems:
        async def job(_: bool) -> drivers.PageOfItems:
            return await self._base.driver.read(read)

        return await self._base.retrying(job)

    def _read(self, place: Place, limit: int | None, count_only: bool) -> drivers.Read:
        plan = self._plan
        here = None if plan.scan else plan.branches[place.branch]
        return drivers.Read(
            plan.index,
            None if here is None else here.partition,
            None if here is None else here.sort,
            plan.backend_filter,
            plan.descending,
            self._fields,
            place.after,
            limit,
            self._consistent,
            count_only,
            (place.branch, self._segments) if self._segments > 1 else None,
            self._cached,
        )

    def _next(self, position: Position, pages: Sequence[drivers.PageOfItems]) -> Position | None:
        going = tuple(
            Place(place.branch, page.after)
            for place, page in zip(position, pages, strict=True)
            if page.after is not None
        )
        return going or (None if self._plan.scan else self._following(position[0].branch + 1))

    def _following(self, branch: int) -> Position | None:
        return (Place(branch, None),) if branch < len(self._plan.branches) else None

    def _behind(
        self, position: Position, pages: Sequence[drivers.PageOfItems], chosen: Sequence[Sequence[Item]], number: int
    ) -> Position | None:
        if number + 1 >= sum(map(len, chosen)):
            return self._next(position, pages)
        places: list[Place] = []
        # Segments read whole go on behind their page, those not reached begin again.
        for place, page, items in zip(position, pages, chosen, strict=True):
            if number + 1 >= len(items) and number >= 0:
                places += [] if page.after is None else [Place(place.branch, page.after)]
            else:
                places.append(place if number < 0 else Place(place.branch, self._keys_of(items[number])))
            number = max(-1, number - len(items))
        return tuple(places)

    def _keys_of(self, item: Item) -> dict[str, Any]:
        value = self._base.codec.position_value
        return {stored: value(item, field) for stored, field in self._position_fields.items()}

    async def _gets(self, first: int, limit: int | None) -> Step:
        size = min(self._base.capabilities.max_get or _GETS, limit or _GETS)
        branches = self._plan.branches[first : first + size]
        found = await self._base.fetch_all([self._key(b) for b in branches], self._consistent, self._fields)
        kept = [(i, item) for i, item in enumerate(found) if item is not None and self._passes(item)]
        items = [item for _, item in kept]

        def behind(number: int) -> Position | None:
            return self._following(first + kept[number][0] + 1)

        return Step(items, self._following(first + len(branches)), len(branches), behind)

    def _key(self, branch: Branch) -> drivers.KeyValue:
        values = (branch.partition.value,) if branch.sort is None else (branch.partition.value, branch.sort.values[0])
        fields = self._base.model.key.keys
        return self._base.key_of(tuple(_as_field(field, value) for field, value in zip(fields, values, strict=True)))

    def _passes(self, item: Item) -> bool:
        here = self._plan.here_filter
        return here is None or evaluate(here, self._base.codec.portable(item))

    def _needed(self, fields: tuple[Field, ...]) -> tuple[Field, ...]:
        """Return the fields to ask for: those wanted, the keys, and what is tested here."""
        model = self._base.model
        tested = {leaf.path[0] for leaf in leaves_of(self._plan.here_filter or drivers.All(()))}
        needed = {*fields, *model.key.keys, *self._plan.index.keys}
        return tuple(field for field in model.fields if field in needed or field.stored in tested)


def _as_field(field: Field, value: Any) -> Any:
    """Take an operand, which may be of any numeric type, to the type of the key field."""
    if isinstance(field.kind, (Int, Float, DecimalNumber, AnyNumber)):
        return field.kind.lift(Number().lower(value))
    return value
