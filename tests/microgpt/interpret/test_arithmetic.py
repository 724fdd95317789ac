"""The arithmetic of one number, against the scalar engine."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.config import ModelConfig
from microgpt.generators import drain
from microgpt.interpret.arithmetic import Quantity, Recording, Step, earlier_tokens
from microgpt.model import Weights, gpt, init_weights
from microgpt.sampler import softmax
from microgpt.scalar.engine import ScalarEngine
from microgpt.scalar.operations import Caches, FloatArithmetic, ScalarOperations, empty_caches
from microgpt.wasm.compiler.trace import trace
from tests.support.models import architectures

CONFIG = ModelConfig(vocab_size=5, n_embd=4, n_head=2, n_layer=2, block_size=6)
TOKENS = [4, 0, 3, 3]


def steps_of(
    quantity: Quantity,
    config: ModelConfig = CONFIG,
    tokens: list[int] | None = None,
    weights: Weights | None = None,
) -> list[Step]:
    weights = weights or weights_of(config)
    recording = Recording(config, weights, tokens or TOKENS, trace(config)[0])
    return drain(drain(recording.derive(quantity)).all_steps())


def weights_of(config: ModelConfig) -> Weights:
    return init_weights(config, random.Random(1))


def logits_of(config: ModelConfig, tokens: list[int], weights: Weights) -> list[float]:
    context = ScalarEngine(config, weights).context()
    return [context.feed(token) for token in tokens][-1]


def recomputed(step: Step, steps: list[Step]) -> float:
    """The value of a step from those of its inputs."""
    values = [steps[place].value for place in step.inputs]
    operands = values if step.constant is None else [*values, step.constant]
    match step.operation:
        case "+" | "sum":
            return sum(operands)
        case "*":
            return math.prod(operands)
        case "power":
            return float(operands[0] ** operands[1])
        case "sum of products":
            return sum(a * b for a, b in zip(values[::2], values[1::2], strict=True))
        case "exp" | "log":
            return {"exp": math.exp, "log": math.log}[step.operation](values[0])
        case "relu":
            return max(0.0, values[0])
    raise AssertionError(step.operation)


@settings(max_examples=25, deadline=None)
@given(architectures(), st.integers(0, 9999), st.integers(1, 6))
def test_a_logit_is_that_of_the_engine_and_follows_from_its_steps(
    config: ModelConfig, seed: int, count: int
) -> None:
    rng = random.Random(seed)
    tokens = [rng.randrange(config.vocab_size) for _ in range(count)]
    token = rng.randrange(config.vocab_size)
    weights = init_weights(config, rng)
    steps = steps_of(Quantity("logit", token), config, tokens, weights)
    assert steps[0].value == logits_of(config, tokens, weights)[token]
    assert steps[0].gradient == 1
    for step in steps:
        if step.inputs:
            assert math.isclose(recomputed(step, steps), step.value, rel_tol=1e-12, abs_tol=1e-15)
        else:
            assert step.operation in ("weight", "earlier")
            assert step.name


def test_probability_and_loss_are_those_of_the_logits() -> None:
    probs = softmax(logits_of(CONFIG, TOKENS, weights_of(CONFIG)))
    for token in range(CONFIG.vocab_size):
        assert steps_of(Quantity("probability", token))[0].value == probs[token]
        loss = steps_of(Quantity("loss", token))[0].value
        assert math.isclose(loss, -math.log(probs[token]), rel_tol=1e-12)


def test_a_gradient_is_the_slope() -> None:
    weights = weights_of(CONFIG)
    steps = steps_of(Quantity("loss", 2))
    by_name = {step.name: step for step in steps}
    for name, row, column in (("wte", 3, 1), ("layer0.mlp_fc1", 2, 3), ("lm_head", 2, 0)):
        slopes = []
        for delta in (1e-5, -1e-5):
            moved = {key: [list(numbers) for numbers in matrix] for key, matrix in weights.items()}
            moved[name][row][column] += delta
            # Earlier keys and values are given, so they are those of the weights as they were.
            context = ScalarEngine(CONFIG, moved)
            slopes.append(loss_of_one_token(context, weights, TOKENS, 2))
        slope = (slopes[0] - slopes[1]) / 2e-5
        step = by_name[f"{name}[{row}][{column}]"]
        assert math.isclose(step.gradient, slope, rel_tol=1e-4, abs_tol=1e-9)


def loss_of_one_token(
    engine: ScalarEngine, earlier: Weights, tokens: list[int], target: int
) -> float:
    """The loss of the next token, with the keys and values that other weights make of the rest."""
    ops: ScalarOperations[float] = ScalarOperations(FloatArithmetic())
    caches: Caches[float] = empty_caches()
    *before, newest = tokens
    for position, token in enumerate(before):
        gpt(ops, engine.config, earlier, token, position, caches)
    logits = gpt(ops, engine.config, engine.floats, newest, len(before), caches)
    return ops.cross_entropy(logits, target)


@pytest.mark.parametrize("layer", [0, 1])
def test_the_weights_of_a_head_are_the_softmax_of_its_scores(layer: int) -> None:
    name = f"layer{layer}.attention"
    for head in range(CONFIG.n_head):
        scores, weights = (
            [steps_of(Quantity(kind, 0, name, head, place))[0] for place in range(len(TOKENS))]
            for kind in ("score", "attention")
        )
        expected = softmax([step.value for step in scores])
        assert [step.value for step in weights] == pytest.approx(expected, rel=1e-12)
        assert scores[1].name == f"{name}.head{head}.score[1]"
        assert weights[1].name == f"{name}.head{head}.weight[1]"


def test_every_step_of_the_model_has_its_line() -> None:
    steps = steps_of(Quantity("logit", 1))
    assert "return ops.linear(x, weights[" in steps[0].source
    inner = [step for step in steps if step.inputs]
    assert all(step.source.startswith("model.py:") for step in inner)
    named = {step.name: step.source for step in inner if step.name}
    assert "ops.relu(x)" in named["layer1.mlp_fc1.relu[0]"]
    assert "ops.attention(" in named["layer0.attention[3]"]
    after = [step for step in steps_of(Quantity("loss", 1)) if step.operation == "log"]
    assert [step.source for step in after] == [""]


def test_what_is_not_there_is_refused() -> None:
    for quantity in (Quantity("mood"), Quantity("score", name="layer9.attention")):
        with pytest.raises(KeyError):
            steps_of(quantity)
    with pytest.raises(IndexError):
        steps_of(Quantity("logit", 5))


def test_keys_and_values_can_come_from_the_engine() -> None:
    weights, graph = weights_of(CONFIG), trace(CONFIG)[0]
    earlier = earlier_tokens(graph, ScalarEngine(CONFIG, weights).activations(TOKENS))
    recording = Recording(CONFIG, weights, TOKENS, graph, earlier)
    assert drain(drain(recording.derive(Quantity("loss", 2))).all_steps()) == steps_of(
        Quantity("loss", 2)
    )


def test_only_the_steps_that_are_asked_for_are_made() -> None:
    derivation = drain(
        Recording(CONFIG, weights_of(CONFIG), TOKENS, trace(CONFIG)[0]).derive(Quantity("logit", 1))
    )
    assert len(derivation) == 1
    root = derivation.step(0)
    assert root.operation == "sum of products"
    assert len(derivation) == 1 + len(root.inputs) == 1 + 2 * CONFIG.n_embd
    assert derivation.step(root.inputs[0]).name == "lm_head[1][0]"
