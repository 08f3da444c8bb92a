"""Checks that the shell commands in the pages name what exists: targets, extras, groups, modules."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from examples.airports import demo
from holdall.testing.data_api import __main__ as data_api

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def check(line: str) -> None:
    """
    Check one command line.

    Raises:
        AssertionError: It names something that is not there, or is a command that no check knows.
    """
    words = shlex.split(line, comments=True)
    name = " ".join(words[:3]) if words[:2] == ["python", "-m"] else words[0]
    assert name in _CHECKS, f"no check knows the command {line!r}"
    _CHECKS[name](words)


def _make(words: list[str]) -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(words[1:]) <= targets, f"the Makefile has no target {sorted(set(words[1:]) - targets)}"


def _pip(words: list[str]) -> None:
    lists = set(re.findall(r"^([\w-]+) = \[", (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    for i, word in enumerate(words):
        asked = re.search(r"\[(.*)\]", word)
        assert asked is None or set(asked[1].split(",")) <= lists, f"no such extra: {word}"
        assert words[i - 1] != "--group" or word in lists, f"no such group: {word}"


def _airports(words: list[str]) -> None:
    demo.parser().parse_args(words[3:])


def _data_api(words: list[str]) -> None:
    data_api.parser().parse_args(words[3:])


_CHECKS: dict[str, Callable[[list[str]], None]] = {
    "make": _make,
    "pip": _pip,
    "python -m examples.airports": _airports,
    "python -m holdall.testing.data_api": _data_api,
}
