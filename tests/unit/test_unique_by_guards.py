"""Unique fields kept by guards, on a memory store that pretends to need them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import holdall
from holdall import F, Key, Unique
from holdall._frozen import replace
from holdall.drivers import Write
from holdall.testing.faults import FaultyDriver

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass
class Person:
    id: Key[str]
    email: Unique[str]


class DeletedBehindIt(FaultyDriver):
    """Makes the writes of a transaction; then another program deletes what they wrote."""

    async def transact(self, parts: Sequence[tuple[Any, Any]], token: str | None) -> None:
        for write in [part for _, part in parts if isinstance(part, Write)]:
            await self.inside.write(write)
            await self.inside.write(Write("delete", write.key))


def test_an_update_gives_what_it_wrote_though_another_has_deleted_it_since() -> None:
    people = holdall.open_repository("memory://", Person)
    people.create(Person("a", "old@example.org"))
    engine = people.engine
    engine.capabilities = replace(engine.capabilities, unique="guards")
    engine.driver = DeletedBehindIt(engine.driver, engine.io)
    assert people.update("a", F.email.set("new@example.org")) == Person("a", "new@example.org")
