"""A run made from a text and settings: the same draws in the same order, wherever it is made."""

from __future__ import annotations

import random
from typing import Any

import pytest

from microgpt.config import ModelConfig, TrainConfig
from microgpt.data import DataError, make_dataset
from microgpt.model import init_weights
from microgpt.run import EVAL_DOCUMENTS, Run, prepare_run
from microgpt.scalar.engine import ScalarEngine
from microgpt.settings import SettingError
from tests.models import losses_of, result_of

NAMES = ["ada", "eve", "ann", "bea", "dee", "nan", "abe", "deb", "zoe"]
TINY: dict[str, Any] = {"n_embd": 4, "n_head": 2, "n_layer": 1, "block_size": 4}


def tiny_run(
    num_steps: int = 12, eval_fraction: float = 0.0, seed: int = 7, batch_size: int = 1
) -> Run:
    training = TrainConfig(
        num_steps=num_steps, batch_size=batch_size, seed=seed, eval_fraction=eval_fraction
    )
    return prepare_run(NAMES, training, "scalar", "f64", **TINY)


def losses(run: Run, start: int = 0, stop: int | None = None) -> list[float]:
    return losses_of(progress.losses for progress in run.train(start, stop))


def test_the_dice_are_thrown_for_documents_then_weights_then_samples() -> None:
    run = tiny_run(eval_fraction=0.2)
    rng = random.Random(7)
    assert run.dataset == make_dataset(NAMES, 0.2, rng)
    config = ModelConfig(len(set("".join(NAMES))) + 1, **TINY)
    assert run.engine.config == config
    assert run.engine.weights() == init_weights(config, rng)
    losses(run)
    assert run.rng.getstate() == rng.getstate()  # training throws none


@pytest.mark.parametrize(("num_steps", "batch_size"), [(20, 1), (2, 3), (3, 4)])
def test_a_run_trains_on_its_documents_in_their_order_again_and_again(
    num_steps: int, batch_size: int
) -> None:
    run = tiny_run(num_steps, batch_size=batch_size)
    engine = ScalarEngine(run.engine.config, run.engine.weights())
    documents = [run.tokenizer.encode(document) for document in run.dataset.train]
    engine.prepare(documents, run.training)
    assert losses(run) == losses_of(engine.steps(0, num_steps))


def test_the_same_seed_gives_the_same_run_and_another_does_not() -> None:
    assert losses(tiny_run()) == losses(tiny_run()) != losses(tiny_run(seed=8))


def test_a_run_in_pieces_is_the_same_run() -> None:
    run = tiny_run()
    assert losses(run, 0, 5) + losses(run, 5) == losses(tiny_run())


def test_the_held_out_documents_are_evaluated_and_not_trained_on() -> None:
    run = tiny_run(eval_fraction=0.3)
    assert len(run.dataset.held_out) == 3
    last = list(run.train())[-1]
    assert (last.step, last.losses) == (12, [])
    evaluation = run.engine.evaluate([run.tokenizer.encode(d) for d in run.dataset.held_out])
    assert last.held_out_loss == result_of(evaluation)
    trained = prepare_run(
        NAMES, TrainConfig(num_steps=12, seed=7, eval_fraction=0.3), "scalar", "f64", **TINY
    )
    documents = [trained.tokenizer.encode(document) for document in trained.dataset.train]
    trained.engine.prepare(documents, trained.training)
    assert losses_of(trained.engine.steps(0, 12)) == losses(tiny_run(eval_fraction=0.3))


def test_characters_of_held_out_documents_are_known() -> None:
    for seed in range(5):
        run = tiny_run(eval_fraction=0.5, seed=seed)
        assert run.tokenizer.characters == tuple(sorted(set("".join(NAMES))))


def test_an_evaluation_looks_at_so_many_documents_and_no_more() -> None:
    training = TrainConfig(num_steps=1, eval_fraction=0.5)
    run = prepare_run(["ab"] * 4 * EVAL_DOCUMENTS, training, "scalar", "f64", **TINY)
    looks = [progress for progress in run.train() if not progress.losses]
    assert len(looks) == 3 * EVAL_DOCUMENTS + 1  # a look a token, and the result


def test_what_cannot_be_trained() -> None:
    with pytest.raises(DataError):
        prepare_run(["emma"], TrainConfig(eval_fraction=0.1))
    with pytest.raises(SettingError, match="Embedding size must be a multiple"):
        prepare_run(NAMES, TrainConfig(), n_embd=6, n_head=4)
    with pytest.raises(SettingError, match="no engine called 'abacus'"):
        prepare_run(NAMES, TrainConfig(), "abacus")
    with pytest.raises(SettingError, match="Precision must be one of f32, f64, not 'f16'"):
        prepare_run(NAMES, TrainConfig(), "scalar", "f16")


@pytest.mark.parametrize("documents", [["emma"], ["aaaa", "aa"], ["a"]])
def test_the_least_data_can_be_trained_on(documents: list[str]) -> None:
    training = TrainConfig(num_steps=60, learning_rate=0.05)
    figures = losses(prepare_run(documents, training, "scalar", "f64", **TINY))
    assert len(figures) == 60
    assert sum(figures[-10:]) < 0.8 * sum(figures[:10])
