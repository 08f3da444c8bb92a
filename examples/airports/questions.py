"""The fixed list of questions, and the interview that asks them of any handler."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

NOWHERE = {"name": "Somewhere", "zone": "Asia/Kathmandu", "elevation": 1.5, "latitude": -0.25, "longitude": 1e-7}
NEW = [{"country": "ZZ", "icao": f"ZZ{n:02}", **NOWHERE} for n in range(30)]
"""Airports that are nowhere: the questions write them and remove them again."""


@dataclass(frozen=True)
class Question:
    """A request. `{token}` in `after` and `{etag}` in `if_match` stand for what an answer before gave."""

    title: str
    route: str
    path: tuple[str, str] | None = None
    asked: dict[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    if_match: str | None = None
    milliseconds: int = 10_000


def _get(title: str, **asked: str) -> Question:
    return Question(title, "GET /airports", asked=asked)


def _one(title: str, verb: str, country: str, icao: str, **more: Any) -> Question:
    return Question(title, verb + " /airports/{country}/{icao}", (country, icao), **more)


ICELAND = {"country": "IS", "limit": "30"}
QUESTIONS = [
    _one("by key", "GET", "CH", "LSZH"),
    _one("a key that is not there", "GET", "CH", "NOPE"),
    _get("by another code: an index", iata="KEF"),
    _get("a range of the sort key", country="CH", **{"from": "LSGG", "to": "LSGL"}),
    _get("a prefix, backwards", country="CH", prefix="LSZ", order="-icao", limit="3"),
    _get("several keys, one nowhere", country="CH", icao="LSZH,NOPE,LSGG"),
    _get("several countries and a filter", country="AD,LK", name="International"),
    _get("names beyond ASCII", country="IS", name="fjörður"),
    _get("a filter", country="NP", above="9000"),
    _get("an index, highest first", zone="Asia/Kathmandu", above="8000", order="-elevation", limit="4"),
    _get("the first page", **ICELAND),
    _get("the second page", **ICELAND, after="{token}"),
    _get("the last page", **ICELAND, after="{token}"),
    _get("a page token of another query", country="CH", after="{token}"),
    _get("a query that no index serves", city="Reykjavík"),
    _get("an order that no index gives", country="CH", order="name"),
    _get("a limit of nothing", country="CH", limit="0"),
    _get("a number that is none", country="CH", above="high"),
    _get("a parameter that is none", country="CH", colour="red"),
    _one("a record, and its revision", "GET", "IS", "BIRK"),
    _one("a change under that revision", "PATCH", "IS", "BIRK", body={"city": "Höfn", "iata": None}, if_match="{etag}"),
    _one("the same again, now stale", "PATCH", "IS", "BIRK", body={"city": "!"}, if_match="{stale}"),
    _one("a field that is not there", "PATCH", "IS", "BIRK", body={"ctiy": "x"}, if_match="{etag}"),
    _one("a value of a wrong type", "PATCH", "IS", "BIRK", body={"elevation": "high"}, if_match="{etag}"),
    _one("an empty value for an index", "PATCH", "IS", "BIRK", body={"iata": ""}, if_match="{etag}"),
    Question("a batch", "POST /airports", body=NEW),
    Question("a batch with a bad item", "POST /airports", body=[NEW[0], {**NEW[1], "icao": ""}]),
    _one("what the batch wrote", "GET", "ZZ", "ZZ29"),
    _one("a replacement", "PUT", "ZZ", "ZZ29", body={**NOWHERE, "name": "Nowhere"}, if_match="{etag}"),
    _one("a stale replacement", "PUT", "ZZ", "ZZ29", body={**NOWHERE, "name": "Nowhere"}, if_match="{stale}"),
    Question("a transaction", "POST /twins", body=[["ZZ", "ZZ00"], ["ZZ", "ZZ01"]]),
    _one("what it wrote", "GET", "ZZ", "ZZ00"),
    Question("a transaction that must fail", "POST /twins", body=[["ZZ", "ZZ02"], ["ZZ", "NOPE"]]),
    _one("what it did not write", "GET", "ZZ", "ZZ02"),
    _one("a removal", "DELETE", "ZZ", "ZZ00"),
    _one("a removal of nothing", "DELETE", "ZZ", "ZZ00"),
    Question("a batch of removals", "DELETE /airports", body=[["ZZ", each["icao"]] for each in NEW]),
    _get("nothing is left", country="ZZ"),
    _one("no time left", "GET", "CH", "LSZH", milliseconds=0),
]


class Answer(NamedTuple):
    """What a handler said: the status, and the body as text, with a page token only named."""

    title: str
    status: int
    body: str


class Context:
    """The part of a Lambda context that the handler uses."""

    def __init__(self, milliseconds: int) -> None:
        self._milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self._milliseconds


Request = tuple[dict[str, Any], Context]


def ask_all(handler: Callable[[dict[str, Any], Context], dict[str, Any]]) -> list[Answer]:
    """Return a handler's answers to all questions."""
    interview = _interview()
    request = next(interview)
    while True:
        try:
            request = interview.send(handler(*request))
        except StopIteration as finished:
            return cast("list[Answer]", finished.value)


async def ask_all_async(handler: Callable[[dict[str, Any], Context], Awaitable[dict[str, Any]]]) -> list[Answer]:
    """Return an asynchronous handler's answers to all questions."""
    interview = _interview()
    request = next(interview)
    while True:
        try:
            request = interview.send(await handler(*request))
        except StopIteration as finished:
            return cast("list[Answer]", finished.value)


def _interview() -> Generator[Request, dict[str, Any], list[Answer]]:
    known = {"token": "", "etag": "", "stale": ""}
    answers: list[Answer] = []
    for question in QUESTIONS:
        reply = yield _event(question, known), Context(question.milliseconds)
        _learn(known, reply)
        answers.append(Answer(question.title, reply["statusCode"], _without_token(reply.get("body", ""))))
    return answers


def _event(question: Question, known: dict[str, str]) -> dict[str, Any]:
    """Return the question as API Gateway sends it."""
    path = None if question.path is None else dict(zip(("country", "icao"), question.path, strict=True))
    return {
        "version": "2.0",
        "routeKey": question.route,
        "pathParameters": path,
        "queryStringParameters": {name: text.format(**known) for name, text in question.asked.items()} or None,
        "headers": {} if question.if_match is None else {"if-match": question.if_match.format(**known)},
        "body": None if question.body is None else json.dumps(question.body),
        "isBase64Encoded": False,
    }


def _learn(known: dict[str, str], reply: dict[str, Any]) -> None:
    if etag := reply.get("headers", {}).get("etag"):
        known["etag"], known["stale"] = etag, known["etag"]
    content: dict[str, Any] = json.loads(reply.get("body") or "{}")
    if token := content.get("next"):
        known["token"] = token


def _without_token(body: str) -> str:
    content = json.loads(body or "null")
    if isinstance(content, dict) and content.get("next"):
        content["next"] = "..."
    return body if not body else json.dumps(content, ensure_ascii=False)
