"""What one AWS service is to the clients: its names, its protocol, and what its answers always hold."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from holdall._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Protocol = Literal["json-1.0", "json-1.1", "rest-json", "rest-xml"]


@frozen
class Service:
    """
    One service, as far as its adapter uses it.

    Attributes:
        name: The name that boto3, endpoints and signatures have for it, such as "rds-data".
        title: The name that people have for it.
        protocol: AWS JSON 1.0 or 1.1 (the operation in a header), REST-JSON (the operation in the path), or REST-XML.
        target: What stands before the operation in the header X-Amz-Target.
        operations: Those in use, each with its path; "/" but for REST-JSON.
        plain: Operations whose answers hold nothing but what JSON says, so that botocore need not walk them.
        returned: The names that an answer to an operation with these parameters always has.
        kinds: The type of each name of an answer, where the adapter relies on it.
    """

    name: str
    title: str
    protocol: Protocol
    target: str
    operations: Mapping[str, str]
    plain: frozenset[str]
    returned: Callable[[str, Mapping[str, Any]], tuple[str, ...]]
    kinds: Mapping[str, type]

    @property
    def variable(self) -> str:
        """The environment variable for the service's own endpoint."""
        return f"AWS_ENDPOINT_URL_{self.name.upper().replace('-', '_')}"


@lru_cache(100)
def method_name(operation: str) -> str:
    """Return what boto3 calls an operation: "get_item" of "GetItem"."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
