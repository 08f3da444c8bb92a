"""Several parameters at once: dicts, record classes and settings."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

import pytest

from ...errors import ConfigError, ModelError, NotFound
from ...secret import Secret
from .base import ConfigKit, ConfigStores
from .reading import PLANTED

if TYPE_CHECKING:
    from ...config.store import Config


@dataclass
class Database:
    """What is below "db/"."""

    host: str
    port: int = 5432
    password: Secret | None = None


@dataclass
class Settings:
    """All that a program is told."""

    db: Database
    debug: bool = False
    hosts: list[str] = field(default_factory=list[str])


@dataclass
class Strict:
    """Settings that are told all."""

    name: str
    size: int
    db: Database


class Plain(TypedDict):
    """Settings as a dict."""

    host: str
    port: int


class LoadingTests(ConfigKit):
    """Dicts and classes."""

    def test_a_dict_is_made_of_the_parameters_below_a_name(self, stores: ConfigStores) -> None:
        config = stores.given({"limits/a": "1", "limits/b": "2", "limit": "3", "limits2/c": "4"})
        assert config.get("limits", dict[str, int]) == {"a": 1, "b": 2}
        assert config.require("limits", dict[str, str]) == {"a": "1", "b": "2"}

    def test_a_dict_has_dicts_inside(self, stores: ConfigStores) -> None:
        config = stores.given({"all/a/x": "1", "all/b/x": "2", "all/b/y": "3"})
        assert config.get("all", dict[str, dict[str, int]]) == {"a": {"x": 1}, "b": {"x": 2, "y": 3}}

    def test_a_class_is_made_of_the_parameters_below_a_name(self, stores: ConfigStores) -> None:
        config = stores.given({"db/host": "a", "db/port": "1", "host": "b"})
        assert config.get("db", Database) == Database("a", 1)
        assert config.require("db", Plain) == {"host": "a", "port": 1}

    def test_a_class_is_made_of_json(self, stores: ConfigStores) -> None:
        config = stores.given({"db": '{"host": "a", "port": 1}'})
        assert config.get("db", Database) == Database("a", 1)

    def test_a_class_of_which_nothing_is_there_is_missing(self, config: Config) -> None:
        assert config.get("db", Database) is None
        with pytest.raises(NotFound):
            config.require("db", Database)

    def test_settings_are_loaded_with_their_defaults(self, stores: ConfigStores) -> None:
        assert stores.given({"db/host": "a"}).load(Settings) == Settings(Database("a"))

    def test_settings_are_loaded_with_all_that_is_there(self, stores: ConfigStores) -> None:
        given = {"db/host": "a", "db/port": "1", "db/password": PLANTED, "debug": "on", "hosts": "x,y", "more": "z"}
        settings = stores.given(given).load(Settings)
        assert settings == Settings(Database("a", 1, Secret(PLANTED)), True, ["x", "y"])
        assert PLANTED not in repr(settings)

    def test_settings_are_loaded_from_below_a_name(self, stores: ConfigStores) -> None:
        config = stores.given({"shop/db/host": "a", "shop/debug": "true", "db/host": "b"})
        for prefix in ("shop", "shop/"):
            assert config.load(Settings, prefix) == Settings(Database("a"), True)

    def test_settings_that_need_nothing_are_made_of_nothing(self, config: Config) -> None:
        @dataclass
        class Easy:
            size: int = 3

        assert config.load(Easy) == Easy()

    def test_all_that_is_wrong_with_settings_is_told_at_once(self, stores: ConfigStores) -> None:
        config = stores.given({"size": f"{PLANTED}", "db/port": f"x{PLANTED}"})
        with pytest.raises(ConfigError, match=r"^4 parameters are wrong:") as failed:
            config.load(Strict)
        told = sorted(problem.split(":")[0] for problem in failed.value.problems)
        assert told == ["db/host", "db/port", "name", "size"]
        assert "size: expected int, but got other text" in failed.value.problems
        assert "name: expected text, but it is missing" in failed.value.problems
        assert all(problem in str(failed.value) for problem in failed.value.problems)
        assert PLANTED not in "".join(traceback.format_exception(failed.value))

    def test_names_that_are_wrong_are_told_in_full(self, stores: ConfigStores) -> None:
        config = stores.given({"shop/db/port": "x"})
        with pytest.raises(ConfigError) as failed:
            config.load(Settings, "shop")
        assert sorted(problem.split(":")[0] for problem in failed.value.problems) == ["shop/db/host", "shop/db/port"]

    def test_what_is_all_missing_is_told_with_the_source(self, stores: ConfigStores) -> None:
        config = stores.open()
        with pytest.raises(ConfigError, match="it is missing in ") as failed:
            config.load(Settings)
        assert failed.value.problems == ("db/host: expected text, but it is missing",)
        assert stores.engine(config).sources in str(failed.value)

    def test_what_is_no_class_of_settings_is_refused(self, config: Config) -> None:
        with pytest.raises(ModelError):
            config.load(int)

    @pytest.mark.needs("native_values")
    def test_what_says_none_is_as_good_as_missing(self, stores: ConfigStores) -> None:
        config = stores.given({"db/host": "a", "db/port": None, "debug": None})
        assert config.load(Settings) == Settings(Database("a"))
        assert config.get("debug", default="x") == "x"
