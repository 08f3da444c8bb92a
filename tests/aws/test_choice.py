"""Which client serves: a table over every variable and configuration key that botocore's own source reads."""

from __future__ import annotations

import ast
import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.configprovider
import botocore.session
import pytest

from holdall import Credentials
from holdall_adapters._aws.choice import FOREIGN, HARMLESS, UNDERSTOOD, Foreign, Lean, choose
from holdall_adapters._aws.connection import Connection
from holdall_adapters._aws.environment import Environment
from holdall_adapters.dynamodb.client import SERVICE

from .services import RDS_DATA, SSM

KEYS = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret"}
LAMBDA = {**KEYS, "AWS_SESSION_TOKEN": "token", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
NO_SETTINGS = {"HTTP_REQUEST", "HTTP_RESPONSE"}
"""In capitals in botocore's source too, but read from no environment."""
FAMILIES = {"AWS_BEARER_TOKEN_", "AWS_ENDPOINT_URL_"}
"""What stands before the name of a service."""
SERVICES = {"dynamodb": SERVICE, "ssm": SSM, "rds-data": RDS_DATA}


def chosen(variables: dict[str, str], files: tuple[str, ...] = (), **connection: Any) -> Lean | Foreign:
    return choose(SERVICE, Connection(**connection), Environment(variables, files))


def lean(variables: dict[str, str], **connection: Any) -> Lean:
    found = chosen(variables, **connection)
    assert isinstance(found, Lean), found
    return found


def constants() -> Iterator[str]:
    """Yield every text of botocore's and boto3's source."""
    for package in (botocore, boto3):
        for file in Path(package.__file__).parent.rglob("*.py"):
            if "vendored" not in file.parts:
                for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str):
                        yield node.value


def variables_of_botocore() -> set[str]:
    heads = ("AWS_", "BOTO_", "BOTOCORE_", "REQUESTS_", "HTTP_", "HTTPS_", "_X_AMZN", "SSL_", "CURL_")
    return {text for text in constants() if text.startswith(heads) and text.replace("_", "").isalnum()
            and text == text.upper()}  # fmt: skip


KNOWN = {*UNDERSTOOD, *HARMLESS, *FOREIGN}


def test_every_variable_that_botocore_reads_is_in_a_table() -> None:
    found = variables_of_botocore()
    assert len(found) > 50
    assert found - KNOWN - NO_SETTINGS == FAMILIES


def test_every_variable_of_a_session_is_in_a_table() -> None:
    provider = botocore.configprovider
    mappings = (provider.BOTOCORE_DEFAUT_SESSION_VARIABLES, provider.DEFAULT_S3_CONFIG_VARS)
    named = [names for mapping in mappings for _, names, _, _ in mapping.values() if names]
    assert {name for names in named for name in ([names] if isinstance(names, str) else names)} - KNOWN == set()


def test_no_variable_is_in_two_tables() -> None:
    assert len(KNOWN) == len(UNDERSTOOD) + len(HARMLESS) + len(FOREIGN)


MEANING = {
    "AWS_USE_FIPS_ENDPOINT": ["true", "True", "1"],
    "AWS_USE_DUALSTACK_ENDPOINT": ["true"],
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": ["required"],
    "AWS_ENDPOINT_DISCOVERY_ENABLED": ["true"],
    "AWS_RETRY_MODE": ["adaptive"],
    "AWS_DEFAULTS_MODE": ["in-region", "auto"],
    "AWS_CSM_ENABLED": ["true"],
    "AWS_PROFILE": ["work", "default", ""],
    "AWS_DEFAULT_PROFILE": ["work", ""],
}
MEANINGLESS = {
    "AWS_USE_FIPS_ENDPOINT": ["false", "", "False"],
    "AWS_USE_DUALSTACK_ENDPOINT": ["false", ""],
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": ["preferred", "disabled", ""],
    "AWS_ENDPOINT_DISCOVERY_ENABLED": ["auto", "false"],
    "AWS_RETRY_MODE": ["standard", "legacy"],
    "AWS_DEFAULTS_MODE": ["legacy"],
    "AWS_CSM_ENABLED": ["false"],
    "HTTPS_PROXY": [""],
    "AWS_ROLE_ARN": [""],
}


@pytest.mark.parametrize(("name", "value"), [(name, v) for name in FOREIGN for v in MEANING.get(name, ["something"])])
def test_what_only_boto3_does_leads_to_boto3(name: str, value: str) -> None:
    assert chosen({**LAMBDA, name: value}) == Foreign(name, FOREIGN[name][1])


