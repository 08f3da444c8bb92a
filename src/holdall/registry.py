"""Which adapter serves which URL scheme."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, Protocol

from ._model.schema import did_you_mean
from .errors import ConfigError

if TYPE_CHECKING:
    from .drivers import Opening, RecordDriver
    from .io import Io
    from .urls import Url


class RecordOpener(Protocol):
    """What an adapter offers: makes a driver and the `Io` it waits by. No request is sent here."""

    def __call__(self, url: Url, opening: Opening, /) -> tuple[RecordDriver, Io]: ...


# Strings, imported on use: an import here would cost every cold start.
_BUILT_IN = {
    "memory": "holdall_adapters.memory:open_records",
    "sqlite": "holdall_adapters.sqlite:open_records",
    "postgresql": "holdall_adapters.sql:open_records",
    "mysql": "holdall_adapters.sql:open_records",
    "mariadb": "holdall_adapters.sql:open_records",
    "rds-data": "holdall_adapters.aurora:open_records",
    "dynamodb": "holdall_adapters.dynamodb:open_records",
}
_EXTRAS = {"sqlite": "sql"}
"""By adapter, where the extra has another name."""
_registered: dict[str, RecordOpener] = {}


def register(scheme: str, opener: RecordOpener) -> None:
    """Serve a URL scheme by an opener of your own."""
    _registered[scheme] = opener


def record_opener(scheme: str) -> RecordOpener:
    """
    Return the opener of a scheme: registered, built in, or an entry point of the group "holdall.records".

    Raises:
        ConfigError: No adapter serves the scheme, or the adapter's package is not installed.
    """
    if scheme in _registered:
        return _registered[scheme]
    # SQLAlchemy names a driver behind the database, as in postgresql+psycopg.
    target = _BUILT_IN.get(scheme.partition("+")[0])
    if target is not None:
        return _load(scheme, target)
    return _from_entry_points(scheme)


def _load(scheme: str, target: str) -> RecordOpener:
    module, _, name = target.partition(":")
    try:
        opener: Any = getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as error:
        name = module.rpartition(".")[2]
        extra = _EXTRAS.get(name, name)
        raise ConfigError(f"{scheme}:// needs the package {error.name!r}: pip install 'holdall[{extra}]'") from error
    _registered[scheme] = opener
    return _registered[scheme]


def _from_entry_points(scheme: str) -> RecordOpener:
    # importlib.metadata is slow to import, and only a foreign scheme needs it.
    from importlib.metadata import entry_points

    for point in entry_points(group="holdall.records", name=scheme):
        register(scheme, point.load())
        return _registered[scheme]
    raise ConfigError(f"no adapter serves {scheme}://{did_you_mean(scheme, {**_BUILT_IN, **_registered})}")
