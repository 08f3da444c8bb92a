"""Sorting in the client, where the caller allows it by `sort_in_memory=`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .._frozen import frozen
from ..errors import InvalidArgument, InvalidToken
from .base import canonical
from .paging import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .._model.schema import Field
    from ..drivers import Item
    from .paging import Position
    from .records import Records

_SORTED = -1
"""The number of the range in the tokens of a query sorted here."""


def check_sortable(order: Field | None, most: int | None) -> None:
    """
    Check that an order that no index gives may be made here.

    Raises:
        InvalidArgument: `sort_in_memory` is not given, or the field's values have no order.
    """
    if order is None:
        return
    if most is None:
        raise InvalidArgument("a scan has no order; give sort_in_memory=n to sort at most n records here")
    if len(order.kind.types) != 1 or not order.kind.types <= {"str", "number", "bytes", "bool"}:
        raise InvalidArgument(f"order={order.name!r}: {order.kind.describe()} has no order")


@frozen
class Sorter:
    """Sorts by one field, unset values last, ties by the table's key."""

    base: Records[Any]
    order: Field
    descending: bool

    def sorted(self, items: Sequence[Item], after: Position | None) -> list[Item]:
        """
        Return the items behind a position, sorted.

        Raises:
            InvalidToken: The position is none of a sorted query.
        """
        keyed = sorted(((self._place(item), item) for item in items), key=lambda row: row[0], reverse=self.descending)
        if after is None:
            return [item for _, item in keyed]
        start = self._start(after)
        return [item for place, item in keyed if (place < start if self.descending else place > start)]

    def position(self, item: Item) -> Position:
        """Return the position behind an item."""
        fields = {field.stored: field for field in (self.order, *self.base.model.key.keys)}
        return (Place(_SORTED, {stored: self._portable(item, field) for stored, field in fields.items()}),)

    def _place(self, item: Item) -> tuple[Any, ...]:
        return self._sortable({field.stored: self._portable(item, field) for field in self._fields()})

    def _start(self, after: Position) -> tuple[Any, ...]:
        place = after[0]
        if place.branch != _SORTED or place.after is None:
            raise InvalidToken("the page token is none of a query that is sorted in memory")
        return self._sortable(place.after)

    def _sortable(self, values: Any) -> tuple[Any, ...]:
        value, *key = (values[field.stored] for field in self._fields())
        unset = value is None
        return (unset is not self.descending, 0 if unset else value, *key)

    def _fields(self) -> tuple[Field, ...]:
        return (self.order, *self.base.model.key.keys)

    def _portable(self, item: Item, field: Field) -> Any:
        value = self.base.codec.value(item, field)
        return None if value is None else canonical(field.kind.lower(value))


def sort_here(base: Records[Any], order: Field | None, descending: bool) -> Sorter:
    """Return what sorts the items of a query."""
    assert order is not None
    return Sorter(base, order, descending)
