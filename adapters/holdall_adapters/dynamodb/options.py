"""What a DynamoDB URL says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from holdall._frozen import frozen
from holdall.errors import ConfigError
from holdall.urls import read_bool

from .._aws.connection import PARAMETERS, Connection, connection_of, refuse_secrets

if TYPE_CHECKING:
    from holdall.credentials import Credentials
    from holdall.urls import Url

_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ARN = re.compile(r"arn:[^:]+:dynamodb:([^:]+):\d+:table/([A-Za-z0-9_.-]{3,255})")
_PARAMETERS = (*PARAMETERS, "consistent", "meter")


@frozen
class Options:
    """The `table` (None: the model's), how to connect, and how to read."""

    table: str | None
    connection: Connection
    consistent: bool = False
    meter: bool = False

    @classmethod
    def from_url(cls, url: Url, credentials: Credentials | None = None) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL carries credentials or an unknown parameter, or a part of it is wrong.
        """
        refuse_secrets(url)
        url.refuse_unknown(dict.fromkeys(_PARAMETERS))
        table, region = _table(url)
        connection = connection_of(url, region, credentials)
        return cls(table, connection, url.param("consistent", read_bool, False), url.param("meter", read_bool, False))


def check_table(name: str) -> str:
    """
    Return a table's name or ARN.

    Raises:
        ConfigError: DynamoDB takes no such name.
    """
    if not _TABLE.fullmatch(name) and not _ARN.fullmatch(name):
        raise ConfigError(f"the table name {name!r} is wrong: DynamoDB takes 3 to 255 of the characters "
                          "A-Z a-z 0-9 _ . -; name the table in the URL: dynamodb://my-table")
    return name


def _table(url: Url) -> tuple[str | None, str | None]:
    if url.location.startswith("arn:"):
        arn = _ARN.fullmatch(unquote(url.location))
        if arn is None:
            raise ConfigError(f"open {url}: the ARN names no table; write arn:aws:dynamodb:REGION:ACCOUNT:table/NAME")
        return arn[0], arn[1]
    if url.path not in ("", "/"):
        raise ConfigError(f"open {url}: a DynamoDB URL is dynamodb://table, without a path")
    return (check_table(url.host) if url.host else None), None
