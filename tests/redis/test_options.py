"""What the URL of a cache in Redis or Valkey says, and what is wrong with one."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import redis
import valkey

import holdall
from holdall.cache_drivers import COMMON, CacheOpening
from holdall.registry import cache_opener
from holdall.secret import Secret
from holdall.urls import parse_url
from holdall_adapters.redis.client import package_for
from holdall_adapters.redis.options import Iam, Options, Place
from tests.redis.opened import driver_of

SIGNED_IN = {"username": "app", "password": Secret("p")}
IAM = "rediss://h?iam=true&username=App&cache_name=My-Cache"


def options_of(url: str, **given: Any) -> Options:
    return Options.from_url(parse_url(url), CacheOpening(**given))


@pytest.mark.parametrize(("url", "place"), [
    ("redis://cache.internal", ("cache.internal", 6379)), ("redis://cache.internal:7000/", ("cache.internal", 7000)),
    ("REDIS://10.0.0.1:1", ("10.0.0.1", 1)), ("redis://[::1]:7000/2", ("::1", 7000)), ("valkey://[::1]", ("::1", 6379)),
])  # fmt: skip
def test_the_host_is_a_server(url: str, place: tuple[str, int]) -> None:
    assert options_of(url).place == Place(*place)


def test_what_is_not_said_is_the_default() -> None:
    found = options_of("redis://h")
    assert found == Options("redis", Place("h", 6379), False, 0, False, False, None, None, None, None, 50)
    capabilities = found.capabilities
    assert (capabilities.name, capabilities.max_key_bytes, capabilities.max_value_bytes) == ("redis", 250, None)
    assert (capabilities.replicas, capabilities.shared) == (False, True)


@pytest.mark.parametrize(("scheme", "name", "tls"), [
    ("redis", "redis", False), ("rediss", "redis", True), ("valkey", "valkey", False), ("valkeys", "valkey", True),
])  # fmt: skip
def test_the_scheme_says_which_package_and_whether_with_tls(scheme: str, name: str, tls: bool) -> None:
    found = options_of(f"{scheme}://h")
    assert (found.name, found.tls, found.capabilities.name) == (name, tls, name)


def test_what_is_said_counts() -> None:
    found = options_of("rediss://h:1/3?read_from=replica&replica=r:2&ca=/ca.pem&max_connections=7&username=app",
                       password=Secret("p"))  # fmt: skip
    assert found == Options("redis", Place("h", 1), True, 3, False, True, Place("r", 2), "app", None, "/ca.pem", 7)
    assert found.capabilities.replicas


def test_a_cluster_knows_its_replicas() -> None:
    found = options_of("redis://h?cluster=true&read_from=replica")
    assert (found.cluster, found.replicas, found.reader) == (True, True, None)


def test_a_user_given_in_code_counts() -> None:
    assert options_of("redis://h", **SIGNED_IN).username == "app"
    assert options_of("redis://h?username=app", **SIGNED_IN).username == "app"


def test_names_of_iam_are_small_as_aws_keeps_them() -> None:
    assert options_of(IAM).iam == Iam("my-cache", "app")
    assert options_of(f"{IAM}&serverless=true&region=eu-west-1").iam == Iam("my-cache", "app", True, "eu-west-1")


@pytest.mark.parametrize(("url", "words"), [
    ("redis://user:password@h", r"a URL carries no credentials.*Cache\(url, username=..., password=Secret\(...\)\)"),
    ("redis://:password@h", "a URL carries no credentials"),
    ("redis://", "expected redis://HOST:PORT"), ("valkey:///0", "expected valkey://HOST:PORT"),
    ("redis://h:port", "HOST:PORT"), ("redis://h:0", "HOST:PORT"), ("redis://h:70000", "HOST:PORT"),
    ("redis://[::1", "no host and path"), ("redis://a,b", "HOST:PORT"), ("redis://h%2fx", "HOST:PORT"),
    ("redis://h/prefix", "number of a database"), ("redis://h/1/2", "number of a database"),
    ("redis://h/-1", "number of a database"), ("redis://h/²", "number of a database"),
    ("redis://h/0?cluster=true", "a cluster has one database"),
    ("redis://h?cluster=yes", "expected true or false"), ("redis://h?clustre=true", "did you mean 'cluster'"),
    ("redis://h?read_from=replicas", "expected primary or replica"),
    ("redis://h?read_from=replica", "needs replica=HOST:PORT"),
    ("redis://h?replica=r", "is for read_from=replica without a cluster"),
    ("redis://h?cluster=true&read_from=replica&replica=r", "is for read_from=replica without a cluster"),
    ("redis://h?read_from=replica&replica=r:x", "expected HOST or HOST:PORT"),
    ("redis://h?read_from=replica&replica=", "expected HOST or HOST:PORT"),
    ("redis://h?read_from=replica&replica=user@r", "expected HOST or HOST:PORT"),
    ("redis://h?username=app", "a username needs a password"),
    ("redis://h?ca=/ca.pem", "write rediss://"), ("valkey://h?ca=/ca.pem", "write valkeys://"),
    ("rediss://h?ca=", "'ca' is empty"),
    ("redis://h?max_connections=0", "from 1 to 10000"), ("redis://h?max_connections=10001", "from 1 to 10000"),
    ("redis://h?max_connections=many", "'max_connections' is wrong"),
    (IAM.replace("rediss", "redis"), "needs TLS; write rediss://"),
    (IAM.replace("username=App&", ""), "iam=true needs username="),
    (IAM.replace("My-Cache", ""), "iam=true needs cache_name="), (f"{IAM}&serverless=perhaps", "true or false"),
    ("rediss://h?cache_name=c", "cache_name= is for iam=true only"),
    ("rediss://h?region=eu-west-1", "region= is for iam=true only"),
    ("rediss://h?serverless=true", "serverless= is for iam=true only"),
])  # fmt: skip
def test_a_wrong_url_is_refused(url: str, words: str) -> None:
    with pytest.raises(holdall.ConfigError, match=words) as caught:
        options_of(url)
    assert "password@" not in str(caught.value)


def test_two_users_are_one_too_many() -> None:
    with pytest.raises(holdall.ConfigError, match="different users"):
        options_of("redis://h?username=other", **SIGNED_IN)


def test_a_token_and_a_password_are_one_too_many() -> None:
    with pytest.raises(holdall.ConfigError, match="drop password="):
        options_of(IAM, password=Secret("p"))


def test_it_takes_what_every_url_of_a_cache_may_say() -> None:
    options_of("redis://h?" + "&".join(f"{name}=1" for name in COMMON))


@pytest.mark.parametrize("scheme", ["redis", "rediss", "valkey", "valkeys"])
def test_the_registry_knows_its_schemes(scheme: str) -> None:
    driver, _ = cache_opener(scheme)(parse_url(f"{scheme}://h"), CacheOpening())
    assert driver.capabilities.name == ("valkey" if scheme.startswith("valkey") else "redis")


def test_a_scheme_prefers_the_package_of_its_name() -> None:
    assert isinstance(driver_of("redis://h").native, redis.Redis)
    assert isinstance(driver_of("valkey://h").native, valkey.Valkey)


@pytest.mark.parametrize(("missing", "found"), [("redis", valkey), ("valkey", redis)])
def test_a_scheme_takes_the_other_package_where_its_own_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, missing: str, found: Any
) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert package_for(missing) is found


@pytest.mark.parametrize("name", ["redis", "valkey"])
def test_without_any_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setitem(sys.modules, "valkey", None)
    with pytest.raises(ModuleNotFoundError) as caught:
        driver_of(f"{name}://h")
    assert caught.value.name == "redis"


def test_a_package_that_is_broken_is_not_taken_for_a_missing_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> Any:
        raise ModuleNotFoundError("No module named 'inner'", name="inner")

    monkeypatch.setattr("holdall_adapters.redis.client.import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="inner"):
        package_for("redis")
