"""The command line: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from . import __doc__ as _usage
from .server import DataApi, database_of

if TYPE_CHECKING:
    from collections.abc import Sequence


def parser() -> argparse.ArgumentParser:
    """Return what reads the arguments."""
    made = argparse.ArgumentParser(
        "python -m holdall.testing.data_api", description=_usage, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    which = made.add_mutually_exclusive_group(required=True)
    which.add_argument("--postgres", metavar="URL", help="postgresql://user:password@host:port/database")
    which.add_argument("--mysql", metavar="URL", help="mysql://user:password@host:port/database")
    made.add_argument("--port", type=int, default=0, help="where to listen; a free port by default")
    return made


def main(arguments: Sequence[str]) -> int:
    """Serve until interrupted."""
    given = parser().parse_args(arguments)
    api = DataApi(database_of(given.postgres or given.mysql), given.port)
    print(f"export AWS_ENDPOINT_URL_RDS_DATA={api.url}", flush=True)  # noqa: T201 - what the program is for
    try:
        api.serve()
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
