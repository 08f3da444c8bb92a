"""ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them were used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import RequestRefused, refuse
from .reserved import is_reserved
from .shapes import as_mapping, as_text
from .syntax import Value
from .values import check_value, item_size, utf8

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACEHOLDER = "{}[A-Za-z0-9_]{{1,254}}"
_MAX_SUBSTITUTES = 2 * 1024 * 1024
_NAMES, _VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"


class Scope:
    """Resolves placeholders; with `strict` every bare attribute name is refused, else only the reserved words."""

    def __init__(self, params: Mapping[str, Any], *, strict: bool) -> None:
        self._strict = strict
        self._names = _entries(params, _NAMES, "#")
        self._values = _entries(params, _VALUES, ":")
        self._used: set[str] = set()
        self._expressions = 0
        self._check_contents()

    def begin(self) -> None:
        """Count one more expression of the request."""
        self._expressions += 1

    def name(self, placeholder: str, label: str) -> str:
        """
        Return the attribute name behind a #placeholder.

        Raises:
            RequestRefused: There is none.
        """
        if placeholder not in self._names:
            refuse(
                f"Invalid {label}: An expression attribute name used in the document path is not defined; "
                f"attribute name: {placeholder}"
            )
        self._used.add(placeholder)
        return str(self._names[placeholder])

    def value(self, placeholder: str, label: str) -> Value:
        """
        Return the literal behind a :placeholder.

        Raises:
            RequestRefused: There is none.
        """
        if placeholder not in self._values:
            refuse(
                f"Invalid {label}: An expression attribute value used in expression is not defined; "
                f"attribute value: {placeholder}"
            )
        self._used.add(placeholder)
        return Value(placeholder, self._values[placeholder])

    def bare(self, word: str, label: str) -> str:
        """
        Return an attribute name that is written without a placeholder.

        Raises:
            RequestRefused: It is a reserved word, or the scope is strict.
        """
        if is_reserved(word):
            refuse(f"Invalid {label}: Attribute name is a reserved keyword; reserved keyword: {word}")
        if self._strict:
            refuse(f"Invalid {label}: strict: the attribute name {word} is not a #placeholder")
        return word

    def finish(self) -> None:
        """
        Check, after the last expression, that everything was used.

        Raises:
            RequestRefused: A name or value was not, or there was no expression to use it.
        """
        for parameter, kind, entries in ((_NAMES, "Names", self._names), (_VALUES, "Values", self._values)):
            if entries and not self._expressions:
                refuse(f"{parameter} can only be specified when using expressions")
            unused = [key for key in entries if key not in self._used]
            if unused:
                refuse(f"Value provided in ExpressionAttribute{kind} unused in expressions: keys: "
                       f"{{{', '.join(unused)}}}")

    def _check_contents(self) -> None:
        for key, name in self._names.items():
            if not as_text(name, f"{_NAMES} {key}"):
                refuse(f"{_NAMES} contains invalid value: the name is empty for key {key}")
        for key, value in self._values.items():
            try:
                check_value(value)
            except RequestRefused as error:
                refuse(f"{_VALUES} contains invalid value: {error} for key {key}")
        size = item_size(self._values) + sum(len(utf8(key)) + len(utf8(name)) for key, name in self._names.items())
        if size > _MAX_SUBSTITUTES:
            refuse(f"the names and values of expressions have {size} bytes in all, more than {_MAX_SUBSTITUTES}")


def _entries(params: Mapping[str, Any], parameter: str, mark: str) -> Mapping[str, Any]:
    if parameter not in params:
        return {}
    entries = as_mapping(params[parameter], parameter)
    if not entries:
        refuse(f"{parameter} must not be empty")
    for key in entries:
        if not re.fullmatch(_PLACEHOLDER.format(mark), key):
            refuse(f'{parameter} contains invalid key: Syntax error; key: "{key}"')
    return entries
