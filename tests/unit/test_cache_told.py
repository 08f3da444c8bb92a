"""What tells stores from others that share a cache, and what has one key wherever it is written from."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Cache, Credentials
from holdall._engine.cache.config import CachedConfig
from holdall.caching import cached_blobs, tiers_of, told
from holdall.config_drivers import ConfigCapabilities, Freshness
from holdall.urls import parse_url
from tests.cache.bench import Note
from tests.unit.test_cache_crowds import Opened

if TYPE_CHECKING:
    from pathlib import Path

DYNAMODB = parse_url("dynamodb://t")


def client_of(region: str, endpoint: str = "https://example.com") -> Any:
    return SimpleNamespace(meta=SimpleNamespace(region_name=region, endpoint_url=endpoint))


# Which store it is.


@pytest.mark.parametrize("url", ["dynamodb://t", "s3://bucket/a", "ssm:///shop", "rds-data://cluster/db"])
@pytest.mark.parametrize("name", ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ENDPOINT_URL"])
def test_stores_of_which_the_environment_says_where_they_are_are_told_apart_by_it(
    url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    for value in ("one", "two", "two"):
        monkeypatch.setenv(name, value)
        seen.append(told(parse_url(url)))
    assert seen[0] != seen[1] == seen[2]


def test_an_endpoint_of_one_service_tells_stores_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    before = told(DYNAMODB)
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://localhost:1")
    assert told(DYNAMODB) != before


def test_stores_elsewhere_have_nothing_to_do_with_the_environment_of_aws(monkeypatch: pytest.MonkeyPatch) -> None:
    url = parse_url("postgresql://host/db")
    before = told(url)
    monkeypatch.setenv("AWS_REGION", "elsewhere")
    assert told(url) == before


def test_stores_of_two_clients_are_told_apart() -> None:
    clients = [None, client_of("eu-west-1"), client_of("us-east-1"), client_of("us-east-1", "http://localhost:1")]
    assert len({told(DYNAMODB, client) for client in clients}) == 4
    assert told(DYNAMODB, client_of("eu-west-1")) == told(DYNAMODB, client_of("eu-west-1"))


def test_stores_of_two_keys_of_aws_are_told_apart_and_no_secret_is_in_what_tells_them() -> None:
    keys = [Credentials(name, "hush", "token") for name in ("one", "two")]
    texts = [told(DYNAMODB, None, key) for key in keys]
    assert texts[0] != texts[1]
    assert not any(secret in text for text in texts for secret in ("hush", "token"))


def test_users_of_a_database_are_told_apart_and_their_passwords_are_not() -> None:
    texts = [told(parse_url(f"postgresql://{user}@host/db")) for user in ("ann:hush", "ann:p@ss", "ann", "bob:hush")]
    assert texts[0] == texts[1] == texts[2] != texts[3]
    assert not any("hush" in text or "p@ss" in text for text in texts)


def test_who_reads_from_one_store_does_not_wait_for_who_reads_the_same_name_from_another() -> None:
    cache = Cache("process://?jitter=0&early=0")
    one, other = (
        Opened(repository, repository.engine.io)
        for repository in (holdall.open_repository(f"memory://{name}-told", Note, cache=cache) for name in "ab")
    )
    one.repository.put(Note("k", "one"))
    other.repository.put(Note("k", "other"))
    one.store.delay("get", 0.1)
    reader = threading.Thread(target=one.repository.get, args=("k",))
    reader.start()
    while not one.reads:
        time.sleep(0.001)
    assert other.repository.require("k").text == "other"
    reader.join()


# Blobs.


def keys_of(url: str, key: str) -> list[str]:
    """Return the keys of a blob in a cache."""
    inner: Any = SimpleNamespace(capabilities=None)
    driver: Any = cached_blobs("process://", inner, parse_url(url), "store", asynchronous=False)
    keys: list[str] = driver._keys(key)
    return keys


@pytest.mark.parametrize(("root", "below"), [("s3://b", "s3://b/p/q"), ("s3://b/", "s3://b/p/q/"),
                                             ("s3://b/p", "s3://b/p/q")])  # fmt: skip
def test_a_blob_has_the_same_keys_by_the_bucket_and_by_a_prefix(root: str, below: str) -> None:
    assert keys_of(root, "q/k" if root.endswith("p") else "p/q/k") == keys_of(below, "k")
    assert not set(keys_of(root, "k")) & set(keys_of(below, "k"))


def test_blobs_of_two_buckets_have_different_keys() -> None:
    assert not set(keys_of("s3://a", "b/k")) & set(keys_of("s3://a/b", "b/k"))
    assert not set(keys_of("s3://a", "k")) & set(keys_of("s3://b", "k"))


def test_folders_one_in_the_other_see_each_others_writes(tmp_path: Path) -> None:
    cache = Cache("process://")
    with (
        holdall.open_blobs(f"file://{tmp_path}", cache=cache) as root,
        holdall.open_blobs(f"file://{tmp_path}/sub", cache=cache) as sub,
    ):
        for turn in range(3):
            data = b"%d" % turn
            root.put("sub/a", data)
            assert (sub.get("a"), root.get("sub/a")) == (data, data)
            sub.put("a", data * 2)
            assert (root.get("sub/a"), sub.get("a")) == (data * 2, data * 2)
            sub.delete("a")
            assert (root.info("sub/a"), sub.info("a")) == (None, None)


# Parameters.


def parameters(source: str) -> CachedConfig:
    """Return a source with a cache in front, for its keys alone."""
    base = source.removeprefix("ssm://").rstrip("/")
    inner: Any = SimpleNamespace(
        source=source, canonical=lambda name: name.removeprefix(f"{base}/"), capabilities=ConfigCapabilities("stub"),
        freshness=Freshness(0.0, 0.0),
    )  # fmt: skip
    return CachedConfig(inner, tiers_of("process://?prefix=p", asynchronous=False)[0], "store")


SOURCES = [("ssm:///", "shop/db/port"), ("ssm:///", "/shop/db/port"), ("ssm:///shop", "db/port"),
           ("ssm:///shop", "/shop/db/port"), ("ssm:///shop/db", "port"), ("ssm:///shop/db", "/shop/db/port"),
           ("ssm:///other", "/shop/db/port")]  # fmt: skip


def test_a_parameter_has_one_key_whatever_the_base() -> None:
    assert len({parameters(source)._key(name) for source, name in SOURCES}) == 1
    assert parameters("ssm:///other")._key("port") != parameters("ssm:///shop")._key("port")


@pytest.mark.parametrize(("source", "name"), SOURCES)
def test_a_put_touches_all_that_is_kept_of_every_folder_above(source: str, name: str) -> None:
    above = [parameters(base) for base in ("ssm:///", "ssm:///shop", "ssm:///shop/db")]
    own = parameters("ssm:///shop")._key("db/port")
    assert parameters(source)._touched(name) == [own, *(each._key_of_all(each._folders) for each in above)]


def test_a_put_touches_nothing_of_folders_beside() -> None:
    beside = parameters("ssm:///shop/dbs")
    assert beside._key_of_all(beside._folders) not in parameters("ssm:///shop")._touched("db/port")
