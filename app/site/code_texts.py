"""What the editor of the model code knows, and the Lab, as files that come with them."""

from __future__ import annotations

import inspect
import json

from app.page.lab.experiments import WINDOW
from app.site.environment import ROOT
from microgpt.config import ModelConfig
from microgpt.lab.windowed import windowed_source
from microgpt.model import Operations
from microgpt.model_code.allowlist import CONFIG_FIELDS
from microgpt.model_code.gallery import GALLERY
from microgpt.model_code.loading import OPERATION_NAMES
from microgpt.model_code.source import default_source
from microgpt.settings import MODEL

EDITS_LOSSES_FILE = (
    ROOT / "datasets" / "models" / "gallery-losses.json"
)  # see datasets/gallery_losses.py
FIELD_MEANINGS = {row.name: row.help for row in MODEL} | {
    "vocab_size": "How many different tokens there are, the end of a document among them.",
    "head_dim": inspect.getdoc(ModelConfig.head_dim) or "",
}


def code_json() -> str:
    """The text that the editor begins with, the names that it completes, and the gallery."""
    losses = json.loads(EDITS_LOSSES_FILE.read_text(encoding="utf-8"))
    edits = [
        {
            "name": edit.name,
            "title": edit.title,
            "sentence": edit.sentence,
            "code": edit.source,
            "held_out": losses[edit.name],
        }
        for edit in GALLERY
    ]
    known = {
        "source": default_source(),
        "operations": [_operation(name) for name in OPERATION_NAMES],
        "config": [
            {"name": name, "detail": "", "info": FIELD_MEANINGS[name]} for name in CONFIG_FIELDS
        ],
        "held_out": losses[""],  # of the model of the repository
        "edits": edits,
    }
    return json.dumps(known, ensure_ascii=False)


def lab_json() -> str:
    """The model whose attention reads no more than some tokens."""
    return json.dumps({"windowed": windowed_source(WINDOW)}, ensure_ascii=False)


def _operation(name: str) -> dict[str, str]:
    """An operation with its arguments, without their types, and what it says of itself."""
    method = getattr(Operations, name)
    arguments = list(inspect.signature(method).parameters)[1:]  # without `self`
    return {
        "name": name,
        "detail": f"({', '.join(arguments)})",
        "info": _reflowed(inspect.getdoc(method) or ""),
    }


def _reflowed(text: str) -> str:
    """A text whose paragraphs are one line each."""
    return "\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
