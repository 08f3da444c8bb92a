"""One row a measurement, one line a target; as a table and as JSON."""

from __future__ import annotations

import json
import platform
import sys
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from .measure import Timing

_PACKAGES = ("holdall", "boto3", "pynamodb", "aiodynamo", "aiohttp", "pydynox", "sqlalchemy", "obstore",
             "aws-lambda-powertools", "redis", "pymemcache", "cashews", "dogpile.cache")  # fmt: skip


@dataclass(frozen=True)
class Row:
    """
    One contender at one task.

    `cpu` and `wall` are medians in µs a call, `cpu_min` the best round; the ratios are to the contender `base`. `more`
    holds what else there is to say, such as bytes.
    """

    section: str
    task: str
    name: str
    base: str = ""
    cpu: float | None = None
    cpu_min: float | None = None
    wall: float | None = None
    cpu_ratio: float | None = None
    wall_ratio: float | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """A promise, and what was measured."""

    promise: str
    limit: float
    found: float | None

    @property
    def verdict(self) -> str:
        """Whether it is kept."""
        return "not measured" if self.found is None else "pass" if self.found <= self.limit else "FAIL"


def rows_of(section: str, task: str, timings: Mapping[str, Timing], base: str) -> list[Row]:
    """Return a row for each contender."""
    return [
        Row(
            section, task, name, base,
            round(median(timing.cpu) * 1e6, 2), round(min(timing.cpu) * 1e6, 2), round(median(timing.wall) * 1e6, 2),
            round(timing.ratio(timings[base]), 3), round(timing.ratio(timings[base], "wall"), 3),
        )
        for name, timing in timings.items()
    ]  # fmt: skip


def table(rows: list[Row]) -> str:
    """Return the rows as text."""
    lines: list[str] = []
    before = ""
    for row in rows:
        if row.section != before:
            lines += ["", f"## {row.section}", f"{'':32}{'':30}{'CPU':>12}{'min':>12}{'wall':>12}   CPU x   wall x"]
        before = row.section
        numbers = "".join(f"{_time(value):>12}" for value in (row.cpu, row.cpu_min, row.wall))
        ratios = "".join(f"{'' if value is None else f'{value:.2f}':>8}" for value in (row.cpu_ratio, row.wall_ratio))
        more = "  ".join(f"{name} {value}" for name, value in row.more.items())
        lines.append(f"{row.task:32}{row.name:30}{numbers}{ratios}  {more}".rstrip())
    return "\n".join(lines)


def _time(micros: float | None) -> str:
    if micros is None:
        return ""
    return f"{micros / 1000:.1f} ms" if micros >= 10_000 else f"{micros:.1f} µs"


def targets_text(targets: list[Target]) -> str:
    """Return the targets as text."""
    lines = ["", "## Targets"]
    for target in targets:
        found = "" if target.found is None else f"{target.found:.2f}"
        lines.append(f"{target.verdict:>12}  {found:>6} (limit {target.limit:.2f})  {target.promise}")
    return "\n".join(lines)


def save(path: Path, rows: list[Row], targets: list[Target], settings: Mapping[str, Any]) -> None:
    """Write everything as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    found = {
        "settings": dict(settings),
        "python": sys.version,
        "machine": platform.machine(),
        "versions": {name: _version(name) for name in _PACKAGES},
        "rows": [asdict(row) for row in rows],
        "targets": [{**asdict(target), "verdict": target.verdict} for target in targets],
    }
    path.write_text(json.dumps(found, indent=1))


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
