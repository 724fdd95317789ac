"""Many samples at once: streamed, replaced, and sampled with the current settings."""

from __future__ import annotations

import random
from typing import Any

import pytest

from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.config import ModelConfig, SampleConfig
from microgpt.engine import create_engine
from microgpt.model import init_weights
from microgpt.sampler import generate
from microgpt.tokenizer import CharTokenizer
from tests.support.fakes import (
    LETTERS,
    NAMES,
    ONE_PIECE,
    PONG,
    SMALL,
    FakeWorker,
    run_settings,
    sample_settings,
    the_error,
    training,
    writing_worker,
)
from tests.support.imports import ROOT

SHIPPED = ROOT / "datasets" / "models" / "us-names.safetensors"


@pytest.fixture
def writer() -> FakeWorker:
    """A worker with a small model to generate with."""
    return writing_worker()


# As large as it takes to be written token by token.
LARGE = ModelConfig(vocab_size=4, n_embd=64, n_head=2, n_layer=4, block_size=64)


def test_samples_come_in_order_and_in_batches(writer: FakeWorker) -> None:
    writer.tell("set_sampling", settings=sample_settings(temperature=1.0))
    writer.tell("generate", count=300, seed=1)
    writer.work()
    told = writer.of("samples")
    assert len(told) < 300
    assert len(told[0]["rows"]) < 300, "the first come soon"
    count = 0
    for message in told:
        assert (message["first"], message["of"], message["writing"]) == (count + 1, 300, "")
        count += len(message["rows"])
    assert count == 300
    for row in writer.sample_rows():
        assert (row["stop"] == "context") == (len(row["text"]) == SMALL.block_size)
        assert row["loss"] > 0
    assert {row["stop"] for row in writer.sample_rows()} == {"end", "context"}


def test_a_large_model_writes_token_by_token() -> None:
    worker = FakeWorker(ONE_PIECE)
    weights = init_weights(LARGE, random.Random(7))
    worker.tell("load_model", blob=to_bytes(Checkpoint(LARGE, LETTERS, weights, {})))
    worker.tell("generate", count=2, seed=1)
    worker.work(until=lambda: len(worker.written()) >= 1)
    told = worker.of("samples")
    begun = [message["writing"] for message in told if not message["rows"]]
    assert len(begun) > 5
    assert begun == sorted(set(begun), key=len)
    assert all(worker.written()[0].startswith(text) for text in begun)


def test_samples_are_those_of_the_core(writer: FakeWorker) -> None:
    sampling = sample_settings(temperature=0.8, top_k=3, prefix="ab")
    writer.tell("set_sampling", settings=sampling)
    writer.tell("generate", count=8, seed=5)
    writer.work()
    engine = create_engine("auto", SMALL, init_weights(SMALL, random.Random(7)))
    tokenizer = CharTokenizer(LETTERS)
    config = SampleConfig(temperature=0.8, top_k=3)
    rngs = [random.Random(5 * 1_000_003 + number) for number in range(8)]
    expected = [
        "ab" + tokenizer.decode(c.token for c in generate(engine, 3, config, rng, [0, 1]))
        for rng in rngs
    ]
    assert writer.written() == expected


def test_samples_are_new_or_from_the_data() -> None:
    worker = training(run_settings(num_steps=400))
    worker.work()
    worker.tell("set_sampling", settings=sample_settings(temperature=0.3))
    worker.tell("generate", count=60, seed=1)
    worker.work()
    origins = {row["text"]: row["origin"] for row in worker.sample_rows() if row["stop"] == "end"}
    assert origins == {text: "data" if text in NAMES else "new" for text in origins}
    assert set(origins.values()) == {"data", "new"}


def test_without_data_nobody_knows_what_is_new(writer: FakeWorker) -> None:
    writer.tell("generate", count=5, seed=1)
    writer.work()
    assert {row["origin"] for row in writer.sample_rows()} == {""}


def test_samples_are_written_in_slices(writer: FakeWorker) -> None:
    writer.tell("generate", count=300, seed=1)
    assert writer.session.work() == 0.0
    assert writer.tell("ping") == [PONG]
    assert len(writer.written()) < 300


