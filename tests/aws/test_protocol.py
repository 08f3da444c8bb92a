"""
Requests, replies and refusals of AWS's JSON protocols, as Smithy's protocol tests and botocore have them.

Of Smithy's cases those are run that touch what is done here: bodies that are JSON as a whole, and the codes of errors.
Left out are those about shapes (defaults, timestamps in other formats, documents, unions whose unknown members are
dropped), since answers stay as JSON has them; about hosts and compression, which no operation in use has; and those of
REST-JSON about labels, query strings and headers.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import random
from enum import Enum
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import botocore.parsers
import botocore.session
import pytest

from holdall._frozen import replace
from holdall_adapters._aws import protocol
from holdall_adapters._aws.errors import BadAnswer
from holdall_adapters._aws.protocol import CONTENT_TYPES, Answer, dumps, loads, read_refusal, read_reply, target_of
from holdall_adapters._aws.services import Service
from holdall_adapters.dynamodb.client import SERVICE

from .services import RDS_DATA, SSM

CASES = json.loads((Path(__file__).parent / "vectors/protocols.json").read_text("utf-8"))
SERVICES = (SERVICE, SSM, RDS_DATA)
SESSION = botocore.session.get_session()
PROTOCOLS = {"json": "json-1.1", "json_1_0": "json-1.0"}


def of(kind: str, *left_out: str) -> list[Any]:
    found = [case for case in CASES if case["kind"] == kind and not any(part in case["id"] for part in left_out)]
    return [pytest.param(case, id=f"{case['protocol']}-{case['id']}") for case in found]


def answer(status: int, body: bytes, **headers: str) -> Answer:
    return Answer(status, {"content-length": str(len(body)), **headers}, body)


# What Smithy says of bodies beyond JSON itself.
SHAPES = ("imestamp", "HostLabel", "HostWithPath", "EndpointTrait", "Gzip", "ContentEncoding", "Null", "NaN", "nfinity",
          "jsonvalue", "locationname", "Blob", "blob")  # fmt: skip


@pytest.mark.parametrize("case", of("request", *SHAPES))
def test_requests_are_those_of_the_protocol_tests(case: dict[str, Any]) -> None:
    wanted = case["serialized"]
    service = replace(SERVICE, protocol=PROTOCOLS[case["protocol"]], target=case["target"])
    headers = {name.lower(): value for name, value in wanted.get("headers", {}).items()}
    assert wanted.get("method", "POST") == "POST"
    assert headers.get("content-type", CONTENT_TYPES[service.protocol]) == CONTENT_TYPES[service.protocol]
    assert headers.get("x-amz-target", target_of(service, case["name"])) == target_of(service, case["name"])
    if "body" in wanted:
        assert loads(dumps(case["params"])) == json.loads(wanted["body"] or "{}")


@pytest.mark.parametrize("case", of("refusal"))
def test_the_code_of_a_refusal_is_found_wherever_it_stands(case: dict[str, Any]) -> None:
    response = case["response"]
    body = response.get("body", "").encode()
    headers = {name.lower(): value for name, value in response.get("headers", {}).items()}
    found = read_refusal(answer(response["status_code"], body, **headers))
    assert (found.code, found.status) == (case["code"], response["status_code"])
    assert found.message == (case["message"] or "")


SHAPED = ("imestamp", "DateTime", "datetime", "unexpected", "Unexpected", "Null", "null", "NaN", "nfinity",
          "IgnoreType", "AllowNulls", "NoPayload", "locationname", "jsonvalue", "_blob", "Blob")  # fmt: skip


@pytest.mark.parametrize("case", of("reply", *SHAPED))
def test_replies_are_those_of_the_protocol_tests(case: dict[str, Any]) -> None:
    body = case["response"].get("body", "").encode() or b"{}"
    found = read_reply(SSM, "GetParameter", {}, answer(200, body))
    wanted = case["result"] or {}
    assert {name: value for name, value in found.items() if name in wanted} == wanted


@pytest.mark.parametrize("text", ["NaN", "Infinity", "", "[]", "null", '"x"', "{", "\ufeff{}"])
def test_what_is_no_object_of_json_is_no_reply(text: str) -> None:
    body = text.encode()
    if text in ("NaN", "Infinity"):
        body = b"[" + body + b"]"
    with pytest.raises(BadAnswer):
        read_reply(SSM, "GetParameter", {}, answer(200, body))


def generated(shape: Any, chance: random.Random, depth: int = 0) -> Any:
    """Return what a service could say of a shape, as JSON has it."""
    kind = shape.type_name
    if kind == "structure":
        names = list(shape.members)
        if getattr(shape, "is_tagged_union", False) or shape.name == "AttributeValue":
            names = [chance.choice([name for name in names if depth < 6 or name not in ("L", "M")])]
        return {name: generated(shape.members[name], chance, depth + 1) for name in names if depth < 9}
    if kind == "list":
        return [generated(shape.member, chance, depth + 1) for _ in range(chance.randrange(3) if depth < 8 else 0)]
    if kind == "map":
        count = chance.randrange(3) if depth < 8 else 0
        return {f"k{number}é": generated(shape.value, chance, depth + 1) for number in range(count)}
    return _SCALARS[kind](chance)


_SCALARS: dict[str, Any] = {
    "string": lambda chance: chance.choice(["", "é€𝄞", 'a\nb"', "1.50", "x" * 50]),
    "blob": lambda chance: base64.b64encode(chance.randbytes(9)).decode(),
    "boolean": lambda chance: chance.choice([True, False]),
    "integer": lambda chance: chance.randrange(-(2**31), 2**31),
    "long": lambda chance: chance.randrange(-(2**63), 2**63),
    "double": lambda chance: chance.choice([0.5, -1.25, 1e300]),
    "float": lambda chance: 0.5,
    "timestamp": lambda chance: 1700000000 + chance.randrange(1000),
}


def plain(value: Any) -> Any:
    """Return what botocore gives, with bytes and instants as JSON has them, and without what is its own."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items() if name != "ResponseMetadata"}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp() if isinstance(value, dt.datetime) else value


