"""The session with BPE tokens: a loaded model, a run, and the explorer."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest

from app.worker.training import Training
from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.config import ModelConfig, SampleConfig, TrainConfig
from microgpt.dataset import DataError
from microgpt.generators import drain
from microgpt.model import init_weights
from microgpt.run import Run, prepare_run
from tests.support.fakes import NAMES, TINY, FakeWorker, Message, sample_settings, the_error

CONFIG = ModelConfig(vocab_size=5, n_embd=4, n_head=2, n_layer=1, block_size=6)
A, B, AB, ABA, END = range(5)


@pytest.fixture
def worker() -> FakeWorker:
    """A worker with an untrained model whose tokens are a, b, ab and aba."""
    weights = init_weights(CONFIG, random.Random(7))
    model = Checkpoint(CONFIG, ("a", "b"), weights, merges=((A, B), (AB, A)))
    worker = FakeWorker()
    worker.tell("load_model", blob=to_bytes(model))
    return worker


def test_the_text_of_every_token_is_posted(worker: FakeWorker) -> None:
    (model,) = worker.of("model")
    assert model["tokens"] == ["a", "b", "ab", "aba"]
    assert model["config"]["vocab_size"] == 5


def test_samples_are_texts_that_begin_with_the_prefix(worker: FakeWorker) -> None:
    worker.tell("set_sampling", settings=sample_settings(temperature=1.0, prefix="abab"))
    worker.tell("generate", count=10, seed=1)
    worker.work()
    assert len(worker.written()) == 10
    assert all(text.startswith("abab") and set(text) == {"a", "b"} for text in worker.written())


def test_exploring_a_document_of_bpe_tokens(worker: FakeWorker) -> None:
    typed = [A, B, A, A, B]
    (answer,) = worker.tell("explore", tokens=typed, typed=[True] * 5, caret=5)
    assert answer["tokens"] == [ABA, AB]
    assert len(answer["upcoming"]["model"]) == 5
    (ended,) = worker.tell("explore", tokens=[ABA, END], typed=[False] * 2, caret=2)
    assert ended["tokens"] == [ABA, END]


def test_a_prefix_that_the_model_does_not_know(worker: FakeWorker) -> None:
    assert worker.tell("set_sampling", settings=sample_settings(prefix="abc")) == []
    answers = worker.tell("generate", count=1, seed=1)
    assert "does not know the character 'c'" in the_error(answers, "generate")


# ---- a run ---------------------------------------------------------------------------------------


def run_of(tokenizer: str) -> Run:
    training = TrainConfig(num_steps=120)
    return prepare_run(NAMES, training, "scalar", "f64", tokenizer, 64, **TINY)


def trained(run: Run, prefix: str = "") -> list[Message]:
    """All that a run posts, from beginning to end."""
    posted: list[Message] = []
    training = training_of(run, posted.append, prefix)
    training.begin_run()
    while training.work(float("inf")) is not None:
        pass
    return posted


def training_of(run: Run, post: Callable[[Any], None], prefix: str = "") -> Training:
    seconds = count()
    return Training(run, "full", post, lambda: next(seconds), lambda: (SampleConfig(), prefix))


@pytest.mark.parametrize("prefix", ["", "em", "an", "Ω"])
def test_live_samples_of_a_run(prefix: str) -> None:
    posted = trained(run_of("bpe"), prefix)
    (sample,) = [message for message in posted if message["type"] == "live_sample"]
    assert sample["text"].startswith("" if prefix == "Ω" else prefix)
    assert set(sample["text"]) <= set("".join(NAMES))


def test_a_run_continues_from_a_checkpoint() -> None:
    run = run_of("bpe")
    checkpoints = [each for each in trained(run) if each["type"] == "checkpoint"]
    kept = from_bytes(checkpoints[-1]["blob"])
    assert kept.tokenizer().tokens == run.tokenizer.tokens
    assert kept.merges
    again = training_of(run_of("bpe"), ignore)
    drain(again.restore(kept, continued=False))
    assert again.step == 120
    with pytest.raises(DataError, match="of another data set"):
        drain(training_of(run_of("characters"), ignore).restore(kept, continued=False))


def ignore(*_: Any) -> None:
    pass
