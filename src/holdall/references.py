"""
Where a store's URL may be kept instead of being written in the program: in a parameter, or in the environment.

    ssm:///shop/orders_url?max_age=60      a parameter, with what its own URL may say
    env:ORDERS_URL                         a variable of the environment

What is there is a store's URL, or another reference.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .errors import ConfigError
from .urls import is_reference, parse_url

if TYPE_CHECKING:
    from .config.store import Config
    from .credentials import Credentials

_MOST = 5
"""References in a row."""
_configs: dict[Any, Config] = {}


class Reference:
    """
    Where a store's URL is kept.

    Args:
        text: The reference.
        credentials: An AWS key of the caller's own, or None.

    Raises:
        ConfigError: It names no variable or parameter.
    """

    def __init__(self, text: str, credentials: Credentials | None) -> None:
        self._text = text
        self._credentials = credentials
        self._source = _source_of(text, credentials)

    def __str__(self) -> str:
        return _shown(self._text)

    def url(self) -> str:
        """
        Return the URL of the moment.

        Raises:
            ConfigError: There is none, what is there is no URL, or the references go round in a circle.
            HoldallError: The parameter can't be read, and what was read last, if anything, is too old.
        """
        passed = [self._text]
        found = self._source.read()
        while is_reference(found):
            if found in passed or len(passed) >= _MOST:
                way = " -> ".join(map(_shown, [*passed, found]))
                circle = "go round in a circle" if found in passed else f"are more than {_MOST} in a row"
                raise ConfigError(f"the references {circle}: {way}")
            passed.append(found)
            found = _source_of(found, self._credentials).read()
        self._check(found, passed[-1])
        return found

    async def awaited_url(self) -> str:
        """Return the same, read by another thread where it has to be read anew."""
        # Imported here: only asynchronous programs pay for asyncio.
        from .aio import ThreadIo

        return self.url() if self._is_at_hand() else await ThreadIo().call(self.url)

    def _is_at_hand(self) -> bool:
        """Return whether nothing has to be read for the URL, all the way."""
        source, left = self._source, _MOST
        while source.is_at_hand() and left:
            found = source.read()
            if not is_reference(found):
                return True
            source, left = _source_of(found, self._credentials), left - 1
        return False

    def _check(self, found: str, last: str) -> None:
        """Refuse what is no URL, without showing it: it may be anything, a secret among others."""
        try:
            parse_url(found)
        except ConfigError:
            problem = ConfigError(f"what {_shown(last)} holds is no store's URL, such as dynamodb://orders")
        else:
            return
        raise problem


class _Variable:
    """A variable of the environment."""

    def __init__(self, name: str) -> None:
        self._name = name

    def is_at_hand(self) -> bool:
        return bool(os.environ.get(self._name, "").strip())

    def read(self) -> str:
        found = os.environ.get(self._name, "").strip()
        if not found:
            raise ConfigError(f"the environment has no variable {self._name}, which is to hold a store's URL")
        return found


class _Parameter:
    """A parameter, read through one configuration for all that are read alike."""

    def __init__(self, url: str, name: str, credentials: Credentials | None) -> None:
        self._name = name
        key = (url, credentials)
        if key not in _configs:
            # Imported here: few programs keep their URLs in parameters.
            from .opening import open_config

            _configs.setdefault(key, open_config(url, credentials=credentials))
        self._config = _configs[key]

    def is_at_hand(self) -> bool:
        return isinstance(self._config.engine.cached(self._name, str), str)

    def read(self) -> str:
        found = (self._config.get(self._name) or "").strip()
        if not found:
            raise ConfigError(f"there is no parameter {self._name!r}, which is to hold a store's URL")
        return found


def _source_of(text: str, credentials: Credentials | None) -> _Variable | _Parameter:
    if _is_variable(text):
        name = text[4:].removeprefix("///")
        if not name or not name.replace("_", "a").isalnum():
            raise ConfigError(f"open {_shown(text)}: it names no variable; write env:ORDERS_URL")
        return _Variable(name)
    return _parameter_of(text, credentials)


def _parameter_of(text: str, credentials: Credentials | None) -> _Parameter:
    parsed = parse_url(text)
    query = text.partition("?")[2]
    name = parsed.path
    if parsed.location.startswith("arn:"):
        name = unquote(parsed.location)
        # Parameter Store serves the parameters of its own region.
        query = query if "region" in parsed.params else "&".join(filter(None, [f"region={name.split(':')[3]}", query]))
    elif parsed.host:
        raise ConfigError(f"open {parsed}: the parameter stands behind three slashes: ssm:///{parsed.location}")
    if name in ("", "/"):
        raise ConfigError(f"open {parsed}: it names no parameter; write ssm:///shop/orders_url")
    by_name = "" if "by" in parsed.params else "by=name"
    return _Parameter(f"ssm:///?{'&'.join(filter(None, [by_name, query]))}", name, credentials)


def _is_variable(text: str) -> bool:
    return text[:4].lower() == "env:"


def _shown(text: str) -> str:
    return text if _is_variable(text) else str(parse_url(text))
