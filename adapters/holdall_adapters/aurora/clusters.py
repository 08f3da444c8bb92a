"""The ARNs of a cluster and its secret: given, or looked up by the cluster's name, once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from holdall.errors import AccessDenied, ConfigError, HoldallError, ResourceMissing

from .._aws.failures import failure_of
from .errors import Asked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from .options import Options


class Clusters:
    """
    Where the requests of one repository go.

    Attributes:
        identity: What is equal for two repositories on one cluster.
    """

    def __init__(self, options: Options, run: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        self.identity = (options.cluster, options.secret, options.connection.region, options.connection.endpoint)
        self._options = options
        self._run = run
        self._names: dict[str, str] | None = None
        if options.cluster.startswith("arn:") and options.secret is not None:
            self._names = {"resourceArn": options.cluster, "secretArn": options.secret}

    async def found(self) -> dict[str, str]:
        """
        Return the names that every request carries.

        Raises:
            ResourceMissing: There is no cluster of that name.
            ConfigError: The cluster has no secret of its own, and the URL names none.
        """
        names = self._names
        if names is None:
            names = self._names = cast("dict[str, str]", await self._run(self._looked_up))
        return names

    def _looked_up(self) -> dict[str, str]:
        try:
            boto3: Any = import_module("boto3")
        except ModuleNotFoundError as error:
            raise ConfigError("a cluster is looked up by its name with boto3: pip install 'holdall[aurora]', or give "
                              "its ARN") from error
        connection = self._options.connection
        try:
            session = boto3.Session(profile_name=connection.profile, region_name=connection.region)
            client = session.client("rds")
            found = client.describe_db_clusters(DBClusterIdentifier=self._options.cluster)["DBClusters"]
        except Exception as error:
            meaning = self._meaning(error)
            if meaning is None:
                raise
            raise meaning from error
        return self._names_of(found[0])

    def _meaning(self, error: Exception) -> HoldallError | None:
        """Return the error that an exception of boto3 means, None for one that is no client's."""
        name = self._options.cluster
        said: dict[str, Any] = getattr(error, "response", None) or {}
        code = str(said.get("Error", {}).get("Code", ""))
        if code.startswith("DBClusterNotFound"):
            return ResourceMissing(f"there is no cluster {name!r} in the region in use; see the parameter 'region'")
        if code.startswith(("AccessDenied", "Unauthorized", "InvalidClientTokenId", "ExpiredToken")):
            return AccessDenied(f"the cluster {name!r} can't be looked up ({code}); allow rds:DescribeDBClusters, or "
                                "give the ARNs of the cluster and its secret in the URL")
        return failure_of(error, Asked("DescribeDBClusters", name, writing=False))

    def _names_of(self, cluster: dict[str, Any]) -> dict[str, str]:
        managed: dict[str, Any] = cluster.get("MasterUserSecret") or {}
        secret: str | None = self._options.secret or managed.get("SecretArn")
        if secret is None:
            raise ConfigError(f"the cluster {self._options.cluster!r} has no secret that RDS manages; name one by the "
                              "parameter 'secret'")
        return {"resourceArn": cluster["DBClusterArn"], "secretArn": secret}
