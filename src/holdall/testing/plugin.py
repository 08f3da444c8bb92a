"""
The kit's pytest plugin: `pytest_plugins = ["holdall.testing.plugin"]` in conftest.py, or `-p holdall.testing.plugin`.

It registers the mark `needs`, skips what a test class says its backend `lacks`, and expects to fail what the class
says is `broken`: a fault of the server under test, which is noticed again as soon as it is mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

import pytest

from .needs import NEEDS

if TYPE_CHECKING:
    from collections.abc import Iterator

pytest.register_assert_rewrite(
    "holdall.testing.records", "holdall.testing.blobs", "holdall.testing.config", "holdall.testing.caches"
)


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line("markers", "needs(capability, ...): skip where the test class's `lacks` names one of them")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can't be asked of the backend at hand."""
    for item in items:
        cls: Any = getattr(item, "cls", None)
        if hasattr(cls, "lacks"):
            _mark(item, _lacked(cls), cast("Mapping[str, str]", getattr(cls, "broken", {})))


def _mark(item: pytest.Item, lacks: Mapping[str, str], broken: Mapping[str, str]) -> None:
    for name in _needed(item):
        if name in lacks:
            item.add_marker(pytest.mark.skip(reason=f"lacks {name}: {lacks[name]}"))
    for name in {item.name, getattr(item, "originalname", item.name), _without_kind(item.name)} & set(broken):
        item.add_marker(pytest.mark.xfail(reason=broken[name], strict=True))


def _without_kind(name: str) -> str:
    """Return a test's name for both shells: `test_x[a]` for `test_x[sync-a]`."""
    return name.replace("[sync-", "[").replace("[async-", "[")


def _needed(item: pytest.Item) -> Iterator[str]:
    for mark in item.iter_markers("needs"):
        for name in mark.args:
            yield _known(name, f"@pytest.mark.needs of {item.nodeid}")


def _lacked(cls: Any) -> dict[str, str]:
    lacks = cast("Mapping[str, str] | frozenset[str]", cls.lacks)
    given = dict(lacks) if isinstance(lacks, Mapping) else dict.fromkeys(lacks, "declared by the test class")
    return {_known(name, f"{cls.__name__}.lacks"): reason for name, reason in given.items()}


def _known(name: str, where: str) -> str:
    if name not in NEEDS:
        raise pytest.UsageError(f"{where} names {name!r}, which the kit doesn't know; known: {', '.join(NEEDS)}")
    return name
