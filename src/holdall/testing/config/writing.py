"""Writing parameters, where the source can be written to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

import pytest

from ...errors import AlreadyExists, Conflict, InvalidArgument, NotFound, TooLarge, Unsupported
from ...secret import Secret
from .base import ConfigKit, ConfigStores

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...config.store import Config

_WRITTEN: list[tuple[Any, str]] = [
    ("text", "text"), (42, "42"), (1.5, "1.5"), (True, "true"), (False, "false"), (Decimal("1.10"), "1.10"),
    (dt.date(2024, 2, 29), "2024-02-29"), (dt.time(12, 30), "12:30:00"), (["a", "b"], "a,b"), ((1, 2), "1,2"),
    ({"a": [1, None]}, '{"a": [1, null]}'),
]  # fmt: skip
_FORMLESS: list[Any] = [None, b"x", object(), {"x"}, {"a": Secret("x")}, {"a": object()}, {"a": float("nan")}]


class WritingTests(ConfigKit):
    """Putting and deleting."""

    @pytest.mark.needs("writable")
    def test_what_was_put_is_read(self, config: Config) -> None:
        about = config.put("db/host", "a")
        assert (about.name, about.kind) == ("db/host", "String")
        assert config.get("db/host") == "a"
        assert config.get("db", dict[str, str]) == {"host": "a"}

    @pytest.mark.needs("writable")
    def test_what_was_put_is_seen_by_another_at_once(self, stores: ConfigStores) -> None:
        first, second = stores.open(), stores.open()
        assert (first.get("a"), second.get("a")) == (None, None)
        first.put("a", "1")
        assert (first.get("a"), second.get("a"), stores.open().get("a")) == ("1", "1", "1")
        second.put("a", "2")
        assert (first.get("a"), second.get("a")) == ("2", "2")
        first.delete("a")
        assert (first.get("a"), second.get("a")) == (None, None)

    @pytest.mark.needs("writable")
    def test_what_was_put_is_seen_at_once_by_one_that_reads_only_once(self, stores: ConfigStores) -> None:
        config = stores.open_url(stores.url.replace("max_age=0", "max_age=never"))
        assert (config.get("a"), config.get("a", int)) == (None, None)
        config.put("a", 1)
        assert (config.get("a"), config.get("a", int)) == ("1", 1)
        config.put("a", 2)
        assert (config.get("a"), config.get("a", int)) == ("2", 2)
        config.delete("a")
        assert (config.get("a"), config.get("a", int), config.list()) == (None, None, [])

    @pytest.mark.needs("writable")
    @pytest.mark.parametrize(("value", "text"), _WRITTEN, ids=lambda one: one if isinstance(one, str) else "_")
    def test_a_value_is_put_as_text(self, config: Config, value: Any, text: str) -> None:
        config.put("a", value)
        assert config.get("a") == text
        assert config.get("a", tuple[int, ...] if isinstance(value, tuple) else cast("Any", type(value))) == value

    @pytest.mark.needs("writable")
    def test_a_list_is_kept_as_a_list(self, config: Config) -> None:
        assert config.put("a", ["x", 1]).kind == "StringList"
        assert config.get("a", list[str]) == ["x", "1"]
        assert [(one.name, one.kind) for one in config.list()] == [("a", "StringList")]

    @pytest.mark.needs("writable")
    def test_a_secret_is_kept_as_a_secret(self, stores: ConfigStores) -> None:
        config = stores.open()
        assert config.put("a", Secret("x")).kind == "SecureString"
        assert config.secret("a") == Secret("x")
        assert stores.open().secret("a").reveal() == "x"
        assert [one.kind for one in config.list()] == ["SecureString"]

    @pytest.mark.needs("writable")
    def test_a_secret_is_not_replaced_by_what_is_none(self, stores: ConfigStores) -> None:
        config = stores.open()
        config.put("a", Secret("x"))
        for other in (config, stores.open()):
            with pytest.raises(InvalidArgument, match="SecureString"):
                other.put("a", "plain")
        assert config.secret("a").reveal() == "x"
        config.put("a", Secret("y"))
        assert config.secret("a").reveal() == "y"

    @pytest.mark.needs("writable")
    @pytest.mark.parametrize("empty", ["", Secret(""), [], ()], ids=repr)
    def test_what_is_empty_is_refused(self, config: Config, empty: Any) -> None:
        with pytest.raises(InvalidArgument, match="never empty"):
            config.put("a", empty)
        assert config.get("a") is None

    @pytest.mark.needs("writable")
    @pytest.mark.parametrize("wrong", [["a,b"], ["a", ""], [None], [["a"]], [Secret("x")]], ids=repr)
    def test_items_of_a_list_that_it_could_not_tell_apart_are_refused(self, config: Config, wrong: Any) -> None:
        with pytest.raises(InvalidArgument, match="put 'a': the items of a list"):
            config.put("a", wrong)
        assert config.get("a") is None

    @pytest.mark.needs("writable")
    @pytest.mark.parametrize("wrong", _FORMLESS, ids=lambda _: "_")
    def test_a_value_that_has_no_form_is_refused(self, config: Config, wrong: Any) -> None:
        with pytest.raises(InvalidArgument, match="put 'a': "):
            config.put("a", wrong)
        assert config.get("a") is None

    @pytest.mark.needs("writable")
    def test_a_value_over_the_limit_is_refused(self, config: Config) -> None:
        most = config.capabilities.max_value_bytes
        if most is None:
            return
        config.put("a", "x" * most)
        with pytest.raises(TooLarge, match=f"{most + 1:,} bytes"):
            config.put("a", "ä" + "x" * (most - 1))
        assert config.get("a") == "x" * most

    @pytest.mark.needs("writable")
    def test_a_key_without_a_secret_is_refused(self, config: Config) -> None:
        with pytest.raises(InvalidArgument, match="kms_key="):
            config.put("a", "x", kms_key="alias/mine")

    @pytest.mark.needs("writable")
    def test_what_must_be_absent_is_put_once(self, stores: ConfigStores) -> None:
        config = stores.open()
        config.put("a", "1", if_absent=True)
        for other in (config, stores.open()):
            with pytest.raises(AlreadyExists) as failed:
                other.put("a", "2", if_absent=True)
            assert (failed.value.operation, failed.value.key) == ("put", "a")
        assert config.get("a") == "1"
        config.delete("a")
        config.put("a", "3", if_absent=True)
        assert config.get("a") == "3"

    @pytest.mark.needs("writable")
    def test_what_was_deleted_is_gone(self, config: Config) -> None:
        config.put("a", "1")
        config.put("b", "2")
        config.delete("a")
        assert (config.get("a"), config.get("b")) == (None, "2")
        assert [one.name for one in config.list()] == ["b"]
        with pytest.raises(NotFound):
            config.require("a")

    @pytest.mark.needs("writable")
    def test_to_delete_what_is_not_there_is_fine(self, config: Config) -> None:
        config.delete("a")
        config.delete("db/port")
        config.put("a", "1")
        config.delete("a")
        config.delete("a")
        assert config.get("a") is None

    @pytest.mark.needs("writable")
    @pytest.mark.parametrize("wrong", ["", "a\nb", None, "a:1", "a:blue"], ids=repr)
    def test_a_name_that_none_can_have_is_not_written(self, config: Config, wrong: Any) -> None:
        with pytest.raises(InvalidArgument):
            config.put(wrong, "x")
        with pytest.raises(InvalidArgument):
            config.delete(wrong)
        assert config.list() == []

    @pytest.mark.needs("parameter_tags")
    def test_a_parameter_is_put_with_tags(self, config: Config) -> None:
        config.put("a", "1", tags={"owner": "me"})
        config.put("a", "2", tags={"team": "us"})
        config.put("a", "3")
        assert config.get("a") == "3"

    @pytest.mark.needs("writable")
    def test_tags_are_refused_where_the_source_declares_it(self, config: Config) -> None:
        assert config.capabilities.tags != self.lacking("parameter_tags")
        if self.lacking("parameter_tags"):
            with pytest.raises(Unsupported, match="no tags"):
                config.put("a", "1", tags={"owner": "me"})
            assert config.get("a") is None

    def test_writes_are_refused_where_the_source_declares_it(self, stores: ConfigStores) -> None:
        config = stores.open()
        assert config.capabilities.writable != self.lacking("writable")
        if not self.lacking("writable"):
            return
        uses: list[Callable[[], Any]] = [
            lambda: config.put("a", "x"), lambda: config.put("a", Secret("x")), lambda: config.delete("a"),
        ]  # fmt: skip
        for use in uses:
            with pytest.raises(Unsupported, match="can be written to"):
                use()
        assert config.get("a") is None

    @pytest.mark.needs("parameter_versions")
    def test_a_version_is_replaced_only_by_who_knows_it(self, stores: ConfigStores) -> None:
        config = stores.open()
        config.put("a", "1")
        config.put("a", "2", if_version=1)
        for wrong in (1, 3):
            with pytest.raises(Conflict) as failed:
                stores.open().put("a", "3", if_version=wrong)
            assert (failed.value.operation, failed.value.key) == ("put", "a")
        assert config.get("a") == "2"
        assert config.put("a", "3", if_version=2).version == 3

    @pytest.mark.needs("parameter_versions")
    def test_a_version_of_what_is_not_there_is_a_conflict(self, config: Config) -> None:
        with pytest.raises(Conflict):
            config.put("a", "1", if_version=1)
        with pytest.raises(Conflict):
            config.delete("a", if_version=1)
        assert config.get("a") is None

    @pytest.mark.needs("parameter_versions")
    def test_a_version_is_deleted_only_by_who_knows_it(self, config: Config) -> None:
        config.put("a", "1")
        config.put("a", "2")
        with pytest.raises(Conflict):
            config.delete("a", if_version=1)
        assert config.get("a") == "2"
        config.delete("a", if_version=2)
        assert config.get("a") is None

    @pytest.mark.needs("parameter_versions")
    @pytest.mark.parametrize("wrong", [0, -1, "1", True, 1.0], ids=repr)
    def test_what_is_no_version_is_refused(self, config: Config, wrong: Any) -> None:
        with pytest.raises(InvalidArgument, match="if_version="):
            config.put("a", "1", if_version=wrong)
        with pytest.raises(InvalidArgument, match="if_version="):
            config.delete("a", if_version=wrong)

    @pytest.mark.needs("parameter_versions")
    def test_absent_and_a_version_exclude_each_other(self, config: Config) -> None:
        with pytest.raises(InvalidArgument, match="exclude each other"):
            config.put("a", "1", if_absent=True, if_version=1)
