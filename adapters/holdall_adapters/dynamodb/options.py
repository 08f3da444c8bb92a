"""What a DynamoDB URL says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from holdall.errors import ConfigError
from holdall.urls import read_bool

if TYPE_CHECKING:
    from holdall.urls import Url

_TABLE = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_ARN = re.compile(r"arn:[^:]+:dynamodb:([^:]+):\d+:table/([A-Za-z0-9_.-]{3,255})")
_PARAMETERS: tuple[str, ...] = (
    "region", "endpoint", "profile", "consistent", "connect_timeout", "read_timeout", "parallel", "meter",
)  # fmt: skip


class Connection(NamedTuple):
    """What makes one client differ from another; equal ones share a client."""

    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None
    connect_timeout: float = 1.0
    read_timeout: float = 2.0
    parallel: int = 8


class Options(NamedTuple):
    """The `table` (None: the model's), how to connect, and how to read."""

    table: str | None
    connection: Connection
    consistent: bool = False
    meter: bool = False

    @classmethod
    def from_url(cls, url: Url) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL carries credentials or an unknown parameter, or a part of it is wrong.
        """
        if "@" in url.location:
            raise ConfigError(f"open {url}: a URL carries no credentials; set AWS_PROFILE, or let AWS's own chain find "
                              "them")
        url.refuse_unknown(dict.fromkeys(_PARAMETERS))
        table, region = _table(url)
        connection = Connection(
            url.params.get("region") or region,
            url.param("endpoint", _endpoint, None),
            url.params.get("profile"),
            url.param("connect_timeout", _seconds, 1.0),
            url.param("read_timeout", _seconds, 2.0),
            url.param("parallel", _parallel, 8),
        )
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


def _endpoint(text: str) -> str | None:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL such as http://127.0.0.1:8000")
    if "@" in parts.netloc:
        raise ValueError("it carries credentials")
    return text


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 3600:
        raise ValueError("expected seconds, more than 0")
    return seconds


def _parallel(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 100:
        raise ValueError("expected a whole number from 1 to 100")
    return number
