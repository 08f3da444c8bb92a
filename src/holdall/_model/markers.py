"""What a record class says of its fields and indexes."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, TypeVar

T = TypeVar("T")


class Mark(Enum):
    """The role of a field, carried in `Annotated`."""

    PARTITION = "partition"
    SORT = "sort"
    EXPIRES = "expires"
    REVISION = "revision"
    UNIQUE = "unique"


Partition = Annotated[T, Mark.PARTITION]
"""The partition key: the part of the key that a query must give by `=` or `in`."""

Sort = Annotated[T, Mark.SORT]
"""The sort key: orders the records of one partition."""

Key = Annotated[T, Mark.PARTITION]
"""The whole key of a record type that has no sort key."""

Expires = Annotated[T, Mark.EXPIRES]
"""When the record ends: an aware datetime, or whole seconds since 1970 as an int. Kept in whole seconds, rounded up."""

Unique = Annotated[T, Mark.UNIQUE]
"""A field whose value no two live records share. None is not a value."""

Revision = Annotated[str | None, Mark.REVISION]
"""A random token that holdall writes anew with each write; compared for equality only (optimistic locking)."""

class Index:
    """
    A secondary index, declared in the class body or in a `Schema`.

    Args:
        partition: The field that queries give by `=` or `in`.
        sort: The field that orders the records of one value of `partition`. A record in which either is
            None is not in the index.
        name: The index's name in the store; by default the attribute's name in the class.
        keys_only: The index carries the keys only, so it serves only queries with `fields=` among them.
        include: The index carries these fields beside the keys.
    """

    __slots__ = ("include", "keys_only", "name", "partition", "sort")

    def __init__(
        self,
        partition: str,
        sort: str | None = None,
        *,
        name: str | None = None,
        keys_only: bool = False,
        include: tuple[str, ...] | list[str] | None = None,
    ) -> None:
        self.partition = partition
        self.sort = sort
        self.name = name
        self.keys_only = keys_only
        self.include = None if include is None else tuple(include)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    def __repr__(self) -> str:
        fields = ", ".join(repr(field) for field in (self.partition, self.sort) if field is not None)
        return f"Index({fields})"
