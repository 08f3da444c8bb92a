"""The source, parsed."""

from __future__ import annotations

import ast
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
Function = ast.FunctionDef | ast.AsyncFunctionDef


class Import(NamedTuple):
    """One imported name: `a.b` for `import a.b`, `from a import b` and `import_module("a.b")`."""

    name: str
    typing_only: bool
    in_function: bool

    @property
    def early(self) -> bool:
        """It is imported as soon as the module is."""
        return not self.typing_only and not self.in_function


class Module:
    """One file under an import root."""

    def __init__(self, root: Path, path: Path) -> None:
        self.path = path
        self.package = path.name == "__init__.py"
        parts = path.relative_to(root).with_suffix("").parts
        self.name = ".".join(parts[:-1] if self.package else parts)
        self.text = path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imports(self) -> list[Import]:
        return list(self._imports(self.tree, typing_only=False, in_function=False))

    @cached_property
    def functions(self) -> list[Function]:
        return [node for node in ast.walk(self.tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]

    def loads(self) -> set[str]:
        """Return every name that is imported when the program runs."""
        return {found.name for found in self.imports if not found.typing_only}

    def _imports(self, node: ast.AST, *, typing_only: bool, in_function: bool) -> Iterator[Import]:
        in_function = in_function or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        checked = isinstance(node, ast.If) and ast.unparse(node.test).lstrip("_") == "TYPE_CHECKING"
        otherwise = node.orelse if isinstance(node, ast.If) else []
        for child in ast.iter_child_nodes(node):
            typing = typing_only or (checked and child not in otherwise)
            for name in self._names(child):
                yield Import(name, typing, in_function)
            yield from self._imports(child, typing_only=typing, in_function=in_function)

    def _names(self, node: ast.AST) -> list[Any]:
        if isinstance(node, ast.Import):
            return [alias.name for alias in node.names]
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("import_module", "importlib.import_module"):
            return [node.args[0].value] if isinstance(node.args[0], ast.Constant) else []
        if not isinstance(node, ast.ImportFrom):
            return []
        here = self.name.split(".") if self.package else self.name.split(".")[:-1]
        base = here[: len(here) - node.level + 1] if node.level else []
        return [".".join([*base, *([node.module] if node.module else []), alias.name]) for alias in node.names]


@cache
def modules(root: str) -> tuple[Module, ...]:
    """Return the modules under a folder of the project."""
    return tuple(Module(ROOT / root, path) for path in sorted((ROOT / root).rglob("*.py")))


def within(name: str, *packages: str) -> bool:
    """Return whether a dotted name is one of the packages, or in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def length(function: Function) -> int:
    """Return the lines of a function without its docstring."""
    lines = (function.end_lineno or 0) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is None or len(function.body) == 1:
        return lines
    return lines - ((first.end_lineno or 0) - first.lineno + 1)


CORE = [module for module in modules("src") if not within(module.name, "holdall.testing")]
KIT = [module for module in modules("src") if within(module.name, "holdall.testing")]
ADAPTERS = modules("adapters")
