"""Opening a repository or a blob store by URL. Nothing is sent over a network here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ._engine.batches import Batches
from ._frozen import field_names
from ._model.schema import Model, Schema, did_you_mean
from .async_repository import AsyncRepository
from .credentials import check_credentials
from .drivers import Capabilities, Opening
from .errors import InvalidArgument, Unsupported
from .io import BlockingIo
from .registry import blob_opener, record_opener
from .repository import Repository
from .urls import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ._engine.attempts import RetryPolicy
    from ._engine.blobs.store import Blobs
    from .blobs.async_store import AsyncBlobStore
    from .blobs.store import BlobStore
    from .credentials import Credentials
    from .io import Io
    from .spill import Spill

T = TypeVar("T")


def open_repository(
    url: str,
    model: type[T] | Schema[T],
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    clock: Callable[[], float] | None = None,
    retry: RetryPolicy | None = None,
    token_secret: bytes | None = None,
    spill: Sequence[Spill[BlobStore]] = (),
) -> Repository[T]:
    """
    Open the records of a type in the store that the URL names.

    Args:
        url: Such as "memory://", "sqlite:///orders.db" or "dynamodb://orders?region=eu-west-1".
        model: The record class, or a `Schema` about one.
        require: Capabilities that the program relies on, such as {"transactions"}.
        client: An SDK client of your own, which stays yours to close; by default one is made on the first call.
        credentials: An AWS key of your own for stores of AWS, which otherwise find one as boto3 does; stores of
            other kinds have no use for it.
        clock: Seconds since 1970, by which records expire; by default the system's.
        retry: How often to try, and how long to wait between; by default 6 times (see `RetryPolicy`).
        token_secret: Makes page tokens unforgeable; without it they are only checked for damage.
        spill: Fields whose large values lie in a blob store, such as [Spill("body", blobs=blobs)].

    Raises:
        ModelError: The class is declared wrongly.
        ConfigError: The URL is wrong, or the adapter's package is not installed.
        Unsupported: The backend lacks a capability that is required.
        InvalidArgument: `require` names no capability, `credentials` are none, or a field can't be spilled.
    """
    engine = _engine(url, model, False, require, (client, credentials), clock, retry, spill)
    return Repository(engine, _checked(token_secret))


def open_async_repository(
    url: str,
    model: type[T] | Schema[T],
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    clock: Callable[[], float] | None = None,
    retry: RetryPolicy | None = None,
    token_secret: bytes | None = None,
    spill: Sequence[Spill[AsyncBlobStore]] = (),
) -> AsyncRepository[T]:
    """Open the same for asyncio; see `open_repository`."""
    engine = _engine(url, model, True, require, (client, credentials), clock, retry, spill)
    return AsyncRepository(engine, _checked(token_secret))


def open_blobs(
    url: str,
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    retry: RetryPolicy | None = None,
) -> BlobStore:
    """
    Open the blobs of the store that the URL names.

    Args:
        url: Such as "memory://" or "file:///var/tmp/receipts".
        require: Capabilities that the program relies on, such as {"conditional_puts"}.
        client: An SDK client of your own, which stays yours to close; by default one is made on the first call.
        credentials: An AWS key of your own for stores of AWS, which otherwise find one as boto3 does.
        retry: How often to try, and how long to wait between; by default 6 times (see `RetryPolicy`).

    Raises:
        ConfigError: The URL is wrong, or the adapter's package is not installed.
        Unsupported: The store lacks a capability that is required.
        InvalidArgument: `require` names no capability, or `credentials` are none.
    """
    # Imported here: a program of records alone doesn't pay for it.
    from .blobs.store import BlobStore

    return BlobStore(_blobs(url, None, require, (client, credentials), retry))


def open_async_blobs(
    url: str,
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    retry: RetryPolicy | None = None,
) -> AsyncBlobStore:
    """Open the same for asyncio; see `open_blobs`."""
    from .blobs.async_store import AsyncBlobStore, local_io

    return AsyncBlobStore(_blobs(url, local_io(), require, (client, credentials), retry))


def _blobs(
    url: str, local: Io | None, require: Iterable[str], own: tuple[Any, Credentials | None], retry: RetryPolicy | None
) -> Blobs:
    """Return the engine; `local` is how files of the caller's are waited for on asyncio, None for a blocking shell."""
    from ._engine.blobs.store import Blobs
    from .blob_drivers import BlobCapabilities, BlobOpening

    client, credentials = own
    _check_options(retry, credentials)
    parsed = parse_url(url)
    asynchronous = local is not None
    driver, io = blob_opener(parsed.scheme)(parsed, BlobOpening(asynchronous, client, credentials))
    _check_required(driver.capabilities, field_names(BlobCapabilities), require)
    return Blobs(driver, io, local or BlockingIo(), asynchronous=asynchronous, retry=retry)


def _checked(secret: Any) -> bytes | None:
    if secret is None or (isinstance(secret, bytes) and secret):
        return secret
    wrong = "empty bytes, which would protect nothing" if secret == b"" else f"a value of type {type(secret).__name__}"
    raise InvalidArgument(f"token_secret= takes bytes, such as secrets.token_bytes(32); got {wrong}")


def _engine(
    url: str,
    model: type[T] | Schema[T],
    asynchronous: bool,
    require: Iterable[str],
    own: tuple[Any, Credentials | None],
    clock: Callable[[], float] | None,
    retry: RetryPolicy | None,
    spill: Sequence[Spill[Any]],
) -> Batches[T]:
    client, credentials = own
    _check_options(retry, credentials)
    parsed = parse_url(url)
    checked = Model(model, _spilled_names(spill))
    driver, io = record_opener(parsed.scheme)(parsed, Opening(checked, asynchronous, client, credentials))
    _check_required(driver.capabilities, field_names(Capabilities), require)
    if spill:
        # Imported here, as below: few programs spill.
        from .spill import spilling

        driver = spilling(checked, driver, io, spill, asynchronous=asynchronous)
    options: dict[str, Any] = {} if clock is None else {"clock": clock}
    return Batches(checked, driver, io, retry=retry, **options)


def _spilled_names(spill: Sequence[Spill[Any]]) -> Sequence[str]:
    if not spill:
        return ()
    from .spill import spilled_names

    return spilled_names(spill)


def _check_options(retry: RetryPolicy | None, credentials: Credentials | None) -> None:
    if retry is not None and retry.attempts < 1:
        raise InvalidArgument("retry= takes a policy of 1 attempt at least, the first one included")
    if credentials is not None:
        check_credentials(credentials)


def _check_required(capabilities: Any, names: Iterable[str], require: Iterable[str]) -> None:
    flags = [name for name in names if isinstance(getattr(capabilities, name), bool)]
    if isinstance(require, str):
        raise InvalidArgument("require= takes a set of capabilities, such as {'transactions'}; "
                              f"got the text {require!r}")
    for name in require:
        if name not in flags:
            raise InvalidArgument(f"require= names no capability: {name!r}{did_you_mean(name, flags)}")
        if not getattr(capabilities, name):
            raise Unsupported(f"{capabilities.name} lacks {name!r}, which the program requires")
