"""The data: the airports that the package `airportsdata` carries, as records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import airportsdata

from .app import Airport

if TYPE_CHECKING:
    from collections.abc import Collection

PART = ("AD", "CH", "IS", "LK", "NP")
"""Countries enough for the questions to have the same kinds of answers as over the whole world."""


def load_airports(countries: Collection[str] | None = None) -> list[Airport]:
    """Return the airports of some countries, or of all."""
    rows = airportsdata.load("ICAO").values()
    return [_airport(row) for row in rows if countries is None or row["country"] in countries]


def _airport(row: Any) -> Airport:
    # A blank code becomes None, which leaves the airport out of that index; other blanks and spaces stay as they are.
    return Airport(
        country=row["country"], icao=row["icao"], name=row["name"], zone=row["tz"], elevation=row["elevation"],
        latitude=row["lat"], longitude=row["lon"], iata=row["iata"] or None, city=row["city"], region=row["subd"],
    )  # fmt: skip
