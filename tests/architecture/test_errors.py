"""The tree of errors is as drawn, and each has a code of its own."""

from __future__ import annotations

import re

import holdall
from holdall import errors

CLASSES = {
    name: value
    for name, value in vars(errors).items()
    if isinstance(value, type) and issubclass(value, errors.HoldallError) and not name.startswith("_")
}


def drawn() -> dict[str, str | None]:
    """Return each class of the drawing and its parent."""
    parents: dict[int, str] = {}
    found: dict[str, str | None] = {"HoldallError": None}
    for line in (errors.__doc__ or "").splitlines():
        branch = re.match(r"^(?P<indent>[ │]*)[├└]── (?P<name>\w+)", line)
        if branch:
            depth = len(branch["indent"]) // 4
            parents[depth] = branch["name"]
            found[branch["name"]] = parents[depth - 1] if depth > 1 else "HoldallError"
    return found


def parent(cls: type) -> str | None:
    """Return the nearest public ancestor in the tree."""
    return next((base.__name__ for base in cls.__mro__[1:] if base.__name__ in CLASSES), None)


def test_the_tree_is_as_drawn() -> None:
    assert {name: parent(cls) for name, cls in CLASSES.items()} == drawn()


def test_each_error_has_a_code_of_its_own() -> None:
    codes = {name: cls.code for name, cls in CLASSES.items()}
    assert len(set(codes.values())) == len(codes)


def test_codes_are_lower_case_words() -> None:
    assert [cls.code for cls in CLASSES.values() if not re.fullmatch(r"[a-z]+(_[a-z]+)*", cls.code)] == []


def test_each_error_is_exported() -> None:
    assert {name: getattr(holdall, name, None) for name in CLASSES} == CLASSES
