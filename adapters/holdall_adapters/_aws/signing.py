"""
Signature Version 4 in a header. Pure.

After AWS's own description (IAM User Guide, "Create a signed AWS API request"). All but the date and the hash of the
body is the same for every call of an operation, so that text is made once.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from holdall.credentials import Credentials

ALGORITHM = "AWS4-HMAC-SHA256"
_DATE, _HASH = "\0date", "\0hash"


def canonical_request(
    method: str, path: str, query: Iterable[tuple[str, str]], headers: Iterable[tuple[str, str]], payload_hash: str,
    *, as_sent: bool = False,
) -> tuple[str, str]:  # fmt: skip
    """
    Return the canonical request, and the names of the headers that are signed.

    Args:
        method: Such as "POST".
        path: As it is sent, encoded once.
        query: The decoded names and values.
        headers: All that are to be signed; the values of a name that comes twice are joined in order.
        payload_hash: The SHA-256 of the body in hexadecimal.
        as_sent: Take the path as it is, as S3 wants it.
    """
    joined: dict[str, str] = {}
    for name, value in headers:
        low, trimmed = name.lower(), " ".join(value.split())
        joined[low] = f"{joined[low]},{trimmed}" if low in joined else trimmed
    names = ";".join(sorted(joined))
    listed = "".join(f"{name}:{joined[name]}\n" for name in sorted(joined))
    pairs = sorted((quote(name, safe="-_.~"), quote(value, safe="-_.~")) for name, value in query)
    asked = "&".join(f"{name}={value}" for name, value in pairs)
    signed_path = path if as_sent else canonical_path(path)
    return f"{method}\n{signed_path}\n{asked}\n{listed}\n{names}\n{payload_hash}", names


def canonical_path(path: str) -> str:
    """Return the path without ".", ".." and empty segments, encoded once more, as all services but S3 want it."""
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    inner = quote("/".join(kept), safe="/-_.~")
    return f"/{inner}/" if kept and path.endswith(("/", "/.", "/..")) else f"/{inner}"


def string_to_sign(date: str, scope: str, canonical: str) -> str:
    """Return the text that the signature is made of, for an instant such as 20260101T000000Z."""
    return f"{ALGORITHM}\n{date}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"


def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """Return the key of a day such as 20260101, for one region and service."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def stamp(seconds: int) -> str:
    """Return an instant, given in seconds since 1970, as signatures have it."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


class _Template(NamedTuple):
    """A canonical request but for its date and hash, and the headers that do not change."""

    before: str
    between: str
    headers: tuple[tuple[str, str], ...]
    signed: str


class _Day(NamedTuple):
    """What is the same for all requests of a day under one key."""

    day: str
    credentials: Credentials
    key: bytes
    scope: str
    templates: dict[tuple[str, str], _Template]


class Signer:
    """Signs the requests of one service in one region."""

    def __init__(self, service: str, region: str, authority: str, content_type: str) -> None:
        self._service = service
        self._region = region
        self._authority = authority
        self._content_type = content_type
        self._second = (-1, "")
        self._today: _Day | None = None

    def headers(self, credentials: Credentials, path: str, target: str, body: bytes, now: float) -> dict[str, str]:
        """
        Return all headers of a POST, the signature among them.

        Args:
            credentials: The key to sign with.
            path: The request's path, encoded.
            target: The value of X-Amz-Target; empty for none.
            body: The request's body.
            now: Seconds since 1970.
        """
        date = self._date(int(now))
        today = self._today
        if today is None or today.day != date[:8] or today.credentials is not credentials:
            today = self._today = self._new_day(credentials, date[:8])
        template = today.templates.get((path, target))
        if template is None:
            template = today.templates[path, target] = self._template(credentials, path, target)
        canonical = f"{template.before}{date}{template.between}{hashlib.sha256(body).hexdigest()}"
        text = string_to_sign(date, today.scope, canonical)
        signature = hmac.digest(today.key, text.encode(), "sha256").hex()
        found = dict(template.headers)
        found["X-Amz-Date"] = date
        found["Authorization"] = (f"{ALGORITHM} Credential={credentials.access_key_id}/{today.scope}, "
                                  f"SignedHeaders={template.signed}, Signature={signature}")
        return found

    def _date(self, second: int) -> str:
        # One tuple, so that threads never see halves of two.
        known, text = self._second
        if known != second:
            text = stamp(second)
            self._second = (second, text)
        return text

    def _new_day(self, credentials: Credentials, day: str) -> _Day:
        key = signing_key(credentials.secret_access_key, day, self._region, self._service)
        return _Day(day, credentials, key, f"{day}/{self._region}/{self._service}/aws4_request", {})

    def _template(self, credentials: Credentials, path: str, target: str) -> _Template:
        fixed = [("Host", self._authority), ("Content-Type", self._content_type)]
        if target:
            fixed.append(("X-Amz-Target", target))
        if credentials.session_token:
            fixed.append(("X-Amz-Security-Token", credentials.session_token))
        text, signed = canonical_request("POST", path, (), [*fixed, ("X-Amz-Date", _DATE)], _HASH)
        before, _, rest = text.partition(_DATE)
        return _Template(before, rest.removesuffix(_HASH), tuple(fixed), signed)
