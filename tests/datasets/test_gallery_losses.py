"""The losses of the gallery's edits, as they are written down."""

from __future__ import annotations

import json

from datasets.gallery_losses import GALLERY_LOSSES_FILE
from microgpt.model_code.gallery import GALLERY


def test_what_came_of_each_is_written_down() -> None:
    losses = json.loads(GALLERY_LOSSES_FILE.read_text(encoding="utf-8"))
    assert set(losses) == {"", *(edit.name for edit in GALLERY)}
    for found in losses.values():
        assert 2 < found["mean"] < 3
        assert 0 < found["std"] < 0.1
