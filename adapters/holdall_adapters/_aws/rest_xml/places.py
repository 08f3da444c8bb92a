"""Where the requests to a bucket go. Pure."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..endpoints import Endpoint, is_region, regional

_LABEL = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]")


class Place(NamedTuple):
    """An address, the region that signatures are for, and what stands before keys in a path."""

    endpoint: Endpoint
    region: str
    path: str


def place_of(bucket: str, region: str, endpoint: Endpoint, *, own: bool) -> Place:
    """
    Return the place of a bucket.

    On AWS that is a host of its own (Amazon S3 User Guide, "Virtual hosting of general purpose buckets"); but not for a
    name with dots, which no certificate covers, nor on a server of the user's own.

    Args:
        bucket: Its name.
        region: Its region.
        endpoint: The service's address.
        own: The address is the user's own, not the region's.
    """
    if own or not _LABEL.fullmatch(bucket):
        return Place(endpoint, region, f"{endpoint.path}/{bucket}")
    return Place(endpoint._replace(host=f"{bucket}.{endpoint.host}"), region, endpoint.path)


def moved(bucket: str, region: str | None, now: Place) -> Place | None:
    """Return the place of a bucket in another region, as a refusal names it; None where it names none."""
    if not region or region == now.region or not is_region(region):
        return None
    endpoint = regional("s3", region)
    return None if endpoint is None else place_of(bucket, region, endpoint, own=False)
