"""Writing parameters. Parameter Store has no conditions but that nothing is there, so versions are compared here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from holdall.config_drivers import Parameter
from holdall.errors import AlreadyExists, Conflict, HoldallError, InvalidArgument

from .._aws.errors import Refused
from .schema import check_text
from .wire import put_request, tag_list

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from holdall.config_drivers import NewValue

    from .service import Service

_GONE = ("ParameterNotFound", "ParameterVersionNotFound")


async def put(service: Service, name: str, full: str, new: NewValue, source: str) -> Parameter:
    """
    Write a parameter, and return what is known of it.

    Raises:
        AlreadyExists: It is there, and should not be.
        Conflict: It has another version than it should have, or another write came between.
        InvalidArgument: Parameter Store takes no such value.
    """
    check_text(name, new.text)
    if new.version is not None:
        await _check_version(service, full, new.version)
    version = await _sent(service, full, new)
    if new.version is not None and version != new.version + 1:
        raise Conflict(f"another write came between; version {new.version} was read, and this became version {version}",
                       current=version - 1, maybe_done=True)  # fmt: skip
    return Parameter(name, new.kind, version, source=source)


async def _sent(service: Service, full: str, new: NewValue) -> int:
    """Send a new version, and return its number; tags are taken with the first one only."""
    create = new.absent or (new.tags and new.version is None)
    if create:
        try:
            return await _put(service, full, new, overwrite=False)
        except AlreadyExists:
            if new.absent:
                raise
    version = await _put(service, full, new, overwrite=True)
    if new.tags:
        await _add_tags(service, full, new.tags)
    return version


async def _add_tags(service: Service, full: str, tags: Mapping[str, str]) -> None:
    params = {"ResourceType": "Parameter", "ResourceId": full, "Tags": tag_list(tags)}
    try:
        await service.call("AddTagsToResource", params, full)
    except HoldallError as error:
        error.maybe_done = True  # the value is there already; to put it again would make another version
        raise


async def _put(service: Service, full: str, new: NewValue, *, overwrite: bool) -> int:
    send = service.send_secret if new.kind == "SecureString" else service.attempt
    try:
        answer = await send("PutParameter", put_request(full, new, overwrite=overwrite), full)
    except Refused as refused:
        problem = service.meaning(refused, "PutParameter", full)
        cause = None if new.kind == "SecureString" else refused.native
    else:
        version: int = answer["Version"]
        return version
    raise problem from cause


async def _check_version(service: Service, full: str, version: int) -> None:
    answer = await if_there(service, "GetParameter", {"Name": full, "WithDecryption": False}, full)
    current = None if answer is None else answer["Parameter"].get("Version")
    if current != version:
        there = "it is not there" if current is None else f"version {current} is there"
        raise Conflict(f"the parameter has changed since version {version} was read: {there}", current=current)


async def if_there(
    service: Service, operation: str, params: Mapping[str, Any], full: str
) -> dict[str, Any] | None:
    """
    Return the answer to a request about a parameter; None where it is not there.

    Raises:
        HoldallError: The request failed.
    """
    try:
        return await service.attempt(operation, params, full)
    except Refused as refused:
        if refused.code in _GONE:
            return None
        raise service.meaning(refused, operation, full) from refused.native


async def delete(service: Service, full: str, version: int | None) -> bool:
    """
    Remove a parameter, and return whether it was there.

    Raises:
        Conflict: It has another version than it should have.
    """
    if version is not None:
        await _check_version(service, full, version)
    return await if_there(service, "DeleteParameter", {"Name": full}, full) is not None


async def label(service: Service, full: str, version: int | None, labels: Sequence[str]) -> None:
    """
    Move labels to a version, by default the newest.

    Raises:
        InvalidArgument: One is none that Parameter Store takes.
        NotFound: There is no such parameter or version.
    """
    params: dict[str, Any] = {"Name": full, "Labels": list(labels)}
    if version is not None:
        params["ParameterVersion"] = version
    answer = await service.call("LabelParameterVersion", params, full)
    wrong = answer.get("InvalidLabels") or ()
    if wrong:
        raise InvalidArgument(f"Parameter Store refuses the labels {', '.join(map(repr, wrong))}")
