"""The numbers in the documentation, written by a full run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .report import Row

PAGE = Path(__file__).parents[1] / "docs/guides/aws-client.md"
_PART = re.compile(r"(<!-- measured: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_CALLS = ("get", "put", "query 100")
_COLD = ("import, open, get", "the same over TLS")


def rendered(page: str, rows: Sequence[Row]) -> str:
    """Return a page's text with its tables of numbers made of these rows; what was not measured stays as it is."""
    found = {(row.section, row.task, row.name): row for row in rows if row.cpu is not None}
    tables = {"calls": _calls(found), "cold": _cold(found)}
    return _PART.sub(lambda part: part[1] + tables[part[2]] + part[3] if tables[part[2]] else part[0], page)


def write(rows: Sequence[Row]) -> None:
    """Write the tables into the page."""
    PAGE.write_text(rendered(PAGE.read_text(), rows))


def _calls(found: dict[tuple[str, str, str], Row]) -> str:
    section = "calls on the stub"
    names = [name for where, task, name in found if (where, task) == (section, _CALLS[0])]
    lines = [[name, *(_cell(found.get((section, task, name))) for task in _CALLS)] for name in names]
    return _table(["", *_CALLS], lines) if lines else ""


def _cold(found: dict[tuple[str, str, str], Row]) -> str:
    lines = [
        [f"{name}{', over TLS' if task == _COLD[1] else ''}", f"{(row.cpu or 0) / 1000:.0f} ms ({row.cpu_ratio:.2f})",
         f"{row.more['MB']:.0f} MB"]
        for (section, task, name), row in found.items()
        if section == "cold start" and task in _COLD and name not in ("holdall memory", "holdall sqlite")
    ]  # fmt: skip
    return _table(["", "CPU", "memory"], lines) if lines else ""


def _cell(row: Row | None) -> str:
    return "" if row is None or row.cpu is None else f"{row.cpu:,.0f} ({row.cpu_ratio:.2f})"


def _table(heads: list[str], lines: list[list[str]]) -> str:
    return "\n" + "".join(f"| {' | '.join(line)} |\n" for line in (heads, ["---"] * len(heads), *lines)) + "\n"
