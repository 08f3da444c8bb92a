"""What the URL of a cache in memcached says, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdall import ConfigError, InvalidArgument, Secret
from holdall.cache_drivers import COMMON, CacheOpening
from holdall.registry import cache_opener
from holdall.urls import parse_url
from holdall_adapters.memcached.options import Options

OWN = object()


def options_of(url: str, opening: CacheOpening | None = None) -> Options:
    return Options.from_url(parse_url(url), opening or CacheOpening())


@pytest.mark.parametrize(("url", "servers"), [
    ("memcached://cache", (("cache", 11211),)),
    ("memcached://cache:11212/", (("cache", 11212),)),
    ("memcached://a:1,b,c:3?prefix=p", (("a", 1), ("b", 11211), ("c", 3))),
    ("memcached://[::1]:5", (("::1", 5),)),
    ("memcached://[::1]", (("::1", 11211),)),
    ("MEMCACHED://CACHE", (("cache", 11211),)),
])  # fmt: skip
def test_the_host_says_where_the_servers_are(url: str, servers: tuple[tuple[str, int], ...]) -> None:
    found = options_of(url)
    assert found.servers == servers
    assert (found.tls, found.ca, found.discovery) == (False, None, False)


def test_tls_is_a_scheme_of_its_own() -> None:
    found = options_of("memcacheds://cache?ca=/etc/ca.pem&discovery=true")
    assert (found.tls, found.ca, found.discovery) == (True, "/etc/ca.pem", True)


def test_it_takes_what_every_url_of_a_cache_may_say() -> None:
    options_of("memcached://cache?" + "&".join(f"{name}=1" for name in COMMON))


def test_a_client_of_the_callers_own_needs_no_host() -> None:
    assert options_of("memcached://", CacheOpening(client=OWN)).servers == ()
    assert options_of("memcached://cache", CacheOpening(client=OWN)).servers == (("cache", 11211),)


@pytest.mark.parametrize(("url", "words"), [
    ("memcached://", "expected memcached://HOST:PORT"), ("memcacheds:///", "expected memcacheds://HOST:PORT"),
    ("memcached://cache/0", "has no databases"), ("memcached://cache/a/b", "has no databases"),
    ("memcached:///var/run/memcached.sock", "has no databases"),
    ("memcached://cache:port", "'cache:port' is no HOST or HOST:PORT"), ("memcached://cache:0", "is no HOST"),
    ("memcached://cache:70000", "is no HOST"), ("memcached://:11211", "is no HOST"), ("memcached://a,,b", "is no HOST"),
    ("memcached://a,b,a:11211", "twice"), ("memcached://a,A", "twice"),
    ("memcached://cache?ca=/ca.pem", "write memcacheds://"), ("memcacheds://cache?ca=", "'ca' is empty"),
    ("memcached://cache?discovery=perhaps", "expected true or false"),
    ("memcached://a,b?discovery=true", "for one host"), ("memcached://cache?discover=true", "discovery"),
])  # fmt: skip
def test_a_wrong_url_is_refused(url: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        options_of(url)


def test_discovery_and_a_client_of_the_callers_own_exclude_each_other() -> None:
    with pytest.raises(ConfigError, match="no client of your own"):
        options_of("memcached://cache?discovery=true", CacheOpening(client=OWN))


@pytest.mark.parametrize("url", ["memcached://user:hunter2@cache", "memcached://user:hunter2@cache:port"])
def test_credentials_in_the_url_are_refused_and_not_shown(url: str) -> None:
    with pytest.raises(ConfigError, match="carries no credentials") as raised:
        options_of(url)
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("opening", [CacheOpening(username="app"), CacheOpening(password=Secret("hunter2"))])
def test_memcached_knows_no_users(opening: CacheOpening) -> None:
    with pytest.raises(ConfigError, match="knows no users"):
        options_of("memcached://cache", opening)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_authorities_that_cannot_be_read_are_refused_at_once(tmp_path: Path, content: str | None) -> None:
    ca = tmp_path / "ca.pem"
    if content is not None:
        ca.write_text(content)
    with pytest.raises(ConfigError, match=r"ca\.pem.* which ca= gives"):
        cache_opener("memcacheds")(parse_url(f"memcacheds://cache?ca={ca}"), CacheOpening())


@pytest.mark.parametrize("client", [object(), "memcached://cache"])
def test_a_client_of_another_kind_is_refused(client: object) -> None:
    with pytest.raises(InvalidArgument, match=r"has no get_many\(\)"):
        cache_opener("memcached")(parse_url("memcached://"), CacheOpening(client=client))
