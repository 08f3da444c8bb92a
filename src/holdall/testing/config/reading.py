"""Reading one parameter, as text and as other types."""

from __future__ import annotations

import datetime as dt
import enum
import traceback
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

import pytest

from ...errors import ConfigError, InvalidArgument, NotFound
from ...secret import Secret
from .base import ConfigKit, ConfigStores

if TYPE_CHECKING:
    from ...config.store import Config


class Colour(enum.Enum):
    """A type of a parameter."""

    RED = "red"
    BLUE = "blue"


PLANTED = "hunter2-correct-horse"
_UUID = "6f1c1a52-4f0e-4a1c-9d0a-3e0f6a6d2c11"
_TYPED: list[tuple[str, Any, Any]] = [
    ("text", str, "text"), ("42", int, 42), ("-7", int, -7), ("1.5", float, 1.5), ("3", float, 3.0),
    ("1.10", Decimal, Decimal("1.10")), ("true", bool, True), ("0", bool, False), ("Yes", bool, True),
    ("off", bool, False), ("text", bytes, b"text"), (_UUID, UUID, UUID(_UUID)), ("/var/lib", Path, Path("/var/lib")),
    ("2024-02-29", dt.date, dt.date(2024, 2, 29)), ("12:30:00", dt.time, dt.time(12, 30)),
    ("2024-02-29T12:30:00Z", dt.datetime, dt.datetime(2024, 2, 29, 12, 30, tzinfo=dt.timezone.utc)),
    ("90", dt.timedelta, dt.timedelta(seconds=90)), ("5m", dt.timedelta, dt.timedelta(minutes=5)),
    ("red", Colour, Colour.RED), ("a", Literal["a", "b"], "a"), ("2", Literal[1, 2], 2), ("5", int | None, 5),
    ("a,b", list[str], ["a", "b"]), ("1, 2", list[int], [1, 2]), ("[1, 2]", list[int], [1, 2]), ("7", list[int], [7]),
    ("1,2", tuple[int, ...], (1, 2)), ("1,x", tuple[int, str], (1, "x")), ("a,a", set[str], {"a"}),
    ("a,b", frozenset[str], frozenset("ab")), ('{"a": 1}', dict[str, int], {"a": 1}),
]  # fmt: skip
_WRONG: list[tuple[str, Any]] = [
    ("x1", int), ("1.5", int), ("x", float), ("x", Decimal), ("maybe", bool), ("x", UUID), ("2024-02-30", dt.date),
    ("noon", dt.time), ("2024-02-29T12:30:00", dt.datetime), ("soon", dt.timedelta), ("green", Colour),
    ("c", Literal["a", "b"]), ("1,x", list[int]), ("1,2,3", tuple[int, int]), ("x", dict[str, int]),
]  # fmt: skip


def _title(one: Any) -> str:
    """Return a part of a test's name that is the same in each process: a set's text is not."""
    return one[:30] if isinstance(one, str) else getattr(one, "__name__", "") if isinstance(one, type) else "_"


