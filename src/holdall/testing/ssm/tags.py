"""What may be a tag or a label. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_SIGNS = frozenset("_.:/=+-@")
_LABEL = re.compile(r"(?!\d|aws|ssm)[a-z0-9_.-]{1,100}", re.IGNORECASE | re.ASCII)
_MOST_TAGS = 50
_MOST_LABELS = 10


def mistagged(tags: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield what is wrong with tags."""
    # "Tagging Parameter Store parameters": at most 50 on a parameter.
    if len(tags) > _MOST_TAGS:
        yield f"Tags has more than {_MOST_TAGS}"
    for tag in tags:
        yield from mistagged_keys("Tags", [tag["Key"]])
        if len(tag["Value"]) > 256 or not _is_plain(tag["Value"]):
            yield "Tags: Value has more than 256 characters, or others than letters, numbers, spaces and _.:/=+-@"


def mistagged_keys(member: str, keys: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the keys of tags."""
    for key in keys:
        if not 1 <= len(key) <= 128 or not _is_plain(key):
            yield f"{member}: a key has 1 to 128 characters, all of them letters, numbers, spaces or _.:/=+-@"
        if key.lower().startswith("aws:"):
            yield f"{member}: a key begins with aws:, which is reserved"


def mislabelled(labels: Sequence[str]) -> Iterator[str]:
    """
    Yield what is wrong with labels.

    The service attaches the good ones, and tells of the others in `InvalidLabels`, which is easily overlooked.
    """
    if not 1 <= len(labels) <= _MOST_LABELS:
        yield f"Labels has {len(labels)}, not 1 to {_MOST_LABELS}"
    if not all(map(_LABEL.fullmatch, labels)):
        yield "Labels: one has other characters than a-zA-Z0-9_.-, more than 100, or begins with a digit, aws or ssm"


def _is_plain(text: str) -> bool:
    return all(sign in _SIGNS or unicodedata.category(sign)[0] in "LZN" for sign in text)
