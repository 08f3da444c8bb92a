"""What the project promises, judged on CPU ratios of one run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .report import Row, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def targets(rows: Iterable[Row]) -> list[Target]:
    """Return every target with what was found."""
    found = {(row.section, row.task, row.name): row for row in rows}

    def cpu(section: str, task: str, name: str, base: str) -> float | None:
        mine, theirs = found.get((section, task, name)), found.get((section, task, base))
        if mine is None or theirs is None or mine.cpu_ratio is None or not theirs.cpu_ratio:
            return None
        return mine.cpu_ratio / theirs.cpu_ratio

    return [*_calls(cpu), *_codec(cpu), *_memory(found.values()), *_cold(cpu)]



def _calls(cpu: Callable[[str, str, str, str], float | None]) -> list[Target]:
    section, ours = "calls on the stub", "holdall sync"
    return [
        Target("get: CPU of boto3's client", 1.15, cpu(section, "get", ours, "boto3 client")),
        Target("put: CPU of boto3's client", 1.15, cpu(section, "put", ours, "boto3 client")),
        Target("query of 100: CPU of boto3's resource", 1.1, cpu(section, "query 100", ours, "boto3 resource")),
        Target("query of 100: CPU of PynamoDB", 0.5, cpu(section, "query 100", ours, "PynamoDB")),
    ]


def _codec(cpu: Callable[[str, str, str, str], float | None]) -> list[Target]:
    peers = [
        ("encode", "TypeSerializer"),
        ("encode", "TypeSerializer from a record"),
        ("decode", "TypeDeserializer"),
        ("decode", "TypeDeserializer to a record"),
    ]
    return [
        Target(f"{task}: CPU of boto3's {theirs}", 0.25, cpu("codec", task, "holdall dynamodb", theirs))
        for task, theirs in peers
    ]


def _memory(rows: Iterable[Row]) -> list[Target]:
    return [
        Target(f"{row.task.split()[0]} of ten times as many, {row.name}: peak of memory", 1.1, row.more["peak_ratio"])
        for row in rows
        if "peak_ratio" in row.more
    ]


def _cold(cpu: Callable[[str, str, str, str], float | None]) -> list[Target]:
    return [Target("import holdall: CPU of import boto3", 0.25, cpu("cold start", "import", "holdall", "boto3"))]