class ReadingTests(ConfigKit):
    """Reading."""

    def test_what_is_not_there_is_none_or_the_default(self, config: Config) -> None:
        assert config.get("missing") is None
        assert config.get("missing", int) is None
        assert config.get("missing", int, 5) == 5
        assert config.get("missing", default="x") == "x"
        assert config.get("db/missing", dict[str, str], 5) == 5

    def test_what_must_be_there_and_is_not_is_not_found(self, config: Config) -> None:
        for name in ("missing", "db/missing"):
            with pytest.raises(NotFound, match=f"no parameter '{name}' in ") as failed:
                config.require(name)
            assert (failed.value.operation, failed.value.key) == ("require", name)
        with pytest.raises(NotFound):
            config.require("missing", int)
        with pytest.raises(NotFound):
            config.secret("missing")

    def test_what_is_there_is_text_unless_asked_for_otherwise(self, stores: ConfigStores) -> None:
        config = stores.given({"port": "5432", "name": "shop"})
        assert (config.get("port"), config.require("port"), config.get("name", default="x")) == ("5432", "5432", "shop")

    def test_text_is_given_as_it_is(self, stores: ConfigStores) -> None:
        given = {"spaces": "a  b", "odd": "a=b#c \"d\" 'e' \\f $g %h", "foreign": "äöü – 漢字 😀", "line": "a\nb"}
        config = stores.given(given)
        assert {name: config.get(name) for name in given} == given

    def test_a_long_text_is_given_as_it_is(self, stores: ConfigStores) -> None:
        assert stores.given({"long": "x" * 4000}).get("long") == "x" * 4000

    @pytest.mark.parametrize(("text", "kind", "value"), _TYPED, ids=_title)
    def test_a_parameter_is_read_as(self, stores: ConfigStores, text: str, kind: Any, value: Any) -> None:
        config = stores.given({"name": text})
        found = config.require("name", kind)
        assert (found, type(found)) == (value, type(value))
        assert config.get("name", kind) == value

    @pytest.mark.parametrize(("text", "kind"), _WRONG, ids=_title)
    def test_what_is_of_another_type_is_an_error_that_does_not_show_it(
        self, stores: ConfigStores, text: str, kind: Any
    ) -> None:
        config = stores.given({"name": f"{text} {PLANTED}"})
        for verb in (config.get, config.require):
            with pytest.raises(ConfigError, match=r"^name: expected .*, but ") as failed:
                verb("name", kind)
            assert len(failed.value.problems) == 1
            assert PLANTED not in "".join(traceback.format_exception(failed.value))
        with pytest.raises(ConfigError):
            stores.given({"name": text}).get("name", kind, None)

    def test_a_secret_is_hidden_until_it_is_revealed(self, stores: ConfigStores) -> None:
        config = stores.given({"password": PLANTED})
        found = config.secret("password")
        assert isinstance(found, Secret)
        assert PLANTED not in f"{found} {found!r}"
        assert found.reveal() == PLANTED
        assert config.get("password", Secret) == Secret(PLANTED)

    def test_names_may_be_paths(self, stores: ConfigStores) -> None:
        config = stores.given({"db/port": "1", "db/replica/port": "2", "dbport": "3"})
        found = [config.get(name) for name in ("db/port", "db/replica/port", "dbport", "db", "port", "db/replica")]
        assert found == ["1", "2", "3", None, None, None]

    def test_a_name_that_is_the_beginning_of_another_is_another(self, stores: ConfigStores) -> None:
        config = stores.given({"cache": "1", "cache_size": "2"})
        assert (config.get("cache"), config.get("cache_size"), config.get("cach")) == ("1", "2", None)

    @pytest.mark.needs("exact_names")
    def test_names_are_told_apart_by_capitals(self, stores: ConfigStores) -> None:
        config = stores.given({"name": "1", "Name": "2"})
        assert (config.get("name"), config.get("Name"), config.get("NAME")) == ("1", "2", None)

    def test_names_are_one_in_any_capitals_where_the_source_declares_it(self, stores: ConfigStores) -> None:
        config = stores.given({"my_name": "1"})
        assert config.capabilities.folded == self.lacking("exact_names")
        if self.lacking("exact_names"):
            assert [config.get(name) for name in ("MY_NAME", "my-name", "My.Name")] == ["1", "1", "1"]

    @pytest.mark.parametrize("wrong", ["", "a\nb", "a\0", None, 7, ["a"]], ids=repr)
    def test_what_is_no_name_is_refused(self, config: Config, wrong: Any) -> None:
        for verb in (config.get, config.require, config.secret):
            with pytest.raises(InvalidArgument, match="named by a printable text"):
                verb(wrong)

    def test_a_type_that_is_no_type_of_parameters_is_refused(self, stores: ConfigStores) -> None:
        config = stores.given({"name": "x"})
        with pytest.raises(ConfigError, match="can be read from configuration"):
            config.get("name", complex)

    def test_what_is_changeable_is_made_anew_for_each_call(self, stores: ConfigStores) -> None:
        config = stores.given({"names": "a,b"})
        config.require("names", list[str]).append("c")
        assert config.get("names", list[str]) == ["a", "b"]

    @pytest.mark.needs("native_values")
    def test_numbers_and_lists_of_the_source_are_read_as_such_and_as_texts(self, stores: ConfigStores) -> None:
        config = stores.given({"port": 5432, "rate": 0.5, "debug": True, "hosts": ["a", "b,c"]})
        assert (config.get("port", int), config.get("port")) == (5432, "5432")
        assert (config.get("rate", float), config.get("rate", Decimal)) == (0.5, Decimal("0.5"))
        assert (config.get("debug", bool), config.get("debug")) == (True, "true")
        assert config.get("hosts", list[str]) == ["a", "b,c"]
        for name, kind in (("debug", int), ("port", bool), ("hosts", str)):
            with pytest.raises(ConfigError, match=rf"^{name}: expected .*, but got a value of type "):
                config.get(name, kind)
