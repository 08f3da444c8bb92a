"""DynamoDB as the clients need to know it, and the connection to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._aws.client import connect
from .._aws.services import Service
from .answers import KINDS, returned

if TYPE_CHECKING:
    from holdall.drivers import Opening
    from holdall.io import Io

    from .._aws.client import Calls
    from .._aws.connection import Connection

_DATA = frozenset({
    "GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan", "BatchGetItem", "BatchWriteItem",
    "TransactWriteItems",
})  # fmt: skip
"""Those whose answers hold nothing but what JSON says, and attribute values, which our decoders read themselves."""
_CONTROL = frozenset({"CreateTable", "UpdateTable", "DescribeTable", "DescribeTimeToLive", "UpdateTimeToLive"})

SERVICE = Service(
    name="dynamodb",
    title="DynamoDB",
    protocol="json-1.0",
    target="DynamoDB_20120810",
    operations=dict.fromkeys(_DATA | _CONTROL, "/"),
    plain=_DATA,
    returned=returned,
    kinds=KINDS,
)


def open_calls(connection: Connection, opening: Opening) -> tuple[Calls, Io]:
    """
    Return the client that serves a connection, not yet made, and the way to wait for it.

    Raises:
        ConfigError: The package that it needs is not installed, or the lean client is asked for where it can't serve.
        InvalidArgument: The caller's own client is of another kind.
    """
    return connect(SERVICE, connection, opening)
