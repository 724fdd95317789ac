"""The gallery: every edit compiles, trains the same in both engines, and says what came of it."""

from __future__ import annotations

import pytest

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.model_code.gallery import GALLERY, Edit
from microgpt.model_code.loading import load_code
from microgpt.model_code.outline import outline
from microgpt.model_code.source import default_source
from tests.support.emitted import the_host
from tests.support.models import check_engines_agree, gradients_of, strays, weights_of

DOCUMENTS = [[6, 0, 3, 2, 2, 6], [6, 1, 6], [6, 5, 4, 3, 2, 1, 0, 4, 6]]
MAX_CHANGED_LINES = 16
every_edit = pytest.mark.parametrize("edit", GALLERY, ids=lambda edit: str(edit.name))


@every_edit
@pytest.mark.parametrize("batch_size", [1, 3])
def test_both_engines_agree(edit: Edit, batch_size: int) -> None:
    the_host()
    config = ModelConfig(7, 12, 2, 2, 8, load_code(edit.source))
    check_engines_agree(config, DOCUMENTS, batch_size)


@every_edit
def test_in_32_bits_the_gradients_are_close(edit: Edit) -> None:
    the_host()
    config = ModelConfig(7, 12, 2, 2, 8, load_code(edit.source))
    engines = [create_engine(name, config, weights_of(config)) for name in ("scalar", "wasm")]
    expected, found = (gradients_of(engine, DOCUMENTS) for engine in engines)
    assert strays(found, expected, "f32") == {}


@every_edit
def test_an_edit_is_a_few_lines_and_a_sentence(edit: Edit) -> None:
    lines, before = edit.source.splitlines(), default_source().splitlines()
    added = [line for line in lines if line not in before]
    removed = [line for line in before if line not in lines]
    assert 0 < len(added) + len(removed) <= 2 * MAX_CHANGED_LINES
    assert len(added) <= MAX_CHANGED_LINES
    assert edit.sentence.endswith(".")
    assert edit.source != default_source()
    assert outline(ModelConfig(27, code=load_code(edit.source))) != outline(ModelConfig(27))


def test_the_names_are_all_different() -> None:
    assert len({edit.name for edit in GALLERY}) == len(GALLERY) == 18
