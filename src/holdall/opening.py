"""Opening a repository, a blob store or configuration by URL. Nothing is sent over a network here."""

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
from .registry import blob_opener, config_opener, record_opener
from .repository import Repository
from .urls import is_reference, parse_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ._engine.attempts import RetryPolicy
    from ._engine.blobs.store import Blobs
    from ._engine.config.engine import Configuration
    from .blobs.async_store import AsyncBlobStore
    from .blobs.store import BlobStore
    from .caching import Caches
    from .config.async_store import AsyncConfig
    from .config.store import Config
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
    cache: Caches | None = None,
) -> Repository[T]:
    """
    Open the records of a type in the store that the URL names.

    Args:
        url: Such as "memory://", "sqlite:///orders.db" or "dynamodb://orders?region=eu-west-1"; or where the URL is
            kept, such as "ssm:///shop/orders_url" or "env:ORDERS_URL", which is read on first use.
        model: The record class, or a `Schema` about one.
        require: Capabilities that the program relies on, such as {"transactions"}.
        client: An SDK client of your own, which stays yours to close; by default one is made on the first call.
        credentials: An AWS key of your own for stores of AWS, which otherwise find one as boto3 does; stores of
            other kinds have no use for it.
        clock: Seconds since 1970, by which records expire; by default the system's.
        retry: How often to try, and how long to wait between; by default 6 times (see `RetryPolicy`).
        token_secret: Makes page tokens unforgeable; without it they are only checked for damage.
        spill: Fields whose large values lie in a blob store, such as [Spill("body", blobs=blobs)].
        cache: A cache in front, such as "rediss://host:6379?ttl=60", or a `Cache`; of several the nearest first, such
            as ["process://?ttl=1", "memcached://host:11211"].

    Raises:
        ModelError: The class is declared wrongly.
        ConfigError: The URL is wrong, or the adapter's package is not installed.
        Unsupported: The backend lacks a capability that is required.
        InvalidArgument: `require` names no capability, `credentials` are none, a field can't be spilled, or `cache` is
            neither URL nor `Cache`.
    """
    engine = _engine(url, model, False, require, (client, credentials), clock, retry, spill, cache)
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
    cache: Caches | None = None,
) -> AsyncRepository[T]:
    """Open the same for asyncio; see `open_repository`."""
    engine = _engine(url, model, True, require, (client, credentials), clock, retry, spill, cache)
    return AsyncRepository(engine, _checked(token_secret))


def open_blobs(
    url: str,
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    retry: RetryPolicy | None = None,
    cache: Caches | None = None,
) -> BlobStore:
    """
    Open the blobs of the store that the URL names.

    Args:
        url: Such as "memory://" or "file:///var/tmp/receipts"; or where the URL is kept, such as
            "ssm:///shop/receipts_url" or "env:RECEIPTS_URL", which is read on first use.
        require: Capabilities that the program relies on, such as {"conditional_puts"}.
        client: An SDK client of your own, which stays yours to close; by default one is made on the first call.
        credentials: An AWS key of your own for stores of AWS, which otherwise find one as boto3 does.
        retry: How often to try, and how long to wait between; by default 6 times (see `RetryPolicy`).
        cache: A cache in front, for what is known of blobs and for the bytes of small ones, such as
            "rediss://host:6379?ttl=60", or a `Cache`; of several the nearest first.

    Raises:
        ConfigError: The URL is wrong, or the adapter's package is not installed.
        Unsupported: The store lacks a capability that is required.
        InvalidArgument: `require` names no capability, `credentials` are none, or `cache` is neither URL nor `Cache`.
    """
    # Imported here: a program of records alone doesn't pay for it.
    from .blobs.store import BlobStore

    return BlobStore(_blobs(url, None, require, (client, credentials), retry, cache))


def open_async_blobs(
    url: str,
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    retry: RetryPolicy | None = None,
    cache: Caches | None = None,
) -> AsyncBlobStore:
    """Open the same for asyncio; see `open_blobs`."""
    from .blobs.async_store import AsyncBlobStore, local_io

    return AsyncBlobStore(_blobs(url, local_io(), require, (client, credentials), retry, cache))


def open_config(
    url: str | Sequence[str],
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    clock: Callable[[], float] | None = None,
    retry: RetryPolicy | None = None,
    cache: Caches | None = None,
) -> Config:
    """
    Open the parameters of the source that the URL names, or of several in layers.

    Args:
        url: Such as "ssm:///shop/prod?max_age=60", "env:///SHOP_", "file:///etc/shop/settings.toml" or "memory://"; or
            a list of those, the first of which goes before the others.
        require: Capabilities that the program relies on, such as {"versions"}; one of the sources must have each.
        client: An SDK client of your own, for the sources of AWS; by default one is made on the first call.
        credentials: An AWS key of your own, for the sources of AWS, which otherwise find one as boto3 does.
        clock: Seconds since 1970, by which what was read grows old; by default the system's.
        retry: How often to try, and how long to wait between; by default 6 times (see `RetryPolicy`).
        cache: A cache in front of the sources that are not of this machine, such as "rediss://host:6379?ttl=60", or a
            `Cache`; of several the nearest first. Secrets are kept only in one with `encrypt=`.

    Raises:
        ConfigError: A URL is wrong, or the adapter's package is not installed.
        Unsupported: No source has a capability that is required.
        InvalidArgument: `require` names no capability, `credentials` are none, there is no URL, or `cache` is neither
            URL nor `Cache`, or has no source that it could stand in front of.
    """
    # Imported here, as above: a program without configuration doesn't pay for it.
    from .config.store import Config

    return Config(_configuration(url, False, require, (client, credentials), clock, retry, cache))


