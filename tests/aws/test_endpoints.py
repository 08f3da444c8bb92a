"""Addresses of services, as botocore has them for every region that it knows."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from holdall_adapters._aws.endpoints import Endpoint, is_region, parse_endpoint, regional

SESSION = boto3.session.Session(aws_access_key_id="A", aws_secret_access_key="s")
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
SERVICES = ("dynamodb", "ssm", "rds-data")


@pytest.mark.parametrize("partition", PARTITIONS)
def test_a_service_is_where_botocore_says_in_every_region(partition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    regions = SESSION.get_available_regions("dynamodb", partition, allow_non_regional=False)
    assert regions
    resolver: Any = SESSION._session._get_internal_component("endpoint_resolver")
    for service in SERVICES:
        for region in regions:
            found = resolver.construct_endpoint(service, region)
            ours = regional(service, region)
            assert ours is not None
            assert ours.host == found["hostname"]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1", "il-central-1", "mx-central-1"])
def test_a_client_of_boto3_goes_to_the_same_address(service: str, region: str) -> None:
    client = SESSION.client(service, region_name=region)  # type: ignore[call-overload]  # one of three names
    found = regional(service, region)
    assert found is not None
    assert found.url == client.meta.endpoint_url
    client.close()


@pytest.mark.parametrize("region", [
    "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "fips-us-east-1", "us-east-1-fips", "aws-global", "local", "",
    "us-east-1.evil.test", "eusc-de-east-1",
])  # fmt: skip
def test_regions_of_other_partitions_and_none_have_no_address_here(region: str) -> None:
    assert regional("dynamodb", region) is None


@pytest.mark.parametrize(("url", "found"), [
    ("http://127.0.0.1:8000", Endpoint(False, "127.0.0.1", 8000)),
    ("https://h", Endpoint(True, "h", 443)),
    ("https://h/", Endpoint(True, "h", 443)),
    ("http://h/a/b/", Endpoint(False, "h", 80, "/a/b")),
    ("http://[::1]:8000/", Endpoint(False, "::1", 8000)),
    *[(url, None) for url in ("", "h", "ftp://h", "http://", "http://u@h", "http://h?x", "http://h#x", "http://h:0",
                              "http://h:70000", "http://h:x", "http://h/a b", "http://h/\r\nx", "http://ü", "http://h/%0d")],
])  # fmt: skip
def test_an_address_is_read_from_a_plain_url_only(url: str, found: Endpoint | None) -> None:
    assert parse_endpoint(url) == found


@pytest.mark.parametrize(("endpoint", "authority"), [
    (Endpoint(True, "h", 443), "h"),
    (Endpoint(True, "h", 80), "h:80"),
    (Endpoint(False, "h", 80), "h"),
    (Endpoint(False, "::1", 8000), "[::1]:8000"),
])  # fmt: skip
def test_the_usual_port_is_left_out_of_the_host(endpoint: Endpoint, authority: str) -> None:
    assert endpoint.authority == authority


def test_a_region_is_one_label_of_a_host() -> None:
    assert all(map(is_region, ["eu-west-1", "local", "a"]))
    assert not any(map(is_region, ["", "a.b", "a b", "-a", "a\n", "ü", "x" * 64]))
