"""The vector operations in scalar arithmetic: against their formulas, on floats and on Values."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.autograd import Value
from microgpt.config import ModelConfig
from microgpt.scalar.engine import ScalarEngine
from microgpt.scalar.operations import (
    FloatArithmetic,
    LayerCache,
    ScalarOperations,
    ValueArithmetic,
)
from tests.support.models import architectures, graph_of, weights_of

OPS = ScalarOperations(FloatArithmetic())
VALUE_OPS = ScalarOperations(ValueArithmetic())

numbers = st.floats(-3, 3)
vectors = st.lists(numbers, min_size=1, max_size=8)


def pairs(length: int) -> st.SearchStrategy[tuple[list[float], list[float]]]:
    return st.tuples(*[st.lists(numbers, min_size=length, max_size=length)] * 2)


def test_embed_takes_a_row() -> None:
    assert OPS.embed([[1.0, 2.0], [3.0, 4.0]], 1) == [3.0, 4.0]


@given(pairs(3))
def test_add(pair: tuple[list[float], list[float]]) -> None:
    a, b = pair
    assert OPS.add(a, b) == [a[0] + b[0], a[1] + b[1], a[2] + b[2]]


@given(pairs(3))
def test_multiply(pair: tuple[list[float], list[float]]) -> None:
    a, b = pair
    assert OPS.multiply(a, b) == [a[0] * b[0], a[1] * b[1], a[2] * b[2]]
    with pytest.raises(ValueError, match="zip"):
        OPS.multiply(a, b[:2])


@given(vectors)
def test_rmsnorm_has_a_mean_square_of_nearly_1(x: list[float]) -> None:
    mean_square = sum(e * e for e in x) / len(x)
    normed = OPS.rmsnorm(x)
    assert normed == pytest.approx([e / math.sqrt(mean_square + 1e-5) for e in x])
    assert sum(e * e for e in normed) / len(x) == pytest.approx(mean_square / (mean_square + 1e-5))


def test_linear_is_a_matrix_times_a_vector() -> None:
    assert OPS.linear([1.0, 2.0], [[1.0, 0.0], [3.0, 4.0], [0.0, -1.0]]) == [1.0, 11.0, -2.0]
    with pytest.raises(ValueError, match="zip"):
        OPS.linear([1.0], [[1.0, 2.0]])


def test_relu() -> None:
    assert OPS.relu([-2.0, -0.0, 0.0, 3.0]) == [0.0, 0.0, 0.0, 3.0]


@given(vectors)
def test_silu_and_gelu_are_what_their_formulas_say(x: list[float]) -> None:
    assert OPS.silu(x) == pytest.approx([e / (1 + math.exp(-e)) for e in x])
    inner = [math.sqrt(2 / math.pi) * (e + 0.044715 * e**3) for e in x]
    by_tanh = [0.5 * e * (1 + math.tanh(y)) for e, y in zip(x, inner, strict=True)]
    assert OPS.gelu(x) == pytest.approx(by_tanh, abs=1e-12)
    # What it approximates: x times the probability that a normal variable is below x.
    exact = [0.5 * e * (1 + math.erf(e / math.sqrt(2))) for e in x]
    assert OPS.gelu(x) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("name", ["silu", "gelu"])
@pytest.mark.parametrize("large", [50.0, 1e3, 1e100])
def test_silu_and_gelu_of_large_numbers_are_those_of_relu(name: str, large: float) -> None:
    assert getattr(OPS, name)([large, -large]) == pytest.approx([large, 0.0])
    leaves = [Value(large), Value(-large)]
    outputs = getattr(VALUE_OPS, name)(leaves)
    (outputs[0] + outputs[1]).backward()
    assert [leaf.grad for leaf in leaves] == pytest.approx([1.0, 0.0])


@given(vectors)
def test_softmax_is_a_distribution_in_the_order_of_the_logits(logits: list[float]) -> None:
    probabilities = OPS.softmax(logits)
    assert sum(probabilities) == pytest.approx(1)
    whole = sum(map(math.exp, logits))
    assert probabilities == pytest.approx([math.exp(logit) / whole for logit in logits])


@given(vectors, st.integers(0, 7))
def test_cross_entropy_is_minus_the_log_of_the_probability(logits: list[float], i: int) -> None:
    target = i % len(logits)
    expected = -math.log(OPS.softmax(logits)[target])
    assert OPS.cross_entropy(logits, target) == pytest.approx(expected, abs=1e-12)


def test_large_logits_do_not_overflow() -> None:
    assert OPS.softmax([1e6, 1e6]) == [0.5, 0.5]
    assert OPS.softmax([-1e6, 0.0]) == [0.0, 1.0]
    assert OPS.cross_entropy([1e6, 1e6 - 100], 1) == pytest.approx(100)


def test_mean() -> None:
    assert OPS.mean([1.0, 2.0, 6.0]) == pytest.approx(3)


def test_attention_of_one_token_is_its_value() -> None:
    cache: LayerCache[float] = LayerCache()
    assert OPS.attention([1.0, 2.0], [5.0, 6.0], [7.0, 8.0], 2, cache) == [7.0, 8.0]
    assert (cache.keys, cache.values) == ([[5.0, 6.0]], [[7.0, 8.0]])


def test_attention_looks_back_with_every_head_by_itself() -> None:
    cache: LayerCache[float] = LayerCache()
    OPS.attention([0.0, 0.0], [1.0, -1.0], [10.0, 20.0], 2, cache)
    mixed = OPS.attention([50.0, 50.0], [0.0, 0.0], [30.0, 40.0], 2, cache)
    # The first head prefers the older token by 50, the second the newer.
    assert mixed == pytest.approx([10.0, 40.0])


def test_attention_scales_by_the_root_of_a_heads_width() -> None:
    cache: LayerCache[float] = LayerCache()
    OPS.attention([0.0] * 4, [1.0] * 4, [1.0, 0.0, 0.0, 0.0], 1, cache)
    mixed = OPS.attention([0.5] * 4, [0.0] * 4, [0.0] * 4, 1, cache)
    assert mixed[0] == pytest.approx(math.e / (math.e + 1))  # 4 * 0.5 / sqrt(4) = 1 against 0


def test_a_row_is_that_of_the_table() -> None:
    assert OPS.row([[1.0, 2.0], [3.0, 4.0]], 0) == [1.0, 2.0]


def test_heads_are_repeated_one_by_one() -> None:
    assert OPS.repeat([1.0, 2.0, 3.0, 4.0], 2, 3) == [1, 2, 1, 2, 1, 2, 3, 4, 3, 4, 3, 4]
    assert OPS.repeat([1.0, 2.0], n_head=1, times=1) == [1.0, 2.0]


def test_pairs_are_turned_by_their_position() -> None:
    """Head by head: the first pair of each by the position, the second by a hundredth of it."""
    x = [1.0, 0.0, 2.0, 0.0] * 2
    once = [math.cos(3), math.sin(3), 2 * math.cos(0.03), 2 * math.sin(0.03)]
    assert OPS.rotate(x, 3, 2) == pytest.approx(once * 2)
    assert OPS.rotate(x, 0, 2) == x
    six = OPS.rotate([1.0, 0.0] * 3, 1, 1)
    assert [six[0], six[2], six[4]] == pytest.approx(
        [math.cos(1), math.cos(10000 ** (-1 / 3)), math.cos(10000 ** (-2 / 3))]
    )


@given(st.lists(numbers, min_size=16, max_size=16), st.integers(0, 99), st.integers(0, 99))
def test_turned_vectors_have_products_by_distance_alone(
    x: list[float], at: int, further: int
) -> None:
    q, k = x[:8], x[8:]

    def product(q_at: int, k_at: int) -> float:
        turned = zip(OPS.rotate(q, q_at, 2), OPS.rotate(k, k_at, 2), strict=True)
        return sum(a * b for a, b in turned)

    assert product(at + further, further) == pytest.approx(product(at, 0), abs=1e-9)


def test_a_window_leaves_out_what_is_before_it() -> None:
    results = []
    for window in (0, 2, 1, 9):
        cache: LayerCache[float] = LayerCache()
        for number in (1.0, 2.0, 4.0):
            mixed = OPS.attention([0.0], [number], [number], 1, cache, window=window)
        results.append(mixed[0])
    assert results == pytest.approx([7 / 3, 3.0, 4.0, 7 / 3])  # equal scores: the mean


def test_alibi_takes_the_distance_off_the_scores() -> None:
    cache: LayerCache[float] = LayerCache()
    for number in (1.0, 2.0, 4.0):
        mixed = OPS.attention([0.0] * 2, [0.0] * 2, [number] * 2, 2, cache, alibi=True)
    expected = []
    for slope in (2**-4, 2**-8):
        shares = [math.exp(-slope * distance) for distance in (2, 1, 0)]
        total = sum(share * v for share, v in zip(shares, (1.0, 2.0, 4.0), strict=True))
        expected.append(total / sum(shares))
    assert mixed == pytest.approx(expected)


def test_a_cache_forgets_from_a_position_on() -> None:
    cache: LayerCache[float] = LayerCache()
    for number in (1.0, 2.0, 3.0):
        OPS.attention([0.0], [number], [-number], 1, cache)
    cache.rewind(1)
    assert (cache.keys, cache.values) == ([[1.0]], [[-1.0]])


def attention(ops: ScalarOperations[Value], x: list[Value]) -> list[Value]:
    """Two tokens whose queries, keys and values are cut out of one vector of 8."""
    cache: LayerCache[Value] = LayerCache()
    ops.attention(x[0:2], x[2:4], x[4:6], 2, cache)
    return ops.attention(x[6:8], x[1:3], x[3:5], 2, cache)


def near_attention(ops: ScalarOperations[Value], x: list[Value]) -> list[Value]:
    """Three tokens, of which the last one reads two, and the nearer one rather."""
    cache: LayerCache[Value] = LayerCache()
    for at in (0, 2):
        ops.attention(x[at : at + 2], x[2:4], x[4:6], 2, cache, window=2, alibi=True)
    return ops.attention(x[6:8], x[1:3], x[3:5], 2, cache, window=2, alibi=True)


# Each as vector to vector, so that one test does for all; x has 8 numbers.
VECTOR_FUNCTIONS: dict[
    str, Callable[[ScalarOperations[Value], list[Value]], Sequence[Value | float]]
] = {
    "embed": lambda ops, x: ops.embed([x[:4], x[4:]], 1),
    "add": lambda ops, x: ops.add(x[:4], x[4:]),
    "multiply": lambda ops, x: ops.multiply(x[:4], x[4:]),
    "rmsnorm": lambda ops, x: ops.rmsnorm(x),
    "linear": lambda ops, x: ops.linear(x[:2], [x[2:4], x[4:6], x[6:8]]),
    "relu": lambda ops, x: ops.relu([e + 0.005 for e in x]),
    "silu": lambda ops, x: ops.silu(x),
    "gelu": lambda ops, x: ops.gelu(x),
    "attention": attention,
    "attention with a window and ALiBi": near_attention,
    "row": lambda ops, x: ops.row([x[:4], x[4:]], 1),
    "rotate": lambda ops, x: ops.rotate(x, 3, 2),
    "repeat": lambda ops, x: ops.repeat(x, 4, 3),
    "softmax": lambda ops, x: ops.softmax(x),
    "cross_entropy": lambda ops, x: [ops.cross_entropy(x, 3)],
    "mean": lambda ops, x: [ops.mean(x)],
}
# In hundredths, none of them 0 after relu's shift, so that no difference crosses its kink.
eight = st.lists(st.integers(-200, 200).map(lambda n: n / 100), min_size=8, max_size=8)


@pytest.mark.parametrize("name", VECTOR_FUNCTIONS)
@settings(max_examples=30)
@given(x=eight)
def test_floats_and_values_agree_and_gradients_with_differences(name: str, x: list[float]) -> None:
    function: Callable[..., list[Value]] = VECTOR_FUNCTIONS[name]  # type: ignore[assignment]
    leaves = [Value(e) for e in x]
    outputs = function(VALUE_OPS, leaves)
    plain: Callable[..., list[float]] = VECTOR_FUNCTIONS[name]  # type: ignore[assignment]
    assert [output.data for output in outputs] == plain(OPS, x)

    # The gradient of a sum in which each output has another weight.
    mixture = outputs[0] * 1.0
    for i, output in enumerate(outputs[1:], start=2):
        mixture = mixture + output * i
    mixture.backward()
    step = 1e-5
    for k, leaf in enumerate(leaves):
        high, low = (
            sum(
                i * output
                for i, output in enumerate(
                    plain(OPS, [e + sign * step * (j == k) for j, e in enumerate(x)]), start=1
                )
            )
            for sign in (1, -1)
        )
        assert leaf.grad == pytest.approx((high - low) / (2 * step), rel=1e-4, abs=1e-4)


@settings(max_examples=15)
@given(architectures(), st.integers(0, 99))
def test_inference_equals_training_bit_for_bit(config: ModelConfig, seed: int) -> None:
    document = [config.vocab_size - 1, *(i % config.vocab_size for i in range(config.block_size))]
    weights = weights_of(config, seed)
    _, logits, _ = graph_of(config, weights, document)
    context = ScalarEngine(config, weights).context()
    assert [context.feed(token) for token in document[:-1]] == [
        [logit.data for logit in row] for row in logits
    ]
