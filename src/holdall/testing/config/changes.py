"""What changes under an open configuration, who is told of it, and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from ...errors import ClosedError, InvalidArgument, Unsupported
from .base import ConfigKit, ConfigStores
from .loading import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ...config.store import Config


class ChangeTests(ConfigKit):
    """Refreshing, listening and closing."""

    def _changed(self, stores: ConfigStores, values: Mapping[str, Any]) -> None:
        """Have the source hold these instead, by other hands."""
        if self.lacking("writable"):
            self.given(values)
            return
        other = stores.open()
        for about in other.list():
            if about.name not in values:
                other.delete(about.name)
        for name, value in values.items():
            if other.get(name) != value:
                other.put(name, value)

    def _read_once(self, stores: ConfigStores) -> Config:
        return stores.open_url(stores.url.replace("max_age=0", "max_age=never"))

    def test_what_has_changed_is_read_once_it_is_old(self, stores: ConfigStores) -> None:
        config = stores.given({"a": "1"})
        assert config.get("a") == "1"
        self._changed(stores, {"a": "2", "b": "3"})
        assert (config.get("a"), config.get("b")) == ("2", "3")
        self._changed(stores, {"b": "3"})
        assert (config.get("a"), config.get("b")) == (None, "3")

    def test_what_is_not_old_is_not_read_anew(self, stores: ConfigStores) -> None:
        stores.given({"a": "1"})
        config = self._read_once(stores)
        assert config.get("a") == "1"
        self._changed(stores, {"a": "2"})
        assert config.get("a") == "1"
        assert config.age is not None
        assert not config.stale
        assert config.last_error is None

    def test_refresh_reads_anew_and_tells_what_has_changed(self, stores: ConfigStores) -> None:
        stores.given({"a": "1", "b": "1", "d": "1"})
        config = self._read_once(stores)
        assert config.get("a") == "1"
        assert config.refresh() == frozenset()
        self._changed(stores, {"a": "2", "c": "1", "d": "1"})
        assert config.refresh() == {"a", "b", "c"}
        assert [config.get(name) for name in "abcd"] == ["2", None, "1", "1"]
        assert config.refresh() == frozenset()

    def test_the_first_refresh_changes_nothing(self, stores: ConfigStores) -> None:
        assert stores.given({"a": "1"}).get("a") == "1"
        assert self._read_once(stores).refresh() == frozenset()

    def test_a_listener_is_told_the_names_that_have_changed(self, stores: ConfigStores) -> None:
        config = stores.given({"a": "1", "db/port": "1"})
        told: list[frozenset[str]] = []
        ports: list[frozenset[str]] = []
        config.on_change(told.append)
        config.on_change(ports.append, "db/")
        config.refresh()
        self._changed(stores, {"a": "2", "db/port": "1"})
        assert config.get("db/port") == "1"
        assert told == [frozenset({"a"})]
        assert not ports
        self._changed(stores, {"a": "3", "db/port": "2"})
        config.refresh()
        assert told[1:] == [frozenset({"a", "db/port"})]
        assert ports == [frozenset({"db/port"})]

    def test_a_listener_that_was_taken_off_is_not_told(self, stores: ConfigStores) -> None:
        config = stores.given({"a": "1"})
        told: list[frozenset[str]] = []
        end = config.on_change(told.append)
        config.refresh()
        end()
        end()
        self._changed(stores, {"a": "2"})
        assert config.get("a") == "2"
        assert told == []

    def test_a_listener_sees_the_new_values(self, stores: ConfigStores) -> None:
        config = stores.given({"a": "1"})
        config.refresh()
        seen: list[Any] = []
        engine = stores.engine(config)
        config.on_change(lambda names: seen.append({name: engine.layers[-1].entries[name].value for name in names}))
        self._changed(stores, {"a": "2"})
        assert config.refresh() == {"a"}
        assert seen == [{"a": "2"}]

    def test_what_is_no_plain_function_can_not_listen(self, config: Config) -> None:
        async def listener(_: object) -> None: ...

        wrong: list[Any] = [listener, None, "x"]
        for one in wrong:
            with pytest.raises(InvalidArgument, match="plain function"):
                config.on_change(one)

    def test_nothing_is_known_before_the_first_read(self, stores: ConfigStores) -> None:
        config = stores.open()
        assert (config.age, config.stale, config.last_error) == (None, False, None)
        config.get("a")
        assert config.age is not None

    def test_what_is_closed_is_refused(self, stores: ConfigStores) -> None:
        config = stores.given({"a": "1"})
        assert config.get("a") == "1"
        config.close()
        uses: list[Callable[[], Any]] = [
            lambda: config.get("a"), lambda: config.require("a"), lambda: config.secret("a"),
            lambda: config.load(Settings), lambda: config.put("a", "x"), lambda: config.delete("a"), config.list,
            lambda: config.history("a"), lambda: config.label("a", "b"), config.refresh,
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(ClosedError, match="the configuration is closed"):
                use()
        config.close()

    def test_a_block_closes_at_its_end(self, stores: ConfigStores) -> None:
        with stores.given({"a": "1"}) as config:
            assert config.get("a") == "1"
        with pytest.raises(ClosedError):
            config.get("a")

    def test_one_that_is_closed_leaves_the_others_open(self, stores: ConfigStores) -> None:
        stores.given({"a": "1"}).close()
        assert stores.open().get("a") == "1"

    def test_what_is_required_is_checked_at_the_start(self, stores: ConfigStores) -> None:
        flags = {"writable": "writable", "versions": "parameter_versions", "labels": "labels", "tags": "parameter_tags"}
        for flag, need in flags.items():
            if not self.lacking(need):
                stores.open(require={flag})
                continue
            with pytest.raises(Unsupported, match=flag):
                stores.open(require={flag})

    def test_the_source_is_shown_by_its_name_alone(self, stores: ConfigStores) -> None:
        config = stores.given({"a": "hunter2"})
        assert config.get("a") == "hunter2"
        shown = repr(stores.engine(config)) + stores.engine(config).sources + repr(config)
        assert "hunter2" not in shown
        assert "max_age" not in stores.engine(config).sources
