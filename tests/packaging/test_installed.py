"""The wheel works where nothing else is installed, and as it lies in a zip."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# One build and one environment for all.
pytestmark = pytest.mark.xdist_group("packaging")

USE = """
from dataclasses import dataclass
import holdall

@dataclass
class Note:
    id: holdall.Key[str]
    text: str = ""

with holdall.open_repository("memory://", Note) as notes:
    notes.put(Note("a", "hello"))
    print(notes.query(holdall.F.id == "a").all(), holdall.__file__)
"""
OPEN = """
from dataclasses import dataclass
import holdall

@dataclass
class Note:
    id: holdall.Key[str]

try:
    holdall.{opener}({url!r}, Note)
except holdall.ConfigError as error:
    print(error)
"""


def test_the_core_needs_nothing_else(bare: Path, run: Callable[..., str]) -> None:
    printed = run(bare, USE)
    assert printed.startswith("[Note(id='a', text='hello')]")
    assert str(bare.parents[1]) in printed


@pytest.mark.parametrize("opener", ["open_repository", "open_async_repository"])
@pytest.mark.parametrize(("url", "package", "extra"), [
    ("sqlite://", "sqlalchemy", "sql"),
    ("sqlite:///notes.db", "sqlalchemy", "sql"),
    ("dynamodb://notes?region=eu-west-1", "boto3", "dynamodb"),
])  # fmt: skip
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    bare: Path, run: Callable[..., str], opener: str, url: str, package: str, extra: str
) -> None:
    scheme = url.partition(":")[0]
    printed = run(bare, OPEN.format(opener=opener, url=url))
    # DynamoDB needs it only for some reason, which is said.
    assert printed.startswith(f"{scheme}:// needs the package '{package}'")
    assert printed.endswith(f": pip install 'holdall[{extra}]'\n")


LEAN = """
import os
for name in [name for name in os.environ if name.startswith("AWS_") or name.lower().endswith("_proxy")]:
    del os.environ[name]
os.environ.update(AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY="s", AWS_CONFIG_FILE=os.devnull,
                  AWS_SHARED_CREDENTIALS_FILE=os.devnull)
import holdall
notes = holdall.open_repository("dynamodb://notes?region=eu-west-1&endpoint=http://127.0.0.1:1&client=lean",
                                holdall.Schema(dict, partition="id", fields={"id": str}),
                                retry=holdall.RetryPolicy(attempts=1))
try:
    notes.get("a")
except holdall.Unavailable as error:
    print(error)
try:
    notes.native
except holdall.ConfigError as error:
    print(error)
"""


def test_the_lean_client_needs_no_boto3(bare: Path, run: Callable[..., str]) -> None:
    tried, native = run(bare, LEAN).splitlines()
    assert tried == "DynamoDB can't be reached for GetItem on notes"
    assert native == "dynamodb:// needs the package 'boto3' for its own client: pip install 'holdall[dynamodb]'"


def test_the_request_validator_needs_no_test_runner(bare: Path, run: Callable[..., str]) -> None:
    assert run(bare, "from holdall.testing.dynamodb import validate; print(validate.__name__)") == "validate\n"


def test_the_wheel_works_as_it_lies_in_a_zip(wheel: Path, run: Callable[..., str]) -> None:
    printed = run(sys.executable, f"import sys; sys.path.insert(0, {str(wheel)!r})\n{USE}")
    assert printed.startswith("[Note(id='a', text='hello')]")
    assert str(wheel) in printed


def test_sqlite_works_from_a_zip(wheel: Path, run: Callable[..., str]) -> None:
    code = USE.replace("memory://", "sqlite://").replace("as notes:\n", "as notes:\n    notes.provision()\n")
    printed = run(sys.executable, f"import sys; sys.path.insert(0, {str(wheel)!r})\n{code}")
    assert printed.startswith("[Note(id='a', text='hello')]")
    assert str(wheel) in printed


def test_dynamodb_opens_from_a_zip(wheel: Path, run: Callable[..., str]) -> None:
    code = OPEN.format(opener="open_repository", url="dynamodb://notes?region=eu-west-1") + "print('opened')"
    assert run(sys.executable, f"import sys; sys.path.insert(0, {str(wheel)!r})\n{code}") == "opened\n"
