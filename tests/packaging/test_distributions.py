"""What the distributions hold, and what they say of themselves."""

from __future__ import annotations

import re
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import holdall

if TYPE_CHECKING:
    from email.message import Message

pytestmark = pytest.mark.xdist_group("packaging")  # one build for all
ROOT = Path(__file__).parents[2]
ROOTS = ("src", "adapters")


@pytest.fixture(scope="module")
def inside(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [each for each in archive.namelist() if each.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def sources() -> set[str]:
    files = [(ROOT / root, path) for root in ROOTS for path in (ROOT / root).rglob("*") if path.is_file()]
    return {path.relative_to(root).as_posix() for root, path in files if path.suffix in (".py", ".typed")}


def test_the_wheel_holds_both_packages_and_nothing_else(inside: set[str]) -> None:
    assert {name for name in inside if ".dist-info/" not in name} == sources()


def test_both_packages_are_marked_as_typed(inside: set[str]) -> None:
    assert {"holdall/py.typed", "holdall_adapters/py.typed"} <= inside


def test_the_sdist_has_what_the_wheel_is_built_from_and_no_leavings(sdist: Path) -> None:
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    roots = {name.partition("/")[0] for name in names}
    assert roots == {
        "src", "adapters", "pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "PKG-INFO", ".gitignore",
    }  # fmt: skip
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".db"))] == []


def test_the_metadata_names_version_license_and_pythons(metadata: Message) -> None:
    assert metadata["Version"] == holdall.__version__
    assert (metadata["License-Expression"], metadata["License-File"]) == ("MIT", "LICENSE")
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["Description-Content-Type"] == "text/markdown"


def test_the_classifiers_name_each_python_and_the_types(metadata: Message) -> None:
    found = set(metadata.get_all("Classifier", []))
    assert {f"Programming Language :: Python :: 3.{minor}" for minor in range(10, 14)} <= found
    assert "Typing :: Typed" in found


def test_nothing_is_required_without_an_extra(metadata: Message) -> None:
    required = metadata.get_all("Requires-Dist", [])
    assert [each for each in required if "extra ==" not in each] == []


def test_each_requirement_of_an_extra_has_a_floor(metadata: Message) -> None:
    required = [each for each in metadata.get_all("Requires-Dist", []) if not each.startswith("holdall[")]
    assert [each for each in required if not re.match(r"[\w-]+(\[[\w,]+\])?>=[\d.]+;", each)] == []


def test_the_extras_are_those_of_the_adapters(metadata: Message) -> None:
    assert set(metadata.get_all("Provides-Extra", [])) == {
        "aio", "aioboto3", "aiosql", "all", "aurora", "dotenv", "dynamodb", "encryption", "fsspec", "memcached",
        "mysql", "postgresql", "redis", "s3", "settings", "sql", "ssm", "testing", "toml", "valkey", "yaml",
    }  # fmt: skip
