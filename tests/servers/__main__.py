"""The command line: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from . import __doc__ as _usage
from .catalogue import SERVERS
from .installing import ServerMissing, install
from .running import Session

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .catalogue import Server


def main(arguments: Sequence[str]) -> int:
    """Do one command for the named servers, or for all."""
    parser = argparse.ArgumentParser(
        "python -m tests.servers", description=_usage, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=tuple(_COMMANDS))
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SERVERS))
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(SERVERS)
    if unknown:
        parser.error(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(SERVERS)}")
    for name in given.names or SERVERS:
        try:
            print(_COMMANDS[given.command](Session.lasting(), SERVERS[name]))
        except ServerMissing as error:
            sys.exit(str(error))
    return 0


def _install(session: Session, server: Server) -> str:
    return f"{server.name} is installed in {install(server)}"


def _start(session: Session, server: Server) -> str:
    return f"export {server.variable}={session.start(server)}"


def _stop(session: Session, server: Server) -> str:
    return f"{server.name} {'stopped' if session.stop(server) else 'did not run'}"


def _status(session: Session, server: Server) -> str:
    return f"{server.name} {session.running(server) or 'does not run'}"


_COMMANDS: dict[str, Callable[[Session, Server], str]] = {
    "install": _install,
    "start": _start,
    "stop": _stop,
    "status": _status,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
