"""What may be a name, a selector, a label or a value; and that what we take is what the service takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall import InvalidArgument
from holdall.testing.ssm import RequestRefused
from holdall.testing.ssm import check as check_request
from holdall_adapters.ssm.schema import check_labels, check_readable, check_text, check_writable, is_arn, split

ARN = "arn:aws:ssm:eu-west-1:111122223333:parameter"


def taken(check: Callable[..., object], *args: Any) -> bool:
    try:
        check(*args)
    except (InvalidArgument, RequestRefused):
        return False
    return True


@pytest.mark.parametrize(("name", "parts"), [
    ("/a/b", ("/a/b", "")), ("/a/b:3", ("/a/b", "3")), ("/a:blue", ("/a", "blue")), (f"{ARN}/a", (f"{ARN}/a", "")),
    (f"{ARN}/a:3", (f"{ARN}/a", "3")), (f"{ARN}/a/b:blue", (f"{ARN}/a/b", "blue")), ("/a:", ("/a", "")),
    ("/a:b:c", ("/a:b:c", "")), ("", ("", "")),
])  # fmt: skip
def test_a_name_is_told_from_its_selector(name: str, parts: tuple[str, str]) -> None:
    assert split(name) == parts


@pytest.mark.parametrize("name", [
    "/a", "/A/b.c/d_e-f", "/a:1", "/a:blue", "/a:Blue.1_x-", f"/a:{'x' * 100}", f"/{'a/' * 14}a", f"/{'x' * 966}",
    f"{ARN}/a", f"{ARN}/a:3", f"{ARN}/a:blue", "/aws/service/global-infrastructure/regions", "/ssm",
    "/aws/reference/secretsmanager/a/b+c=d@e",
])  # fmt: skip
def test_what_can_be_there_may_be_read(name: str) -> None:
    check_readable(name, name)
    check_request("GetParameter", {"Name": name})


@pytest.mark.parametrize("name", [
    "/", "/a/", "//a", "/a//b", "/a b", "/a\n", "/a\x00", "/é", "/a:", "/a:b:c", "/a:b/c", "/:1", f"/a:{'x' * 101}",
    f"/{'a/' * 15}a", f"/{'x' * 968}", "arn:aws:s3:::b", f"{ARN}", f"{ARN}/", "arn:aws:ssm:eu-west-1:1:parameter/a",
    f"{ARN}/a:3:4", "/a+b", "/a@b",
])  # fmt: skip
def test_what_can_not_be_there_is_not_read(name: str) -> None:
    with pytest.raises(InvalidArgument, match="there is no parameter"):
        check_readable(name, name)


@pytest.mark.parametrize("name", ["/a:1", "/a:", "/aws/x", "/awsome", "/AWS", "/ssm/x", "/SsmX", f"{ARN}/a", "/é", "/"])
def test_what_is_not_of_ones_own_is_not_written(name: str) -> None:
    with pytest.raises(InvalidArgument, match="can't be written"):
        check_writable(name, name)


def test_what_only_begins_like_awss_own_further_down_is_written() -> None:
    check_writable("aws/x", "/shop/aws/x")
    check_writable("ssm", "/shop/ssm")


LETTERS = st.text(st.sampled_from("aB1_.-/:é +@"), max_size=12)


@given(LETTERS)
def test_what_is_read_is_what_the_service_takes(text: str) -> None:
    name = f"/{text}"
    if taken(check_readable, text, name):
        check_request("GetParameter", {"Name": name})
        check_request("GetParameters", {"Names": [name]})


@given(st.one_of(LETTERS, st.text(st.sampled_from("awsSM/x"), max_size=6)))
def test_what_is_written_is_what_the_service_takes_and_all_of_it(text: str) -> None:
    name = f"/{text}"
    new = {"Name": name, "Value": "x", "Type": "String"}
    assert taken(check_writable, text, name) == taken(check_request, "PutParameter", new)


@given(st.lists(st.text(st.sampled_from("aWsSm1_.-é: "), max_size=6), max_size=12))
def test_labels_are_those_that_the_service_takes(labels: list[str]) -> None:
    request = {"Name": "/a", "Labels": labels}
    assert taken(check_labels, tuple(labels)) == taken(check_request, "LabelParameterVersion", request)


@pytest.mark.parametrize("labels", [("x",), ("x" * 100,), ("a.b_c-D1",), ("-",), tuple("abcdefghij")])
def test_a_label_may_be(labels: tuple[str, ...]) -> None:
    check_labels(labels)


@pytest.mark.parametrize("labels", [
    (), ("",), ("1a",), ("aws",), ("AWSx",), ("ssm-1",), ("a b",), ("a:b",), ("a/b",), ("é",), ("x" * 101,),
    tuple("abcdefghijk"), ("a", "2"), ("a\n",),
])  # fmt: skip
def test_a_label_may_not_be(labels: tuple[str, ...]) -> None:
    with pytest.raises(InvalidArgument, match="label"):
        check_labels(labels)


@pytest.mark.parametrize("text", ["{{ssm:a}}", "x{{}}y", "{{\n}}", "{{a}} {{b}}"])
def test_a_reference_may_not_be_a_value(text: str) -> None:
    with pytest.raises(InvalidArgument, match="put 'a'"):
        check_text("a", text)


@given(st.text(st.sampled_from("{}a \n"), min_size=1, max_size=12))
def test_what_is_put_is_what_the_service_takes(text: str) -> None:
    if taken(check_text, "a", text):
        check_request("PutParameter", {"Name": "/a", "Value": text, "Type": "String"})


@pytest.mark.parametrize(("name", "is_one"), [
    (f"{ARN}/a", True), ("arn:aws-cn:ssm:cn-north-1:111122223333:parameter/a", True),
    ("arn:aws-us-gov:ssm:us-gov-west-1:111122223333:parameter/a", True), (f"{ARN}/a:1", False), (ARN, False),
    ("/a", False), ("arn:aws:ssm:eu-west-1:111122223333:document/a", False),
])  # fmt: skip
def test_an_arn_is_told(name: str, is_one: bool) -> None:
    assert is_arn(name) is is_one
