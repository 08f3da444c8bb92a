"""What is public says what it is."""

from __future__ import annotations

import ast

import pytest

from .source import ADAPTERS, CORE, KIT, Module, within

MODULES = [*CORE, *KIT, *ADAPTERS]
# The tests of the kit and their record classes, and the kinds of values, are named for what they are.
NAMED = ("holdall.testing.records", "holdall._model.kinds")
# Where methods are public too: what programs and authors of adapters see.
FACES = [module for module in CORE if not any(part.startswith("_") for part in module.name.split("."))]
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def undocumented(body: list[ast.stmt]) -> list[str]:
    public = [node for node in body if isinstance(node, _DEFINITIONS) and not node.name.startswith("_")]
    told = {node.name for node in public if ast.get_docstring(node)}
    return [node.name for node in public if node.name not in told]  # overloads have one docstring together


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_a_module_has_a_docstring(module: Module) -> None:
    assert ast.get_docstring(module.tree)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_public_classes_and_functions_have_docstrings(module: Module) -> None:
    assert within(module.name, *NAMED) or undocumented(module.tree.body) == []


@pytest.mark.parametrize("module", FACES, ids=lambda module: module.name)
def test_public_methods_have_docstrings(module: Module) -> None:
    classes = [node for node in module.tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    # How each way to wait does it is the protocol's to say.
    described = [cls for cls in classes if cls.name not in ("BlockingIo", "AsyncIo", "ThreadIo")]
    assert {cls.name: found for cls in described if (found := undocumented(cls.body))} == {}
