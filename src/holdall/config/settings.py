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

    def get_field_value(
        self, field: FieldInfo, field_name: str  # noqa: ARG002 - the base class's
    ) -> tuple[Any, str, bool]:
        """Return a field's value, what the model calls it, and that it is no JSON any more."""
        return self._given().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return the values that the configuration has."""
        given = self._given()
        fields = self.settings_cls.model_fields
        found: dict[str, Any] = {}
        for name, value in given.items():
            _place(found, self._input_path(fields[name], name), value)
        return found

    def _given(self) -> dict[str, Any]:
        return run_blocking(self._own.engine.given(self.settings_cls, self._prefix))

    def _input_path(self, field: FieldInfo, name: str) -> list[Any]:
        """Return where the model takes a field's value from: a name, or a path into other values."""
        config = cast("dict[str, Any]", self.settings_cls.model_config)
        alias: Any = field.validation_alias or field.alias
        if alias is None or config.get("populate_by_name") or config.get("validate_by_name"):
            return [name]
        choices: list[Any] = getattr(alias, "choices", [alias])
        first = next((choice for choice in choices if isinstance(choice, str)), choices[0])
        return [first] if isinstance(first, str) else list(first.path)


def _place(found: dict[str, Any], path: list[Any], value: Any) -> None:
    *branches, leaf = path
    place = found
    for branch in branches:
        place = place.setdefault(branch, {})
    place[leaf] = value
