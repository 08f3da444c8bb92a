"""Keys given in code, for programs that get them in their own way."""

from __future__ import annotations

from ._frozen import field_names, frozen
from .errors import InvalidArgument


@frozen
class Credentials:
    """
    An AWS access key, for `open_repository(..., credentials=...)`. The secret parts are never shown.

    Attributes:
        access_key_id: The key's identifier.
        secret_access_key: The key itself.
        session_token: The token that goes with temporary keys; None for those of a user.
    """

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None

    def __repr__(self) -> str:
        return f"Credentials({self.access_key_id!r}, ...)"


def check_credentials(given: object) -> None:
    """
    Check what was given as credentials.

    Raises:
        InvalidArgument: It is something else, or a part of it is empty or can't stand in an HTTP header.
    """
    if not isinstance(given, Credentials):
        raise InvalidArgument(f"credentials= takes a holdall.Credentials; got a {type(given).__name__}")
    for name in field_names(Credentials):
        value: object = getattr(given, name)
        if value is None and name == "session_token":
            continue
        if not isinstance(value, str) or not is_header_text(value):
            raise InvalidArgument(f"Credentials.{name} takes a text of printable ASCII characters that is not empty")


def is_header_text(text: str) -> bool:
    """Return whether a text can stand in an HTTP header without meaning something else."""
    return bool(text) and text.isascii() and text.isprintable()
