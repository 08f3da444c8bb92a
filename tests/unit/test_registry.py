"""Which adapter serves which scheme."""

from __future__ import annotations

from typing import Any

import pytest

from holdall import registry
from holdall.errors import ConfigError
from holdall.registry import record_opener


def test_an_unknown_scheme_is_refused_with_each_known_one_once() -> None:
    record_opener("memory")
    with pytest.raises(ConfigError, match="known: ") as caught:
        record_opener("cassandra")
    assert caught.value.message.count("memory") == 1


@pytest.mark.parametrize("scheme", ["memory", "dynamodb", "sqlite"])
def test_a_store_is_no_cache(scheme: str) -> None:
    with pytest.raises(ConfigError, match=f"{scheme}:// is a store, not a cache"):
        registry.cache_opener(scheme)


@pytest.mark.parametrize("scheme", ["process", "rediss", "valkey", "memcached"])
@pytest.mark.parametrize("opener", [registry.record_opener, registry.blob_opener, registry.config_opener])
def test_a_cache_is_no_store(scheme: str, opener: Any) -> None:
    with pytest.raises(ConfigError, match=f"{scheme}:// is a cache, .* can't be a store"):
        opener(scheme)
