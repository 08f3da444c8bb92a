"""Which adapter serves which scheme."""

from __future__ import annotations

import pytest

from holdall.errors import ConfigError
from holdall.registry import record_opener


def test_an_unknown_scheme_is_refused_with_each_known_one_once() -> None:
    record_opener("memory")
    with pytest.raises(ConfigError, match="known: ") as caught:
        record_opener("cassandra")
    assert caught.value.message.count("memory") == 1
