"""The other side of `conditions.document_of`: a comparison applied to a stored value."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from holdall import drivers
from holdall._engine.evaluate import evaluate
from holdall._model.kinds import Kind

from .columns import BY_NAME
from .documents import load

if TYPE_CHECKING:
    from holdall.drivers import Leaf

    from .columns import ColumnType


class _Operand(Kind):
    def __init__(self, types: frozenset[Any]) -> None:
        self.types = types


@lru_cache(maxsize=256)
def _read(document: str) -> tuple[Leaf, ColumnType]:
    column, path, op, operands, size, types = load(document)
    kind = _Operand(frozenset(types))
    return drivers.Leaf(("value", *path), op, kind, kind, (), tuple(operands), size), BY_NAME[column]


def matches(document: str, stored: Any) -> int:
    """
    Return 1 where a comparison is true of a stored value, else 0.

    Raises:
        BadValue: What is stored is not of its column's type.
    """
    leaf, column = _read(document)
    item = {} if stored is None else {"value": column.load(stored)}
    return int(evaluate(leaf, item))
