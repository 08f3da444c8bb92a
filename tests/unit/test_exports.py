"""The public doors, and what opening them loads."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import pytest

import holdall

# What importing holdall may load of the standard library, without names that begin with "_". Another one is a matter of
# cold starts: measure it, and import it where it is used if few programs need it.
LIGHT = {
    "abc", "codecs", "collections", "contextlib", "contextvars", "copy", "copyreg", "datetime", "decimal", "enum",
    "functools", "genericpath", "importlib", "io", "ipaddress", "itertools", "keyword", "math", "numbers", "operator",
    "os", "posixpath", "re", "reprlib", "sre_compile", "sre_constants", "sre_parse", "stat", "string",
    "sys", "time", "types", "typing", "urllib", "warnings", "weakref", "zipimport",
}  # fmt: skip
HEAVY = {
    "aioboto3", "asyncio", "attr", "boto3", "botocore", "concurrent.futures", "dataclasses", "importlib.metadata",
    "inspect", "logging", "pydantic", "sqlalchemy", "ssl", "subprocess", "typing_extensions",
}  # fmt: skip
OPEN = """
import holdall
store = holdall.open_repository({url!r}, holdall.Schema(dict, fields={{"id": str}}, partition="id", table="notes"))
"""
USE = """
store.put({"id": "a"})
assert store.query(holdall.F.id == "a").all() == [store.get("a")]
"""


def loaded(code: str) -> set[str]:
    """Return the modules that a program loads beside those of a bare interpreter."""
    program = f"import sys\nbefore = set(sys.modules)\n{code}\nprint(*(set(sys.modules) - before), sep='\\n')"
    # Without site, whose .pth files import on their own.
    command = [sys.executable, "-S", "-c", program]
    path = os.pathsep.join(entry for entry in sys.path if entry)
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": path}
    )
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def test_all_of_holdall_is_sorted_and_complete() -> None:
    assert holdall.__all__ == sorted(holdall.__all__)
    assert set(holdall.__all__) - {"__version__"} == public(holdall) | set(holdall._LATE)


def test_what_comes_late_is_there() -> None:
    assert [name for name in holdall._LATE if not callable(getattr(holdall, name))] == []
    with pytest.raises(AttributeError, match="no attribute 'BlobShop'"):
        holdall.BlobShop  # noqa: B018 - asked for its effect


@pytest.mark.parametrize("name", [
    "holdall.testing", "holdall.testing.dynamodb", "holdall_adapters.memory", "holdall_adapters.files",
    "holdall_adapters.sqlite", "holdall_adapters.dynamodb", "holdall_adapters.env", "holdall_adapters.ssm",
])  # fmt: skip
def test_all_of_a_package_names_what_is_there_and_nothing_is_public_beside_it(name: str) -> None:
    package = import_module(name)
    assert [each for each in package.__all__ if not hasattr(package, each)] == []
    assert public(package) - {"Any"} <= set(package.__all__)


def public(package: ModuleType) -> set[str]:
    own = {name for name, value in vars(package).items() if not isinstance(value, ModuleType)}
    return {name for name in own if not name.startswith("_")} - {"annotations", "TYPE_CHECKING"}


def test_importing_holdall_loads_the_light_part_of_the_standard_library_only() -> None:
    roots = {name.partition(".")[0] for name in loaded("import holdall")} - {"holdall"}
    assert {name for name in roots if not name.startswith("_")} - LIGHT == set()


def test_importing_holdall_loads_nothing_heavy() -> None:
    assert loaded("import holdall") & HEAVY == set()


def test_a_program_on_memory_loads_nothing_heavy() -> None:
    assert loaded(OPEN.format(url="memory://") + USE) & HEAVY == set()


def test_opening_dynamodb_loads_no_sdk_and_no_asyncio() -> None:
    assert loaded(OPEN.format(url="dynamodb://notes?region=eu-west-1")) & (HEAVY - {"dataclasses", "inspect"}) == set()


CONFIG = """
import os, holdall
os.environ["SHOP_PORT"] = "1"
config = holdall.open_config([{url!r}, "env:///SHOP_"])
"""


def test_importing_holdall_loads_nothing_of_configuration() -> None:
    late = {"config", "config_drivers", "secret", "references", "_engine.config", "_engine.indirect"}
    assert loaded("import holdall") & {f"holdall.{name}" for name in late} == set()


def test_a_program_with_settings_loads_nothing_heavy() -> None:
    program = CONFIG.format(url="memory://") + "assert config.get('port', int) == 1"
    assert loaded(program) & {*HEAVY, "json", "random"} == set()


def test_opening_parameter_store_loads_no_sdk_and_no_asyncio() -> None:
    program = CONFIG.format(url="ssm:///shop?region=eu-west-1")
    assert loaded(program) & (HEAVY - {"dataclasses", "inspect"}) == set()


def test_opening_sqlite_does_not_load_what_dynamodb_needs() -> None:
    assert loaded(OPEN.format(url="sqlite://")) & {"boto3", "botocore", "aioboto3", "holdall.aio"} == set()
