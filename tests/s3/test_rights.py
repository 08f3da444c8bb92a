"""The table of rights on the S3 page is what the verbs send, no more and no less."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import holdall
from holdall._frozen import replace
from holdall_adapters.s3.permissions import VERBS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PART = 5 << 20


def given_up(blobs: holdall.BlobStore) -> None:
    with suppress(RuntimeError), blobs.open("given-up", "wb") as file:
        file.write(bytes(3 * PART))
        raise RuntimeError


def read(blobs: holdall.BlobStore) -> None:
    with blobs.open("a", "rb") as file:
        file.read()


def resumed(blobs: holdall.BlobStore, path: Path) -> None:
    file, bucket = path.with_name("long"), blobs.engine.driver._bucket.name  # type: ignore[attr-defined]  # the adapter's
    file.write_bytes(bytes(2 * PART))
    blobs.upload(path.with_name("there"), "short", resume=True)
    blobs.upload(file, "long", resume=True)
    blobs.native.create_multipart_upload(
        Bucket=bucket, Key="gone on with", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )
    blobs.upload(file, "gone on with", resume=True, metadata={"asked": "anew"})
    with suppress(holdall.AlreadyExists):
        blobs.upload(file, "a", resume=True, if_absent=True)


STEPS: dict[str, list[Callable[[holdall.BlobStore, Path], object]]] = {
    "`get`, `require`": [lambda blobs, path: blobs.get("a"), lambda blobs, path: blobs.require("a", start=1)],
    "`open` for reading, `download`": [lambda blobs, path: read(blobs), lambda blobs, path: blobs.download("a", path)],
    "`info`, `exists`": [lambda blobs, path: blobs.info("a"), lambda blobs, path: blobs.exists("a")],
    "`put`, `upload`, `open` for writing": [
        lambda blobs, path: blobs.put("b", b"x", if_absent=True), lambda blobs, path: blobs.put("c", bytes(3 * PART)),
        lambda blobs, path: blobs.upload(path.with_name("there"), "d"), lambda blobs, path: given_up(blobs),
    ],
    "`upload`, `sync` with `resume=True`": [resumed],
    "`list`": [lambda blobs, path: list(blobs.list()), lambda blobs, path: blobs.list(delimiter="/").prefixes()],
    "`delete`": [lambda blobs, path: blobs.delete("a")],
    "`delete_many`": [lambda blobs, path: blobs.delete_many(["a", "odd\x01"])],
    "`delete_prefix`": [lambda blobs, path: blobs.delete_prefix("a")],
    "`copy`": [lambda blobs, path: blobs.copy("a", "copied")],
    "`move`": [lambda blobs, path: blobs.move("a", "moved")],
    "`tags`": [lambda blobs, path: blobs.tags("a")],
    "`set_tags`": [lambda blobs, path: blobs.set_tags("a", {"x": "y"})],
    "`versions`": [lambda blobs, path: blobs.versions("a")],
    "`uploads`": [lambda blobs, path: blobs.uploads()],
    "`abort_uploads`": [lambda blobs, path: blobs.abort_uploads(older_than=0)],
    "`provision`": [lambda blobs, path: blobs.provision()],
}  # fmt: skip


@pytest.fixture
def asked() -> set[str]:
    """Return the names of the operations that were sent."""
    return set()


@pytest.fixture
def blobs(versitygw_endpoint: str, asked: set[str], tmp_path: Path) -> Iterator[holdall.BlobStore]:
    client: Any = boto3.client("s3", endpoint_url=versitygw_endpoint)
    bucket = f"rights-{secrets.token_hex(6)}"
    with holdall.open_blobs(f"s3://{bucket}?versions=true", client=client) as store:
        store.provision()
        store.put("a", b"bytes")
        client.create_multipart_upload(Bucket=bucket, Key="left")
        (tmp_path / "there").write_bytes(b"there")
        engine = store.engine
        engine.capabilities = replace(engine.capabilities, part_bytes=PART, parallel=1)
        client.meta.events.register("before-call.s3", lambda model, **_: asked.add(model.name))
        yield store


def test_every_verb_of_the_table_has_its_steps() -> None:
    assert STEPS.keys() == VERBS.keys()


@pytest.mark.parametrize("verb", [verb for verb in STEPS if verb != "`provision`"])
def test_a_verb_sends_what_the_table_says(blobs: holdall.BlobStore, asked: set[str], verb: str, tmp_path: Path) -> None:
    for step in STEPS[verb]:
        step(blobs, tmp_path / "out")
    assert asked == set(VERBS[verb])


def test_a_bucket_is_looked_for_made_and_given_versions(versitygw_endpoint: str) -> None:
    client: Any = boto3.client("s3", endpoint_url=versitygw_endpoint)
    asked: set[str] = set()
    client.meta.events.register("before-call.s3", lambda model, **_: asked.add(model.name))
    with holdall.open_blobs(f"s3://made-{secrets.token_hex(6)}?versions=true", client=client) as blobs:
        blobs.provision()
        blobs.provision()
    assert asked == set(VERBS["`provision`"])
