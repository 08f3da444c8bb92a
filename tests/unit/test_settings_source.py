"""Configuration as a source of pydantic-settings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings

import holdall
from holdall import Secret
from holdall.config.settings import ConfigSettingsSource

config = holdall.open_config("memory://")


@pytest.fixture(autouse=True)
def given() -> None:
    global config  # noqa: PLW0603 - the classes below name it, as programs' do
    config = holdall.open_config("memory://")
    values = {"db/host": "db.internal", "db/port": 5432, "zones": ["a", "b"], "key": Secret("planted")}
    for name, value in values.items():
        config.put(name, value)


class Database(BaseModel):
    host: str
    port: int = Field(default=1, gt=0)


class Base(BaseSettings):
    @classmethod
    def settings_customise_sources(cls, settings_cls: type[BaseSettings], init_settings: Any, env_settings: Any,
                                   *others: Any, **more: Any) -> tuple[Any, ...]:  # fmt: skip
        return init_settings, env_settings, ConfigSettingsSource(settings_cls, config)


class Settings(Base):
    db: Database
    zones: list[str]
    key: SecretStr
    debug: bool = False


def test_fields_models_and_lists_come_from_the_configuration() -> None:
    settings = Settings()
    assert (settings.db, settings.zones) == (Database(host="db.internal", port=5432), ["a", "b"])
    assert settings.key.get_secret_value() == "planted"


def test_sources_before_it_count_field_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZONES", '["c"]')
    settings = Settings(db={"port": 7})  # type: ignore[arg-type]  # pydantic takes a dict
    assert settings.zones == ["c"]
    assert settings.db == Database(host="db.internal", port=7)


def test_a_secret_is_a_field_too() -> None:
    class Own(Base):
        key: Secret

    assert Own().key == Secret("planted")
    assert "planted" not in repr(Own())


def test_an_alias_is_what_the_model_calls_the_field() -> None:
    class Aliased(Base):
        key: str = Field(alias="api_key")

    assert Aliased().key == "planted"


def test_a_prefix_says_where_the_names_are() -> None:
    class Below(BaseSettings):
        host: str

        @classmethod
        def settings_customise_sources(cls, settings_cls: type[BaseSettings], *_: Any, **__: Any) -> tuple[Any, ...]:
            return (ConfigSettingsSource(settings_cls, config, "db"),)

    assert Below().host == "db.internal"


def test_a_value_of_another_type_is_told_without_being_shown() -> None:
    class Wrong(Base):
        key: int
        zones: list[int]

    with pytest.raises(holdall.ConfigError) as caught:
        Wrong()
    assert len(caught.value.problems) == 2
    assert "planted" not in str(caught.value)


def test_what_is_missing_is_for_pydantic_to_tell() -> None:
    class More(Base):
        user: str

    with pytest.raises(ValidationError, match="user"):
        More()


def test_a_settings_class_is_loaded_as_any_other() -> None:
    class Plain(BaseSettings):
        zones: list[str]
        key: Secret

    assert config.load(Plain).key == Secret("planted")
