"""From names and values to Parameter Store's requests, and from its answers back. Pure."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, cast

from holdall.config_drivers import Entry, Parameter

from .schema import MOST_NAMES, STANDARD_BYTES, split

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from holdall.config_drivers import Kind, NewValue


def full_name(base: str, name: str) -> str:
    """Return what Parameter Store calls a parameter."""
    return name if name.startswith(("/", "arn:")) else f"{base}/{name}"


def shown_name(base: str, full: str) -> str:
    """Return what the program calls a parameter below the base."""
    return full.removeprefix(f"{base}/")


def batches(names: Iterable[str]) -> Iterator[list[str]]:
    """Yield full names in batches that one request takes: ten at most, each parameter once, whatever its selector."""
    waiting: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        waiting.setdefault(split(name)[0], []).append(name)
    while waiting:
        batch = [waiting[bare].pop() for bare in list(waiting)[:MOST_NAMES]]
        yield batch
        waiting = {bare: left for bare, left in waiting.items() if left}


def read_entry(name: str, found: Mapping[str, Any], source: str) -> Entry:
    """Return a parameter out of an answer, as the program calls it."""
    about = Parameter(name, kind_of(found), int(found["Version"]), instant_of(found.get("LastModifiedDate")),
                      tuple(found.get("Labels") or ()), source)  # fmt: skip
    return Entry(found.get("Value"), about)


def kind_of(found: Mapping[str, Any]) -> Kind:
    """Return the kind of a parameter; one that is not known is text."""
    kind = found.get("Type")
    return cast("Kind", kind) if kind in ("StringList", "SecureString") else "String"


def instant_of(value: Any) -> datetime | None:
    """Return an instant: seconds since 1970, or, of the extension, text."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, timezone.utc)
    if not isinstance(value, str):
        return None
    try:
        # fromisoformat of Python 3.10 doesn't read the Z.
        instant = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return None
    return instant if instant.tzinfo is not None else instant.replace(tzinfo=timezone.utc)


def matched(batch: Sequence[str], found: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """
    Return what was found by the full name that it was asked by.

    A parameter that is shared by another account may be told by its ARN or by its name.
    """
    known = {str(each[key]): each for each in found for key in ("Name", "ARN") if each.get(key)}
    named = {name: split(name)[0] for name in batch}
    shared = {name: bare.partition(":parameter")[2] for name, bare in named.items() if bare.startswith("arn:")}
    return {
        name: known[spelled] for name, bare in named.items()
        for spelled in [bare if bare in known else shared.get(name, "")] if spelled in known
    }  # fmt: skip


def put_request(full: str, new: NewValue, *, overwrite: bool) -> dict[str, Any]:
    """Return the parameters of PutParameter; tags go with a new one only."""
    params: dict[str, Any] = {"Name": full, "Value": new.text, "Type": new.kind, "Overwrite": overwrite}
    if new.key is not None:
        params["KeyId"] = new.key
    if len(new.text.encode()) > STANDARD_BYTES:
        params["Tier"] = "Advanced"
    if new.tags and not overwrite:
        params["Tags"] = tag_list(new.tags)
    return params


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Return tags as Parameter Store has them."""
    return [{"Key": name, "Value": value} for name, value in tags.items()]
