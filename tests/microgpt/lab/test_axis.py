"""Axes of sweeps: their values, and their texts."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.lab.axis import OFFERED, VARIABLE, Axis, parse_axis
from microgpt.settings import SettingError

NUMBERS = [row for row in VARIABLE if not isinstance(row.default, str)]


@st.composite
def values(draw: st.DrawFn, name: str) -> int | float | str:
    """A value that a setting can have."""
    row = next(row for row in VARIABLE if row.name == name)
    if row.choices:
        return draw(st.sampled_from([value for value, _ in row.choices]))
    assert row.low is not None
    assert row.high is not None
    if isinstance(row.default, int):
        return draw(st.integers(int(row.low), int(row.high)))
    return draw(st.floats(row.low, row.high)) + 0.0  # no -0.0


@st.composite
def axes(draw: st.DrawFn) -> Axis:
    """Any axis: one setting or several."""
    name = st.sampled_from([row.name for row in VARIABLE])
    names = tuple(draw(st.lists(name, min_size=1, max_size=3, unique=True)))
    place = st.tuples(*(values(name) for name in names))
    return Axis(names, draw(st.lists(place, min_size=1, max_size=8, unique=True)))


@settings(max_examples=50)
@given(axes())
def test_an_axis_is_read_as_it_was_written(axis: Axis) -> None:
    read = parse_axis(axis.text())
    assert (read.names, read.places) == (axis.names, axis.places)
    assert len(axis.labels()) == len(axis.places)


@settings(max_examples=50)
@given(
    st.sampled_from(["learning_rate", "n_embd", "num_docs"]),
    st.floats(1e-3, 0.1),
    st.floats(2, 1000),
    st.integers(2, 20),
)
def test_spaced_values_have_a_constant_factor_and_both_ends(
    name: str, first: float, factor: float, count: int
) -> None:
    whole = name != "learning_rate"
    begin: float = 1 if whole else first
    end: float = min(512, round(factor)) if whole else min(10.0, first * factor)
    text = f"{name}={begin}..{end}x{count}"
    try:
        found = [float(place[0]) for place in parse_axis(text).places]
    except SettingError:
        assert whole
        assert count > 2
        return
    assert (found[0], found[-1], len(found)) == (begin, end, count)
    ratio = (end / begin) ** (1 / (count - 1))
    expected = [begin * ratio**place for place in range(count)]
    assert found == pytest.approx(expected, rel=1e-9, abs=0.51 if whole else 0)
    assert parse_axis(parse_axis(text).text()).places == [(value,) for value in found]


def test_the_issues_axes() -> None:
    rates = [place[0] for place in parse_axis("learning_rate=0.001..0.1x8").places]
    assert (rates[0], rates[-1], len(rates)) == (0.001, 0.1, 8)
    assert rates[1] == pytest.approx(0.001 * 100 ** (1 / 7))
    assert parse_axis("n_embd=8,16,32").places == [(8,), (16,), (32,)]
    assert parse_axis("tokenizer=characters,pairs").places == [("characters",), ("bpe",)]


def test_long_spans_are_written_short_and_few_values_as_a_list() -> None:
    assert parse_axis("learning_rate=0.001..0.1x8").text() == "learning_rate=0.001..0.1x8"
    assert parse_axis("n_embd=8..64x4").text() == "n_embd=8,16,32,64"


def test_values_are_offered_for_every_setting_that_varies() -> None:
    offered = [parse_axis(text) for text in OFFERED]
    assert [axis.text() for axis in offered] == list(OFFERED)
    names = [axis.names for axis in offered]
    assert sorted(names) == sorted((row.name,) for row in VARIABLE)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("n_embd", "An axis is written as n_embd=8,16,32"),
        ("n_embd=", "Embedding size must be a whole number, not empty"),
        ("n_embd=8,,16", "Embedding size must be a whole number, not empty"),
        ("n_embd=8,8", "n_embd has the value 8 twice"),
        ("n_embd=0,8", "Embedding size must lie between 1 and 512"),
        ("width=8,16", "There is no setting called 'width' to vary; there are num_docs"),
        ("seed=1,2", "Seeds are varied by their number"),
        ("mask==,>", "There is no setting called 'mask' to vary"),
        ("n_layer=1..4x8", "Layers has no 8 different values from 1 to 4"),
        ("n_layer=1..4", "n_layer needs a number of values behind its span"),
        ("n_layer=1..4x", "n_layer needs a number of values behind its span"),
        ("n_layer=1..4x1", "Layers can be divided into 2 to 100 values, not 1"),
        ("n_layer=1..4x99999", "n_layer must have 1 to 100 values, not 99999"),
        ("weight_decay=0..1x3", "Weight decay needs ends above 0"),
        ("optimizer=adam..sgdx2", "Optimizer is no number"),
        ("learning_rate=0.1..99x3", "Learning rate must lie between"),
        ("n_layer/n_embd=1,2", "n_layer/n_embd needs 2 values at each place, as in 1/16"),
        ("n_layer/n_layer=1/2", "names a setting twice"),
        ("num_docs=" + ",".join(map(str, range(101))), "num_docs must have 1 to 100 values"),
    ],
)
def test_what_is_no_axis(text: str, part: str) -> None:
    with pytest.raises(SettingError) as raised:
        parse_axis(text)
    assert part in str(raised.value)
