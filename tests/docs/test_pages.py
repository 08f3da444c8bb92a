"""Every page runs: no snippet in the README or the documentation is left out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs.blocks import EVALUATORS, run_page

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=[page.relative_to(ROOT).as_posix() for page in PAGES])

_FENCE = re.compile(r"^ *```(.*)$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^)\s]+)\)")


@EACH_PAGE
def test_the_page_runs_as_it_is_written(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_page(page) == len(_languages(page))


@EACH_PAGE
def test_every_block_of_the_page_is_of_a_language_that_is_run(page: Path) -> None:
    assert set(_languages(page)) <= EVALUATORS.keys()


@EACH_PAGE
def test_the_links_of_the_page_lead_somewhere(page: Path) -> None:
    links = [link for link in _LINK.findall(page.read_text()) if "://" not in link]
    lost = [link for link in links if not _exists(page, link)]
    assert lost == []


def _languages(page: Path) -> list[str]:
    return _FENCE.findall(page.read_text())[::2]


def _exists(page: Path, link: str) -> bool:
    path, _, anchor = link.partition("#")
    target = page if not path else (page.parent / path).resolve()
    if not target.exists():
        return False
    return not anchor or anchor in {_anchor(line) for line in target.read_text().splitlines() if line.startswith("#")}


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w -]", "", heading.lstrip("#").strip().lower()).replace(" ", "-")
