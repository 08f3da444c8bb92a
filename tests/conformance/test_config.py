"""The kit of configuration on every source that needs no server."""

from __future__ import annotations

import json
import os
import secrets
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from holdall.testing import ConfigConformance
from holdall.testing.config import ChangeTests, ListingTests, ReadingTests, WritingTests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_NONE = "it holds what is there now, and nothing more"
_READ = {
    "writable": "it is only read", "parameter_versions": _NONE, "labels": _NONE, "parameter_tags": _NONE,
}  # fmt: skip
_TEXTS = "it holds texts only"
_VARIABLES = "names of variables are in capitals"


class TestMemory(ConfigConformance):
    lacks: ClassVar[Mapping[str, str]] = {"native_values": "what is put becomes text"}

    @pytest.fixture
    def config_url(self) -> str:
        return f"memory://{secrets.token_hex(8)}"


class TestLayers(ReadingTests, WritingTests, ListingTests, ChangeTests):
    """Memory behind a source in which nothing is."""

    lacks: ClassVar[Mapping[str, str]] = {**TestMemory.lacks, "exact_names": "the first source folds them"}

    @pytest.fixture
    def config_url(self) -> str:
        return f"memory://{secrets.token_hex(8)}"

    # Memory itself folds nothing.
    test_names_are_one_in_any_capitals_where_the_source_declares_it = None

    def open_config(self, url: Any, *, asynchronous: bool, **options: Any) -> Any:
        empty = f"env:///NONE_{secrets.token_hex(8)}_"
        return super().open_config([empty, url], asynchronous=asynchronous, **options)


class TestEnvironment(ConfigConformance):
    lacks: ClassVar[Mapping[str, str]] = {**_READ, "native_values": _TEXTS, "exact_names": _VARIABLES}

    @pytest.fixture
    def config_url(self) -> Iterator[str]:
        self.prefix = f"KIT{secrets.token_hex(8).upper()}_"
        yield f"env:///{self.prefix}"
        self.given({})

    def given(self, values: Mapping[str, str]) -> None:
        for name in [name for name in os.environ if name.startswith(self.prefix)]:
            del os.environ[name]
        for name, value in values.items():
            os.environ[self.prefix + name.replace("/", "__").upper()] = value


def _nested(values: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        *branches, leaf = name.split("/")
        place = tree
        for branch in branches:
            place = place.setdefault(branch, {})
        place[leaf] = value
    return tree


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        named = (f"{json.dumps(name)} = {_toml(each)}" for name, each in value.items() if each is not None)
        return f"{{ {', '.join(named)} }}"
    return json.dumps(value, ensure_ascii=False)


class Files(ConfigConformance):
    """A file of settings that is written anew for each test."""

    lacks: ClassVar[Mapping[str, str]] = _READ
    name: ClassVar[str]

    @pytest.fixture
    def config_url(self, tmp_path: Path) -> str:
        self.path = tmp_path / self.name
        self.given({})
        return f"file://{self.path}"

    def given(self, values: Mapping[str, Any]) -> None:
        self.path.write_text(self.text(_nested(values)), encoding="utf-8")

    def text(self, tree: dict[str, Any]) -> str:
        raise NotImplementedError


class TestToml(Files):
    name = "settings.toml"

    def text(self, tree: dict[str, Any]) -> str:
        return "\n".join(f"{json.dumps(name)} = {_toml(each)}" for name, each in tree.items() if each is not None)


class TestJson(Files):
    name = "settings.json"

    def text(self, tree: dict[str, Any]) -> str:
        return json.dumps(tree)


class TestYaml(Files):
    name = "settings.yaml"

    def text(self, tree: dict[str, Any]) -> str:
        return _yaml(tree) if tree else ""


def _yaml(tree: dict[str, Any], indent: str = "") -> str:
    """Return a tree in blocks, as YAML is written by hand; the leaves as JSON, which is YAML too."""
    lines: list[str] = []
    for name, value in tree.items():
        leaf = json.dumps(value, ensure_ascii=False)
        below = f"\n{_yaml(value, f'{indent}  ')}" if isinstance(value, dict) else f" {leaf}\n"
        lines.append(f"{indent}{name}:{below}")
    return "".join(lines)


class TestDotenv(Files):
    name = ".env"
    lacks: ClassVar[Mapping[str, str]] = TestEnvironment.lacks

    def given(self, values: Mapping[str, str]) -> None:
        lines = (f"{name.replace('/', '__').upper()}={_quoted(value)}\n" for name, value in values.items())
        self.path.write_text("# settings\n" + "".join(lines), encoding="utf-8")


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
