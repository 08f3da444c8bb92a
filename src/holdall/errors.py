"""
Every error that holdall raises.

    HoldallError
    ├── NotFound                 the record or blob is not there
    ├── AlreadyExists            a record, blob or value of a unique field is there already (also a FileExistsError)
    ├── Conflict                 the record or blob has changed since it was read (`.current` is what is stored now)
    ├── ConditionFailed          the record is there, but `when=` was false (`.current` likewise)
    ├── TransactionFailed        nothing was written; `.reasons` has one entry per item
    ├── BatchError               some items were not written; `.failures` and `.rest` say which
    ├── QueryRefused             no key or index serves the query
    ├── BudgetExceeded           `max_read=` is used up; `.token` goes on from there
    ├── Unsupported              the backend can't do this
    ├── InvalidArgument          a value, name or parameter is wrong (also a ValueError)
    │   ├── TooLarge             over a limit of the backend
    │   └── InvalidToken         a page token of another query, or a changed one
    ├── ModelError               a record class is declared wrongly (also a TypeError)
    ├── CorruptRecord            what is stored does not fit the record class
    ├── CorruptBlob              the bytes that came are not those that were stored
    ├── ResourceMissing          the table, bucket or folder itself is not there
    ├── Throttled                the backend refuses for now
    ├── Timeout                  the deadline has passed (also a TimeoutError)
    ├── Unavailable              the backend did not answer, or not properly
    ├── AccessDenied             the credentials lack a permission
    ├── ConfigError              a URL or a setting is wrong (also a ValueError)
    └── ClosedError              the repository or blob store is closed

Act upon the class or `.code`, never upon the message. The backend's own error is `__cause__`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Retry = Literal["never", "maybe", "exhausted"]


class HoldallError(Exception):
    """
    The root of the tree; never raised itself.

    Attributes:
        code: A stable lower-case name of the situation, fit for metrics.
        retry: "never" (the same call would fail again), "maybe" (it may succeed later), or
            "exhausted" (holdall retried until the attempts or the deadline ran out).
        operation: The verb that failed, such as "put", or None.
        key: The key of the record concerned, or None.
        backend: The adapter's name, such as "dynamodb", or None.
        request_id: The service's identifier of the request, or None.
        maybe_done: True when a write may have been applied although its answer was lost.
        retry_after: Seconds that the backend asks to wait before the next try, or None.
    """

    code: ClassVar[str] = "error"
    default_retry: ClassVar[Retry] = "never"

    def __init__(
        self,
        message: str,
        *,
        operation: str | None = None,
        key: object = None,
        backend: str | None = None,
        request_id: str | None = None,
        retry: Retry | None = None,
        maybe_done: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.retry: Retry = retry or self.default_retry
        self.operation = operation
        self.key = key
        self.backend = backend
        self.request_id = request_id
        self.maybe_done = maybe_done
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # What Exception gives would call `__init__` without its keyword arguments.
        return _remade, (type(self), self.args, self.__dict__)

    @property
    def message(self) -> str:
        """What was wrong, where, and the mend."""
        return str(self.args[0])


def _remade(cls: type[HoldallError], args: tuple[Any, ...], state: dict[str, Any]) -> HoldallError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class NotFound(HoldallError):
    """Raised when a record or blob that must be there is not, or has expired."""

    code = "not_found"


class AlreadyExists(HoldallError, FileExistsError):
    """
    Raised by `create` and `if_absent=True` when the key is taken, and by any write that would repeat a unique value.

    `field` names the unique field, or is None when it is the key itself.
    """

    code = "already_exists"

    def __init__(self, message: str, *, field: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.field = field


class _WithCurrent(HoldallError):
    def __init__(self, message: str, *, current: Any = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.current = current


class Conflict(_WithCurrent):
    """
    Raised when a write carried a revision or an ETag and what is stored has another one, or is gone.

    `current` is the record as stored now, or None where it is gone.
    """

    code = "conflict"


class ConditionFailed(_WithCurrent):
    """Raised when the record is there but `when=` was false. `current` is the record as stored now."""

    code = "condition_failed"


class TransactionFailed(HoldallError):
    """
    Raised when a transaction wrote nothing because of its items.

    `reasons` has one entry per item, in the order they were added: None for an item that was fine,
    else the error that the item would have raised by itself.
    """

    code = "transaction_failed"

    def __init__(self, message: str, *, reasons: Sequence[HoldallError | None], **details: Any) -> None:
        super().__init__(message, **details)
        self.reasons = tuple(reasons)


class BatchFailure:
    """One item of a batch that was not written: its `index` in the input, `key`, `item` and `error`."""

    __slots__ = ("error", "index", "item", "key")

    def __init__(self, index: int, key: object, item: Any, error: HoldallError) -> None:
        self.index = index
        self.key = key
        self.item = item
        self.error = error

    def __repr__(self) -> str:
        return f"BatchFailure(index={self.index}, error={self.error!r})"


class BatchError(HoldallError):
    """
    Raised at the end of a batch of which not everything was done.

    Attributes:
        failures: What was tried and not written, with the reason of each.
        rest: What was never tried, as an iterator over the rest of the caller's own iterable.
        done: How many items were written.
    """

    code = "batch_error"

    def __init__(
        self, message: str, *, failures: Sequence[BatchFailure], rest: Iterator[Any], done: int, **details: Any
    ) -> None:
        super().__init__(message, **details)
        self.failures = tuple(failures)
        self.rest = rest
        self.done = done

    def unwritten(self) -> Iterator[Any]:
        """Yield every item that was not written: the failed ones, then the ones never tried."""
        for failure in self.failures:
            yield failure.item
        yield from self.rest


class QueryRefused(HoldallError):
    """Raised before any request when no key or index serves a query; the message gives the index to add."""

    code = "query_refused"


class BudgetExceeded(HoldallError):
    """Raised while iterating when `max_read=` is used up. `token` continues: `query(...).page(after=token)`."""

    code = "budget_exceeded"

    def __init__(self, message: str, *, token: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.token = token


class Unsupported(HoldallError):
    """Raised before any request when the backend can't do what was asked."""

    code = "unsupported"


