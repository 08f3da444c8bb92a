"""Which servers there are, how each is installed and started."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / ".servers"
_HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Server:
    """
    One server.

    Attributes:
        variable: The environment variable that gives the address of a running one.
        pins: The files that pin what is installed.
        tool: The command that the installation needs, None for Python's own.
        steps: Returns the commands that install it into a folder.
        command: Returns the command that runs it from that folder on a port.
        environment: Returns what its environment has more than ours, for a port.
        health: The path that answers 200 as soon as it can work.
    """

    name: str
    variable: str
    pins: tuple[Path, ...]
    steps: Callable[[Path], list[list[str]]]
    command: Callable[[Path, int], list[str]]
    tool: str | None = None
    environment: Callable[[int], Mapping[str, str]] = field(default=lambda port: {})
    health: str = "/"

    @property
    def folder(self) -> Path:
        """Where it is installed; another version has another folder."""
        digest = hashlib.sha256(b"".join(path.read_bytes() for path in self.pins) + sys.version.encode())
        return HOME / f"{self.name}-{digest.hexdigest()[:8]}"


def _npm(folder: Path) -> list[list[str]]:
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    # dynalite's store comes built with its package, so that no install script has to run.
    return [["npm", "ci", "--ignore-scripts", *quiet, "--prefix", str(folder)]]


def _dynalite(folder: Path, port: int) -> list[str]:
    at_once = [word for what in ("create", "delete", "update") for word in (f"--{what}TableMs", "0")]
    program = str(folder / "node_modules" / "dynalite" / "cli.js")
    survive = str(_HERE / "dynalite" / "survive.js")
    return ["node", "--require", survive, program, "--host", "127.0.0.1", "--port", str(port), *at_once]


def _venv(folder: Path) -> list[list[str]]:
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The interpreter itself, since the environment of the tests may go before this one does.
    interpreter = str(Path(sys.executable).resolve())
    return [
        [interpreter, "-m", "venv", "--clear", str(folder)],
        [*pip, "--requirement", str(_HERE / "ministack.txt")],
    ]


def _ministack(folder: Path, port: int) -> list[str]:
    return [str(folder / "bin" / "python"), str(folder / "bin" / "ministack")]


def _ministack_environment(port: int) -> dict[str, str]:
    return {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "IOT_MTLS_ENABLED": "0",  # would listen on a second, fixed port
    }


SERVERS: dict[str, Server] = {
    server.name: server
    for server in (
        Server(
            name="dynalite",
            variable="HOLDALL_TEST_DYNALITE",
            pins=(_HERE / "dynalite" / "package.json", _HERE / "dynalite" / "package-lock.json"),
            tool="npm",
            steps=_npm,
            command=_dynalite,
        ),
        Server(
            name="ministack",
            variable="HOLDALL_TEST_MINISTACK",
            pins=(_HERE / "ministack.txt",),
            steps=_venv,
            command=_ministack,
            environment=_ministack_environment,
            health="/_ministack/health",
        ),
    )
}
