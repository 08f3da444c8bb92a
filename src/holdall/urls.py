"""Store URLs: parsed once, checked whole, and never shown with what may be secret."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

from ._frozen import frozen
from ._model.schema import did_you_mean
from .errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    T = TypeVar("T")


@frozen
class Url:
    """
    A URL's parts, decoded.

    `location` is what stands between `scheme://` and `?`, undecoded, for adapters that read it themselves.
    """

    scheme: str
    host: str
    path: str
    location: str
    params: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Url({str(self)!r})"

    def __str__(self) -> str:
        """The URL without user, password and parameters, fit for messages."""
        return f"{self.scheme}://{self.location.rpartition('@')[2]}"

    def refuse_unknown(self, known: Mapping[str, object]) -> None:
        """
        Refuse parameters that the adapter doesn't know.

        Raises:
            ConfigError: There is one; the message names the nearest known.
        """
        for name in self.params:
            if name not in known:
                raise ConfigError(f"open {self}: unknown parameter {name!r}{did_you_mean(name, dict(known))}")

    def param(self, name: str, read: Callable[[str], T], default: T) -> T:
        """
        Return a parameter, read by `read`, or the default.

        Raises:
            ConfigError: `read` raised ValueError.
        """
        if name not in self.params:
            return default
        try:
            return read(self.params[name])
        except ValueError as error:
            raise ConfigError(f"open {self}: the parameter {name!r} is wrong: {error}") from None


def parse_url(text: str) -> Url:
    """
    Parse a store URL.

    Raises:
        ConfigError: It is no URL, carries a parameter twice, or has a fragment.
    """
    scheme, colon, rest = str(text).partition("://")
    if not colon or not scheme:
        raise ConfigError("a store is chosen by a URL such as memory://, sqlite:///file.db or dynamodb://table; "
                          f"got {_instead(text)}")
    location, _, query = rest.partition("?")
    if "#" in rest:
        raise ConfigError(f"open {scheme}://...: a store URL has no #fragment; write %23 for the character")
    try:
        split = urlsplit(f"//{location}")
    except ValueError:
        raise ConfigError(f"open {scheme}://...: what stands between :// and ? is no host and path") from None
    return Url(scheme.lower(), unquote(split.netloc.rpartition("@")[2]), unquote(split.path), location, _params(query))


def _instead(text: object) -> str:
    if not isinstance(text, str):
        return "None; is the setting there?" if text is None else f"a value of type {type(text).__name__}"
    return "text without ://" if text else "an empty text"


def _params(query: str) -> dict[str, str]:
    pairs = parse_qsl(query, keep_blank_values=True)
    params = dict(pairs)
    if len(params) < len(pairs):
        twice = next(name for name, _ in pairs if [n for n, _ in pairs].count(name) > 1)
        raise ConfigError(f"the URL gives the parameter {twice!r} twice")
    return params


def is_reference(url: object) -> bool:
    """Return whether what is given as a store's URL says where the URL is kept; see `references`."""
    return isinstance(url, str) and url[:4].lower() in ("env:", "ssm:")


def read_bool(text: str) -> bool:
    """
    Read "true" or "false".

    Raises:
        ValueError: It is neither.
    """
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError("expected true or false")
    return text.lower() in ("true", "1")
