"""
Requests that are signed beforehand: URLs of any service, and for S3 the forms of a browser. Pure.

After AWS's own description (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters" and
"Browser-Based Uploads Using POST").
"""

from __future__ import annotations

import base64
import hmac
import json
import re
import time
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from holdall.blob_drivers import Presigned
from holdall.errors import InvalidArgument

from .rest_xml.places import place_of
from .rest_xml.signing import UNSIGNED
from .signing import ALGORITHM, canonical_request, signing_key, stamp, string_to_sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from holdall.blob_drivers import PresignAsked
    from holdall.credentials import Credentials

    from .endpoints import Endpoint

_SAFE = "-_.~"
_PLACEHOLDER = "${filename}"


class Signing(NamedTuple):
    """What signs, and for which service: a key, a region, and the instant in seconds since 1970."""

    credentials: Credentials
    region: str
    now: int
    service: str = "s3"

    @property
    def date(self) -> str:
        """The instant, as signatures have it."""
        return stamp(self.now)

    @property
    def scope(self) -> str:
        """What the signature is good for."""
        return f"{self.date[:8]}/{self.region}/{self.service}/aws4_request"

    @property
    def credential(self) -> str:
        """The key's identifier and the scope."""
        return f"{self.credentials.access_key_id}/{self.scope}"

    def signature(self, text: str) -> str:
        """Return the signature of a text."""
        key = signing_key(self.credentials.secret_access_key, self.date[:8], self.region, self.service)
        return hmac.digest(key, text.encode(), "sha256").hex()


def path_of(prefix: str, key: str) -> str:
    """Return the path of a key at a bucket's place, encoded once; "." and ".." in it are not resolved."""
    return f"{prefix}/{quote(key, safe=f'/{_SAFE}')}"


def presigned_url(
    signing: Signing, method: str, base: tuple[str, str, str], query: Iterable[tuple[str, str]],
    headers: Iterable[tuple[str, str]], expires: int, *, payload_hash: str = UNSIGNED,
) -> str:  # fmt: skip
    """
    Return a URL that is good without any other signature.

    Args:
        signing: What signs.
        method: Such as "GET"; no other is allowed.
        base: The scheme, the host with its port, and the path, encoded.
        query: Names and values of the operation's own, decoded.
        headers: Those that must be sent as they are here, besides Host.
        expires: Seconds for which it is good.
        payload_hash: The SHA-256 of the body in hexadecimal, where the service wants it signed.
    """
    scheme, authority, path = base
    bound = [("host", authority), *headers]
    signed = ";".join(sorted(name.lower() for name, _ in bound))
    asked = [
        *query, ("X-Amz-Algorithm", ALGORITHM), ("X-Amz-Credential", signing.credential), ("X-Amz-Date", signing.date),
        ("X-Amz-Expires", str(expires)), ("X-Amz-SignedHeaders", signed),
    ]  # fmt: skip
    if signing.credentials.session_token:
        asked.append(("X-Amz-Security-Token", signing.credentials.session_token))
    canonical, _ = canonical_request(method, path, asked, bound, payload_hash, as_sent=True)
    asked.append(("X-Amz-Signature", signing.signature(string_to_sign(signing.date, signing.scope, canonical))))
    text = "&".join(f"{quote(name, safe=_SAFE)}={quote(value, safe=_SAFE)}" for name, value in asked)
    return f"{scheme}://{authority}{path}?{text}"


def presigned_form(
    signing: Signing, bucket: str, fields: Mapping[str, str], sizes: tuple[int, int] | None, expires: int
) -> dict[str, str]:
    """
    Return all fields of a form that stores one blob, in order; the file comes behind them.

    Args:
        signing: What signs.
        bucket: The bucket's name.
        fields: What the form must hold as it is here: "key", and others such as "Content-Type".
        sizes: How many bytes the file has at least and at most; None for any number.
        expires: Seconds for which it is good.

    Raises:
        InvalidArgument: The key has what a form would replace.
    """
    if _PLACEHOLDER in fields["key"]:
        raise InvalidArgument(f"in a form, {_PLACEHOLDER} in a key stands for the name of the file that is sent; take "
                              "method='put' for a key that has this text")
    found = {
        **fields, "x-amz-algorithm": ALGORITHM, "x-amz-credential": signing.credential, "x-amz-date": signing.date,
    }  # fmt: skip
    if signing.credentials.session_token:
        found["x-amz-security-token"] = signing.credentials.session_token
    conditions: list[Mapping[str, str] | Sequence[Any]] = [{"bucket": bucket}]
    conditions += [{name: value} for name, value in found.items()]
    if sizes is not None:
        conditions.append(["content-length-range", *sizes])
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(signing.now + expires))
    text = json.dumps({"expiration": ends, "conditions": conditions})
    found["policy"] = base64.b64encode(text.encode()).decode()
    found["x-amz-signature"] = signing.signature(found["policy"])
    return found


def presigned(
    signing: Signing, endpoint: Endpoint, bucket: str, asked: PresignAsked, *, own: bool
) -> Presigned:  # fmt: skip
    """
    Return what a store of S3 is asked for.

    Args:
        signing: What signs.
        endpoint: The service's address.
        bucket: The bucket's name.
        asked: As the engine asks: with a media type and a largest size for a form.
        own: The address is the user's own, not the region's; see `place_of`.

    Raises:
        InvalidArgument: A form can't have the key.
    """
    place = place_of(bucket, signing.region, endpoint, own=own)
    authority, prefix = place.endpoint.authority, place.path
    scheme = "https" if endpoint.tls else "http"
    ends = datetime.fromtimestamp(signing.now + asked.expires, timezone.utc)
    bound = {} if asked.content_type is None else {"Content-Type": asked.content_type}
    if asked.method == "post":
        sizes = None if asked.max_size is None else (asked.min_size, asked.max_size)
        fields = presigned_form(signing, bucket, {"key": asked.key, **bound}, sizes, asked.expires)
        return Presigned(f"{scheme}://{authority}{prefix or '/'}", "POST", {}, fields, ends)
    if asked.size is not None:
        bound["Content-Length"] = str(asked.size)
    method, base = asked.method.upper(), (scheme, authority, path_of(prefix, asked.key))
    url = presigned_url(signing, method, base, _query(asked), bound.items(), asked.expires)
    return Presigned(url, method, bound, {}, ends)


def _query(asked: PresignAsked) -> Iterator[tuple[str, str]]:
    if asked.version is not None:
        yield "versionId", asked.version
    if asked.download_as is not None:
        yield "response-content-disposition", attachment(asked.download_as)


def attachment(name: str) -> str:
    """
    Return a Content-Disposition by which a browser keeps what it gets as a file of that name (RFC 6266).

    The name stands in it twice where it is not plain: in ASCII for old programs, and as it is (RFC 8187).
    """
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    text = f'attachment; filename="{plain}"'
    return text if plain == name else f"{text}; filename*=UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"
