"""
Makes an empty store in the working directory, and becomes its server.

    python databases.py postgresql PROGRAMS PORT
    python databases.py mariadb PREFIX PORT
    python databases.py versitygw PROGRAM PORT

All are bound to the loopback device, and let everybody in who asks there (S3 with the key "test", "test").
They never wait for a disk, unless HOLDALL_TEST_DURABLE is set: then what was committed is kept, as it is in production.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

_NOBODY = "nobody"
_DURABLE = "HOLDALL_TEST_DURABLE" in os.environ


def _postgresql(programs: str, port: str) -> list[str]:
    data = _fresh("postgresql.data")
    subprocess.run(
        [f"{programs}/initdb", "-D", data, "-U", "holdall", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    settings = {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": "200",
        "shared_buffers": "32MB",
    }
    if not _DURABLE:
        settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
    return [f"{programs}/postgres", "-D", data, "-p", port,
            *[word for name, value in settings.items() for word in ("-c", f"{name}={value}")]]  # fmt: skip


def _mariadb(prefix: str, port: str) -> list[str]:
    data = _fresh("mariadb.data")
    places = [f"--basedir={prefix}", f"--datadir={data}", f"--lc-messages-dir={prefix}/share/mysql"]
    subprocess.run(
        [f"{prefix}/bin/mariadb-install-db", "--no-defaults", *places, "--auth-root-authentication-method=normal"],
        check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return [
        f"{prefix}/sbin/mariadbd", "--no-defaults", *places, f"--port={port}", "--bind-address=127.0.0.1",
        f"--socket={data}/s.sock", f"--pid-file={data}/pid", "--skip-log-bin", "--skip-name-resolve",
        "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=16M", "--performance-schema=OFF",
        "--max-connections=200",
        *([] if _DURABLE else ["--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"]),
    ]  # fmt: skip


def _versitygw(program: str, port: str) -> list[str]:
    # Metadata lies in extended attributes, which the file system must have: in files beside the blobs (--sidecar),
    # those of a blob that is replaced stay.
    home = Path(_fresh("versitygw.data"))
    data, versions = (str(home / name) for name in ("data", "versions"))
    for folder in (data, versions):
        Path(folder).mkdir()
    return [program, "--access", "test", "--secret", "test", "--region", "us-east-1", "--port", f"127.0.0.1:{port}",
            "--health", "/health", "--quiet", "posix", "--versioning-dir", versions, data]


def _fresh(name: str) -> str:
    # A new folder, so that a second start in the same session finds nothing half made.
    folder = Path.cwd() / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    _leave_root(folder)
    return str(folder)


def _leave_root(folder: Path) -> None:
    """Go on as an ordinary user: PostgreSQL refuses to be run by root, and MariaDB should."""
    if os.geteuid() != 0:
        return
    nobody = pwd.getpwnam(_NOBODY)
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    os.setgroups([])
    os.setgid(nobody.pw_gid)
    os.setuid(nobody.pw_uid)
    os.environ["HOME"] = os.environ["TMPDIR"] = str(folder)


def main(name: str, programs: str, port: str) -> None:
    """Become the server."""
    command = {"postgresql": _postgresql, "mariadb": _mariadb, "versitygw": _versitygw}[name](programs, port)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
