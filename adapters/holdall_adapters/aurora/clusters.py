"""The ARNs of a cluster and its secret: given, or looked up by the cluster's name, once."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from holdall.errors import ConfigError, ResourceMissing

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
        session = boto3.Session(profile_name=connection.profile, region_name=connection.region)
        client = session.client("rds")
        try:
            found = client.describe_db_clusters(DBClusterIdentifier=self._options.cluster)["DBClusters"]
        except client.exceptions.DBClusterNotFoundFault as error:
            where = client.meta.region_name
            raise ResourceMissing(f"there is no cluster {self._options.cluster!r} in {where}") from error
        return self._names_of(found[0])

    def _names_of(self, cluster: dict[str, Any]) -> dict[str, str]:
        managed: dict[str, Any] = cluster.get("MasterUserSecret") or {}
        secret: str | None = self._options.secret or managed.get("SecretArn")
        if secret is None:
            raise ConfigError(f"the cluster {self._options.cluster!r} has no secret that RDS manages; name one by the "
                              "parameter 'secret'")
        return {"resourceArn": cluster["DBClusterArn"], "secretArn": secret}
