"""A source of settings for pydantic-settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic_settings import PydanticBaseSettingsSource

from ..io import run_blocking

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
    from pydantic_settings import BaseSettings

    from .store import Config


class ConfigSettingsSource(PydanticBaseSettingsSource):
    """
    What a configuration has, for the `settings_customise_sources` of a settings class.

    Names are those of the fields, those of models inside below them, such as "db/port". What another source before
    has goes before it, field by field.

    Args:
        settings_cls: The settings class.
        config: The configuration.
        prefix: The path that the names are below.

    Raises:
        ConfigError: (when the settings are made) a parameter is of another type. Values are not shown, while
            pydantic's own errors show them.
    """

    def __init__(self, settings_cls: type[BaseSettings], config: Config, prefix: str = "") -> None:
        super().__init__(settings_cls)
        self._own = config
        self._prefix = prefix

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Return a field's value, what the model calls it, and that it is no JSON any more."""
        return self._given().get(field_name), self._input_name(field, field_name), False

    def __call__(self) -> dict[str, Any]:
        """Return the values that the configuration has."""
        given = self._given()
        fields = self.settings_cls.model_fields
        return {self._input_name(fields[name], name): value for name, value in given.items()}

    def _given(self) -> dict[str, Any]:
        return run_blocking(self._own.engine.given(self.settings_cls, self._prefix))

    def _input_name(self, field: FieldInfo, name: str) -> str:
        config = cast("dict[str, Any]", self.settings_cls.model_config)
        by_name = config.get("populate_by_name") or config.get("validate_by_name")
        alias = field.validation_alias or field.alias
        return alias if isinstance(alias, str) and not by_name else name
