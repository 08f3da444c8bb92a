"""Opening repositories that are closed at the end of a test."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest

import holdall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def opened() -> Iterator[Callable[..., holdall.Repository[Any]]]:
    """Open like `holdall.open_repository`."""
    with ExitStack() as stack:
        yield lambda *args, **options: stack.enter_context(holdall.open_repository(*args, **options))
