"""A secret that can't be put, or was read before something failed, is shown by nothing that is raised."""

from __future__ import annotations

import asyncio
import pickle
import traceback
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Credentials, RetryPolicy, Secret
from holdall_adapters._aws.errors import BadAnswer, Lost, Unreached
from tests.aws.scripted import CLOSE, http, reply, scripted

from .fakes import Clock, Scripted, config_of, page, parameter, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

HUSH = "hunter2-hush"
KEYS, ONCE = Credentials("test", "test"), RetryPolicy(attempts=1)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and all that it came of, also what tracebacks leave out."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def shown(error: BaseException) -> str:
    """Return all that a log, a traceback with variables, or a debugger of errors shows of one."""
    traced = [
        "".join(traceback.TracebackException.from_exception(one, capture_locals=True).format()) for one in chain(error)
    ]
    words = [f"{one} {one!r} {one.args} {one.__dict__}" for one in chain(error)]
    return "\n".join([*traced, *words, repr(pickle.loads(pickle.dumps(error)).__dict__)])


def raised_by_put(config: Any, **options: Any) -> holdall.HoldallError:
    with pytest.raises(holdall.HoldallError) as caught:
        config.put("password", Secret(HUSH), **options)
    return caught.value


WORDS = f"1 validation error detected: Value '{HUSH}' at 'value' failed to satisfy constraint"
FAILURES: dict[str, Exception] = {
    "invalid": refused("ValidationException", WORDS), "denied": refused("AccessDeniedException", WORDS),
    "of another kind": refused("HierarchyTypeMismatchException", WORDS), "no key": refused("InvalidKeyId", WORDS),
    "taken": refused("ParameterAlreadyExists", WORDS), "unknown": refused("Surprise", WORDS),
    "broken": refused("InternalServerError", WORDS, 500), "lost": Lost(HUSH), "garbled": BadAnswer(HUSH),
    "unreached": Unreached(HUSH),
}  # fmt: skip
OPTIONS: dict[str, dict[str, Any]] = {
    "over": {}, "new": {"if_absent": True}, "tagged": {"tags": {"by": "me"}}, "keyed": {"kms_key": "alias/a"},
}  # fmt: skip


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", FAILURES)
def test_a_put_that_fails_shows_no_secret(name: str, options: str) -> None:
    config = config_of(Scripted(*[FAILURES[name]] * 3))
    error = raised_by_put(config, **OPTIONS[options])
    assert HUSH not in shown(error)
    assert "/shop/password" in error.message or isinstance(error, holdall.AlreadyExists)


def test_a_put_whose_tags_fail_shows_no_secret() -> None:
    calls = Scripted(refused("ParameterAlreadyExists", WORDS), {"Version": 2}, refused("TooManyTagsError", WORDS))
    assert HUSH not in shown(raised_by_put(config_of(calls), tags={"by": "me"})).replace(WORDS, "")


def test_a_put_that_another_write_came_before_shows_no_secret() -> None:
    calls = Scripted({"Parameter": parameter("/shop/password", Version=1)}, {"Version": 3})
    assert HUSH not in shown(raised_by_put(config_of(calls), if_version=1))


ANSWERS = {
    "refused": http(b'{"__type":"ValidationException","message":"%s"}' % WORDS.encode(), status="400 Bad"),
    "failed": http(WORDS.encode(), status="500 Oh"),
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + WORDS.encode()[:80] + CLOSE,
    "garbled": http(WORDS.encode()),
    "without its version": http(b'{"Tier":"%s"}' % HUSH.encode()),
    "no HTTP": f"{HUSH}\r\n\r\n".encode() + CLOSE,
    "redirected": reply(b"", f"Location: http://127.0.0.1/{HUSH}", "Connection: close", status="302 Found"),
}


def url_of(endpoint: str, client: str) -> str:
    return f"ssm:///shop?region=us-east-1&client={client}&endpoint={endpoint}"


@pytest.mark.parametrize("client", ["lean", "boto3"])
@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_to_a_put_shows_no_secret(name: str, client: str) -> None:
    with scripted(ANSWERS[name]) as server:
        url = url_of(server.endpoint, client)
        with holdall.open_config(url, credentials=KEYS, retry=ONCE) as config:
            error = raised_by_put(config)
    assert HUSH not in shown(error)
    assert HUSH.encode() in server.bodies[0]


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_to_an_asynchronous_put_shows_no_secret(name: str) -> None:
    async def put(endpoint: str) -> holdall.HoldallError:
        async with holdall.open_async_config(url_of(endpoint, "lean"), credentials=KEYS, retry=ONCE) as config:
            with pytest.raises(holdall.HoldallError) as caught:
                await config.put("password", Secret(HUSH))
            return caught.value

    with scripted(ANSWERS[name]) as server:
        assert HUSH not in shown(asyncio.run(put(server.endpoint)))


@pytest.mark.parametrize("client", ["lean", "boto3"])
def test_a_put_that_reaches_nobody_shows_no_secret(client: str) -> None:
    with scripted(b"") as server:
        url = url_of(server.endpoint, client)
    with holdall.open_config(url, credentials=KEYS, retry=ONCE) as config:
        assert HUSH not in shown(raised_by_put(config))


READ = page(parameter("/shop/password", HUSH, Type="SecureString"), token="t")
THEN: dict[str, Any] = {
    "a page that is refused": refused("AccessDeniedException"), "a page that is lost": Lost(""),
    "a token that comes back": READ,
}  # fmt: skip


@pytest.mark.parametrize("name", THEN)
def test_what_was_read_before_a_page_failed_is_not_shown(name: str) -> None:
    with pytest.raises(holdall.HoldallError) as caught:
        config_of(Scripted(*[READ, THEN[name]] * 3)).get("password")
    assert HUSH not in shown(caught.value)


def test_what_was_read_before_a_refresh_failed_is_not_shown() -> None:
    clock = Clock()
    config = config_of(Scripted({**READ, "NextToken": ""}, *[Lost("")] * 4), clock=clock)
    assert config.secret("password").reveal() == HUSH
    clock.now += 61
    with pytest.raises(holdall.Unavailable) as caught:
        config.refresh()
    assert config.last_error is not None
    assert HUSH not in shown(caught.value) + shown(config.last_error)


OTHER = {"Parameters": [parameter("/other/a", HUSH)]}


def test_an_answer_about_other_parameters_is_not_shown() -> None:
    with pytest.raises(holdall.Unavailable) as caught:
        config_of(Scripted(*[OTHER] * 3), "ssm:///shop?by=name").get("password")
    assert HUSH not in shown(caught.value)


@pytest.mark.parametrize("kind", [int, dict[str, int], list[bool]])
def test_a_secret_of_another_type_is_not_shown(kind: Any) -> None:
    with pytest.raises(holdall.ConfigError) as caught:
        config_of(Scripted({**READ, "NextToken": ""})).get("password", kind)
    assert HUSH not in shown(caught.value)


def test_what_is_served_is_not_shown() -> None:
    calls = Scripted({**READ, "NextToken": ""})
    config = config_of(calls)
    assert config.secret("password").reveal() == HUSH
    (layer,) = config.engine.layers
    assert HUSH not in f"{config!r} {config.list()!r} {layer.entries!r} {layer.driver!r} {vars(config)!r}"
