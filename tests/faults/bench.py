"""A table seen directly and through the fault proxy, and what the tests keep in it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import boto3

import holdall
from holdall import Key, Partition, Revision, Sort, Unique
from holdall._engine.attempts import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable

    from holdall.testing.proxy import FaultProxy

T = TypeVar("T")
QUICK = RetryPolicy(attempts=3, first_wait=0.0005, max_wait=0.001)


@dataclass
class Account:
    """A record under revisions."""

    owner: Partition[str]
    id: Sort[str]
    balance: int = 0
    note: str | None = None
    revision: Revision = None


@dataclass
class Counter:
    """A record without a revision."""

    id: Key[str]
    hits: int | None = 0
    log: list[str] | None = None


@dataclass
class Member:
    """A record with a unique field, kept by guard items."""

    id: Key[str]
    email: Unique[str]
    visits: int = 0


class Bench(Generic[T]):
    """One table of one server."""

    def __init__(self, endpoint: str, proxy: FaultProxy, model: type[T], client: str, **options: str) -> None:
        self.client = client
        self.proxy = proxy
        self.model = model
        self.table = f"faults_{model.__name__.lower()}_{secrets.token_hex(4)}"
        self.endpoint = endpoint
        self.direct = holdall.open_repository(self.url(endpoint), model)
        self.faulty = holdall.open_repository(self.url(proxy.url, **options), model, retry=QUICK)
        self.direct.provision()

    def url(self, endpoint: str, **options: str) -> str:
        more = "".join(f"&{name}={value}" for name, value in options.items())
        return f"dynamodb://{self.table}?region=us-east-1&endpoint={endpoint}&client={self.client}{more}"

    def close(self) -> None:
        self.direct.close()
        self.faulty.close()
        client: Any = boto3.client("dynamodb", endpoint_url=self.endpoint)
        client.delete_table(TableName=self.table)
        client.close()

    def places(self, operation: str, ask: Callable[[], object], step: int, *, keep_length: bool = True) -> list[int]:
        """
        Return the places at which an answer is to be cut: each around the ends of the head and the body, and of the
        others one in `step`.
        """
        ask()
        seen = self.proxy.last[operation]
        answer = seen if keep_length else seen.with_header("Content-Length", None)
        head, whole = len(answer.head), len(answer.raw)
        near = {0, 1, *range(13, 16), *range(head - 4, head + 8)}
        # Counted from the end, since a checksum in the head has more or fewer digits each time.
        last = range(-min(12, len(answer.body)), 0)
        return [*sorted(place for place in {*near, *range(0, whole, step)} if place < whole - 12), *last]
