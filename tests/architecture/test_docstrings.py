"""What is public says what it is."""

from __future__ import annotations

import ast

from .source import ADAPTERS, CORE, KIT, within

MODULES = [*CORE, *KIT, *ADAPTERS]
# Tests of the kit and their record classes, steps of random programs and kinds of values are named for what they are.
NAMED = ("holdall.testing.records", "holdall.testing.blobs", "holdall.testing.steps", "holdall._model.kinds")
# Where methods are public too: what programs and authors of adapters see.
FACES = [module for module in CORE if not any(part.startswith("_") for part in module.name.split("."))]
_WAYS_TO_WAIT = ("BlockingIo", "AsyncIo", "ThreadIo")
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def undocumented(body: list[ast.stmt]) -> list[str]:
    public = [node for node in body if isinstance(node, _DEFINITIONS) and not node.name.startswith("_")]
    told = {node.name for node in public if ast.get_docstring(node)}
    return [node.name for node in public if node.name not in told]  # overloads have one docstring together


def test_each_module_has_a_docstring() -> None:
    assert [module.name for module in MODULES if not ast.get_docstring(module.tree)] == []


def test_public_classes_and_functions_have_docstrings() -> None:
    described = [module for module in MODULES if not within(module.name, *NAMED)]
    assert [f"{one.name}.{name}" for one in described for name in undocumented(one.tree.body)] == []


def test_public_methods_have_docstrings() -> None:
    classes = [node for module in FACES for node in module.tree.body if isinstance(node, ast.ClassDef)]
    # How each way to wait does it is the protocol's to say.
    described = [cls for cls in classes if not cls.name.startswith("_") and cls.name not in _WAYS_TO_WAIT]
    assert [f"{cls.name}.{name}" for cls in described for name in undocumented(cls.body)] == []
