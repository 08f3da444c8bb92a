"""The kit of configuration on servers that imitate Parameter Store."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, ClassVar

import pytest

from holdall.testing import ConfigConformance

if TYPE_CHECKING:
    from collections.abc import Mapping


class Ssm(ConfigConformance):
    """Parameters below a path of the test's own."""

    client: ClassVar[str]
    lacks: ClassVar[Mapping[str, str]] = {"native_values": "it holds texts only"}
    broken: ClassVar[Mapping[str, str]] = {
        "test_a_secret_is_not_replaced_by_what_is_none": "both servers let a new version be of another type",
    }

    def below(self, endpoint: str) -> str:
        path = f"ssm:///kit/{secrets.token_hex(8)}"
        return f"{path}?endpoint={endpoint}&region=us-east-1&client={self.client}&read_timeout=30"


class OnMoto(Ssm):
    @pytest.fixture
    def config_url(self, moto_endpoint: str) -> str:
        return self.below(moto_endpoint)


class TestMotoByLean(OnMoto):
    client = "lean"


class TestMotoByBoto3(OnMoto):
    client = "boto3"


class TestMinistackByLean(Ssm):
    client = "lean"

    @pytest.fixture
    def config_url(self, ministack_endpoint: str) -> str:
        return self.below(ministack_endpoint)
