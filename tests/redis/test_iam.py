"""Tokens of ElastiCache: those of botocore at the same instant, made anew in time, and taken for passwords."""

from __future__ import annotations

import asyncio
import datetime as dt
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import botocore.signers
import pytest
import redis
from botocore.credentials import Credentials as BotoCredentials
from botocore.hooks import HierarchicalEmitter
from botocore.model import ServiceId

from holdall import ConfigError, Credentials
from holdall.cache_drivers import CacheFailed
from holdall.testing.caches import new_key, together
from holdall_adapters._aws.errors import NoCredentials
from holdall_adapters._aws.presigning import Signing
from holdall_adapters.redis import iam as module
from holdall_adapters.redis.iam import Tokens, token_of
from holdall_adapters.redis.options import Iam
from tests.redis.opened import driver_of, opened

if TYPE_CHECKING:
    from collections.abc import Iterator

NOW = dt.datetime(2026, 5, 4, 3, 2, 1, tzinfo=dt.timezone.utc)
KEYS = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
TEMPORARY = Credentials("ASIAEXAMPLE", "secret", "AQoDYXdzEPT//////////wEX+=")
CLOCKS = {
    # Newer versions of botocore ask a function of their own, older ones the class.
    "get_current_datetime": lambda **_: NOW.replace(tzinfo=None),
    "datetime": SimpleNamespace(datetime=SimpleNamespace(utcnow=lambda: NOW.replace(tzinfo=None))),
}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Give a time that passes when it is told to."""
    clock = SimpleNamespace(now=NOW.timestamp())
    monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: clock.now))
    return clock


def botocores(keys: Credentials, region: str, iam: Iam, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the token that AWS's own example makes by botocore."""
    for name in ("get_current_datetime", "datetime"):
        if hasattr(botocore.auth, name):
            monkeypatch.setattr(botocore.auth, name, CLOCKS[name])
    # The signer refers to it weakly.
    emitter = HierarchicalEmitter()
    signer = botocore.signers.RequestSigner(
        ServiceId("elasticache"), region, "elasticache", "v4",
        BotoCredentials(keys.access_key_id, keys.secret_access_key, keys.session_token), emitter,
    )  # fmt: skip
    kind = "&ResourceType=ServerlessCache" if iam.serverless else ""
    url = f"http://{iam.cache_name}/?Action=connect&User={iam.user}{kind}"
    asked: dict[str, Any] = {"method": "GET", "url": url, "body": {}, "headers": {}, "context": {}}
    made: str = signer.generate_presigned_url(asked, operation_name="connect", expires_in=900, region_name=region)
    return made.removeprefix("http://")


def parts(token: str) -> tuple[str, str, dict[str, str]]:
    split = urlsplit(f"//{token}")
    return split.netloc, split.path, dict(parse_qsl(split.query, strict_parsing=True))


