"""Records and validates the requests of a boto3 or aioboto3 client before they leave it."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .tables import TableDescription
from .validator import OPERATIONS, table_name, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEARNED_FROM = {"CreateTable": "TableDescription", "UpdateTable": "TableDescription", "DescribeTable": "Table"}


@dataclass
class Recorder:
    """
    What a client was asked to do.

    `requests` holds every operation with its parameters, in order, the refused ones too; retries are not counted.
    `tables` grows by every CreateTable, and by the answers to CreateTable, UpdateTable and DescribeTable. With
    `allow_unknown`, a request that names another table is recorded and sent without a check.
    """

    tables: dict[str, TableDescription] = field(default_factory=dict[str, TableDescription])
    strict: bool = True
    allow_unknown: bool = False
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])

    def count(self, operation: str | None = None) -> int:
        """Return how many requests there were, of one operation or of all."""
        return sum(operation in (None, name) for name, _ in self.requests)

    def clear(self) -> None:
        """Forget the requests; the tables stay."""
        self.requests.clear()

    def record(self, operation: str, params: Mapping[str, Any]) -> None:
        """
        Record a request, and check it.

        Raises:
            RequestRefused: The service would refuse it.
        """
        self.requests.append((operation, copy.deepcopy(dict(params))))
        if operation == "CreateTable":
            table = TableDescription.from_create_table(params)
            self.tables.setdefault(table.name, table)
        if operation in OPERATIONS and not (self.allow_unknown and self._names_unknown(params)):
            validate(operation, params, self.tables, strict=self.strict)

    def learn(self, operation: str, answer: Mapping[str, Any]) -> None:
        """Take over the description of a table from the answer to a request."""
        description = answer.get(_LEARNED_FROM.get(operation, ""))
        if description and "KeySchema" in description and "AttributeDefinitions" in description:
            table = TableDescription.from_create_table(description)
            self.tables[table.name] = table

    def _names_unknown(self, params: Mapping[str, Any]) -> bool:
        return any(table_name(name) not in self.tables for name in _named_tables(params))


def install(
    client: Any,
    tables: Mapping[str, TableDescription] | None = None,
    *,
    strict: bool = True,
    allow_unknown: bool = False,
) -> Recorder:
    """
    Return a recorder of all requests that the client makes from now on; each is validated before it is sent.

    The client is one of boto3 or aioboto3 (its events call plain functions too), or the `meta.client` of a resource.
    Its calls raise RequestRefused, by the rules of the AWS DynamoDB developer guide.
    """
    recorder = Recorder(dict(tables or {}), strict=strict, allow_unknown=allow_unknown)

    def before(params: Mapping[str, Any], model: Any, **_: object) -> None:
        recorder.record(model.name, params)

    def after(parsed: Mapping[str, Any], model: Any, **_: object) -> None:
        recorder.learn(model.name, parsed)

    # Last, so that what a resource's own handlers make of Python values is what is seen.
    client.meta.events.register_last("before-parameter-build.dynamodb", before)
    client.meta.events.register_last("after-call.dynamodb", after)
    return recorder


def _named_tables(params: Mapping[str, Any]) -> list[Any]:
    if "RequestItems" in params:
        return list(params["RequestItems"])
    if "TransactItems" in params:
        return [part.get("TableName", "") for entry in params["TransactItems"] for part in entry.values()]
    return [params.get("TableName", "")]
