"""The one error of the validator, and the two ways of raising it."""

from __future__ import annotations

from typing import NoReturn


class RequestRefused(AssertionError):
    """The service would refuse this request; the text is the service's own where it is known."""


def refuse(message: str) -> NoReturn:
    """
    Refuse the request.

    Raises:
        RequestRefused: Always.
    """
    raise RequestRefused(message)


def refuse_value(message: str) -> NoReturn:
    """
    Refuse the request in the words that the service uses of parameter values.

    Raises:
        RequestRefused: Always.
    """
    refuse(f"One or more parameter values were invalid: {message}")
