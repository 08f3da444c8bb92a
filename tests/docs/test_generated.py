"""The generated parts of the pages are those of the code as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import generate

PAGES = sorted(page for page in generate.DOCS.glob("**/*.md") if "<!-- generated:" in page.read_text())


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_the_generated_parts_of_the_page_are_current(page: Path) -> None:
    text = page.read_text()
    assert generate.render(text) == text, "run: python docs/generate.py"


def test_every_blob_store_has_a_page_with_its_capabilities() -> None:
    for store in generate.BLOB_STORES:
        assert f"<!-- generated: blobs {store} -->" in (generate.DOCS / "stores" / f"{store}.md").read_text()


def test_every_store_has_a_page_with_its_parameters_and_capabilities() -> None:
    for store in generate.STORES:
        text = (generate.DOCS / "stores" / f"{store}.md").read_text()
        assert f"<!-- generated: parameters {store} -->" in text
        assert f"<!-- generated: capabilities {store} -->" in text
