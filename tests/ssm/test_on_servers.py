"""What servers that imitate Parameter Store show, by both clients: what boto3 sees of what was put, and the reverse."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
import pytest

import holdall
from holdall import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = ["lean", "boto3"]


@pytest.fixture(params=["moto", "ministack"])
def endpoint(request: pytest.FixtureRequest, moto_endpoint: str, ministack_endpoint: str) -> str:
    """Give the address of each server in turn."""
    return moto_endpoint if request.param == "moto" else ministack_endpoint


@pytest.fixture
def native(endpoint: str) -> Iterator[Any]:
    client = boto3.client("ssm", region_name="us-east-1", endpoint_url=endpoint)
    yield client
    client.close()


@pytest.fixture
def base() -> str:
    return f"/servers/{secrets.token_hex(8)}"


@pytest.fixture(params=CLIENTS)
def url(request: pytest.FixtureRequest, endpoint: str, base: str) -> str:
    return f"ssm://{base}?region=us-east-1&endpoint={endpoint}&client={request.param}&read_timeout=30"


@pytest.fixture
def config(url: str) -> Iterator[holdall.Config]:
    with holdall.open_config(url) as found:
        yield found


def again(url: str) -> holdall.Config:
    """Return another configuration, which has read nothing yet."""
    return holdall.open_config(url)


VALUES: dict[str, tuple[Any, str, str]] = {
    "text": ("é\n\U0001f680 '\"", "String", "é\n\U0001f680 '\""), "list": (["Ulm", "Bern"], "StringList", "Ulm,Bern"),
    "secret": (Secret("hunter2 é"), "SecureString", "hunter2 é"), "number": (1.5, "String", "1.5"),
    "dict": ({"a": [1]}, "String", '{"a": [1]}'), "long": ("x" * 4097, "String", "x" * 4097),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_what_is_put_is_what_boto3_reads(config: holdall.Config, native: Any, base: str, name: str) -> None:
    value, kind, text = VALUES[name]
    about = config.put("db/a", value)
    found = native.get_parameter(Name=f"{base}/db/a", WithDecryption=True)["Parameter"]
    assert (found["Type"], found["Value"], found["Version"]) == (kind, text, about.version)


@pytest.mark.parametrize("name", VALUES)
def test_what_is_put_is_read(config: holdall.Config, url: str, name: str) -> None:
    value, kind, text = VALUES[name]
    config.put("db/a", value)
    with again(url) as other, again(f"{url}&by=name") as by_name:
        assert (other.get("db/a"), by_name.get("db/a")) == (text, text)
        assert [(one.name, one.kind, one.version) for one in other.list()] == [("db/a", kind, 1)]
        assert isinstance(value, Secret) or other.get("db/a", type(value)) == value


def test_what_boto3_put_is_read(config: holdall.Config, native: Any, base: str) -> None:
    native.put_parameter(Name=f"{base}/a", Value="1", Type="String")
    native.put_parameter(Name=f"{base}/b/c", Value="hush", Type="SecureString")
    assert (config.get("a", int), config.secret("b/c").reveal(), config.get("b/c/d")) == (1, "hush", None)
    assert all(one.modified is not None for one in config.list())


def test_a_large_value_is_of_the_advanced_tier(config: holdall.Config, native: Any, base: str) -> None:
    config.put("a", "é" * 2049)
    filters = [{"Key": "Name", "Values": [f"{base}/a"]}]
    (found,) = native.describe_parameters(ParameterFilters=filters)["Parameters"]
    assert found["Tier"] == "Advanced"


def test_a_secret_is_encrypted_by_the_key_that_is_named(config: holdall.Config, native: Any, base: str) -> None:
    kms = boto3.client("kms", region_name="us-east-1", endpoint_url=native.meta.endpoint_url)
    name = f"alias/{secrets.token_hex(4)}"
    kms.create_alias(AliasName=name, TargetKeyId=kms.create_key()["KeyMetadata"]["KeyId"])
    config.put("a", Secret("hush"), kms_key=name)
    (found,) = native.describe_parameters(ParameterFilters=[{"Key": "Name", "Values": [f"{base}/a"]}])["Parameters"]
    assert found["KeyId"] == name
    kms.close()


def tags_of(native: Any, name: str) -> dict[str, str]:
    listed = native.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)["TagList"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def test_tags_are_added_to_those_that_are_there(config: holdall.Config, native: Any, base: str) -> None:
    config.put("a", "1", tags={"by": "me", "team": "one"})
    assert tags_of(native, f"{base}/a") == {"by": "me", "team": "one"}
    config.put("a", "2", tags={"team": "two", "cost": "x y"})
    assert tags_of(native, f"{base}/a") == {"by": "me", "team": "two", "cost": "x y"}
    config.put("a", "3")
    assert tags_of(native, f"{base}/a") == {"by": "me", "team": "two", "cost": "x y"}
    assert config.put("a", "4", tags={}).version == 4


def test_versions_and_labels_are_read(config: holdall.Config, url: str, native: Any, base: str) -> None:
    for number in range(1, 4):
        config.put("a", Secret(f"v{number}"))
    config.label("a", "blue", version=1)
    config.label("a", "green", "live")
    with again(url) as other:
        assert [other.get(f"a{each}") for each in ("", ":1", ":2", ":blue", ":live", ":red", ":9")] == [
            "v3", "v1", "v2", "v1", "v3", None, None,
        ]  # fmt: skip
    assert [(one.version, set(one.labels)) for one in config.history("a")] == [
        (1, {"blue"}), (2, set()), (3, {"green", "live"}),
    ]  # fmt: skip
    found = native.get_parameter_history(Name=f"{base}/a")["Parameters"]
    assert {one["Version"]: set(one.get("Labels", ())) for one in found}[3] == {"green", "live"}


def test_a_history_of_several_pages_is_whole(config: holdall.Config) -> None:
    for number in range(55):
        config.put("a", str(number))
    assert [one.version for one in config.history("a")] == list(range(1, 56))


def test_what_is_deleted_is_gone(config: holdall.Config, native: Any, base: str, url: str) -> None:
    config.put("a", "1")
    config.delete("a")
    with pytest.raises(native.exceptions.ParameterNotFound):
        native.get_parameter(Name=f"{base}/a")
    with again(url) as other:
        assert (other.get("a"), other.get("a:1"), other.history("a"), other.list()) == (None, None, [], [])
    config.delete("a")


@dataclass
class Many:
    """What is below "many/" as well."""

    p00: int
    p24: int


@pytest.mark.parametrize("more", ["", "&by=name"], ids=["by path", "by name"])
def test_twenty_five_parameters_are_read(native: Any, url: str, base: str, more: str) -> None:
    names = [f"many/p{number:02}" for number in range(25)]
    for number, name in enumerate(names):
        native.put_parameter(Name=f"{base}/{name}", Value=str(number), Type="String")
    with again(url + more) as config:
        assert [config.get(name, int) for name in names] == list(range(25))
        assert config.refresh() == frozenset()
        assert [one.name for one in config.list("many/")] == names
        assert config.load(Many, "many") == Many(0, 24)


def test_an_arn_is_read(config: holdall.Config, native: Any, base: str) -> None:
    native.put_parameter(Name=f"{base}/a", Value="1", Type="String")
    native.put_parameter(Name=f"{base}/a", Value="2", Type="String", Overwrite=True)
    arn = native.get_parameter(Name=f"{base}/a")["Parameter"]["ARN"]
    assert (config.get(arn), config.get(f"{arn}:1"), config.get(f"{base}/a:1")) == ("2", "1", "1")
    assert [one.name for one in config.list()] == ["a"]


def test_a_version_is_replaced_only_by_who_knows_it(config: holdall.Config, native: Any, base: str) -> None:
    config.put("a", "1", if_absent=True)
    with pytest.raises(holdall.AlreadyExists):
        config.put("a", "2", if_absent=True)
    native.put_parameter(Name=f"{base}/a", Value="other", Type="String", Overwrite=True)
    with pytest.raises(holdall.Conflict) as caught:
        config.put("a", "2", if_version=1)
    assert caught.value.current == 2
    assert config.put("a", "2", if_version=2).version == 3


def test_asyncio_reads_and_writes_the_same(url: str, config: holdall.Config) -> None:
    async def program() -> list[Any]:
        async with holdall.open_async_config(url) as other:
            await other.put("a", Secret("hush"))
            await asyncio.gather(*(other.put(f"many/{number}", number) for number in range(12)))
            return await asyncio.gather(*(other.get(f"many/{number}", int) for number in range(12)))

    assert asyncio.run(program()) == list(range(12))
    assert config.secret("a").reveal() == "hush"
    assert len(config.list("many/")) == 12


def test_a_client_of_the_callers_own_serves_both_shells(native: Any, base: str) -> None:
    async def read() -> Any:
        async with holdall.open_async_config(f"ssm://{base}", client=native) as config:
            return await config.get("a")

    with holdall.open_config(f"ssm://{base}", client=native) as config:
        config.put("a", "1")
        assert config.native is native
    assert asyncio.run(read()) == "1"
