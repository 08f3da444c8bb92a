"""The conformance kit itself: its tests, its plugin, its faulty driver."""

from __future__ import annotations

import contextlib
import inspect
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from holdall._frozen import replace
from holdall.drivers import PageOfItems, Read, Write, WriteRefused, Written
from holdall.testing import BlobConformance, ConfigConformance, RecordConformance
from holdall.testing.differential import ProgramConformance
from holdall.testing.faults import FaultyDriver as Faulty

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "test-your-adapter.md"


@pytest.mark.parametrize("kit", [RecordConformance, BlobConformance, ConfigConformance])
def test_no_test_of_the_kit_hides_another(kit: type) -> None:
    classes = [cls for cls in inspect.getmro(kit) if cls.__module__.startswith("holdall.testing")]
    names = Counter(name for cls in classes for name in vars(cls) if name.startswith("test_"))
    assert [name for name, times in names.items() if times > 1] == []


@pytest.mark.parametrize("kit", [RecordConformance, BlobConformance, ConfigConformance])
def test_the_classes_of_the_kit_carry_no_marks_which_all_tests_would_inherit(kit: type) -> None:
    assert not hasattr(kit, "pytestmark")


class Forgets(Faulty):
    """Deletes nothing."""

    async def write(self, write: Write) -> Written:
        return Written() if write.verb == "delete" else await super().write(write)


class Overwrites(Faulty):
    """Looks at no condition of a put."""

    async def write(self, write: Write) -> Written:
        return await super().write(replace(write, condition=None) if write.verb == "put" else write)


class Unordered(Faulty):
    """Gives the records of a page the other way round."""

    async def read(self, read: Read) -> PageOfItems:
        page = await super().read(read)
        return replace(page, items=page.items[::-1])


class Loses(Faulty):
    """Loses a record at the end of every page that is not the last."""

    async def read(self, read: Read) -> PageOfItems:
        page = await super().read(read)
        return page if page.after is None else replace(page, items=page.items[:-1], count=page.count - 1)


class Unfiltered(Faulty):
    """Filters nothing."""

    async def read(self, read: Read) -> PageOfItems:
        return await super().read(replace(read, filter=None))


class HalfDone(Faulty):
    """Does the first part of a transaction whatever becomes of the rest."""

    async def transact(self, parts: Any, token: str | None) -> None:
        with contextlib.suppress(WriteRefused):
            await parts[0][0].inside.write(replace(parts[0][1], wants_new=False))
        await super().transact(parts, None)


class _Mutant(ProgramConformance):
    driver: type[Faulty] = Faulty
    examples = 60
    shrink = False

    def open_store(self, url: str, model: Any, *, asynchronous: bool, **options: Any) -> Any:
        repository: Any = super().open_store("memory://", model, asynchronous=asynchronous, **options)
        repository.engine.driver = self.driver(repository.engine.driver, repository.engine.io)
        return repository


@pytest.mark.parametrize("driver", [Forgets, Overwrites, Unordered, Loses, Unfiltered, HalfDone])
def test_the_differential_test_finds_a_driver_that(driver: type[Faulty]) -> None:
    mutant = type("Mutant", (_Mutant,), {"driver": driver})()
    with pytest.raises(AssertionError):
        mutant.test_programs_agree_with_the_oracle(lambda table: table, "sync")


def _run_as_the_guide_says(folder: Path, *options: str) -> str:
    conftest, tests = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)[:2]
    (folder / "conftest.py").write_text(conftest)
    (folder / "test_mine.py").write_text(tests)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", *options]
    paths = os.pathsep.join(str(ROOT / part) for part in ("src", "adapters"))
    # Of this run's own plugins the other one is to know nothing.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    done = subprocess.run(
        command, cwd=folder, env={**environment, "PYTHONPATH": paths}, check=False, capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_a_third_party_runs_the_kit_as_the_guide_says(tmp_path: Path) -> None:
    said = _run_as_the_guide_says(tmp_path, "--strict-markers", "-rs", "-k", "delete or missing_table or programs")
    assert " passed" in said, said
    assert " failed" not in said, said
    assert "lacks missing_tables: a table is made when it is first used" in said, said


def test_an_unknown_capability_in_lacks_is_an_error_that_names_those_known(tmp_path: Path) -> None:
    wrong = "import test_mine\n\n\nclass TestWrong(test_mine.TestRecords):\n    lacks = {'transaction'}\n"
    (tmp_path / "test_wrong.py").write_text(wrong)
    said = _run_as_the_guide_says(tmp_path)
    assert "TestWrong.lacks names 'transaction', which the kit doesn't know; known: transactions, " in said
