"""Record classes, as a checker sees them: a marker is the type that it marks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, TypedDict

from typing_extensions import assert_type

from holdall import Expires, Index, Key, Partition, Revision, Schema, Sort, Unique


@dataclass
class Order:
    customer: Partition[str]
    id: Sort[int]
    placed: datetime
    total: Decimal = Decimal(0)
    expires: Expires[datetime | None] = None
    revision: Revision = None

    by_placed = Index("customer", "placed")


@dataclass
class Member:
    id: Key[str]
    email: Unique[str | None] = None
    by_email: ClassVar[Index] = Index("email")


class Note(TypedDict):
    id: str
    text: str


NOTES = Schema(Note, partition="id")


def markers(order: Order, member: Member) -> None:
    assert_type(order.customer, str)
    assert_type(order.id, int)
    assert_type(order.expires, datetime | None)
    assert_type(order.revision, str | None)
    assert_type(member.id, str)
    assert_type(member.email, str | None)
    assert_type(Order.by_placed, Index)
    assert_type(NOTES, Schema[Note])


def mistakes(order: Order) -> None:
    Order(5, 1, order.placed)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    order.id = "x"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    Index()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Schema(Order, partition=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
