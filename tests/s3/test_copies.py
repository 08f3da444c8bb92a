"""Copies of what is too large for one request, made small here; and what a copy asks for."""

from __future__ import annotations

import os
import secrets
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall._frozen import replace
from holdall.blob_drivers import ALWAYS, Condition, Refused
from holdall.io import BlockingIo, run_blocking
from holdall.urls import parse_url
from holdall_adapters.s3 import copies
from holdall_adapters.s3.driver import S3
from holdall_adapters.s3.options import Options

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = 5 << 20
DATA = os.urandom(1 << 10) * (11 << 10)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copies, "WHOLE", PART)
    monkeypatch.setattr(copies, "PART", PART)


@pytest.fixture
def blobs(versitygw_endpoint: str, small: None) -> Iterator[holdall.BlobStore]:
    with holdall.open_blobs(f"s3://copies-{secrets.token_hex(6)}?endpoint={versitygw_endpoint}") as store:
        store.provision()
        # By a checksum that S3 keeps of parts only: versitygw takes the CRC of the whole source for that of each part.
        store.put(
            "a", DATA, content_type="text/csv", metadata={"by": "José"}, tags={"kind": "large"}, checksum="sha256"
        )
        yield store


def test_a_large_copy_has_all_that_the_source_has(blobs: holdall.BlobStore) -> None:
    copied = blobs.copy("a", "b")
    target = blobs.info("b")
    assert target is not None
    assert blobs.get("b") == DATA
    assert (target.content_type, dict(target.metadata)) == ("text/csv", {"by": "José"})
    assert (copied.etag, copied.size) == (target.etag, len(DATA))
    assert blobs.tags("b") == {"kind": "large"}
    assert blobs.uploads() == []


def test_a_large_copy_is_refused_at_its_end_and_leaves_nothing(blobs: holdall.BlobStore) -> None:
    blobs.put("b", b"there")
    with pytest.raises(holdall.AlreadyExists):
        blobs.copy("a", "b", if_absent=True)
    assert blobs.get("b") == b"there"
    assert blobs.uploads() == []


def test_a_source_that_changes_is_not_copied(blobs: holdall.BlobStore) -> None:
    found = blobs.info("a")
    assert found is not None
    blobs.put("a", DATA[::-1])
    with pytest.raises(Refused):
        run_blocking(blobs.engine.driver.copy(found, "b", None, ALWAYS))
    assert not blobs.exists("b")
    assert blobs.uploads() == []


class Canned:
    """Calls that are written down, and answered as S3 would."""

    region = "us-east-1"

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    async def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((operation, params))
        result = {"ETag": '"p"', "LastModified": INFO.modified, "ChecksumCRC32": "NhCmhg=="}
        return {"CreateMultipartUpload": {"UploadId": "u"}, "GetObjectTagging": {"TagSet": []},
                "UploadPartCopy": {"CopyPartResult": result}, "CopyObject": {"CopyObjectResult": result},
                "CompleteMultipartUpload": {"ETag": '"m-2"'}}.get(operation, {})  # fmt: skip


NOON = datetime(2026, 11, 27, 12, tzinfo=timezone.utc)
INFO = holdall.BlobInfo("a", 7, '"e"', NOON, "text/plain", {"by": "me"}, "crc32:3610a686")


def copied(source: holdall.BlobInfo, condition: Condition) -> list[tuple[str, dict[str, Any]]]:
    calls: Any = Canned()
    driver = S3(calls, BlockingIo(), Options.from_url(parse_url("s3://shop/p?sse=AES256")))
    run_blocking(driver.copy(source, "b", None, condition))
    asked: list[tuple[str, dict[str, Any]]] = calls.asked
    return asked


@pytest.mark.parametrize(("condition", "name", "value"), [
    (Condition(absent=True), "IfNoneMatch", "*"), (Condition(match='"x"'), "IfMatch", '"x"'),
])  # fmt: skip
def test_a_copy_on_a_condition_says_so(condition: Condition, name: str, value: str) -> None:
    ((operation, params),) = copied(INFO, condition)
    assert (operation, params[name]) == ("CopyObject", value)
    assert (params["CopySource"], params["CopySourceIfMatch"]) == ({"Bucket": "shop", "Key": "p/a"}, '"e"')
    assert params["ServerSideEncryption"] == "AES256"


def test_a_large_copy_is_completed_with_the_checksum_of_its_source_and_the_condition(small: None) -> None:
    asked = copied(replace(INFO, size=2 * PART + 1, version="v"), Condition(absent=True))
    assert [name for name, _ in asked] == ["GetObjectTagging", "CreateMultipartUpload", *3 * ["UploadPartCopy"],
                                           "CompleteMultipartUpload"]  # fmt: skip
    parts = sorted((one["PartNumber"], one["CopySourceRange"]) for name, one in asked if name == "UploadPartCopy")
    assert parts == [(1, "bytes=0-5242879"), (2, "bytes=5242880-10485759"), (3, "bytes=10485760-10485760")]
    _, last = asked[-1]
    assert (last["ChecksumCRC32"], last["ChecksumType"], last["IfNoneMatch"]) == ("NhCmhg==", "FULL_OBJECT", "*")
    assert asked[2][1]["CopySource"]["VersionId"] == "v"


def test_a_copy_onto_itself_says_what_is_stored_anew() -> None:
    calls: Any = Canned()
    driver = S3(calls, BlockingIo(), Options.from_url(parse_url("s3://shop")))
    run_blocking(driver.copy(INFO, "a", None, ALWAYS))
    assert calls.asked[0][1]["MetadataDirective"] == "REPLACE"
    assert calls.asked[0][1]["Metadata"] == {"by": "me"}
