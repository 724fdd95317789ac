"""A change of `gpt()` changes the compiled model too: its gradients are the scalar engine's.

Each model takes the place of `gpt` and of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from microgpt.config import ModelConfig
from microgpt.engine import create_engine
from microgpt.wasm.compiler.compile import compile_model
from microgpt.wasm.compiler.graph import GraphError
from tests.support.edited import MODELS, Model, Parts, put_in_place
from tests.support.emitted import the_host
from tests.support.models import check_engines_agree, weights_of

CONFIG = ModelConfig(vocab_size=7, n_embd=12, n_head=3, n_layer=2, block_size=5)
DOCUMENTS = [[6, 0, 3, 2, 2, 6], [6, 1, 6], [6, 5, 4, 3, 2, 1, 0]]


pytestmark = pytest.mark.usefixtures("recompiling")


@pytest.fixture
def edit(monkeypatch: pytest.MonkeyPatch) -> Callable[[Model], None]:
    """Puts a model in the place of `gpt`, for every engine."""
    the_host()
    return partial(put_in_place, monkeypatch)


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("name", MODELS)
def test_gradients_training_and_answers(
    name: str, batch_size: int, edit: Callable[[Model], None]
) -> None:
    edit(MODELS[name])
    host = the_host()
    assert host.validate(compile_model(CONFIG, "f64", host.relaxed).bytes)
    check_engines_agree(CONFIG, DOCUMENTS, batch_size)


def two_numbers_of_heads(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.embedding()
    x = parts.ops.attention(x, x, x, 3, parts.caches[0])
    return parts.logits(parts.ops.attention(x, x, x, 4, parts.caches[1]))


def heads_that_do_not_divide(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.embedding()
    return parts.logits(parts.ops.attention(x, x, x, 5, parts.caches[0]))


def wide_and_narrow(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.embedding()
    return parts.logits(parts.ops.add(x, parts.linear(x, 0, "mlp_fc1")))


def no_logits(*arguments: Any) -> Any:
    return Parts(*arguments).embedding()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (two_numbers_of_heads, "cannot be divided among 3 heads and among 4"),
        (heads_that_do_not_divide, "12 numbers cannot be divided among 5 heads"),
        (wide_and_narrow, "12 numbers cannot meet one of 48"),
        (no_logits, "returns 12 numbers, but there are 7 tokens"),
    ],
)
def test_a_model_that_does_not_fit_together(
    model: Model, words: str, edit: Callable[[Model], None]
) -> None:
    edit(model)
    with pytest.raises(GraphError, match=words):
        create_engine("wasm", CONFIG, weights_of(CONFIG))
