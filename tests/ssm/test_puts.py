"""Which requests writes send, and what is made of the answers."""

from __future__ import annotations

from typing import Any

import pytest

import holdall
from holdall import Secret
from holdall_adapters._aws.errors import Lost

from .fakes import ARN, Scripted, config_of, page, parameter, refused

TAKEN = refused("ParameterAlreadyExists", "The parameter already exists.")
GONE = refused("ParameterNotFound")


def wrote(version: int = 1) -> dict[str, Any]:
    return {"Version": version, "Tier": "Standard"}


@pytest.mark.parametrize(("value", "kind", "text"), [
    ("x", "String", "x"), (7, "String", "7"), (["a", 1], "StringList", "a,1"), (Secret("s"), "SecureString", "s"),
    ({"a": [1]}, "String", '{"a": [1]}'),
])  # fmt: skip
def test_a_value_is_put_by_one_request(value: Any, kind: str, text: str) -> None:
    calls = Scripted(wrote(3))
    about = config_of(calls).put("db/port", value)
    assert (about.name, about.kind, about.version, about.source) == ("db/port", kind, 3, "ssm:///shop")
    assert calls.calls == [
        ("PutParameter", {"Name": "/shop/db/port", "Value": text, "Type": kind, "Overwrite": True})
    ]  # fmt: skip


def test_what_must_be_absent_is_not_put_over() -> None:
    calls = Scripted(TAKEN)
    with pytest.raises(holdall.AlreadyExists) as caught:
        config_of(calls).put("a", "x", if_absent=True, tags={"by": "me"})
    assert calls.params == {"Name": "/shop/a", "Value": "x", "Type": "String", "Overwrite": False,
                            "Tags": [{"Key": "by", "Value": "me"}]}  # fmt: skip
    assert not caught.value.maybe_done
    assert len(calls.calls) == 1


def test_tags_go_with_a_new_parameter() -> None:
    calls = Scripted(wrote())
    config_of(calls).put("a", "x", tags={"by": "me"})
    assert calls.operations == ["PutParameter"]
    assert (calls.params["Overwrite"], calls.params["Tags"]) == (False, [{"Key": "by", "Value": "me"}])


def test_tags_of_a_parameter_that_is_there_are_added_after_it() -> None:
    calls = Scripted(TAKEN, wrote(2), {})
    assert config_of(calls).put("a", "x", tags={"by": "me"}).version == 2
    assert calls.operations == ["PutParameter", "PutParameter", "AddTagsToResource"]
    assert calls.calls[1][1] == {"Name": "/shop/a", "Value": "x", "Type": "String", "Overwrite": True}
    assert calls.params == {"ResourceType": "Parameter", "ResourceId": "/shop/a",
                            "Tags": [{"Key": "by", "Value": "me"}]}  # fmt: skip


def test_no_tags_are_no_request() -> None:
    calls = Scripted(wrote())
    config_of(calls).put("a", "x", tags={})
    assert calls.operations == ["PutParameter"]
    assert "Tags" not in calls.params


def test_a_version_is_read_first_and_put_over() -> None:
    calls = Scripted({"Parameter": parameter("/shop/a", "hush", Version=4)}, wrote(5))
    assert config_of(calls).put("a", "x", if_version=4).version == 5
    assert calls.operations == ["GetParameter", "PutParameter"]
    assert calls.calls[0][1] == {"Name": "/shop/a", "WithDecryption": False}


def test_another_version_is_a_conflict_and_nothing_is_put() -> None:
    calls = Scripted({"Parameter": parameter("/shop/a", Version=5)})
    with pytest.raises(holdall.Conflict, match="version 5 is there") as caught:
        config_of(calls).put("a", "x", if_version=4)
    assert (caught.value.current, caught.value.maybe_done) == (5, False)
    assert calls.operations == ["GetParameter"]


def test_a_version_of_what_is_gone_is_a_conflict() -> None:
    with pytest.raises(holdall.Conflict, match="not there") as caught:
        config_of(Scripted(GONE)).put("a", "x", if_version=4)
    assert caught.value.current is None


def test_a_write_that_came_between_is_told() -> None:
    calls = Scripted({"Parameter": parameter("/shop/a", Version=4)}, wrote(6))
    with pytest.raises(holdall.Conflict, match="another write came between") as caught:
        config_of(calls).put("a", "x", if_version=4)
    assert (caught.value.current, caught.value.maybe_done) == (5, True)
    assert calls.operations == ["GetParameter", "PutParameter"]


def test_a_version_and_tags_are_a_put_and_tags() -> None:
    calls = Scripted({"Parameter": parameter("/shop/a", Version=4)}, wrote(5), {})
    config_of(calls).put("a", "x", if_version=4, tags={"by": "me"})
    assert calls.operations == ["GetParameter", "PutParameter", "AddTagsToResource"]


def test_a_secret_is_encrypted_by_the_key_that_is_named() -> None:
    calls = Scripted(wrote())
    config_of(calls).put("a", Secret("s"), kms_key="alias/shop")
    assert (calls.params["KeyId"], calls.params["Type"]) == ("alias/shop", "SecureString")


@pytest.mark.parametrize(("text", "tier"), [
    ("x" * 4096, None), ("x" * 4097, "Advanced"), ("x" * 8192, "Advanced"), ("é" * 2048, None),
    ("é" * 2049, "Advanced"),
])  # fmt: skip
def test_a_large_value_is_of_the_tier_that_takes_it(text: str, tier: str | None) -> None:
    calls = Scripted(wrote())
    config_of(calls).put("a", text)
    assert calls.params.get("Tier") == tier


