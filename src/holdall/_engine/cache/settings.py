"""What a cache's URL says of how it is used, whatever cache it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from ..._frozen import frozen
from ...errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...urls import Url

_MONTH = 30 * 86_400.0


@frozen
class Settings:
    """
    How a cache is used. Times are in seconds.

    Attributes:
        ttl: How long a value serves at most.
        negative_ttl: How long "the store has nothing" serves; 0 for not at all.
        jitter: By which part of it a life is shorter at random, so that not all end together.
        early: How eagerly values are read anew before their end, each by one caller, so that not all do at their end; 0
            for never (beta of XFetch: Vattani, Chierichetti and Lowenstein, "Optimal Probabilistic Cache Stampede
            Prevention", VLDB 2015).
        wait: How long a caller waits for another that reads the same from the store.
        lease: How long a reader may take before its right to fill the cache ends.
        fence: How long a write may take, one included of which no answer comes.
        timeout: How long an answer of the cache may take.
        connect_timeout: How long a connection to it may take.
        breaker_failures: Failures in a row after which it is left alone.
        breaker_pause: For how long, at first.
        compress_over: Values of more bytes are compressed.
        max_bytes: Values of more bytes are not kept.
        on_write: "invalidate": what is written is read again by who wants it; "replace": it is kept as it was sent,
            which is equal to what the store gives, but not always in the same words (1.50 for 1.5, a dict in another
            order).
        prefix: What all keys begin with; the same in all programs that write the same things.
    """

    ttl: float = 60.0
    negative_ttl: float = 5.0
    jitter: float = 0.1
    early: float = 1.0
    wait: float = 0.5
    lease: float = 10.0
    fence: float = 10.0
    timeout: float = 0.05
    connect_timeout: float = 0.2
    breaker_failures: int = 3
    breaker_pause: float = 1.0
    compress_over: int = 1024
    max_bytes: int = 262_144
    on_write: Literal["invalidate", "replace"] = "invalidate"
    prefix: str = "holdall"


def settings_of(url: Url) -> Settings:
    """
    Return what a URL says.

    Raises:
        ConfigError: It says something that can't be.
    """
    usual = Settings()
    ttl = url.param("ttl", _between(0.001, _MONTH), usual.ttl)
    negative = url.param("negative_ttl", _between(0, _MONTH), min(usual.negative_ttl, ttl))
    if negative > ttl:
        raise ConfigError(f"open {url}: negative_ttl is longer than ttl; what is not there may be put at any time")
    timeout = url.param("timeout", _between(0.001, 60), usual.timeout)
    return Settings(
        ttl,
        negative,
        url.param("jitter", _between(0, 0.9), usual.jitter),
        url.param("early", _between(0, 100), usual.early),
        url.param("wait", _between(0, 60), usual.wait),
        url.param("lease", _between(0.1, 3600), usual.lease),
        url.param("fence", _between(0.1, 3600), usual.fence),
        timeout,
        url.param("connect_timeout", _between(0.001, 60), max(usual.connect_timeout, timeout)),
        url.param("breaker_failures", _whole(1, 1000), usual.breaker_failures),
        url.param("breaker_pause", _between(0.01, 3600), usual.breaker_pause),
        url.param("compress_over", _whole(0, 1 << 40), usual.compress_over),
        url.param("max_bytes", _whole(1, 1 << 40), usual.max_bytes),
        url.param("on_write", _on_write, usual.on_write),
        url.param("prefix", _prefix, usual.prefix),
    )


def _between(least: float, most: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = -1.0
        if not least <= number <= most:
            raise ValueError(f"expected a number from {least:.10g} to {most:.10g}")
        return number

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"expected a whole number from {least} to {most}")
        return int(text)

    return read


def _on_write(text: str) -> Literal["invalidate", "replace"]:
    if text == "invalidate":
        return "invalidate"
    if text == "replace":
        return "replace"
    raise ValueError("expected invalidate or replace")


def _prefix(text: str) -> str:
    if not (1 <= len(text) <= 40 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()):
        raise ValueError("expected 1 to 40 letters, digits, - and _")
    return text