def test_a_new_temperature_applies_from_the_next_sample_on(writer: FakeWorker) -> None:
    writer.tell("set_sampling", settings=sample_settings(temperature=2.0))
    writer.tell("generate", count=300, seed=1)
    writer.work(until=lambda: len(writer.written()) >= 3)
    done = 8 + 32 + 128  # of which the last are being written together
    writer.tell("set_sampling", settings=sample_settings(temperature=0.0))
    writer.work()
    texts = writer.written()
    assert len(texts) == 300
    assert len(set(texts[done:])) == 1, "at temperature 0 all samples are the same"
    assert len(set(texts[:done])) > 1


def test_generating_again_replaces_the_current_samples(writer: FakeWorker) -> None:
    writer.tell("generate", count=300, seed=1)
    writer.work(until=lambda: len(writer.written()) >= 2)
    before = len(writer.posted)
    writer.tell("generate", count=2, seed=1)
    writer.work()
    assert {posted.message["of"] for posted in writer.posted[before:]} == {2}


def test_another_model_ends_the_samples_of_the_first(writer: FakeWorker) -> None:
    writer.tell("generate", count=300, seed=1)
    writer.work(until=lambda: len(writer.written()) >= 2)
    writer.tell("load_model", blob=SHIPPED.read_bytes())
    before = len(writer.posted)
    writer.work()
    assert writer.posted[before:] == []


@pytest.mark.parametrize("count", [-1, 1001, 2.5, "3"])
def test_an_invalid_number_of_samples_is_refused(writer: FakeWorker, count: Any) -> None:
    assert "Samples" in the_error(writer.tell("generate", count=count, seed=1), "generate")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"temperature": -0.1}, "Temperature"),
        ({"temperature": "hot"}, "Temperature"),
        ({"top_k": -1}, "Top-k"),
        ({"top_p": 0.0}, "Top-p"),
        ({"prefix": 5}, "Prefix"),
    ],
)
def test_invalid_sampling_settings_are_refused(
    writer: FakeWorker, wrong: dict[str, object], words: str
) -> None:
    answers = writer.tell("set_sampling", settings=sample_settings(**wrong))
    assert words in the_error(answers, "set_sampling")


def test_a_prefix_of_unknown_characters_writes_nothing(writer: FakeWorker) -> None:
    writer.tell("set_sampling", settings=sample_settings(prefix="xyz"))
    assert "'x'" in the_error(writer.tell("generate", count=2, seed=1), "generate")
    assert writer.session.work() is None


def test_a_prefix_that_fills_the_context_is_refused(writer: FakeWorker) -> None:
    writer.tell("set_sampling", settings=sample_settings(prefix="abcabc"))
    assert "context length of 6" in the_error(writer.tell("generate", count=2, seed=1), "generate")


def test_sampling_settings_can_come_before_there_is_a_model() -> None:
    worker = FakeWorker()
    assert worker.tell("set_sampling", settings=sample_settings(prefix="zzz")) == []
    worker.tell("load_model", blob=SHIPPED.read_bytes())
    worker.tell("generate", count=1, seed=1)
    worker.work()
    assert worker.written()[0].startswith("zzz")


def test_without_a_model_nothing_is_written() -> None:
    worker = FakeWorker()
    assert "no model" in the_error(worker.tell("generate", count=1, seed=1), "generate")
    assert worker.tell("explore") == [], "the page will ask the model that comes"


@pytest.mark.parametrize("kind", ["pause", "resume", "step"])
def test_run_commands_without_a_run_are_ignored(kind: str) -> None:
    worker = FakeWorker()
    assert worker.tell(kind) == []
    assert worker.session.work() is None


def test_the_newest_model_is_the_one_that_generates() -> None:
    worker = training(run_settings(num_steps=3))
    worker.work()
    assert worker.of("model")[-1]["from_run"]
    trained = from_bytes(worker.newest_checkpoint().blob or b"")
    worker.tell("set_sampling", settings=sample_settings(temperature=0.0))
    worker.tell("generate", count=1, seed=1)
    worker.work()
    engine = create_engine("scalar", trained.config, trained.weights)
    tokenizer = CharTokenizer(trained.characters)
    greedy = SampleConfig(temperature=0.0)
    choices = generate(engine, tokenizer.bos, greedy, random.Random(0))
    assert worker.written() == [tokenizer.decode(choice.token for choice in choices)]
