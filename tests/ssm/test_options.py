"""What an SSM URL says, and what is wrong with one."""

from __future__ import annotations

import pytest

import holdall
from holdall.config_drivers import Freshness
from holdall.urls import parse_url
from holdall_adapters.ssm.options import Options

ARN = "arn:aws:ssm:eu-west-1:111122223333:parameter"


def options_of(url: str) -> Options:
    return Options.from_url(parse_url(url))


@pytest.mark.parametrize(("url", "base"), [
    ("ssm:///shop/prod", "/shop/prod"), ("ssm:///shop/prod/", "/shop/prod"), ("ssm:///shop", "/shop"),
    ("ssm:///", ""), ("ssm://", ""), ("SSM:///Shop", "/Shop"), ("ssm:///shop%2Fprod", "/shop/prod"),
    ("ssm:///a.b_c-d", "/a.b_c-d"), (f"ssm://{ARN}/shop", f"{ARN}/shop"), (f"ssm://{ARN}/shop/", f"{ARN}/shop"),
])  # fmt: skip
def test_a_path_or_an_arn_is_what_names_are_below(url: str, base: str) -> None:
    assert options_of(url).base == base


def test_what_is_not_said_is_the_default() -> None:
    found = options_of("ssm:///shop")
    assert (found.by_name, found.extension, found.freshness) == (False, False, Freshness(60.0, 86_400.0))
    connection = found.connection
    assert (connection.region, connection.endpoint, connection.profile, connection.client, connection.parallel) == (
        None, None, None, "auto", 8,
    )  # fmt: skip
    assert (connection.connect_timeout, connection.read_timeout) == (1.0, 2.0)


def test_what_is_said_counts() -> None:
    found = options_of("ssm:///shop?region=eu-west-1&profile=p&client=boto3&connect_timeout=3&read_timeout=4&parallel=2"
                       "&endpoint=http://127.0.0.1:9&max_age=5&max_stale=0&by=name&via=extension")  # fmt: skip
    assert (found.by_name, found.extension, found.freshness) == (True, True, Freshness(5.0, 0.0))
    connection = found.connection
    assert (connection.region, connection.profile) == ("eu-west-1", "p")
    assert (connection.client, connection.parallel) == ("boto3", 2)
    assert (connection.connect_timeout, connection.read_timeout) == (3.0, 4.0)
    assert connection.endpoint == "http://127.0.0.1:9"


@pytest.mark.parametrize("text", ["never", "Never", "NEVER"])
def test_what_is_never_too_old_is_read_once(text: str) -> None:
    assert options_of(f"ssm:///shop?max_age={text}").freshness.max_age is None


@pytest.mark.parametrize(("url", "by_name"), [
    ("ssm:///shop", False), ("ssm:///shop?by=path", False), ("ssm:///shop?by=name", True), ("ssm:///", True),
    ("ssm:///?by=path", False), (f"ssm://{ARN}/shop", True), ("ssm:///shop?via=extension", True),
])  # fmt: skip
def test_everything_below_a_path_is_read_at_once_unless_names_are_asked_for(url: str, by_name: bool) -> None:
    assert options_of(url).by_name is by_name


def test_an_arn_says_the_region_unless_the_url_says_another() -> None:
    assert options_of(f"ssm://{ARN}/shop").connection.region == "eu-west-1"
    assert options_of(f"ssm://{ARN}/shop?region=us-east-1").connection.region == "us-east-1"


@pytest.mark.parametrize(("url", "says"), [
    ("ssm://shop", "ssm:///shop"), ("ssm://shop/prod", "ssm:///shop/prod"),
    ("ssm://key:hush@/shop", "no credentials"), ("ssm://key@host/shop", "no credentials"),
    ("ssm:///shop?regoin=x", "'regoin'.*'region'"), ("ssm:///shop?maxage=1", "'maxage'.*'max_age'"),
    ("ssm:///shop?access_key=x", "unknown parameter"), ("ssm:///shop?kmskey=x", "'kmskey'.*'kms_key'"),
    ("ssm:///shop?max_age=soon", "max_age"), ("ssm:///shop?max_age=-1", "such as 60"),
    ("ssm:///shop?max_age=nan", "max_age"), ("ssm:///shop?max_age=inf", "max_age"), ("ssm:///shop?max_age=", "max_age"),
    ("ssm:///shop?max_stale=never", "max_stale"), ("ssm:///shop?by=tree", "expected path or name"),
    ("ssm:///shop?via=lambda", "expected extension"), ("ssm:///shop?via=", "expected extension"),
    ("ssm:///shop?via=extension&by=path", "by=path can't be"), (f"ssm://{ARN}/shop?by=path", "by=path can't be"),
    ("ssm:///a%20b", "takes the characters"), ("ssm:///a//b", "empty"), ("ssm:////a", "empty"),
    ("ssm:///a:3", "takes the characters"), ("ssm:///é", "takes the characters"), ("ssm:///" + "a/" * 16, "15"),
    (f"ssm:///{'a' * 1000}", "1,011"), (f"ssm://{ARN}", "arn:aws:ssm:REGION"), ("ssm://arn:aws:s3:::b/k", "ARN"),
    (f"ssm://{ARN}/a:3", "ARN"), ("ssm://arn:aws:ssm:eu-west-1:1:parameter/a", "ARN"),
    ("ssm:///shop?endpoint=http://10.0.0.1", "https"), ("ssm:///shop?endpoint=127.0.0.1", "endpoint"),
    ("ssm:///shop?client=go", "lean or boto3"), ("ssm:///shop?parallel=0", "parallel"),
    ("ssm:///shop?read_timeout=0", "read_timeout"), ("ssm:///shop?region=a&region=b", "region"),
])  # fmt: skip
def test_what_is_wrong_with_a_url_is_said(url: str, says: str) -> None:
    with pytest.raises(holdall.ConfigError, match=says) as caught:
        options_of(url)
    assert "hush" not in str(caught.value)


def test_opening_sends_nothing_and_needs_no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with holdall.open_config("ssm:///shop?endpoint=http://127.0.0.1:1&region=us-east-1") as config:
        assert (config.age, config.stale, config.last_error) == (None, False, None)
        assert repr(config) == "<Config of ssm:///shop>"
        found = config.capabilities
        assert (found.versions, found.labels, found.tags, found.whole, found.max_value_bytes) == (
            True, True, True, True, 8192,
        )  # fmt: skip
        assert not found.atomic_versions


def test_a_source_that_is_asked_name_by_name_says_so() -> None:
    with holdall.open_config("ssm:///?endpoint=http://127.0.0.1:1&region=us-east-1") as config:
        assert not config.capabilities.whole
        assert repr(config) == "<Config of ssm:///>"


def test_a_client_of_another_service_is_refused() -> None:
    with pytest.raises(holdall.InvalidArgument, match="Parameter Store"):
        holdall.open_config("ssm:///shop", client=object())