@pytest.mark.parametrize(("name", "value"), [(name, v) for name, values in MEANINGLESS.items() for v in values])
def test_a_variable_that_asks_for_nothing_leads_nowhere(name: str, value: str) -> None:
    assert isinstance(chosen({**LAMBDA, name: value}), Lean)


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy", "all_proxy", "Https_Proxy"])
def test_proxies_count_in_small_letters_too(name: str) -> None:
    assert chosen({**LAMBDA, name: "http://proxy:3128"}) == Foreign(name, "a proxy")


def test_a_list_of_hosts_without_proxy_means_nothing_alone() -> None:
    assert isinstance(chosen({**LAMBDA, "NO_PROXY": "localhost", "no_proxy": "localhost"}), Lean)


def test_proxies_of_the_operating_system_lead_to_boto3() -> None:
    environment = Environment(LAMBDA, (), {"https": "http://proxy:3128"})
    assert choose(SERVICE, Connection(), environment) == Foreign("the system's settings", "a proxy")


@pytest.mark.parametrize("name", HARMLESS)
def test_what_changes_nothing_leads_nowhere(name: str) -> None:
    assert lean({**LAMBDA, name: "true"}) == lean(LAMBDA)


@pytest.mark.parametrize("name", ["AWS_BEARER_TOKEN_DYNAMODB", "AWS_BEARER_TOKEN_BEDROCK"])
def test_a_bearer_token_leads_to_boto3(name: str) -> None:
    assert chosen({**LAMBDA, name: "x"}) == Foreign(name, "a bearer token instead of a signature")


def test_any_configuration_file_leads_to_boto3() -> None:
    assert chosen(LAMBDA, ("/home/me/.aws/config",)) == Foreign("/home/me/.aws/config", "a configuration file")


def test_a_profile_of_the_url_leads_to_boto3() -> None:
    assert chosen(LAMBDA, profile="work") == Foreign("profile", "a profile of the configuration files")


