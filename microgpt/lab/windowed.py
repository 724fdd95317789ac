"""The model with an attention that reads no further back than a window."""

from __future__ import annotations

from functools import lru_cache

from microgpt.model_code.definition import ModelCode
from microgpt.model_code.gallery import ATTEND
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from microgpt.settings import SettingError


def windowed_code(code: ModelCode | None, window: int) -> ModelCode | None:
    """The model code of a run whose attention reads `window` tokens, 0 for all.

    Args:
        code: another model than the repository's.
        window: up to the newest token.

    Raises:
        SettingError: both are given.
    """
    if not window:
        return code
    if code is not None:
        raise SettingError("An attention window cannot be set for model code of your own.")
    return _with_window(window)


@lru_cache(maxsize=32)
def _with_window(window: int) -> ModelCode:
    return load_code(windowed_source(str(window)))


def windowed_source(window: str) -> str:
    """The repository's model with such an attention; `window` stands in it as it is given."""
    limited = ATTEND.removesuffix(")") + f", window={window})"
    return default_source().replace(ATTEND, limited)
