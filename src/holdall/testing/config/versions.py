"""Versions of parameters, and their labels, where the source keeps them."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import pytest

from ...errors import InvalidArgument, NotFound, Unsupported
from ...secret import Secret
from .base import ConfigKit, ConfigStores

if TYPE_CHECKING:
    from ...config.store import Config


def fill(config: Config, name: str = "a", versions: int = 3) -> None:
    """Put so many versions of a parameter: "v1", "v2", ..."""
    for number in range(1, versions + 1):
        config.put(name, f"v{number}")


class VersionTests(ConfigKit):
    """Versions and labels."""

    @pytest.mark.needs("parameter_versions")
    def test_each_put_makes_a_version(self, config: Config) -> None:
        assert [config.put("a", text).version for text in ("x", "y", "y")] == [1, 2, 3]
        assert config.put("b", "x").version == 1

    @pytest.mark.needs("parameter_versions")
    def test_versions_are_told_the_oldest_first_and_without_values(self, config: Config) -> None:
        config.put("a", Secret("hunter2"))
        config.put("a", Secret("hunter3"))
        config.put("ab", "other")
        history = config.history("a")
        assert [(one.name, one.version, one.kind) for one in history] == [
            ("a", 1, "SecureString"), ("a", 2, "SecureString"),
        ]  # fmt: skip
        assert all(one.modified is not None and one.source for one in history)
        assert "hunter" not in repr(history)

    @pytest.mark.needs("parameter_versions")
    def test_what_is_not_there_has_no_versions(self, config: Config) -> None:
        assert config.history("a") == []
        fill(config)
        config.delete("a")
        assert config.history("a") == []

    @pytest.mark.needs("parameter_versions")
    def test_a_version_is_read_by_its_number(self, stores: ConfigStores) -> None:
        config = stores.open()
        fill(config)
        for one in (config, stores.open()):
            assert [one.get(f"a:{number}") for number in (1, 2, 3)] == ["v1", "v2", "v3"]
            assert one.get("a") == "v3"
        config.put("db/port", 1)
        config.put("db/port", 2)
        assert (config.require("db/port:1", int), config.secret("db/port:2")) == (1, Secret("2"))

    @pytest.mark.needs("parameter_versions")
    def test_a_version_that_is_not_there_is_missing(self, config: Config) -> None:
        fill(config)
        assert (config.get("a:4"), config.get("b:1"), config.get("a:7", default="x")) == (None, None, "x")
        with pytest.raises(NotFound):
            config.require("a:4")
        config.put("a", "v4")
        assert config.get("a:4") == "v4"

    @pytest.mark.needs("parameter_versions")
    @pytest.mark.parametrize("wrong", ["a:", ":1", "a:1:2", "a:0", "a:-1", "a: ", "a:1.0"])
    def test_what_is_no_version_is_refused_or_missing(self, config: Config, wrong: str) -> None:
        fill(config)
        with contextlib.suppress(InvalidArgument):
            assert config.get(wrong) is None
        assert config.get("a") == "v3"

    @pytest.mark.needs("parameter_versions")
    def test_a_version_that_was_read_is_no_parameter_beside_the_newest(self, config: Config) -> None:
        fill(config, "db/port")
        assert config.get("db/port:1") == "v1"
        assert config.get("db", dict[str, str]) == {"port": "v3"}
        assert [one.name for one in config.list()] == ["db/port"]

    @pytest.mark.needs("parameter_versions")
    def test_versions_of_what_was_put_again_begin_again(self, config: Config) -> None:
        fill(config)
        assert config.get("a:2") == "v2"
        config.delete("a")
        assert config.get("a:2") is None
        assert config.put("a", "new").version == 1
        assert (config.get("a:1"), config.get("a:2")) == ("new", None)

    @pytest.mark.needs("labels")
    def test_a_version_is_read_by_its_label(self, stores: ConfigStores) -> None:
        config = stores.open()
        fill(config)
        config.label("a", "blue", version=1)
        config.label("a", "green")
        for one in (config, stores.open()):
            assert (one.get("a:blue"), one.get("a:green"), one.get("a:red"), one.get("a")) == ("v1", "v3", None, "v3")

    @pytest.mark.needs("labels")
    def test_a_label_moves(self, config: Config) -> None:
        fill(config)
        config.label("a", "blue", version=1)
        assert config.get("a:blue") == "v1"
        config.label("a", "blue", version=2)
        assert config.get("a:blue") == "v2"
        assert [one.labels for one in config.history("a")] == [(), ("blue",), ()]

    @pytest.mark.needs("labels")
    def test_a_version_has_several_labels(self, config: Config) -> None:
        fill(config)
        config.label("a", "blue", "live", version=1)
        config.label("a", "next", version=1)
        config.label("a", "live", version=3)
        assert [set(one.labels) for one in config.history("a")] == [{"blue", "next"}, set(), {"live"}]
        assert (config.get("a:live"), config.get("a:blue")) == ("v3", "v1")

    @pytest.mark.needs("labels")
    def test_a_label_stays_with_its_version(self, config: Config) -> None:
        fill(config, versions=1)
        config.label("a", "blue")
        config.put("a", "v2")
        assert (config.get("a:blue"), config.get("a")) == ("v1", "v2")

    @pytest.mark.needs("labels")
    def test_what_is_not_there_gets_no_label(self, config: Config) -> None:
        with pytest.raises(NotFound):
            config.label("a", "blue")
        fill(config)
        with pytest.raises(NotFound):
            config.label("a", "blue", version=9)
        assert config.get("a:blue") is None

    @pytest.mark.needs("labels")
    @pytest.mark.parametrize("wrong", ["1", "1st", "", "a b", "a:b", "a/b"], ids=repr)
    def test_what_could_be_no_label_is_refused(self, config: Config, wrong: str) -> None:
        fill(config)
        with pytest.raises(InvalidArgument):
            config.label("a", wrong)
        assert [one.labels for one in config.history("a")] == [(), (), ()]

    @pytest.mark.needs("labels")
    @pytest.mark.parametrize("wrong", ["", "a:1", None], ids=repr)
    def test_what_is_no_name_gets_no_label(self, config: Config, wrong: Any) -> None:
        with pytest.raises(InvalidArgument):
            config.label(wrong, "blue")

    def test_versions_and_labels_are_refused_where_the_source_declares_it(self, config: Config) -> None:
        assert config.capabilities.versions != self.lacking("parameter_versions")
        assert config.capabilities.labels != self.lacking("labels")
        if self.lacking("parameter_versions"):
            with pytest.raises(Unsupported, match="versions"):
                config.history("a")
        if self.lacking("labels"):
            with pytest.raises(Unsupported, match="labels"):
                config.label("a", "blue")
