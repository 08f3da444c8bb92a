"""Sources in layers, the first of which counts."""

from __future__ import annotations

import dataclasses
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import holdall
from holdall import Conflict, InvalidArgument, ResourceMissing, RetryPolicy, Unsupported

if TYPE_CHECKING:
    from pathlib import Path

Values = dict[str, str]


@dataclass
class Db:
    host: str
    port: int


@dataclass
class Settings:
    db: Db
    debug: bool = False


@dataclass
class Sizes:
    max_size: int
    other: int = 0


def memory(values: dict[str, Any] | None = None) -> str:
    """Return the URL of parameters in memory."""
    url = f"memory://{secrets.token_hex(8)}"
    config = holdall.open_config(url)
    for name, value in (values or {}).items():
        config.put(name, value)
    return url


def layered(*layers: dict[str, Any]) -> Any:
    return holdall.open_config([memory(values) for values in layers])


def test_the_first_source_that_has_it_counts() -> None:
    config = layered({"a": 1}, {"a": 2, "b": 2}, {"a": 3, "b": 3, "c": 3})
    assert [config.get(name, int) for name in "abcd"] == [1, 2, 3, None]


def test_what_is_below_a_name_is_put_together() -> None:
    config = layered({"db/host": "a"}, {"db/host": "b", "db/port": 1}, {"db/x/y": 2, "db/port/z": 3})
    assert config.get("db", dict) == {"host": "a", "port": "1", "x": {"y": "2"}}


def test_settings_are_put_together() -> None:
    config = layered({"db/port": 1}, {"db/host": "b", "db/port": 2}, {"debug": True})
    assert config.load(Settings) == Settings(Db("b", 1), True)


def test_variables_go_before_others_by_names_that_fold_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPX_MAX_SIZE", "5")
    monkeypatch.setenv("SHOPX_DB__MAX_SIZE", "6")
    for spelled in ("max-size", "max_size", "Max.Size"):
        url = memory({spelled: 1, "other": 2, f"db/{spelled}": 3, "db/other": 4})
        config = holdall.open_config(["env:///SHOPX_", url])
        assert (config.get(spelled), config.get("max_size"), config.get("MAX-SIZE")) == ("5", "5", "5")
        assert config.load(Sizes) == Sizes(5, 2)
        assert config.load(Sizes, "db") == Sizes(6, 4)
        assert config.get("db", dict[str, int]) == {"max_size": 6, "other": 4}
        assert holdall.open_config([url, "env:///SHOPX_"]).load(Sizes) == Sizes(1, 2)


def test_a_source_is_not_asked_where_one_before_has_the_name(tmp_path: Path) -> None:
    missing = f"file://{tmp_path}/missing.json"
    config = holdall.open_config([memory({"a": 1}), missing], retry=RetryPolicy(attempts=1))
    assert config.get("a") == "1"
    assert config.require("a", int) == 1
    for use in (lambda: config.get("b"), lambda: config.get("a", dict), config.list, config.refresh):
        with pytest.raises(ResourceMissing):
            use()
    assert holdall.open_config([missing + "?optional=true", memory({"a": 1})]).get("a") == "1"


def test_a_source_that_fails_behind_shows_no_value_of_one_before(tmp_path: Path) -> None:
    import traceback

    config = holdall.open_config([memory({"db/password": "hunter2"}), f"file://{tmp_path}/missing.json"])
    for use in (lambda: config.get("db", dict), config.list):
        with pytest.raises(ResourceMissing) as failed:
            use()
        told = traceback.TracebackException.from_exception(failed.value, capture_locals=True).format()
        assert "hunter2" not in "".join(told).replace('memory({"db/password": "hunter2"})', "")


def test_what_is_put_goes_to_the_first_source_that_can_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": "file"}')
    first, second = memory(), memory({"a": "second"})
    config = holdall.open_config([f"file://{tmp_path}/a.json", first, second])
    config.put("a", "new")
    config.put("b", "new")
    assert (config.get("a"), config.get("b")) == ("file", "new")
    assert [holdall.open_config(url).get("a") for url in (first, second)] == ["new", "second"]
    config.delete("a")
    config.delete("b")
    assert [holdall.open_config(url).get("a") for url in (first, second)] == [None, "second"]
    assert config.get("b") is None


def test_where_no_source_can_be_written_to_that_is_said(tmp_path: Path) -> None:
    config = holdall.open_config(["env:///SHOPX_", f"file://{tmp_path}/a.json?optional=true"])
    for use in (lambda: config.put("a", 1), lambda: config.delete("a")):
        with pytest.raises(Unsupported, match="none of the sources can be written to: env:///SHOPX_, file://"):
            use()
    with pytest.raises(Unsupported, match="none of the sources has versions"):
        config.history("a")


