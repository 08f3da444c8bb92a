"""What `upload`, `download` and `sync` tell: progress while they run, a report at the end; and a bar to show it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

from ..errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator


class Progress(Protocol):
    """
    A function that is told how far a transfer is, after each part.

    It is called by whichever thread has brought the part, one at a time for each key, and the bytes only grow.
    """

    def __call__(self, key: str, done: int, size: int | None, /) -> None:
        """Take the key, the bytes that are over, and how many there are in all (None: not known)."""
        ...


class SyncStep(NamedTuple):
    """One thing that `sync` did, or would do: "put" and "get" copy a blob, "delete" removes a blob or a file."""

    action: Literal["put", "get", "delete"]
    key: str
    why: str


class Synced(NamedTuple):
    """What `sync` did, in the order of the keys, and how many blobs were the same on both sides."""

    steps: list[SyncStep]
    same: int


@contextmanager
def progress_bar(title: str = "") -> Generator[Progress, None, None]:
    """
    Give a `progress=` that draws a bar of the bytes on the terminal, by the package tqdm.

    Args:
        title: What stands before the bar; by default the key that is on its way.

    Raises:
        ConfigError: tqdm is not installed.
    """
    try:
        from tqdm import tqdm  # pyright: ignore[reportMissingModuleSource, reportUnknownVariableType]
    except ImportError as error:
        raise ConfigError("progress_bar() needs the package 'tqdm': pip install tqdm") from error
    with tqdm(unit="B", unit_scale=True, unit_divisor=1024, desc=title or None) as bar:
        before: dict[str, int] = {}

        def advance(key: str, done: int, size: int | None, /) -> None:
            if key not in before:
                bar.total = (bar.total or 0) + (size or 0)
                if not title:
                    bar.set_description(key, refresh=False)
            bar.update(done - before.get(key, 0))
            before[key] = done

        yield advance
