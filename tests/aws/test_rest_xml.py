"""The lean client's requests to S3 are botocore's, and it reads botocore's answers out of the same bytes."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config

from holdall.credentials import Credentials
from holdall.errors import InvalidArgument
from holdall_adapters._aws.endpoints import Endpoint, parse_endpoint, regional
from holdall_adapters._aws.errors import BadAnswer, Refused
from holdall_adapters._aws.protocol import Answer
from holdall_adapters._aws.rest_xml.answers import read_answer, read_refusal
from holdall_adapters._aws.rest_xml.operations import OPERATIONS
from holdall_adapters._aws.rest_xml.places import moved, place_of
from holdall_adapters._aws.rest_xml.requests import document, prepared
from holdall_adapters._aws.rest_xml.signing import UNSIGNED, RestSigner, payload_hash
from holdall_adapters._aws.services import method_name

if TYPE_CHECKING:
    from collections.abc import Callable

KEY, SECRET = "AKIDEXAMPLE", "secret"
REGION = "eu-west-1"
PARAMS: list[tuple[str, dict[str, Any]]] = [
    ("GetObject", {"Key": "a/b", "Range": "bytes=1-2", "IfMatch": '"e"', "VersionId": "v+1",
                   "ChecksumMode": "ENABLED"}),
    ("GetObject", {"Key": "a b+c%/é🚀~!*'()", "ChecksumMode": "ENABLED"}),
    ("GetObject", {"Key": "a//b/./c/../d", "ChecksumMode": "ENABLED"}),
    ("HeadObject", {"Key": "a", "ChecksumMode": "ENABLED"}),
    ("PutObject", {"Key": "a", "Body": b"hello", "ContentType": "text/plain; charset=utf-8", "Metadata": {"by": "me"},
                   "ChecksumCRC32": "NhCmhg==", "IfNoneMatch": "*", "Tagging": "a=b&c=d%20e",
                   "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "key", "StorageClass": "STANDARD_IA"}),
    ("PutObject", {"Key": "a", "Body": b"hello", "ContentType": "text/plain", "Metadata": {}}),
    ("PutObject", {"Key": "a", "Body": b"", "ContentType": "text/plain", "IfMatch": '"e"'}),
    ("DeleteObject", {"Key": "a", "IfMatch": '"e"', "VersionId": "v"}),
    ("DeleteObjects", {"Delete": {"Objects": [{"Key": "a&b<c>\r\n"}, {"Key": "é"}], "Quiet": True}}),
    ("ListObjectsV2", {"Prefix": "a/é", "Delimiter": "/", "StartAfter": "a/\U0010ffff", "MaxKeys": 7}),
    ("ListObjectVersions", {"Prefix": "a", "KeyMarker": "a", "VersionIdMarker": "v"}),
    ("CopyObject", {"Key": "b", "CopySource": {"Bucket": "other", "Key": "a b/é?x", "VersionId": "v/1"},
                    "CopySourceIfMatch": '"e"', "IfNoneMatch": "*", "MetadataDirective": "REPLACE",
                    "ContentType": "text/plain", "Metadata": {"by": "me"}}),
    ("CreateMultipartUpload", {"Key": "a", "ContentType": "text/plain", "Metadata": {"by": "me"},
                               "ChecksumAlgorithm": "CRC32", "ChecksumType": "FULL_OBJECT"}),
    ("UploadPart", {"Key": "a", "UploadId": "u/1=", "PartNumber": 3, "Body": b"part", "ChecksumCRC32": "1RcNhg=="}),
    ("UploadPart", {"Key": "a", "UploadId": "u", "PartNumber": 3, "Body": b"part"}),
    ("UploadPartCopy", {"Key": "a", "UploadId": "u", "PartNumber": 1, "CopySource": {"Bucket": "other", "Key": "a"},
                        "CopySourceRange": "bytes=0-5", "CopySourceIfMatch": '"e"'}),
    ("CompleteMultipartUpload", {"Key": "a", "UploadId": "u", "IfNoneMatch": "*", "ChecksumCRC32": "NhCmhg==",
                                 "ChecksumType": "FULL_OBJECT", "MultipartUpload": {"Parts": [
                                     {"PartNumber": 1, "ETag": '"e"', "ChecksumCRC32": "NhCmhg=="}]}}),
    ("AbortMultipartUpload", {"Key": "a", "UploadId": "u"}),
    ("ListParts", {"Key": "a b/é", "UploadId": "u/1=", "PartNumberMarker": 1000}),
    ("GetObjectTagging", {"Key": "a"}),
    ("PutObjectTagging", {"Key": "a", "Tagging": {"TagSet": [{"Key": "a", "Value": "<é>"}]}}),
    ("HeadBucket", {}),
    ("CreateBucket", {"CreateBucketConfiguration": {"LocationConstraint": REGION}}),
    ("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
]  # fmt: skip
IGNORED = {"user-agent", "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "content-length", "expect",
           "x-amz-date", "host", "x-amz-user-agent", "x-amz-sdk-checksum-algorithm", "content-md5"}  # fmt: skip


class Body:
    """What botocore reads the body of a canned answer from."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, *_: object, **__: object) -> list[bytes]:
        return [self._data]

    def read(self, *_: object) -> bytes:
        data, self._data = self._data, b""
        return data


