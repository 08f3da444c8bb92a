"""pydynox: a Rust core; its client gives dicts."""

from __future__ import annotations

import logging
from typing import Any

from pydynox import DynamoDBClient

from .. import record
from .base import CREDENTIALS, PUT, READ, REGION, UPDATED, Peer

# It warns of every query of more than 100 ms.
logging.getLogger("pydynox").setLevel(logging.ERROR)


class Pydynox(Peer):
    def __init__(self, endpoint: str, table: str) -> None:
        super().__init__(endpoint, table)
        self.client = DynamoDBClient(
            region=REGION, access_key=CREDENTIALS[0], secret_key=CREDENTIALS[1], endpoint_url=endpoint
        )
        self._put = self.record(1, PUT)

    def get(self) -> Any:
        return self.client.sync_get_item(self.table, {"customer": "c-1", "id": record.ID.format(READ)})

    def put(self) -> Any:
        return self.client.sync_put_item(self.table, self._put)

    def put_if_present(self) -> Any:
        return self.client.sync_put_item(
            self.table, self._put, condition_expression="attribute_exists(#k)",
            expression_attribute_names={"#k": "customer"},
        )  # fmt: skip

    def update(self) -> Any:
        return self.client.sync_update_item(
            self.table, {"customer": "c-1", "id": record.ID.format(UPDATED)},
            update_expression="SET #p = :p ADD #q :q", condition_expression="attribute_exists(#k)",
            expression_attribute_names={"#p": "paid", "#q": "quantity", "#k": "customer"},
            expression_attribute_values={":p": True, ":q": 1}, return_values="ALL_NEW",
        )  # fmt: skip

    def _items(self, size: int) -> Any:
        return self.client.sync_query(
            self.table, "#k = :k", expression_attribute_names={"#k": "customer"},
            expression_attribute_values={":k": f"c-{size}"},
        )  # fmt: skip

    def query(self, size: int) -> Any:
        return list(self._items(size))

    def stream(self, size: int) -> int:
        return sum(1 for _ in self._items(size))

    def get_many(self) -> Any:
        return self.client.sync_batch_get(self.table, self.keys)

    def put_many(self) -> Any:
        return self.client.sync_batch_write(self.table, self.records)

    def key(self, size: int, number: int) -> Any:
        return record.key(size, number)

    def record(self, size: int, number: int) -> Any:
        return record.plain(size, number)
