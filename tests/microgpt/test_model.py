"""The model: its weights, what it computes, its gradient, and that any kind of vector will do."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.config import ModelConfig
from microgpt.generators import drain
from microgpt.model import Operations, Weights, gpt, init_weights
from microgpt.scalar.engine import ScalarEngine
from tests.support.models import architectures, graph_of, weights_of

few = settings(max_examples=20)


def documents(config: ModelConfig, seed: int) -> list[int]:
    """Random tokens, BOS first, that fill the context."""
    rng = random.Random(seed)
    tokens = [rng.randrange(config.vocab_size) for _ in range(config.block_size)]
    return [config.vocab_size - 1, *tokens]


def test_the_matrices_in_their_order() -> None:
    layer = ["attn_wq", "attn_wk", "attn_wv", "attn_wo", "mlp_fc1", "mlp_fc2"]
    sizes = [(8, 8)] * 4 + [(32, 8), (8, 32)]
    expected = [("wte", (5, 8)), ("wpe", (7, 8)), ("lm_head", (5, 8))]
    for i in range(2):
        expected += [(f"layer{i}.{name}", size) for name, size in zip(layer, sizes, strict=True)]
    config = ModelConfig(5, n_embd=8, n_head=2, n_layer=2, block_size=7)
    assert config.shapes == expected
    weights = init_weights(config, random.Random(1))
    assert [(name, (len(m), len(m[0]))) for name, m in weights.items()] == expected


@given(architectures(), st.integers(0, 99))
def test_weights_are_drawn_one_after_the_other(config: ModelConfig, seed: int) -> None:
    weights = init_weights(config, random.Random(seed))
    rng = random.Random(seed)
    flat = [weight for matrix in weights.values() for row in matrix for weight in row]
    assert flat == [rng.gauss(0, 0.08) for _ in range(config.num_params)]


def reference(config: ModelConfig, weights: Weights, tokens: Sequence[int]) -> list[list[float]]:
    """The logits at every position, computed layer by layer for all positions, without a cache."""

    def norm(x: list[float]) -> list[float]:
        return [e / math.sqrt(sum(a * a for a in x) / len(x) + 1e-5) for e in x]

    def apply(name: str, xs: list[list[float]]) -> list[list[float]]:
        return [[sum(w * e for w, e in zip(r, x, strict=True)) for r in weights[name]] for x in xs]

    def add(xs: list[list[float]], ys: list[list[float]]) -> list[list[float]]:
        return [[a + b for a, b in zip(x, y, strict=True)] for x, y in zip(xs, ys, strict=True)]

    def attend(q: list[float], ks: list[list[float]], vs: list[list[float]]) -> list[float]:
        out = []
        for start in range(0, config.n_embd, config.head_dim):
            part = range(start, start + config.head_dim)
            scores = [sum(q[j] * k[j] for j in part) / math.sqrt(config.head_dim) for k in ks]
            exps = [math.exp(score) for score in scores]
            out += [sum(e * v[j] for e, v in zip(exps, vs, strict=True)) / sum(exps) for j in part]
        return out

    xs = add([weights["wte"][t] for t in tokens], weights["wpe"][: len(tokens)])
    xs = [norm(x) for x in xs]
    for i in range(config.n_layer):
        normed = [norm(x) for x in xs]
        qs, ks, vs = (apply(f"layer{i}.attn_w{letter}", normed) for letter in "qkv")
        mixed = [attend(q, ks[: t + 1], vs[: t + 1]) for t, q in enumerate(qs)]
        xs = add(xs, apply(f"layer{i}.attn_wo", mixed))
        hidden = apply(f"layer{i}.mlp_fc1", [norm(x) for x in xs])
        hidden = [[max(e, 0.0) for e in x] for x in hidden]
        xs = add(xs, apply(f"layer{i}.mlp_fc2", hidden))
    return apply("lm_head", xs)


@few
@given(architectures(), st.integers(0, 99))
def test_the_cache_gives_what_all_positions_at_once_give(config: ModelConfig, seed: int) -> None:
    weights = weights_of(config, seed)
    tokens = documents(config, seed)[: config.block_size]
    context = ScalarEngine(config, weights).context()
    logits = [context.feed(token) for token in tokens]
    for row, expected in zip(logits, reference(config, weights, tokens), strict=True):
        assert row == pytest.approx(expected, rel=1e-9, abs=1e-9)


@few
@given(architectures(), st.integers(0, 99), st.data())
def test_rewinding_leaves_no_trace(config: ModelConfig, seed: int, data: st.DataObject) -> None:
    engine = ScalarEngine(config, weights_of(config, seed))
    tokens, others = documents(config, seed), documents(config, seed + 100)
    fresh = engine.context()
    expected = [fresh.feed(token) for token in tokens[: config.block_size]]
    context = engine.context()
    for token in others[: config.block_size]:
        context.feed(token)
    position = data.draw(st.integers(0, config.block_size))
    context.rewind(0)
    for token in tokens[:position]:
        context.feed(token)
    for token in others[position : config.block_size]:
        context.feed(token)
    context.rewind(position)
    assert len(context) == position
    rest = [context.feed(token) for token in tokens[position : config.block_size]]
    assert rest == expected[position:]


@few
@given(architectures(), st.integers(0, 99), st.integers(1, 5))
def test_later_tokens_do_not_change_earlier_logits(
    config: ModelConfig, seed: int, position: int
) -> None:
    weights = weights_of(config, seed)
    tokens = documents(config, seed)[: config.block_size]
    changed = [*tokens[:position], *((t + 1) % config.vocab_size for t in tokens[position:])]
    engine = ScalarEngine(config, weights)
    one, other = engine.context(), engine.context()
    before = [(one.feed(a), other.feed(b)) for a, b in zip(tokens, changed, strict=True)]
    assert all(a == b for a, b in before[:position])
    assert before[position][0] != before[position][1]


@settings(max_examples=8)
@given(architectures(block_size=4), st.integers(0, 99))
def test_the_gradient_against_differences(config: ModelConfig, seed: int) -> None:
    weights = weights_of(config, seed)
    document = documents(config, seed)
    values, _, loss = graph_of(config, weights, document)
    loss.backward()

    def loss_with(matrix: str, row: int, column: int, shift: float) -> float:
        shifted = {name: [r[:] for r in m] for name, m in weights.items()}
        shifted[matrix][row][column] += shift
        return drain(ScalarEngine(config, shifted).evaluate([document]))

    rng, step = random.Random(seed), 1e-5
    for name, (rows, columns) in config.shapes:
        used = document[:-1] if name == "wte" else range(rows)
        place = (name, rng.choice(used), rng.randrange(columns))
        slope = (loss_with(*place, step) - loss_with(*place, -step)) / (2 * step)
        gradient = values[name][place[1]][place[2]].grad
        assert gradient == pytest.approx(slope, rel=1e-4, abs=1e-7), place


def test_a_token_that_is_not_read_has_no_gradient() -> None:
    config = ModelConfig(4, n_embd=4, n_head=2, block_size=5)
    values, _, loss = graph_of(config, weights_of(config), [3, 0, 1, 3])
    loss.backward()
    assert [any(weight.grad for weight in row) for row in values["wte"]] == [1, 1, 0, 1]
    assert [any(weight.grad for weight in row) for row in values["wpe"]] == [1, 1, 1, 0, 0]


class Widths(Operations[tuple[str, int, int], int, str, str]):
    """Operations on vectors of which only the width is known; every call is noted down."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def apply(self, name: str, /, *vectors: int, **_parameters: object) -> int:
        assert len(set(vectors)) == 1
        self.calls.append(name)
        return vectors[0]

    def embed(self, table: tuple[str, int, int], index: str) -> int:
        self.calls.append(f"embed {table[0]} {index}")
        return table[2]

    def linear(self, x: int, weight: tuple[str, int, int]) -> int:
        name, rows, columns = weight
        assert x == columns
        self.calls.append(f"linear {name}")
        return rows

    def row(self, table: tuple[str, int, int], number: int) -> int:
        self.calls.append(f"row {table[0]} {number}")
        return table[2]

    def attention(
        self,
        q: int,
        k: int,
        v: int,
        n_head: int,
        cache: str,
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> int:
        assert q == k == v
        assert window == 0
        assert not alibi
        self.calls.append(f"attention {n_head} {cache}")
        return q


LAYER = """rmsnorm
linear layer{0}.attn_wq
linear layer{0}.attn_wk
linear layer{0}.attn_wv
attention {1} cache{0}
linear layer{0}.attn_wo
add
rmsnorm
linear layer{0}.mlp_fc1
relu
linear layer{0}.mlp_fc2
add"""


@given(architectures())
def test_the_model_is_its_operations_and_nothing_else(config: ModelConfig) -> None:
    widths = Widths()
    matrices = {name: (name, rows, columns) for name, (rows, columns) in config.shapes}
    caches = {layer: f"cache{layer}" for layer in range(config.n_layer)}
    assert gpt(widths, config, matrices, "token", "position", caches) == config.vocab_size
    layers = [LAYER.format(i, config.n_head).split("\n") for i in range(config.n_layer)]
    assert widths.calls == [
        *("embed wte token", "embed wpe position", "add", "rmsnorm"),
        *(call for layer in layers for call in layer),
        "linear lm_head",
    ]
