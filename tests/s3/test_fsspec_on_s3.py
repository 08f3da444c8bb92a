"""fsspec's own tests on S3, unchanged, and its URLs."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import fsspec
import pytest
from fsspec.implementations.local import LocalFileSystem
from fsspec.tests import abstract

import holdall

if TYPE_CHECKING:
    from pathlib import Path


class OnS3(abstract.AbstractFixtures):
    """What fsspec's tests ask for."""

    @pytest.fixture
    def fs(self, versitygw_endpoint: str) -> Any:
        url = f"s3://fs-{secrets.token_hex(8)}?endpoint={versitygw_endpoint}&region=us-east-1&lacks=nested_keys"
        with holdall.open_blobs(url) as blobs:
            blobs.provision()
        return holdall.fs(url)

    @pytest.fixture
    def fs_path(self) -> str:
        return "some/path"

    @pytest.fixture
    def supports_empty_directories(self) -> bool:
        return False

    @pytest.fixture
    def local_fs(self) -> LocalFileSystem:
        return LocalFileSystem(auto_mkdir=True)


class TestCopy(abstract.AbstractCopyTests, OnS3):
    pass


class TestGet(abstract.AbstractGetTests, OnS3):
    pass


class TestPut(abstract.AbstractPutTests, OnS3):
    pass


class TestPipe(abstract.AbstractPipeTests, OnS3):
    pass


class TestOpen(abstract.AbstractOpenTests, OnS3):
    pass


def test_a_url_of_fsspec_names_the_bucket(versitygw_endpoint: str, tmp_path: Path) -> None:
    name = f"fs-{secrets.token_hex(8)}"
    parameters = {"endpoint": versitygw_endpoint, "region": "us-east-1"}
    with holdall.open_blobs(f"s3://{name}?endpoint={versitygw_endpoint}&region=us-east-1") as blobs:
        blobs.provision()
        with fsspec.open(f"holdall+s3://{name}/a/b.csv", "w", parameters=parameters) as file:
            file.write("x,y\n1,2\n")
        assert blobs.get("a/b.csv") == b"x,y\n1,2\n"
        with fsspec.open(f"holdall+s3://{name}/a/b.csv", "r", parameters=parameters) as file:
            assert file.read() == "x,y\n1,2\n"
