"""What may be the name of a parameter, or a path of names. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_ARN = re.compile(r"arn:aws[-a-z]*:ssm:[a-z0-9-]+:\d{12}:parameter(/.+)", re.ASCII)
_SELECTOR = re.compile(r":(\d+|[a-zA-Z0-9_.-]{1,100})\Z", re.ASCII)
_PLAIN = re.compile(r"[a-zA-Z0-9_.\-/]*")
# Names of secrets have more characters than those of parameters ("CreateSecret", Secrets Manager API Reference).
_SECRET = re.compile(r"/aws/reference/secretsmanager/[a-zA-Z0-9_.\-/+=@]+")
_RESERVED = re.compile(r"/?(aws|ssm)", re.IGNORECASE)
_LEVELS = 15
# The ARN counts too ("PutParameter", Name). The region isn't known here, so this one is as short as any.
_LONGEST = 1011 - len("arn:aws:ssm:us-east-1:111122223333:parameter/")


def misread(name: str) -> Iterator[str]:
    """Yield what is wrong with a name that is read by: it may be an ARN, and select a version or label."""
    yield from _misread(name, selects=True)


def misread_whole(name: str) -> Iterator[str]:
    """Yield what is wrong with a name of which all versions are read: it may be an ARN."""
    yield from _misread(name, selects=False)


def misnamed(name: str) -> Iterator[str]:
    """Yield what is wrong with the name itself."""
    if not name:
        yield "is empty"
    if not _PLAIN.fullmatch(name) and not _SECRET.fullmatch(name):
        yield "has other characters than a-zA-Z0-9_.-/"
    if "/" in name and not name.startswith("/"):
        yield "has levels, so it has to begin with /"
    if name.endswith("/"):
        yield "has an empty level"
    yield from _misplaced(name)


def misnamed_new(name: str) -> Iterator[str]:
    """Yield what is wrong with the name of a parameter that is written."""
    if _RESERVED.match(name):
        yield "begins with aws or ssm, which are reserved"
    yield from misnamed(name)


def mispathed(path: str) -> Iterator[str]:
    """Yield what is wrong with a path; unlike a name it may end with a slash."""
    if not path.startswith("/"):
        yield "doesn't begin with /"
    if not _PLAIN.fullmatch(path):
        yield "has other characters than a-zA-Z0-9_.-/"
    yield from _misplaced(path)


def _misread(name: str, *, selects: bool) -> Iterator[str]:
    found = _ARN.fullmatch(name)
    if found is None and name.startswith("arn:"):
        yield "is no ARN of a parameter"
        return
    text = name if found is None else found[1]
    yield from misnamed(_SELECTOR.sub("", text) if selects else text)


def _misplaced(name: str) -> Iterator[str]:
    if "//" in name:
        yield "has an empty level"
    if name.rstrip("/").count("/") > _LEVELS:
        yield f"has more than {_LEVELS} levels"
    if len(name.strip("/")) > _LONGEST:
        yield "has more than 1,011 characters with its ARN"
