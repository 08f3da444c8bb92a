"""A repository that spills, on a store and a blob store that fail on order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import holdall
from holdall import Index, Key, Revision, Spill
from holdall._engine.batches import Batches
from holdall._model.schema import Model
from holdall.drivers import Opening
from holdall.registry import record_opener
from holdall.spill import spilled_names, spilling
from holdall.testing.blobs.faulty import FaultyBlobs
from holdall.testing.faults import FaultyDriver
from holdall.testing.stores import Stores
from holdall.urls import parse_url

LONG = "x" * 50


@dataclass
class Doc:
    id: Key[str]
    shelf: str = "s"
    body: str | None = None
    raw: bytes | None = None
    revision: Revision = None

    by_shelf = Index("shelf")


@dataclass
class Note:
    """Without a revision."""

    id: Key[str]
    body: str = ""
    seen: int = 0


class Spilling:
    """The repository `docs`, with its faulty `store` and the faulty driver `faults` of its `blobs`."""

    def __init__(self, model: Any = Doc, names: tuple[str, ...] = ("body", "raw"), over: int = 20) -> None:
        self.blobs = holdall.open_blobs("memory://", retry=Stores.impatient)
        self.faults = FaultyBlobs(self.blobs.engine.driver)
        spill = [Spill(name, blobs=self.blobs, over=over) for name in names]
        checked = Model(model, spilled_names(spill))
        driver, io = record_opener("memory")(parse_url("memory://"), Opening(checked))
        self.store = FaultyDriver(driver, io)
        self.blobs.engine.driver = self.faults  # type: ignore[assignment]  # it has the port's methods by __getattr__
        self.over = spilling(checked, self.store, io, spill, asynchronous=False)
        self.docs: holdall.Repository[Any] = holdall.Repository(Batches(checked, self.over, io, retry=Stores.impatient))

    def keys(self) -> list[str]:
        """Return the keys of all blobs."""
        return [info.key for info in self.blobs.list()]
