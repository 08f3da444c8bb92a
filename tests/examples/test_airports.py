"""The example application: the same answers, byte for byte, on every store, sync and async."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from examples.airports import app, data, demo, questions

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from examples.airports.questions import Answer


@pytest.fixture(scope="module")
def airports() -> list[app.Airport]:
    return data.load_airports(data.PART)


@pytest.fixture(scope="module")
def expected(airports: list[app.Airport]) -> list[Answer]:
    return interview("memory://", airports)


def interview(url: str, airports: Sequence[app.Airport]) -> list[Answer]:
    with holdall.open_repository(url, app.AIRPORTS) as store:
        store.provision()
        store.put_many(airports)
        return questions.ask_all(lambda event, context: app.handler(event, context, store))


def interview_async(url: str, airports: Sequence[app.Airport]) -> list[Answer]:
    async def program() -> list[Answer]:
        async with holdall.open_async_repository(url, app.AIRPORTS) as store:
            await store.provision()
            await store.put_many(airports)
            return await questions.ask_all_async(lambda event, context: app.async_handler(event, context, store))

    return asyncio.run(program())


@pytest.fixture(params=[interview, interview_async], ids=["sync", "async"])
def ask(request: pytest.FixtureRequest) -> Callable[[str, Sequence[app.Airport]], list[Answer]]:
    chosen: Any = request.param
    return chosen


def as_bytes(answers: Sequence[Answer]) -> bytes:
    return "\n".join(f"{answer.title}\t{answer.status}\t{answer.body}" for answer in answers).encode()


def test_memory_answers_async_as_sync(airports: list[app.Airport], expected: list[Answer]) -> None:
    assert as_bytes(interview_async("memory://", airports)) == as_bytes(expected)


def test_no_question_is_answered_by_a_defect_of_the_server(expected: list[Answer]) -> None:
    assert [answer for answer in expected if answer.status in (500, 501, 503)] == []


def test_the_whole_world_gives_the_answers_of_the_part(expected: list[Answer]) -> None:
    assert as_bytes(interview("memory://", data.load_airports())) == as_bytes(expected)


def test_the_questions_leave_the_store_as_they_found_it_but_for_one_record(airports: list[app.Airport]) -> None:
    store = holdall.open_repository("memory://", app.AIRPORTS)
    store.put_many(airports)
    questions.ask_all(lambda event, context: app.handler(event, context, store))
    before = {(one.country, one.icao): app.shown(one) for one in airports}
    after = {(one.country, one.icao): app.shown(one) for one in store.scan()}
    assert {key for key in before | after if before.get(key) != after.get(key)} == {("IS", "BIRK")}


def test_the_demonstration_tells_that_the_answers_are_equal(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["memory://", "memory://other", "--part"]) == 0
    assert capsys.readouterr().out.count("equal, all") == 2


def test_the_demonstration_tells_which_answers_differ() -> None:
    right = demo.Report("memory://a", 1, 0.0, [questions.Answer("by key", 200, "{}")], 0.0)
    wrong = demo.Report("memory://b", 1, 0.0, [questions.Answer("by key", 404, "{}")], 0.0)
    verdicts = list(demo.stores_table([right, wrong]).columns[4].cells)
    assert verdicts == ["[green]equal, all 1", "[red]differ: by key"]


def test_the_demonstration_reports_a_wrong_url_without_a_trace(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.main(["memroy://", "--part"]) == 2
    assert "did you mean 'memory'" in capsys.readouterr().out
