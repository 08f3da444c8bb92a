"""The one error of the validator."""

from __future__ import annotations


class RequestRefused(AssertionError):
    """Parameter Store would refuse this request."""