def open_async_config(
    url: str | Sequence[str],
    *,
    require: Iterable[str] = (),
    client: Any = None,
    credentials: Credentials | None = None,
    clock: Callable[[], float] | None = None,
    retry: RetryPolicy | None = None,
    cache: Caches | None = None,
) -> AsyncConfig:
    """Open the same for asyncio; see `open_config`."""
    from .config.async_store import AsyncConfig

    return AsyncConfig(_configuration(url, True, require, (client, credentials), clock, retry, cache))


_WITHOUT_CLIENTS = ("env", "file", "memory")
_OF_THE_MACHINE = ("env", "file")


def _configuration(
    url: str | Sequence[str],
    asynchronous: bool,
    require: Iterable[str],
    own: tuple[Any, Credentials | None],
    clock: Callable[[], float] | None,
    retry: RetryPolicy | None,
    cache: Caches | None,
) -> Configuration:
    import time

    from ._engine.config.engine import Configuration
    from ._engine.config.layer import Layer
    from .config_drivers import ConfigCapabilities, ConfigOpening

    client, credentials = own
    _check_options(retry, credentials)
    urls: list[Any] = list(url) if isinstance(url, (list, tuple)) else [url]
    if not urls:
        raise InvalidArgument("open_config takes a URL, or a list of URLs which is not empty")
    layers: list[Layer] = []
    parsed_urls = [parse_url(each) for each in urls]
    if client is not None and all(each.scheme in _WITHOUT_CLIENTS for each in parsed_urls):
        raise InvalidArgument("client= is for sources of AWS, and there is none among these; drop it")
    if cache is not None and all(each.scheme in _OF_THE_MACHINE for each in parsed_urls):
        raise InvalidArgument("cache= is for sources that other machines read too, and there is none; drop it")
    for parsed in parsed_urls:
        driver, io = config_opener(parsed.scheme)(parsed, ConfigOpening(asynchronous, client, credentials))
        layers.append(Layer(driver, io, clock or time.time, retry))
    engine = Configuration(layers, clock)
    _check_required(engine.capabilities, field_names(ConfigCapabilities), require)
    for layer, parsed in zip(layers, parsed_urls if cache is not None else (), strict=False):
        if parsed.scheme not in _OF_THE_MACHINE:
            from .caching import cached_config, told

            store = told(parsed, client, credentials)
            layer.driver = cached_config(cache, layer.driver, store, asynchronous=asynchronous)
    return engine


def _blobs(
    url: str, local: Io | None, require: Iterable[str], own: tuple[Any, Credentials | None], retry: RetryPolicy | None,
    cache: Caches | None,
) -> Blobs:  # fmt: skip
    """Return the engine; `local` is how files of the caller's are waited for on asyncio, None for a blocking shell."""
    from ._engine.blobs.store import Blobs
    from .blob_drivers import BlobCapabilities, BlobOpening

    client, credentials = own
    _check_options(retry, credentials)
    if is_reference(url):
        required = tuple(require)
        stand_in: Blobs = _indirect(
            url, lambda found: _blobs(found, local, required, own, retry, cache), Blobs, credentials,
            asynchronous=local is not None, known={},
        )  # fmt: skip
        return stand_in
    parsed = parse_url(url)
    asynchronous = local is not None
    driver, io = blob_opener(parsed.scheme)(parsed, BlobOpening(asynchronous, client, credentials))
    _check_required(driver.capabilities, field_names(BlobCapabilities), require)
    if cache is not None:
        from .caching import cached_blobs, told

        driver = cached_blobs(cache, driver, parsed, told(parsed, client, credentials), asynchronous=asynchronous)
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
    cache: Caches | None,
) -> Batches[T]:
    client, credentials = own
    _check_options(retry, credentials)
    checked = Model(model, _spilled_names(spill))
    if is_reference(url):
        required = tuple(require)
        stand_in: Batches[T] = _indirect(
            url, lambda found: _engine(found, model, asynchronous, required, own, clock, retry, spill, cache), Batches,
            credentials, asynchronous=asynchronous, known={"model": checked},
        )  # fmt: skip
        return stand_in
    parsed = parse_url(url)
    driver, io = record_opener(parsed.scheme)(parsed, Opening(checked, asynchronous, client, credentials))
    _check_required(driver.capabilities, field_names(Capabilities), require)
    if spill:
        # Imported here, as below: few programs spill.
        from .spill import spilling

        driver = spilling(checked, driver, io, spill, asynchronous=asynchronous)
    if cache is not None:
        from .caching import cached_records, told

        driver = cached_records(cache, checked, driver, told(parsed, client, credentials), asynchronous=asynchronous)
    options: dict[str, Any] = {} if clock is None else {"clock": clock}
    return Batches(checked, driver, io, retry=retry, **options)


def _indirect(
    url: str, make: Callable[[str], Any], engine: type, credentials: Credentials | None, *, asynchronous: bool,
    known: Mapping[str, Any],
) -> Any:  # fmt: skip
    """Return what stands for the engine of the store whose URL is kept where `url` says."""
    # Imported here: few programs keep their URLs elsewhere.
    from ._engine.indirect import Indirect
    from .references import Reference

    return Indirect(Reference(url, credentials), make, engine, asynchronous=asynchronous, known=known)


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
