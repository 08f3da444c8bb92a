"""What every driver with a cache in front has, whatever store it is of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .tier import Tier


class Front:
    """
    A driver with a cache in front.

    Attributes:
        inner: The driver of the store, or of another cache in front of it.
        tier: The cache.
    """

    inner: Any
    tier: Tier

    @property
    def native(self) -> Any:
        return self.inner.native

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The caches, the nearest first."""
        return (self.tier, *(self.inner.tiers if isinstance(self.inner, Front) else ()))

    async def close(self) -> None:
        try:
            await self.inner.close()
        finally:
            await self.tier.close()
