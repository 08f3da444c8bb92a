"""
What a page token is: bytes that are opaque, URL-safe, bound to what they are for, and tamper-evident.

Without a secret the check is a SHA-256 sum, which finds damage and mix-ups; with one it is an HMAC (RFC 2104), which
nobody can forge.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import Any

from ..errors import InvalidToken

_CHECK_BYTES = 16


class Seal:
    """
    Makes and reads tokens.

    Args:
        scope: What the tokens are for, as text that is the same in every process.
        secret: By which they can't be forged; None for none.
        mend: What to do about a token of something else, for the message.
    """

    def __init__(self, scope: str, secret: bytes | None, mend: str) -> None:
        self._scope = hashlib.sha256(scope.encode()).digest()
        self._secret = secret or b""
        self._mend = mend

    def close(self, body: bytes) -> str:
        """Return the token of some bytes."""
        return _text(self._check(body) + body)

    def open(self, token: Any) -> bytes:
        """
        Return the bytes of a token.

        Raises:
            InvalidToken: It was changed, or is for something else.
        """
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError, TypeError):
            raise InvalidToken("the page token is damaged") from None
        check, body = raw[:_CHECK_BYTES], raw[_CHECK_BYTES:]
        if _text(raw) != token or not hmac.compare_digest(check, self._check(body)):
            raise InvalidToken(f"the page token was changed, or belongs to another {self._mend}")
        return body

    def _check(self, body: bytes) -> bytes:
        return hmac.new(self._secret, self._scope + body, hashlib.sha256).digest()[:_CHECK_BYTES]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
