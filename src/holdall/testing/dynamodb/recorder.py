"""Records and validates the requests of boto3 and aioboto3 clients before they leave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .creation import check_create_table
from .errors import RequestRefused
from .tables import TableDescription
from .validator import OPERATIONS, table_name, validate

if TYPE_CHECKING:
    from collections.abc import Mapping

_LEARNED_FROM = {"CreateTable": "TableDescription", "UpdateTable": "TableDescription", "DescribeTable": "Table"}


@dataclass
class Recorder:
    """
    What clients were asked to do.

    Attributes:
        tables: By name; grows by every CreateTable, and by the answers to CreateTable, UpdateTable and DescribeTable.
        strict: Refuse attribute names in expressions that are not #placeholders.
        allow_unknown: Record and let through, without a check, what names a table that is not known.
        requests: Every operation with its parameters, in order, the refused ones too; retries are not counted.
        refused: The errors that were raised, so that one that is swallowed on its way can still be found.
    """

    tables: dict[str, TableDescription] = field(default_factory=dict[str, TableDescription])
    strict: bool = True
    allow_unknown: bool = False
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    refused: list[RequestRefused] = field(default_factory=list[RequestRefused])

    def count(self, *operations: str) -> int:
        """Return how many requests there were, of some operations or of all."""
        return sum(not operations or name in operations for name, _ in self.requests)

    def of(self, operation: str) -> list[dict[str, Any]]:
        """Return the parameters of each request of one operation, in order."""
        return [params for name, params in self.requests if name == operation]

    def clear(self) -> None:
        """Forget the requests and refusals; the tables stay."""
        self.requests.clear()
        self.refused.clear()

    def record(self, operation: str, params: Mapping[str, Any]) -> None:
        """
        Record a request, and check it.

        Raises:
            RequestRefused: The service would refuse it.
        """
        self.requests.append((operation, dict(params)))
        try:
            self._check(operation, params)
        except RequestRefused as error:
            self.refused.append(error)
            raise

    def learn(self, operation: str, answer: Mapping[str, Any]) -> None:
        """Take over the description of a table from the answer to a request."""
        if operation == "DeleteTable":
            self.tables.pop(answer.get("TableDescription", {}).get("TableName", ""), None)
        description = answer.get(_LEARNED_FROM.get(operation, ""))
        if description and "KeySchema" in description and "AttributeDefinitions" in description:
            table = TableDescription.from_create_table(description)
            self.tables[table.name] = table

    def unknown(self, operation: str, params: Mapping[str, Any]) -> list[str]:
        """Return the names of the tables of a request that are not known."""
        if operation not in OPERATIONS:
            return []
        return [name for name in map(table_name, _named_tables(params)) if name not in self.tables]

    def _check(self, operation: str, params: Mapping[str, Any]) -> None:
        if operation == "CreateTable":
            check_create_table(params)
            table = TableDescription.from_create_table(params)
            self.tables.setdefault(table.name, table)
        if operation in OPERATIONS and not (self.allow_unknown and self.unknown(operation, params)):
            validate(operation, params, self.tables, strict=self.strict)


def install(
    client: Any,
    tables: Mapping[str, TableDescription] | None = None,
    *,
    strict: bool = True,
    allow_unknown: bool = False,
) -> Recorder:
    """
    Return a recorder of all requests that one client makes from now on; each is validated before it is sent.

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
