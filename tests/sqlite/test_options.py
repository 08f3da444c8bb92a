"""What a SQLite URL says."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

import holdall
from holdall.urls import parse_url
from holdall_adapters.sqlite.options import Options

from .models import Plain

if TYPE_CHECKING:
    from pathlib import Path


def options(url: str) -> Options:
    return Options.from_url(parse_url(url))


def test_three_slashes_name_a_relative_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert options("sqlite:///data/shop.db").path == os.path.realpath(tmp_path / "data/shop.db")


def test_four_slashes_name_an_absolute_file() -> None:
    assert options("sqlite:////srv/a%20b.db").path == os.path.realpath("/srv/a b.db")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:"])
def test_without_a_file_it_is_in_memory(url: str) -> None:
    assert options(url).path is None


def test_parameters_are_read() -> None:
    read = options("sqlite:///a.db?table=t&timeout=0.5&create=false")
    assert (read.table, read.timeout, read.create) == ("t", 0.5, False)


def test_parameters_have_defaults() -> None:
    read = options("sqlite:///a.db")
    assert (read.table, read.timeout, read.create) == (None, 5.0, True)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://shop.db", "sqlite:///shop.db"),
        ("sqlite:///a.db?tabel=t", "did you mean 'table'"),
        ("sqlite:///a.db?table=", "'table' is empty"),
        ("sqlite:///a.db?timeout=-1", "'timeout' is wrong"),
        ("sqlite:///a.db?timeout=nan", "'timeout' is wrong"),
        ("sqlite:///a.db?timeout=inf", "'timeout' is wrong"),
        ("sqlite:///a.db?create=no", "'create' is wrong"),
        ("sqlite:///dir/", "names no file"),
        ("sqlite:///a%00b", "names no file"),
        ("sqlite:///a.db?table=holdall_transactions", "holdall's own"),
        ("sqlite+pysqlcipher:///a.db", "the drivers of SQLite are pysqlite and aiosqlite"),
        ("sqlite+aiosqlite:///a.db", "open it with open_async_repository"),
    ],
)
def test_a_wrong_url_is_refused_when_it_is_opened(url: str, says: str) -> None:
    with pytest.raises(holdall.ConfigError, match=says):
        holdall.open_repository(url, Plain)


def test_a_database_in_memory_is_refused_on_aiosqlite() -> None:
    with pytest.raises(holdall.ConfigError, match="name a file, or open sqlite://"):
        holdall.open_async_repository("sqlite+aiosqlite://", Plain)


def test_a_missing_package_of_aiosqlite_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "aiosqlite", None)
    with pytest.raises(holdall.ConfigError, match="pip install aiosqlite"):
        holdall.open_async_repository("sqlite+aiosqlite:///a.db", Plain)
