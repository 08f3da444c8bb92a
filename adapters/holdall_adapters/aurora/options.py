"""What the URL of a cluster says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import unquote

from holdall.errors import ConfigError

from .._aws.connection import PARAMETERS, Connection, connection_of, refuse_secrets

if TYPE_CHECKING:
    from holdall.credentials import Credentials
    from holdall.urls import Url

Dialect = Literal["postgresql", "mysql"]
_CLUSTER = re.compile(r"arn:[^:]+:rds:([^:]+):\d+:cluster:[A-Za-z0-9-]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,62}")
_SECRET = re.compile(r"arn:[^:]+:secretsmanager:[^:]+:\d+:secret:\S+")
_DIALECTS: dict[str, Dialect] = {"postgresql": "postgresql", "mysql": "mysql"}
_TIMEOUT = "30"


class Options(NamedTuple):
    """The `cluster` (an ARN or a name), `secret` (None: the cluster's own), `database`, and how to reach them."""

    cluster: str
    secret: str | None
    database: str
    dialect: Dialect
    table: str | None
    connection: Connection

    @classmethod
    def from_url(cls, url: Url, credentials: Credentials | None = None) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL carries credentials or an unknown parameter, or a part of it is wrong.
        """
        refuse_secrets(url)
        url.refuse_unknown(dict.fromkeys((*PARAMETERS, "secret", "dialect", "table")))
        cluster, _, database = unquote(url.location).partition("/")
        arn = _CLUSTER.fullmatch(cluster)
        if (arn is None and not _NAME.fullmatch(cluster)) or not database or "/" in database:
            raise ConfigError(f"open {url}: expected rds-data://CLUSTER/DATABASE, where CLUSTER is a name, or an ARN "
                              "such as arn:aws:rds:eu-west-1:123456789012:cluster:shop")
        if url.params.get("table") == "":
            raise ConfigError(f"open {url}: the parameter 'table' is empty")
        # A statement takes longer than a read of DynamoDB.
        patient = url if "read_timeout" in url.params else _with(url, "read_timeout", _TIMEOUT)
        return cls(cluster, _secret(url, arn is not None), database, url.param("dialect", _dialect, "postgresql"),
                   url.params.get("table"), connection_of(patient, arn[1] if arn else None, credentials))


def _with(url: Url, name: str, value: str) -> Url:
    from holdall._frozen import replace

    return replace(url, params={**url.params, name: value})


def _secret(url: Url, is_arn: bool) -> str | None:
    secret = url.params.get("secret")
    if secret is None and is_arn:
        raise ConfigError(f"open {url}: the parameter 'secret' is missing: the ARN of the secret with the database's "
                          "user and password")
    if secret is not None and not _SECRET.fullmatch(secret):
        raise ConfigError(f"open {url}: the parameter 'secret' is wrong: expected an ARN such as "
                          "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop")
    return secret


def _dialect(text: str) -> Dialect:
    if text not in _DIALECTS:
        raise ValueError("expected postgresql or mysql")
    return _DIALECTS[text]
