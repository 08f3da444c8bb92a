"""Files and functions are short."""

from __future__ import annotations

from statistics import median

import pytest

from .source import Module, length, modules

ROOTS = ("src", "adapters", "tests", "examples", "benchmarks", "docs")


def at(module: Module) -> str:
    return str(module.path.relative_to(module.path.parents[len(module.name.split("."))]))


@pytest.mark.parametrize("root", ROOTS)
def test_no_file_has_more_than_500_lines(root: str) -> None:
    assert {at(one): n for one in modules(root) if (n := len(one.text.splitlines())) > 500} == {}


@pytest.mark.parametrize("root", ROOTS)
def test_no_function_has_more_than_40_lines(root: str) -> None:
    found = {f"{at(one)}:{each.lineno}": length(each) for one in modules(root) for each in one.functions}
    assert {place: lines for place, lines in found.items() if lines > 40} == {}


@pytest.mark.parametrize("root", ROOTS)
def test_half_of_the_functions_have_fewer_than_10_lines(root: str) -> None:
    assert median(length(each) for one in modules(root) for each in one.functions) < 10
