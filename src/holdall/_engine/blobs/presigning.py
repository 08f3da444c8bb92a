"""What a presigned URL may be asked for: checked before anything is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..._frozen import replace
from ...errors import InvalidArgument
from .checks import check_media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...blob_drivers import PresignAsked

LONGEST = 604_800
"""Seconds, 7 days (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters", X-Amz-Expires)."""
LARGEST = 5 << 30
"""Bytes of one request (Amazon S3 User Guide, "Uploading objects"); larger blobs are sent in parts."""
_SERVES: Mapping[str, frozenset[str]] = {
    "get": frozenset({"download_as", "version"}),
    "put": frozenset({"content_type", "size"}),
    "delete": frozenset({"version"}),
    "post": frozenset({"content_type", "min_size", "max_size"}),
}
_UNSAID: Mapping[str, Any] = {
    "content_type": None, "size": None, "min_size": 0, "max_size": None, "download_as": None, "version": None,
}  # fmt: skip
_INSTEAD: Mapping[str, str] = {
    "size": "; the size of a form is bounded by min_size= and max_size=",
    "min_size": "; a put takes an exact size=",
    "max_size": "; a put takes an exact size=",
}


def checked(asked: PresignAsked) -> PresignAsked:
    """
    Return what is asked for, completed: a form always has a media type and a bound.

    Raises:
        InvalidArgument: Something is out of bounds, or is of no use to the method.
    """
    _check_method(asked)
    _check_number("expires=", "seconds", asked.expires, 1, LONGEST)
    content_type = asked.content_type
    if content_type is not None or asked.method == "post":
        content_type = check_media_type(content_type, asked.key, text=False)
    _check_name(asked.download_as)
    if asked.size is not None:
        _check_number("size=", "bytes", asked.size, 0, LARGEST)
    if asked.method != "post":
        return replace(asked, content_type=content_type)
    most = LARGEST if asked.max_size is None else asked.max_size
    _check_number("max_size=", "bytes", most, 0, LARGEST)
    _check_number("min_size=", "bytes", asked.min_size, 0, LARGEST)
    if asked.min_size > most:
        raise InvalidArgument(f"min_size={asked.min_size} is more than max_size={most}")
    return replace(asked, content_type=content_type, max_size=most)


def _check_method(asked: PresignAsked) -> None:
    serves = _SERVES.get(asked.method) if isinstance(asked.method, str) else None  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
    if serves is None:
        raise InvalidArgument(f"method= takes 'get', 'put', 'delete' or 'post', got {asked.method!r}")
    for name, unsaid in _UNSAID.items():
        if name not in serves and getattr(asked, name) != unsaid:
            right = " and ".join(repr(method) for method, names in _SERVES.items() if name in names)
            instead = _INSTEAD.get(name, "")
            raise InvalidArgument(f"{name}= is of no use to {asked.method!r}, it is for {right}{instead}")


def _check_number(name: str, unit: str, value: Any, least: int, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise InvalidArgument(f"{name} takes a whole number of {unit} from {least} to {most}, got {value!r}")


def _check_name(name: Any) -> None:
    if name is None:
        return
    if not isinstance(name, str) or not name or not name.isprintable() or "/" in name or "\\" in name:
        raise InvalidArgument(f"download_as= takes a file's name, without folders, such as 'May.pdf', got {name!r}")
