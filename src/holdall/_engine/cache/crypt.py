"""Encryption of what is cached: AES-256-GCM (NIST SP 800-38D), by a key from a secret (HKDF-SHA256, RFC 5869)."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import TYPE_CHECKING

from ...errors import ConfigError

if TYPE_CHECKING:
    from ...secret import Secret

_NONCE_BYTES = 12


class Crypt:
    """
    Encrypts and decrypts bodies, and hides names.

    Raises:
        ConfigError: The package `cryptography` is not installed.
    """

    def __init__(self, secret: Secret) -> None:
        try:
            from cryptography.exceptions import InvalidTag
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ModuleNotFoundError as error:
            raise ConfigError("encrypting a cache needs the package 'cryptography': "
                              "pip install 'holdall[encryption]'") from error
        self._aes = AESGCM(_derived(secret, b"holdall cache bodies"))
        self._names = _derived(secret, b"holdall cache names")
        self._invalid = InvalidTag

    def close(self, body: bytes, about: bytes) -> bytes:
        """Return a body encrypted; what it is about is authenticated with it."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._aes.encrypt(nonce, body, about)

    def open(self, body: bytes, about: bytes) -> bytes | None:
        """Return the body again; None where it was changed, or encrypted by another key."""
        try:
            return self._aes.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], about)
        except (self._invalid, ValueError):
            return None

    def name(self, name: str) -> str:
        """Return what stands for a name, by which nobody without the secret can tell it."""
        return hmac.new(self._names, name.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def _derived(secret: Secret, purpose: bytes) -> bytes:
    """Return 32 bytes; one block of HKDF's expansion."""
    extracted = hmac.new(b"", secret.reveal().encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return hmac.new(extracted, purpose + b"\x01", hashlib.sha256).digest()
