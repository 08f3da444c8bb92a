"""What an SSM URL says."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from holdall._frozen import frozen
from holdall.config_drivers import FRESHNESS, Freshness, freshness_of
from holdall.errors import ConfigError

from .._aws.connection import PARAMETERS, Connection, connection_of, refuse_secrets
from .schema import is_arn, name_problem

if TYPE_CHECKING:
    from holdall.credentials import Credentials
    from holdall.urls import Url

_MAX_AGE = 60.0


@frozen
class Options:
    """
    The `base` that names are below: a path such as "/shop/prod", "" for the root, or an ARN; and how to connect.

    Attributes:
        by_name: Only what is asked for is read, name by name.
        extension: The function's extension is asked first.
        freshness: How long what was read serves.
        kms_key: The KMS key of SecureStrings that are put; None for AWS's own.
    """

    base: str
    connection: Connection
    by_name: bool
    extension: bool
    freshness: Freshness
    kms_key: str | None = None

    @classmethod
    def from_url(cls, url: Url, credentials: Credentials | None = None) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL carries credentials or an unknown parameter, or a part of it is wrong.
        """
        refuse_secrets(url)
        url.refuse_unknown(dict.fromkeys((*PARAMETERS, *FRESHNESS, "by", "via", "kms_key")))
        base, region = _base(url)
        extension = url.param("via", _via, False)
        # The extension knows single names, and nobody wants all parameters of an account.
        by_name = url.param("by", _by_name, extension or not base or is_arn(base))
        if not by_name and (extension or is_arn(base)):
            raise ConfigError(f"open {url}: by=path can't be had from the extension, nor below an ARN; drop it")
        return cls(base, connection_of(url, region, credentials), by_name, extension, freshness_of(url, _MAX_AGE),
                   url.params.get("kms_key"))  # fmt: skip


def _base(url: Url) -> tuple[str, str | None]:
    if url.location.startswith("arn:"):
        arn = unquote(url.location).rstrip("/")
        if not is_arn(arn):
            raise ConfigError(f"open {url}: the ARN is none of a parameter; write arn:aws:ssm:REGION:ACCOUNT:parameter/"
                              "PATH")
        return arn, arn.split(":")[3]
    if url.host:
        raise ConfigError(f"open {url}: the path stands behind three slashes: ssm:///{url.host}{url.path}")
    base = url.path.rstrip("/")
    problem = name_problem(base) if base else None
    if problem is not None or ":" in base:
        raise ConfigError(f"open {url}: the path is none of parameters: {problem or 'it has a selector'}")
    return base, None


def _by_name(text: str) -> bool:
    if text not in ("path", "name"):
        raise ValueError("expected path or name")
    return text == "name"


def _via(text: str) -> bool:
    if text != "extension":
        raise ValueError("expected extension")
    return True