@pytest.mark.parametrize("keys", [KEYS, TEMPORARY])
@pytest.mark.parametrize("iam", [Iam("my-cache", "app"), Iam("my-cache", "app-01", True)])
def test_a_token_is_that_of_botocore(keys: Credentials, iam: Iam, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_of(iam, Signing(keys, "eu-west-1", int(NOW.timestamp()), "elasticache"))
    theirs = botocores(keys, "eu-west-1", iam, monkeypatch)
    assert parts(token) == parts(theirs)
    assert parts(token)[2]["X-Amz-Signature"]


def test_a_token_is_made_anew_when_a_third_of_its_time_is_left(clock: SimpleNamespace) -> None:
    tokens = Tokens(Iam("my-cache", "app", region="eu-west-1"), KEYS)
    first = tokens.get_credentials()
    clock.now += 599
    assert tokens.get_credentials() == first
    clock.now += 2
    second = tokens.get_credentials()
    assert second != first
    assert (first[0], second[0]) == ("app", "app")


def test_a_clock_that_was_set_back_makes_a_token_anew(clock: SimpleNamespace) -> None:
    tokens = Tokens(Iam("my-cache", "app", region="eu-west-1"), KEYS)
    first = tokens.get_credentials()
    clock.now -= 3600
    assert tokens.get_credentials() != first


def test_tasks_get_the_token_that_threads_get(clock: SimpleNamespace) -> None:
    tokens = Tokens(Iam("my-cache", "app", region="eu-west-1"), KEYS)
    first = asyncio.run(tokens.get_credentials_async())
    assert tokens.get_credentials() == first
    assert asyncio.run(tokens.get_credentials_async()) == first


def test_threads_at_once_make_one_token(clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    made, lock = [], threading.Lock()

    def counted(*given: Any) -> str:
        with lock:
            made.append(given)
        return token_of(*given)

    monkeypatch.setattr(module, "token_of", counted)
    tokens = Tokens(Iam("my-cache", "app", region="eu-west-1"), KEYS)
    assert len(set(together(16, lambda _: tokens.get_credentials()))) == 1
    assert len(made) == 1


def test_keys_and_region_are_found_as_for_other_services(
    clock: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS.secret_access_key)
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    _, token = Tokens(Iam("my-cache", "app"), None).get_credentials()
    assert token == token_of(Iam("my-cache", "app"), Signing(KEYS, "eu-central-1", int(clock.now), "elasticache"))


def test_without_keys_there_is_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "connect", lambda *_: (SimpleNamespace(identity=no_identity), None))
    with opened("rediss://localhost:1?iam=true&username=app&cache_name=c&region=eu-west-1") as cache:
        provider = cache.driver.native.connection_pool.connection_kwargs["credential_provider"]
        with pytest.raises(NoCredentials):
            provider.get_credentials()


async def no_identity() -> Any:
    raise NoCredentials("none")


@pytest.fixture
def url(redis_address: str, clock: SimpleNamespace) -> Iterator[str]:
    """Give the URL of a cache whose user has the token of the hour as the password."""
    user = f"iam-{new_key().replace(':', '-')}"
    _, token = Tokens(Iam("my-cache", user, region="eu-west-1"), KEYS).get_credentials()
    with redis.Redis.from_url(redis_address.replace("?ca=", "?ssl_ca_certs=")) as client:
        client.execute_command("ACL", "SETUSER", user, "on", f">{token}", "~*", "+@all")
        yield f"{redis_address}&iam=true&username={user.title()}&cache_name=My-Cache&region=eu-west-1"
        client.execute_command("ACL", "DELUSER", user)


@pytest.mark.parametrize("asynchronous", [False, True])
@pytest.mark.parametrize("scheme", ["rediss", "valkeys"])
def test_the_token_signs_in(url: str, clock: SimpleNamespace, scheme: str, asynchronous: bool) -> None:
    address = url.replace("rediss", scheme)
    with opened(address, asynchronous=asynchronous, credentials=KEYS) as cache:
        assert cache.at(new_key()) is None
    with (
        opened(address, asynchronous=asynchronous, credentials=TEMPORARY) as cache,
        pytest.raises(CacheFailed, match="let the client in"),
    ):
        cache.at(new_key())


@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_keeps_a_token_from_being_made_fails_the_call(
    redis_address: str, monkeypatch: pytest.MonkeyPatch, asynchronous: bool
) -> None:
    monkeypatch.setattr(module, "connect", lambda *_: (SimpleNamespace(identity=no_identity), None))
    address = f"{redis_address}&iam=true&username=app&cache_name=c&region=eu-west-1"
    with (
        opened(address, asynchronous=asynchronous) as cache,
        pytest.raises(CacheFailed, match="no usable AWS keys"),
    ):
        cache.at(new_key())


def test_where_boto3_is_needed_and_missing_it_is_said_when_the_cache_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setattr("holdall_adapters._aws.boto.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="boto3"):
        driver_of("rediss://localhost?iam=true&username=app&cache_name=c")
