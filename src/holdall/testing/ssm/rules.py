"""What Parameter Store refuses, rule by rule. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from .errors import RequestRefused
from .filters import misfiltered, misfiltered_by_path
from .names import misnamed, misnamed_new, mispathed, misread, misread_whole
from .shapes import OPERATIONS, misshapen
from .tags import mislabelled, mistagged, mistagged_keys

_Rule = Callable[[Mapping[str, Any]], Iterator[str]]
_TYPES = ("String", "StringList", "SecureString")
_BYTES = {"Standard": 4096, "Advanced": 8192, "Intelligent-Tiering": 8192}
_ADVANCED_DATA = ("url", "json", "jsonc")
_DATA = ("text", "aws:ec2:image", "aws:ssm:integration", "aws:region", "aws:account:id", "boolean", "integer", "float",
         "binary", "hostname", "email", "ipv4-address", "ipv6-address", *_ADVANCED_DATA)  # fmt: skip
_RESOURCES = ("Document", "ManagedInstance", "MaintenanceWindow", "Parameter", "PatchBaseline", "OpsItem",
              "OpsMetadata", "Automation", "Association", "CloudConnector")  # fmt: skip
_REFERENCE = re.compile(r"\{\{.*\}\}", re.DOTALL)
_KEY_ID = re.compile(r"[a-zA-Z0-9:/_-]{1,256}")


def check(operation: str, params: Mapping[str, Any]) -> None:
    """
    Check a request against all rules; one of another operation of the service has none.

    Raises:
        RequestRefused: Parameter Store would refuse it; the message says which member is wrong.
    """
    if operation in OPERATIONS:
        for problem in _problems(operation, params):
            raise RequestRefused(f"{operation}: {problem}")


def _problems(operation: str, params: Mapping[str, Any]) -> Iterator[str]:
    # The shape first, on which the rules rely: nothing is asked for after the first problem.
    yield from misshapen(operation, params)
    for rule in _RULES[operation]:
        yield from rule(params)


def _name(problems: Callable[[str], Iterator[str]], member: str = "Name") -> _Rule:
    return lambda params: (f"{member} {problem}" for problem in problems(params[member]))


def _names(problems: Callable[[str], Iterator[str]]) -> _Rule:
    return lambda params: (f"Names: {name[:200]!r} {problem}" for name in params["Names"] for problem in problems(name))


def _count(params: Mapping[str, Any]) -> Iterator[str]:
    if not 1 <= len(params["Names"]) <= 10:
        yield f"Names has {len(params['Names'])}, not 1 to 10"


def _twice(params: Mapping[str, Any]) -> Iterator[str]:
    if len(set(params["Names"])) < len(params["Names"]):
        yield "Names has one twice"


def _page(most: int) -> _Rule:
    def rule(params: Mapping[str, Any]) -> Iterator[str]:
        if not 1 <= params.get("MaxResults", 1) <= most:
            yield f"MaxResults is not 1 to {most}"

    return rule


def _version(params: Mapping[str, Any]) -> Iterator[str]:
    if params.get("ParameterVersion", 1) < 1:
        yield "ParameterVersion is not 1 or more"


def _labels(params: Mapping[str, Any]) -> Iterator[str]:
    yield from mislabelled(params["Labels"])


def _value(params: Mapping[str, Any]) -> Iterator[str]:
    # "PutParameter", Value and Tier. Nothing of the value stands in a message.
    value, tier = params["Value"], params.get("Tier", "Standard")
    if not value:
        yield "Value is empty"
    if len(value.encode()) > _BYTES.get(tier, 8192):
        yield f"Value has {len(value.encode()):,} bytes, more than the tier {tier} takes"
    if _REFERENCE.search(value):
        yield "Value has {{ and }}, which is the reference to a parameter"


def _enumerations(params: Mapping[str, Any]) -> Iterator[str]:
    yield from _not_in("Type", params, _TYPES)
    yield from _not_in("Tier", params, _BYTES)
    yield from _not_in("DataType", params, _DATA)


def _kind(params: Mapping[str, Any]) -> Iterator[str]:
    kind, overwrites = params.get("Type"), params.get("Overwrite", False)
    if kind is None and not overwrites:
        yield "Type is missing, which a new parameter needs"
    if "KeyId" in params and kind not in (None, "SecureString"):
        yield "KeyId is for a SecureString only"
    if "KeyId" in params and not _KEY_ID.fullmatch(params["KeyId"]):
        yield "KeyId has other characters than a-zA-Z0-9:/_-, or not 1 to 256"
    if "Tags" in params and overwrites:
        yield "Tags can't be given with Overwrite"


def _tier(params: Mapping[str, Any]) -> Iterator[str]:
    # "PutParameter", Tier: what only an advanced parameter has.
    if params.get("Tier", "Standard") == "Standard" and "Policies" in params:
        yield "Policies are for an advanced parameter only"
    if params.get("Tier", "Standard") == "Standard" and params.get("DataType") in _ADVANCED_DATA:
        yield "DataType is for an advanced parameter only"
    if not 1 <= len(params.get("Policies", "[]")) <= 4096:
        yield "Policies has not 1 to 4,096 characters"


def _texts(params: Mapping[str, Any]) -> Iterator[str]:
    for member in ("Description", "AllowedPattern"):
        if len(params.get(member, "")) > 1024:
            yield f"{member} has more than 1,024 characters"


def _pattern(params: Mapping[str, Any]) -> Iterator[str]:
    pattern: str = params.get("AllowedPattern", "")
    value: str = params["Value"]
    # The service's patterns are Java's, of which Python doesn't know the Unicode classes.
    if re.search(r"\\[pPX]", pattern):
        return
    try:
        found = re.search(pattern, value)
    except re.error:
        yield "AllowedPattern is no regular expression"
        return
    if found is None:
        yield "AllowedPattern doesn't match the Value"


def _put_tags(params: Mapping[str, Any]) -> Iterator[str]:
    yield from mistagged(params.get("Tags", ()))


def _tag_keys(params: Mapping[str, Any]) -> Iterator[str]:
    yield from mistagged_keys("TagKeys", params["TagKeys"])


def _resource(params: Mapping[str, Any]) -> Iterator[str]:
    yield from _not_in("ResourceType", params, _RESOURCES)
    if params["ResourceType"] == "Parameter":
        yield from (f"ResourceId {problem}" for problem in misnamed(params["ResourceId"]))


def _not_in(member: str, params: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    if member in params and params[member] not in names:
        yield f"{member} is none of {', '.join(names)}"


_LABELLED: tuple[_Rule, ...] = (_name(misnamed), _version, _labels)
_RULES: dict[str, tuple[_Rule, ...]] = {
    "GetParameter": (_name(misread),),
    "GetParameters": (_count, _twice, _names(misread)),
    "GetParametersByPath": (_name(mispathed, "Path"), _page(10), misfiltered_by_path),
    "GetParameterHistory": (_name(misread_whole), _page(50)),
    "PutParameter": (_name(misnamed_new), _enumerations, _value, _kind, _tier, _texts, _pattern, _put_tags),
    "DeleteParameter": (_name(misnamed),),
    "DeleteParameters": (_count, _names(misnamed)),
    "LabelParameterVersion": _LABELLED,
    "UnlabelParameterVersion": _LABELLED,
    "AddTagsToResource": (_resource, _put_tags),
    "RemoveTagsFromResource": (_resource, _tag_keys),
    "ListTagsForResource": (_resource,),
    "DescribeParameters": (_page(50), misfiltered),
}
