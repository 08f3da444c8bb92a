"""Parameter Store as the clients need to know it, and the connection to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._aws.client import connect
from .._aws.services import Service
from .answers import KINDS, returned

if TYPE_CHECKING:
    from holdall.config_drivers import ConfigOpening
    from holdall.io import Io

    from .._aws.client import Calls
    from .._aws.connection import Connection

_OPERATIONS = frozenset({
    "GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory", "PutParameter", "DeleteParameter",
    "LabelParameterVersion", "AddTagsToResource",
})  # fmt: skip

SERVICE = Service(
    name="ssm",
    title="Parameter Store",
    protocol="json-1.1",
    target="AmazonSSM",
    operations=dict.fromkeys(_OPERATIONS, "/"),
    # Instants are numbers in them, which `wire` reads.
    plain=_OPERATIONS,
    returned=returned,
    kinds=KINDS,
)


def open_calls(connection: Connection, opening: ConfigOpening) -> tuple[Calls, Io]:
    """
    Return the client that serves a connection, not yet made, and the way to wait for it.

    Raises:
        ConfigError: The package that it needs is not installed, or the lean client is asked for where it can't serve.
        InvalidArgument: The caller's own client is of another kind.
    """
    return connect(SERVICE, connection, opening)
