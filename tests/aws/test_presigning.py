"""Presigned URLs and forms: those of botocore at the same instant."""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
from email.message import Message
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import botocore.auth
import botocore.config
import botocore.session
import botocore.signers
import pytest

from holdall import Credentials, InvalidArgument
from holdall.blob_drivers import PresignAsked, Presigned
from holdall_adapters._aws.endpoints import Endpoint, parse_endpoint, regional
from holdall_adapters._aws.presigning import (
    Signing,
    attachment,
    path_of,
    presigned,
    presigned_form,
    presigned_url,
)
from holdall_adapters._aws.rest_xml.places import place_of

NOW = dt.datetime(2026, 5, 4, 3, 2, 1, tzinfo=dt.timezone.utc)
TOKEN = "AQoDYXdzEPT//////////wEX+="
ODD = "abcXYZ019 /+=%&?#:;,@$!'()*~._-äöß€𝄞[]{}|\\^`<>\"\n\t"
KEYS = ("a", "a b", "/a", "a//b", "a/../b/./c", "..", "a/", "//", "ä/€/𝄞", "a%20b", "a+b&c=d?e#f", ODD)


@pytest.fixture(autouse=True)
def frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return NOW

        @classmethod
        def utcnow(cls) -> Any:
            return NOW.replace(tzinfo=None)

    def now(**_: Any) -> dt.datetime:
        return NOW.replace(tzinfo=None)

    # Newer versions of botocore ask a function of their own, older ones the class.
    for module in (botocore.auth, botocore.signers):
        if hasattr(module, "get_current_datetime"):
            monkeypatch.setattr(module, "get_current_datetime", now)
        if hasattr(module, "datetime"):
            monkeypatch.setattr(module, "datetime", SimpleNamespace(
                datetime=Clock, timezone=dt.timezone, timedelta=dt.timedelta))  # fmt: skip


def client_of(keys: Credentials, region: str, url: str | None = None) -> Any:
    # Without the last word, botocore signs URLs of us-east-1 for the host of no region.
    style: Any = {"addressing_style": "path" if url else "virtual", "us_east_1_regional_endpoint": "regional"}
    config = botocore.config.Config(
        signature_version="s3v4", s3=style, request_checksum_calculation="when_required"
    )
    session: Any = botocore.session.Session()
    return session.create_client(
        "s3", region_name=region, endpoint_url=url, aws_access_key_id=keys.access_key_id, config=config,
        aws_secret_access_key=keys.secret_access_key, aws_session_token=keys.session_token,
    )  # fmt: skip


def keys_of(token: str | None) -> Credentials:
    return Credentials("AKIDEXAMPLE", "se/cr+et" * 5, token)


def endpoint_of(region: str, url: str | None) -> Endpoint:
    endpoint = regional("s3", region) if url is None else parse_endpoint(url)
    assert endpoint is not None
    return endpoint


def ours(
    keys: Credentials, region: str, url: str | None, method: str, key: str, query: dict[str, str],
    headers: dict[str, str], expires: int,
) -> str:  # fmt: skip
    endpoint = endpoint_of(region, url)
    place = place_of("bucket", "eu-west-1", endpoint, own=url is not None)
    authority, prefix = place.endpoint.authority, place.path
    base = ("https" if endpoint.tls else "http", authority, path_of(prefix, key))
    signing = Signing(keys, region, int(NOW.timestamp()))
    return presigned_url(signing, method, base, query.items(), headers.items(), expires)


def parts_of(url: str) -> tuple[str, str, str, list[tuple[str, str]]]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc, parts.path, sorted(parse_qsl(parts.query, keep_blank_values=True))


