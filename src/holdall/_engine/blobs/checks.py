"""What a key, metadata, tags, a media type and a part of a blob may be: checked before anything is sent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ...blob_drivers import Span
from ...errors import InvalidArgument, TooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...blob_drivers import BlobCapabilities

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *; *[\w.+-]+=([\w.+-]+|\"[^\"\\]*\"))*", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")
OCTETS = "application/octet-stream"
_TAG_NAME, _TAG_VALUE = 128, 256
"""Characters, as S3 counts them (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html)."""


def _utf8(text: str, what: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidArgument(f"{what} has a lone surrogate, which is no text in UTF-8") from None


def check_key(key: Any, limits: BlobCapabilities, what: str = "the key") -> str:
    """
    Return a key.

    Raises:
        InvalidArgument: It is no text, empty, or has NUL.
        TooLarge: It is too long.
    """
    if not isinstance(key, str):
        raise InvalidArgument(f"{what} of a blob is a str, got a value of type {type(key).__name__}")
    if not key:
        raise InvalidArgument(f"{what} of a blob is empty")
    if "\0" in key:
        raise InvalidArgument(f"{what} of a blob has the character NUL")
    size = len(_utf8(key, what))
    if size > limits.max_key_bytes:
        raise TooLarge(f"{what} has {size} bytes as UTF-8, and {limits.name} takes {limits.max_key_bytes}")
    return str.__str__(key)


def check_prefix(prefix: Any, what: str = "prefix=") -> str:
    """
    Return the beginning of keys, which may be empty.

    Raises:
        InvalidArgument: It is no text.
    """
    if not isinstance(prefix, str):
        raise InvalidArgument(f"{what} takes a str, got a value of type {type(prefix).__name__}")
    _utf8(prefix, what)
    return prefix


def check_metadata(metadata: Mapping[str, str] | None, limits: BlobCapabilities) -> dict[str, str]:
    """
    Return metadata.

    Raises:
        InvalidArgument: A name or value can't be kept.
        TooLarge: It is too much.
    """
    found = dict(metadata or {})
    for name, value in found.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument(f"metadata has the name {name!r}: names are lower-case letters, digits and _ . - "
                                  "only, since they become names of headers")
        if not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers err
            raise InvalidArgument(f"the metadata {name!r} is of type {type(value).__name__}; values are str")
        if _CONTROLS.search(value):
            raise InvalidArgument(f"the metadata {name!r} has a control character")
    size = sum(len(_utf8(f"{name}{value}", f"the metadata {name!r}")) for name, value in found.items())
    if size > limits.max_metadata_bytes:
        raise TooLarge(f"the metadata has {size} bytes as UTF-8, and {limits.name} takes {limits.max_metadata_bytes}")
    return found


def check_tags(tags: Mapping[str, str] | None, limits: BlobCapabilities) -> dict[str, str]:
    """
    Return tags.

    Raises:
        InvalidArgument: A name or value can't be kept.
        TooLarge: They are too many or too long.
    """
    found = dict(tags or {})
    if len(found) > limits.max_tags:
        raise TooLarge(f"a blob has {limits.max_tags} tags at most, got {len(found)}")
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, str) or not name:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidArgument("tags are str by names of str, which are not empty")
        _utf8(name + value, f"the tag {name!r}")
        if len(name) > _TAG_NAME or len(value) > _TAG_VALUE:
            raise TooLarge(f"the tag {name[:20]!r} is too long: a name has {_TAG_NAME} characters at most, a value "
                           f"{_TAG_VALUE}")
    return found


def check_media_type(content_type: str | None, key: str, *, text: bool) -> str:
    """
    Return a media type: the one given, or what the key's ending says.

    Raises:
        InvalidArgument: It is none.
    """
    if content_type is None:
        from .endings import media_type_of

        guessed = media_type_of(key)
        if not text or guessed is not None:
            return guessed or OCTETS
        return "text/plain; charset=utf-8"
    if not isinstance(content_type, str) or not _MEDIA_TYPE.fullmatch(content_type):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InvalidArgument(f"content_type= takes a media type such as 'application/pdf', got {content_type!r}")
    return content_type


def span_of(start: Any, end: Any, last: Any) -> Span | None:
    """
    Return the part that is asked for; None for the whole.

    Raises:
        InvalidArgument: It is none.
    """
    for name, value in (("start", start), ("end", end), ("last", last)):
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            raise InvalidArgument(f"{name}= takes a number of bytes from 0 on, got {value!r}")
    if last is not None:
        if start is not None or end is not None:
            raise InvalidArgument("last= is for the end of a blob, without start= and end=")
        return Span(last=last)
    if start is None and end is None:
        return None
    if end is not None and (start or 0) > end:
        raise InvalidArgument(f"start={start} lies behind end={end}")
    return Span(start or 0, end)
