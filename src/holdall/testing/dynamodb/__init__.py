"""
A strict validator of DynamoDB requests, for tests against servers that accept more than the service does.

The rules come from the AWS DynamoDB developer guide (limits, reserved words, expression reference). Whatever depends on
what is stored (does a path exist, how large is the item then) is left to the server.
"""

from .errors import RequestRefused
from .recorder import Recorder, install
from .tables import IndexDescription, KeySchema, TableDescription
from .validator import OPERATIONS, validate
from .watch import unwatched, watching

__all__ = [
    "OPERATIONS",
    "IndexDescription",
    "KeySchema",
    "Recorder",
    "RequestRefused",
    "TableDescription",
    "install",
    "unwatched",
    "validate",
    "watching",
]