def client_of(endpoint: str | None = None) -> Any:
    session = botocore.session.get_session()
    return session.create_client(
        "s3", region_name=REGION, aws_access_key_id=KEY, aws_secret_access_key=SECRET, endpoint_url=endpoint,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )  # fmt: skip


def sent_by_botocore(operation: str, params: dict[str, Any], endpoint: str | None = None) -> Any:
    seen: list[Any] = []

    def answer(request: Any, **_: Any) -> AWSResponse:
        seen.append(request)
        return AWSResponse(request.url, 200, {}, Body(b""))  # type: ignore[arg-type]  # what it reads is there

    client = client_of(endpoint)
    client.meta.events.register("before-send.s3", answer)
    getattr(client, method_name(operation))(Bucket="bucket-1", **params)
    return seen[0]


def texts(headers: Any) -> dict[str, str]:
    return {name.lower(): value if isinstance(value, str) else value.decode() for name, value in headers.items()}


def bytes_of(body: Any) -> bytes:
    found = body.read() if hasattr(body, "read") else body
    return b"" if found is None else found.encode() if isinstance(found, str) else bytes(found)


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:9000"], ids=["aws", "own"])
@pytest.mark.parametrize(("operation", "params"), PARAMS, ids=[f"{i}-{name}" for i, (name, _) in enumerate(PARAMS)])
def test_a_request_is_botocore_s(operation: str, params: dict[str, Any], endpoint: str | None) -> None:
    theirs = sent_by_botocore(operation, params, endpoint)
    ours = prepared(operation, {"Bucket": "bucket-1", **params})
    address = regional("s3", REGION) if endpoint is None else parse_endpoint(endpoint)
    assert address is not None
    place = place_of("bucket-1", REGION, address, own=endpoint is not None)
    path = f"{place.path}/{ours.key}" if ours.key or not place.path else place.path
    url = urlsplit(theirs.url)
    assert (ours.method, place.endpoint.authority, path) == (theirs.method, url.netloc, url.path)
    assert sorted(parse_qsl(ours.query, True)) == sorted(parse_qsl(url.query, True))
    signed = RestSigner(REGION).headers(
        Credentials(KEY, SECRET), place.endpoint.authority, path, ours, 0.0, tls=place.endpoint.tls)
    mine = {name.lower(): value for name, value in signed.items()}
    their = texts(theirs.headers)
    if mine["x-amz-content-sha256"] == UNSIGNED or "x-amz-trailer" in their:
        # botocore sends it in chunks with the checksum behind, or signs it all the same; ours has it before.
        mine = {name: value for name, value in mine.items() if name in their and not name.startswith("x-amz-c")}
        their = {name: value for name, value in their.items() if name in mine}
    differ = {name for name in mine.keys() | their.keys() if mine.get(name) != their.get(name)} - IGNORED
    assert differ == set(), {name: (mine.get(name), their.get(name)) for name in differ}
    assert bytes_of(ours.body) in bytes_of(theirs.body)
    assert ours.body or not bytes_of(theirs.body)


