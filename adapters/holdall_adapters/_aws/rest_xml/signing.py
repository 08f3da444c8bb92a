"""
Signature Version 4 of S3's requests, in a header. Pure.

S3 signs a path as it is sent, encoded once and not made shorter, and wants the hash of the body in a header of its
own, or the words that over TLS stand for none (Amazon S3 API Reference, "Authenticating Requests (AWS Signature
Version 4)").
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NamedTuple

from ..signing import ALGORITHM, signing_key, stamp, string_to_sign

if TYPE_CHECKING:
    from holdall.credentials import Credentials

    from .requests import Prepared

_EMPTY = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"


class _Day(NamedTuple):
    """What is the same for all requests of a day under one key."""

    day: str
    credentials: Credentials
    key: bytes
    scope: str


class RestSigner:
    """Signs the requests of S3 in one region."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._today: _Day | None = None

    def headers(
        self, credentials: Credentials, authority: str, path: str, request: Prepared, now: float, *, tls: bool
    ) -> dict[str, str]:
        """
        Return all headers of a request, the signature among them.

        Args:
            credentials: The key to sign with.
            authority: What the header Host says.
            path: The request's path, encoded.
            request: What is to be sent.
            now: Seconds since 1970.
            tls: Nobody can change the body on its way.
        """
        date = stamp(int(now))
        today = self._day(credentials, date[:8])
        hashed = payload_hash(request, tls=tls)
        headers = {"Host": authority, "x-amz-content-sha256": hashed, "x-amz-date": date, **request.headers}
        if credentials.session_token:
            headers["x-amz-security-token"] = credentials.session_token
        listed = sorted((name.lower(), " ".join(value.split())) for name, value in headers.items())
        names = ";".join([name for name, _ in listed])
        lines = "".join([f"{name}:{value}\n" for name, value in listed])
        canonical = f"{request.method}\n{path}\n{request.query}\n{lines}\n{names}\n{hashed}"
        text = string_to_sign(date, today.scope, canonical)
        signature = hmac.digest(today.key, text.encode(), "sha256").hex()
        headers["Authorization"] = (f"{ALGORITHM} Credential={credentials.access_key_id}/{today.scope}, "
                                    f"SignedHeaders={names}, Signature={signature}")
        return headers

    def _day(self, credentials: Credentials, day: str) -> _Day:
        today = self._today
        if today is None or today.day != day or today.credentials is not credentials:
            key = signing_key(credentials.secret_access_key, day, self._region, "s3")
            today = self._today = _Day(day, credentials, key, f"{day}/{self._region}/s3/aws4_request")
        return today


def payload_hash(request: Prepared, *, tls: bool) -> str:
    """Return what the header x-amz-content-sha256 says."""
    body: Any = request.body
    if not len(body):
        return _EMPTY
    return UNSIGNED if tls and not request.is_document else hashlib.sha256(body).hexdigest()
