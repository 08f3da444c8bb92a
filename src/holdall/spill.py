"""What a program says of fields whose large values lie in a blob store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .errors import InvalidArgument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ._engine.blobs.store import Blobs
    from ._model.schema import Model
    from .blobs.async_store import AsyncBlobStore
    from .blobs.store import BlobStore
    from .drivers import RecordDriver
    from .io import Io

B_co = TypeVar("B_co", bound="BlobStore | AsyncBlobStore", covariant=True)


class Spill(Generic[B_co]):
    """
    Keeps the large values of a field in a blob store, and a marker in the record (claim check).

    Args:
        field: A field of `str` or `bytes` that is no key, index key, unique field, expiry or revision.
        blobs: The blob store, of the repository's own kind: one of `open_blobs` for `open_repository`. It stays yours
            to close, and must be open as long as the repository.
        over: Values of more bytes (as UTF-8) go into blobs; smaller ones only where the record would be over the
            backend's limit otherwise.

    Raises:
        InvalidArgument: `over` is no whole number from 0, or `blobs` no blob store.
    """

    __slots__ = ("blobs", "field", "over")

    def __init__(self, field: str, *, blobs: B_co, over: int = 300_000) -> None:
        if isinstance(over, bool) or not isinstance(over, int) or over < 0:  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
            raise InvalidArgument(f"over= is a whole number of bytes from 0, got {over!r}")
        if not hasattr(type(blobs), "engine"):
            raise InvalidArgument(f"blobs= takes an open blob store, such as open_blobs('s3://bucket'), "
                                  f"got a value of type {type(blobs).__name__}")
        # Looked at directly, since the property would read the URL.
        if hasattr(getattr(blobs, "_engine", None), "is_reference"):
            raise InvalidArgument("blobs= takes a store of a fixed URL: blobs that were put before a switch would be "
                                  "missing from the records after it; read the URL with open_config, and open that")
        self.field = field
        self.blobs = blobs
        self.over = over

    def __repr__(self) -> str:
        return f"Spill({self.field!r}, blobs={self.blobs!r}, over={self.over})"


def spilled_names(spill: Sequence[Spill[Any]]) -> list[str]:
    """
    Return the names of the fields.

    Raises:
        InvalidArgument: What is given is not a list of `Spill`, or has a field twice.
    """
    if isinstance(spill, (Spill, str)) or not all(isinstance(one, Spill) for one in spill):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
        raise InvalidArgument("spill= takes a list, such as spill=[Spill('body', blobs=blobs)]")
    names = [one.field for one in spill]
    for name in names:
        if names.count(name) > 1:
            raise InvalidArgument(f"spill= names the field {name!r} twice")
    return names


def spilling(
    model: Model[Any], driver: RecordDriver, io: Io, spill: Sequence[Spill[Any]], *, asynchronous: bool
) -> RecordDriver:
    """
    Return a driver that keeps large values in blobs.

    Raises:
        InvalidArgument: A blob store is of the other kind than the repository.
    """
    # Imported here: few programs spill.
    from ._engine.spill.driver import SpillingDriver
    from ._engine.spill.fields import SpilledField

    fields = [SpilledField(model.field(one.field), _engine_of(one, asynchronous), one.over, driver.form, driver.table)
              for one in spill]  # fmt: skip
    return SpillingDriver(model, driver, io, fields)


def _engine_of(spill: Spill[Any], asynchronous: bool) -> Blobs:
    engine: Blobs = spill.blobs.engine
    if engine.asynchronous is not asynchronous:
        repository, blobs = _KINDS[asynchronous]
        raise InvalidArgument(f"the blob store of the spilled field {spill.field!r} is of the other kind: {repository} "
                              f"takes one of {blobs}")
    return engine


_KINDS = {False: ("open_repository", "open_blobs"), True: ("open_async_repository", "open_async_blobs")}
