"""The kits of blobs and of configuration, unchanged, on stores with a cache in front."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from holdall import Cache, NotFound, Secret
from holdall.blob_drivers import Refused
from holdall.testing import BlobConformance, ConfigConformance
from holdall.testing.blobs import ConditionTests, ContentTests, CopyTests, RemovalTests
from holdall.testing.blobs.base import BlobKit, BlobStores
from holdall.testing.blobs.presigned import sent
from tests.conformance import test_blobs, test_config, test_ssm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from holdall import BlobStore


def read_twice(driver: Any) -> None:
    """Have a cached store read all twice, and return what came second: what the first time left in the cache."""
    info, read = driver.info, driver.read

    async def info_again(key: str, version: str | None) -> Any:
        await info(key, version)
        return await info(key, version)

    async def read_again(*asked: Any) -> Any:
        with suppress(NotFound, Refused):
            await (await read(*asked)).close()
        return await read(*asked)

    driver.info, driver.read = info_again, read_again


class Cached(BlobKit):
    """A store of blobs with a cache in front, which all that a test opens of it share."""

    cache: Cache

    def open_store(self, url: str, *, asynchronous: bool, **options: Any) -> Any:
        store = super().open_store(url, asynchronous=asynchronous, cache=self.cache, **options)
        read_twice(store.engine.driver)
        return store


class InOneShell(Cached):
    """A store that has its tests in one of both shells: the cache's client is all that differs, and others have it."""

    asynchronous: ClassVar[bool]

    @pytest.fixture
    def stores(self, store_url: str) -> Iterator[BlobStores]:
        stores = BlobStores(self, store_url, asynchronous=self.asynchronous)
        try:
            yield stores
        finally:
            stores.close()


class TestBlobsInValkey(InOneShell, BlobConformance):
    asynchronous = True
    lacks = test_blobs.TestMemory.lacks

    @pytest.fixture
    def store_url(self, valkey_address: str) -> str:
        self.cache = Cache(f"{valkey_address}?timeout=2")
        return f"memory://{secrets.token_hex(8)}"


class TestFilesInMemcached(InOneShell, BlobConformance):
    """Blobs in files, whose bytes are compressed in the cache."""

    asynchronous = False
    lacks = test_blobs.TestFiles.lacks

    @pytest.fixture
    def store_url(self, tmp_path: Path, memcached_address: str) -> str:
        self.cache = Cache(f"{memcached_address}?timeout=2&compress_over=10")
        return f"file://{tmp_path}/kit?create=false&fsync=false"


class TestVersionsInTheProcess(InOneShell, BlobConformance):
    asynchronous = False
    lacks = test_blobs.TestMemoryWithVersions.lacks

    @pytest.fixture
    def store_url(self) -> str:
        self.cache = Cache("process://")
        return f"memory://{secrets.token_hex(8)}?versions=true"


class TestS3InValkey(InOneShell, ContentTests, ConditionTests, RemovalTests, CopyTests):
    """What a cache has a part in; the rest of the kit goes to the bucket as without one."""

    asynchronous = False
    least_part: ClassVar[int] = 5 << 20
    lacks = test_blobs.S3.lacks

    @pytest.fixture
    def store_url(self, versitygw_endpoint: str, valkey_address: str) -> str:
        self.cache = Cache(f"{valkey_address}?timeout=2")
        return test_blobs.bucket(versitygw_endpoint, "lacks=conditional_copies,nested_keys")

    def test_what_was_put_by_a_presigned_url_is_seen_when_the_cache_is_told(self, blobs: BlobStore) -> None:
        blobs.put("a", b"old")
        assert blobs.get("a") == b"old"
        url = blobs.presign("a", "put", content_type="text/plain")
        assert sent(url, b"new").status == 200
        blobs.invalidate("a")
        assert blobs.get("a") == b"new"


class TestConfigInTheProcess(ConfigConformance):
    lacks = test_config.TestMemory.lacks

    @pytest.fixture
    def config_url(self) -> str:
        self.cache = Cache("process://")
        return f"memory://{secrets.token_hex(8)}"

    def open_config(self, url: Any, *, asynchronous: bool, **options: Any) -> Any:
        return super().open_config(url, asynchronous=asynchronous, cache=self.cache, **options)


class TestSsmInValkey(test_ssm.Ssm):
    """Secrets among them, in a cache that is encrypted."""

    client: ClassVar[str] = "lean"

    @pytest.fixture
    def config_url(self, moto_endpoint: str, valkey_address: str) -> str:
        self.cache = Cache(f"{valkey_address}?timeout=2", encrypt=Secret("a secret of the kit"))
        return self.below(moto_endpoint)

    def open_config(self, url: Any, *, asynchronous: bool, **options: Any) -> Any:
        return super().open_config(url, asynchronous=asynchronous, cache=self.cache, **options)
