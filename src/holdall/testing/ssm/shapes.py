"""Which members a request has to have, which it may have, and of which types they are. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator


class Members(NamedTuple):
    """The names of the required and the optional members."""

    required: tuple[str, ...]
    optional: tuple[str, ...]


def _members(required: str, optional: str = "") -> Members:
    return Members(tuple(required.split()), tuple(optional.split()))


_LABELS = "Name Labels"
_RESOURCE = "ResourceType ResourceId"
_PAGE = "MaxResults NextToken"
OPERATIONS = {
    "GetParameter": _members("Name", "WithDecryption"),
    "GetParameters": _members("Names", "WithDecryption"),
    "GetParametersByPath": _members("Path", f"Recursive ParameterFilters WithDecryption {_PAGE}"),
    "GetParameterHistory": _members("Name", f"WithDecryption {_PAGE}"),
    "PutParameter": _members(
        "Name Value", "Description Type KeyId Overwrite AllowedPattern Tags Tier Policies DataType"
    ),
    "DeleteParameter": _members("Name"),
    "DeleteParameters": _members("Names"),
    "LabelParameterVersion": _members(_LABELS, "ParameterVersion"),
    "UnlabelParameterVersion": _members(f"{_LABELS} ParameterVersion"),
    "AddTagsToResource": _members(f"{_RESOURCE} Tags"),
    "RemoveTagsFromResource": _members(f"{_RESOURCE} TagKeys"),
    "ListTagsForResource": _members(_RESOURCE),
    "DescribeParameters": _members("", f"Filters ParameterFilters Shared {_PAGE}"),
}
"""The members of each operation that has rules."""
_ENTRIES = {
    "Tags": _members("Key Value"),
    "ParameterFilters": _members("Key", "Option Values"),
    "Filters": _members("Key Values"),
}
_FLAGS = {"WithDecryption", "Recursive", "Overwrite", "Shared"}
_NUMBERS = {"MaxResults", "ParameterVersion"}
_LISTS = {"Names", "Labels", "TagKeys", "Values"}
_HALVES = re.compile("[\ud800-\udfff]")


def misshapen(operation: str, params: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the members of a request."""
    yield from _misfits(OPERATIONS[operation], params)


def _misfits(members: Members, given: Mapping[str, Any]) -> Iterator[str]:
    for name in members.required:
        if name not in given:
            yield f"{name} is missing"
    for name, value in given.items():
        if name not in members.required + members.optional:
            yield f"{name} is unknown"
        elif name in _ENTRIES:
            yield from _misfit_entries(name, value)
        elif (expected := _expected(name, value)) is not None:
            yield f"{name} is {type(value).__name__}, no {expected}"


def _misfit_entries(name: str, value: object) -> Iterator[str]:
    if not isinstance(value, (list, tuple)):
        yield f"{name} is {type(value).__name__}, no list"
        return
    for entry in cast("list[object]", value):
        if isinstance(entry, Mapping):
            found = _misfits(_ENTRIES[name], cast("Mapping[str, Any]", entry))
            yield from (f"{name}: {problem}" for problem in found)
        else:
            yield f"{name} has {type(entry).__name__}, no mapping"


def _expected(name: str, value: object) -> str | None:
    if name in _LISTS:
        return None if _is_list(value) else "list of strings"
    if name in _FLAGS:
        return None if isinstance(value, bool) else "boolean"
    if name in _NUMBERS:
        return None if isinstance(value, int) and not isinstance(value, bool) else "integer"
    return None if _is_text(value) else "string of whole characters"


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(map(_is_text, cast("list[object]", value)))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and _HALVES.search(value) is None
