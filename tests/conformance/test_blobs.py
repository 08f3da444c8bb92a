"""The kit of blobs on every store."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

import pytest

from holdall.blob_drivers import BlobCapabilities
from holdall.testing import BlobConformance
from holdall.testing.blobs import CopyTests, RemovalTests, VersionTests
from tests.conftest import OWN_S3, OWN_S3_LACKS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


_THERE = "a store in memory is always there"
_PRIVATE = "no other program can reach it by HTTP"
_ANEW = "what is not finished is gone with its process"
_UNASKED = "the store keeps no versions unless it is asked to"


class TestMemory(BlobConformance):
    lacks: ClassVar[Mapping[str, str]] = {
        "missing_stores": _THERE, "versions": _UNASKED, "presigned": _PRIVATE, "resumable_uploads": _ANEW,
    }  # fmt: skip

    @pytest.fixture
    def store_url(self) -> str:
        return f"memory://{secrets.token_hex(8)}"


class TestMemoryWithVersions(BlobConformance):
    lacks: ClassVar[Mapping[str, str]] = {
        "missing_stores": _THERE, "presigned": _PRIVATE, "resumable_uploads": _ANEW,
    }  # fmt: skip

    @pytest.fixture
    def store_url(self) -> str:
        return f"memory://{secrets.token_hex(8)}?versions=true"


class TestFiles(BlobConformance):
    lacks: ClassVar[Mapping[str, str]] = {
        "nested_keys": "a folder can't have a file and a folder of one name",
        "versions": "a folder keeps none",
        "presigned": _PRIVATE,
        "resumable_uploads": "a file is copied faster than it is compared",
    }

    @pytest.fixture
    def store_url(self, tmp_path: Path) -> str:
        return f"file://{tmp_path}/kit?create=false&fsync=false"


_BY_PATH = "it keeps blobs as files, in folders named like the keys"


def bucket(endpoint: str, parameters: str) -> str:
    """Return the URL of a bucket that is not there yet."""
    return f"s3://kit-{secrets.token_hex(8)}/below?endpoint={endpoint}&region=us-east-1&{parameters}"


class S3(BlobConformance):
    """Blobs in a bucket of the test's own; objects of versitygw lie in a file system."""

    client: ClassVar[str]
    least_part: ClassVar[int] = 5 << 20
    lacks: ClassVar[Mapping[str, str]] = {
        "conditional_copies": "versitygw ignores conditions on the target of a copy",
        "nested_keys": _BY_PATH,
        "odd_keys": _BY_PATH,
        "long_keys": _BY_PATH,
        "versions": "the bucket keeps none unless it is asked to",
    }

    @pytest.fixture
    def store_url(self, versitygw_endpoint: str) -> str:
        return bucket(versitygw_endpoint, f"client={self.client}&lacks=conditional_copies,nested_keys")


class TestS3ByBoto3(S3):
    client = "boto3"


class TestS3ByLean(S3):
    client = "lean"


class TestS3WithVersions(VersionTests, CopyTests, RemovalTests):
    """What versions change, in a bucket that keeps them."""

    least_part: ClassVar[int] = 5 << 20
    lacks: ClassVar[Mapping[str, str]] = {name: why for name, why in S3.lacks.items() if name != "versions"}

    @pytest.fixture
    def store_url(self, versitygw_endpoint: str) -> str:
        return bucket(versitygw_endpoint, "versions=true&lacks=conditional_copies,nested_keys")


if OWN_S3 is not None:

    class TestOwnS3(BlobConformance):
        """On the server of HOLDALL_TEST_S3_ENDPOINT; what it lacks is said in HOLDALL_TEST_S3_LACKS, with commas."""

        least_part: ClassVar[int] = 5 << 20
        lacks: ClassVar[Mapping[str, str]] = dict.fromkeys(["versions", *OWN_S3_LACKS], "said by the environment")

        @pytest.fixture
        def store_url(self, own_s3_endpoint: str) -> str:
            lacks = ",".join(name for name in OWN_S3_LACKS if hasattr(BlobCapabilities("s3"), name))
            return f"{bucket(own_s3_endpoint, '')}{f'lacks={lacks}' if lacks else 'versions=false'}"