def test_lambda_is_understood() -> None:
    more = {"AWS_LAMBDA_FUNCTION_NAME": "f", "_X_AMZN_TRACE_ID": "Root=1", "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13"}
    found = lean({**LAMBDA, **more})
    assert (found.endpoint.url, found.region, found.source) == (
        "https://dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "environment")  # fmt: skip


@pytest.mark.parametrize("name", ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"])
def test_a_container_is_understood(name: str) -> None:
    assert lean({name: "/x", "AWS_REGION": "eu-west-1"}).source == "container"


def test_keys_of_the_environment_go_before_those_of_a_container() -> None:
    assert lean({**LAMBDA, "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://localhost/x"}).source == "environment"


def test_keys_in_code_go_before_all() -> None:
    assert lean(LAMBDA, credentials=Credentials("A", "s")).source == "code"


@pytest.mark.parametrize(("variables", "setting"), [
    ({}, "credentials"),
    ({"AWS_ACCESS_KEY_ID": "AKID"}, "AWS_SECRET_ACCESS_KEY"),
    ({"AWS_SECRET_ACCESS_KEY": "secret"}, "credentials"),
    ({"AWS_ACCESS_KEY_ID": "AK\nID", "AWS_SECRET_ACCESS_KEY": "s"}, "AWS_ACCESS_KEY_ID"),
])  # fmt: skip
def test_missing_or_odd_keys_lead_to_boto3(variables: dict[str, str], setting: str) -> None:
    found = chosen({**variables, "AWS_REGION": "eu-west-1"})
    assert isinstance(found, Foreign)
    assert found.setting == setting


@pytest.mark.parametrize(("variables", "url", "region"), [
    ({"AWS_DEFAULT_REGION": "eu-west-1", "AWS_REGION": "eu-west-2"}, None, "eu-west-1"),
    ({"AWS_REGION": "eu-west-2"}, None, "eu-west-2"),
    ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-3", "eu-west-3"),
])  # fmt: skip
def test_the_region_comes_from_the_url_then_from_the_environment(
    variables: dict[str, str], url: str | None, region: str
) -> None:
    assert lean({**KEYS, **variables}, region=url).region == region


@pytest.mark.parametrize(
    "region", ["", "us-iso-east-1", "fips-us-east-1", "us-east-1-fips", "local", "a b", "a\r\nb", "aws-global"]
)
def test_a_region_of_no_known_partition_leads_to_boto3(region: str) -> None:
    found = chosen({**KEYS, "AWS_DEFAULT_REGION": region})
    assert isinstance(found, Foreign)
    assert found.setting == "region"


@pytest.mark.parametrize(("variables", "url", "host"), [
    ({"AWS_ENDPOINT_URL": "https://all.test"}, None, "all.test"),
    ({"AWS_ENDPOINT_URL": "https://all.test", "AWS_ENDPOINT_URL_DYNAMODB": "https://one.test"}, None, "one.test"),
    ({"AWS_ENDPOINT_URL_SSM": "https://one.test"}, None, "dynamodb.eu-west-1.amazonaws.com"),
    ({"AWS_ENDPOINT_URL_DYNAMODB": "https://one.test"}, "http://127.0.0.1:8000", "127.0.0.1"),
    ({"AWS_ENDPOINT_URL": "https://all.test", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, None,
     "dynamodb.eu-west-1.amazonaws.com"),
    ({"AWS_ENDPOINT_URL": "https://all.test", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false"}, None, "all.test"),
])  # fmt: skip
def test_the_endpoint_comes_from_the_url_then_from_the_environment(
    variables: dict[str, str], url: str | None, host: str
) -> None:
    assert lean({**LAMBDA, **variables}, endpoint=url).endpoint.host == host


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_a_variable_for_its_endpoint(service: str) -> None:
    last = {"dynamodb": "DYNAMODB", "ssm": "SSM", "rds-data": "RDS_DATA"}
    names = {one: f"AWS_ENDPOINT_URL_{name}" for one, name in last.items()}
    found = choose(SERVICES[service], Connection(), Environment({**LAMBDA, names[service]: "https://own.test"}))
    assert isinstance(found, Lean)
    assert (found.endpoint.host, found.set_by) == ("own.test", names[service])


def test_an_unsafe_endpoint_of_the_environment_leads_to_boto3() -> None:
    name = "AWS_ENDPOINT_URL"
    found = chosen({**LAMBDA, name: "http://other.test:8000"})
    assert isinstance(found, Foreign)
    assert found.setting == name
    assert lean({**LAMBDA, name: "http://other.test:8000"}, insecure=True).endpoint.port == 8000
    assert lean({**LAMBDA, name: "http://localhost:8000"}).endpoint.port == 8000


@pytest.mark.parametrize(("variables", "bundle"), [
    ({}, None),
    ({"AWS_CA_BUNDLE": "/a.pem", "REQUESTS_CA_BUNDLE": "/r.pem"}, "/a.pem"),
    ({"REQUESTS_CA_BUNDLE": "/r.pem"}, "/r.pem"),
])  # fmt: skip
def test_the_trusted_authorities_come_from_the_environment(variables: dict[str, str], bundle: str | None) -> None:
    assert lean({**LAMBDA, **variables}).ca_bundle == bundle


def operations() -> Iterator[Any]:
    session = botocore.session.get_session()
    for name, service in SERVICES.items():
        model = session.get_service_model(name)
        yield from (model.operation_model(operation) for operation in service.operations)


def test_no_operation_in_use_needs_what_the_harmless_variables_are_about() -> None:
    # Compression, checksums beyond the service's own, a host of its own, and endpoint discovery.
    traits = [(one.name, one.request_compression, one.http_checksum, one.http_checksum_required, one.endpoint)
              for one in operations()]  # fmt: skip
    assert [trait for trait in traits if any(trait[1:])] == []
    assert [one.name for one in operations() if (one.endpoint_discovery or {}).get("required")] == []


OPTIONS: dict[str, tuple[str | None, ...]] = {
    "AWS_SESSION_TOKEN": (None, "token"),
    "AWS_SECURITY_TOKEN": (None, "older"),
    "AWS_DEFAULT_REGION": ("eu-west-1", "us-gov-west-1", "cn-north-1", "us-east-1"),
    "AWS_ENDPOINT_URL": (None, "https://all.test:4443/base"),
    "AWS_ENDPOINT_URL_DYNAMODB": (None, "http://localhost:8000", "https://one.test/"),
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": (None, "true", "false"),
    "AWS_ACCOUNT_ID_ENDPOINT_MODE": (None, "disabled"),
    "AWS_MAX_ATTEMPTS": (None, "7"),
    "AWS_REGION": (None, "eu-west-2"),
}


def settings() -> list[dict[str, str]]:
    every = list(itertools.product(*OPTIONS.values()))
    picked = random.Random(5).sample(every, 40)
    return [{name: value for name, value in zip(OPTIONS, one, strict=True) if value is not None} for one in picked]


@pytest.mark.parametrize("variables", settings())
def test_the_lean_client_goes_where_boto3_goes_with_the_same_keys(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = {"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {**KEYS, **variables, **empty}.items():
        monkeypatch.setenv(name, value)
    found = lean({**KEYS, **variables})
    session = boto3.session.Session()
    client = session.client("dynamodb")
    assert found.endpoint.url.rstrip("/") == client.meta.endpoint_url.rstrip("/").removesuffix(":443")
    assert found.region == client.meta.region_name
    client.close()
