"""Services of the other protocols, as their adapters will describe them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from holdall_adapters._aws.services import Service


def _nothing(operation: str, params: Mapping[str, Any]) -> tuple[str, ...]:
    return ()


_SSM = frozenset({
    "GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory", "PutParameter", "DeleteParameter",
    "DeleteParameters", "DescribeParameters", "LabelParameterVersion", "AddTagsToResource",
})  # fmt: skip
_RDS_DATA = {
    "ExecuteStatement": "/Execute", "BatchExecuteStatement": "/BatchExecute", "BeginTransaction": "/BeginTransaction",
    "CommitTransaction": "/CommitTransaction", "RollbackTransaction": "/RollbackTransaction",
}  # fmt: skip

SSM = Service("ssm", "Parameter Store", "json-1.1", "AmazonSSM", dict.fromkeys(_SSM, "/"), _SSM, _nothing, {})
RDS_DATA = Service("rds-data", "the Data API", "rest-json", "", _RDS_DATA, frozenset(_RDS_DATA), _nothing, {})
