"""Which requests reads send, how many, and what is made of the answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

import holdall
from holdall import Secret

from .fakes import Scripted, config_of, named, page, parameter, refused, sizes


def test_forty_parameters_below_a_path_are_read_by_four_requests() -> None:
    calls = Scripted(values=named(40))
    assert config_of(calls).get("p39", int) == 39
    assert calls.operations == ["GetParametersByPath"] * 4
    assert [params.get("NextToken") for _, params in calls.calls] == [None, "10", "20", "30"]
    token = calls.params.pop("NextToken")
    assert token == "30"
    assert calls.params == {"Path": "/shop", "Recursive": True, "WithDecryption": True, "MaxResults": 10}


def test_what_was_read_is_given_without_a_request() -> None:
    calls = Scripted(values=named(3))
    config = config_of(calls)
    assert config.get("p01") == "1"
    for _ in range(3):
        assert (config.get("p01"), config.get("p02", int), config.get("p09"), config.secret("p00").reveal()) == (
            "1", 2, None, "0",
        )  # fmt: skip
    assert [one.name for one in config.list()] == ["p00", "p01", "p02"]
    assert len(calls.calls) == 1


@dataclass
class Settings:
    p00: int
    p01: int
    p02: int
    inner: dict[str, int] | None = None


def test_a_settings_class_is_read_by_one_request() -> None:
    calls = Scripted(values={**named(3), "/shop/inner/a": "1"})
    assert config_of(calls).load(Settings) == Settings(0, 1, 2, {"a": 1})
    assert len(calls.calls) == 1


def test_a_settings_class_is_asked_for_in_one_request_name_by_name() -> None:
    calls = Scripted(values=named(3))
    assert config_of(calls, "ssm:///shop?by=name").load(Settings) == Settings(0, 1, 2)
    assert calls.names == [["/shop/p00", "/shop/p01", "/shop/p02", "/shop/inner"]]
    assert len(calls.calls) == 1


def test_twenty_five_names_are_asked_for_by_three_requests() -> None:
    wide: Any = dataclass(type("Wide", (), {"__annotations__": {f"p{n:02}": int for n in range(25)}}))
    calls = Scripted(values=named(25))
    assert config_of(calls, "ssm:///shop?by=name").load(wide) == wide(*range(25))
    assert sizes(calls.names) == [10, 10, 5]
    assert calls.operations == ["GetParameters"] * 3
    assert all(params["WithDecryption"] for _, params in calls.calls)


def test_names_are_asked_for_once_and_then_together() -> None:
    calls = Scripted(values=named(4))
    config = config_of(calls, "ssm:///shop?by=name")
    for _ in range(2):
        assert [config.get(f"p{number:02}") for number in range(4)] == ["0", "1", "2", "3"]
    assert sizes(calls.names) == [1, 1, 1, 1]
    config.refresh()
    assert sizes(calls.names) == [4, 1, 1, 1, 1]


def test_a_name_that_is_not_there_is_not_asked_for_again() -> None:
    calls = Scripted()
    config = config_of(calls, "ssm:///shop?by=name")
    assert [config.get("a") for _ in range(3)] == [None] * 3
    assert calls.names == [["/shop/a"]]


def test_short_and_empty_pages_are_followed_by_the_next() -> None:
    calls = Scripted(
        page(parameter("/shop/a", "1"), token="t1"), page(token="t2"), page(token="t3"), page(parameter("/shop/b", "2"))
    )
    config = config_of(calls)
    assert (config.get("a"), config.get("b")) == ("1", "2")
    assert [params.get("NextToken") for _, params in calls.calls] == [None, "t1", "t2", "t3"]


def test_an_empty_token_is_the_end() -> None:
    calls = Scripted(page(parameter("/shop/a", "1"), token=""))
    assert config_of(calls).get("a") == "1"
    assert len(calls.calls) == 1


@pytest.mark.parametrize("tokens", [("t1", "t1"), ("t1", "t2", "t1")])
def test_a_token_that_comes_back_is_an_error_and_no_endless_loop(tokens: tuple[str, ...]) -> None:
    calls = Scripted(*[page(token=token) for token in tokens] * 3)
    with pytest.raises(holdall.Unavailable, match="token of a page twice"):
        config_of(calls).get("a")
    assert len(calls.calls) == 3 * len(tokens)  # it was tried three times


def test_a_token_that_comes_back_ends_a_history_as_well() -> None:
    calls = Scripted(*[page(token="t")] * 6)
    with pytest.raises(holdall.Unavailable, match="token of a page twice"):
        config_of(calls).history("a")


def test_a_version_and_a_label_are_asked_for_by_name() -> None:
    calls = Scripted(values={"/shop/a": "new", "/shop/a:1": "old", "/shop/a:blue": "older"})
    config = config_of(calls)
    assert [config.get(name) for name in ("a", "a:1", "a:blue", "a:7")] == ["new", "old", "older", None]
    assert calls.operations == ["GetParametersByPath", *["GetParameters"] * 3]
    assert calls.names == [["/shop/a:1"], ["/shop/a:blue"], ["/shop/a:7"]]


def test_two_versions_of_one_parameter_are_asked_for_by_two_requests() -> None:
    calls = Scripted(values={"/shop/a:1": "old", "/shop/a:2": "new", "/shop/b": "other"})
    config = config_of(calls, "ssm:///shop?by=name")
    assert [config.get(name) for name in ("a:1", "a:2", "b")] == ["old", "new", "other"]
    calls.calls.clear()
    config.refresh()
    assert sizes(calls.names) == [2, 1]
    assert {name for names in calls.names for name in names} == {"/shop/a:1", "/shop/a:2", "/shop/b"}


SHARED = "arn:aws:ssm:eu-west-1:999988887777:parameter/team/port"


@pytest.mark.parametrize("told", [SHARED, "/team/port"])
def test_a_parameter_of_another_account_is_read_by_its_arn(told: str) -> None:
    calls = Scripted(page(), {"Parameters": [{**parameter("/team/port", "5432"), "Name": told, "ARN": SHARED}]})
    config = config_of(calls)
    assert config.get(SHARED, int) == 5432
    assert calls.names == [[SHARED]]


def test_a_version_of_another_accounts_parameter_is_read() -> None:
    calls = Scripted({"Parameters": [{**parameter("/team/port", "1"), "ARN": SHARED, "Selector": ":3"}]})
    assert config_of(calls, "ssm:///shop?by=name").get(f"{SHARED}:3", int) == 1
    assert calls.names == [[f"{SHARED}:3"]]


def test_names_below_an_arn_are_asked_for_by_arns() -> None:
    calls = Scripted({"Parameters": [{**parameter("/team/port", "1"), "ARN": SHARED}]})
    assert config_of(calls, "ssm://arn:aws:ssm:eu-west-1:999988887777:parameter/team").get("port", int) == 1
    assert calls.names == [[SHARED]]


def test_what_is_below_an_arn_is_not_listed() -> None:
    calls = Scripted()
    with pytest.raises(holdall.Unsupported, match="ARN"):
        config_of(calls, "ssm://arn:aws:ssm:eu-west-1:999988887777:parameter/team").list()
    assert calls.calls == []


@pytest.mark.parametrize("secret", ["db", "prod/db", "prod/db+a=b@c"])
def test_a_secret_of_secrets_manager_is_read_by_reference(secret: str) -> None:
    name = f"/aws/reference/secretsmanager/{secret}"
    calls = Scripted(page(), {"Parameters": [parameter(name, "hush", Type="SecureString", ARN="arn:aws:secret:x")]})
    assert config_of(calls).secret(name) == Secret("hush")
    assert calls.params == {"Names": [name], "WithDecryption": True}


def test_a_name_beyond_the_base_is_asked_for_as_it_is() -> None:
    calls = Scripted(values={"/shop/a": "1", "/other/a": "2"})
    config = config_of(calls)
    assert (config.get("a"), config.get("/other/a")) == ("1", "2")
    assert calls.names == [["/other/a"]]
    assert [one.name for one in config.list()] == ["a"]


BAD = ["a b", "a//b", "a/", "é", "a:b:c", "a:", ":1", "a:b/c", "/".join("x" * 16), "x" * 1000, "arn:aws:s3:::b"]


@pytest.mark.parametrize("name", BAD)
def test_a_name_that_none_can_have_is_refused_before_anything_is_sent(name: str) -> None:
    calls = Scripted()
    for url in ("ssm:///shop", "ssm:///shop?by=name"):
        with pytest.raises(holdall.InvalidArgument, match="there is no parameter"):
            config_of(calls, url).get(name)
    assert calls.calls == []


def test_what_is_asked_for_by_name_is_listed_by_path() -> None:
    calls = Scripted(values=named(11))
    assert len(config_of(calls, "ssm:///shop?by=name").list()) == 11
    assert calls.operations == ["GetParametersByPath"] * 2


def test_the_root_is_asked_name_by_name() -> None:
    calls = Scripted(values={"/a": "1", "/b/c": "2"})
    config = config_of(calls, "ssm:///")
    assert (config.get("a"), config.get("b/c"), config.get("/b/c")) == ("1", "2", "2")
    assert calls.names == [["/a"], ["/b/c"]]
    assert [one.name for one in config.list()] == ["a", "b/c"]
    assert calls.params["Path"] == "/"


def test_an_answer_about_other_parameters_is_no_answer() -> None:
    calls = Scripted(*[{"Parameters": [parameter("/other/a", "hush")], "InvalidParameters": []}] * 3)
    with pytest.raises(holdall.Unavailable, match="other parameters") as caught:
        config_of(calls, "ssm:///shop?by=name").get("a")
    assert "hush" not in str(caught.value)


def test_what_is_not_a_parameter_of_all_asked_for_is_not_there() -> None:
    calls = Scripted({"Parameters": [], "InvalidParameters": ["/shop/a"]})
    with pytest.raises(holdall.NotFound, match="'a' in ssm:///shop"):
        config_of(calls, "ssm:///shop?by=name").require("a")


def test_history_is_read_whole_and_without_values() -> None:
    versions = [parameter("/shop/a", "hush", Version=number, Labels=["blue"] * (number == 2)) for number in (3, 1, 2)]
    calls = Scripted(page(*versions[:2], token="t"), page(versions[2]))
    found = config_of(calls).history("a")
    assert [(one.name, one.version, one.labels) for one in found] == [("a", 1, ()), ("a", 2, ("blue",)), ("a", 3, ())]
    assert calls.calls[0][1] == {"Name": "/shop/a", "WithDecryption": False, "MaxResults": 50}
    assert "hush" not in repr(found)


def test_a_label_that_the_service_leaves_out_is_told() -> None:
    calls = Scripted({"InvalidLabels": ["blue"], "ParameterVersion": 1})
    with pytest.raises(holdall.InvalidArgument, match="refuses the labels 'blue'"):
        config_of(calls).label("a", "blue", "green", version=1)
    assert calls.params == {"Name": "/shop/a", "Labels": ["blue", "green"], "ParameterVersion": 1}


def test_a_denied_first_read_says_the_action_and_where() -> None:
    calls = Scripted(refused("AccessDeniedException"))
    with pytest.raises(holdall.AccessDenied) as caught:
        config_of(calls).get("a")
    assert "ssm:GetParametersByPath" in caught.value.message
    assert "arn:aws:ssm:eu-west-1:*:parameter/shop/*" in caught.value.message
    assert (caught.value.operation, caught.value.key, caught.value.backend) == ("get", "a", "ssm")
    assert len(calls.calls) == 1
