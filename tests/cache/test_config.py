"""What a cache in front of configuration keeps: what the source said, and secrets only where it is encrypted."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import AccessDenied, Cache, InvalidArgument, Secret
from holdall._engine.cache.config import CachedConfig
from holdall._frozen import replace
from holdall.io import run_blocking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.config_drivers import Entry


class Counting:
    """A driver of configuration that counts what it is asked."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.loads = 0
        self.fetched: list[str] = []
        self.denied = ""

    async def load(self) -> Mapping[str, Entry]:
        self.loads += 1
        found: Mapping[str, Entry] = await self.inner.load()
        return found

    async def fetch(self, names: Sequence[str]) -> Mapping[str, Entry]:
        self.fetched += names
        if self.denied in names:
            raise AccessDenied("no")
        found: Mapping[str, Entry] = await self.inner.fetch(names)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def opened(url: str, cache: Cache) -> tuple[holdall.Config, Counting]:
    config = holdall.open_config(url, cache=cache)
    driver: Any = config._engine.layers[0].driver
    assert isinstance(driver, CachedConfig)
    counting = driver.inner = Counting(driver.inner)  # type: ignore[assignment]
    return config, counting


@pytest.fixture
def url() -> str:
    """Give the URL of parameters that are read at each call, so that only a cache spares the source."""
    return f"memory://{secrets.token_hex(8)}"


def test_what_a_source_said_serves_the_next_process(url: str) -> None:
    cache = Cache("process://")
    one, source = opened(url, cache)
    one.put("db/port", 5432)
    assert one.get("db/port", int) == 5432
    other, behind = opened(url, cache)
    assert other.get("db/port", int) == 5432
    assert (source.loads, behind.loads) == (1, 0)


def test_a_put_is_seen_by_the_next_read_of_any(url: str) -> None:
    cache = Cache("process://")
    (one, _), (other, _) = opened(url, cache), opened(url, cache)
    one.put("limit", 1)
    assert other.get("limit", int) == 1
    one.put("limit", 2)
    assert other.get("limit", int) == 2
    one.delete("limit")
    assert other.get("limit", int) is None


def test_secrets_are_not_kept_in_a_cache_that_is_not_encrypted(url: str) -> None:
    cache = Cache("process://")
    config, source = opened(url, cache)
    config.put("password", Secret("hunter2"))
    assert [config.secret("password").reveal() for _ in range(3)] == ["hunter2"] * 3
    assert source.loads == 3
    tier: Any = cache.opened[False]
    assert not any(b"hunter2" in value for value, *_ in tier.driver._kept.values())
    assert config.cache_stats[0].waits == 0


def test_secrets_are_kept_in_a_cache_that_is_encrypted(url: str) -> None:
    cache = Cache("process://", encrypt=Secret("a key of the tests"))
    config, source = opened(url, cache)
    config.put("password", Secret("hunter2"))
    assert [config.secret("password").reveal() for _ in range(3)] == ["hunter2"] * 3
    assert source.loads == 1
    tier: Any = cache.opened[False]
    kept = [*tier.driver._kept]
    assert kept
    assert not any("password" in key for key in kept)
    assert not any(b"hunter2" in value for value, *_ in tier.driver._kept.values())


def test_another_secret_finds_nothing_and_reads_anew(url: str) -> None:
    first = Cache("process://", encrypt=Secret("the first secret of two"))
    config, _ = opened(url, first)
    config.put("a", "x")
    assert config.get("a") == "x"
    second = Cache("process://", encrypt=Secret("the second secret of two"))
    second.opened[False] = _with_driver_of(first, second)
    other, source = opened(url, second)
    assert other.get("a") == "x"
    assert source.loads == 1


def _with_driver_of(one: Cache, other: Cache) -> Any:
    config = holdall.open_config("memory://", cache=other)
    assert config.cache_stats
    tier: Any = other.opened[False]
    tier.driver = one.opened[False].driver
    return tier


def test_refresh_goes_past_the_cache_and_puts_it_right(url: str) -> None:
    cache = Cache("process://")
    (config, _), outside = opened(url, cache), holdall.open_config(url)
    config.put("a", "old")
    assert config.get("a") == "old"
    outside.put("a", "new")
    assert config.get("a") == "old"
    assert config.refresh() == {"a"}
    other, source = opened(url, cache)
    assert (other.get("a"), source.loads) == ("new", 0)


@pytest.mark.parametrize("urls", ["env:///SHOP_", "file:///tmp/settings.toml", ["env:///A_", "env:///B_"]])
def test_sources_of_the_machine_take_no_cache(urls: Any) -> None:
    with pytest.raises(InvalidArgument, match="other machines"):
        holdall.open_config(urls, cache="process://")


def test_of_several_sources_only_those_of_other_machines_are_cached(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CACHED_A", "1")
    config = holdall.open_config(["env:///CACHED_", url], cache="process://")
    assert [isinstance(layer.driver, CachedConfig) for layer in config._engine.layers] == [False, True]
    assert config.get("a", int) == 1
    monkeypatch.setenv("CACHED_A", "2")
    config.refresh()
    assert config.get("a", int) == 2


def test_parameters_by_name_are_kept_name_by_name(url: str) -> None:
    cache = Cache("process://")
    config, source = opened(url, cache)
    driver: Any = config._engine.layers[0].driver
    for name in ("a", "b"):
        config.put(name, name)
    run = run_blocking
    assert list(run(driver.fetch(["a", "none"]))) == ["a"]
    assert sorted(run(driver.fetch(["b", "a", "none"]))) == ["a", "b"]
    assert source.fetched == ["a", "none", "b"]
    config.put("a", "new")
    assert run(driver.fetch(["a"]))["a"].value == "new"


def test_a_refresh_reads_name_by_name_past_the_cache_where_one_name_may_not_be_read(url: str) -> None:
    (config, source), outside = opened(url, Cache("process://")), holdall.open_config(url)
    layer = config._engine.layers[0]
    driver: Any = layer.driver
    driver.capabilities = replace(driver.capabilities, whole=False)
    config.put("a", "old")
    assert config.get("a") == "old"
    source.denied = "b"
    layer._single["b"] = None
    outside.put("a", "new")
    assert config.refresh() == {"a"}
    assert config.get("a") == "new"
    assert run_blocking(driver.fetch(["a"]))["a"].value == "new"
