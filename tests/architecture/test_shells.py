"""The blocking and the asynchronous shells are twins, and hold no logic."""

from __future__ import annotations

import ast
import re

import pytest

from .source import CORE, Function

_SOURCES = {module.name: module.tree for module in CORE}
_PAIRS = [("Query", "AsyncQuery"), ("Transaction", "AsyncTransaction"), ("Repository", "AsyncRepository")]
_AS_BLOCKING = {
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
}
# These hand out an iterator, so they are no coroutines on either side.
_ITERATORS = {"__iter__", "get_many"}
_BRANCHES = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.Try, ast.Match)


def methods(module: str, name: str) -> list[Function]:
    (cls,) = [node for node in _SOURCES[module].body if isinstance(node, ast.ClassDef) and node.name == name]
    return [node for node in cls.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def folded(text: str | None) -> str | None:
    return None if text is None else re.sub(r"\bAsync(?=[A-Z])", "", text).replace("async ", "")


def face(method: Function) -> tuple[str | None, ...]:
    """Return what a caller sees of a method, without what says that it is asynchronous."""
    arguments = folded(ast.unparse(method.args))
    returns = folded(ast.unparse(method.returns)) if method.returns else None
    decorators = " ".join(ast.unparse(each) for each in method.decorator_list)
    name = _AS_BLOCKING.get(method.name, method.name)
    return name, decorators, arguments, returns, folded(ast.get_docstring(method))


@pytest.mark.parametrize(("blocking", "asynchronous"), _PAIRS)
def test_twins_have_the_same_methods_signatures_and_docstrings(blocking: str, asynchronous: str) -> None:
    ours, theirs = methods("holdall.repository", blocking), methods("holdall.async_repository", asynchronous)
    assert [face(method) for method in ours] == [face(method) for method in theirs]


@pytest.mark.parametrize(("blocking", "asynchronous"), _PAIRS)
def test_what_waits_is_a_coroutine_in_the_asynchronous_twin_only(blocking: str, asynchronous: str) -> None:
    ours, theirs = methods("holdall.repository", blocking), methods("holdall.async_repository", asynchronous)
    waits = {method.name for method in ours if "run_blocking" in ast.unparse(method)}
    awaits = {_AS_BLOCKING.get(each.name, each.name) for each in theirs if isinstance(each, ast.AsyncFunctionDef)}
    assert [method.name for method in ours if isinstance(method, ast.AsyncFunctionDef)] == []
    assert waits - _ITERATORS <= awaits


@pytest.mark.parametrize(("module", "name"), [
    *[("holdall.repository", blocking) for blocking, _ in _PAIRS],
    *[("holdall.async_repository", asynchronous) for _, asynchronous in _PAIRS],
])  # fmt: skip
def test_a_shell_decides_nothing(module: str, name: str) -> None:
    found = [each.name for each in methods(module, name) if any(isinstance(x, _BRANCHES) for x in ast.walk(each))]
    assert found == []
