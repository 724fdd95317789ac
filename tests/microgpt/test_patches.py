"""Patched models: what every engine promises of a model with some activations changed."""

from __future__ import annotations

import math
import random
from itertools import count, islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.activations import Activations, Patch, Patches
from microgpt.config import ModelConfig, SampleConfig, TrainConfig
from microgpt.engine import Engine, LanguageModel, create_engine
from microgpt.generators import drain
from microgpt.sampler import Writer
from microgpt.wasm.runtime.engine import WasmEngine
from tests.support.emitted import the_host
from tests.support.models import BOS, DOCUMENTS, SMALL, Kind, architectures, losses_of, weights_of

TOKENS = [BOS, 1, 3, 3, 0]


def vectors_of(made: Activations) -> dict[str, list[list[float]]]:
    names = [name for name in made.names if not name.endswith(".weights")]
    return {name: made.vectors(name) for name in names}


def random_patches(made: Activations, rng: random.Random, number: int) -> Patches:
    """Patches of a few activations, some of which remove and some of which shift."""
    vectors = vectors_of(made)
    names = rng.sample(list(vectors), number)
    return {
        name: Patch(
            tuple(rng.choice((0.0, 1.0, 0.5)) for _ in vectors[name][0]),
            tuple(rng.choice((0.0, rng.gauss(0, 1))) for _ in vectors[name][0]),
        )
        for name in names
    }


def no_change(made: Activations) -> Patches:
    """A patch of every vector that leaves it as it is."""
    return {
        name: Patch((1.0,) * len(rows[0]), (0.0,) * len(rows[0]))
        for name, rows in vectors_of(made).items()
    }


def off(size: int) -> Patch:
    return Patch((0.0,) * size, (0.0,) * size)


def half_of_the_heads() -> Patches:
    return {"layer0.attention": Patch((0.0, 0.0, 1.0, 1.0), (0.0,) * 4)}


def answers(model: LanguageModel) -> tuple[list[list[float]], float]:
    """The logits along a text, and the loss of some documents."""
    context = model.context()
    return [context.feed(token) for token in TOKENS], drain(model.evaluate(DOCUMENTS))


def trained(kind: Kind) -> Engine:
    engine = kind.engine()
    losses_of(engine.steps(0, 3))
    return engine


def test_without_patches_it_is_the_model(kind: Kind) -> None:
    engine = kind.engine()
    assert engine.patched({}) is engine


def test_patches_that_change_nothing_change_nothing(kind: Kind) -> None:
    engine = trained(kind)
    model = engine.patched(no_change(engine.activations(TOKENS)))
    assert answers(model) == answers(engine)
    made, same = model.activations(TOKENS), engine.activations(TOKENS)
    assert made.names == same.names
    assert vectors_of(made) == vectors_of(same)
    name = "layer1.attention.weights"
    assert made.attention_bytes(name) == same.attention_bytes(name)
    documents = [TOKENS[:length] for length in (1, 3, 5)]
    assert list(model.logits_after(documents)) == list(engine.logits_after(documents))


def test_an_activation_is_kept_and_added_to(kind: Kind) -> None:
    engine = kind.engine()
    before = engine.activations(TOKENS).vectors("layer1.mlp_fc1.relu")
    keep, add = [0.0, 1.0, 0.5, *[1.0] * 13], [2.0, 0.0, 1.0, *[0.0] * 13]
    model = engine.patched({"layer1.mlp_fc1.relu": Patch(tuple(keep), tuple(add))})
    assert model.activations(TOKENS).vectors("layer1.mlp_fc1.relu") == [
        kind.near([y * k + a for y, k, a in zip(row, keep, add, strict=True)]) for row in before
    ]
    assert engine.activations(TOKENS).vectors("layer1.mlp_fc1.relu") == before


@settings(max_examples=20)
@given(architectures(), st.integers(0, 1000))
def test_the_engines_agree(config: ModelConfig, seed: int) -> None:
    the_host()
    rng, weights = random.Random(seed), weights_of(config, scale=2.0)
    tokens = [rng.randrange(config.vocab_size) for _ in range(config.block_size)]
    engines = [create_engine(name, config, weights, "f64") for name in ("scalar", "wasm")]
    patches = random_patches(engines[0].activations(tokens), rng, 3)
    models = [engine.patched(patches) for engine in engines]
    expected, found = (vectors_of(model.activations(tokens)) for model in models)
    assert list(found) == list(expected)
    for name, rows in expected.items():
        assert found[name] == [pytest.approx(row, rel=1e-9, abs=1e-9) for row in rows], name
    losses = [drain(model.evaluate([tokens, tokens[:3]])) for model in models]
    assert losses[1] == pytest.approx(losses[0], rel=1e-9)


