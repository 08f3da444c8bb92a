"""Updates of fields that are keys of an index."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import holdall
from holdall import F, Index, Key


@dataclass
class Airport:
    icao: Key[str]
    iata: str | None = None

    by_iata = Index("iata")


@pytest.mark.parametrize("change", [F.iata.set(""), F.iata.set_if_absent("")], ids=["set", "set_if_absent"])
def test_an_update_can_not_empty_a_key_of_an_index(change: object) -> None:
    airports = holdall.open_repository("memory://", Airport)
    airports.create(Airport("LSZH"))
    with pytest.raises(holdall.InvalidArgument, match=r"Airport\.iata is a key of an index"):
        airports.update("LSZH", change)  # type: ignore[arg-type]  # parametrised
