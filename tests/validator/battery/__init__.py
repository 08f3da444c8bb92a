"""The battery: requests, and whether the service accepts them, recorded from the service's documentation and answers."""

from . import expressions, groups, reads, values
from .rows import TABLES, Row

ROWS: list[Row] = [*values.ROWS, *expressions.ROWS, *reads.ROWS, *groups.ROWS]

__all__ = ["ROWS", "TABLES", "Row"]
