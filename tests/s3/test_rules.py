"""The strict validator of S3's requests takes what is right, and refuses what S3 would."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from holdall.testing.s3 import HttpRequest, RequestRefused, check

UPLOAD = "/b/k?uploadId=u"
PARTS = b'<CompleteMultipartUpload xmlns="x"><Part><PartNumber>%d</PartNumber><ETag>e</ETag></Part><Part><PartNumber>2'
PARTS += b"</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>"


def crc(body: bytes) -> str:
    return base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()


def request(method: str = "PUT", target: str = "/b/k", body: bytes = b"", **headers: str) -> HttpRequest:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    signed = sorted(name for name in given if name.startswith("x-amz-"))
    return HttpRequest(method, target, {
        "Host": "h", "x-amz-date": "20260101T000000Z", "x-amz-content-sha256": hashlib.sha256(body).hexdigest(),
        "Authorization": f"AWS4 SignedHeaders={';'.join(['host', 'x-amz-content-sha256', 'x-amz-date', *signed])}, S",
        **given,
    }, body)  # fmt: skip


def removal(count: int) -> bytes:
    return b'<Delete xmlns="x">' + b"<Object><Key>a</Key></Object>" * count + b"</Delete>"


RIGHT: list[HttpRequest] = [
    request(), request("GET", "/b/a//b/./c/../d", Range="bytes=0-4"),
    request("GET", f"/b/{'k' * 1024}", If_Match='"e"'),
    request(body=b"x", If_None_Match="*", x_amz_checksum_crc32=crc(b"x"), x_amz_meta_by="=?UTF-8?B?w6k=?="),
    request("POST", UPLOAD, PARTS % 1, If_None_Match="*"), request("PUT", "/b/k?partNumber=1&uploadId=u", b"x"),
    request(x_amz_copy_source="b/a%20b", If_Match='"e"', x_amz_tagging="a=b"), request("DELETE", If_Match='"e"'),
    request("POST", "/b?delete=", removal(1000), x_amz_checksum_crc32=crc(removal(1000))),
    request("GET", "/b?list-type=2&max-keys=1000"), request(x_amz_storage_class="STANDARD_IA"),
]  # fmt: skip
WRONG: dict[str, HttpRequest] = {
    "a long key": request(target=f"/b/{'k' * 1025}"),
    "a key that is no UTF-8": request(target="/b/%ff"),
    "a path that is not encoded": request(target="/b/a b"),
    "no signature": HttpRequest("GET", "/b/k", {"Host": "h"}, b""),
    "a header that is not signed": HttpRequest("GET", "/b/k", {**request().headers, "x-amz-acl": "private"}, b""),
    "another hash": HttpRequest("PUT", "/b/k", request().headers, b"x"),
    "metadata that is no ASCII": request(x_amz_meta_by="José"),
    "much metadata": request(x_amz_meta_by="x" * 2048),
    "eleven tags": request(x_amz_tagging="&".join(f"{n}=x" for n in range(11))),
    "a long tag": request(x_amz_tagging=f"{'n' * 129}=x"),
    "If-None-Match of an ETag": request(If_None_Match='"e"'),
    "If-None-Match on a part": request("PUT", "/b/k?partNumber=1&uploadId=u", If_None_Match="*"),
    "If-Match without quotes": request(If_Match="e"),
    "both conditions": request(If_Match='"e"', If_None_Match="*"),
    "a range that ends before it begins": request("GET", Range="bytes=5-4"),
    "an empty suffix": request("GET", Range="bytes=-0"),
    "a source without a key": request(x_amz_copy_source="b/"),
    "a source that is not encoded": request(x_amz_copy_source="b/é"),
    "part 0": request("PUT", "/b/k?partNumber=0&uploadId=u"),
    "part 10,001": request("PUT", "/b/k?partNumber=10001&uploadId=u"),
    "a part of no upload": request("PUT", "/b/k?partNumber=1"),
    "parts out of order": request("POST", UPLOAD, PARTS % 3),
    "no parts": request("POST", UPLOAD, b"<CompleteMultipartUpload/>"),
    "a checksum of something else": request(body=b"x", x_amz_checksum_crc32=crc(b"y")),
    "a short checksum": request(x_amz_checksum_crc32="AAA="),
    "1,001 keys": request("POST", "/b?delete=", removal(1001), x_amz_checksum_crc32=crc(removal(1001))),
    "no keys": request("POST", "/b?delete=", removal(0), x_amz_checksum_crc32=crc(removal(0))),
    "a removal without a checksum": request("POST", "/b?delete=", removal(1)),
    "a page of 1,001": request("GET", "/b?list-type=2&max-keys=1001"),
    "an unknown class": request(x_amz_storage_class="COLD"),
    "an unknown encryption": request(x_amz_server_side_encryption="rot13"),
    "large headers": request(X_Long="x" * 9000),
}


@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_what_is_right_is_taken(right: HttpRequest) -> None:
    check(right)


@pytest.mark.parametrize("name", WRONG)
def test_what_s3_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(RequestRefused):
        check(WRONG[name])


def test_a_refusal_says_by_which_rule() -> None:
    with pytest.raises(RequestRefused, match="conditions: both"):
        check(request(If_Match='"e"', If_None_Match="*"))


