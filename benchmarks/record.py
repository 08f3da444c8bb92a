"""The record that every benchmark moves: ten fields of nine types, in each client's own form."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from holdall import F, Partition, Sort

FIRST = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone.utc)
ID = "o-{:07d}"
PYNAMODB_TABLE = "pynamodb-"
"""PynamoDB writes instants in a form of its own, so it has tables of its own, told by this prefix."""


@dataclass
class Order:
    """Ten fields. The partition says how many records it holds: "c-100" has 100."""

    customer: Partition[str]
    id: Sort[str]
    quantity: int
    total: Decimal
    weight: float
    paid: bool
    placed: datetime
    tags: list[str]
    address: dict[str, str]
    digest: bytes


def values(size: int, number: int) -> dict[str, Any]:
    """Return the values of one record by field name."""
    return {
        "customer": f"c-{size}",
        "id": ID.format(number),
        "quantity": 3 + number % 7,
        "total": Decimal(10000 + number) / 100,
        "weight": 1.25 + number % 4,
        "paid": number % 2 == 0,
        "placed": FIRST + timedelta(seconds=number),
        "tags": ["new", "gift wrap", "fragile"],
        "address": {"street": "12 Acacia Avenue", "city": "Zürich", "country": "CH"},
        "digest": bytes(range(16)),
    }


def order(size: int, number: int) -> Order:
    """Return one record."""
    return Order(**values(size, number))


def partition(size: int) -> Any:
    """Return the condition for all records of a partition."""
    return F.customer == f"c-{size}"


def instant(value: datetime, table: str = "") -> str:
    """Return how an instant lies in a table: holdall's form, or PynamoDB's in its own tables."""
    text = value.replace(tzinfo=None).isoformat(timespec="microseconds")
    return text + ("+0000" if table.startswith(PYNAMODB_TABLE) else "Z")


def parse_instant(text: str) -> datetime:
    """Return the instant of holdall's form."""
    return datetime.fromisoformat(text.removesuffix("Z") + "+00:00")


def plain(size: int, number: int) -> dict[str, Any]:
    """Return a record for clients that know neither float nor datetime, such as boto3's resource."""
    found = values(size, number)
    return {**found, "weight": Decimal(repr(found["weight"])), "placed": instant(found["placed"])}


def wire(size: int, number: int, table: str = "") -> dict[str, Any]:
    """Return a record as DynamoDB's attribute values, bytes as bytes (as boto3's client takes them)."""
    found = values(size, number)
    return {name: _attribute(instant(value, table) if name == "placed" else value) for name, value in found.items()}


def key(size: int, number: int) -> dict[str, str]:
    """Return the key fields of a record."""
    return {"customer": f"c-{size}", "id": ID.format(number)}


def wire_key(size: int, number: int) -> dict[str, Any]:
    """Return the key of a record as attribute values."""
    return {name: {"S": value} for name, value in key(size, number).items()}


def to_json(item: Any) -> str:
    """Return attribute values as DynamoDB sends them."""
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=lambda b: base64.b64encode(b).decode())


def _attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, (str, bytes)):
        return {"S" if isinstance(value, str) else "B": value}
    if isinstance(value, list):
        return {"L": [_attribute(item) for item in value]}
    if isinstance(value, dict):
        return {"M": {name: _attribute(item) for name, item in value.items()}}
    return {"N": str(value)}


def normal(found: Any) -> Any:
    """
    Return what a client gave in one common form, so that answers of different clients can be compared.

    Reading every value is what proves that a client has parsed its answer.
    """
    if isinstance(found, Mapping):
        return {str(name): normal(value) for name, value in found.items()}
    if isinstance(found, (list, tuple)):
        return [normal(value) for value in found]
    if isinstance(found, (int, float, Decimal)) and not isinstance(found, bool):
        return float(found)
    if isinstance(found, datetime):
        return instant(found.astimezone(timezone.utc))
    if isinstance(found, str):
        return found.removesuffix("+0000") + "Z" if found.endswith("+0000") else found
    return bytes(found) if not isinstance(found, (bool, type(None))) else found


def expected(size: int, number: int) -> Any:
    """Return a record in the common form."""
    return normal(values(size, number))
