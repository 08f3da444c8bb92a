"""Typed records on memory, SQLite and DynamoDB, chosen by a URL. See `open_repository`."""

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
from .opening import open_async_repository as open_async_repository
from .opening import open_repository as open_repository
from .pages import Page as Page
from .registry import register as register
from .repository import Query as Query
from .repository import Repository as Repository
from .repository import Transaction as Transaction

__all__ = [
    "AccessDenied",
    "AlreadyExists",
    "AsyncQuery",
    "AsyncRepository",
    "AsyncTransaction",
    "BatchError",
    "BatchFailure",
    "BudgetExceeded",
    "Capabilities",
    "Change",
    "ClosedError",
    "Condition",
    "ConditionFailed",
    "ConfigError",
    "Conflict",
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
    "Partition",
    "Query",
    "QueryRefused",
    "Repository",
    "ResourceMissing",
    "RetryPolicy",
    "Revision",
    "Schema",
    "Sort",
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
    "open_async_repository",
    "open_repository",
    "register",
]
