"""Signatures: AWS's published vectors, and botocore's signer at the same instant."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
import random
import string
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl

import botocore.auth
import botocore.awsrequest
import botocore.compat
import botocore.credentials
import pytest

from holdall import Credentials
from holdall_adapters._aws.endpoints import parse_endpoint
from holdall_adapters._aws.protocol import CONTENT_TYPES, dumps, target_of
from holdall_adapters._aws.signing import Signer, canonical_request, signing_key, string_to_sign
from holdall_adapters.dynamodb.client import SERVICE

from .services import RDS_DATA, SSM

VECTORS = json.loads((Path(__file__).parent / "vectors/sigv4.json").read_text("utf-8"))
# Paths as they are sent, which S3 alone wants, are for its own adapter.
HERE = [one for one in VECTORS if one["context"]["normalize"]]


def headers_of(lines: list[str]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for line in lines:
        if line.startswith(" "):  # goes on from the line before
            found[-1] = (found[-1][0], f"{found[-1][1]} {line}")
        else:
            name, _, value = line.partition(":")
            found.append((name, value))
    return found


def canonical_of(vector: dict[str, Any]) -> tuple[str, str]:
    context = vector["context"]
    head, _, body = vector["request"].partition("\n\n")
    first, *lines = head.rstrip("\n").split("\n")
    method, _, rest = first.partition(" ")
    path, _, query = rest.removesuffix(" HTTP/1.1").partition("?")
    headers = [*headers_of(lines), ("X-Amz-Date", date_of(context))]
    digest = hashlib.sha256(body.encode()).hexdigest()
    if context["sign_body"]:
        headers.append(("x-amz-content-sha256", digest))
    if "token" in context["credentials"] and not context.get("omit_session_token"):
        headers.append(("X-Amz-Security-Token", context["credentials"]["token"]))
    return canonical_request(method, path, parse_qsl(query, keep_blank_values=True), headers, digest)


def date_of(context: dict[str, Any]) -> str:
    return str(context["timestamp"]).replace("-", "").replace(":", "")


@pytest.mark.parametrize("vector", HERE, ids=[one["name"] for one in HERE])
def test_every_vector_signs_as_aws_says(vector: dict[str, Any]) -> None:
    context, date = vector["context"], date_of(vector["context"])
    canonical, _ = canonical_of(vector)
    scope = f"{date[:8]}/{context['region']}/{context['service']}/aws4_request"
    text = string_to_sign(date, scope, canonical)
    key = signing_key(context["credentials"]["secret_access_key"], date[:8], context["region"], context["service"])
    assert canonical == vector["canonical_request"]
    assert text == vector["string_to_sign"]
    assert hmac.digest(key, text.encode(), "sha256").hex() == vector["signature"]


def test_only_paths_as_they_are_sent_are_left_out() -> None:
    left = {one["name"] for one in VECTORS} - {one["name"] for one in HERE}
    assert len(HERE) == 31
    assert all(name.endswith("-unnormalized") for name in left)


ODD = string.ascii_letters + string.digits + ' /+=%äöß€𝄞"\\\n\t'
SERVICES = (SERVICE, SSM, RDS_DATA)


def value_of(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(8 if depth < 3 else 5)
    if kind == 0:
        return chance.randbytes(chance.randrange(20))
    if kind in (1, 2):
        return "".join(chance.choices(ODD, k=chance.randrange(30)))
    if kind == 3:
        return chance.choice([True, False, None])
    if kind == 4:
        return chance.randrange(-(10**9), 10**9)
    if kind == 5:
        return [value_of(chance, depth + 1) for _ in range(chance.randrange(4))]
    names = ("".join(chance.choices(ODD, k=5)) for _ in range(chance.randrange(4)))
    return {name: value_of(chance, depth + 1) for name in names}


@pytest.mark.parametrize("seed", range(20))
def test_calls_are_signed_as_botocore_signs_them(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    for _ in range(150):
        service = chance.choice(SERVICES)
        operation = chance.choice(sorted(service.operations))
        region = chance.choice(["eu-west-1", "us-gov-west-1", "cn-north-1", "local"])
        regional = f"https://{service.name}.{region}.amazonaws.com"
        url = chance.choice([regional, "http://127.0.0.1:8000", "https://h:4443/base"])
        token = chance.choice([None, "AQoDYXdzEPT//////////wEX=="])
        keys = Credentials("AKIDEXAMPLE", "".join(chance.choices(string.printable[:90], k=40)), token)
        instant = dt.datetime(2020, 1, 1, tzinfo=dt.timezone.utc) + dt.timedelta(seconds=chance.randrange(10**9))
        body = dumps({"Value": value_of(chance)})
        ours = signed_here(service, operation, url, region, keys, instant, body)
        theirs = signed_by_botocore(service, region, keys, instant, ours, monkeypatch)
        assert ours[1]["Authorization"] == theirs["Authorization"]
        assert ours[1]["X-Amz-Date"] == theirs["X-Amz-Date"]


def signed_here(
    service: Any, operation: str, url: str, region: str, keys: Credentials, instant: dt.datetime, body: bytes
) -> tuple[str, dict[str, str], bytes]:
    endpoint = parse_endpoint(url)
    assert endpoint is not None
    path = endpoint.path + service.operations[operation]
    signer = Signer(service.name, region, endpoint.authority, CONTENT_TYPES[service.protocol])
    headers = signer.headers(keys, path, target_of(service, operation), body, instant.timestamp())
    return endpoint._replace(path="").url + path, headers, body


def signed_by_botocore(
    service: Any, region: str, keys: Credentials, instant: dt.datetime, ours: tuple[str, dict[str, str], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:  # fmt: skip
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return instant

        @classmethod
        def utcnow(cls) -> Any:
            return instant.replace(tzinfo=None)

    # Newer versions of botocore ask a function of their own, older ones the class.
    if hasattr(botocore.auth, "get_current_datetime"):
        monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda **_: instant.replace(tzinfo=None))
    if hasattr(botocore.auth, "datetime"):
        monkeypatch.setattr(botocore.auth, "datetime", SimpleNamespace(datetime=Clock, timezone=dt.timezone))
    url, headers, body = ours
    wanted = {"Content-Type", "X-Amz-Target"}
    request = botocore.awsrequest.AWSRequest(
        "POST", url, headers={name: value for name, value in headers.items() if name in wanted}, data=body
    )
    credentials = botocore.credentials.Credentials(keys.access_key_id, keys.secret_access_key, keys.session_token)
    botocore.auth.SigV4Auth(credentials, service.name, region).add_auth(request)
    return request.headers


def test_the_key_of_a_day_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    from holdall_adapters._aws import signing

    real = signing.signing_key
    monkeypatch.setattr(signing, "signing_key", lambda *args: made.append(args[1]) or real(*args))
    signer, keys = Signer("dynamodb", "eu-west-1", "h", "t"), Credentials("A", "s")
    for now in (0.0, 1.0, 86399.0, 86400.0, 86401.0):
        signer.headers(keys, "/", "T", b"", now)
    signer.headers(Credentials("B", "s"), "/", "T", b"", 86402.0)
    assert made == ["19700101", "19700102", "19700102"]
