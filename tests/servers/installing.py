"""Installs a server once; quick when it is there."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

from .catalogue import HOME, ROOT
from .locks import locked

if TYPE_CHECKING:
    from pathlib import Path

    from .catalogue import Server

_SECONDS = 300
_STAMP = "installed"
_COMES_WITH = {"npm": " (it comes with Node.js)", "go": " (Go 1.24 or later: https://go.dev/dl)"}


class ServerMissing(Exception):
    """A server that a test needs can't be had."""


def install(server: Server) -> Path:
    """
    Return the folder in which a server is installed, after installing it if need be.

    Raises:
        ServerMissing: It can't be installed.
    """
    folder = server.folder
    if not _is_there(server, folder):
        with locked(HOME / f"{server.name}.install.lock"):
            if not _is_there(server, folder):
                _install(server, folder)
    return folder


def _is_there(server: Server, folder: Path) -> bool:
    # An interpreter may have been removed since, to which an environment only links.
    return (folder / _STAMP).exists() and shutil.which(server.command(folder, 0)[0]) is not None


def _install(server: Server, folder: Path) -> None:
    if server.tool and shutil.which(server.tool) is None:
        why = f"{server.tool} is not on the PATH{_COMES_WITH.get(server.tool, '')}"
        raise ServerMissing(f"{server.name} can't be installed: {why}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for step in server.steps(folder):
        _copy_pins(server, folder)
        _run(server, step)
    (folder / _STAMP).touch()


def _copy_pins(server: Server, folder: Path) -> None:
    for pin in server.pins:
        shutil.copy(pin, folder)


def _run(server: Server, step: list[str]) -> None:
    try:
        done = subprocess.run(step, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=ROOT)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServerMissing(f"{server.name} can't be installed: {error}") from error
    if done.returncode:
        shown = (done.stderr or done.stdout).strip()[-2000:]
        raise ServerMissing(f"{server.name} can't be installed: {step[0]} ended with {done.returncode}\n{shown}")