def parser_of(service: Service) -> Any:
    model = SESSION.get_service_model(service.name)
    return botocore.parsers.create_parser(model.metadata.get("protocol", "json"))


@pytest.mark.parametrize("service", SERVICES, ids=[one.name for one in SERVICES])
def test_every_reply_is_read_as_botocore_reads_it(service: Service) -> None:
    model, parser, chance = SESSION.get_service_model(service.name), parser_of(service), random.Random(3)
    for operation in sorted(service.operations):
        shape = model.operation_model(operation).output_shape
        for _ in range(30):
            said = generated(shape, chance) if shape is not None else {}
            body = json.dumps(said, ensure_ascii=chance.random() < 0.5).encode()
            theirs = parser.parse({"headers": {}, "body": body, "status_code": 200}, shape)
            assert read_reply(service, operation, {"Select": "COUNT"}, answer(200, body)) == plain(theirs)


ENCODINGS = {
    "bare": lambda code: ({"__type": code, "message": "é"}, {}),
    "namespace": lambda code: ({"__type": f"com.amazonaws.x.v1#{code}", "Message": "é"}, {}),
    "uri": lambda code: ({"__type": f"{code}:http://internal.amazon.com/coral/", "message": ""}, {}),
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("service", SERVICES, ids=[one.name for one in SERVICES])
def test_every_error_of_the_model_is_read_as_botocore_reads_it(service: Service, encoding: str) -> None:
    model, parser = SESSION.get_service_model(service.name), parser_of(service)
    assert len(model.error_shapes) > 3
    for shape in model.error_shapes:
        said, headers = ENCODINGS[encoding](shape.name)
        sent = {**headers, "x-amzn-requestid": "R1"}
        if service.protocol == "rest-json":
            sent["x-amzn-errortype"] = said.pop("__type")
        body = json.dumps(said).encode()
        theirs = parser.parse({"headers": sent, "body": body, "status_code": 400}, None)
        ours = read_refusal(answer(400, body, **sent))
        assert (ours.code, ours.message) == (theirs["Error"]["Code"], theirs["Error"]["Message"])
        assert (ours.status, ours.request_id) == (400, "R1")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"__type": "Throttl', b"\xff"])
def test_a_refusal_that_can_t_be_read_has_its_status_for_a_code(body: bytes) -> None:
    assert read_refusal(answer(503, body)).code == "503"


def test_a_refusal_brings_the_item_and_the_reasons() -> None:
    body = b'{"__type":"x#C","Item":{"id":{"S":"a"}},"CancellationReasons":[{"Code":"None"}]}'
    found = read_refusal(answer(400, body))
    assert (found.item, found.reasons) == ({"id": {"S": "a"}}, ({"Code": "None"},))


class Colour(str, Enum):
    RED = "red"


@pytest.mark.parametrize(("value", "text"), [
    ({"B": b"\x00\xff"}, '{"B":"AP8="}'),
    ({"B": bytearray(b"a")}, '{"B":"YQ=="}'),
    ({"S": "é𝄞"}, '{"S":"é𝄞"}'),
    ({"S": Colour.RED}, '{"S":"red"}'),
    ({"L": [], "M": {}, "NULL": True}, '{"L":[],"M":{},"NULL":true}'),
])  # fmt: skip
def test_values_are_sent_as_json(value: Any, text: str) -> None:
    assert dumps(value) == text.encode()


def test_what_json_has_no_word_for_is_refused() -> None:
    with pytest.raises(TypeError):
        dumps({"S": object()})


def test_orjson_is_used_where_it_is_installed() -> None:
    assert (type(protocol.loads).__name__ == "builtin_function_or_method") == (find_spec("orjson") is not None)
