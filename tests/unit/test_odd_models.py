"""Classes that are declared in unusual ways."""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from datetime import date
from typing import Any, Generic, NewType, TypeVar

import pydantic
import pytest

import holdall
from holdall import Index, Key, Schema

T = TypeVar("T")
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


class Box(pydantic.BaseModel, Generic[T]):
    id: Key[str]
    value: T


class Positive(pydantic.BaseModel):
    id: Key[str]
    number: int = pydantic.Field(gt=0)


@dataclass
class Versioned:
    id: Key[str]
    version: str = ""


@dataclass
class TwoOfAName:
    id: Key[str]
    kind: str

    first = Index("kind", name="by_kind")
    second = Index("kind", "id", name="by_kind")


@dataclass
class TwiceInIndex:
    id: Key[str]
    kind: str

    by_kind = Index("kind", "kind")


class Inside(pydantic.BaseModel):
    id: Key[str]
    name: str = pydantic.Field("", validation_alias=pydantic.AliasPath("names", 0))


def test_a_field_may_be_named_like_its_type_and_a_key_be_a_new_type() -> None:
    repository = holdall.open_repository("memory://", Named)
    assert repository.create(Named(UserId("a"), date(2026, 1, 2))).date == date(2026, 1, 2)


@pytest.mark.parametrize(("cls", "words"), [
    (Node, "Node holds itself"), (Seeded, r"Seeded\.seed is an InitVar"), (Unreadable, "Unreadable: an annotation"),
    (Inside, r"Inside\.name is read from inside"), (TwoOfAName, "two indexes of the name 'by_kind'"),
    (TwiceInIndex, "has kind twice"), (Schema(Versioned, revision="version"), r"a revision is `str \| None`"),
])  # fmt: skip
def test_a_class_whose_records_could_not_be_kept_and_made_again_is_refused(cls: Any, words: str) -> None:
    with pytest.raises(holdall.ModelError, match=words):
        holdall.open_repository("memory://", cls)


def test_an_init_var_with_a_default_takes_the_default() -> None:
    record = SeededByDefault("a", 5)
    assert holdall.open_repository("memory://", SeededByDefault).create(record) == record


def test_a_pydantic_field_with_several_aliases_comes_back() -> None:
    record = Chosen.model_validate({"id": "a", "title": "x"})
    assert holdall.open_repository("memory://", Chosen).create(record) == record


def test_a_generic_pydantic_model_with_its_argument_is_a_record_class() -> None:
    record = Box[int](id="a", value=3)
    assert holdall.open_repository("memory://", Box[int]).create(record) == record


def test_a_record_that_its_class_would_refuse_is_not_stored() -> None:
    repository = holdall.open_repository("memory://", Positive)
    with pytest.raises(holdall.InvalidArgument, match="could not be read back"):
        repository.create(Positive.model_construct(id="a", number=-1))
    assert not repository.native
