"""Typed records, blobs and settings by URL. See `open_repository`, `open_blobs` and `open_config`."""

from __future__ import annotations

from typing import TYPE_CHECKING as _TYPE_CHECKING

from ._engine.attempts import RetryPolicy as RetryPolicy
from ._engine.explain import Explain as Explain
from ._model.markers import Expires as Expires
from ._model.markers import Index as Index
from ._model.markers import Key as Key
from ._model.markers import Partition as Partition
from ._model.markers import Revision as Revision
from ._model.markers import Sort as Sort
from ._model.markers import Unique as Unique
from ._model.schema import Schema as Schema
from ._version import __version__ as __version__
from .async_repository import AsyncQuery as AsyncQuery
from .async_repository import AsyncRepository as AsyncRepository
from .async_repository import AsyncTransaction as AsyncTransaction
from .credentials import Credentials as Credentials
from .deadlines import deadline as deadline
from .drivers import Capabilities as Capabilities
from .errors import AccessDenied as AccessDenied
from .errors import AlreadyExists as AlreadyExists
from .errors import BatchError as BatchError
from .errors import BatchFailure as BatchFailure
from .errors import BudgetExceeded as BudgetExceeded
from .errors import ClosedError as ClosedError
from .errors import ConditionFailed as ConditionFailed
from .errors import ConfigError as ConfigError
from .errors import Conflict as Conflict
from .errors import CorruptBlob as CorruptBlob
from .errors import CorruptRecord as CorruptRecord
from .errors import HoldallError as HoldallError
from .errors import InvalidArgument as InvalidArgument
from .errors import InvalidToken as InvalidToken
from .errors import ModelError as ModelError
from .errors import NotFound as NotFound
from .errors import QueryRefused as QueryRefused
from .errors import ResourceMissing as ResourceMissing
from .errors import Throttled as Throttled
from .errors import Timeout as Timeout
from .errors import TooLarge as TooLarge
from .errors import TransactionFailed as TransactionFailed
from .errors import Unavailable as Unavailable
from .errors import Unsupported as Unsupported
from .expressions import Change as Change
from .expressions import Condition as Condition
from .expressions import F as F
from .opening import open_async_blobs as open_async_blobs
from .opening import open_async_config as open_async_config
from .opening import open_async_repository as open_async_repository
from .opening import open_blobs as open_blobs
from .opening import open_config as open_config
from .opening import open_repository as open_repository
from .pages import Page as Page
from .registry import register as register
from .registry import register_blobs as register_blobs
from .registry import register_cache as register_cache
from .registry import register_config as register_config
from .repository import Query as Query
from .repository import Repository as Repository
from .repository import Transaction as Transaction

if _TYPE_CHECKING:
    from .blob_drivers import BlobCapabilities as BlobCapabilities
    from .blob_drivers import BlobInfo as BlobInfo
    from .blob_drivers import Presigned as Presigned
    from .blobs.async_store import AsyncBlobStore as AsyncBlobStore
    from .blobs.fsspec import fs as fs
    from .blobs.pages import BlobPage as BlobPage
    from .blobs.store import BlobStore as BlobStore
    from .blobs.transfers import Progress as Progress
    from .blobs.transfers import Synced as Synced
    from .blobs.transfers import progress_bar as progress_bar
    from .cache import Cache as Cache
    from .cache import CacheStats as CacheStats
    from .config.async_store import AsyncConfig as AsyncConfig
    from .config.store import Config as Config
    from .config_drivers import ConfigCapabilities as ConfigCapabilities
    from .config_drivers import Parameter as Parameter
    from .secret import Secret as Secret
    from .spill import Spill as Spill

__all__ = [
    "AccessDenied",
    "AlreadyExists",
    "AsyncBlobStore",
    "AsyncConfig",
    "AsyncQuery",
    "AsyncRepository",
    "AsyncTransaction",
    "BatchError",
    "BatchFailure",
    "BlobCapabilities",
    "BlobInfo",
    "BlobPage",
    "BlobStore",
    "BudgetExceeded",
    "Cache",
    "CacheStats",
    "Capabilities",
    "Change",
    "ClosedError",
    "Condition",
    "ConditionFailed",
    "Config",
    "ConfigCapabilities",
    "ConfigError",
    "Conflict",
    "CorruptBlob",
    "CorruptRecord",
    "Credentials",
    "Expires",
    "Explain",
    "F",
    "HoldallError",
    "Index",
    "InvalidArgument",
    "InvalidToken",
    "Key",
    "ModelError",
    "NotFound",
    "Page",
    "Parameter",
    "Partition",
    "Presigned",
    "Progress",
    "Query",
    "QueryRefused",
    "Repository",
    "ResourceMissing",
    "RetryPolicy",
    "Revision",
    "Schema",
    "Secret",
    "Sort",
    "Spill",
    "Synced",
    "Throttled",
    "Timeout",
    "TooLarge",
    "Transaction",
    "TransactionFailed",
    "Unavailable",
    "Unique",
    "Unsupported",
    "__version__",
    "deadline",
    "fs",
    "open_async_blobs",
    "open_async_config",
    "open_async_repository",
    "open_blobs",
    "open_config",
    "open_repository",
    "progress_bar",
    "register",
    "register_blobs",
    "register_cache",
    "register_config",
]

# A program of plain records doesn't pay for blobs, settings and caches.
_LATE = {
    "AsyncBlobStore": "blobs.async_store", "AsyncConfig": "config.async_store", "BlobCapabilities": "blob_drivers",
    "BlobInfo": "blob_drivers", "BlobPage": "blobs.pages", "BlobStore": "blobs.store",
    "Cache": "cache", "CacheStats": "cache",
    "Config": "config.store",
    "ConfigCapabilities": "config_drivers", "Parameter": "config_drivers", "Presigned": "blob_drivers", "Progress":
    "blobs.transfers", "Secret": "secret", "Spill": "spill", "Synced": "blobs.transfers", "fs": "blobs.fsspec",
    "progress_bar": "blobs.transfers",
}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(f".{_LATE[name]}", __name__), name)