CALLS: list[tuple[str, str, dict[str, Any], dict[str, str], dict[str, str]]] = [
    ("get_object", "GET", {}, {}, {}),
    ("get_object", "GET", {"VersionId": "v+/="}, {"versionId": "v+/="}, {}),
    ("get_object", "GET", {"ResponseContentDisposition": attachment("ä b.pdf")},
     {"response-content-disposition": attachment("ä b.pdf")}, {}),
    ("delete_object", "DELETE", {}, {}, {}),
    ("delete_object", "DELETE", {"VersionId": "v"}, {"versionId": "v"}, {}),
    ("put_object", "PUT", {}, {}, {}),
    ("put_object", "PUT", {"ContentType": "text/plain; charset=utf-8"}, {},
     {"Content-Type": "text/plain; charset=utf-8"}),
    ("put_object", "PUT", {"ContentType": "image/png", "ContentLength": 7}, {},
     {"Content-Type": "image/png", "Content-Length": "7"}),
]  # fmt: skip


@pytest.mark.parametrize("token", [None, TOKEN], ids=["user", "temporary"])
@pytest.mark.parametrize(("region", "url"), [
    ("eu-west-1", None), ("us-east-1", None), ("cn-north-1", None), ("us-gov-west-1", None),
    ("us-east-1", "http://127.0.0.1:9000"), ("local", "https://minio.example"),
])  # fmt: skip
def test_urls_are_those_of_botocore(region: str, url: str | None, token: str | None) -> None:
    keys = keys_of(token)
    client = client_of(keys, region, url)
    for operation, method, params, query, headers in CALLS:
        for key in KEYS:
            theirs = client.generate_presigned_url(
                operation, Params={"Bucket": "bucket", "Key": key, **params}, ExpiresIn=77
            )
            assert parts_of(ours(keys, region, url, method, key, query, headers, 77)) == parts_of(theirs), key


def test_urls_of_random_keys_are_those_of_botocore() -> None:
    chance = random.Random(7)
    keys = keys_of(None)
    client = client_of(keys, "eu-west-1")
    for _ in range(300):
        key, expires = "".join(chance.choices(ODD, k=chance.randrange(1, 30))), chance.randrange(1, 604_801)
        theirs = client.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": key}, ExpiresIn=expires)
        assert parts_of(ours(keys, "eu-west-1", None, "GET", key, {}, {}, expires)) == parts_of(theirs)


@pytest.mark.parametrize("token", [None, TOKEN], ids=["user", "temporary"])
@pytest.mark.parametrize("key", KEYS)
def test_forms_hold_what_those_of_botocore_hold(key: str, token: str | None) -> None:
    keys = keys_of(token)
    fields = {"key": key, "Content-Type": "image/png"}
    theirs = client_of(keys, "eu-west-1").generate_presigned_post(
        "bucket", key, Fields={"Content-Type": "image/png"},
        Conditions=[{"Content-Type": "image/png"}, ["content-length-range", 2, 5]], ExpiresIn=77,
    )["fields"]  # fmt: skip
    signing = Signing(keys, "eu-west-1", int(NOW.timestamp()))
    made = presigned_form(signing, "bucket", fields, (2, 5), 77)
    assert policy_of(made) == policy_of(theirs)
    # The order of conditions differs, and with it the text that is signed.
    signed = {"policy", "x-amz-signature"}
    assert {name: made[name] for name in made if name not in signed} == {
        name: value for name, value in theirs.items() if name not in signed
    }
    assert list(made)[:2] == ["key", "Content-Type"]
    assert signing.signature(theirs["policy"]) == theirs["x-amz-signature"]
    assert signing.signature(made["policy"]) == made["x-amz-signature"]


def policy_of(fields: dict[str, str]) -> tuple[str, list[str]]:
    policy = json.loads(base64.b64decode(fields["policy"]))
    return policy["expiration"], sorted(json.dumps(condition) for condition in policy["conditions"])


def test_a_form_without_bounds_has_no_range() -> None:
    made = presigned_form(Signing(keys_of(None), "eu-west-1", 0), "bucket", {"key": "a"}, None, 1)
    assert "content-length-range" not in base64.b64decode(made["policy"]).decode()


