"""Adapters: each for itself, waiting by `Io` alone, and all of one shape."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

from .source import ADAPTERS, ROOT, Module, within

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = "holdall_adapters"
SDKS = ("aioboto3", "boto3", "botocore", "holdall_adapters._aws", "pymemcache", "redis", "sqlalchemy", "valkey")
NAMES = sorted(path.name for path in (ROOT / "adapters" / PACKAGE).iterdir() if (path / "__init__.py").exists())
PUBLIC = [name for name in NAMES if not name.startswith("_")]
SHARED = tuple(f"{PACKAGE}.{name}" for name in NAMES if name.startswith("_"))


def files_of(adapter: str) -> set[str]:
    """Return the names of the files and folders of an adapter."""
    inside = (ROOT / "adapters" / PACKAGE / adapter).iterdir()
    return {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}


def modules_of(adapter: str) -> list[Module]:
    return [module for module in ADAPTERS if within(module.name, f"{PACKAGE}.{adapter}")]


def is_over_an_sdk(adapter: str) -> bool:
    return any(within(name, *SDKS) for module in modules_of(adapter) for name in module.loads())


def is_a_store(adapter: str) -> bool:
    """Return whether an adapter serves records, blobs or configuration, not only caches."""
    within_init = next(module for module in modules_of(adapter) if module.name == f"{PACKAGE}.{adapter}")
    named = {node.name for node in within_init.functions} | {name.rpartition(".")[2] for name in within_init.loads()}
    return bool(named & {"open_records", "open_blobs", "open_config"})


def shares(adapter: str, module: str) -> bool:
    """Return whether an adapter uses a module that several share."""
    return any(within(name, f"{PACKAGE}.{module}") for one in modules_of(adapter) for name in one.loads())


def loads() -> Iterator[tuple[Module, str]]:
    """Yield every import of every adapter."""
    return ((module, name) for module in ADAPTERS for name in module.loads())


def calls(module: Module) -> list[ast.Call]:
    return [node for node in ast.walk(module.tree) if isinstance(node, ast.Call)]


def test_an_adapter_imports_no_other_adapter() -> None:
    inner = [(module.name, name) for module, name in loads() if within(name, PACKAGE) and not within(name, *SHARED)]
    assert [(own, name) for own, name in inner if own.split(".")[1:2] != name.split(".")[1:2]] == []


def test_an_adapter_does_not_import_asyncio() -> None:
    assert [(module.name, name) for module, name in loads() if within(name, "asyncio", "concurrent")] == []


def test_what_needs_asyncio_is_imported_only_where_it_is_used() -> None:
    # That is `holdall.aio`, and the modules that are called aio_..., since all of them is about it.
    early = [(module.name, found.name) for module in ADAPTERS for found in module.imports if found.early]
    needs = [(own, name) for own, name in early if within(name, "holdall.aio") or ".aio_" in name]
    assert [(own, name) for own, name in needs if ".aio_" not in own] == []


def test_an_adapter_waits_by_io_alone() -> None:
    waits = {"time.sleep", "sleep", "threading.Thread", "threading.Event", "threading.Condition"}
    called = {(module.name, ast.unparse(node.func)) for module in ADAPTERS for node in calls(module)}
    assert [(own, name) for own, name in called if name in waits] == []


@pytest.mark.parametrize("adapter", PUBLIC)
def test_an_adapter_has_its_options_and_its_driver(adapter: str) -> None:
    assert files_of(adapter) >= {"__init__", "options", "driver"}


@pytest.mark.parametrize("adapter", PUBLIC)
def test_an_adapter_over_an_sdk_has_its_client_and_its_errors(adapter: str) -> None:
    # Memory has no client to make and no errors to translate.
    assert is_over_an_sdk(adapter) == (files_of(adapter) >= {"client", "errors"})


@pytest.mark.parametrize("adapter", PUBLIC)
def test_an_adapter_of_a_store_over_an_sdk_has_its_schema(adapter: str) -> None:
    # Memory has no table to declare, and a cache is there before anybody asks.
    shared = {"schema"} if shares(adapter, "_sql.schema") else set[str]()
    declares = is_over_an_sdk(adapter) and is_a_store(adapter)
    assert declares == (files_of(adapter) | shared >= {"schema"})


@pytest.mark.parametrize("adapter", PUBLIC)
def test_an_adapter_says_in_one_place_how_values_lie_in_its_store(adapter: str) -> None:
    # The adapters of SQL databases share theirs.
    assert ("wire" in files_of(adapter)) != shares(adapter, "_sql.driver")


# In capitals, as SQL is written: messages and docstrings use the same words in small letters.
_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WHERE|FROM|PRAGMA|BEGIN|VALUES)\b")
_RAW = {"text", "exec_driver_sql", "literal_column"}


def built_texts(module: Module) -> Iterator[str]:
    """Yield the texts that are put together at run time: f-strings, `%`, `+` and `.format()`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Mod)):
            yield " ".join(str(side.value) for side in (node.left, node.right) if isinstance(side, ast.Constant))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            yield ast.unparse(node.func.value)


def test_no_sql_is_put_together_from_texts() -> None:
    assert [(one.name, text) for one in ADAPTERS for text in built_texts(one) if _SQL.search(text)] == []


def test_sql_given_as_text_is_a_constant() -> None:
    raw = [node for module in ADAPTERS for node in calls(module) if ast.unparse(node.func).rpartition(".")[2] in _RAW]
    assert raw
    assert [ast.unparse(node) for node in raw if node.args and not isinstance(node.args[0], ast.Constant)] == []
