"""What a cache's URL says of how it is used."""

from __future__ import annotations

import pytest

from holdall import ConfigError
from holdall._engine.cache.settings import Settings, settings_of
from holdall._frozen import field_names
from holdall.cache_drivers import COMMON
from holdall.urls import parse_url


def read(text: str) -> Settings:
    return settings_of(parse_url(f"process://?{text}"))


def test_a_url_that_says_nothing_has_the_usual_settings() -> None:
    assert read("") == Settings()


def test_each_setting_may_be_said() -> None:
    said = {
        "ttl": "120", "negative_ttl": "0", "jitter": "0", "early": "2.5", "wait": "0", "lease": "3600", "fence": "0.1",
        "timeout": "0.5", "connect_timeout": "1", "breaker_failures": "1", "breaker_pause": "0.01",
        "compress_over": "0", "max_bytes": "1", "on_write": "replace", "prefix": "my-app_1",
    }  # fmt: skip
    found = read("&".join(f"{name}={value}" for name, value in said.items()))
    assert {name: getattr(found, name) for name in said} == {
        name: type(getattr(Settings(), name))(value) for name, value in said.items()
    }


def test_all_that_may_be_said_is_a_setting() -> None:
    assert sorted(COMMON) == sorted(field_names(Settings))


@pytest.mark.parametrize(("name", "values"), {
    "ttl": ["0", "-1", "2592001", "soon", "", "nan", "inf"],
    "negative_ttl": ["-1", "61", "x"],
    "jitter": ["-0.1", "0.91", "1"],
    "early": ["-1", "101"],
    "wait": ["-1", "61"],
    "lease": ["0", "3601"],
    "fence": ["0.05", "3601"],
    "timeout": ["0", "61"],
    "connect_timeout": ["0", "61"],
    "breaker_failures": ["0", "1001", "1.5", "-1", "²"],
    "breaker_pause": ["0", "3601"],
    "compress_over": ["-1", "1e3"],
    "max_bytes": ["0", "many"],
    "on_write": ["", "update", "REPLACE"],
    "prefix": ["", "a" * 41, "a:b", "a b", "ä", "-", "a%2Fb"],
}.items())  # fmt: skip
def test_a_wrong_value_is_refused_by_name(name: str, values: list[str]) -> None:
    for value in values:
        with pytest.raises(ConfigError, match=name):
            read(f"{name}={value}")


def test_what_is_not_there_serves_no_longer_than_what_is() -> None:
    assert read("ttl=2").negative_ttl == 2
    with pytest.raises(ConfigError, match="negative_ttl is longer than ttl"):
        read("ttl=2&negative_ttl=3")


def test_a_connection_may_take_as_long_as_an_answer() -> None:
    assert read("timeout=3").connect_timeout == 3
    assert read("timeout=0.01").connect_timeout == Settings().connect_timeout


def test_a_secret_in_a_url_is_not_in_the_message() -> None:
    with pytest.raises(ConfigError) as raised:
        settings_of(parse_url("redis://user:hush@host?ttl=0"))
    assert "hush" not in str(raised.value)
