"""What an S3 URL says."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from holdall._frozen import field_names, frozen
from holdall._model.schema import did_you_mean
from holdall.blob_drivers import BlobCapabilities
from holdall.errors import ConfigError
from holdall.urls import read_bool

from .._aws.connection import PARAMETERS, Connection, connection_of, refuse_secrets

if TYPE_CHECKING:
    from holdall.credentials import Credentials
    from holdall.urls import Url

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_ENCRYPTION = ("AES256", "aws:kms", "aws:kms:dsse")
_CLASS = re.compile(r"[A-Z_]+")
_OWN = ("sse", "kms_key", "storage_class", "versions", "lacks")
_READ_TIMEOUT = 10.0
"""Longer than for records: S3 answers the first byte of a large blob, or the end of an upload, later."""


@frozen
class Options:
    """
    The `bucket`, the `prefix` of all keys (empty, or with "/" at its end), and how to connect.

    Attributes:
        stored: What is sent with everything that is put: encryption and storage class, by boto3's names.
        versions: The bucket keeps versions.
        lacks: Capabilities that the server has not.
    """

    bucket: str
    prefix: str
    connection: Connection
    stored: dict[str, str]
    versions: bool
    lacks: frozenset[str]

    @classmethod
    def from_url(cls, url: Url, credentials: Credentials | None = None) -> Options:
        """
        Read the options.

        Raises:
            ConfigError: The URL carries credentials or an unknown parameter, or a part of it is wrong.
        """
        refuse_secrets(url)
        url.refuse_unknown(dict.fromkeys((*PARAMETERS, *_OWN)))
        prefix = url.path.removeprefix("/")
        return cls(
            _bucket(url),
            prefix if not prefix or prefix.endswith("/") else f"{prefix}/",
            connection_of(url, None, credentials, read_timeout=_READ_TIMEOUT),
            _stored(url),
            url.param("versions", read_bool, False),
            url.param("lacks", _capabilities, frozenset()),
        )


def _bucket(url: Url) -> str:
    if not _BUCKET.fullmatch(url.host):
        raise ConfigError(f"open {url}: an S3 URL is s3://bucket/prefix, and a bucket's name is 3 to 63 of the "
                          f"characters a-z 0-9 . -; got {url.host!r}")
    if url.host.endswith("--x-s3"):
        raise ConfigError(f"open {url}: directory buckets (S3 Express One Zone) list their keys in no order, which no "
                          "verb here could promise then; use a general purpose bucket")
    return url.host


def _stored(url: Url) -> dict[str, str]:
    found: dict[str, str] = {}
    if "sse" in url.params:
        found["ServerSideEncryption"] = url.param("sse", _encryption, "")
    if "kms_key" in url.params:
        if not found.get("ServerSideEncryption", "").startswith("aws:kms"):
            raise ConfigError(f"open {url}: kms_key= needs sse=aws:kms")
        found["SSEKMSKeyId"] = url.params["kms_key"]
    if "storage_class" in url.params:
        found["StorageClass"] = url.param("storage_class", _storage_class, "")
    return found


def _encryption(text: str) -> str:
    if text not in _ENCRYPTION:
        raise ValueError(f"expected one of {', '.join(_ENCRYPTION)}")
    return text


def _storage_class(text: str) -> str:
    if not _CLASS.fullmatch(text):
        raise ValueError("expected a storage class such as STANDARD_IA")
    return text


def _capabilities(text: str) -> frozenset[str]:
    flags = [name for name in field_names(BlobCapabilities) if name not in ("name", "versions")]
    known = [name for name in flags if isinstance(getattr(BlobCapabilities("s3"), name), bool)]
    for name in text.split(","):
        if name not in known:
            raise ValueError(f"{name!r} is no capability{did_you_mean(name, known)}")
    return frozenset(text.split(","))
