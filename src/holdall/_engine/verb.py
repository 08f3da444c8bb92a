"""The block in which one verb of a store runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ClosedError, HoldallError

if TYPE_CHECKING:
    from typing import Any, Protocol

    class Owner(Protocol):
        """An open store."""

        closed: bool

        @property
        def title(self) -> str:
            """What it is, in words."""
            ...

        @property
        def capabilities(self) -> Any:
            """What it can do, with its `name`."""
            ...

        def words_of(self, target: object) -> object:
            """Return the key of what a verb is about, as the program writes it; None where it has none."""
            ...


class Verb:
    """
    Says in every error which verb, key and backend it was. A class, since a generator would cost more at each call.

    Raises:
        ClosedError: (on entering) the store is closed.
    """

    __slots__ = ("_operation", "_owner", "_target")

    def __init__(self, owner: Owner, operation: str, target: object) -> None:
        self._owner = owner
        self._operation = operation
        self._target = target

    def __enter__(self) -> None:
        if self._owner.closed:
            raise ClosedError(f"the {self._owner.title} is closed", operation=self._operation)

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, HoldallError):
            error.operation = error.operation or self._operation
            error.backend = error.backend or self._owner.capabilities.name
            error.key = self._owner.words_of(self._target) if error.key is None else error.key
