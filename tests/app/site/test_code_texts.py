"""What the editor of the model code knows: every operation, every size, every edit."""

from __future__ import annotations

import json

from app.site.code_texts import code_json
from microgpt.config import ModelConfig
from microgpt.model import Operations
from microgpt.model_code.gallery import GALLERY
from microgpt.model_code.source import default_source

KNOWN = json.loads(code_json())


def test_operations_are_those_of_the_core_with_their_docstrings() -> None:
    operations = {each["name"]: each for each in KNOWN["operations"]}
    assert operations.keys() >= {"embed", "linear", "attention", "add", "relu", "rmsnorm"}
    assert operations["linear"]["detail"] == "(x, weight)"
    assert operations["linear"]["info"] in str(Operations.linear.__doc__)
    assert all(each["info"] for each in operations.values())
    assert "apply" not in operations


def test_sizes_are_those_of_a_model() -> None:
    config = ModelConfig(vocab_size=27)
    assert all(getattr(config, each["name"]) > 0 for each in KNOWN["config"])
    assert all(each["info"] for each in KNOWN["config"])


def test_the_gallery_is_that_of_the_core_with_its_losses() -> None:
    assert KNOWN["source"] == default_source()
    assert [each["code"] for each in KNOWN["edits"]] == [edit.source for edit in GALLERY]
    assert all(1 < each["held_out"]["mean"] < 4 for each in KNOWN["edits"])
    assert KNOWN["held_out"]["std"] > 0
