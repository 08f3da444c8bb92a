"""What others have stored in the same table: fields that are not ours, and records that do not fit."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest

from ... import errors
from ..._model.markers import Index, Key
from ..._model.schema import Schema
from ...expressions import F
from .base import RecordKit, each_needs
from .models import Colour, Line

if TYPE_CHECKING:
    from ..stores import Stores


@dataclass
class WideLine:
    article: str
    price: Decimal = Decimal(0)
    gift: bool | None = None
    colour: str | None = None


@dataclass
class Wide:
    id: Key[str]
    text: str | None = None
    number: int | None = None
    line: WideLine | None = None
    extra: str | None = None
    more: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass
class Narrow:
    id: Key[str]
    text: str | None = None
    number: int | None = None
    line: Line | None = None


@dataclass
class Raw:
    id: Key[str]
    group: str = "g"
    value: str | None = None

    by_group = Index("group", "id")


@dataclass
class Typed:
    id: Key[str]
    value: Any
    group: str = "g"

    by_group = Index("group", "id")


@dataclass
class Strict:
    id: Key[str]
    group: str = "g"
    value: str | None = None

    by_group = Index("group", "id")

    def __post_init__(self) -> None:
        if self.value == "refused":
            raise ValueError("the class itself refuses this")


MISFITS: dict[str, tuple[Any, str | None]] = {
    "instant": (datetime, "yesterday"),
    "naive instant": (datetime, "2026-01-01T00:00:00.000000"),
    "date": (date, "2026-13-01"),
    "UUID": (UUID, "not one"),
    "enum": (Colour, "purple"),
    "missing": (str, None),
    "int": (int, "many"),
    "Decimal": (Decimal, "much"),
    "float": (float, "sundry"),
    "list": (list[str], "sundry"),
    "nested": (Line, "sundry"),
    "set": (set[str], "sundry"),
}


@each_needs("shared")
class StoredTests(RecordKit):
    """Foreign fields and misfits."""

    def test_fields_of_others_are_kept_by_an_update(self, stores: Stores) -> None:
        wide = stores.open(Wide)
        before = wide.create(Wide("k", "t", 1, WideLine("a", Decimal(1), colour="red"), "extra", {"a": [1, None]}))
        narrow = stores.open(Narrow, like=Wide, provision=False)
        inside = (F.line.price.set(Decimal(2)), F.line.gift.remove())
        updated = narrow.update("k", F.text.set("u"), F.number.add(1), *inside)
        assert updated == Narrow("k", "u", 2, Line("a", Decimal(2)))
        after = wide.require("k")
        assert (after.extra, after.more) == (before.extra, before.more)
        assert after.line == WideLine("a", Decimal(2), colour="red")

    def test_fields_of_others_do_not_show(self, stores: Stores) -> None:
        stores.open(Wide).create(Wide("k", "t", 1, WideLine("a", colour="red"), "extra", {"a": 1}))
        narrow = stores.open(Narrow, like=Wide, provision=False)
        expected = Narrow("k", "t", 1, Line("a"))
        assert narrow.get("k") == expected
        assert list(narrow.get_many(["k"])) == narrow.scan().all() == [expected]

    @pytest.mark.needs("any_type")
    @pytest.mark.parametrize("name", MISFITS)
    def test_a_record_that_does_not_fit_its_class_is_corrupt(self, stores: Stores, name: str) -> None:
        kind, value = MISFITS[name]
        raw = stores.open(Raw)
        raw.put_many([Raw("bad", value=value), Raw("other", value=value)])
        typed = stores.open(Schema(Typed, fields={"value": kind}), like=Raw, provision=False)
        reads = (
            lambda: typed.get("bad"),
            lambda: typed.require("bad"),
            lambda: list(typed.get_many(["bad"])),
            lambda: typed.query(F.group == "g", F.id == "bad").all(),
            lambda: typed.scan(F.id == "bad").all(),
            lambda: typed.query(F.group == "g", F.id == "bad", fields=["value"]).all(),
        )
        for read in reads:
            if value is None and read is reads[-1]:
                continue
            with pytest.raises(errors.CorruptRecord, match="value") as caught:
                read()
            assert caught.value.field == "value"
            assert value is None or value not in str(caught.value)
        with pytest.raises(errors.CorruptRecord) as caught:
            typed.get("bad")
        assert caught.value.key == "bad"
        assert caught.value.backend == typed.capabilities.name

    @pytest.mark.needs("any_type")
    def test_a_record_that_does_not_fit_can_be_seen_overwritten_and_deleted(self, stores: Stores) -> None:
        stores.open(Raw).put_many(Raw(name, value="x") for name in ("a", "b", "c"))
        typed = stores.open(Schema(Typed, fields={"value": int}), like=Raw, provision=False)
        assert typed.exists("a")
        assert typed.count() == 3
        assert typed.query(F.group == "g", fields=["id"]).all() == [{"id": "a"}, {"id": "b"}, {"id": "c"}]
        typed.delete("a")
        assert not typed.exists("a")
        with pytest.raises(errors.AlreadyExists):
            typed.create(Typed("b", value=1))
        typed.delete_many(["b", "c"])
        assert typed.count() == 0

    def test_a_record_that_its_class_refuses_is_corrupt(self, stores: Stores) -> None:
        stores.open(Raw).put_many([Raw("bad", value="refused"), Raw("good", value="fine")])
        strict = stores.open(Strict, like=Raw, provision=False)
        assert strict.get("good") == Strict("good", value="fine")
        with pytest.raises(errors.CorruptRecord) as caught:
            strict.get("bad")
        assert caught.value.key == "bad"
        assert isinstance(caught.value.__cause__, ValueError)
