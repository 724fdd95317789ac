"""Many samples at once: streamed, replaced, and sampled with the current settings."""

from __future__ import annotations

import random
from typing import Any

import pytest

from microgpt.checkpoint import from_bytes
from microgpt.config import SampleConfig
from microgpt.engine import create_engine
from microgpt.model import init_weights
from microgpt.sampler import generate
from microgpt.tokenizer import CharTokenizer
from tests.support.fakes import (
    LETTERS,
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


def test_samples_come_token_by_token(writer: FakeWorker) -> None:
    writer.tell("set_sampling", settings=sample_settings(temperature=1.0))
    writer.tell("generate", count=30, seed=1)
    writer.work()
    texts = {number: [""] for number in range(1, 31)}
    stops: dict[int, list[str]] = {number: [] for number in texts}
    order = []
    for message in writer.of("sample"):
        number = message["number"]
        assert message["of"] == 30
        longer = message["text"]
        if message["stop"] == "end":
            assert longer == texts[number][-1]
        else:
            assert longer[:-1] == texts[number][-1]
        texts[number].append(longer)
        stops[number].append(message["stop"])
        order.append(number)
    assert order == sorted(order)
    for number, said in stops.items():
        assert said[-1] in ("end", "context"), number
        assert not any(said[:-1]), number
        assert (said[-1] == "context") == (len(texts[number][-1]) == SMALL.block_size)
    assert {said[-1] for said in stops.values()} == {"end", "context"}


def test_samples_are_those_of_the_core(writer: FakeWorker) -> None:
    sampling = sample_settings(temperature=0.8, top_k=3, prefix="ab")
    writer.tell("set_sampling", settings=sampling)
    writer.tell("generate", count=8, seed=5)
    writer.work()
    engine = create_engine("auto", SMALL, init_weights(SMALL, random.Random(7)))
    tokenizer = CharTokenizer(LETTERS)
    rng, config = random.Random(5), SampleConfig(temperature=0.8, top_k=3)
    expected = [
        "ab" + tokenizer.decode(c.token for c in generate(engine, 3, config, rng, [0, 1]))
        for _ in range(8)
    ]
    assert writer.written() == expected


def test_samples_are_written_in_slices(writer: FakeWorker) -> None:
    writer.tell("generate", count=30, seed=1)
    assert writer.session.work() == 0.0
    assert writer.tell("ping") == [PONG]
    assert len(writer.written()) < 30


def test_a_new_temperature_applies_from_the_next_sample_on(writer: FakeWorker) -> None:
    writer.tell("set_sampling", settings=sample_settings(temperature=2.0))
    writer.tell("generate", count=30, seed=1)
    writer.work(until=lambda: len(writer.written()) >= 3)
    done = len(writer.written()) + 1
    writer.tell("set_sampling", settings=sample_settings(temperature=0.0))
    writer.work()
    texts = writer.written()
    assert len(texts) == 30
    assert len(set(texts[done:])) == 1, "at temperature 0 all samples are the same"
    assert len(set(texts[:done])) > 1


def test_generating_again_replaces_the_current_samples(writer: FakeWorker) -> None:
    writer.tell("generate", count=30, seed=1)
    writer.work(until=lambda: len(writer.written()) >= 2)
    before = len(writer.posted)
    writer.tell("generate", count=2, seed=1)
    writer.work()
    assert {posted.message["of"] for posted in writer.posted[before:]} == {2}


def test_another_model_ends_the_samples_of_the_first(writer: FakeWorker) -> None:
    writer.tell("generate", count=30, seed=1)
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
