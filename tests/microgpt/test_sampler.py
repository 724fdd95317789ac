"""Sampling the next token, and writing documents one token at a time."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.config import SampleConfig
from microgpt.generators import drain
from microgpt.sampler import (
    Choice,
    Writer,
    adjust,
    draw,
    draw_at,
    generate,
    softmax,
    write_together,
)
from microgpt.settings import SettingError
from tests.support.models import BOS, SMALL, engine_of, losses_of

NEUTRAL = SampleConfig(temperature=1.0)

# In hundredths: of two logits that differ, the probabilities then differ as well.
logit_lists = st.lists(st.integers(-3000, 3000).map(lambda n: n / 100), min_size=2, max_size=12)
temperatures = st.just(0.0) | st.floats(0.01, 10)
configs = st.builds(
    SampleConfig,
    temperature=temperatures,
    top_k=st.integers(0, 15),
    top_p=st.just(1.0) | st.floats(0.01, 1.0),
)


@given(logit_lists)
def test_softmax(logits: list[float]) -> None:
    whole = sum(map(math.exp, logits))
    assert softmax(logits) == pytest.approx([math.exp(logit) / whole for logit in logits])


@given(logit_lists, configs)
def test_what_is_drawn_from_is_a_distribution(logits: list[float], config: SampleConfig) -> None:
    probabilities = adjust(logits, config)
    assert len(probabilities) == len(logits)
    assert sum(probabilities) == pytest.approx(1)
    assert all(0 <= p <= 1 + 1e-12 for p in probabilities)


@given(logit_lists, configs)
def test_the_order_of_probabilities_is_kept(logits: list[float], config: SampleConfig) -> None:
    probabilities = adjust(logits, config)
    ranked = [probability for _, probability in sorted(zip(logits, probabilities, strict=True))]
    assert ranked == sorted(ranked)
    assert probabilities[logits.index(max(logits))] > 0


@given(logit_lists, st.floats(0.1, 10))
def test_the_temperature_divides_the_logits(logits: list[float], temperature: float) -> None:
    probabilities = adjust(logits, SampleConfig(temperature=temperature))
    assert probabilities == pytest.approx(softmax([logit / temperature for logit in logits]))


@given(logit_lists, st.floats(0.2, 10), st.integers(1, 15))
def test_top_k_keeps_the_k_likeliest_in_proportion(
    logits: list[float], temperature: float, top_k: int
) -> None:
    every = adjust(logits, SampleConfig(temperature=temperature))
    some = adjust(logits, SampleConfig(temperature=temperature, top_k=top_k))
    kept = [token for token, p in enumerate(some) if p > 0]
    assert len(kept) <= top_k
    assert len(kept) == min(top_k, sum(p > 0 for p in every))
    mass = sum(every[token] for token in kept)
    assert [some[token] for token in kept] == pytest.approx([every[token] / mass for token in kept])
    assert min(every[token] for token in kept) >= max(
        (p for token, p in enumerate(every) if token not in kept), default=0
    )


@given(logit_lists, st.integers(0, 15), st.floats(0.01, 1.0, exclude_max=True))
def test_top_p_keeps_the_fewest_that_reach_p(logits: list[float], top_k: int, top_p: float) -> None:
    every = adjust(logits, SampleConfig(temperature=1.0, top_k=top_k))
    some = adjust(logits, SampleConfig(temperature=1.0, top_k=top_k, top_p=top_p))
    kept = sorted(every[token] for token, p in enumerate(some) if p > 0)
    assert sum(kept) >= top_p - 1e-9
    assert sum(kept[1:]) < top_p + 1e-9  # without the least likely one p is not reached
    assert kept[0] >= max((e for e, p in zip(every, some, strict=True) if p == 0), default=0)


@pytest.mark.parametrize(
    ("top_k", "top_p", "expected"),
    [
        (0, 0.7, [0, 2 / 3, 0, 1 / 3]),
        (0, 0.45, [0, 1, 0, 0]),
        (3, 0.9, [0, 5 / 9, 1 / 6, 5 / 18]),
        (2, 0.6, [0, 1, 0, 0]),  # of what top-k keeps, not of all
    ],
)
def test_top_p_of_a_known_distribution(top_k: int, top_p: float, expected: list[float]) -> None:
    logits = [math.log(p) for p in (0.1, 0.5, 0.15, 0.25)]
    config = SampleConfig(temperature=1.0, top_k=top_k, top_p=top_p)
    assert adjust(logits, config) == pytest.approx(expected)


def test_top_p_may_be_met_exactly() -> None:
    assert adjust([0.0] * 4, SampleConfig(temperature=1.0, top_p=0.5)) == [0.5, 0.5, 0.0, 0.0]


@given(logit_lists, st.integers(0, 15), st.floats(0.01, 1))
def test_temperature_0_takes_the_first_of_the_likeliest(
    logits: list[float], top_k: int, top_p: float
) -> None:
    config = SampleConfig(temperature=0.0, top_k=top_k, top_p=top_p)
    likeliest = logits.index(max(logits))
    probabilities = adjust(logits, config)
    assert probabilities == [float(token == likeliest) for token in range(len(logits))]
    rng = random.Random(1)
    state = rng.getstate()
    assert draw(probabilities, config, rng) == likeliest
    assert rng.getstate() == state


@pytest.mark.parametrize(
    ("temperature", "logits", "expected"),
    [
        (1e-6, [1.0, 2.0], [0.0, 1.0]),
        (1e-300, [-5.0, 3.0, 2.0], [0.0, 1.0, 0.0]),
        (1e-300, [1.0, 1.0], [0.5, 0.5]),
        (1e-307, [99.0, 100.0], [0.0, 1.0]),
        (1e-307, [100.0, 99.9999999], [1.0, 0.0]),
        (1e-310, [1.0, 2.0], [0.0, 1.0]),
        (5e-324, [2.0, 1.0], [1.0, 0.0]),
        (0.5, [1e4, -1e4], [1.0, 0.0]),
        (10.0, [1e300, -1e300], [1.0, 0.0]),
        (0.001, [1e308, -1e308], [1.0, 0.0]),
    ],
)
def test_extremes_do_not_overflow(
    temperature: float, logits: list[float], expected: list[float]
) -> None:
    config = SampleConfig(temperature=temperature)
    probabilities = adjust(logits, config)
    assert probabilities == expected
    assert expected[draw(probabilities, config, random.Random(1))] > 0


def test_draws_follow_the_probabilities() -> None:
    probabilities, rng, count = [0.5, 0.0, 0.3, 0.2], random.Random(7), 20_000
    drawn = [draw(probabilities, NEUTRAL, rng) for _ in range(count)]
    shares = [drawn.count(token) / count for token in range(4)]
    assert shares == pytest.approx(probabilities, abs=0.02)
    assert shares[1] == 0


def test_a_draw_is_one_call_of_choices() -> None:
    one, other = random.Random(3), random.Random(3)
    token = draw([0.2, 0.8], NEUTRAL, one)
    assert [token] == other.choices(range(2), weights=[0.2, 0.8])
    assert one.getstate() == other.getstate()


@given(
    st.lists(st.floats(0, 1), min_size=1, max_size=8).filter(lambda weights: sum(weights) > 0),
    st.floats(0, 1, exclude_max=True),
)
def test_a_number_draws_what_choices_would_draw_with_it(
    probabilities: list[float], number: float
) -> None:
    class Fixed(random.Random):
        def random(self) -> float:
            return number

    expected = Fixed().choices(range(len(probabilities)), weights=probabilities)
    assert [draw_at(probabilities, number)] == expected


def logits_after(tokens: Sequence[int]) -> list[float]:
    """The logits after BOS and `tokens`."""
    context = engine_of().context()
    return [context.feed(token) for token in (BOS, *tokens)][-1]


def test_a_choice_holds_what_it_was_made_from() -> None:
    writer = Writer(engine_of(), BOS, [2])
    config = SampleConfig(temperature=0.7, top_k=3)
    choices = [writer.choose(token, config) for token in (0, 3)]
    assert [choice.position for choice in choices] == [1, 2]
    assert [choice.tokens for choice in choices] == [(2,), (2, 0)]
    assert [choice.token for choice in choices] == [0, 3]
    assert [choice.stop for choice in choices] == ["", ""]
    for choice in choices:
        logits = logits_after(choice.tokens)
        assert choice.model == softmax(logits)
        assert choice.adjusted == adjust(logits, config)
    assert writer.choices == choices
    assert writer.tokens == (2, 0, 3)


def test_next_draws_from_the_adjusted_probabilities() -> None:
    writer = Writer(engine_of(), BOS)
    choice = writer.next(NEUTRAL, random.Random(5))
    assert choice.token == draw(choice.adjusted, NEUTRAL, random.Random(5))
    assert choice.model == choice.adjusted


def test_bos_ends_a_document() -> None:
    writer = Writer(engine_of(), BOS)
    writer.choose(1, NEUTRAL)
    assert writer.stop == ""
    choice = writer.choose(BOS, NEUTRAL)
    assert (choice.stop, writer.stop) == ("end", "end")
    assert writer.tokens == (1,)


@pytest.mark.parametrize("prefix", [[], [1], [3, 2, 0, 1, 1]], ids=len)
def test_a_full_context_ends_a_document(prefix: list[int]) -> None:
    writer = Writer(engine_of(), BOS, prefix)
    room = SMALL.block_size - len(prefix)
    stops = [writer.choose(2, NEUTRAL).stop for _ in range(room)]
    assert stops == [""] * (room - 1) + ["context"]
    assert writer.stop == "context"
    assert writer.tokens == (*prefix, *[2] * room)
    assert writer.choices[-1].position == SMALL.block_size - 1


def test_bos_in_the_last_place_ends_the_document() -> None:
    writer = Writer(engine_of(), BOS, [0] * (SMALL.block_size - 1))
    assert writer.choose(BOS, NEUTRAL).stop == "end"


@pytest.mark.parametrize("length", [SMALL.block_size, SMALL.block_size + 5])
def test_a_prefix_that_leaves_no_room(length: int) -> None:
    with pytest.raises(SettingError) as caught:
        Writer(engine_of(), BOS, [0] * length)
    assert str(caught.value) == (
        f"Prefix must be shorter than the context length of 6, but has {length} tokens."
    )


@given(st.lists(st.sampled_from([0, 1, 3, BOS, -1]), max_size=25), st.sampled_from([(), (2, 1)]))
def test_back_undoes_choices(moves: list[int], prefix: tuple[int, ...]) -> None:
    """After any moves (-1 is back) the document is as if only the remaining choices were made."""
    writer = Writer(engine_of(), BOS, prefix)
    remaining: list[int] = []
    for move in moves:
        if move == -1:
            writer.back()
            remaining = remaining[:-1]
        elif not writer.stop:
            writer.choose(move, NEUTRAL)
            remaining.append(move)
    direct = Writer(engine_of(), BOS, prefix)
    for token in remaining:
        direct.choose(token, NEUTRAL)
    assert writer.choices == direct.choices
    assert (writer.tokens, writer.stop) == (direct.tokens, direct.stop)
    if not writer.stop:
        assert writer.logits() == direct.logits() == logits_after(writer.tokens)


def test_back_before_the_first_choice_does_nothing() -> None:
    writer = Writer(engine_of(), BOS, [1])
    writer.back()
    assert (writer.tokens, writer.choices, writer.stop) == ((1,), [], "")


def test_the_choices_are_a_copy() -> None:
    writer = Writer(engine_of(), BOS)
    writer.choices.append(Choice(0, (), [], [], 0, "end"))
    assert writer.choices == []


def test_a_writer_continues_with_new_weights() -> None:
    engine = engine_of()
    writer = Writer(engine, BOS)
    writer.choose(3, NEUTRAL)
    before = writer.logits()
    losses_of(engine.steps(0, 3))
    after = writer.logits()
    fresh = Writer(engine, BOS, [3])
    assert after == fresh.logits() != before
    assert writer.choose(0, NEUTRAL).model == softmax(after)


@given(st.integers(0, 999), configs, st.sampled_from([(), (3,), (1, 2, 0, 1, 3)]))
def test_the_same_seed_writes_the_same(
    seed: int, config: SampleConfig, prefix: tuple[int, ...]
) -> None:
    one, other = (
        list(generate(engine_of(), BOS, config, random.Random(seed), prefix)) for _ in range(2)
    )
    assert one == other
    assert [choice.stop != "" for choice in one] == [False] * (len(one) - 1) + [True]
    assert 1 <= len(one) <= SMALL.block_size - len(prefix)
    written = [choice.token for choice in one]
    assert all(choice.tokens == (*prefix, *written[:i]) for i, choice in enumerate(one))


def test_different_seeds_write_differently() -> None:
    written = {
        tuple(choice.token for choice in generate(engine_of(), BOS, NEUTRAL, random.Random(seed)))
        for seed in range(30)
    }
    assert len(written) > 10


@given(configs, st.integers(0, 20))
def test_documents_written_together_are_those_written_one_by_one(
    config: SampleConfig, seed: int
) -> None:
    engine = engine_of()
    rngs = [random.Random(seed + number) for number in range(6)]
    together = drain(write_together(engine, BOS, config, rngs, [0]))
    for number, written in enumerate(together):
        choices = list(generate(engine, BOS, config, random.Random(seed + number), [0]))
        assert written.tokens == (0, *(c.token for c in choices if c.token != BOS))
        assert written.stop == choices[-1].stop
        assert written.loss == pytest.approx(sum(-math.log(c.model[c.token]) for c in choices))
