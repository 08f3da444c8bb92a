"""The blocking and the asynchronous shells are twins, and hold no logic."""

from __future__ import annotations

import ast
import re

import pytest

from .source import CORE, Function

_SOURCES = {module.name: module.tree for module in CORE}
_HOMES = {"holdall.repository": "holdall.async_repository", "holdall.blobs.store": "holdall.blobs.async_store",
          "holdall.config.store": "holdall.config.async_store"}  # fmt: skip
_PAIRS = [
    ("holdall.repository", "Query"), ("holdall.repository", "Transaction"), ("holdall.repository", "Repository"),
    ("holdall.blobs.store", "BlobListing"), ("holdall.blobs.store", "BlobStore"), ("holdall.config.store", "Config"),
]  # fmt: skip
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
    if text is None:
        return None
    text = re.sub(r"\bAsync(?=[A-Z])", "", text).replace("async ", "")
    # An asynchronous store takes asynchronous iterables too, and text is read by a class of its own.
    return text.replace(" | Iterable[Bytes] | Iterable[Bytes]", " | Iterable[Bytes]").replace(
        "BlobTextReader", "TextIOWrapper"
    ).replace("open_async_blobs", "open_blobs").replace("open_async_config", "open_config")  # fmt: skip


def face(method: Function) -> tuple[str | None, ...]:
    """Return what a caller sees of a method, without what says that it is asynchronous."""
    arguments = folded(ast.unparse(method.args))
    returns = folded(ast.unparse(method.returns)) if method.returns else None
    decorators = " ".join(ast.unparse(each) for each in method.decorator_list)
    name = _AS_BLOCKING.get(method.name, method.name)
    return name, decorators, arguments, returns, folded(ast.get_docstring(method))


def twins(module: str, name: str) -> tuple[list[Function], list[Function]]:
    return methods(module, name), methods(_HOMES[module], f"Async{name}")


@pytest.mark.parametrize(("module", "name"), _PAIRS)
def test_twins_have_the_same_methods_signatures_and_docstrings(module: str, name: str) -> None:
    ours, theirs = twins(module, name)
    assert [face(method) for method in ours] == [face(method) for method in theirs]


@pytest.mark.parametrize(("module", "name"), _PAIRS)
def test_what_waits_is_a_coroutine_in_the_asynchronous_twin_only(module: str, name: str) -> None:
    ours, theirs = twins(module, name)
    waits = {method.name for method in ours if "run_blocking" in ast.unparse(method)}
    awaits = {_AS_BLOCKING.get(each.name, each.name) for each in theirs if isinstance(each, ast.AsyncFunctionDef)}
    assert [method.name for method in ours if isinstance(method, ast.AsyncFunctionDef)] == []
    assert waits - _ITERATORS <= awaits


@pytest.mark.parametrize(("module", "name"), [
    *_PAIRS, *[(_HOMES[module], f"Async{name}") for module, name in _PAIRS],
])  # fmt: skip
def test_a_shell_decides_nothing(module: str, name: str) -> None:
    found = [each.name for each in methods(module, name) if any(isinstance(x, _BRANCHES) for x in ast.walk(each))]
    assert found == []
