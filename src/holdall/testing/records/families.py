"""The same record type in every family of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict, get_origin

import pytest

from ..._model.markers import Key
from ..._model.schema import Schema
from .models import EVERYTHING, Everything

if TYPE_CHECKING:
    from collections.abc import Callable

FAMILIES = ("dataclass", "pydantic", "attrs", "msgspec", "TypedDict", "dict")


class Member(NamedTuple):
    """A family's class, or a schema about it; how a record is made, and how it is read as a dict."""

    model: Any
    make: Callable[..., Any]
    read: Callable[[Any], dict[str, Any]]


def _empty(annotation: Any) -> Any:
    return {set: set[Any], frozenset: frozenset[Any]}.get(get_origin(annotation), _none)()


def _none() -> None:
    return None


def _attributes(record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in ("id", *EVERYTHING)}


def _dataclass() -> Member:
    return Member(Everything, Everything, _attributes)


def _pydantic() -> Member:
    pydantic = pytest.importorskip("pydantic")
    fields = {name: (annotation, _empty(annotation)) for name, annotation in EVERYTHING.items()}
    model = pydantic.create_model("Everything", id=(Key[str], ...), **fields)
    return Member(model, model, _attributes)


def _attrs() -> Member:
    attr = pytest.importorskip("attr")
    fields = {"id": attr.ib(type=Key[str])}
    fields |= {name: attr.ib(type=annotation, default=_empty(annotation)) for name, annotation in EVERYTHING.items()}
    model = attr.make_class("Everything", fields)
    return Member(model, model, _attributes)


def _msgspec() -> Member:
    msgspec = pytest.importorskip("msgspec")
    fields: list[Any] = [("id", Key[str])]
    fields += [(name, annotation, _empty(annotation)) for name, annotation in EVERYTHING.items()]
    model = msgspec.defstruct("Everything", fields)
    return Member(model, model, msgspec.structs.asdict)


def _typed_dict() -> Member:
    make: Any = TypedDict
    return Member(make("Everything", {"id": Key[str], **EVERYTHING}, total=False), dict, dict)


def _dict() -> Member:
    return Member(Schema(dict, fields={"id": Key[str], **EVERYTHING}, table="everything"), dict, dict)


_MAKERS = {"dataclass": _dataclass, "pydantic": _pydantic, "attrs": _attrs, "msgspec": _msgspec,
           "TypedDict": _typed_dict, "dict": _dict}  # fmt: skip


def family(name: str) -> Member:
    """Return the member of a family; the test is skipped where the family's library is not installed."""
    return _MAKERS[name]()
