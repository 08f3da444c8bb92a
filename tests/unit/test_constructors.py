"""Records are made by their class's own constructor, whatever the order of its parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

import holdall
from holdall import Key


@dataclass
class InOrder:
    id: Key[str]
    first: str = "a"
    second: str = "b"


@dataclass(kw_only=True)
class ByName:
    id: Key[str]
    first: str = "a"
    second: str = "b"


@dataclass
class PartlyByName:
    id: Key[str]
    first: str = field(default="a", kw_only=True)
    second: str = "b"


@dataclass(init=False)
class Turned:
    id: Key[str]
    first: str = "a"
    second: str = "b"

    def __init__(self, second: str, first: str, id: str) -> None:  # noqa: A002  # the field's name
        self.id, self.first, self.second = id, first, second


class Meta(type):
    def __call__(cls, **values: Any) -> Any:
        return super().__call__(**values)


@dataclass
class Called(metaclass=Meta):
    id: Key[str]
    first: str = "a"
    second: str = "b"


@pytest.mark.parametrize("cls", [InOrder, ByName, PartlyByName, Turned, Called])
def test_every_value_comes_back_in_its_own_field(cls: Any) -> None:
    things: Any = holdall.open_repository("memory://", cls)
    things.put(cls(id="k", first="1", second="2"))
    found = things.get("k")
    assert (found.id, found.first, found.second) == ("k", "1", "2")
