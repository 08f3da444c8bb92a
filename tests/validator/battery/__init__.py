"""The battery: requests, and whether the service accepts them by its documentation and recorded answers."""

from . import expressions, groups, reads, values
from .rows import TABLES, Row

ROWS: list[Row] = [*values.ROWS, *expressions.ROWS, *reads.ROWS, *groups.ROWS]

__all__ = ["ROWS", "TABLES", "Row"]
