"""What the project promises, judged on CPU ratios of one run."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .report import Row, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def targets(rows: Iterable[Row]) -> list[Target]:
    """Return every target with what was found."""
    # How many records a task has is another number in a smoke run.
    found = {(row.section, _task(row.task), row.name): row for row in rows}

    def cpu(section: str, task: str, name: str, base: str) -> float | None:
        mine, theirs = found.get((section, task, name)), found.get((section, task, base))
        if mine is None or theirs is None or mine.cpu_ratio is None or not theirs.cpu_ratio:
            return None
        return mine.cpu_ratio / theirs.cpu_ratio

    return [
        *_calls(cpu), *_codec(cpu), *_memory(found.values()), *_cold(cpu, found), *_relational(cpu, found),
        *_blobs(cpu, found), *_config(cpu, found), *_cache(cpu, found),
    ]  # fmt: skip


def _task(name: str) -> str:
    name = re.sub(r"(list|up|down|read|write) \d+( MiB)?", r"\1 many", name)
    name = re.sub(r"(cold key,) \d+", r"\1 many", name)
    name = re.sub(r"(batch \w+|put) \d+", r"\1 many", name)
    return name if name == "query 100" else re.sub(r"query \d+", "query many", name)


_PROMISES: tuple[tuple[str, str, str, float], ...] = (
    ("get", "holdall sync", "boto3 client", 0.30),
    ("get", "holdall sync", "pydynox", 1.0),
    ("get", "holdall sync", "aiodynamo", 1.0),
    ("get", "holdall async", "aiodynamo", 1.0),
    ("put", "holdall sync", "boto3 client", 0.30),
    ("put", "holdall sync", "pydynox", 1.0),
    ("put", "holdall sync", "aiodynamo", 1.0),
    ("put", "holdall async", "aiodynamo", 1.0),
    ("query 100", "holdall sync", "boto3 resource", 0.30),
    ("query 100", "holdall sync", "PynamoDB", 0.15),
    ("query 100", "holdall sync", "pydynox", 1.2),
    ("batch get many, 8 threads", "holdall sync", "boto3 client", 0.25),
    ("get", "holdall by boto3", "boto3 client", 1.15),
    ("put", "holdall by boto3", "boto3 client", 1.15),
)


def _calls(cpu: Callable[[str, str, str, str], float | None]) -> list[Target]:
    section = "calls on the stub"
    return [
        Target(f"{task}, {ours}: CPU of {theirs}", limit, cpu(section, task, ours, theirs))
        for task, ours, theirs, limit in _PROMISES
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


def _cold(
    cpu: Callable[[str, str, str, str], float | None], found: Mapping[tuple[str, str, str], Row]
) -> list[Target]:
    section, ours, theirs = "cold start", "holdall sync", "boto3 client"
    targets = [Target("import holdall: CPU of import boto3", 0.25, cpu(section, "import", "holdall", "boto3"))]
    for task in ("import, open, get", "the same over TLS"):
        targets.append(Target(f"{task}: CPU of {theirs}", 0.30, cpu(section, task, ours, theirs)))
        sizes = [found[section, task, name].more.get("MB") for name in (ours, theirs) if (section, task, name) in found]
        memory = sizes[0] / sizes[1] if len(sizes) == 2 and all(sizes) else None
        targets.append(Target(f"{task}: memory of {theirs}", 0.5, memory))
    return targets


def _relational(
    cpu: Callable[[str, str, str, str], float | None], found: Mapping[tuple[str, str, str], Row]
) -> list[Target]:
    targets: list[Target] = []
    for section in ("postgresql", "mysql"):
        for task, limit in (("get", 1.5), ("put", 1.5), ("query many", 1.2)):
            ratio = cpu(section, task, "holdall", "SQLAlchemy Core")
            targets.append(Target(f"{task} on {section}: CPU of SQLAlchemy Core", limit, ratio))
        for where in ("", ", half a ms away"):
            many = found.get((section, f"put many{where}", "holdall put_many"))
            wall = None if many is None else many.wall_ratio
            targets.append(Target(f"put_many on {section}{where}: time of one by one", 0.1, wall))
    queried = cpu("data-api", "query 100", "holdall", "aurora-data-api")
    batch = found.get(("data-api", "batch put many", "holdall"))
    requests = None if batch is None else batch.more["requests"] / batch.more["chunks"]
    return [*targets, Target("query 100 on the Data API: CPU of aurora-data-api", 0.6, queried),
            Target("batch put on the Data API: requests a chunk of 1,000", 1.0, requests)]  # fmt: skip


_BLOBS: tuple[tuple[str, str, float], ...] = (
    ("get of 1 KB", "boto3", 0.30),
    ("put of 1 KB", "boto3", 0.30),
    ("get of 1 KB", "obstore", 2.0),
    ("put of 1 KB", "obstore", 2.0),
    ("list many", "boto3", 0.20),
    ("up many", "boto3", 1.0),
    ("down many", "boto3", 1.0),
    ("cold start", "boto3", 0.35),
)


def _blobs(
    cpu: Callable[[str, str, str, str], float | None], found: Mapping[tuple[str, str, str], Row]
) -> list[Target]:
    section = "blobs on S3"
    targets = [
        Target(f"{task}: CPU of {theirs} on S3", limit, cpu(section, task, "holdall", theirs))
        for task, theirs, limit in _BLOBS
    ]
    for task in ("up many", "down many"):
        row = found.get((section, task, "holdall"))
        targets.append(Target(f"{task}: time of boto3 on S3", 1.0, None if row is None else row.wall_ratio))
    row = found.get((section, "read many in a loop", "holdall"))
    grown = None if row is None else row.more["grown_MiB"]
    return [*targets, Target("reading a blob in a loop: MiB above the start on S3", 64, grown)]


def _config(
    cpu: Callable[[str, str, str, str], float | None], found: Mapping[tuple[str, str, str], Row]
) -> list[Target]:
    section, task = "config", "cached get"
    row = found.get((section, "cold load of 40", "holdall"))
    return [
        Target("cached get: CPU of a dict and the time", 3.0, cpu(section, task, "holdall", "a dict and the time")),
        Target("cached get: CPU of Powertools", 1.0, cpu(section, task, "holdall", "Powertools")),
        Target("cold load of 40 parameters: requests", 4, None if row is None else row.more["requests"]),
    ]


def _cache(
    cpu: Callable[[str, str, str, str], float | None], found: Mapping[tuple[str, str, str], Row]
) -> list[Target]:
    section, stores = "cache", (("holdall", "hit"), ("holdall on sqlite", "hit on sqlite"))
    peers = (("hit", "redis-py", 1.3), ("hit", "dogpile.cache", 1.0), ("hit, asyncio", "redis-py", 1.3),
             ("hit, asyncio", "cashews", 1.0))  # fmt: skip
    targets = [
        Target(f"{task.replace('hit', told)}: CPU of {theirs} on Valkey", limit, cpu(section, task, name, theirs))
        for task, theirs, limit in peers
        for name, told in stores
    ]
    for kind in ("threads", "tasks"):
        row = found.get((section, f"cold key, many {kind}", "holdall"))
        reads = None if row is None else row.more["reads"]
        targets.append(Target(f"cold key, many {kind}: reads of the store behind Valkey", 1, reads))
    for name, where in (("holdall", ""), ("holdall on sqlite", " on sqlite")):
        row = found.get((section, "get without its cache", name))
        ratio = None if row is None else row.more["p99_ratio"]
        targets.append(Target(f"get{where} without its cache: the slowest 1 % of a store behind no Valkey", 1.1, ratio))
    return targets
