"""What a call to AWS ends with where it brings no answer, whatever carried it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Refused(Exception):
    """
    The service's refusal of a request.

    Attributes:
        code: The error's name, such as "ValidationException"; a number where the answer could not be read.
        message: The service's own words. They may hold values, so they never go into our messages.
        status: The HTTP status.
        request_id: The service's identifier of the request.
        retry_after: Seconds that the service asks to wait before the next try.
        item: The item as stored, where the refusal brings it.
        reasons: Those of a transaction.
        host_id: The identifier of the host that answered, which S3 gives beside that of the request.
        region: The region that the service names instead, where the request was sent to another.
    """

    def __init__(
        self, code: str, message: str, status: int, request_id: str | None, *, retry_after: float | None = None,
        item: Mapping[str, Any] | None = None, reasons: Sequence[Mapping[str, Any]] = (), host_id: str | None = None,
        region: str | None = None,
    ) -> None:  # fmt: skip
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.request_id = request_id
        self.retry_after = retry_after
        self.item = item
        self.reasons = tuple(reasons)
        self.host_id = host_id
        self.region = region

    @property
    def native(self) -> BaseException:
        """What the SDK raised, this itself where there is none."""
        return self.__cause__ or self


class Unreached(Exception):
    """The service could not be reached, so it has done nothing."""


class Lost(Exception):
    """A request was sent, and no whole answer came: what the service did is not known."""


class BadAnswer(Lost):
    """The service's answer was cut short or garbled."""


class NoCredentials(Exception):
    """There are no usable keys."""


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """
    Return the wait that a refusal asks for, by its headers under lower-case names; None where it asks for none.

    Retry-After has whole seconds (RFC 9110, section 10.2.3; its other form, a date, is not used by AWS's services),
    x-amz-retry-after milliseconds (AWS SDKs and Tools Reference Guide, "Retry behavior").
    """
    for name, unit in (("x-amz-retry-after", 1000), ("retry-after", 1)):
        text = headers.get(name, "")
        if text.isdecimal() and len(text) < 9:
            return int(text) / unit
    return None
