"""The operations that the default model has no use for, in model code, at random sizes."""

from __future__ import annotations

import random

import pytest

from microgpt.activations import Activations
from microgpt.config import ModelConfig
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.interpret.ablation import patches_of
from microgpt.interpret.arithmetic import Quantity, Recording, Step, earlier_tokens
from microgpt.interpret.parts import anatomy
from microgpt.interpret.votes import votes
from microgpt.model import Weights
from microgpt.model_code.loading import load_code
from microgpt.wasm.compiler.trace import trace
from tests.support.emitted import the_host
from tests.support.models import Kind, check_engines_agree, gradients_of, strays, weights_of

# A model whose first lines say what it has: constants, one for each name below.
TEXT = """
def parameter_shapes(config):
    n_embd = config.n_embd
    shapes = [
        ("wte", (config.vocab_size, n_embd)),
        ("wpe", (config.block_size, n_embd)),
        ("lm_head", (config.vocab_size, n_embd)),
        ("logit_biases", (3, config.vocab_size)),
    ]
    for layer in range(config.n_layer):
        shapes += [
            (f"layer{layer}.gains", (2, n_embd)),
            (f"layer{layer}.attn_wq", (n_embd, n_embd)),
            (f"layer{layer}.attn_wk", (n_embd // GROUP, n_embd)),
            (f"layer{layer}.attn_wv", (n_embd // GROUP, n_embd)),
            (f"layer{layer}.attn_wo", (n_embd, n_embd)),
            (f"layer{layer}.mlp_fc1", (2 * n_embd, n_embd)),
            (f"layer{layer}.mlp_fc2", (n_embd, 2 * n_embd)),
        ]
    return shapes


def norm(ops, x, gains, number):
    x = ops.rmsnorm(x)
    if GAINS:
        x = ops.add(x, ops.multiply(x, ops.row(gains, number)))
    return x


def gpt(ops, config, weights, token, position, caches):
    x = ops.embed(weights["wte"], token)
    if not (ROTARY or ALIBI):
        x = ops.add(x, ops.embed(weights["wpe"], position))
    n_head = config.n_head
    for layer in range(config.n_layer):
        y = norm(ops, x, weights[f"layer{layer}.gains"], 0)
        q = ops.linear(y, weights[f"layer{layer}.attn_wq"])
        k = ops.linear(y, weights[f"layer{layer}.attn_wk"])
        v = ops.linear(y, weights[f"layer{layer}.attn_wv"])
        if ROTARY:
            q = ops.rotate(q, position, n_head)
            k = ops.rotate(k, position, n_head // GROUP)
        if GROUP > 1:
            k = ops.repeat(k, n_head // GROUP, GROUP)
            v = ops.repeat(v, n_head // GROUP, times=GROUP)
        y = ops.attention(q, k, v, n_head, caches[layer], window=WINDOW, alibi=ALIBI)
        x = ops.add(x, ops.linear(y, weights[f"layer{layer}.attn_wo"]))
        y = norm(ops, x, weights[f"layer{layer}.gains"], 1)
        y = ops.relu(ops.linear(y, weights[f"layer{layer}.mlp_fc1"]))
        x = ops.add(x, ops.linear(y, weights[f"layer{layer}.mlp_fc2"]))
    x = ops.linear(norm(ops, x, weights["layer0.gains"], 1), weights["lm_head"])
    if GAINS:
        x = ops.add(x, ops.row(weights["logit_biases"], 2))
    return x
"""
PLAIN: dict[str, int] = {"GAINS": 0, "ROTARY": 0, "ALIBI": 0, "WINDOW": 0, "GROUP": 1}
MODELS: dict[str, dict[str, int]] = {
    "learned gains and biases": {"GAINS": 1},
    "rotary positions": {"ROTARY": 1},
    "ALiBi": {"ALIBI": 1},
    "a window": {"WINDOW": 2},
    "a window with ALiBi": {"WINDOW": 3, "ALIBI": 1},
    "a window that holds all": {"WINDOW": 10**12},
    "grouped keys and values": {"GROUP": 2},
    "all together": {"GAINS": 1, "ROTARY": 1, "ALIBI": 1, "WINDOW": 4, "GROUP": 2},
}
every_model = pytest.mark.parametrize("name", MODELS)
# (heads, numbers a head): whole registers, parts of them, and neither; for two or one a group.
HEADS = [(2, 2), (4, 4), (2, 6), (6, 2), (8, 2)]


