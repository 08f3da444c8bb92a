"""Documents without tags take a short way, which says the same as the long one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall import Partition
from holdall._model.kinds import BadValue
from holdall._model.schema import Model
from holdall_adapters._sql.columns import DOCUMENT
from holdall_adapters._sql.documents import dump
from holdall_adapters._sql.plain import document_decoder, document_encoder

from .values import documents

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass
class Inner:
    name: str
    note: str | None = None
    sizes: tuple[int, ...] = ()
    more: str = "none"


@dataclass
class Kinds:
    id: Partition[str]
    texts: list[str]
    fixed: tuple[str, ...]
    words: dict[str, str]
    numbers: list[float]
    maybe: list[str | None]
    table: dict[str, list[bool]]
    inner: Inner
    inners: list[Inner]
    blobs: list[bytes]


FIELDS = [field for field in Model(Kinds).fields if field.name != "id"]
LONG = {field.name: lambda stored, kind=field.kind: kind.lift(DOCUMENT.load(stored)) for field in FIELDS}
texts = st.text(max_size=6) | st.sampled_from(['"', "\\", "\n", "$set", "\x7f", "\u00a0", "\ud800", "é"])
values: dict[str, st.SearchStrategy[Any]] = {
    "texts": st.lists(texts, max_size=4),
    "fixed": st.lists(texts, max_size=4).map(tuple),
    "words": st.dictionaries(texts, texts, max_size=4),
    "numbers": st.lists(st.floats(-1e9, 1e9), max_size=4),
    "maybe": st.lists(st.none() | texts, max_size=4),
    "table": st.dictionaries(texts, st.lists(st.booleans(), max_size=3), max_size=3),
    "inner": st.builds(Inner, texts, st.none() | texts, st.lists(st.integers(), max_size=3).map(tuple), texts),
    "inners": st.lists(st.builds(Inner, texts), max_size=3),
    "blobs": st.lists(st.binary(max_size=4), max_size=3),
}


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except BadValue as bad:
        return bad.problem, bad.path


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(st.data())
def test_what_is_written_is_what_the_long_way_writes(field: Any, data: st.DataObject) -> None:
    value = data.draw(values[field.name])
    short = outcome(lambda: document_encoder(field.kind, DOCUMENT)(value))
    assert short == outcome(lambda: dump(field.kind.lower(value)))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.name)
@given(st.data())
def test_what_is_read_is_what_the_long_way_reads(field: Any, data: st.DataObject) -> None:
    right = values[field.name].map(lambda value: outcome(lambda: dump(field.kind.lower(value))))
    text = data.draw(right | documents.map(dump) | st.sampled_from(["", "[", " [] ", "[] x", "null", "NaN", "[NaN]"]))
    assert outcome(lambda: document_decoder(field.kind, DOCUMENT)(text)) == outcome(lambda: LONG[field.name](text))


@pytest.mark.parametrize("stored", [1, None, b"[]", 1.5])
def test_what_is_no_text_is_refused_in_the_same_words(stored: Any) -> None:
    (field,) = [field for field in FIELDS if field.name == "texts"]
    short = outcome(lambda: document_decoder(field.kind, DOCUMENT)(stored))
    assert short == outcome(lambda: LONG["texts"](stored))


def test_members_of_a_text_enum_lie_as_their_values() -> None:
    from enum import Enum

    class Colour(str, Enum):
        RED = "red"

    (field,) = [field for field in FIELDS if field.name == "words"]
    encode = document_encoder(field.kind, DOCUMENT)
    assert encode({"a": Colour.RED, Colour.RED: "b"}) == '{"a":"red","red":"b"}'