def test_versions_are_those_of_the_source_that_has_them() -> None:
    url = memory({"a": 1})
    config = holdall.open_config(["env:///SHOPX_", url])
    assert config.capabilities.versions
    assert config.capabilities.name == "env+memory"
    config.put("a", 2, if_version=1)
    with pytest.raises(Conflict):
        config.put("a", 3, if_version=1)
    config.label("a", "old", version=1)
    assert [(one.version, one.source) for one in config.history("a")] == [(1, url), (2, url)]
    assert (config.get("a:1"), config.get("a:old"), config.get("a")) == ("1", "1", "2")


@pytest.mark.parametrize("wrong", [[], (), [None], [7], "memory"], ids=repr)
def test_what_is_no_url_is_refused(wrong: Any) -> None:
    with pytest.raises((InvalidArgument, holdall.ConfigError)):
        holdall.open_config(wrong)


def test_a_listener_is_not_told_of_what_another_source_hides() -> None:
    first, second = memory({"a": 1}), memory({"a": 2, "b": 2})
    config = holdall.open_config([f"{first}?max_age=never", f"{second}?max_age=never"])
    told: list[frozenset[str]] = []
    config.on_change(told.append)
    config.refresh()
    other = holdall.open_config(second)
    other.put("a", 3)
    config.refresh()
    assert told == []
    other.put("b", 3)
    config.refresh()
    assert told == [{"b"}]


PATHS = st.lists(st.sampled_from("abc"), min_size=1, max_size=3).map("/".join)
LAYERS = st.lists(st.dictionaries(PATHS, st.sampled_from(["1", "2", "3"]), max_size=6), min_size=1, max_size=4)


def tree_of(values: Values) -> dict[str, Any]:
    """Return a source as dicts in dicts; a value hides what is below its name."""
    tree: dict[str, Any] = {}
    for name in sorted(values, key=lambda name: name.count("/")):
        *branches, leaf = name.split("/")
        place: Any = tree
        for branch in branches:
            place = place.setdefault(branch, {}) if isinstance(place, dict) else None
        if isinstance(place, dict):
            place[leaf] = values[name]
    return tree


def merge(first: Any, second: Any) -> Any:
    if not isinstance(first, dict) or not isinstance(second, dict):
        return first
    shared = {name: merge(first[name], second[name]) for name in first.keys() & second.keys()}
    return {**second, **first, **shared}


@settings(max_examples=60, deadline=None)
@given(LAYERS)
def test_a_value_is_that_of_the_first_layer_that_has_it(layers: list[Values]) -> None:
    config = layered(*layers)
    for name in {name for values in layers for name in values} | {"a", "a/b/c"}:
        expected = next((values[name] for values in layers if name in values), None)
        assert config.get(name) == expected
        assert config.get(name, int) == (None if expected is None else int(expected))


@settings(max_examples=60, deadline=None)
@given(LAYERS)
def test_a_dict_is_all_layers_merged(layers: list[Values]) -> None:
    config = layered(*layers)
    expected: dict[str, Any] = {}
    for values in layers:
        expected = merge(expected, tree_of(values))
    for name in "abc":
        found = config.get(name, object)
        assert found == expected.get(name)


@settings(max_examples=60, deadline=None)
@given(LAYERS)
def test_a_list_has_each_name_once_with_its_source(layers: list[Values]) -> None:
    urls = [memory(values) for values in layers]
    found = holdall.open_config(urls).list()
    names = sorted({name for values in layers for name in values})
    assert [one.name for one in found] == names
    first = {name: next(url for url, values in zip(urls, layers, strict=True) if name in values) for name in names}
    assert {one.name: one.source for one in found} == first


@dataclasses.dataclass
class Page:
    page_size: int


def test_the_first_source_counts_for_a_class_however_it_spells_the_name() -> None:
    assert layered({"page-size": "20"}, {"page_size": "50"}).load(Page) == Page(20)
    assert layered({"page_size": "20"}, {"page-size": "50"}).load(Page) == Page(20)


def test_what_is_below_a_name_goes_before_what_is_at_it_for_a_class() -> None:
    @dataclasses.dataclass
    class Settings:
        page: Page

    assert layered({"page": "x", "page/page_size": "5"}).load(Settings) == Settings(Page(5))


def test_a_source_that_fails_does_not_keep_the_changes_of_another(monkeypatch: pytest.MonkeyPatch) -> None:
    name = secrets.token_hex(4)
    config = holdall.open_config([f"memory://{name}?max_age=3600", "file:///nowhere/settings.toml"])
    told: list[Any] = []
    config.on_change(told.append)
    with holdall.open_config(f"memory://{name}") as admin:
        admin.put("a", 1)
        assert config.get("a") == "1"
        admin.put("a", 2)
    with pytest.raises(holdall.ResourceMissing):
        config.refresh()
    assert (told, config.get("a")) == ([frozenset({"a"})], "2")