def config_of(name: str, seed: int) -> ModelConfig:
    """An architecture, random but always the same."""
    rng = random.Random(f"{name} {seed}")
    n_head, head_dim = rng.choice(HEADS)
    constants = {**PLAIN, **MODELS[name]}
    lines = [f"{constant} = {value}\n" for constant, value in constants.items()]
    return ModelConfig(
        rng.choice([3, 7, 9]),
        n_embd=n_head * head_dim,
        n_head=n_head,
        n_layer=rng.choice([1, 1, 2]),
        block_size=rng.randint(5, 9),
        code=load_code("".join(lines) + TEXT),
    )


def tokens_of(config: ModelConfig, seed: int = 1) -> list[int]:
    return random.Random(seed).choices(range(config.vocab_size), k=config.block_size)


def documents_of(config: ModelConfig) -> list[list[int]]:
    """As long as the context, shorter, and longer."""
    sizes = (config.block_size + 1, 3, config.block_size + 4)
    rng = random.Random(1)
    return [rng.choices(range(config.vocab_size), k=size) for size in sizes]


def flat_values(made: Activations, count: int) -> dict[str, list[float]]:
    """All results of a forward pass by name, each as one list."""
    found: dict[str, list[float]] = {}
    for name in made.names:
        rows = made.vectors(name) if not name.endswith(".weights") else []
        if not rows:
            rows = [row for at in range(count) for row in made.attention(name, at)]
        found[name] = [number for row in rows for number in row]
    return found


def check_activations(found: Engine, expected: Engine, tolerance: float) -> None:
    """Fail unless all results of a forward pass are the same."""
    tokens = tokens_of(expected.config)
    values, wanted = (
        flat_values(engine.activations(tokens), len(tokens)) for engine in (found, expected)
    )
    assert list(values) == list(wanted)
    for name, numbers in wanted.items():
        assert values[name] == pytest.approx(numbers, rel=tolerance, abs=tolerance), name


@every_model
@pytest.mark.parametrize("batch_size", [1, 3])
def test_gradients_training_and_answers(name: str, batch_size: int) -> None:
    the_host()
    config = config_of(name, batch_size)
    documents = documents_of(config)
    check_engines_agree(config, documents, batch_size)
    weights = weights_of(config, scale=2.0)
    expected, found = (
        gradients_of(create_engine(engine, config, weights, precision), documents[:batch_size])
        for engine, precision in (("scalar", "f64"), ("wasm", "f32"))
    )
    assert strays(found, expected, "f32") == {}


def test_the_printed_graph_has_the_plain_arguments() -> None:
    config = config_of("all together", 1)
    text = str(trace(config)[0])
    n_head = config.n_head
    for line in (
        f"layer0.gains ({config.n_embd}) = row([layer0.gains], number=0)",
        f" = rotate(layer0.attn_wq, position=position, n_head={n_head})",
        f" = repeat(layer0.attn_wv, n_head={n_head // 2}, times=2)",
        " = attention(layer0.attn_wq.rotate, layer0.attn_wk.rotate.repeat, "
        "layer0.attn_wv.repeat, window=4, alibi=True)",
    ):
        assert line in text


