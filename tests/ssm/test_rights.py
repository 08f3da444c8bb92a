"""The table of IAM actions on the page of Parameter Store is what the verbs send, no more and no less."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

import holdall
from holdall import Secret
from holdall.interception import intercepting
from holdall_adapters.ssm.permissions import OF_BASE, VERBS, rights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from holdall.interception import Send

READS = (
    lambda config: config.get("a"),
    lambda config: config.require("a"),
    lambda config: config.secret("secret"),
    lambda config: config.load(dict_of_a()),
)
STEPS: dict[str, tuple[str, tuple[Callable[[Any], object], ...]]] = {
    "`get`, `require`, `secret`, `load`": ("", (*READS, lambda config: config.get("a:1"))),
    "the same with `by=name`, `via=extension`, and names beyond the base": ("by=name", (
        *READS, lambda config: config.get("/beyond/a"))),
    "`list`": ("", (lambda config: config.list(),)),
    "`put`": ("", (
        lambda config: config.put("new", 1),
        lambda config: config.put("other", Secret("x"), if_absent=True),
        lambda config: config.put("a", 2, if_version=1),
    )),
    "`put` with tags": ("", (
        lambda config: config.put("tagged", 1, tags={"a": "b"}),
        lambda config: config.put("tagged", 1, tags={"a": "b"}),
    )),
    "`delete`": ("", (
        lambda config: config.delete("nope"),
        lambda config: config.delete("a", if_version=1),
    )),
    "`history`": ("", (lambda config: config.history("a"), lambda config: config.history("nope"))),
    "`label`": ("", (lambda config: config.label("a", "live"),)),
}  # fmt: skip
"""By the first cell of a row: what the URL says, and what exercises its verbs, where "a" and "secret" are there."""
NOT_SENT_HERE = {"the same with `by=name`, `via=extension`, and names beyond the base": {"GetParameter"}}
"""What the extension sends for the function, by its role."""


def dict_of_a() -> Any:
    from typing import TypedDict

    return TypedDict("Settings", {"a": str})


@pytest.mark.parametrize("row", STEPS)
def test_a_verb_sends_what_its_row_says(row: str, moto_endpoint: str) -> None:
    parameters, steps = STEPS[row]
    url = f"ssm:///rights/{secrets.token_hex(6)}?endpoint={moto_endpoint}&region=us-east-1&client=lean"
    with holdall.open_config(url) as admin:
        admin.put("a", "1")
        admin.put("secret", Secret("x"))
    sent: set[str] = set()

    async def watched(_: str, operation: str, params: Mapping[str, Any], send: Send) -> dict[str, Any]:
        sent.add(operation)
        return await send(operation, params)

    with intercepting(watched), holdall.open_config(f"{url}&{parameters}" if parameters else url) as config:
        for step in steps:
            with suppress(holdall.NotFound):
                step(config)
    assert sent == set(VERBS[row]) - NOT_SENT_HERE.get(row, set())


def test_every_row_is_exercised() -> None:
    assert VERBS.keys() == STEPS.keys()


def test_what_reads_the_path_is_allowed_on_the_path_too() -> None:
    on_path, below = rights_of("`list`")
    assert on_path == below == ["ssm:GetParametersByPath"]
    assert {"GetParametersByPath"} == OF_BASE
