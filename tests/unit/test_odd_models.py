"""Classes that are declared in unusual ways."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from datetime import date
from typing import NewType

import pydantic
import pytest

import holdall
from holdall import Key

UserId = NewType("UserId", str)


@dataclass
class Named:
    id: Key[UserId]
    date: date | None = None


@dataclass
class Node:
    id: Key[str]
    inner: list[Node] = field(default_factory=list["Node"])


@dataclass
class Seeded:
    id: Key[str]
    seed: InitVar[int]


@dataclass
class SeededByDefault:
    id: Key[str]
    seed: InitVar[int] = 1


@dataclass
class Unreadable:
    id: Key[str]
    size: 3 | None = None  # type: ignore[valid-type]  # pyright: ignore[reportInvalidTypeForm]  # the mistake


class Chosen(pydantic.BaseModel):
    id: Key[str]
    name: str = pydantic.Field("", validation_alias=pydantic.AliasChoices("title", "label"))


class Inside(pydantic.BaseModel):
    id: Key[str]
    name: str = pydantic.Field("", validation_alias=pydantic.AliasPath("names", 0))


def test_a_field_may_be_named_like_its_type_and_a_key_be_a_new_type() -> None:
    repository = holdall.open_repository("memory://", Named)
    assert repository.create(Named(UserId("a"), date(2026, 1, 2))).date == date(2026, 1, 2)


@pytest.mark.parametrize(("cls", "words"), [
    (Node, "Node holds itself"), (Seeded, r"Seeded\.seed is an InitVar"), (Unreadable, "Unreadable: an annotation"),
    (Inside, r"Inside\.name is read from inside"),
])  # fmt: skip
def test_a_class_whose_records_could_not_be_made_again_is_refused(cls: type, words: str) -> None:
    with pytest.raises(holdall.ModelError, match=words):
        holdall.open_repository("memory://", cls)


def test_an_init_var_with_a_default_takes_the_default() -> None:
    record = SeededByDefault("a", 5)
    assert holdall.open_repository("memory://", SeededByDefault).create(record) == record


def test_a_pydantic_field_with_several_aliases_comes_back() -> None:
    record = Chosen.model_validate({"id": "a", "title": "x"})
    assert holdall.open_repository("memory://", Chosen).create(record) == record
