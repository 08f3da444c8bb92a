"""Placeholders: every name and every value of an expression goes through one, so that no word is reserved."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from holdall._model.kinds import BadValue
from holdall.errors import InvalidArgument, TooLarge

from .size import item_size
from .values import to_wire

if TYPE_CHECKING:
    from holdall._model.kinds import Portable
    from holdall.expressions import Step

    from .values import Wire

_SCALARS = frozenset({"S", "N", "B", "BOOL", "NULL"})
_MAX_EXPRESSION = 4096
_MAX_OPERATORS = 300
_MAX_VALUES = 2 * 1024 * 1024
_MAX_PATH = 32
_MARK = re.compile(r"[#:]\d+")
_WORDS = (
    " AND ", " OR ", "NOT ", " IN ", " BETWEEN ", " = ", " <> ", " < ", " <= ", " > ", " >= ", " + ",
    "attribute_", "begins_with(", "contains(", "size(", "if_not_exists(", "list_append(",
)  # fmt: skip


class Placeholders:
    """The names and values of one request; the same name or value gets the same placeholder."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._values: dict[Any, str] = {}
        self._contents: dict[str, Wire] = {}
        self._expressions: list[str] = []
        self.loose = False
        """Whether some placeholders may not be used, since what they stood in was folded away."""

    def name(self, attribute: str) -> str:
        """Return the placeholder of an attribute's name."""
        return self._names.setdefault(attribute, f"#{len(self._names)}")

    def value(self, stored: Wire) -> str:
        """Return the placeholder of a value."""
        ((letter, content),) = stored.items()
        key: Any = (letter, content) if letter in _SCALARS else len(self._contents)
        if key not in self._values:
            self._values[key] = f":{len(self._contents)}"
            self._contents[self._values[key]] = stored
        return self._values[key]

    def operand(self, portable: Portable) -> str:
        """
        Return the placeholder of a value in portable form.

        Raises:
            InvalidArgument: DynamoDB can't hold it.
        """
        try:
            return self.value(to_wire(portable))
        except BadValue as bad:
            raise InvalidArgument(f"an operand can't be sent: {bad.problem}") from None

    def path(self, path: tuple[Step, ...]) -> str:
        """
        Return a document path.

        Raises:
            InvalidArgument: It is deeper than DynamoDB goes.
        """
        if len(path) > _MAX_PATH:
            raise InvalidArgument(f"a path of {len(path)} steps is deeper than the {_MAX_PATH} that DynamoDB takes")
        text = self.name(str(path[0]))
        for step in path[1:]:
            text += f"[{step}]" if isinstance(step, int) else "." + self.name(step)
        return text

    def expression(self, text: str) -> str:
        """
        Return an expression of this request, checked.

        Raises:
            TooLarge: It is longer than 4 KB, or has more than 300 operators and functions.
        """
        self._expressions.append(text)
        if len(text) > _MAX_OPERATORS:
            _check_expression(text)
        return text

    def params(self) -> dict[str, Any]:
        """
        Return the parameters that say what the placeholders stand for.

        Raises:
            TooLarge: The values are more than a request takes.
        """
        if self.loose:
            self._tighten()
        params: dict[str, Any] = {}
        if self._names:
            params["ExpressionAttributeNames"] = {mark: name for name, mark in self._names.items()}
        if self._contents:
            if len(self._contents) > _MAX_OPERATORS:
                _check_values(self._contents)
            params["ExpressionAttributeValues"] = self._contents
        return params

    def _tighten(self) -> None:
        """Forget the placeholders that no expression uses, which DynamoDB would refuse."""
        used = set(_MARK.findall(" ".join(self._expressions)))
        self._names = {name: mark for name, mark in self._names.items() if mark in used}
        self._contents = {mark: stored for mark, stored in self._contents.items() if mark in used}


def _check_values(contents: dict[str, Wire]) -> None:
    size = item_size(contents)
    if size > _MAX_VALUES:
        raise TooLarge(f"the operands have {size} bytes, DynamoDB takes {_MAX_VALUES} in one request; ask in parts")


def _check_expression(text: str) -> None:
    if len(text) > _MAX_EXPRESSION:
        raise TooLarge(f"the conditions or changes make an expression of {len(text)} bytes, DynamoDB takes "
                       f"{_MAX_EXPRESSION}; ask with fewer operands, or in parts")
    operators = sum(text.count(word) for word in _WORDS) - text.count(" BETWEEN ")
    if operators > _MAX_OPERATORS:
        raise TooLarge(f"the conditions make an expression of {operators} operators, DynamoDB takes {_MAX_OPERATORS}; "
                       "ask with fewer conditions, or in parts")
