"""The clients that are compared, each as it is meant to be used by its own documentation."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .base import Peer

BASE = "boto3 client"
"""The client that all ratios are to."""

_PEERS = {
    BASE: "boto:Client",
    "boto3 resource": "boto:Resource",
    "holdall sync": "ours:Blocking",
    "holdall async": "ours:Asynchronous",
    "holdall by boto3": "ours:ByBoto3",
    "PynamoDB": "pynamo:PynamoDb",
    "aiodynamo": "aiodyn:AioDynamo",
    "pydynox": "pydyn:Pydynox",
}


def opened(endpoint: str, table: str) -> Iterator[tuple[str, Peer | str]]:
    """Yield every client by name: opened on a table, or the reason why it is not there."""
    for name, target in _PEERS.items():
        module, _, cls = target.partition(":")
        try:
            peer = getattr(importlib.import_module(f"{__name__}.{module}"), cls)
            yield name, peer(endpoint, table)
        except ImportError as error:
            yield name, f"not installed: {error.name}"
