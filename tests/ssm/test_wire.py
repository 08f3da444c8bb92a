"""From names and values to requests, and from answers back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdall.config_drivers import NewValue
from holdall.testing.ssm import check
from holdall_adapters.ssm.schema import split
from holdall_adapters.ssm.wire import (
    batches,
    full_name,
    instant_of,
    kind_of,
    matched,
    put_request,
    read_entry,
    shown_name,
)

from .fakes import ARN, parameter

NAMES = st.lists(
    st.builds(lambda name, selector: f"/{name}{selector}", st.sampled_from("abcdefghijklmnop"),
              st.sampled_from(["", ":1", ":2", ":blue"]))
)  # fmt: skip


@given(NAMES)
def test_batches_have_ten_names_at_most_and_each_parameter_once(names: list[str]) -> None:
    found = list(batches(names))
    for batch in found:
        check("GetParameters", {"Names": batch})
        assert len({split(name)[0] for name in batch}) == len(batch)
    assert sorted(name for batch in found for name in batch) == sorted(set(names))


@pytest.mark.parametrize(("count", "least"), [(0, 0), (1, 1), (10, 1), (11, 2), (25, 3), (100, 10)])
def test_batches_of_other_parameters_are_full(count: int, least: int) -> None:
    assert len(list(batches(f"/p{number}" for number in range(count)))) == least


def test_versions_of_one_parameter_are_asked_for_apart() -> None:
    assert sorted(batches(["/a:1", "/a:2", "/a", "/b:1"]), key=len) == [["/a:2"], ["/a:1"], ["/a", "/b:1"]]


def test_a_version_of_a_shared_parameter_is_asked_for_apart_too() -> None:
    assert list(batches([f"{ARN}/a:1", f"{ARN}/a:2"])) == [[f"{ARN}/a:2"], [f"{ARN}/a:1"]]


@pytest.mark.parametrize(("base", "name", "full"), [
    ("/shop", "a", "/shop/a"), ("/shop", "db/port:3", "/shop/db/port:3"), ("/shop", "/other/a", "/other/a"),
    ("", "a", "/a"), ("", "db/port", "/db/port"), ("/shop", f"{ARN}/a", f"{ARN}/a"),
    (f"{ARN}/shop", "a", f"{ARN}/shop/a"),
])  # fmt: skip
def test_a_name_is_below_the_base_unless_it_says_otherwise(base: str, name: str, full: str) -> None:
    assert full_name(base, name) == full


@given(st.sampled_from(["", "/shop", "/shop/prod", f"{ARN}/a"]), st.from_regex(r"[a-z]+(/[a-z]+)*", fullmatch=True))
def test_a_name_comes_back_as_it_was_given(base: str, name: str) -> None:
    assert shown_name(base, full_name(base, name)) == name


def values(batch: list[str], found: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: each["Value"] for name, each in matched(batch, found).items()}


def test_what_is_found_is_told_by_the_name_that_was_asked() -> None:
    found = [parameter("/b", "2"), parameter("/a", "1", Selector=":3")]
    assert values(["/a:3", "/b", "/c"], found) == {"/a:3": "1", "/b": "2"}


@pytest.mark.parametrize("told", [{"Name": "/a"}, {"Name": f"{ARN}/a"}, {"Name": f"{ARN}/a", "ARN": None}])
@pytest.mark.parametrize("selector", ["", ":3", ":blue"])
def test_a_shared_parameter_may_be_told_by_name_or_arn(told: dict[str, Any], selector: str) -> None:
    asked = f"{ARN}/a{selector}"
    assert list(matched([asked], [{**parameter("/a"), **told}])) == [asked]


def test_a_shared_parameter_is_not_taken_for_ones_own_of_the_same_name() -> None:
    other = "arn:aws:ssm:eu-west-1:999988887777:parameter/a"
    found = [parameter("/a", "own"), {**parameter(other, "shared"), "ARN": other}]
    assert values([other, "/a"], found) == {other: "shared", "/a": "own"}


def test_what_was_not_asked_for_is_left_out() -> None:
    assert matched(["/a"], [parameter("/b")]) == {}


def test_an_entry_says_what_is_known_and_hides_the_value() -> None:
    entry = read_entry("a", parameter("/shop/a", "hush", Type="SecureString", Version=4), "ssm:///shop")
    about = entry.about
    assert (entry.value, about.name, about.kind, about.version, about.source) == ("hush", "a", "SecureString", 4, "ssm:///shop")
    assert about.modified == datetime(2023, 11, 14, 22, 13, 20, tzinfo=timezone.utc)
    assert "hush" not in repr(entry)


@pytest.mark.parametrize(("kind", "expected"), [
    ("String", "String"), ("StringList", "StringList"), ("SecureString", "SecureString"), ("Other", "String"),
    (None, "String"),
])  # fmt: skip
def test_a_kind_that_is_not_known_is_text(kind: Any, expected: str) -> None:
    assert kind_of({"Type": kind}) == expected


NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize(("told", "expected"), [
    (NOON.timestamp(), NOON), (int(NOON.timestamp()), NOON), ("2026-01-01T12:00:00Z", NOON),
    ("2026-01-01T12:00:00.000Z", NOON), ("2026-01-01T13:00:00+01:00", NOON), ("2026-01-01T12:00:00", NOON),
    (NOON.timestamp() + 0.5, NOON + timedelta(seconds=0.5)), ("soon", None), ("", None), (None, None), (True, None),
    ([], None),
])  # fmt: skip
def test_an_instant_is_seconds_or_text(told: Any, expected: datetime | None) -> None:
    found = instant_of(told)
    assert found == expected
    assert found is None or found.tzinfo is not None


@given(st.text(max_size=5000).filter(lambda text: not ({"\ud800"} & set(text))), st.booleans())
def test_the_tier_is_that_of_the_size_in_bytes(text: str, overwrite: bool) -> None:
    size = len(text.encode())
    request = put_request("/a", NewValue(text, "String"), overwrite=overwrite)
    assert request.get("Tier") == ("Advanced" if size > 4096 else None)
    if 0 < size <= 8192 and "{{" not in text:
        check("PutParameter", request)


@pytest.mark.parametrize(("overwrite", "sent"), [(False, [{"Key": "by", "Value": "me"}]), (True, None)])
def test_tags_go_with_a_new_parameter_only(overwrite: bool, sent: Any) -> None:
    request = put_request("/a", NewValue("x", "String", tags={"by": "me"}), overwrite=overwrite)
    assert request.get("Tags") == sent
    check("PutParameter", request)


def test_a_key_goes_with_a_secret() -> None:
    request = put_request("/a", NewValue("x", "SecureString", "alias/shop"), overwrite=True)
    assert (request["KeyId"], request["Type"]) == ("alias/shop", "SecureString")
    assert "KeyId" not in put_request("/a", NewValue("x", "SecureString"), overwrite=True)