@every_model
@pytest.mark.usefixtures("recompiling")
@pytest.mark.parametrize("kept", [True, False])
def test_activations(name: str, kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where there is no room for all attention weights."""
    the_host()
    if not kept:
        monkeypatch.setattr("microgpt.wasm.compiler.memory.MAX_KEPT_ATTENTION_BYTES", 0)
    config = config_of(name, 2)
    weights = weights_of(config, scale=2.0)
    expected = create_engine("scalar", config, weights)
    for precision, tolerance in (("f32", 1e-4), ("f64", 1e-11)):
        engine = create_engine("wasm", config, weights, precision)
        check_activations(engine, expected, tolerance)
    if not kept:
        pair = [create_engine(one, config, weights, "f64") for one in ("wasm", "scalar")]
        found, wanted = (gradients_of(engine, documents_of(config)[:1]) for engine in pair)
        assert strays(found, wanted, "f64") == {}


@every_model
def test_a_document_is_written_as_it_is_read(name: str, kind: Kind) -> None:
    """Token by token, and after going back."""
    config = config_of(name, 3)
    engine = create_engine(kind.name, config, weights_of(config), kind.precision)
    tokens, other = tokens_of(config, 1), tokens_of(config, 2)
    context = engine.context()
    for token in other:
        context.feed(token)
    context.rewind(0)
    found = [context.feed(token) for token in tokens[:4]]
    for token in other[4:]:
        context.feed(token)
    context.rewind(4)
    found += [context.feed(token) for token in tokens[4:]]
    prefixes = [tokens[: end + 1] for end in range(len(tokens))]
    for one, whole in zip(found, engine.logits_after(prefixes), strict=True):
        assert one == kind.near(whole)


@every_model
def test_parts_that_are_switched_off_and_votes(name: str, kind: Kind) -> None:
    config = config_of(name, 4)
    weights, tokens = weights_of(config), tokens_of(config)
    engine = create_engine(kind.name, config, weights, kind.precision)
    parts = anatomy(config)
    off = ["layer0.head1", "layer0.mlp"]
    model = engine.patched(patches_of(parts, off))
    made, position = model.activations(tokens), len(tokens) - 1
    found = dict(votes(parts, made, weights, position))
    assert {part for part, vote in found.items() if not any(vote)} >= set(off)
    heads = [
        f"layer{layer}.head{k}" for layer in range(config.n_layer) for k in range(config.n_head)
    ]
    assert set(heads) < set(found)
    total = [sum(column) for column in zip(*found.values(), strict=True)]
    logits = made.vector(parts.logits.name, position)
    tolerance = {"f32": 1e-3, "f64": 1e-9}[kind.precision]
    assert total == pytest.approx(logits, rel=tolerance, abs=tolerance)
    assert logits != engine.activations(tokens).vector(parts.logits.name, position)


Earlier = dict[int, tuple[list[list[float]], list[list[float]]]]


def recorded(config: ModelConfig, weights: Weights, earlier: Earlier) -> Recording:
    return Recording(config, weights, tokens_of(config), trace(config)[0], earlier)


def moved(weights: Weights, earlier: Earlier, step: Step, by: float) -> tuple[Weights, Earlier]:
    """The same, but for one number that is given."""
    matrix, *places = step.name.replace("]", "").split("[")
    row, column = map(int, places)
    weights = {name: [numbers[:] for numbers in one] for name, one in weights.items()}
    earlier = {
        number: ([k[:] for k in keys], [v[:] for v in values])
        for number, (keys, values) in earlier.items()
    }
    if step.operation == "weight":
        weights[matrix][row][column] += by
    else:
        layer, kind = matrix.split(".")
        earlier[int(layer[5:])][kind == "values"][row][column] += by
    return weights, earlier


@every_model
def test_the_arithmetic_of_a_number(name: str) -> None:
    """It is that of the engine, and the gradients of the numbers that are given are slopes."""
    config = config_of(name, 5)
    weights, tokens = weights_of(config), tokens_of(config)
    engine = create_engine("scalar", config, weights)
    graph = trace(config)[0]
    made = engine.activations(tokens)
    earlier: Earlier = earlier_tokens(graph, made)
    newest = len(tokens) - 1
    recording = recorded(config, weights, earlier)
    steps = drain(drain(recording.derive(Quantity("logit", 1))).all_steps())
    logits = graph.nodes[-1].outputs[0].name
    assert steps[0].value == made.vector(logits, newest)[1]
    given = [step for step in steps if not step.inputs]
    assert {step.operation for step in given} == {"weight", "earlier"}
    rng = random.Random(1)
    sample = [
        step
        for kind in ("weight", "earlier")
        for step in rng.sample([s for s in given if s.operation == kind], 8)
    ]
    if "GAINS" in MODELS[name]:
        sample += [step for step in given if "gains" in step.name or "biases" in step.name][::7]
    for step in sample:
        values = [
            recorded(config, *moved(weights, earlier, step, by)).logits[1].data
            for by in (1e-5, -1e-5)
        ]
        slope = (values[0] - values[1]) / 2e-5
        assert step.gradient == pytest.approx(slope, rel=1e-4, abs=1e-6), step.name


@every_model
def test_scores_and_shares_of_a_head(name: str) -> None:
    """What a window leaves out has no score, and no share."""
    config = config_of(name, 6)
    weights, tokens = weights_of(config), tokens_of(config)
    made = create_engine("scalar", config, weights).activations(tokens)
    earlier: Earlier = earlier_tokens(trace(config)[0], made)
    window = MODELS[name].get("WINDOW", 0)
    for place in range(len(tokens)):
        quantity = Quantity("attention", 0, "layer0.attention", 1, place)
        share = made.attention("layer0.attention.weights", len(tokens) - 1)[1][place]
        recording = recorded(config, weights, earlier)
        if window and place < len(tokens) - window:
            assert share == 0
            with pytest.raises(IndexError, match="reads nothing before position"):
                drain(recording.derive(quantity))
        else:
            assert share > 0
            step = drain(recording.derive(quantity)).step(0)
            assert (step.value, step.name) == (share, f"layer0.attention.head1.weight[{place}]")
