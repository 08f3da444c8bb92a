"""Keys: key conditions, start keys, projections, and what makes two keys the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall._engine.resolve import check_key_size

from .values import from_wire, to_wire

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from holdall._model.kinds import Portable
    from holdall._model.schema import Field
    from holdall.drivers import Capabilities, Read

    from .names import Placeholders
    from .values import Wire

    Key = tuple[Portable, ...]


def key_condition(read: Read, places: Placeholders, limits: Capabilities) -> str:
    """
    Return the key condition of a query.

    Raises:
        InvalidArgument: A value is empty.
        TooLarge: A value is longer than a key can be.
    """
    index, partition = read.index, read.partition
    assert partition is not None
    check_key_size(index.partition, partition.portable, limits.max_partition_bytes)
    text = f"{places.name(index.partition.stored)} = {places.operand(partition.portable)}"
    return places.expression(text + _sort_condition(read, places, limits))


def _sort_condition(read: Read, places: Placeholders, limits: Capabilities) -> str:
    index = read.index
    if read.sort is None or index.sort is None:
        return ""
    for operand in read.sort.portable:
        check_key_size(index.sort, operand, limits.max_sort_bytes)
    sort = places.name(index.sort.stored)
    values = [places.operand(operand) for operand in read.sort.portable]
    if read.sort.op == "between":
        return f" AND {sort} BETWEEN {values[0]} AND {values[1]}"
    if read.sort.op == "startswith":
        return f" AND begins_with({sort}, {values[0]})"
    return f" AND {sort} {read.sort.op} {values[0]}"


def start_key(after: Mapping[str, Portable]) -> dict[str, Wire]:
    """Return where a page begins, as DynamoDB takes it."""
    return {name: to_wire(value) for name, value in after.items()}


def last_key(stored: Mapping[str, Any] | None) -> dict[str, Portable] | None:
    """Return where the next page begins, in portable form; None where there is none."""
    return {name: from_wire(value) for name, value in stored.items()} if stored else None


def projection(fields: Iterable[Field], places: Placeholders) -> str:
    """Return the projection of these fields."""
    return places.expression(", ".join(dict.fromkeys(places.name(field.stored) for field in fields)))


def identity(item: Mapping[str, Any], fields: tuple[Field, ...]) -> Key:
    """Return a key as `KeyValue.portable` has it, from an item or a key in stored form."""
    # Most keys are text, which need no look at the kind.
    return tuple([stored["S"] if "S" in (stored := item[field.stored]) else from_wire(stored) for field in fields])
