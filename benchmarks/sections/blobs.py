"""Blobs on S3: calls, lists and whole files on a real server, by holdall, boto3 and obstore; memory; and cold start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import boto3
from boto3.s3.transfer import TransferConfig

import holdall
from tests.servers import ServerMissing

from ..measure import Timing, interleaved, repeated
from ..peers.base import CREDENTIALS, REGION
from ..report import Row, rows_of
from ..servers import started
from ..stub import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..settings import Settings

SECTION, BASE, BUCKET = "blobs on S3", "boto3", "bench"
SMALL = b"x" * 1024
MIB = 1 << 20
PARALLEL = 8

Jobs = dict[str, "Callable[[], Any]"]


def run(settings: Settings) -> list[Row]:
    """Measure on versitygw, where it can be had."""
    os.environ.update(AWS_ACCESS_KEY_ID=CREDENTIALS[0], AWS_SECRET_ACCESS_KEY=CREDENTIALS[1], AWS_REGION=REGION,
                      AWS_DEFAULT_REGION=REGION)  # fmt: skip
    try:
        with started("versitygw", settings) as endpoint, tempfile.TemporaryDirectory() as folder:
            return [*_calls(endpoint, settings), *_files(endpoint, Path(folder), settings),
                    *_memory(endpoint, settings), *_cold(endpoint, settings)]  # fmt: skip
    except ServerMissing as error:
        return [Row(SECTION, "", "", more={"skipped": str(error)})]


def url(endpoint: str, client: str) -> str:
    """Return the URL of the bucket."""
    return f"s3://{BUCKET}?endpoint={endpoint}&region={REGION}&client={client}&parallel={PARALLEL}"


def _stores(endpoint: str) -> dict[str, holdall.BlobStore]:
    found = {"holdall": holdall.open_blobs(url(endpoint, "auto")),
             "holdall by boto3": holdall.open_blobs(url(endpoint, "boto3"))}  # fmt: skip
    found["holdall"].provision()
    return found


def _obstore(endpoint: str) -> tuple[Jobs, Jobs, Jobs]:
    """Return what obstore does for each task; nothing where it is not installed."""
    if find_spec("obstore") is None:
        return {}, {}, {}
    obstore: Any = import_module("obstore")
    store: Any = import_module("obstore.store").S3Store(
        BUCKET, endpoint=endpoint, region=REGION, access_key_id=CREDENTIALS[0], secret_access_key=CREDENTIALS[1],
        virtual_hosted_style_request=False, client_options={"allow_http": True},
    )  # fmt: skip
    return (
        {"obstore": lambda: bytes(obstore.get(store, "one").bytes())},
        {"obstore": lambda: obstore.put(store, "two", SMALL)},
        {"obstore": lambda: [one for page in obstore.list(store, "many/") for one in page]},
    )


def _calls(endpoint: str, settings: Settings) -> Iterator[Row]:
    stores = _stores(endpoint)
    client = boto3.client("s3", endpoint_url=endpoint)
    gets, puts, lists = _obstore(endpoint)
    many = settings.size(10_000)
    blobs = stores["holdall"]
    blobs.put("one", SMALL)
    blobs.delete_prefix("many/")  # as an earlier run has left them
    with ThreadPoolExecutor(PARALLEL) as pool:
        list(pool.map(lambda number: blobs.put(f"many/{number:06}", b"x"), range(many)))
    pages: Any = client.get_paginator("list_objects_v2")
    tasks: dict[str, tuple[int, Jobs]] = {
        "get of 1 KB": (settings.calls(20), {
            BASE: lambda: client.get_object(Bucket=BUCKET, Key="one")["Body"].read(),
            **{name: _get(store) for name, store in stores.items()},
            **gets,
        }),
        "put of 1 KB": (settings.calls(20), {
            BASE: lambda: client.put_object(Bucket=BUCKET, Key="two", Body=SMALL),
            **{name: _put(store) for name, store in stores.items()},
            **puts,
        }),
        f"list {many}": (1, {
            BASE: lambda: [one for page in pages.paginate(Bucket=BUCKET, Prefix="many/") for one in page["Contents"]],
            **{name: _list(store) for name, store in stores.items()},
            **lists,
        }),
    }  # fmt: skip
    for task, (calls, jobs) in tasks.items():
        _check(jobs, many)
        yield from _measured(task, jobs, settings.rounds(), calls)
    for store in stores.values():
        store.close()


def _measured(task: str, jobs: Jobs, rounds: int, calls: int) -> list[Row]:
    timings = interleaved({name: repeated(job) for name, job in jobs.items()}, rounds=rounds, calls=calls)
    return rows_of(SECTION, task, timings, BASE)


def _get(store: holdall.BlobStore) -> Callable[[], Any]:
    return lambda: store.require("one")


def _put(store: holdall.BlobStore) -> Callable[[], Any]:
    return lambda: store.put("two", SMALL)


def _list(store: holdall.BlobStore) -> Callable[[], Any]:
    return lambda: list(store.list("many/"))


def _check(jobs: Jobs, many: int) -> None:
    """Refuse a client that does not give all: its time would mean nothing."""
    for name, job in jobs.items():
        found = job()
        assert not isinstance(found, bytes) or found == SMALL, name
        assert not isinstance(found, list) or len(found) == many, (name, len(found))


def _files(endpoint: str, folder: Path, settings: Settings) -> Iterator[Row]:
    size = settings.size(256) * MIB
    source = folder / "source"
    source.write_bytes(os.urandom(MIB) * (size // MIB))
    client = boto3.client("s3", endpoint_url=endpoint)
    managed = TransferConfig(max_concurrency=PARALLEL, multipart_threshold=8 * MIB, multipart_chunksize=8 * MIB)
    stores = _stores(endpoint)
    up: Jobs = {
        BASE: lambda: client.upload_file(str(source), BUCKET, "file", Config=managed),
        **{name: _upload(store, source) for name, store in stores.items()},
    }
    target = folder / "target"
    down: Jobs = {
        BASE: lambda: client.download_file(BUCKET, "file", str(target), Config=managed),
        **{name: _download(store, target) for name, store in stores.items()},
    }
    for task, jobs in ((f"up {size // MIB} MiB", up), (f"down {size // MIB} MiB", down)):
        yield from _measured(task, jobs, settings.rounds(4), 1)
        assert task.startswith("up") or target.read_bytes() == source.read_bytes()
    for store in stores.values():
        store.close()


def _upload(store: holdall.BlobStore, source: Path) -> Callable[[], Any]:
    return lambda: store.upload(source, "file")


def _download(store: holdall.BlobStore, target: Path) -> Callable[[], Any]:
    return lambda: store.download("file", target)


def _memory(endpoint: str, settings: Settings) -> Iterator[Row]:
    size = settings.size(1024)
    with holdall.open_blobs(url(endpoint, "auto")) as blobs:
        blobs.put("large", (bytes(MIB) for _ in range(size)))
    for verb in ("read", "write"):
        (grown,) = _child("memory", verb, url(endpoint, "auto"), str(size))
        yield Row(SECTION, f"{verb} {size} MiB in a loop", "holdall", more={"grown_MiB": round(grown, 1)})


def _cold(endpoint: str, settings: Settings) -> list[Row]:
    programs = {BASE: ("cold", "boto3", endpoint), "holdall": ("cold", "holdall", url(endpoint, "auto"))}
    found: dict[str, list[list[float]]] = {name: [] for name in programs}
    for _ in range(settings.rounds(9)):
        for name, arguments in programs.items():
            found[name].append(_child(*arguments))
    timings = {name: Timing(*([one[column] for one in runs] for column in (0, 1))) for name, runs in found.items()}
    rows = rows_of(SECTION, "cold start", timings, BASE)
    for row in rows:
        assert isinstance(row.more, dict)
        row.more["MB"] = round(median(one[2] for one in found[row.name]), 1)
    return rows


def _child(*arguments: str) -> list[float]:
    ran = subprocess.run([sys.executable, "-m", "benchmarks.blob_process", *arguments], cwd=ROOT, check=True,
                         stdout=subprocess.PIPE, text=True)  # fmt: skip
    found: list[float] = json.loads(ran.stdout)
    return found

