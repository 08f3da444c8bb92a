"""Opening a repository by URL. Nothing is sent over a network here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ._engine.batches import Batches
from ._frozen import field_names
from ._model.schema import Model, Schema, did_you_mean
from .async_repository import AsyncRepository
from .credentials import check_credentials
from .drivers import Capabilities, Opening
from .errors import InvalidArgument, Unsupported
from .registry import record_opener
from .repository import Repository
from .urls import parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ._engine.attempts import RetryPolicy
    from .credentials import Credentials

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

    Raises:
        ModelError: The class is declared wrongly.
        ConfigError: The URL is wrong, or the adapter's package is not installed.
        Unsupported: The backend lacks a capability that is required.
        InvalidArgument: `require` names no capability, or `credentials` are none.
    """
    engine = _engine(url, model, False, require, (client, credentials), clock, retry)
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
) -> AsyncRepository[T]:
    """Open the same for asyncio; see `open_repository`."""
    engine = _engine(url, model, True, require, (client, credentials), clock, retry)
    return AsyncRepository(engine, _checked(token_secret))


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
) -> Batches[T]:
    if retry is not None and retry.attempts < 1:
        raise InvalidArgument("retry= takes a policy of 1 attempt at least, the first one included")
    client, credentials = own
    if credentials is not None:
        check_credentials(credentials)
    parsed = parse_url(url)
    checked = Model(model)
    driver, io = record_opener(parsed.scheme)(parsed, Opening(checked, asynchronous, client, credentials))
    _check_required(driver.capabilities, require)
    options: dict[str, Any] = {} if clock is None else {"clock": clock}
    return Batches(checked, driver, io, retry=retry, **options)


def _check_required(capabilities: Capabilities, require: Iterable[str]) -> None:
    flags = [name for name in field_names(Capabilities) if isinstance(getattr(capabilities, name), bool)]
    if isinstance(require, str):
        raise InvalidArgument("require= takes a set of capabilities, such as {'transactions'}; "
                              f"got the text {require!r}")
    for name in require:
        if name not in flags:
            raise InvalidArgument(f"require= names no capability: {name!r}{did_you_mean(name, flags)}")
        if not getattr(capabilities, name):
            raise Unsupported(f"{capabilities.name} lacks {name!r}, which the program requires")
