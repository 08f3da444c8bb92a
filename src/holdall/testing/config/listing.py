"""Listing parameters."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from .base import ConfigKit, ConfigStores
from .reading import PLANTED

if TYPE_CHECKING:
    from ...config.store import Config


class ListingTests(ConfigKit):
    """Listing."""

    def test_where_nothing_is_nothing_is_listed(self, config: Config) -> None:
        assert config.list() == []
        assert config.list("db/") == []

    def test_parameters_are_listed_in_order(self, stores: ConfigStores) -> None:
        config = stores.given({"db/port": "1", "b": "2", "a": "3", "db/host": "4"})
        assert [one.name for one in config.list()] == ["a", "b", "db/host", "db/port"]

    def test_parameters_are_listed_by_the_beginning_of_their_names(self, stores: ConfigStores) -> None:
        config = stores.given({"db/port": "1", "db/host": "2", "dbx": "3", "cache/port": "4"})
        assert [one.name for one in config.list("db/")] == ["db/host", "db/port"]
        assert [one.name for one in config.list("db")] == ["db/host", "db/port", "dbx"]
        assert [one.name for one in config.list("port")] == []

    def test_a_list_says_what_is_known_but_for_the_values(self, stores: ConfigStores) -> None:
        config = stores.given({"password": PLANTED})
        (about,) = config.list()
        assert (about.name, about.kind, about.labels) == ("password", "String", ())
        assert about.source
        assert stores.engine(config).sources.endswith(about.source)
        assert PLANTED not in repr(about)
        assert PLANTED not in repr(vars(about))

    def test_many_parameters_are_listed_and_read(self, stores: ConfigStores) -> None:
        given = {f"many/p{number:02}": str(number) for number in range(35)}
        config = stores.given(given)
        assert [one.name for one in config.list("many/")] == list(given)
        assert config.get("many", dict[str, int]) == {name[5:]: int(value) for name, value in given.items()}

    @pytest.mark.needs("parameter_versions")
    def test_versions_and_times_are_listed(self, config: Config) -> None:
        config.put("a", "1")
        told = config.put("a", "2")
        (about,) = config.list()
        assert (about.version, told.version) == (2, 2)
        assert about.modified is not None
        assert about.modified.utcoffset() == dt.timedelta(0)

    @pytest.mark.needs("writable")
    def test_what_one_has_listed_another_may_change(self, stores: ConfigStores) -> None:
        config, other = stores.open(), stores.open()
        other.put("a", "1")
        assert [one.name for one in config.list()] == ["a"]
        other.put("b", "1")
        other.delete("a")
        assert [one.name for one in config.list()] == ["b"]
