"""What is secret is nowhere but in the values that are asked for: not in errors, tracebacks, logs, reprs or pickles."""

import gc
import json
import logging
import pickle
import secrets
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import pytest

import holdall
from holdall import HoldallError, RetryPolicy, Secret
from holdall.config_drivers import Entry, NewValue, Parameter

PLANTED = "hunter2-correct-horse"
KINDS: list[Any] = [
    int, float, bool, Decimal, UUID, list[int], tuple[int, int], dict[str, int], Literal["a", "b"], complex,
    list[complex], int | None, list[list[int]],
]  # fmt: skip


@dataclass
class Db:
    password: int
    port: int = 1


@dataclass
class Settings:
    password: UUID
    db: Db
    missing: str


@dataclass
class Refuses:
    password: str

    def __post_init__(self) -> None:
        raise ValueError(f"the password {self.password!r} is too long")


@dataclass
class Unreadable:
    password: str
    number: complex


def env(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    prefix = f"HOLD{secrets.token_hex(6).upper()}_"
    monkeypatch.setenv(f"{prefix}PASSWORD", PLANTED)
    monkeypatch.setenv(f"{prefix}DB__PASSWORD", PLANTED)
    return f"env:///{prefix}"


def memory(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
    url = f"memory://{secrets.token_hex(8)}"
    config = holdall.open_config(url)
    config.put("password", Secret(PLANTED))
    config.put("db/password", [PLANTED, PLANTED])
    return url


def file(name: str, text: str) -> Callable[[pytest.MonkeyPatch, Path], str]:
    def write(monkeypatch: pytest.MonkeyPatch, folder: Path) -> str:
        path = folder / name
        path.write_bytes(text.encode("latin-1"))
        return f"file://{path}"

    return write


def layers(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    return [memory(monkeypatch, folder), env(monkeypatch, folder), f"file://{folder}/missing.json"]


ENDINGS = ("toml", "json", "yaml", "env")
_JSON = json.dumps({"password": PLANTED, "db": {"password": PLANTED}})
SOURCES: dict[str, Any] = {
    "env": env, "memory": memory, "layers": layers,
    "toml": file("a.toml", f'password = "{PLANTED}"\n[db]\npassword = "{PLANTED}"\n'),
    "json": file("a.json", _JSON), "yaml": file("a.yaml", _JSON),
    "dotenv": file(".env", f"PASSWORD={PLANTED}\nDB__PASSWORD='{PLANTED}'\n"),
    "malformed toml": file("a.toml", f'password = "{PLANTED}"\n"{PLANTED}\n'),
    "toml twice": file("a.toml", f'"{PLANTED}" = 1\n"{PLANTED}" = 2\n'),
    "toml of a value": file("a.toml", f"password = {PLANTED}\n"),
    "deep toml": file("a.toml", f"{'.'.join(['a'] * 1500)} = '{PLANTED}'\n"),
    "malformed json": file("a.json", f'{{"password": "{PLANTED}", {PLANTED}}}'),
    "json of a list": file("a.json", f'["{PLANTED}"]'), "json of a text": file("a.json", f'"{PLANTED}"'),
    "deep json": file("a.json", f'{{"a": {"[" * 100_000}"{PLANTED}"'),
    "long number": file("a.json", f'{{"password": "{PLANTED}", "number": {"9" * 5000}}}'),
    "malformed yaml": file("a.yaml", f"password: [{PLANTED}\ndb: '{PLANTED}"),
    "yaml of a text": file("a.yaml", PLANTED), "yaml with a tag": file("a.yaml", f"password: !{PLANTED} {PLANTED}\n"),
    "yaml with an anchor": file("a.yaml", f"password: *{PLANTED}\n"),
    "yaml of dates": file("a.yaml", f"password: {PLANTED}\ndate: 2024-13-45\n"),
    "yaml of itself": file("a.yaml", f"a: &a\n  password: {PLANTED}\n  b: *a\n"),
    "yaml of odd names": file("a.yaml", f"[{PLANTED}, b]: {PLANTED}\n{{{PLANTED}: 1}}: 2\n"),
    "malformed dotenv": file(".env", f"PASSWORD='{PLANTED}\n{PLANTED}\n={PLANTED}\nA B={PLANTED}\n"),
    **{f"{ending} of other bytes": file(f"a.{ending}", f"\xff {PLANTED}\xe4") for ending in ENDINGS},
    **{f"{ending} with a NUL": file(f"a.{ending}", f"a\0 {PLANTED}\0") for ending in ENDINGS},
}  # fmt: skip


def uses(config: Any) -> Iterator[Callable[[], Any]]:
    """Yield every verb, rightly and wrongly used."""
    for name in ("password", "db/password", "db", "missing"):
        for kind in KINDS:
            yield lambda name=name, kind=kind: config.get(name, kind)
        for cls in (Db, Settings, Refuses, Unreadable, dict, dict[str, Db], list[Db]):
            yield lambda name=name, cls=cls: config.require(name, cls)
    for cls in (Db, Settings, Refuses, Unreadable, int):
        yield lambda cls=cls: config.load(cls)
        yield lambda cls=cls: config.load(cls, "db")
    yield from writes(config)
    yield from (config.list, config.refresh, lambda: config.history("password"), lambda: config.label("password", "1"))
    yield from (lambda: config.secret("missing"), lambda: config.get("password:1", int), lambda: config.get(""))


def writes(config: Any) -> Iterator[Callable[[], Any]]:
    secret = Secret(PLANTED)
    for name in ("password", "db/password", "new:1", ""):
        for options in ({"if_absent": True}, {"if_version": 99}, {"if_version": 0}, {"tags": {"a": "b"}},
                        {"if_absent": True, "if_version": 1}):  # fmt: skip
            yield lambda name=name, options=options: config.put(name, secret, **options)
    yield lambda: config.put("password", "plain")
    yield lambda: config.put("other", "plain", kms_key="k")
    for wrong in ([secret], {"a": secret}, {secret}, None):
        yield lambda wrong=wrong: config.put("other", wrong)
    yield lambda: config.delete("password", if_version=99)


def shown(error: BaseException) -> str:
    """Return all that may be shown of an error and of those below it, but for the variables of this file's frames."""
    parts: list[str] = []
    below: BaseException | None = error
    while below is not None:
        parts += [str(below), repr(below), repr(vars(below)), *getattr(below, "problems", ())]
        trace = below.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename != __file__:
                parts += map(repr, trace.tb_frame.f_locals.values())
            trace = trace.tb_next
        below = below.__cause__ or below.__context__
    parts += traceback.format_exception(error)
    if isinstance(error, HoldallError):
        parts.append(repr(pickle.dumps(error)))
    return "\n".join(parts)


@pytest.fixture(params=SOURCES, ids=str)
def config(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    url = SOURCES[request.param](monkeypatch, tmp_path)
    return holdall.open_config(url, retry=RetryPolicy(attempts=1))


def test_a_secret_is_in_no_error_and_in_no_log(config: Any, caplog: pytest.LogCaptureFixture) -> None:
    errors: list[BaseException] = []
    with caplog.at_level(logging.DEBUG):
        for use in uses(config):
            try:
                use()
            except Exception as error:  # noqa: BLE001 - whichever comes, it is looked at
                errors.append(error)
    assert errors
    assert [error for error in errors if PLANTED in shown(error)] == []
    assert PLANTED not in caplog.text
    assert {type(error) for error in errors if not isinstance(error, HoldallError)} == set()


def test_a_secret_is_in_no_warning(config: Any, recwarn: pytest.WarningsRecorder) -> None:
    for use in uses(config):
        try:
            use()
        except HoldallError:
            continue
    assert PLANTED not in " ".join(str(warning.message) for warning in recwarn)


def test_a_secret_is_in_nothing_that_shows_the_configuration(config: Any) -> None:
    try:
        config.get("password", Secret)
        parts = [*config.list(), config.secret("password")]
    except HoldallError as error:
        parts = [error]
    engine = config.engine
    parts += [config, engine, engine.sources, config.capabilities, config.native, config.last_error]
    for layer in engine.layers:
        parts += [layer, layer.entries, vars(layer), layer.driver, vars(layer.driver)]
    assert PLANTED not in "".join(map(repr, parts))
    assert PLANTED not in "".join(map(str, parts))


def test_entries_and_new_values_do_not_show_what_they_hold() -> None:
    entry, new = Entry(PLANTED, Parameter("a", "String")), NewValue(PLANTED, "SecureString", "key", {"a": "b"})
    assert PLANTED not in f"{entry!r} {entry} {new!r} {new} {[entry, new]}"


def test_no_error_keeps_a_value_alive() -> None:
    class Text(str):
        __slots__ = ()

    config = holdall.open_config("memory://")
    config.put("a", PLANTED)
    with pytest.raises(holdall.ConfigError) as failed:
        config.get("a", int)
    held = [each for each in gc.get_referents(failed.value, vars(failed.value)) if isinstance(each, str)]
    assert PLANTED not in "".join(held)


def test_the_url_of_a_source_is_shown_without_what_may_be_secret() -> None:
    for url in (f"memory://user:{PLANTED}@x/path", f"env://host/?password={PLANTED}", f"memory://x?max_age={PLANTED}x",
                f"file:///x.json?token={PLANTED}"):  # fmt: skip
        with pytest.raises(holdall.ConfigError) as failed:
            holdall.open_config(url)
        assert PLANTED not in str(failed.value)
