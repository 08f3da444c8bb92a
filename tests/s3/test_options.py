"""What an S3 URL says, and what is wrong with one."""

from __future__ import annotations

import pytest

import holdall
from holdall.urls import parse_url
from holdall_adapters.s3.options import Options


def options_of(url: str) -> Options:
    return Options.from_url(parse_url(url))


@pytest.mark.parametrize(("url", "prefix"), [
    ("s3://shop", ""), ("s3://shop/", ""), ("s3://shop/a", "a/"), ("s3://shop/a/b/", "a/b/"),
    ("s3://shop/a%20b", "a b/"),
])  # fmt: skip
def test_a_path_is_what_all_keys_begin_with(url: str, prefix: str) -> None:
    assert options_of(url).prefix == prefix


def test_what_is_stored_is_encrypted_and_classed_as_the_url_says() -> None:
    found = options_of("s3://shop?sse=aws:kms&kms_key=alias/shop&storage_class=STANDARD_IA&versions=true")
    assert found.stored == {
        "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "alias/shop", "StorageClass": "STANDARD_IA",
    }  # fmt: skip
    assert found.versions
    assert found.connection.read_timeout == 10.0


def test_what_a_server_lacks_is_refused_before_anything_is_sent() -> None:
    url = "s3://shop?endpoint=http://127.0.0.1:1&region=us-east-1&lacks=conditional_puts,tags"
    with holdall.open_blobs(url, client=None) as blobs:
        assert not blobs.capabilities.conditional_puts
        with pytest.raises(holdall.Unsupported):
            blobs.put("a", b"", if_absent=True)
        with pytest.raises(holdall.Unsupported):
            blobs.tags("a")


def test_a_key_and_the_prefix_share_the_room_of_a_key() -> None:
    with holdall.open_blobs(f"s3://shop/{'p' * 1000}?region=us-east-1") as blobs:
        assert blobs.capabilities.max_key_bytes == 23
        with pytest.raises(holdall.TooLarge, match="23"):
            blobs.put("k" * 24, b"")


@pytest.mark.parametrize(("url", "says"), [
    ("s3://", "s3://bucket"), ("s3:///bucket", "s3://bucket"), ("s3://Shop", "3 to 63"), ("s3://a", "3 to 63"),
    ("s3://shop_1", "3 to 63"), ("s3://key:secret@shop", "no credentials"), ("s3://shop?colour=red", "colour"),
    ("s3://shop?sse=rot13", "AES256"), ("s3://shop?kms_key=k", "sse=aws:kms"),
    ("s3://shop?storage_class=ia", "STANDARD_IA"),
    ("s3://shop?lacks=wings", "no capability"), ("s3://shop?lacks=name", "no capability"),
    ("s3://shop?endpoint=http://10.0.0.1", "https"), ("s3://shop?versions=maybe", "true or false"),
    ("s3://logs--use1-az4--x-s3", "directory buckets"),
])  # fmt: skip
def test_what_is_wrong_with_a_url_is_said(url: str, says: str) -> None:
    with pytest.raises(holdall.ConfigError, match=says):
        options_of(url)
