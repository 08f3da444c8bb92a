"""What may be a filter. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BY_PATH = re.compile(r"Type|KeyId|Label")
_DESCRIBING = re.compile(r"tag:.+|Name|Type|KeyId|Path|Tier|DataType")
_PLAIN = ("Equals", "BeginsWith")
_OPTIONS = {"Name": (*_PLAIN, "Contains"), "Path": ("Recursive", "OneLevel"), "Label": ("Equals",)}


def misfiltered_by_path(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the filters of GetParametersByPath."""
    for one in params.get("ParameterFilters", ()):
        yield from _misfiltered(one, _BY_PATH)


def misfiltered(params: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the filters of DescribeParameters."""
    for one in params.get("ParameterFilters", ()):
        yield from _misfiltered(one, _DESCRIBING)
    for one in params.get("Filters", ()):
        if one["Key"] not in ("Name", "Type", "KeyId"):
            yield "Filters: there is no such Key"
        yield from _misvalued("Filters", one["Values"])


def _misfiltered(one: Mapping[str, Any], keys: re.Pattern[str]) -> Iterator[str]:
    # "ParameterStringFilter", with what it says of each operation and option.
    if not keys.fullmatch(one["Key"]) or len(one["Key"]) > 132:
        yield "ParameterFilters: there is no such Key here"
    if one.get("Option", "Equals") not in _OPTIONS.get(one["Key"], _PLAIN) and "Option" in one:
        yield "ParameterFilters: its Key has no such Option"
    if "Values" in one:
        yield from _misvalued("ParameterFilters", one["Values"])


def _misvalued(member: str, values: list[str]) -> Iterator[str]:
    if not 1 <= len(values) <= 50 or not all(1 <= len(value) <= 1024 for value in values):
        yield f"{member}: Values are 1 to 50, each of 1 to 1,024 characters"
