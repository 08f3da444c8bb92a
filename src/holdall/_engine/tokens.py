"""Page tokens: where a query goes on, bound to the query and its model."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .. import drivers
from ..errors import InvalidToken
from .paging import Place
from .seal import Seal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .._model.kinds import Portable
    from ..drivers import Test
    from .paging import Position


class Tokens:
    """Makes and reads the tokens of one query; `scope` is what the query is, as text."""

    def __init__(self, scope: str, secret: bytes | None) -> None:
        self._seal = Seal(scope, secret, "query or model; repeat the query with the same conditions, order and fields "
                          "as the page that gave the token")  # fmt: skip

    def write(self, position: Position) -> str:
        """Return the token of a position."""
        places = [[place.branch, _pack_keys(place.after)] for place in position]
        return self._seal.close(json.dumps(places, separators=(",", ":"), ensure_ascii=False).encode())

    def read(self, token: str) -> Position:
        """
        Return the position of a token.

        Raises:
            InvalidToken: It is another query's or another model's, or was changed.
        """
        body = self._seal.open(token)
        try:
            return tuple(Place(int(branch), _unpack_keys(keys)) for branch, keys in json.loads(body))
        except (ValueError, TypeError, AttributeError, ArithmeticError):
            raise InvalidToken("the page token is damaged") from None


def _pack_keys(keys: Mapping[str, Any] | None) -> dict[str, list[str]] | None:
    return None if keys is None else {name: _pack(value) for name, value in keys.items()}


def _unpack_keys(keys: Mapping[str, list[str]] | None) -> dict[str, Portable] | None:
    return None if keys is None else {name: _unpack(value) for name, value in keys.items()}


def _pack(value: Portable) -> list[str]:
    if value is None:
        return ["0", ""]
    if isinstance(value, bool):
        return ["t", str(value)]
    if isinstance(value, bytes):
        return ["b", base64.b64encode(value).decode()]
    return ["s", value] if isinstance(value, str) else ["n", str(value)]


def _unpack(packed: list[str]) -> Portable:
    tag, text = packed
    if tag in "0t":
        return None if tag == "0" else text == "True"
    if tag == "b":
        return base64.b64decode(text)
    return text if tag == "s" else _number(Decimal(text))


def _number(value: Decimal) -> int | Decimal:
    return int(value) if value == value.to_integral_value() else value


def describe_test(test: Test | None) -> str:
    """Return a test as text that is the same in every process."""
    if isinstance(test, drivers.Leaf):
        operands = [_pack(value) for value in test.portable]
        if test.op in ("in", "not_in"):
            operands.sort()  # A set has another order in each process, and the order means nothing.
        return json.dumps([list(test.path), test.op, test.size, operands])
    if isinstance(test, (drivers.All, drivers.AnyOf)):
        return f"{type(test).__name__}({','.join(describe_test(part) for part in test.parts)})"
    return repr(test)
