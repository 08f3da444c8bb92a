"""Where a service is: its region, partition and address. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_PARTITIONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(us|eu|ap|sa|ca|me|af|il|mx)-[a-z]+-\d+"), "amazonaws.com"),
    (re.compile(r"cn-[a-z]+-\d+"), "amazonaws.com.cn"),
    (re.compile(r"us-gov-[a-z]+-\d+"), "amazonaws.com"),
)
"""The partitions aws, aws-cn and aws-us-gov, by the patterns of botocore's partitions.json."""
_HOST, _PATH = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+"), re.compile(r"(/[A-Za-z0-9_.~-]+)*/?")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


class Endpoint(NamedTuple):
    """An address: `host` as in a URL, without brackets; `path` begins with "/" and ends without one, or is empty."""

    tls: bool
    host: str
    port: int
    path: str = ""

    @property
    def authority(self) -> str:
        """What the header Host says: the port is left out where it is the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as a URL, without a last "/"."""
        return f"{'https' if self.tls else 'http'}://{self.authority}{self.path}"


def regional(service: str, region: str) -> Endpoint | None:
    """Return a service's address in a region; None where the region is of no partition that is known here."""
    for pattern, suffix in _PARTITIONS:
        if pattern.fullmatch(region):
            return Endpoint(True, f"{service}.{region}.{suffix}", 443)
    return None


def parse_endpoint(url: str) -> Endpoint | None:
    """Return the address that a URL gives; None where it is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    plain = is_host(host) and _PATH.fullmatch(parts.path)
    odd = parts.scheme not in ("http", "https") or "@" in parts.netloc or parts.query or parts.fragment or port == 0
    # What splits a URL drops line ends without a word.
    if odd or not plain or not url.isprintable():
        return None
    tls = parts.scheme == "https"
    return Endpoint(tls, host, port or (443 if tls else 80), parts.path.rstrip("/"))


def is_host(text: str) -> bool:
    """Return whether a text can be a host's name or address."""
    return _HOST.fullmatch(text) is not None


def is_region(text: str) -> bool:
    """Return whether a text can be a region's name, of AWS or of a server of one's own."""
    return _LABEL.fullmatch(text) is not None
