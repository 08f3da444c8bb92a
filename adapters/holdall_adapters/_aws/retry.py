"""
What the lean client mends itself, once for each cause, before the engine hears of it: refusals of a signature, after
which the service has done nothing. Pure.

All other tries are the engine's, which knows what may be repeated (`holdall._engine.attempts`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .errors import Refused

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired",
                      "UnrecognizedClientException", "InvalidClientTokenId"})  # fmt: skip
_SKEWED = frozenset({"InvalidSignatureException", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired",
                     "RequestInTheFuture"})  # fmt: skip
_TOLERANCE = 240
"""Seconds that clocks may differ: signatures are taken within 5 minutes."""


def is_expired(refused: Refused) -> bool:
    """Return whether other keys may help."""
    return refused.code in _EXPIRED


def skew(refused: Refused, headers: Mapping[str, str], now: float) -> float | None:
    """
    Return the seconds by which the service's clock is ahead of `now`, where that may be why it refused.

    None where the refusal has another reason, or both clocks tell about the same.
    """
    if refused.code not in _SKEWED:
        return None
    # Imported here: few processes ever need it, and it takes longer than a call.
    from email.utils import parsedate_to_datetime

    try:
        ahead = parsedate_to_datetime(headers.get("date", "")).timestamp() - now
    except (TypeError, ValueError):
        return None
    return ahead if abs(ahead) > _TOLERANCE else None
