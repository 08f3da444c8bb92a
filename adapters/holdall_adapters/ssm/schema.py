"""
What Parameter Store takes: names, labels and sizes. Pure.

After "PutParameter", "LabelParameterVersion" and "GetParameters" in the AWS Systems Manager API Reference, and "About
requirements and constraints for parameter names" in its User Guide.
"""

from __future__ import annotations

import re

from holdall.errors import InvalidArgument

MOST_NAMES = 10
"""Names of one GetParameters."""
PAGE = 10
"""Parameters of one page of GetParametersByPath."""
HISTORY_PAGE = 50
STANDARD_BYTES, ADVANCED_BYTES = 4096, 8192
_LEVELS, _LABELS = 15, 10
# Of the name's ARN. The region isn't known here, so this one is as short as any ("PutParameter", Name).
_LENGTH, _ARN_OF = 1011, len("arn:aws:ssm:us-east-1:111122223333:parameter/")
# Names of secrets have more characters than those of parameters ("CreateSecret", Secrets Manager API Reference).
_NAME = re.compile(r"[a-zA-Z0-9_.\-/]+|/aws/reference/secretsmanager/[a-zA-Z0-9_.\-/+=@]+")
_ARN = re.compile(r"arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter/[a-zA-Z0-9_.\-/]+")
_SELECTOR = re.compile(r"[a-zA-Z0-9_.\-]{1,100}")
_LABEL = re.compile(r"(?!\d)(?!(?i:aws|ssm))[a-zA-Z0-9_.\-]{1,100}")
_RESERVED = re.compile(r"/?(aws|ssm)", re.IGNORECASE)


def is_arn(name: str) -> bool:
    """Return whether a name is the ARN of a parameter, without a selector."""
    return _ARN.fullmatch(name) is not None


def split(name: str) -> tuple[str, str]:
    """Return a name and its selector, the number of a version or a label; "" for none."""
    colons = 6 if name.startswith("arn:") else 1
    parts = name.split(":")
    return (":".join(parts[:-1]), parts[-1]) if len(parts) == colons + 1 else (name, "")


def name_problem(name: str) -> str | None:
    """Return what is wrong with a full name that has no selector; None for nothing."""
    if name.startswith("arn:"):
        return None if is_arn(name) else "it is no ARN of a parameter, arn:aws:ssm:REGION:ACCOUNT:parameter/PATH"
    if not _NAME.fullmatch(name):
        return "Parameter Store takes the characters a-z A-Z 0-9 _ . - and / only"
    if "//" in name or name.endswith("/"):
        return "a part between slashes is empty"
    levels = name.removeprefix("/").count("/") + 1
    if levels > _LEVELS:
        return f"it has {levels} levels, and Parameter Store takes {_LEVELS}"
    length = len(name.removeprefix("/")) + _ARN_OF
    return f"its ARN has {length:,} characters, and Parameter Store takes {_LENGTH:,}" if length > _LENGTH else None


def check_readable(name: str, full: str) -> None:
    """
    Check what is read; `name` is how the program has it.

    Raises:
        InvalidArgument: There can be no such parameter.
    """
    bare, selector = split(full)
    problem = name_problem(bare)
    if problem is None and (full.endswith(":") or (selector and not _SELECTOR.fullmatch(selector))):
        problem = "behind the colon stands the number of a version, or a label"
    if problem is not None:
        raise InvalidArgument(f"there is no parameter {name!r}: {problem}")


def check_writable(name: str, full: str) -> None:
    """
    Check what is written.

    Raises:
        InvalidArgument: It names a version, a parameter of another account, or what AWS keeps for itself.
    """
    problem = name_problem(full)
    if full.startswith("arn:"):
        problem = "a parameter of another account is only read"
    elif ":" in full:
        problem = "it has a selector, and what is written is always the newest version"
    elif _RESERVED.match(full):
        problem = "names that begin with aws or ssm are AWS's own"
    if problem is not None:
        raise InvalidArgument(f"the parameter {name!r} can't be written: {problem}")


def check_labels(labels: tuple[str, ...]) -> None:
    """
    Check labels.

    Raises:
        InvalidArgument: There are none or too many, or one is none.
    """
    if not 1 <= len(labels) <= _LABELS:
        raise InvalidArgument(f"a version takes 1 to {_LABELS} labels at once; got {len(labels)}")
    for label in labels:
        if not _LABEL.fullmatch(label):
            raise InvalidArgument(f"the label {label!r} is none: 1 to 100 of the characters a-z A-Z 0-9 _ . -, not "
                                  "beginning with a digit, aws or ssm")


def check_text(name: str, text: str) -> None:
    """
    Check a value.

    Raises:
        InvalidArgument: Parameter Store takes no such text.
    """
    if "{{" in text and "}}" in text:
        raise InvalidArgument(f"put {name!r}: Parameter Store takes no value with {{{{...}}}} in it, which would be a "
                              "reference to another parameter")