class InvalidArgument(HoldallError, ValueError):
    """Raised before any request when a value, a field name or a parameter is wrong."""

    code = "invalid_argument"


class TooLarge(InvalidArgument):
    """Raised before any request when something is over a limit of the backend; names the field and the size."""

    code = "too_large"


class InvalidToken(InvalidArgument):
    """Raised for a page token that belongs to another query or model, or was changed."""

    code = "invalid_token"


class ModelError(HoldallError, TypeError):
    """Raised when a repository is opened on a record class that is declared wrongly."""

    code = "model_error"


class CorruptRecord(HoldallError):
    """Raised when a stored record does not fit its class. `field` names the field at fault."""

    code = "corrupt_record"

    def __init__(self, message: str, *, field: str | None = None, **details: Any) -> None:
        super().__init__(message, **details)
        self.field = field


class CorruptBlob(HoldallError):
    """Raised when a blob was read twice, and its checksum was wrong both times."""

    code = "corrupt_blob"


class ResourceMissing(HoldallError):
    """Raised when the table or bucket itself is not there."""

    code = "resource_missing"


class Throttled(HoldallError):
    """Raised when the backend refuses for now. The refused request was not applied."""

    code = "throttled"
    default_retry = "maybe"


class Timeout(HoldallError, TimeoutError):
    """Raised when the deadline passes before the work is done."""

    code = "timeout"
    default_retry = "maybe"


class Unavailable(HoldallError):
    """Raised when the backend did not answer, or its answer was cut or garbled. See `maybe_done`."""

    code = "unavailable"
    default_retry = "maybe"


class AccessDenied(HoldallError):
    """Raised when the credentials lack a permission; the message names the action and resource to allow."""

    code = "access_denied"


class ConfigError(HoldallError, ValueError):
    """
    Raised for a wrong URL, URL parameter or setting.

    `problems` has one text for each parameter that is missing or of another type, where settings were read; values are
    in none of them.
    """

    code = "config_error"

    def __init__(self, message: str, *, problems: Sequence[str] = (), **details: Any) -> None:
        super().__init__(message, **details)
        self.problems = tuple(problems)


class ClosedError(HoldallError):
    """Raised by every verb of a repository that has been closed."""

    code = "closed"
