"""Everything on each supported Python, in environments of their own. `make test` is the short way, on one Python."""

from __future__ import annotations

import nox

PYTHONS = ["3.10", "3.11", "3.12", "3.13"]
# The lowest versions that the extras of pyproject.toml allow.
FLOORS = [
    "boto3==1.34.0", "sqlalchemy==2.0.30", "redis==5.1.0", "valkey==6.0.0", "pymemcache==4.0.0", "cryptography==42.0.0",
]  # fmt: skip
KIT = "tests/conformance"

nox.needs_version = ">=2024.10"
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "typing", "tests", "docs", "packaging", "floors", "aio"]


def install(session: nox.Session, extras: str, *groups: str) -> None:
    """Install holdall as its developers do, and the dependency groups."""
    named = [word for group in groups for word in ("--group", group)]
    session.install("-e", f".[{extras}]" if extras else ".", *named)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run all tests; arguments go to pytest, such as `-- -m "not server"`."""
    install(session, "dynamodb,sql", "test")
    session.run("pytest", "-n", "2", "--dist", "loadgroup", *session.posargs)


@nox.session(python="3.12")
def lint(session: nox.Session) -> None:
    """Check the rules."""
    install(session, "", "lint")
    session.run("ruff", "check")


@nox.session(python=[PYTHONS[0], PYTHONS[-1]])
def typing(session: nox.Session) -> None:
    """Check the types, from inside and as users see them."""
    install(session, "dynamodb,sql", "test", "lint")
    python = ("--pythonpath", f"{session.bin}/python")
    session.run("mypy")
    session.run("mypy", "--config-file", "tests/typing/mypy.ini", "tests/typing", "examples", "docs/generate.py")
    session.run("pyright", *python)
    session.run("pyright", "--project", "tests/typing", *python)


@nox.session(python="3.12")
def docs(session: nox.Session) -> None:
    """Run what the pages show."""
    install(session, "dynamodb,sql", "test")
    session.run("pytest", "tests/docs", *session.posargs)


@nox.session(python=PYTHONS)
def packaging(session: nox.Session) -> None:
    """Build, install and import the distributions."""
    install(session, "dynamodb,sql", "test")
    session.run("pytest", "tests/packaging", *session.posargs)


@nox.session(python=PYTHONS[0])
def floors(session: nox.Session) -> None:
    """Run the kit on the lowest versions that the extras allow."""
    install(session, "dynamodb,sql", "test")
    session.install(*FLOORS)
    session.run("pytest", "-n", "2", KIT, "tests/redis", "tests/memcached", *session.posargs)


@nox.session(python=[PYTHONS[0], PYTHONS[-1]])
def aio(session: nox.Session) -> None:
    """Run the kit on the clients of aioboto3."""
    install(session, "dynamodb,sql,aio", "test")
    session.run("pytest", "tests/dynamodb/test_aio.py")
    session.run("pytest", "-n", "2", f"{KIT}/test_dynamodb.py", "-k", "async and Ministack", *session.posargs)


@nox.session(python="3.12")
def bench(session: nox.Session) -> None:
    """Measure; arguments go to the benchmarks."""
    install(session, "dynamodb,sql", "test", "bench")
    session.run("python", "-m", "benchmarks", *session.posargs)