def test_a_form_takes_no_key_that_the_server_would_change() -> None:
    with pytest.raises(InvalidArgument, match="method='put'"):
        presigned_form(Signing(keys_of(None), "eu-west-1", 0), "bucket", {"key": "up/${filename}"}, None, 1)


@pytest.mark.parametrize(("bucket", "url", "expected"), [
    ("bucket", None, ("bucket.s3.eu-west-1.amazonaws.com", "")),
    ("my.bucket", None, ("s3.eu-west-1.amazonaws.com", "/my.bucket")),
    ("Old_Bucket", None, ("s3.eu-west-1.amazonaws.com", "/Old_Bucket")),
    ("bucket", "http://127.0.0.1:9000", ("127.0.0.1:9000", "/bucket")),
    ("bucket", "https://h/base/", ("h", "/base/bucket")),
])  # fmt: skip
def test_a_bucket_is_in_the_host_s_name_on_aws_where_it_can_be(
    bucket: str, url: str | None, expected: tuple[str, str]
) -> None:
    place = place_of(bucket, "eu-west-1", endpoint_of("eu-west-1", url), own=url is not None)
    assert (place.endpoint.authority, place.path) == expected


def asked_for(asked: PresignAsked, bucket: str = "bucket", url: str | None = None) -> Presigned:
    signing = Signing(keys_of(None), "eu-west-1", int(NOW.timestamp()))
    return presigned(signing, endpoint_of("eu-west-1", url), bucket, asked, own=url is not None)


@pytest.mark.parametrize(("asked", "params"), [
    (PresignAsked("get", "a b", 77, version="v", download_as="ä.pdf"),
     {"VersionId": "v", "ResponseContentDisposition": attachment("ä.pdf")}),
    (PresignAsked("put", "a b", 77, "image/png", size=0), {"ContentType": "image/png", "ContentLength": 0}),
    (PresignAsked("delete", "a b", 77, version="v"), {"VersionId": "v"}),
], ids=lambda value: getattr(value, "method", ""))  # fmt: skip
def test_what_is_asked_for_becomes_the_url_of_botocore(asked: PresignAsked, params: dict[str, Any]) -> None:
    theirs = client_of(keys_of(None), "eu-west-1").generate_presigned_url(
        f"{asked.method}_object", Params={"Bucket": "bucket", "Key": asked.key, **params}, ExpiresIn=77
    )
    made = asked_for(asked)
    assert parts_of(made.url) == parts_of(theirs)
    assert (made.method, made.fields) == (asked.method.upper(), {})
    assert made.headers == ({"Content-Type": "image/png", "Content-Length": "0"} if asked.method == "put" else {})
    assert made.expires_at == NOW + dt.timedelta(seconds=77)


@pytest.mark.parametrize(("bucket", "url", "expected"), [
    ("bucket", None, "https://bucket.s3.eu-west-1.amazonaws.com/"),
    ("my.bucket", None, "https://s3.eu-west-1.amazonaws.com/my.bucket"),
    ("bucket", "http://127.0.0.1:9000", "http://127.0.0.1:9000/bucket"),
])  # fmt: skip
def test_a_form_goes_to_the_bucket(bucket: str, url: str | None, expected: str) -> None:
    made = asked_for(PresignAsked("post", "a", 77, "image/png", min_size=2, max_size=5), bucket, url)
    assert (made.url, made.method, made.headers) == (expected, "POST", {})
    assert list(made.fields)[:2] == ["key", "Content-Type"]
    assert '["content-length-range", 2, 5]' in policy_of(dict(made.fields))[1]


@pytest.mark.parametrize("name", ["May.pdf", "Übersicht.pdf", 'a "b" \\c 50%.txt', "a;b=c, d.txt", "€ 𝄞.txt"])
def test_a_name_for_a_download_is_read_as_it_was(name: str) -> None:
    shown = attachment(name)
    assert shown.isascii()
    message = Message()
    message["Content-Disposition"] = shown.replace(shown[11 : shown.find(" filename*")], "") if "*" in shown else shown
    assert message.get_content_disposition() == "attachment"
    assert message.get_filename() == name
