"""Calls to DynamoDB, on the canned stub (CPU and wall) and on a real server (wall)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.servers import ServerMissing

from .. import record
from ..measure import interleaved
from ..peers import BASE, opened
from ..peers.base import READ, UPDATED
from ..peers.base import Peer as Base
from ..report import Row, rows_of
from ..stub import last_request, running
from .server import filled, reached

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..peers.base import Peer
    from ..settings import Settings

STUB = "calls on the stub"
SERVER = "calls on a server"
TABLE = "orders"


@dataclass(frozen=True)
class Task:
    """A verb, what it takes, how often it is called in a turn, and how many turns there are."""

    name: str
    verb: str
    arguments: tuple[Any, ...]
    calls: int
    rounds: int

    def serves(self, peer: Peer) -> bool:
        """Whether the client has the verb at all."""
        return getattr(type(peer), self.verb) is not getattr(Base, self.verb)

    def job(self, peer: Peer) -> Callable[[int], Any]:
        return peer.job(getattr(peer, self.verb), *self.arguments)


def tasks(settings: Settings) -> list[Task]:
    """Return what is measured."""
    large = settings.size(10_000)
    short, long = settings.rounds(), settings.rounds(5)
    return [
        Task("get", "get", (), settings.calls(40), short),
        Task("put", "put", (), settings.calls(40), short),
        Task("conditional put", "put_if_present", (), settings.calls(40), short),
        Task("update", "update", (), settings.calls(40), short),
        Task("query 100", "query", (100,), settings.calls(4), short),
        Task(f"query {large}", "stream", (large,), 1, long),
        Task(f"batch get {large}", "get_many", (), 1, long),
        Task(f"batch get {large}, 8 threads", "get_many_in_threads", (), 1, long),
        Task(f"batch put {large}", "put_many", (), 1, long),
    ]


def run(settings: Settings) -> list[Row]:
    """Measure on the stub."""
    with running() as endpoint:
        return _measured(STUB, endpoint, settings, lambda peer: _check_requests(endpoint, peer))


def run_on_server(settings: Settings) -> list[Row]:
    """Measure on the server, where there is one."""
    if settings.server is None:
        return [Row(SERVER, "", "", more={"skipped": "no --server"})]
    try:
        with reached(settings.server) as url, filled(url, [100, settings.size(10_000)]) as table:
            return _measured(SERVER, url, settings, lambda _: None, table)
    except ServerMissing as error:
        return [Row(SERVER, "", "", more={"skipped": str(error)})]


def _measured(
    section: str, endpoint: str, settings: Settings, check: Callable[[Peer], None], table: str = TABLE
) -> list[Row]:
    peers: dict[str, Peer] = {}
    rows: list[Row] = []
    try:
        for name, peer in opened(endpoint, table):
            if isinstance(peer, str):
                rows.append(Row(section, "", name, more={"skipped": peer}))
                continue
            peers[name] = peer
            peer.prepare_many(settings.size(10_000))
            _check_answers(peer)
            check(peer)
        for task in tasks(settings):
            rows += _task_rows(section, task, peers)
    finally:
        for peer in peers.values():
            peer.close()
    return rows


def _task_rows(section: str, task: Task, peers: dict[str, Peer]) -> list[Row]:
    rounds = task.rounds if section == STUB else max(2, task.rounds // 4)
    jobs = {name: task.job(peer) for name, peer in peers.items() if task.serves(peer)}
    return rows_of(section, task.name, interleaved(jobs, rounds=rounds, calls=task.calls), BASE)


def _check_answers(peer: Peer) -> None:
    """Refuse a client that does not read all that it is sent: its time would mean nothing."""
    _equal(peer, peer.job(peer.get)(1), 1, READ)
    for number, found in enumerate(peer.job(peer.query, 100)(1)):
        _equal(peer, found, 100, number)
    assert number == 99
    many = sorted((peer.values(found) for found in peer.job(peer.get_many)(1)), key=lambda found: found["id"])
    for number, found in enumerate(many):
        assert record.normal(found) == record.expected(10_000, number), (peer, "get_many")


def _check_requests(endpoint: str, peer: Peer) -> None:
    """Refuse a client that does not send all that it is given."""
    last_request(endpoint)
    for verb in (peer.put, peer.put_if_present):
        peer.job(verb)(1)
        operation, body, requests = last_request(endpoint)
        assert (operation, requests, len(body["Item"])) == ("PutItem", 1, 10), (peer, verb)
    _equal(peer, peer.job(peer.update)(1), 1, UPDATED)
    operation, body, requests = last_request(endpoint)
    assert (operation, requests) == ("UpdateItem", 1) and body["ConditionExpression"] and body["UpdateExpression"], peer
    peer.job(peer.put_many)(1)
    operation, body, requests = last_request(endpoint)
    count = len(peer.records)
    assert (operation, requests) == ("BatchWriteItem", -(-count // 25)), (peer, operation, requests)


def _equal(peer: Peer, found: Any, size: int, number: int) -> None:
    assert record.normal(peer.values(found)) == record.expected(size, number), (peer, size, number)