def test_the_loss_is_that_of_its_logits(kind: Kind) -> None:
    model = kind.engine().patched(half_of_the_heads())
    losses = []
    for document in DOCUMENTS:
        context = model.context()
        for token, target in islice(pairwise(document), SMALL.block_size):
            logits = context.feed(token)
            losses.append(math.log(sum(map(math.exp, logits))) - logits[target])
    assert drain(model.evaluate(DOCUMENTS)) == kind.near(sum(losses) / len(losses))


def test_a_patched_model_follows_the_weights(kind: Kind) -> None:
    engine = kind.engine(batch_size=2)
    model = engine.patched(half_of_the_heads())
    context = model.context()
    context.feed(BOS)
    before = answers(model)
    losses_of(engine.steps(0, 3))
    fresh = create_engine(kind.name, SMALL, engine.weights(), kind.precision)
    expected = answers(fresh.patched(half_of_the_heads()))
    assert answers(model) == expected != before
    assert context.feed(TOKENS[1]) == expected[0][1]
    engine.restore(weights_of(SMALL), None)
    assert answers(model) == before


def test_several_live_side_by_side(kind: Kind) -> None:
    engine = trained(kind)
    models = [
        engine,
        engine.patched(half_of_the_heads()),
        engine.patched({"wpe": off(4)}),
        engine.patched({"wpe": off(4), "layer1.mlp_fc1.relu": off(16)}),
    ]
    alone = [answers(model) for model in models]
    assert len({loss for _, loss in alone}) == len(models)
    contexts = [model.context() for model in models]
    evaluations = [model.evaluate(list(DOCUMENTS)) for model in models]
    losses: dict[int, float] = {}
    for token in TOKENS:
        for number, context in enumerate(contexts):
            for evaluation in evaluations:
                next(evaluation, None)
            assert context.feed(token) == alone[number][0][len(context) - 1]
    for number, model in enumerate(models):
        pending = [model.evaluate(DOCUMENTS), models[number - 1].evaluate(DOCUMENTS)]
        next(pending[1], None)
        losses[number] = drain(pending[0])
    assert losses == {number: loss for number, (_, loss) in enumerate(alone)}


def test_it_writes(kind: Kind) -> None:
    engine = trained(kind)
    model = engine.patched({"lm_head": Patch((0.0,) * 5, (0.0, 9.0, 0.0, 0.0, 0.0))})
    writer = Writer(model, BOS)
    choice = writer.next(SampleConfig(), random.Random(1))
    assert choice.token == 1
    assert choice.model[1] > 0.99


def test_a_half_done_step_is_no_part_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt.wasm.runtime.reader.LARGE_OPERATIONS", 0)
    seconds = count()  # so slow that each call runs one node
    weights, host = weights_of(SMALL), the_host()
    engine = WasmEngine(SMALL, weights, host, "f64", clock=lambda: float(next(seconds)))
    other = WasmEngine(SMALL, weights, host, "f64")
    model = engine.patched(half_of_the_heads())
    before = answers(model)
    for each in (engine, other):
        each.prepare(DOCUMENTS, TrainConfig(num_steps=20))
    steps = engine.steps(0, 2)
    for _ in range(60):  # into the backward pass, which changes weights
        assert next(steps) == []
        fresh = engine.patched({"layer0.attention": half_of_the_heads()["layer0.attention"]})
        assert fresh.activations(TOKENS).vectors("lm_head") == before[0]
    assert answers(model) == before
    assert losses_of(steps) == losses_of(other.steps(0, 2))
    assert engine.weights() == other.weights()
    assert answers(model) == answers(other.patched(half_of_the_heads())) != before


def test_one_made_in_the_middle_of_a_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt.wasm.runtime.reader.LARGE_OPERATIONS", 0)
    seconds = count()
    weights, host = weights_of(SMALL), the_host()
    engine = WasmEngine(SMALL, weights, host, clock=lambda: float(next(seconds)))
    engine.prepare(DOCUMENTS, TrainConfig(num_steps=20))
    steps = engine.steps(0, 1)
    for _ in range(60):
        assert next(steps) == []
    expected = answers(WasmEngine(SMALL, weights, host).patched(half_of_the_heads()))
    assert answers(engine.patched(half_of_the_heads())) == expected
    assert next(steps) == []  # and the step goes on


def test_patches_that_do_not_fit(kind: Kind) -> None:
    engine = kind.engine()
    for name in ("layer2.attention", "layer0.attention.weights", "wte.add.rmsnorm.scale", ""):
        with pytest.raises(KeyError, match="there is no activation called"):
            engine.patched({name: off(4)})
    for patch in (off(3), Patch((1.0,) * 4, (0.0,) * 5)):
        with pytest.raises(ValueError, match="a patch of wpe has 4 numbers"):
            engine.patched({"wpe": patch})
