"""What surrounds the process, read once for a decision that is pure itself."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from holdall._frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES = {"AWS_CONFIG_FILE": ("~/.aws/config",), "AWS_SHARED_CREDENTIALS_FILE": ("~/.aws/credentials",),
          "BOTO_CONFIG": ("/etc/boto.cfg", "~/.boto")}  # fmt: skip
"""The files that botocore reads, by the variable that gives another path."""


@frozen
class Environment:
    """
    The variables, and what else botocore would look at.

    Attributes:
        variables: The environment's.
        files: The configuration files that are there and not empty.
        proxies: Proxies of the operating system's own settings, where it has some (macOS and Windows).
    """

    variables: Mapping[str, str]
    files: tuple[str, ...] = ()
    proxies: Mapping[str, str] = {}

    @classmethod
    def here(cls) -> Environment:
        """Return the environment of this process."""
        return cls(os.environ, tuple(_found_files(os.environ)), _system_proxies())


def _found_files(variables: Mapping[str, str]) -> list[str]:
    paths = [[variables[name]] if name in variables else usual for name, usual in _FILES.items()]
    return [path for group in paths for path in group if _has_content(path)]


def _has_content(path: str) -> bool:
    try:
        return os.stat(os.path.expanduser(path)).st_size > 0  # noqa: PTH111,PTH116 - pathlib is slow to import
    except OSError:
        # It is not there, or nobody may read it: not botocore either.
        return False


def _system_proxies() -> Mapping[str, str]:
    if sys.platform not in ("darwin", "win32"):
        return {}
    from urllib.request import getproxies

    return getproxies()
