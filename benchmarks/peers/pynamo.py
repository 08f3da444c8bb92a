"""PynamoDB."""

from __future__ import annotations

from typing import Any

from pynamodb.attributes import (
    BinaryAttribute,
    BooleanAttribute,
    ListAttribute,
    MapAttribute,
    NumberAttribute,
    UnicodeAttribute,
    UTCDateTimeAttribute,
)
from pynamodb.models import Model

from .. import record
from .base import CREDENTIALS, PUT, READ, REGION, UPDATED, Peer


class Address(MapAttribute):  # type: ignore[type-arg]  # generic only for its checker
    street = UnicodeAttribute()
    city = UnicodeAttribute()
    country = UnicodeAttribute()


def _model(endpoint: str, table: str) -> Any:
    class Order(Model):
        class Meta:
            table_name = table
            region = REGION
            host = endpoint
            aws_access_key_id, aws_secret_access_key = CREDENTIALS

        customer = UnicodeAttribute(hash_key=True)
        id = UnicodeAttribute(range_key=True)
        quantity = NumberAttribute()
        total = NumberAttribute()
        weight = NumberAttribute()
        paid = BooleanAttribute()
        placed = UTCDateTimeAttribute()
        tags: Any = ListAttribute(of=UnicodeAttribute)
        address = Address()
        digest = BinaryAttribute(legacy_encoding=False)

    return Order


class PynamoDb(Peer):
    prefix = record.PYNAMODB_TABLE

    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.orders = _model(endpoint, self.table)
        self._put = self.record(1, PUT)

    def get(self) -> Any:
        return self.orders.get("c-1", record.ID.format(READ))

    def put(self) -> Any:
        return self._put.save()

    def put_if_present(self) -> Any:
        return self._put.save(condition=self.orders.customer.exists())

    def update(self) -> Any:
        found = self.orders("c-1", record.ID.format(UPDATED))
        found.update(
            actions=[self.orders.paid.set(True), self.orders.quantity.add(1)], condition=self.orders.customer.exists()
        )
        return found

    def query(self, size: int) -> Any:
        return list(self.orders.query(f"c-{size}"))

    def stream(self, size: int) -> int:
        return sum(1 for _ in self.orders.query(f"c-{size}"))

    def get_many(self) -> Any:
        return list(self.orders.batch_get(self.keys))

    def put_many(self) -> Any:
        with self.orders.batch_write() as batch:
            for item in self.records:
                batch.save(item)

    def key(self, size: int, number: int) -> Any:
        return f"c-{size}", record.ID.format(number)

    def record(self, size: int, number: int) -> Any:
        # It knows numbers as int and float only.
        found = record.values(size, number)
        return self.orders(**{**found, "total": float(found["total"])})

    def values(self, found: Any) -> Any:
        return {**found.attribute_values, "address": found.address.attribute_values}
