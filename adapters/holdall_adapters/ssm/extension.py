"""
AWS's Parameters and Secrets Lambda extension: a server on the function's own machine that keeps parameters.

After "Using Parameter Store parameters in AWS Lambda functions" in the AWS Systems Manager User Guide. It serves single
parameters only; while the function starts it refuses all of them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from .._aws.client import transport_of
from .._aws.endpoints import Endpoint
from .._aws.errors import Lost, Unreached
from .._aws.http import Request
from .._aws.protocol import read_object
from .answers import is_parameter
from .schema import split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from holdall.config_drivers import ConfigOpening

    from .._aws.connection import Connection
    from .._aws.protocol import Answer

_PORT = 2773
_PATH = "/systemsmanager/parameters/get"


class Unserved(Exception):
    """The extension does not serve the parameter; Parameter Store itself may. It may not be `there` at all."""

    def __init__(self, *, there: bool) -> None:
        super().__init__("the extension does not serve this")
        self.there = there


class Extension:
    """The extension of the function that runs."""

    def __init__(self, connection: Connection, opening: ConfigOpening) -> None:
        self._transport, self._io = transport_of(connection, opening)

    async def get(self, full: str) -> Mapping[str, Any] | None:
        """
        Return a parameter as Parameter Store tells it, decrypted; None where there is none.

        Raises:
            Unserved: The extension is not there, not ready, or refuses.
        """
        # The token is looked up each time, like the port: Lambda sets them before the program starts, a test later.
        headers = {"X-Aws-Parameters-Secrets-Token": os.environ.get("AWS_SESSION_TOKEN", ""), "Accept": "*/*"}
        request = Request("GET", _path(full), headers, b"")
        try:
            answer: Answer = await self._io.call(self._transport.dial(_endpoint()), request)
        except (Unreached, Lost):
            raise Unserved(there=False) from None
        return _read(answer)

    async def close(self) -> None:
        """Give back what was opened."""
        await self._transport.close()


def _endpoint() -> Endpoint:
    port = os.environ.get("PARAMETERS_SECRETS_EXTENSION_HTTP_PORT", "")
    return Endpoint(False, "localhost", int(port) if port.isdecimal() else _PORT)


def _path(full: str) -> str:
    name, selector = split(full)
    which = f"&{'version' if selector.isdigit() else 'label'}={quote(selector, safe='')}" if selector else ""
    return f"{_PATH}?name={quote(name, safe='')}{which}&withDecryption=true"


def _read(answer: Answer) -> Mapping[str, Any] | None:
    found = read_object(answer)
    kind = str(found.get("__type", "")).rpartition("#")[2]
    if answer.status == 400 and kind in ("ParameterNotFound", "ParameterVersionNotFound"):
        return None
    parameter: Any = found.get("Parameter")
    if answer.status != 200 or not is_parameter(parameter):
        # Of most refusals it says only that there was one, also of a parameter that is not there.
        raise Unserved(there=True)
    return cast("dict[str, Any]", parameter)