@pytest.mark.parametrize(("operation", "params"), PARAMS[:6], ids=[name for name, _ in PARAMS[:6]])
def test_a_signature_is_botocore_s(operation: str, params: dict[str, Any]) -> None:
    theirs = sent_by_botocore(operation, params)
    text = texts(theirs.headers)
    said = re.search(r"SignedHeaders=([^,]+), Signature=(\w+)", text["authorization"])
    assert said is not None
    url = urlsplit(theirs.url)
    names = [name for name in said[1].split(";") if name not in ("host", "x-amz-date", "x-amz-content-sha256")]
    ours = prepared(operation, {"Bucket": "bucket-1", **params})
    ours = ours._replace(headers={name: text[name] for name in names})
    at = dt.datetime.strptime(text["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.timezone.utc).timestamp()
    signed = RestSigner(REGION).headers(Credentials(KEY, SECRET), url.netloc, url.path, ours, at, tls=True)
    if signed["x-amz-content-sha256"] == text["x-amz-content-sha256"]:
        assert signed["Authorization"].endswith(said[2])


def test_a_session_token_is_sent_and_signed() -> None:
    request = prepared("HeadBucket", {"Bucket": "b"})
    signed = RestSigner(REGION).headers(Credentials(KEY, SECRET, "token"), "b.s3", "/", request, 0.0, tls=True)
    assert signed["x-amz-security-token"] == "token"
    assert "x-amz-security-token" in signed["Authorization"]


def test_a_body_is_hashed_where_others_might_change_it() -> None:
    request = prepared("PutObject", {"Bucket": "b", "Key": "k", "Body": b"hello"})
    assert payload_hash(request, tls=True) == UNSIGNED
    assert len(payload_hash(request, tls=False)) == 64
    document = prepared("DeleteObjects", {"Bucket": "b", "Delete": {"Objects": [{"Key": "k"}]}})
    assert payload_hash(document, tls=True) == payload_hash(document, tls=False)


def test_a_parameter_that_is_not_known_is_an_error_of_the_program() -> None:
    with pytest.raises(TypeError, match="Colour"):
        prepared("PutObject", {"Bucket": "b", "Key": "k", "Body": b"", "Colour": "red"})


@pytest.mark.parametrize("params", [
    {"IfMatch": '"e"\r\nX-Evil: 1'}, {"ContentType": "a/b\n"}, {"Metadata": {"by": "a\r\nb"}},
    {"Metadata": {"b\ny": "a"}}, {"StorageClass": "é"},
])  # fmt: skip
def test_no_header_begins_another(params: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument, match="header"):
        prepared("PutObject", {"Bucket": "b", "Key": "k", "Body": b"", **params})


def test_what_xml_can_t_hold_is_refused() -> None:
    with pytest.raises(InvalidArgument, match="XML"):
        document("Delete", {"Objects": [{"Key": "\x01"}]})


ANSWERS: dict[str, tuple[str, dict[str, str], bytes]] = {
    "list": ("ListObjectsV2", {}, b"""<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>a%2F</Prefix>
<KeyCount>2</KeyCount>
<MaxKeys>2</MaxKeys><Delimiter>%2F</Delimiter><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<Contents><Key>a%2Fb+c%2B%C3%A9%01</Key><LastModified>2026-11-27T20:00:20.000Z</LastModified><ETag>&quot;e&quot;</ETag>
<Size>5</Size><StorageClass>STANDARD</StorageClass></Contents>
<Contents><Key>z</Key><LastModified>2026-11-27T20:00:20.123Z</LastModified><ETag>"f"</ETag><Size>0</Size></Contents>
<CommonPrefixes><Prefix>a%2Fx%2F</Prefix></CommonPrefixes></ListBucketResult>"""),
    "empty list": ("ListObjectsV2", {}, b"""
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix></Prefix><KeyCount>0</KeyCount><MaxKeys>2</MaxKeys><IsTruncated>false</IsTruncated></ListBucketResult>"""),
    "versions": ("ListObjectVersions", {}, b"""<ListVersionsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
<Name>b</Name><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>a%2B</NextKeyMarker>
<NextVersionIdMarker>v</NextVersionIdMarker><Version><Key>a%2B</Key><VersionId>v</VersionId><IsLatest>true</IsLatest>
<LastModified>2026-11-27T20:00:20.000Z</LastModified><ETag>"e"</ETag><Size>5</Size></Version><DeleteMarker><Key>c</Key>
<VersionId>w</VersionId><IsLatest>false</IsLatest><LastModified>2026-11-27T20:00:20.000Z</LastModified></DeleteMarker>
</ListVersionsResult>"""),
    "uploads": ("ListMultipartUploads", {}, b"""<ListMultipartUploadsResult><Bucket>b</Bucket><KeyMarker></KeyMarker>
<NextKeyMarker>k</NextKeyMarker><NextUploadIdMarker>u</NextUploadIdMarker><MaxUploads>1000</MaxUploads>
<IsTruncated>true</IsTruncated><Upload><Key>a b</Key><UploadId>u</UploadId>
<Initiated>2026-11-27T20:00:20.000Z</Initiated></Upload></ListMultipartUploadsResult>"""),
    "parts": ("ListParts", {}, b"""<ListPartsResult><Bucket>b</Bucket><Key>a+b</Key><UploadId>u</UploadId>
<PartNumberMarker>0</PartNumberMarker><NextPartNumberMarker>2</NextPartNumberMarker><MaxParts>2</MaxParts>
<IsTruncated>true</IsTruncated><Part><PartNumber>1</PartNumber><LastModified>2026-11-27T20:00:20.000Z</LastModified>
<ETag>"e"</ETag><Size>5242880</Size><ChecksumCRC32>NhCmhg==</ChecksumCRC32></Part><Part><PartNumber>2</PartNumber>
<LastModified>2026-11-27T20:00:20.000Z</LastModified><ETag>"f"</ETag><Size>5</Size></Part>
<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType></ListPartsResult>"""),
    "copy": ("CopyObject", {"x-amz-version-id": "v"}, b"""<CopyObjectResult>
<LastModified>2026-11-27T20:00:20.000Z</LastModified>
<ETag>"e"</ETag><ChecksumCRC32>NhCmhg==</ChecksumCRC32></CopyObjectResult>"""),
    "copied part": ("UploadPartCopy", {}, b"""<CopyPartResult><LastModified>2026-11-27T20:00:20.000Z</LastModified>
<ETag>"e"</ETag></CopyPartResult>"""),
    "upload": ("CreateMultipartUpload", {}, b"""<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>a</Key>
<UploadId>u</UploadId></InitiateMultipartUploadResult>"""),
    "complete": ("CompleteMultipartUpload", {"x-amz-version-id": "v"}, b"""
   <CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>a</Key><ETag>"e-2"</ETag>
<ChecksumCRC32>NhCmhg==</ChecksumCRC32><ChecksumType>FULL_OBJECT</ChecksumType></CompleteMultipartUploadResult>"""),
    "removed": ("DeleteObjects", {}, b"""<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>No</Message>
</Error></DeleteResult>"""),
    "tags": ("GetObjectTagging", {},
             b"<Tagging><TagSet><Tag><Key>a</Key><Value>&lt;b&gt;</Value></Tag></TagSet></Tagging>"),
    "no tags": ("GetObjectTagging", {}, b"<Tagging><TagSet></TagSet></Tagging>"),
    "put": ("PutObject", {"ETag": '"e"', "x-amz-checksum-crc32": "NhCmhg==", "x-amz-checksum-type": "FULL_OBJECT",
                          "x-amz-version-id": "v"}, b""),
    "head": ("HeadObject", {"ETag": '"e"', "Content-Length": "5", "Last-Modified": "Fri, 27 Nov 2026 20:00:20 GMT",
                            "Content-Type": "text/plain", "x-amz-meta-by": "me", "x-amz-storage-class": "GLACIER"},
             b""),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_read_as_botocore_reads_it(name: str) -> None:
    operation, more, body = ANSWERS[name]
    headers = {"Content-Length": str(len(body)), "x-amz-request-id": "r", "x-amz-id-2": "h", **more}
    found = read_answer(operation, OPERATIONS[operation], _answer(200, headers, body))
    theirs = _read_by_botocore(operation, headers, body)
    assert found.pop("ResponseMetadata")["RequestId"] == "r"
    assert found == {member: value for member, value in theirs.items() if member in found}
    assert {member for member in theirs if member not in found} <= {"ResponseMetadata", "Metadata"}


def _answer(status: int, headers: dict[str, str], body: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)


def _read_by_botocore(operation: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    client = client_of()

    def answer(request: Any, **_: Any) -> AWSResponse:
        return AWSResponse(request.url, 200, headers, Body(body))  # type: ignore[arg-type]  # what it reads is there

    client.meta.events.register("before-send.s3", answer)
    params = next((params for name, params in PARAMS if name == operation), {})
    found: dict[str, Any] = getattr(client, method_name(operation))(Bucket="bucket-1", **params)
    return found


BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "no XML": lambda body: b"<html>busy",
    "cut": lambda body: body[:-20],
    "a document type": lambda body: b'<!DOCTYPE x [<!ENTITY a "b">]>' + body,
    "no number": lambda body: body.replace(b"<Size>5<", b"<Size>five<"),
    "no instant": lambda body: body.replace(b"2026-11-27T20:00:20.000Z", b"yesterday"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_list_that_is_broken_is_never_read(how: str) -> None:
    body = BROKEN[how](ANSWERS["list"][2])
    with pytest.raises(BadAnswer):
        read_answer("ListObjectsV2", OPERATIONS["ListObjectsV2"],
                    _answer(200, {"Content-Length": str(len(body))}, body))  # fmt: skip


@pytest.mark.parametrize("headers", [{}, {"Content-Length": "7"}], ids=["no length", "another length"])
def test_a_list_that_was_cut_in_its_headers_is_not_empty(headers: dict[str, str]) -> None:
    with pytest.raises(BadAnswer):
        read_answer("ListObjectsV2", OPERATIONS["ListObjectsV2"], _answer(200, headers, b""))


@pytest.mark.parametrize("operation", ["CopyObject", "CompleteMultipartUpload", "UploadPartCopy"])
def test_an_error_that_comes_with_200_is_a_refusal(operation: str) -> None:
    body = b"\n\n<Error><Code>InternalError</Code><Message>again</Message></Error>"
    with pytest.raises(Refused) as refused:
        read_answer(operation, OPERATIONS[operation], _answer(200, {"Content-Length": str(len(body))}, body))
    assert (refused.value.code, refused.value.status) == ("InternalError", 500)


def test_a_refusal_says_who_refused_and_where_the_bucket_is() -> None:
    body = (b"<?xml version='1.0'?><Error><Code>PermanentRedirect</Code><Message>a &amp; b</Message>"
            b"<RequestId>r</RequestId><HostId>h</HostId><Region>us-west-2</Region></Error>")  # fmt: skip
    refused = read_refusal(_answer(301, {}, body))
    assert (refused.code, refused.message, refused.request_id, refused.host_id, refused.region, refused.status) == (
        "PermanentRedirect", "a & b", "r", "h", "us-west-2", 301)  # fmt: skip


def test_a_refusal_without_a_body_has_its_status_for_a_code() -> None:
    refused = read_refusal(_answer(404, {"x-amz-request-id": "r"}, b""))
    assert (refused.code, refused.request_id) == ("404", "r")


def test_a_bucket_has_a_host_of_its_own_but_for_dots() -> None:
    address = Endpoint(True, "s3.eu-west-1.amazonaws.com", 443)
    assert place_of("bucket-1", REGION, address, own=False).endpoint.host == "bucket-1.s3.eu-west-1.amazonaws.com"
    dotted = place_of("a.b", REGION, address, own=False)
    assert (dotted.endpoint.host, dotted.path) == ("s3.eu-west-1.amazonaws.com", "/a.b")


def test_a_bucket_that_is_elsewhere_is_found_there() -> None:
    here = place_of("bucket-1", REGION, Endpoint(True, "s3.eu-west-1.amazonaws.com", 443), own=False)
    there = moved("bucket-1", "us-west-2", here)
    assert there is not None
    assert (there.endpoint.host, there.region) == ("bucket-1.s3.us-west-2.amazonaws.com", "us-west-2")
    assert moved("bucket-1", REGION, here) is None
    assert moved("bucket-1", "not a region", here) is None
