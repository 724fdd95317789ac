"""What the page sends of a run that is to be made, checked."""

from __future__ import annotations

from typing import Any

from app.shared.typed import SettingValues
from microgpt.model_code.definition import ModelCode
from microgpt.settings import MODEL, setting

CheckedSettings = dict[str, Any]


def checked_settings(settings: SettingValues) -> CheckedSettings:
    """The values as the table has them; raises `SettingError` for one that is invalid."""
    return {name: setting(name).check(value) for name, value in settings.items()}


def model_sizes(values: CheckedSettings) -> dict[str, int]:
    """Those that are the fields of a `ModelConfig`, but for the vocabulary."""
    return {row.name: values[row.name] for row in MODEL}


def code_of(source: str) -> ModelCode | None:
    """The model code that the page sends as its text; raises `CodeError` if it is no model."""
    if not source:
        return None
    # Imported here, so that the worker's start does not wait for it.
    from microgpt.model_code.loading import load_code

    return load_code(source)
