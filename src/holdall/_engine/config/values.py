"""What is put, from the program's values to the source's texts. Pure."""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, cast

from ...config_drivers import ConfigCapabilities, Kind, NewValue
from ...errors import InvalidArgument, TooLarge, Unsupported
from ...secret import Secret
from .scalars import text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def new_value(
    name: str, value: Any, kms_key: str | None, tags: Mapping[str, str] | None, if_absent: bool, if_version: int | None
) -> NewValue:
    """
    Return what is put.

    Raises:
        InvalidArgument: The value has no form as a parameter, or what goes with it doesn't fit it.
    """
    # First, since a secret's text must not stand in a frame that raises.
    if if_absent and if_version is not None:
        raise InvalidArgument(f"put {name!r}: if_absent= and if_version= exclude each other")
    check_version("put", name, if_version)
    kind, text = _form(name, value)
    if not text:
        raise InvalidArgument(f"put {name!r}: a parameter is never empty; delete it instead")
    if kms_key is not None and kind != "SecureString":
        raise InvalidArgument(f"put {name!r}: kms_key= is for secrets; give the value as Secret(...)")
    return NewValue(text, kind, kms_key, None if tags is None else dict(tags), if_absent, if_version)


def check_version(verb: str, name: str, version: Any) -> None:
    """
    Check the number of a version that a write depends on.

    Raises:
        InvalidArgument: It is none.
    """
    if version is not None and (type(version) is not int or version < 1):
        raise InvalidArgument(f"{verb} {name!r}: if_version= is the number of a version, 1 or more")


def _form(name: str, value: Any) -> tuple[Kind, str]:
    if isinstance(value, Secret):
        return "SecureString", value.reveal()
    if isinstance(value, (list, tuple)):
        return "StringList", ",".join(_item(name, item) for item in cast("list[Any]", value))
    if isinstance(value, dict):
        return "String", _json(name, value)
    text = _text(value)
    if text is None:
        raise InvalidArgument(f"put {name!r}: a parameter holds text, a number, a boolean, a date, a timedelta, a "
                              "UUID, a Path, a member of an Enum, a list, a dict or a Secret; got a value of type "
                              f"{type(value).__name__}, or NaN")
    return "String", text


def _text(value: Any) -> str | None:
    """Return the text that `get` reads as the value; None for what has none."""
    if isinstance(value, Enum):
        return _text(value.value)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():f}".rstrip("0").rstrip(".") if value >= timedelta(0) else None
    if type(value).__module__.partition(".")[0] in ("uuid", "pathlib"):
        return str(value)
    return None if value != value else text_of(value)  # noqa: PLR0124 - NaN


def _json(name: str, value: Any) -> str:
    # Imported here: most values are no objects.
    import json

    try:
        return json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        problem = InvalidArgument(f"put {name!r}: a dict holds what JSON has: texts, numbers, booleans, None, and "
                                  "lists and dicts of those")
    raise problem


def _item(name: str, item: Any) -> str:
    text = _text(item)
    if not text or "," in text or text != text.strip() or text.startswith("["):
        raise InvalidArgument(f"put {name!r}: the items of a list are texts without commas, spaces around them, or [ "
                              "at their beginning, and none is empty; for others put JSON, as text")
    return text


def check_new(name: str, new: NewValue, capabilities: ConfigCapabilities) -> None:
    """
    Check what is put against what the source can do.

    Raises:
        TooLarge: The value is larger than a parameter of the source.
        Unsupported: The source has no versions or tags.
    """
    size, most = len(new.text.encode("utf-8", "surrogatepass")), capabilities.max_value_bytes
    if most is not None and size > most:
        raise TooLarge(f"put {name!r}: the value has {size:,} bytes as UTF-8, and {capabilities.name} takes {most:,}; "
                       "put a large one into a blob store, and its key here")
    for given, flag in ((new.tags is not None, "tags"), (new.version is not None, "versions")):
        if given and not getattr(capabilities, flag):
            raise Unsupported(f"{capabilities.name} has no {flag}")
