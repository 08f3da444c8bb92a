"""URLs of clusters, names that are looked up, and every error of the service."""

from __future__ import annotations

from typing import Any

import botocore.exceptions
import botocore.session
import pytest

import holdall
from holdall.errors import HoldallError
from holdall.urls import parse_url
from holdall_adapters._aws.errors import Refused
from holdall_adapters.aurora.clusters import Clusters
from holdall_adapters.aurora.errors import CODES, Asked, error_of
from holdall_adapters.aurora.options import Options
from tests.sqlite.models import Plain

CLUSTER = "arn:aws:rds:eu-west-1:123456789012:cluster:shop"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"


def test_an_arn_says_the_region() -> None:
    found = Options.from_url(parse_url(f"rds-data://{CLUSTER}/orders?secret={SECRET}&table=t&dialect=mysql"))
    assert (found.cluster, found.secret, found.database) == (CLUSTER, SECRET, "orders")
    assert (found.dialect, found.table, found.connection.region) == ("mysql", "t", "eu-west-1")
    assert found.connection.read_timeout == 30.0


def test_a_name_needs_no_secret() -> None:
    found = Options.from_url(parse_url("rds-data://shop/orders?region=eu-west-1"))
    assert (found.cluster, found.secret, found.dialect) == ("shop", None, "postgresql")


WRONG = {
    f"rds-data://{CLUSTER}/orders": "'secret' is missing",
    f"rds-data://{CLUSTER}?secret={SECRET}": "expected rds-data://CLUSTER/DATABASE",
    f"rds-data://arn:aws:rds:eu-west-1:1:db:x/orders?secret={SECRET}": "expected rds-data://CLUSTER/DATABASE",
    "rds-data://shop/orders?secret=shop": "'secret' is wrong",
    "rds-data://shop/orders?dialect=oracle": "'dialect' is wrong: expected postgresql or mysql",
    "rds-data://shop/orders?tabel=x": "unknown parameter 'tabel'; did you mean 'table'",
    "rds-data://shop/orders?table=": "'table' is empty",
    "rds-data://user:hush@shop/orders": "a URL carries no credentials",
    "rds-data://shop/orders?table=holdall_transactions": "is holdall's own",
}


@pytest.mark.parametrize("url", WRONG)
def test_a_wrong_url_is_refused_when_it_is_opened(url: str) -> None:
    with pytest.raises(holdall.ConfigError, match=WRONG[url]) as caught:
        holdall.open_repository(url, Plain)
    assert "hush" not in str(caught.value)


class Rds:
    """boto3, as far as a cluster is looked up by it."""

    def __init__(self, clusters: list[dict[str, Any]]) -> None:
        self.clusters = clusters
        self.asked: list[str] = []
        self.code: str | None = None

    def Session(self, **_: Any) -> Any:  # noqa: N802 - as boto3 calls it
        return self

    def client(self, name: str) -> Any:
        assert name == "rds"
        return self

    def describe_db_clusters(self, DBClusterIdentifier: str) -> Any:  # noqa: N803 - likewise
        self.asked.append(DBClusterIdentifier)
        if self.code is not None:
            raise botocore.exceptions.ClientError({"Error": {"Code": self.code}}, "DescribeDBClusters")
        return {"DBClusters": self.clusters}


def clusters(rds: Rds, monkeypatch: pytest.MonkeyPatch, url: str = "rds-data://shop/orders") -> Clusters:
    from holdall.io import BlockingIo
    from holdall_adapters.aurora import clusters as module

    monkeypatch.setattr(module, "import_module", lambda _: rds)
    return Clusters(Options.from_url(parse_url(url)), BlockingIo().call)


def found(them: Clusters) -> dict[str, str]:
    from holdall.io import run_blocking

    return run_blocking(them.found())


def test_a_name_is_looked_up_once_with_the_secret_that_rds_manages(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds([{"DBClusterArn": CLUSTER, "MasterUserSecret": {"SecretArn": SECRET}}])
    them = clusters(rds, monkeypatch)
    assert found(them) == found(them) == {"resourceArn": CLUSTER, "secretArn": SECRET}
    assert rds.asked == ["shop"]


def test_a_cluster_without_a_secret_of_its_own_needs_one_in_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds([{"DBClusterArn": CLUSTER}])
    with pytest.raises(holdall.ConfigError, match="name one by the parameter 'secret'"):
        found(clusters(rds, monkeypatch))
    url = f"rds-data://shop/orders?secret={SECRET}"
    assert found(clusters(rds, monkeypatch, url)) == {"resourceArn": CLUSTER, "secretArn": SECRET}


def test_a_cluster_that_is_not_there_is_a_missing_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds([])
    rds.code = "DBClusterNotFoundFault"
    with pytest.raises(holdall.ResourceMissing, match="no cluster 'shop'"):
        found(clusters(rds, monkeypatch))


def test_a_cluster_that_may_not_be_looked_up_names_the_action(monkeypatch: pytest.MonkeyPatch) -> None:
    rds = Rds([])
    rds.code = "AccessDenied"
    with pytest.raises(holdall.AccessDenied, match="allow rds:DescribeDBClusters"):
        found(clusters(rds, monkeypatch))


def test_a_region_that_is_not_set_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    plains = holdall.open_repository("rds-data://shop/orders", Plain)
    with plains, pytest.raises(holdall.ConfigError, match="no AWS region is set"):
        plains.get("a")


ASKED = Asked("ExecuteStatement", CLUSTER, writing=True)


def modelled() -> list[str]:
    model = botocore.session.get_session().get_service_model("rds-data")
    return sorted({shape.name for name in model.operation_names for shape in model.operation_model(name).error_shapes})


@pytest.mark.parametrize("code", modelled())
def test_each_error_of_the_model_is_in_the_table(code: str) -> None:
    assert code in CODES


@pytest.mark.parametrize("code", CODES)
def test_each_error_is_one_of_ours_and_shows_no_words_of_the_service(code: str) -> None:
    error = error_of(Refused(code, "secret words", 400, "id-1"), ASKED)
    assert isinstance(error, HoldallError)
    assert "secret words" not in str(error)
    assert error.request_id == "id-1"


def test_a_database_s_own_code_comes_first() -> None:
    for message, error in (
        ("ERROR: duplicate key; SQLState: 23505", holdall.InvalidArgument),
        ("Database error code: 1213. Message: Deadlock found; SQLState: 40001", holdall.Throttled),
        ("ERROR: canceling statement; SQLState: 57014", holdall.Timeout),
    ):
        assert isinstance(error_of(Refused("DatabaseErrorException", message, 400, None), ASKED), error)
        assert isinstance(error_of(Refused("BadRequestException", message, 400, None), ASKED), error)


def test_what_may_have_been_done_says_so() -> None:
    lost: Any = error_of(Refused("InternalServerErrorException", "", 500, None), ASKED)
    assert lost.maybe_done
    refused: Any = error_of(Refused("DatabaseResumingException", "", 400, None), ASKED)
    assert not refused.maybe_done
