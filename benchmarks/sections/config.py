"""Configuration: a value that was read before, beside Powertools and a dict; and the requests of a cold start."""

from __future__ import annotations

import time
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import holdall
from holdall.interception import intercepting

from ..measure import interleaved, repeated
from ..peers.base import CREDENTIALS, REGION
from ..report import Row, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from ..settings import Settings

SECTION, BASE = "config", "a dict and the time"
_MAX_AGE = 3600
_PAGE, _MANY = 10, 40


def run(settings: Settings) -> list[Row]:
    """Measure without a server: what is cached sends nothing, and requests are counted."""
    return [*_cached(settings), *_cold()]


def _cached(settings: Settings) -> Iterator[Row]:
    config = holdall.open_config(f"memory://?max_age={_MAX_AGE}")
    config.put("db/port", 5432)
    jobs: dict[str, Callable[[], Any]] = {
        BASE: _by_hand({"db/port": ("5432", time.time())}),
        "holdall": lambda: config.get("db/port"),
        "holdall as int": lambda: config.get("db/port", int),
        "holdall secret": lambda: config.secret("db/port"),
    }
    if find_spec("aws_lambda_powertools") is None:
        yield Row(SECTION, "cached get", "Powertools", more={"skipped": "not installed: aws_lambda_powertools"})
    else:
        jobs["Powertools"] = _powertools()
    timings = interleaved(
        {name: repeated(job) for name, job in jobs.items()}, rounds=settings.rounds(), calls=settings.calls(20_000)
    )
    yield from rows_of(SECTION, "cached get", timings, BASE)


def _by_hand(kept: dict[str, tuple[str, float]]) -> Callable[[], str]:
    """Return what looks a value up that is not too old, as programs write it themselves."""

    def get(name: str) -> str:
        value, read = kept[name]
        if time.time() - read < _MAX_AGE:
            return value
        raise KeyError(name)

    return lambda: get("db/port")


class _Client:
    """As much of boto3's client as Powertools asks."""

    def get_parameter(self, **_: Any) -> dict[str, Any]:
        return {"Parameter": {"Name": "db/port", "Value": "5432"}}


def _powertools() -> Callable[[], Any]:
    parameters: Any = import_module("aws_lambda_powertools.utilities.parameters")
    provider = parameters.SSMProvider(boto3_client=_Client())
    return lambda: provider.get("db/port", max_age=_MAX_AGE)


def _cold() -> Iterator[Row]:
    sent: list[str] = []

    async def answered(_: str, operation: str, params: Mapping[str, Any], __: Any) -> dict[str, Any]:
        sent.append(operation)
        first = int(params.get("NextToken", 0))
        found = [{"Name": f"/shop/p{number}", "Type": "String", "Value": "v", "Version": 1}
                 for number in range(first, first + _PAGE)]  # fmt: skip
        more = {"NextToken": str(first + _PAGE)} if first + _PAGE < _MANY else {}
        return {"Parameters": found, **more}

    keys = holdall.Credentials(*CREDENTIALS)
    config = holdall.open_config(f"ssm:///shop?region={REGION}&client=lean", credentials=keys)
    with intercepting(answered):
        assert len(config.list()) == _MANY
    yield Row(SECTION, f"cold load of {_MANY}", "holdall", more={"requests": len(sent)})
