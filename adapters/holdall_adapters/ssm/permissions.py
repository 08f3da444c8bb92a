"""
Which rights each verb needs. Pure.

After "Actions, resources, and condition keys for AWS Systems Manager" in the Service Authorization Reference, and
"Restricting access to Parameter Store parameters using IAM policies" in the AWS Systems Manager User Guide.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PLACES = ("on the path itself", "on what is below it")
"""Where the rights are given."""
OF_BASE = frozenset({"GetParametersByPath"})
"""Those that are allowed on the path itself, not only on what is below it."""
_READ = ("GetParametersByPath", "GetParameters")

VERBS: Mapping[str, tuple[str, ...]] = {
    "`get`, `require`, `secret`, `load`": _READ,
    "the same with `by=name`, `via=extension`, and names beyond the base": ("GetParameters", "GetParameter"),
    "`list`": ("GetParametersByPath",),
    "`put`": ("PutParameter", "GetParameter"),
    "`put` with tags": ("PutParameter", "AddTagsToResource"),
    "`delete`": ("DeleteParameter", "GetParameter"),
    "`history`": ("GetParameterHistory",),
    "`label`": ("LabelParameterVersion",),
}
"""The operations that each verb may send; each is an IAM action of its own name."""

DECRYPTS = frozenset({"GetParametersByPath", "GetParameters", "GetParameter"})
"""Those that need kms:Decrypt on the key of the SecureStrings that they meet, unless that is the service's own."""


def rights_of(verb: str) -> tuple[list[str], list[str]]:
    """Return the IAM actions that a verb needs, but for those of KMS: on the path itself, and on what is below it."""
    actions = sorted(VERBS[verb])
    return [f"ssm:{each}" for each in actions if each in OF_BASE], [f"ssm:{each}" for each in actions]
