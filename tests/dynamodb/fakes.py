"""A connection that answers by a script, and drivers over it."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from holdall import Expires, Index, Partition, Revision, Sort, Unique
from holdall._engine.attempts import RetryPolicy
from holdall._engine.batches import Batches
from holdall._model.schema import Model
from holdall.io import BlockingIo
from holdall.repository import Repository
from holdall.testing.dynamodb import OPERATIONS, TableDescription, validate
from holdall_adapters._aws.connection import Connection
from holdall_adapters._aws.errors import Refused
from holdall_adapters.dynamodb import schema
from holdall_adapters.dynamodb.driver import DynamoDriver
from holdall_adapters.dynamodb.options import Options

if TYPE_CHECKING:
    from collections.abc import Mapping

QUICK = RetryPolicy(attempts=3, first_wait=0.0, max_wait=0.0)


@dataclass
class Order:
    customer: Partition[str]
    id: Sort[str]
    status: str = "new"
    count: int | None = None
    expires: Expires[int | None] = None
    revision: Revision = None

    by_status = Index("status", "count")


@dataclass
class Member:
    id: Partition[str]
    email: Unique[str | None] = None
    expires: Expires[int | None] = None

    by_end = Index("expires", "id")


class Scripted:
    """Answers each call, after the validator took it, with the next of the script; an exception in it is raised."""

    region = "eu-west-1"
    described = "scripted"

    def __init__(self, *script: Any) -> None:
        self.script = list(script)
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.native = object()
        self.tables: dict[str, TableDescription] = {}

    async def call(self, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        if operation in OPERATIONS:
            validate(operation, params, self.tables)
        self.calls.append((operation, copy.deepcopy(dict(params))))
        answer = self.script.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer  # type: ignore[no-any-return]  # a dict

    async def close(self) -> None:
        pass

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    @property
    def params(self) -> dict[str, Any]:
        """Those of the last call."""
        return self.calls[-1][1]


def shown(params: Mapping[str, Any], name: str) -> str:
    """Return an expression with its names and values in place of their placeholders."""
    names = params.get("ExpressionAttributeNames", {})
    values = {mark: str(*stored.values()) for mark, stored in params.get("ExpressionAttributeValues", {}).items()}
    return re.sub(r"[#:]\d+", lambda mark: {**names, **values}[mark[0]], params[name])


def refused(code: str, message: str = "", status: int = 400, **details: Any) -> Refused:
    return Refused(code, message, status, "request-1", **details)


def false(item: Mapping[str, Any] | None = None) -> Refused:
    """Return the refusal of a condition."""
    return refused("ConditionalCheckFailedException", "The conditional request failed", item=item)


def cancelled(*reasons: Any) -> Refused:
    """Return the refusal of a transaction, with a code or a whole reason for each of its parts."""
    listed = [reason if isinstance(reason, dict) else {"Code": reason} for reason in reasons]
    return refused("TransactionCanceledException", reasons=listed)


def driver_of(model: Any, calls: Scripted, table: str = "orders", **options: Any) -> DynamoDriver:
    connection = Connection("eu-west-1")
    checked: Model[Any] = Model(model)
    calls.tables[table] = TableDescription.from_create_table(schema.table(checked, table))
    return DynamoDriver(calls, BlockingIo(), table, checked, Options(table, connection, **options))


def repository_of(model: Any, calls: Scripted, table: str = "orders", **options: Any) -> Repository[Any]:
    """Return a repository over a scripted connection, that does not wait between its tries."""
    driver = driver_of(model, calls, table, **options)
    return Repository(Batches(Model(model), driver, BlockingIo(), retry=QUICK, clock=lambda: 1000.0))
