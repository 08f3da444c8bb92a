"""What requests are signed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from holdall.credentials import Credentials

    from .endpoints import Endpoint


class Identity(NamedTuple):
    """A key, and the region and address that it is for; `own` where the address is the user's, not AWS's."""

    credentials: Credentials
    region: str
    endpoint: Endpoint
    own: bool
