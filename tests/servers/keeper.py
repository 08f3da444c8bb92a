"""
The process beside each server: runs it, and ends it with the session that it was started for.

    python -m tests.servers.keeper NAME PORT FOLDER

FOLDER is the session's; as long as the session lives, it holds the lock `lease` there. Without that file, the server
stays until it is stopped. The keeper in turn holds the lock `NAME.alive`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from .catalogue import SERVERS
from .locks import hold

_GRACE = 1


def main(name: str, port: int, folder: Path) -> int:
    """Run a server until it ends, the session ends or a signal comes."""
    hold(folder / f"{name}.alive")
    server = SERVERS[name]
    process = subprocess.Popen(
        server.command(server.folder, port),
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), **server.environment(port)},
    )
    signal.signal(signal.SIGTERM, lambda *_: _end(process))
    if (folder / "lease").exists():
        threading.Thread(target=_outlive, args=(folder / "lease",), daemon=True).start()
    return process.wait()


def _outlive(lease: Path) -> None:
    hold(lease)
    os.kill(os.getpid(), signal.SIGTERM)


def _end(process: subprocess.Popen[Any]) -> None:
    # Not waited for here: the handler of a signal runs inside of the wait that it interrupted.
    process.terminate()
    killer = threading.Timer(_GRACE, process.kill)
    killer.daemon = True
    killer.start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])))
