"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """
    Sizes of a run.

    Attributes:
        quick: A smoke run: everything once, with small numbers. Its timings mean nothing.
        server: The URL of a real DynamoDB server, "dynalite" for one of the run's own, or None.
    """

    quick: bool = False
    server: str | None = None

    def rounds(self, full: int = 40) -> int:
        """Return how often each contender has its turn: many short turns, so that drift falls on all alike."""
        return 2 if self.quick else full

    def calls(self, full: int) -> int:
        """Return how many calls a turn has."""
        return max(1, full // 10) if self.quick else full

    def size(self, full: int) -> int:
        """Return how many records a large task has."""
        return full // 50 if self.quick else full
