"""Equal layers are found, and folded where they are many."""

from __future__ import annotations

import pytest

from app.page.views.flow.steps import equal_layers, layer_number, short_name, steps_of
from app.page.views.flow.words import folded_words
from microgpt.model_code.gallery import GALLERY
from tests.support.outlines import outlined

SOURCES = {edit.name: edit.source for edit in GALLERY}


@pytest.mark.parametrize("n_layer", [2, 3, 4])
def test_equal_layers_are_found(n_layer: int) -> None:
    nodes = outlined(n_layer=n_layer)["nodes"]
    found = equal_layers(nodes)
    assert found is not None
    assert (found.first, found.period, found.count, found.shared) == (4, 12, n_layer, False)


def test_one_layer_is_no_repetition() -> None:
    assert equal_layers(outlined()["nodes"]) is None


def test_a_layer_that_runs_again_has_the_same_matrices() -> None:
    source = SOURCES["shared-layer"]
    found = equal_layers(outlined(source, n_layer=1)["nodes"])
    assert found is not None
    assert found.shared
    assert found.count == 2


@pytest.mark.parametrize("name", sorted(set(SOURCES) - {"bigram"}))
def test_layers_of_the_gallery_fold(name: str) -> None:
    nodes = outlined(SOURCES[name], n_layer=4)["nodes"]
    steps, folded = steps_of(nodes, opened=False)
    if name == "shared-layer":  # each of its layers twice, so that neighbours differ in turn
        assert folded is None
        return
    assert folded is not None
    assert folded.count == 4
    assert folded_words(folded) == "layers 2 to 4"
    assert len(steps) == len(nodes) - 3 * folded.period + 1
    (box,) = (step for step in steps if step.node is None)
    after = steps[steps.index(box) + 1 :]
    assert all(source <= steps.index(box) for step in after[:1] for source in step.inputs)


def test_layers_that_differ_are_all_drawn() -> None:
    # The second layer has attention alone.
    nodes = outlined(n_layer=3)["nodes"]
    for change in ({"size": 8}, {"op": "gelu"}, {"weight": "layer7.other"}, {"inputs": [0]}):
        changed = [dict(node) for node in nodes]
        changed[25] |= change
        steps, folded = steps_of(changed, opened=False)  # type: ignore[arg-type]
        assert folded is None or folded.count < 3, change
        assert len(steps) == len(nodes), change


def test_names_of_layers() -> None:
    assert layer_number("layer12.attn_wq") == 12
    assert layer_number("layer12") == -1
    assert layer_number("layers.x") == -1
    assert short_name("layer3.mlp_fc1") == "mlp_fc1"
    assert short_name("my.matrix") == "my.matrix"