@pytest.mark.parametrize("text", ["x" * 8193, "é" * 4097, Secret("x" * 8193)], ids=["bytes", "letters", "secret"])
def test_what_no_tier_takes_is_refused_before_anything_is_sent(text: Any) -> None:
    calls = Scripted()
    with pytest.raises(holdall.TooLarge, match="8,192"):
        config_of(calls).put("a", text)
    assert calls.calls == []


@pytest.mark.parametrize("name", ["a:1", "a b", "/aws/x", "/ssm-x", "/AWSx", "a//b", f"{ARN}/a"])
def test_what_can_not_be_written_is_refused_before_anything_is_sent(name: str) -> None:
    calls = Scripted()
    config = config_of(calls)
    for write in (lambda: config.put(name, "x"), lambda: config.delete(name), lambda: config.label(name, "blue")):
        with pytest.raises(holdall.InvalidArgument):
            write()
    assert calls.calls == []


def test_a_reference_is_no_value() -> None:
    calls = Scripted()
    with pytest.raises(holdall.InvalidArgument, match="reference") as caught:
        config_of(calls).put("a", "x {{ssm:hush}} y")
    assert "hush" not in str(caught.value)
    assert calls.calls == []


def test_what_was_put_is_served_at_once_and_without_a_request() -> None:
    calls = Scripted(page(parameter("/shop/a", "old")), wrote(2))
    config = config_of(calls)
    assert config.get("a") == "old"
    config.put("a", "new")
    assert (config.get("a"), len(calls.calls)) == ("new", 2)


@pytest.mark.parametrize("code", ["ThrottlingException", "TooManyUpdates"])
def test_a_put_that_was_refused_for_now_is_tried_again(code: str) -> None:
    calls = Scripted(refused(code), wrote())
    assert config_of(calls).put("a", "x").version == 1
    assert calls.operations == ["PutParameter"] * 2


@pytest.mark.parametrize("failure", [refused("InternalServerError", status=500), Lost("no answer")])
@pytest.mark.parametrize("value", ["x", Secret("x")])
def test_a_put_that_may_be_done_is_not_tried_again(failure: Exception, value: Any) -> None:
    calls = Scripted(failure)
    with pytest.raises(holdall.Unavailable) as caught:
        config_of(calls).put("a", value)
    assert (caught.value.maybe_done, caught.value.retry) == (True, "maybe")
    assert len(calls.calls) == 1


def test_a_delete_is_one_request_also_of_what_is_not_there() -> None:
    for answer in ({}, GONE):
        calls = Scripted(answer)
        config_of(calls).delete("a")
        assert calls.calls == [("DeleteParameter", {"Name": "/shop/a"})]


def test_a_delete_of_a_version_reads_it_first() -> None:
    calls = Scripted({"Parameter": parameter("/shop/a", Version=2)}, {})
    config_of(calls).delete("a", if_version=2)
    assert calls.operations == ["GetParameter", "DeleteParameter"]
    calls = Scripted({"Parameter": parameter("/shop/a", Version=3)})
    with pytest.raises(holdall.Conflict):
        config_of(calls).delete("a", if_version=2)
    assert calls.operations == ["GetParameter"]


def test_a_label_of_the_newest_version_names_none() -> None:
    calls = Scripted({"InvalidLabels": [], "ParameterVersion": 3})
    config_of(calls).label("a", "blue", "live")
    assert calls.calls == [("LabelParameterVersion", {"Name": "/shop/a", "Labels": ["blue", "live"]})]


def test_a_label_that_was_read_is_read_anew_after_it_moved() -> None:
    calls = Scripted(
        page(), {"Parameters": [parameter("/shop/a", "1")]}, {"InvalidLabels": []},
        {"Parameters": [parameter("/shop/a", "2")]},
    )  # fmt: skip
    config = config_of(calls)
    assert config.get("a:blue") == "1"
    config.label("a", "blue")
    assert config.get("a:blue") == "2"


@pytest.mark.parametrize("failure", [refused("ThrottlingException"), refused("AccessDeniedException"), Lost("")])
@pytest.mark.parametrize("value", ["x", Secret("x")])
def test_tags_that_fail_after_the_value_was_put_do_not_put_it_again(failure: Exception, value: Any) -> None:
    calls = Scripted(TAKEN, wrote(2), failure)
    with pytest.raises(holdall.HoldallError) as caught:
        config_of(calls).put("a", value, tags={"by": "me"})
    assert caught.value.maybe_done
    assert calls.operations == ["PutParameter", "PutParameter", "AddTagsToResource"]


@pytest.mark.parametrize(("given", "sent"), [(None, "alias/of-url"), ("alias/own", "alias/own")])
def test_the_key_of_the_url_is_that_of_every_secret_without_one(given: str | None, sent: str) -> None:
    calls = Scripted(wrote())
    config_of(calls, "ssm:///shop?kms_key=alias/of-url").put("a", Secret("s"), kms_key=given)
    assert calls.params["KeyId"] == sent


def test_the_key_of_the_url_is_not_said_of_plain_text() -> None:
    calls = Scripted(wrote())
    config_of(calls, "ssm:///shop?kms_key=alias/of-url").put("a", "text")
    assert "KeyId" not in calls.params


def test_a_name_from_the_root_is_the_one_below_the_base() -> None:
    config = config_of(Scripted({"Parameters": [parameter("/shop/a", Value="1")]}, wrote(2)))
    assert config.get("a") == "1"
    config.put("/shop/a", "2")
    assert (config.get("a"), config.get("/shop/a")) == ("2", "2")
